"""How a corpus is dealt to threads, and what a run makes of each of its words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastw2v._typing import Array

# Of lock factors: far more than any use, and no product with a learning rate overflows.
FACTOR_MAX = 1e6


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


def checked_factors(vectors_lockf: Array, rows: int) -> NDArray[np.float32] | None:
    """Return a lock factor for each row, or None where all are 1.

    Parameters
    ----------
    vectors_lockf : ndarray
        One number for all rows, or one for each.
    rows : int
        How many there are.

    Raises
    ------
    ValueError
        They do not fit, or a number is out of range.
    """
    factors = np.asarray(vectors_lockf, dtype=np.float32)
    if factors.shape not in ((1,), (rows,)):
        raise ValueError(
            f"wv.vectors_lockf must have shape (1,) or ({rows},), one factor for each word, got "
            f"{factors.shape}"
        )
    if not ((factors >= 0) & (factors <= FACTOR_MAX)).all():  # false for NaN, too
        raise ValueError(
            f"wv.vectors_lockf must hold numbers from 0, which freezes, to {FACTOR_MAX:g}"
        )
    if (factors == 1).all():
        return None
    return np.ascontiguousarray(np.broadcast_to(factors, rows))
