"""Similarities of one key with others, and of lists of keys."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from made_vectors import WORDS, expected_similarities, made, unit

from fastw2v.keyedvectors import KeyedVectors


@pytest.fixture
def wv() -> KeyedVectors:
    return made()


# One key and others


def test_distances(wv: KeyedVectors) -> None:
    expected = 1 - expected_similarities(wv, wv["왕"].astype(np.float64))
    for given in ("왕", wv["왕"], 7 * wv["왕"]):
        np.testing.assert_allclose(wv.distances(given), expected, atol=1e-6)
        np.testing.assert_allclose(wv.distances(given, None), expected, atol=1e-6)  # type: ignore[arg-type]
        some = wv.distances(given, ["queen", "왕", "queen"])
        np.testing.assert_allclose(some, expected[[3, 0, 3]], atol=1e-6)
    assert wv.distances("왕").dtype == np.float32
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.distances("왕", ["king", "없다"])
    with pytest.raises(TypeError, match="word_or_vector must be of keys and numpy vectors"):
        wv.distances([1.0])  # type: ignore[arg-type]


def test_cosine_similarities(wv: KeyedVectors) -> None:
    expected = expected_similarities(wv, wv["왕"].astype(np.float64))
    found = KeyedVectors.cosine_similarities(wv["왕"], wv.vectors)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert KeyedVectors.cosine_similarities(np.zeros(2), np.eye(2)).tolist() == [0, 0]
    rows = np.random.default_rng(0).integers(-9, 9, (50, 7))
    assert all(KeyedVectors.cosine_similarities(row, [row])[0] == 1 for row in rows)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must have shape \(m, d\)"):
        KeyedVectors.cosine_similarities(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match=r"must have shape \(3,\)"):
        KeyedVectors.cosine_similarities(np.ones(2), np.ones((4, 3)))
    with pytest.raises(ValueError, match="row 1 holds NaN"):
        KeyedVectors.cosine_similarities(np.ones(2), np.array([[1, 1], [0, np.nan]]))


def test_closer_than_and_rank(wv: KeyedVectors) -> None:
    nearest = [key for key, _ in wv.most_similar("왕", topn=199)]
    for place, key in enumerate(nearest):
        assert wv.rank("왕", key) == place + 1
    assert set(wv.closer_than("왕", nearest[4])) == set(nearest[:4])
    rows = [wv.get_index(key) for key in wv.closer_than("왕", nearest[50])]
    assert rows == sorted(rows) and 0 not in rows
    assert wv.closer_than("왕", "왕") == [] and wv.rank("왕", "왕") == 1
    with pytest.raises(KeyError):
        wv.rank("왕", "없다")


def test_most_similar_to_given(wv: KeyedVectors) -> None:
    nearest = [key for key, _ in wv.most_similar("왕", topn=199)]
    assert wv.most_similar_to_given("왕", nearest[:2:-1]) == nearest[3]
    assert wv.most_similar_to_given("왕", ["king", "왕"]) == "왕"
    with pytest.raises(ValueError, match="keys_list must hold at least one key"):
        wv.most_similar_to_given("왕", [])
    with pytest.raises(KeyError):
        wv.most_similar_to_given("왕", ["king", "없다"])


def test_relative_cosine_similarity(wv: KeyedVectors) -> None:
    nearest = wv.most_similar("왕", topn=7)
    total = sum(similarity for _, similarity in nearest)
    for key, similarity in nearest:
        found = wv.relative_cosine_similarity("왕", key, topn=7)
        assert found == pytest.approx(similarity / total, abs=1e-6)
    with pytest.raises(ValueError, match="leaves none to compare with"):
        wv.relative_cosine_similarity("왕", "king", topn=0)


# Lists


def test_unknown_keys_of_a_list_are_left_out_with_a_warning(wv: KeyedVectors) -> None:
    names = ["왕", "king", "queen"]
    calls: list[tuple[Any, Any]] = [
        (lambda keys: wv.n_similarity(keys, ["man"]), "ws1"),
        (lambda keys: wv.n_similarity(["man"], keys), "ws2"),
        (lambda keys: wv.get_mean_vector(keys).tolist(), "keys"),
        (wv.doesnt_match, "words"),
        (wv.rank_by_centrality, "words"),
        (lambda keys: wv.wmdistance(keys, ["왕"]), "document1"),
    ]
    for call, name in calls:
        expected = call(names)
        with pytest.warns(UserWarning, match=f"^{name}: left out.*vocabulary: '없다', 3$"):
            assert call([*names, "없다", 3, "없다"]) == expected


def test_lists_without_a_known_key(wv: KeyedVectors) -> None:
    with pytest.warns(UserWarning, match="ws2: left out"):
        assert wv.n_similarity(["왕"], ["없다"]) == 0.0
    with pytest.warns(UserWarning, match="keys: left out"):
        assert wv.get_mean_vector(["없다"]).tolist() == [0] * 20
    for call in (wv.doesnt_match, wv.rank_by_centrality):
        with (
            pytest.warns(UserWarning, match="words: left out"),
            pytest.raises(ValueError, match="words must hold at least one key that is known"),
        ):
            call(["없다"])
    with pytest.warns(UserWarning, match="document2: left out"):
        assert wv.wmdistance(["왕"], ["없다"]) == float("inf")


def test_mean_vector(wv: KeyedVectors) -> None:
    units = np.array([unit(wv[key]) for key in WORDS[:3]])
    np.testing.assert_allclose(wv.get_mean_vector(WORDS[:3]), units.mean(axis=0), atol=1e-6)
    raw = wv.get_mean_vector(WORDS[:3], pre_normalize=False)
    np.testing.assert_allclose(raw, wv[WORDS[:3]].mean(axis=0), atol=1e-6)
    weighted = wv.get_mean_vector(WORDS[:3], weights=[1, -2, 0.5])
    np.testing.assert_allclose(weighted, np.array([1, -2, 0.5]) @ units / 3.5, atol=1e-6)
    long = wv.get_mean_vector(WORDS[:3], weights=np.array([1, -2, 0.5]), post_normalize=True)
    np.testing.assert_allclose(long, unit(weighted), atol=1e-6)
    mixed = wv.get_mean_vector(["왕", 5 * wv["king"]])
    np.testing.assert_allclose(mixed, (units[0] + 5 * wv["king"]) / 2, atol=1e-6)
    np.testing.assert_allclose(
        wv.get_mean_vector(wv.vectors[:4]), wv.vectors[:4].mean(axis=0), atol=1e-6
    )
    assert mixed.dtype == np.float32 and made(dtype=float).get_mean_vector(["왕"]).dtype == float


def test_wrong_means(wv: KeyedVectors) -> None:
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.get_mean_vector(["왕", "없다"], ignore_missing=False)
    with pytest.raises(ValueError, match="keys must hold at least one key or vector"):
        wv.get_mean_vector([])
    with pytest.raises(TypeError, match="keys must be a list of keys, got '왕'"):
        wv.get_mean_vector("왕")
    weights: Any
    for weights in ([1], [1, 2, 3], [1, np.nan]):
        with pytest.raises(ValueError, match="weights must be 2 finite numbers"):
            wv.get_mean_vector(["왕", "king"], weights=weights)
    with pytest.raises(ValueError, match=r"shape \(20,\), got \(3,\)"):
        wv.get_mean_vector([np.ones(3)])
    with pytest.raises(TypeError, match=r"keys must be of keys and numpy vectors, got 1\.5"):
        wv.get_mean_vector([1.5])  # type: ignore[list-item]


def test_rank_by_centrality() -> None:
    rows = np.array([[1, 0.1], [50, 3], [1, -0.2], [-0.1, 2]])
    wv = KeyedVectors.from_arrays(["개", "고양이", "cat", "자동차"], rows)
    ranked = wv.rank_by_centrality(["자동차", "개", "cat", "고양이"])
    assert [key for _, key in ranked] == ["개", "고양이", "cat", "자동차"]
    centre = unit(np.sum([unit(row) for row in rows], axis=0))
    assert ranked[-1][0] == pytest.approx(unit(rows[3]) @ centre)
    longest = wv.rank_by_centrality(["개", "고양이", "cat", "자동차"], use_norm=False)[0]
    assert longest == (pytest.approx(rows[1] @ unit(rows.sum(axis=0))), "고양이")


def test_word_movers_distance(wv: KeyedVectors) -> None:
    pytest.importorskip("scipy")
    left, right = ["왕", "왕", "king", "남자"], ["여왕", "queen", "여자"]
    distance = wv.wmdistance(left, right)
    assert 0 < distance == pytest.approx(wv.wmdistance(right, left))
    assert wv.wmdistance(left, left[::-1]) == 0.0
    one = unit(wv["왕"]) - unit(wv["여왕"])
    assert wv.wmdistance(["왕"], ["여왕", "여왕"]) == pytest.approx(np.linalg.norm(one))
    raw = np.linalg.norm(wv["왕"].astype(float) - wv["여왕"])
    assert wv.wmdistance(["왕"], ["여왕"], norm=False) == pytest.approx(raw)
    # What both have stays where it is.
    half = wv.wmdistance(["왕", "king"], ["왕", "queen"])
    assert half == pytest.approx(wv.wmdistance(["king"], ["queen"]) / 2)
    assert wv.wmdistance([], ["왕"]) == float("inf")
    with pytest.raises(TypeError, match="document2 must be a list of keys"):
        wv.wmdistance(["왕"], "왕")


def test_word_movers_distance_is_the_least() -> None:
    """Of two words each, all plans are mixtures of two."""
    pytest.importorskip("scipy")
    for seed in range(20):
        wv = KeyedVectors.from_arrays(range(4), np.random.default_rng(seed).normal(size=(4, 3)))

        def cost(left: int, right: int, wv: KeyedVectors = wv) -> float:
            return float(np.linalg.norm(unit(wv[left]) - unit(wv[right])))

        plans = (cost(0, 2) + cost(1, 3)) / 2, (cost(0, 3) + cost(1, 2)) / 2
        assert wv.wmdistance([0, 1], [2, 3]) == pytest.approx(min(plans)), f"seed {seed}"


def test_without_scipy_the_extra_is_named(
    wv: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_scipy(name: str, *rest: Any) -> Any:
        if name.startswith("scipy"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_scipy)
    with pytest.raises(ImportError, match=r"pip install 'fastw2v\[wmd\]'"):
        wv.wmdistance(["왕", "king"], ["여왕", "queen"])
