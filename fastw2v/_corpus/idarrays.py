"""Arrays of integer ids to a token file, in steps that Ctrl-C gets through in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastw2v.tokenfile import TokenFile, Writer

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
TOO_LONG = "integer keys must fit in 64 bits, got {}; use strings instead"

# Ids are dealt with in portions of so many; by so many of each portion it is seen where portions of
# the sorted ones would begin.
_PORTION = 1 << 20
_SAMPLES = 64


def encode_ids(ids: NDArray[np.integer], offsets: NDArray[np.int64], writer: Writer) -> TokenFile:
    """Encode an array of integer ids; the ids themselves are the words."""
    if ids.dtype.kind == "u" and len(ids) and ids.max() > INT_MAX:
        raise ValueError(TOO_LONG.format(ids.max()))
    words, tokens, counts = _distinct(ids)
    order = _by_falling_count(counts)
    ranks = np.empty(len(words), dtype=np.int32)
    ranks[order] = np.arange(len(words), dtype=np.int32)
    ends = offsets[1:]
    for start in range(0, max(1, len(ids)), _PORTION):
        writer.append(ranks[tokens[start : start + _PORTION]], ends)
        ends = ends[:0]
    return writer.finish(counts[order], {"key_ids": words[order].astype(np.int64)})


def _distinct(
    ids: NDArray[np.integer],
) -> tuple[NDArray[np.integer], NDArray[np.int32], NDArray[np.int64]]:
    """Return the distinct ids, in order; which of them stands at each place; and their counts.

    As np.unique does it, but in portions that Ctrl-C gets through in between: the ids are dealt to
    buckets, between bounds and for those that equal one, and each bucket is sorted by itself.
    """
    n_portions = 1 + len(ids) // _PORTION
    sample = np.sort(ids[:: 1 + len(ids) // (n_portions * _SAMPLES)])
    bounds = np.unique(sample[[len(sample) * k // n_portions for k in range(1, n_portions)]])
    buckets: list[list[NDArray[np.int64]]] = [[] for _ in range(2 * len(bounds) + 1)]
    for start in range(0, len(ids), _PORTION):
        portion = ids[start : start + _PORTION]
        bucket = np.searchsorted(bounds, portion) + np.searchsorted(bounds, portion, side="right")
        places = start + np.argsort(bucket.astype(np.uint16), kind="stable")
        ends = np.cumsum(np.bincount(bucket, minlength=len(buckets)))
        for collected, part in zip(buckets, np.split(places, ends[:-1]), strict=True):
            collected.append(part)
    tokens = np.empty(len(ids), dtype=np.int32)
    words, counts, n_words = [ids[:0]], [np.zeros(0, dtype=np.int64)], 0
    for number, collected in enumerate(buckets):
        places = np.concatenate([np.zeros(0, dtype=np.int64), *collected])
        collected.clear()
        if number % 2 and len(places):
            tokens[places] = n_words
            words.append(bounds[number // 2 : number // 2 + 1])
            counts.append(np.array([len(places)]))
        else:
            found, inverse, n = np.unique(ids[places], return_inverse=True, return_counts=True)
            tokens[places] = n_words + inverse
            words.append(found)
            counts.append(n)
        n_words += len(words[-1])
    return np.concatenate(words), tokens, np.concatenate(counts)


def _by_falling_count(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order of words by count, those with equal ones as they come.

    >>> _by_falling_count(np.array([3, 70_000, 3, 80_000, 4]))
    array([3, 1, 4, 0, 2])
    """
    most = np.iinfo(np.uint16).max
    # In 16 bits numpy sorts in so little time that Ctrl-C can wait; few words are more frequent.
    order = np.argsort((most - np.minimum(counts, most)).astype(np.uint16), kind="stable")
    frequent = order[: np.count_nonzero(counts >= most)]
    frequent[:] = frequent[np.argsort(-counts[frequent], kind="stable")]
    return order
