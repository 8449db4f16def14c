"""Vectors that several files of tests use, and the plain definition of similarity."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastw2v.keyedvectors import KeyedVectors

WORDS = ["왕", "king", "여왕", "queen", "남자", "man", "여자", "woman", "두 낱말", ""]


def made(rows: int = 200, dims: int = 20, seed: int = 0, dtype: Any = np.float32) -> KeyedVectors:
    """Words WORDS, w10, w11, ... on a view of padded rows."""
    table = np.random.default_rng(seed).normal(size=(rows, dims + 12)).astype(dtype)
    keys = [*WORDS, *(f"w{row}" for row in range(len(WORDS), rows))][:rows]
    return KeyedVectors.from_arrays(keys, table[:, :dims], counts=np.arange(rows, 0, -1))


def expected_similarities(wv: KeyedVectors, query: Any) -> Any:
    """The definition, in float64: no shortcuts."""
    vectors = wv.vectors.astype(np.float64)
    return vectors @ query / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)


def unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector.astype(np.float64))
