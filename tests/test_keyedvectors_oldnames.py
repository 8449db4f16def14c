"""Names of gensim 3: each works, and warns with the new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from made_vectors import made

from fastw2v.keyedvectors import KeyedVectors

OLD: list[tuple[Callable[[KeyedVectors], Any], str, Callable[[KeyedVectors], Any]]] = [
    (lambda wv: wv.index2word, "index_to_key", lambda wv: wv.index_to_key),
    (lambda wv: wv.index2entity, "index_to_key", lambda wv: wv.index_to_key),
    (lambda wv: wv.syn0, "vectors", lambda wv: wv.vectors),
    (lambda wv: wv.vectors_norm, "get_normed_vectors", lambda wv: wv.get_normed_vectors()),
    (lambda wv: wv.syn0norm, "get_normed_vectors", lambda wv: wv.get_normed_vectors()),
    (lambda wv: wv.word_vec("왕"), "get_vector", lambda wv: wv["왕"]),
    (
        lambda wv: wv.word_vec("왕", use_norm=True),
        "get_vector",
        lambda wv: wv.get_vector("왕", norm=True),
    ),
    (
        lambda wv: wv.words_closer_than("왕", "king"),
        "closer_than",
        lambda wv: wv.closer_than("왕", "king"),
    ),
    (lambda wv: list(wv.vocab), "key_to_index", lambda wv: wv.index_to_key),
    (lambda wv: wv.vocab["king"].index, "key_to_index", lambda wv: 1),
    (lambda wv: wv.vocab["king"].count, "get_vecattr", lambda wv: wv.get_vecattr("king", "count")),
    (lambda wv: (len(wv.vocab), "왕" in wv.vocab), "key_to_index", lambda wv: (len(wv), True)),
    (lambda wv: "없다" in wv.vocab, "key_to_index", lambda wv: False),
]


@pytest.mark.parametrize(("old", "name", "new"), OLD)
def test_old_names_warn_and_work(
    old: Callable[[KeyedVectors], Any], name: str, new: Callable[[KeyedVectors], Any]
) -> None:
    wv = made(30)
    with pytest.warns(DeprecationWarning, match=rf"is called .*{name}") as caught:
        found = old(wv)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(found, new(wv))


def test_init_sims() -> None:
    wv = made(30)
    before = wv.vectors.copy()
    with pytest.warns(DeprecationWarning, match="unit_normalize_all"):
        wv.init_sims()
    np.testing.assert_array_equal(wv.vectors, before)
    with pytest.warns(DeprecationWarning, match="unit_normalize_all"):
        wv.init_sims(replace=True)
    np.testing.assert_allclose(np.linalg.norm(wv.vectors, axis=1), 1, rtol=1e-6)


def test_a_vocab_without_counts() -> None:
    with pytest.warns(DeprecationWarning):
        assert KeyedVectors.from_arrays(["왕"], np.eye(1)).vocab["왕"].count is None
