"""Words with vectors, and documents of them and of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastw2v import KeyedVectors

WORDS = [
    "나는",
    "정말",
    "맛있는",
    "사과를",
    "딸기를",
    "먹었다",
    "king",
    "Straße",
    "\U0001f34e",
    "a" * 40,
]
ALIEN = ["낯선", "queen", "나", "a" * 41]


def made_vectors(size: int = 7, dtype: Any = np.float32, counts: bool = True) -> KeyedVectors:
    vectors = np.random.default_rng(3).standard_normal((len(WORDS), size)).astype(dtype)
    return KeyedVectors.from_arrays(WORDS, vectors, range(1, 11) if counts else None)


def made_documents(n: int = 200, longest: int = 30) -> list[list[str]]:
    """Documents of known and unknown words; each has at least one known word."""
    random = np.random.default_rng(5)
    words = WORDS + ALIEN
    documents = [
        [words[k] for k in random.integers(0, len(words), random.integers(0, longest))]
        for _ in range(n)
    ]
    return [[WORDS[k % 10], *document] for k, document in enumerate(documents)]
