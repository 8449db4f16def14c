"""Similarities and most_similar: the definition, the corner cases, and gensim's answers."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from made_vectors import WORDS, expected_similarities, made, unit

from fastw2v.keyedvectors import KeyedVectors


@pytest.fixture
def wv() -> KeyedVectors:
    return made()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("seed", range(3))
def test_most_similar_is_the_definition(seed: int, dtype: Any) -> None:
    wv = made(500, 30, seed, dtype)
    query = unit(wv["왕"]) + unit(wv["여자"]) - unit(wv["남자"])
    expected = expected_similarities(wv, query)
    whole = wv.most_similar(["왕", "여자"], ["남자"], topn=None)
    assert whole.dtype == np.float32 and whole.shape == (500,)
    np.testing.assert_allclose(whole, expected, atol=2e-6, err_msg=f"seed {seed}")
    found = wv.most_similar(positive=["왕", "여자"], negative=["남자"], topn=15)
    order = [row for row in np.argsort(-whole, kind="stable") if row not in (0, 4, 6)][:15]
    assert [key for key, _ in found] == [wv.index_to_key[row] for row in order], f"seed {seed}"
    np.testing.assert_allclose([value for _, value in found], expected[order], atol=1e-7)
    assert all(type(similarity) is float for _, similarity in found)


def test_one_key_or_vector_needs_no_list(wv: KeyedVectors) -> None:
    expected = wv.most_similar(["왕"])
    assert len(expected) == 10 and "왕" not in dict(expected)
    assert wv.most_similar("왕") == wv.most_similar(("왕",)) == wv.most_similar({"왕"}) == expected
    assert wv.most_similar(positive=np.array(["왕"])) == expected
    assert wv.similar_by_word("왕") == wv.similar_by_key("왕") == expected
    by_vector = wv.most_similar(wv["왕"], topn=11)
    assert by_vector == wv.most_similar([wv["왕"]], topn=11) == wv.similar_by_vector(wv["왕"], 11)
    assert by_vector[0][0] == "왕" and by_vector[0][1] == pytest.approx(1)
    assert by_vector[1:] == expected


def test_a_matrix_is_a_list_of_vectors(wv: KeyedVectors) -> None:
    assert wv.most_similar(wv.vectors[:3]) == wv.most_similar(list(wv.vectors[:3]))


def test_weights(wv: KeyedVectors) -> None:
    query = 2 * unit(wv["왕"]) + unit(wv["king"]) - 0.5 * unit(wv["남자"])
    found = wv.most_similar([("왕", 2), (wv["king"], 1.0)], [("남자", -0.5)], topn=None)
    np.testing.assert_allclose(found, expected_similarities(wv, query), atol=1e-6)
    plain = wv.most_similar(["왕", "king"], ["남자"])
    assert wv.most_similar([("왕", 1), ("king", 1), ("남자", -1)]) == plain
    vast = wv.most_similar([("왕", 1e308), ("king", 1e308)], [("남자", -1e308)])
    assert vast == wv.most_similar(["왕", "king"], [("남자", -1.0)])
    keys = dict(wv.most_similar([("왕", 0.0), "king"], topn=199))
    assert "왕" not in keys and "king" not in keys


def test_the_length_of_a_raw_vector_does_not_matter(wv: KeyedVectors) -> None:
    expected = wv.most_similar(["왕", unit(wv["여자"])], topn=None)
    found = wv.most_similar(["왕", 1000 * wv["여자"]], topn=None)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    whole = wv.most_similar(np.arange(20), topn=None)
    np.testing.assert_allclose(whole, expected_similarities(wv, np.arange(20)), atol=1e-6)


def test_topn(wv: KeyedVectors) -> None:
    everything = wv.most_similar("왕", topn=1000)
    assert len(everything) == 199 and "왕" not in dict(everything)
    for topn in (1, 5, 198, 199, np.int64(7), np.uint8(3)):
        assert wv.most_similar("왕", topn=topn) == everything[: int(topn)]
    for topn in (0, -3, np.uint8(0)):
        assert wv.most_similar("왕", topn=topn) == []
    wrongs: list[Any] = [2.5, "3", True, [1]]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="topn must be an integer or None"):
            wv.most_similar("왕", topn=wrong)


def test_restrict_vocab(wv: KeyedVectors) -> None:
    found = wv.most_similar("w150", topn=1000, restrict_vocab=5)
    assert {key for key, _ in found} == set(WORDS[:5])
    assert found == [pair for pair in wv.most_similar("w150", topn=199) if pair[0] in WORDS[:5]]
    assert wv.most_similar("왕", topn=None, restrict_vocab=7).shape == (7,)
    assert len(wv.most_similar("왕", topn=1000, restrict_vocab=7)) == 6
    assert wv.most_similar("왕", restrict_vocab=10**9) == wv.most_similar("왕")
    assert wv.similar_by_vector(wv["왕"], 1, 3)[0][0] == "왕"
    with pytest.raises(ValueError, match="restrict_vocab must be an integer of at least 1, got 0"):
        wv.most_similar("왕", restrict_vocab=0)


def test_ties_are_in_row_order() -> None:
    rows = np.tile(np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, 0.0]]), (50, 1))
    wv = KeyedVectors.from_arrays(range(150), rows)
    for topn in (1, 7, 60, 98):
        expected = [row for row in range(1, 150) if row % 3 != 2][:topn]
        assert [key for key, _ in wv.most_similar(0, topn=topn)] == expected


def test_zero_vectors_are_like_nothing() -> None:
    wv = KeyedVectors.from_arrays(["0", "a", "b"], np.array([[0, 0], [1, 0], [-1, 0.0]]))
    assert wv.most_similar("0") == [("a", 0.0), ("b", 0.0)]
    assert wv.most_similar("a") == [("0", 0.0), ("b", -1.0)]
    assert wv.most_similar(np.zeros(2), topn=None).tolist() == [0, 0, 0]
    assert wv.most_similar(["a"], ["a"], topn=None).tolist() == [0, 0, 0]
    assert wv.similarity("0", "a") == wv.similarity("0", "0") == 0.0
    assert wv.doesnt_match(["0", "a", "a"]) == "0"


def test_similarities_never_leave_their_range() -> None:
    table = np.random.default_rng(4).normal(size=(3000, 3)).astype(np.float32)
    wv = KeyedVectors.from_arrays(range(3000), table)
    for key in range(20):
        whole = wv.most_similar(key, topn=None)
        assert whole.max() <= 1 and whole.min() >= -1


def test_bad_queries(wv: KeyedVectors) -> None:
    nothings: list[Any] = [None, [], (), np.empty((0, 20))]
    for nothing in nothings:
        with pytest.raises(ValueError, match="positive and negative are both empty"):
            wv.most_similar(nothing, [])
    for vector in (np.ones(19), np.ones(21), np.ones((2, 2, 20)), np.ones((2, 19))):
        with pytest.raises(ValueError, match=r"shape \(20,\), got"):
            wv.most_similar(vector)
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="must be finite"):
            wv.most_similar(np.full(20, bad))
    wrong: list[Any] = [[1.5], [[0.1] * 20], [None], [np.ones(20, complex)], [("왕", {})]]
    for items in wrong:
        with pytest.raises((TypeError, ValueError), match=r"of keys|finite weight"):
            wv.most_similar(items)
    for pair in (("왕", np.nan), ("왕", "2"), ("왕",), ("왕", 1, 2)):
        with pytest.raises(ValueError, match="pair"):
            wv.most_similar([pair])
    with pytest.raises(KeyError, match="b'king' not in vocabulary"):
        wv.most_similar(b"king")


def test_nan_in_the_vectors_is_named(wv: KeyedVectors) -> None:
    wv.vectors[3, 7] = np.nan
    with pytest.raises(ValueError, match="the vector of key 'queen' holds NaN or infinity"):
        wv.most_similar("왕")


def test_a_query_does_not_copy_the_matrix() -> None:
    table = np.random.default_rng(0).normal(size=(150_000, 112)).astype(np.float32)
    for vectors in (table[:, :100], table[:, :100].astype(np.float64)):
        wv = KeyedVectors.from_arrays(range(150_000), vectors)
        for _ in ("norms", "query"):
            tracemalloc.start()
            wv.most_similar(5)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < vectors.nbytes / 10


# The same answers as gensim's


@pytest.fixture
def gensim(wv: KeyedVectors) -> Any:
    other = pytest.importorskip("gensim.models").KeyedVectors(wv.vector_size)
    other.add_vectors(wv.index_to_key, wv.vectors)
    return other


QUERIES: list[dict[str, Any]] = [
    {"positive": "왕"},
    {"positive": ["왕", "여자"], "negative": ["남자"], "topn": 25},
    {"positive": [("왕", 0.3), ("여자", 2.0)], "negative": [("남자", -0.7), "man"]},
    {"positive": [("왕", 0.3)], "negative": [("남자", 0.7)]},
    {"negative": "왕", "topn": 199},
    {"positive": ["왕"], "restrict_vocab": 50},
    {"positive": ["w150", "king"], "restrict_vocab": 9},
    {"positive": "왕", "topn": 0},
]


@pytest.mark.parametrize("query", QUERIES)
def test_gensim_most_similar(wv: KeyedVectors, gensim: Any, query: dict[str, Any]) -> None:
    found, expected = wv.most_similar(**query), gensim.most_similar(**query)
    assert [key for key, _ in found] == [key for key, _ in expected]
    np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=1e-6)


def test_gensim_whole_arrays_and_vectors(wv: KeyedVectors, gensim: Any) -> None:
    query = wv.vectors[7]
    np.testing.assert_allclose(
        wv.most_similar(query, topn=None), gensim.most_similar(query, topn=None), atol=1e-6
    )
    for topn in (1, 30):
        assert [key for key, _ in wv.similar_by_vector(query, topn)] == [
            key for key, _ in gensim.similar_by_vector(query, topn)
        ]


def test_gensim_similarities(wv: KeyedVectors, gensim: Any) -> None:
    assert wv.similarity("왕", "여왕") == pytest.approx(gensim.similarity("왕", "여왕"), abs=1e-6)
    assert wv.distance("왕", "man") == pytest.approx(gensim.distance("왕", "man"), abs=1e-6)
    assert wv.n_similarity(WORDS[:3], WORDS[3:]) == pytest.approx(
        gensim.n_similarity(WORDS[:3], WORDS[3:]), abs=1e-6
    )
    for start in range(0, 190, 10):
        words = wv.index_to_key[start : start + 10]
        assert wv.doesnt_match(words) == gensim.doesnt_match(words)
    np.testing.assert_allclose(wv.get_normed_vectors(), gensim.get_normed_vectors(), atol=1e-6)
