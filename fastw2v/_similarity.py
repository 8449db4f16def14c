"""Cosines between the rows of a matrix and a vector, without a copy of the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastw2v._typing import Array

# Small, so that the copy of a block in a wider dtype stays in the cache.
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


def row_norms(vectors: Array) -> Array:
    """Return the Euclidean length of every row, in the precision that `cosines` works in."""
    norms = np.empty(len(vectors), _working_dtype(vectors))
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS].astype(np.float64)
        norms[start : start + _BLOCK_ROWS] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return norms


def cosines(vectors: Array, norms: Array, direction: Array) -> Array:
    """Return the float32 cosine of every row with a unit vector, 0 for rows of zeros."""
    dtype = _working_dtype(vectors)
    direction = direction.astype(dtype)
    if vectors.dtype == dtype:
        # One product, since BLAS wakes its threads for each; it takes padded rows as they are.
        products = vectors @ direction
    else:
        products = np.empty(len(vectors), dtype)
        for start in range(0, len(vectors), _BLOCK_ROWS):
            block = vectors[start : start + _BLOCK_ROWS].astype(dtype)
            products[start : start + _BLOCK_ROWS] = block @ direction
    np.divide(products, norms, out=products, where=norms > 0)
    return np.clip(products, -1, 1, out=products).astype(np.float32, copy=False)


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
    order = np.argsort(-values[rows], kind="stable")
    return rows[order[:count]]


def _working_dtype(vectors: Array) -> np.dtype[Any]:
    """Return the dtype to multiply in: numpy has no fast product of float16."""
    return np.dtype(np.float64 if vectors.dtype == np.float64 else np.float32)


def _safe(vector: Array) -> Array:
    """Return a float64 copy, scaled so that its squares neither overflow nor underflow."""
    vector = vector.astype(np.float64)
    return vector / (np.abs(vector).max() or 1.0)
