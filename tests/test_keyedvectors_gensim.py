"""The same answers as gensim's on the vectors that its own tests use, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastw2v.keyedvectors import KeyedVectors

Pair = tuple[KeyedVectors, Any]


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Ours and gensim's vectors, of the same file; in float64, gensim's similarity changes them."""
    models = pytest.importorskip("gensim.models")
    path = pytest.importorskip("gensim.test.utils").datapath("euclidean_vectors.bin")
    return tuple(  # type: ignore[return-value]
        kind.load_word2vec_format(path, binary=True) for kind in (KeyedVectors, models.KeyedVectors)
    )


WORDS = ["war", "conflict", "administration", "terrorism", "call", "israel"]

NUMBERS: dict[str, Callable[[Any], Any]] = {
    "similarity": lambda wv: wv.similarity("war", "conflict"),
    "distance": lambda wv: wv.distance("war", "conflict"),
    "no distance": lambda wv: wv.distance("war", "war"),
    "distances": lambda wv: wv.distances("war"),
    "distances to some": lambda wv: wv.distances(wv["war"], WORDS),
    "n_similarity": lambda wv: wv.n_similarity(WORDS[:2], WORDS[2:]),
    "relative": lambda wv: wv.relative_cosine_similarity("war", "call", topn=5),
    "rank": lambda wv: wv.rank("war", "terrorism"),
    "mean": lambda wv: wv.get_mean_vector(WORDS),
    "weighted mean": lambda wv: wv.get_mean_vector(WORDS, weights=[1, 2, 3, -1, 0.5, 0]),
    "raw mean": lambda wv: wv.get_mean_vector(WORDS, pre_normalize=False, post_normalize=True),
    "mean of vectors": lambda wv: wv.get_mean_vector([wv["war"], "call"]),
    "normed": lambda wv: wv.get_normed_vectors(),
    "one normed": lambda wv: wv.get_vector("war", norm=True),
    "norms": lambda wv: (wv.fill_norms(), wv.norms)[1],
    "all": lambda wv: wv.most_similar(["war", "israel"], ["call"], topn=None),
    "all, clipped": lambda wv: wv.most_similar("war", topn=None, clip_start=7, clip_end=90),
    "all, product": lambda wv: wv.most_similar_cosmul(["war", "israel"], ["call"], topn=None),
    "cosines": lambda wv: wv.cosine_similarities(wv["war"], wv.vectors[:50]),
    "several": lambda wv: wv[WORDS],
}

KEYS: dict[str, Callable[[Any], Any]] = {
    "key": lambda wv: wv.most_similar("war"),
    "list": lambda wv: wv.most_similar(["war"], topn=5),
    "vector": lambda wv: wv.most_similar([wv["war"]], topn=5),
    "positions": lambda wv: wv.most_similar("war", "call", 7),
    "weights": lambda wv: wv.most_similar([("war", 0.5), ("israel", 2.0)], [("call", -0.1)]),
    "restricted": lambda wv: wv.most_similar("war", topn=20, restrict_vocab=100),
    "clipped": lambda wv: wv.most_similar("war", clip_start=50, clip_end=300),
    "product": lambda wv: wv.most_similar_cosmul(["war", "israel"], ["call"]),
    "by key": lambda wv: wv.similar_by_key("war", 3),
    "by word": lambda wv: wv.similar_by_word("war", topn=7, restrict_vocab=500),
    "by vector": lambda wv: wv.similar_by_vector(wv["war"], topn=5),
    "nothing": lambda wv: wv.most_similar("war", topn=0),
    "central": lambda wv: [pair[::-1] for pair in wv.rank_by_centrality(WORDS)],
    "central, raw": lambda wv: [pair[::-1] for pair in wv.rank_by_centrality(WORDS, False)],
}

SAME: dict[str, Callable[[Any], Any]] = {
    "closer": lambda wv: wv.closer_than("war", "terrorism"),
    "given": lambda wv: wv.most_similar_to_given("war", WORDS[1:]),
    "odd": lambda wv: wv.doesnt_match([*WORDS, "the"]),
    "some": lambda wv: wv.vectors_for_all(["war", "no such word", "call", "war"]).index_to_key,
    "index": lambda wv: (wv.get_index("war"), wv.get_index("no such word", -1)),
    "keys": lambda wv: (wv.has_index_for("war"), "no such word" in wv, len(wv), wv.vector_size),
}


@pytest.mark.filterwarnings("ignore:Call to deprecated `init_sims`:DeprecationWarning")
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name: str, pair: Pair) -> None:
    ours, theirs = map(NUMBERS[name], pair)
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


@pytest.mark.filterwarnings("ignore:Call to deprecated `init_sims`:DeprecationWarning")
@pytest.mark.parametrize("name", KEYS)
def test_keys_and_scores(name: str, pair: Pair) -> None:
    ours, theirs = map(KEYS[name], pair)
    assert [key for key, _ in ours] == [key for key, _ in theirs]
    np.testing.assert_allclose([x for _, x in ours], [x for _, x in theirs], atol=2e-6)


@pytest.mark.parametrize("name", SAME)
def test_the_very_same(name: str, pair: Pair) -> None:
    ours, theirs = map(SAME[name], pair)
    assert ours == theirs


def test_known_figures(pair: Pair) -> None:
    wv, _ = pair
    assert [key for key, _ in wv.most_similar("war", topn=5)] == WORDS[1:]
    assert wv.distance("war", "conflict") == pytest.approx(0.06694602)
    assert wv.distance("war", "war") == 0


def test_changes(pair: Pair) -> None:
    answers = []
    for wv in pair:
        own = type(wv)(10)
        own.add_vectors(WORDS, wv[WORDS])
        own.add_vectors(["war", "새"], np.ones((2, 10)))
        own["call"] = np.arange(10.0)
        own[["새", "새로운"]] = np.eye(10)[:2]
        for row, key in enumerate(own.index_to_key):
            own.set_vecattr(key, "count", row * row)
            own.set_vecattr(key, "name", key.upper())
        own.sort_by_descending_frequency()
        answers.append(
            (
                own.index_to_key,
                own.vectors.tolist(),
                [own.get_vecattr(key, "count") for key in own.index_to_key],
                [own.get_vecattr(key, "name") for key in own.index_to_key],
                [key for key, _ in own.most_similar("새")],
            )
        )
    assert answers[0] == answers[1]
