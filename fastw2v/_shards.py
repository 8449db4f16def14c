"""How a corpus is dealt to threads, and what a run makes of each of its words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shards(offsets: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Cut a corpus into shards of about `size` words.

    Parameters
    ----------
    offsets : ndarray of int64
        Where sentences begin, and where the last one ends.
    size : int
        Words in a shard; none has more than twice as many.

    Returns
    -------
    ndarray of int64
        Where shards begin, and where the last one ends: at the beginning of a sentence, but within
        one that is longer than a shard.

    Examples
    --------
    >>> shards(np.array([0, 3, 8, 30]), 5)
    array([ 0,  8, 10, 15, 20, 25, 30])
    """
    total = int(offsets[-1])
    wanted = np.arange(0, total, size)
    starts = offsets[np.searchsorted(offsets, wanted)]
    cuts = np.where(starts - wanted < size, starts, wanted)
    return np.unique(np.append(cuts, total))


def words_table(row_of_word: NDArray[np.int32], keep: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Row of each word of a corpus, and its chance to be kept in parts of 2**31."""
    table = np.zeros((len(row_of_word), 2), dtype=np.uint32)
    (known,) = np.nonzero(row_of_word >= 0)
    table[known, 0] = row_of_word[known]
    table[known, 1] = np.floor(keep[row_of_word[known]] * 2.0**31)
    return table


def checked_factors(factors: NDArray[np.float32] | None, rows: int) -> NDArray[np.float32]:
    """Return the lock factors, or none where all are 1; ValueError if they do not fit."""
    if factors is None or (factors == 1).all():
        return np.zeros(0, dtype=np.float32)
    if factors.shape != (rows,):
        raise ValueError(
            f"lock factors must be {rows} numbers, one a word, got an array of shape "
            f"{factors.shape}"
        )
    if not (factors >= 0).all() or not np.isfinite(factors).all():
        raise ValueError("lock factors must be finite numbers of at least 0")
    return np.ascontiguousarray(factors, dtype=np.float32)
