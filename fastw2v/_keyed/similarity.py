"""Lengths and cosines of a few vectors, in float64; `fastw2v._keyed.search` compares many."""

from __future__ import annotations

import numpy as np

from fastw2v._typing import Array

# Small, so that a block in a wider dtype stays in the cache.
_BLOCK_ROWS = 256


def unit(vector: Array) -> Array:
    """Return the vector scaled to length 1, in float64; a zero vector stays zero."""
    scaled = _safe(vector)
    return scaled / (np.sqrt(scaled @ scaled) or 1.0)


def cosine(left: Array, right: Array) -> float:
    """Return the cosine of two vectors, 0.0 if either is zero."""
    left, right = _safe(left), _safe(right)
    # Unlike a product of two unit vectors, this gives exactly 1.0 for a vector with itself.
    squares = float(left @ left) * float(right @ right)
    return min(max(float(left @ right) / squares**0.5, -1.0), 1.0) if squares else 0.0


def write_units(vectors: Array, norms: Array, out: Array) -> None:
    """Write every row scaled to length 1, zeros as they are; `out` may be `vectors`."""
    divisors = np.where(norms > 0, norms, 1)[:, np.newaxis]
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        out[block] = vectors[block] / divisors[block]


def largest(values: Array, count: int, excluded: set[int]) -> Array:
    """Return the rows of the `count` largest values, largest first, equal ones in row order."""
    excluded = {row for row in excluded if row < len(values)}
    wanted = min(count + len(excluded), len(values))
    if wanted == 0:
        return np.empty(0, np.intp)
    # Every row that ties with the last one wanted must take part, or the choice would be arbitrary.
    threshold = np.partition(values, len(values) - wanted)[len(values) - wanted]
    rows = np.flatnonzero(values >= threshold)
    rows = rows[~np.isin(rows, list(excluded))]
    return rows[falling(values[rows])[:count]]


def falling(values: Array) -> Array:
    """Return the rows by their values, the largest first, equal ones in row order."""
    # Not of -values: unsigned numbers have none.
    rows: Array = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    return rows


def _safe(vector: Array) -> Array:
    """Return a float64 copy, scaled so that its squares neither overflow nor underflow."""
    vector = vector.astype(np.float64)
    return vector / (np.abs(vector).max() or 1.0)
