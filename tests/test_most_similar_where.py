"""Where most_similar searches: a range of rows, a list of keys, or what an indexer has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from made_vectors import made

from fastw2v.keyedvectors import KeyedVectors


@pytest.fixture
def wv() -> KeyedVectors:
    return made()


def test_a_range_of_rows(wv: KeyedVectors) -> None:
    everything = wv.most_similar("w150", topn=199)
    for start, stop in ((0, 20), (30, 60), (140, 160), (150, 151), (190, None), (10, 10)):
        rows = range(start, 200 if stop is None else stop)
        wanted = [pair for pair in everything if wv.get_index(pair[0]) in rows]
        assert wv.most_similar("w150", topn=199, clip_start=start, clip_end=stop) == wanted
        whole = wv.most_similar("w150", topn=None, clip_start=start, clip_end=stop)
        np.testing.assert_array_equal(whole, wv.most_similar("w150", topn=None)[start:stop])
    assert wv.most_similar("w150", clip_start=1000) == []
    for clip in ({"clip_start": -1}, {"clip_end": -5}, {"clip_start": 1.5}):
        with pytest.raises((TypeError, ValueError), match=r"clip_(start|end) must be an integer"):
            wv.most_similar("왕", **clip)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="give restrict_vocab, or clip_start and clip_end"):
        wv.most_similar("왕", clip_start=2, restrict_vocab=10)


def test_what_is_not_finite_matters_where_it_is_searched(wv: KeyedVectors) -> None:
    wv.vectors[[20, 60]] = np.nan
    with pytest.raises(ValueError, match="key 'w60' holds NaN or infinity"):
        wv.most_similar("왕", clip_start=50)
    with pytest.raises(ValueError, match="key 'w60' holds NaN or infinity"):
        wv.most_similar("왕", restrict_vocab=["w70", "w60"])
    assert len(wv.most_similar("왕", clip_start=21, clip_end=60)) == 10


def test_a_list_of_keys(wv: KeyedVectors) -> None:
    everything = wv.most_similar("왕", topn=199)
    keys = ["w77", "w12", "queen", "왕", "w150", "w12"]
    wanted = [pair for pair in everything if pair[0] in keys]
    for given in (keys, tuple(keys), set(keys), iter(keys), np.array(keys)):
        assert wv.most_similar("왕", restrict_vocab=given) == wanted
    assert wv.most_similar("왕", topn=2, restrict_vocab=keys) == wanted[:2]
    assert wv.similar_by_word("왕", 2, keys) == wv.similar_by_key("왕", 2, keys) == wanted[:2]
    by_vector = wv.similar_by_vector(wv["왕"], 3, restrict_vocab=keys)
    assert by_vector == [("왕", 1.0), *wanted[:2]]
    whole = wv.most_similar("왕", topn=None)
    some = wv.most_similar("왕", topn=None, restrict_vocab=keys)
    np.testing.assert_array_equal(some, whole[[wv.get_index(key) for key in keys]])
    assert wv.most_similar("왕", restrict_vocab=[]) == []
    assert wv.most_similar("왕", restrict_vocab=["왕"]) == []


def test_a_key_may_stand_several_times_in_the_list(wv: KeyedVectors) -> None:
    given = ["여왕", "king", "여왕", "남자"]
    for method in (wv.most_similar, wv.most_similar_cosmul):
        everything = method(["왕", "여자"], ["남자"], topn=None)
        some = method(["왕", "여자"], ["남자"], topn=None, restrict_vocab=given)
        np.testing.assert_allclose(some, everything[[wv.get_index(key) for key in given]])
        found = method(["왕", "여자"], ["남자"], restrict_vocab=given)
        assert sorted(key for key, _ in found) == ["king", "여왕"]


def test_wrong_lists_of_keys(wv: KeyedVectors) -> None:
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.most_similar("왕", restrict_vocab=["queen", "없다"])
    with pytest.raises(TypeError, match="restrict_vocab must be a list of keys, got 'queen'"):
        wv.most_similar("왕", restrict_vocab="queen")
    with pytest.raises(
        TypeError, match="restrict_vocab must be an integer of at least 1, got True"
    ):
        wv.most_similar("왕", restrict_vocab=True)


class Indexer:
    """An exact one, which remembers what it was asked."""

    def __init__(self, wv: KeyedVectors) -> None:
        self.wv, self.asked = wv, []  # type: ignore[var-annotated]

    def most_similar(self, vector: Any, topn: int) -> Any:
        self.asked.append((vector, topn))
        return self.wv.most_similar([vector], topn=topn)


def test_an_indexer_never_returns_what_was_given(wv: KeyedVectors) -> None:
    indexer = Indexer(wv)
    for query in (
        {"positive": "왕"},
        {"positive": ["왕", "여자"], "negative": ["남자", wv["man"]]},
    ):
        for topn in (1, 10, 300):
            found = wv.most_similar(**query, topn=topn, indexer=indexer)  # type: ignore[arg-type]
            assert [key for key, _ in found] == [
                key
                for key, _ in wv.most_similar(**query, topn=topn)  # type: ignore[arg-type]
            ]
    vector, topn = indexer.asked[0]
    assert topn == 2 and vector.shape == (20,) and vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert wv.most_similar("왕", topn=0, indexer=indexer) == []


WRONG: list[Callable[[KeyedVectors, Indexer], Any]] = [
    lambda wv, indexer: wv.most_similar("왕", restrict_vocab=5, indexer=indexer),
    lambda wv, indexer: wv.most_similar("왕", restrict_vocab=["king"], indexer=indexer),
    lambda wv, indexer: wv.most_similar("왕", clip_start=5, indexer=indexer),
    lambda wv, indexer: wv.most_similar("왕", clip_end=5, indexer=indexer),
    lambda wv, indexer: wv.most_similar("왕", topn=None, indexer=indexer),  # type: ignore[call-overload]
]


@pytest.mark.parametrize("call", WRONG)
def test_an_indexer_is_not_restricted(
    call: Callable[[KeyedVectors, Indexer], Any], wv: KeyedVectors
) -> None:
    with pytest.raises(TypeError, match="an indexer needs a method most_similar"):
        wv.most_similar("왕", indexer="annoy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="an indexer searches all it has"):
        call(wv, Indexer(wv))
