"""Keyed vectors that change: every answer is right before and after, whatever has changed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_vectors import expected_similarities, made

from fastw2v import Word2Vec
from fastw2v.keyedvectors import KeyedVectors


@pytest.fixture
def wv() -> KeyedVectors:
    return made(60, 8)


def check(wv: KeyedVectors) -> None:
    """Ask all there is to ask, and compare with the plain definition."""
    assert list(wv.key_to_index.items()) == list(zip(wv.index_to_key, range(len(wv)), strict=True))
    assert wv.vectors.shape == (len(wv), wv.vector_size) == (len(wv.norms), wv.vector_size)
    assert all(len(values) == len(wv) for values in wv.expandos.values())
    wide = wv.vectors.astype(np.float64)
    np.testing.assert_allclose(wv.norms, np.linalg.norm(wide, axis=1), rtol=1e-6)
    np.testing.assert_allclose(
        np.linalg.norm(wv.get_normed_vectors(), axis=1), np.sign(wv.norms), rtol=1e-6
    )
    for key in (wv.index_to_key[0], wv.index_to_key[-1]):
        row = wv.get_index(key)
        np.testing.assert_array_equal(wv[key], wv.vectors[row])
        expected = expected_similarities(wv, wide[row])
        np.testing.assert_allclose(wv.most_similar(key, topn=None), expected, atol=1e-6)
        nearest = [one for one in np.argsort(-expected, kind="stable") if one != row][:5]
        names = [wv.index_to_key[one] for one in nearest]
        assert [name for name, _ in wv.most_similar(key, topn=5)] == names
        assert [name for name, _ in wv.most_similar_batch([key], topn=5)[0]] == names
        np.testing.assert_allclose(wv.distances(key), 1 - expected, atol=1e-6)


def scale_in_place(wv: KeyedVectors) -> None:
    wv.vectors *= 3


def set_a_row(wv: KeyedVectors) -> None:
    wv.vectors[0] = wv.vectors[5] * 100


def set_the_matrix(wv: KeyedVectors) -> None:
    wv.vectors = wv.vectors[::-1, :3].astype(np.float64)


CHANGES: list[Callable[[KeyedVectors], Any]] = [
    lambda wv: wv.add_vector("새 낱말", np.full(8, 2.0)),
    lambda wv: wv.add_vectors(["하나", "둘"], np.arange(16).reshape(2, 8) + 1),
    lambda wv: wv.add_vectors(["하나", "왕"], np.arange(16).reshape(2, 8) + 1, replace=True),
    lambda wv: wv.__setitem__("왕", 10 * wv["여왕"]),
    lambda wv: wv.__setitem__(["왕", "셋", "king"], np.arange(24).reshape(3, 8) + 1),
    lambda wv: wv.remove_vectors("왕"),
    lambda wv: wv.remove_vectors(["king", wv.index_to_key[-1]]),
    lambda wv: wv.unit_normalize_all(),
    lambda wv: wv.expandos.update(count=np.arange(60)) or wv.sort_by_descending_frequency(),
    scale_in_place,
    set_a_row,
    set_the_matrix,
]


@pytest.mark.parametrize("change", CHANGES)
def test_answers_are_right_before_and_after_a_change(
    change: Callable[[KeyedVectors], Any], wv: KeyedVectors
) -> None:
    check(wv)
    change(wv)
    check(wv)


def test_many_changes_in_a_row(wv: KeyedVectors) -> None:
    random = np.random.default_rng(1)
    reference = {key: wv[key].copy() for key in wv}
    for step in range(200):
        key = f"w{random.integers(80)}"
        vector = random.normal(size=8).astype(np.float32)
        if random.random() < 0.3 and key in wv:
            wv.remove_vectors(key)
            del reference[key]
        else:
            wv[key] = vector
            reference[key] = vector
        assert wv.index_to_key == list(reference), f"step {step}"
    np.testing.assert_array_equal(wv.vectors, np.array(list(reference.values())))
    check(wv)


# Adding


def test_add_a_vector() -> None:
    wv = KeyedVectors(3, count=2)
    assert len(wv) == 0 and wv.vectors.shape == (0, 3)
    for row, key in enumerate(["하나", "둘", "셋", "넷"]):
        assert wv.add_vector(key, [row, 1, 2]) == row
    assert wv.index_to_key == ["하나", "둘", "셋", "넷"] and wv["셋"].tolist() == [2, 1, 2]
    assert wv.add_vector("둘", [9, 9, 9]) == 1 and wv["둘"].tolist() == [1, 1, 2]
    check(wv)


def test_one_by_one_costs_little_memory_traffic() -> None:
    wv, buffers = KeyedVectors(2), set()
    for key in range(1000):
        wv.add_vector(key, [key, 1])
        buffers.add(wv.vectors.__array_interface__["data"][0])
    assert len(buffers) < 30
    check(wv)


def test_add_vectors_keeps_or_replaces_those_that_are_there(wv: KeyedVectors) -> None:
    old = wv["왕"].copy()
    wv.add_vectors(["왕", "하나"], [np.zeros(8), np.ones(8)])
    np.testing.assert_array_equal(wv["왕"], old)
    assert wv["하나"].tolist() == [1] * 8 and wv.get_index("하나") == 60
    wv.add_vectors(["둘", "왕"], np.full((2, 8), 2), replace=True)
    assert wv["왕"].tolist() == wv["둘"].tolist() == [2] * 8 and wv.get_index("왕") == 0
    wv.add_vectors("셋", np.full(8, 3))
    assert wv["셋"].tolist() == [3] * 8
    wv.add_vectors([], np.empty((0, 8)))
    wv.add_vectors([], [])
    assert len(wv) == 63


def test_the_dtype_stays(wv: KeyedVectors) -> None:
    for dtype in (np.float16, np.float32, np.float64):
        other = wv.astype(dtype)
        other["새"] = np.full(8, 0.1)
        other.add_vectors(["정수"], np.ones((1, 8), int))
        assert other.vectors.dtype == dtype and other["새"][0] == dtype(0.1)


def test_a_view_is_not_written_beyond(wv: KeyedVectors) -> None:
    """The rows of the fixture are padded: what lies behind them is somebody else's."""
    table = np.zeros((5, 4), np.float32)
    part = KeyedVectors.from_arrays(["a", "b"], table[:2, :3])
    part["c"] = [1, 2, 3]
    assert not table.any()
    part["a"] = [4, 5, 6]
    assert not table.any() and part.vectors.tolist() == [[4, 5, 6], [0, 0, 0], [1, 2, 3]]


WRONG: list[tuple[Any, Any, str]] = [
    (["a", "a"], np.ones((2, 8)), "keys must be distinct, got 'a' twice"),
    (["a"], np.ones((2, 8)), r"shape \(1, 8\) for 1 keys, got float64 of shape \(2, 8\)"),
    (["a"], np.ones(8), r"got float64 of shape \(8,\)"),
    ("a", np.ones(7), r"got float64 of shape \(1, 7\)"),
    (["a", "b"], [np.ones(8), np.ones(7)], r"weights must have shape \(n, 8\)"),
    (["a"], [["x"] * 8], "must be numbers"),
    (["a"], np.full((1, 8), np.nan), "key 'a' holds NaN or infinity as float32"),
    (["a"], np.full((1, 8), 1e39), "key 'a' holds NaN or infinity as float32"),
]


@pytest.mark.parametrize(("keys", "weights", "message"), WRONG)
def test_wrong_vectors_change_nothing(
    keys: Any, weights: Any, message: str, wv: KeyedVectors
) -> None:
    before = copy.deepcopy(wv)
    with pytest.raises(ValueError, match=message):
        wv.add_vectors(keys, weights, replace=True)
    assert wv.index_to_key == before.index_to_key
    np.testing.assert_array_equal(wv.vectors, before.vectors)


def test_keys_of_another_kind(wv: KeyedVectors) -> None:
    with pytest.raises(TypeError, match="keys must be all str or all int, got 3 after strs"):
        wv[3] = np.ones(8)
    with pytest.raises(TypeError, match="must be a str or an int, got b'a'; decode it first"):
        wv.add_vector(b"a", np.ones(8))  # type: ignore[arg-type]
    ids = KeyedVectors.from_arrays([5, 6], np.eye(2))
    ids[np.int64(9)] = [1, 1]
    assert ids.index_to_key == [5, 6, 9] and type(ids.index_to_key[2]) is int


def test_extras_come_with_keys(wv: KeyedVectors) -> None:
    wv.add_vectors(["하나", "왕"], np.ones((2, 8)), extras={"count": [7, 8], "언어": ["ko", "ko"]})
    assert wv.get_vecattr("하나", "count") == 7 and wv.get_vecattr("왕", "count") == 60
    assert wv.get_vecattr("하나", "언어") == "ko" and wv.get_vecattr("왕", "언어") is None
    wv.add_vectors(["왕", "둘"], np.ones((2, 8)), {"count": np.array([8, 1])}, replace=True)
    assert wv.get_vecattr("왕", "count") == 8 and wv.get_vecattr("둘", "언어") is None
    for extras, message in (({"count": [1]}, r"extras\['count'\] must have shape \(2,\)"),):
        with pytest.raises(ValueError, match=message):
            wv.add_vectors(["x", "y"], np.ones((2, 8)), extras)
    with pytest.raises(TypeError, match="attribute 'count' holds int64, got float64"):
        wv.add_vectors(["x"], np.ones((1, 8)), {"count": [0.5]})
    assert "x" not in wv
    check(wv)


# Removing, sorting, taking some


def test_remove(wv: KeyedVectors) -> None:
    kept = wv["queen"].copy()
    wv.remove_vectors(["king", "여왕", "king"])
    assert len(wv) == 58 and "king" not in wv and wv.index_to_key[:2] == ["왕", "queen"]
    np.testing.assert_array_equal(wv["queen"], kept)
    assert wv.get_vecattr("queen", "count") == 57
    with pytest.raises(KeyError, match="'king' not in vocabulary"):
        wv.remove_vectors(["왕", "king"])
    assert "왕" in wv
    wv.remove_vectors(list(wv))
    assert len(wv) == 0 and wv.most_similar(np.ones(8)) == []
    wv["다시"] = np.ones(8)
    assert wv.most_similar(np.ones(8)) == [("다시", pytest.approx(1))]


def test_sort_by_count() -> None:
    wv = KeyedVectors.from_arrays(list("abcd"), np.eye(4), counts=[2, 9, 2, 5])
    wv.set_vecattr("c", "kind", "x")
    wv.sort_by_descending_frequency()
    assert wv.index_to_key == ["b", "d", "a", "c"] and wv["d"].tolist() == [0, 0, 0, 1]
    assert wv.counts is not None and wv.counts.tolist() == [9, 5, 2, 2]
    assert wv.get_vecattr("c", "kind") == "x" and wv.get_index("a") == 2
    with pytest.raises(ValueError, match="there are no counts"):
        KeyedVectors.from_arrays(["a"], np.eye(1)).sort_by_descending_frequency()


def test_subset_and_vectors_for_all(wv: KeyedVectors) -> None:
    wv.set_vecattr("여왕", "언어", "ko")
    few = wv.subset(["여왕", "왕"])
    assert few.index_to_key == ["여왕", "왕"] and few.get_vecattr("여왕", "언어") == "ko"
    assert few.get_vecattr("왕", "count") == 60 and few.vectors.dtype == np.float32
    few["왕"] = np.zeros(8)
    assert wv["왕"].any()
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.subset(["왕", "없다"])
    with pytest.raises(ValueError, match="'왕' twice"):
        wv.subset(["왕", "왕"])
    for keys in (["여왕", "없다", "왕", "여왕"], iter(["여왕", "왕"])):
        known = wv.vectors_for_all(keys)
        assert known.index_to_key == ["여왕", "왕"] and known.expandos == {}
        np.testing.assert_array_equal(known.vectors, wv[["여왕", "왕"]])
    assert wv.vectors_for_all(["왕"], copy_vecattrs=True).get_vecattr("왕", "count") == 60
    assert len(wv.vectors_for_all(["없다"])) == 0 and len(wv.subset([])) == 0


def test_unit_normalize_all(wv: KeyedVectors) -> None:
    wv.vectors[3] = 0
    units = wv.get_normed_vectors()
    one = wv.get_vector("왕", norm=True)
    wv.unit_normalize_all()
    np.testing.assert_array_equal(wv.vectors, units)
    np.testing.assert_allclose(wv["왕"], one, rtol=1e-6)
    assert not wv["queen"].any()


def test_astype(wv: KeyedVectors) -> None:
    half = wv.astype(np.float16)
    assert half.vectors.nbytes * 2 == wv.vectors.nbytes and half.index_to_key == wv.index_to_key
    assert half.get_vecattr("왕", "count") == 60
    np.testing.assert_allclose(half.vectors, wv.vectors, rtol=1e-3)
    nearest = half.most_similar("왕", topn=59)
    np.testing.assert_allclose(
        [dict(nearest)[key] for key, _ in wv.most_similar("왕", topn=59)],
        [similarity for _, similarity in wv.most_similar("왕", topn=59)],
        atol=2e-3,
    )
    with pytest.raises(ValueError, match="key 'king' holds NaN or infinity as float16"):
        KeyedVectors.from_arrays(["왕", "king"], np.array([[1.0], [1e5]])).astype(np.float16)
    with pytest.raises(ValueError, match="dtype must be"):
        wv.astype(int)


# Attributes


def test_attributes_of_any_kind(wv: KeyedVectors) -> None:
    values: dict[str, list[Any]] = {
        "flag": [True, False],
        "number": [7, 0],
        "share": [0.5, 0.0],
        "word": ["낱말", None],
        "list": [[1, 2], None],
    }
    for name, (value, others) in values.items():
        wv.set_vecattr("king", name, value)
        assert wv.get_vecattr("king", name) == value and type(wv.get_vecattr("king", name)) is type(
            value
        )
        assert wv.get_vecattr("왕", name) == others
        assert len(wv.expandos[name]) == len(wv)
    wv.set_vecattr("king", "count", 5)
    wv.set_vecattr("왕", "share", 3)
    assert wv.counts is not None and wv.counts[1] == 5 and wv.get_vecattr("왕", "share") == 3.0
    for name, value in (("number", 0.5), ("count", "x"), ("flag", 3)):
        with pytest.raises(TypeError, match=f"attribute '{name}' holds"):
            wv.set_vecattr("왕", name, value)
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.set_vecattr("없다", "count", 1)


def test_counts_of_a_model_do_not_change_its_training() -> None:
    model = Word2Vec([["가", "나", "나"]] * 5, vector_size=2, min_count=1, sample=0)
    model.wv.set_vecattr("가", "count", 999)
    assert model.vocabulary.counts.tolist() == [10, 5]


def test_lock_factors_stay_with_their_keys(wv: KeyedVectors) -> None:
    assert wv.vectors_lockf.tolist() == [1] and wv.vectors_lockf.dtype == np.float32
    wv.vectors_lockf = np.ones(len(wv), np.float32)
    wv.vectors_lockf[wv.get_index("queen")] = 0
    wv["새"] = np.ones(8)
    wv.remove_vectors("왕")
    assert len(wv.vectors_lockf) == len(wv)
    assert np.flatnonzero(wv.vectors_lockf == 0).tolist() == [wv.get_index("queen")]
    assert wv.subset(["queen", "king"]).vectors_lockf.tolist() == [0, 1]


# Vectors that belong to others


def test_the_vectors_of_a_model_keep_their_keys() -> None:
    model = Word2Vec([["가", "나", "다", "나"]] * 5, vector_size=4, min_count=1, sample=0)
    wrongs: list[Callable[[KeyedVectors], Any]] = [
        lambda wv: wv.add_vector("라", np.ones(4)),
        lambda wv: wv.add_vectors(["가", "라"], np.ones((2, 4)), replace=True),
        lambda wv: wv.__setitem__("라", np.ones(4)),
        lambda wv: wv.remove_vectors("가"),
    ]
    before = model.wv.vectors.copy()
    for vectors in (model.wv, model.context_vectors, copy.deepcopy(model).wv):
        for wrong in wrongs:
            with pytest.raises(ValueError, match=r"model\.build_vocab\(sentences, update=True\)"):
                wrong(vectors)
    np.testing.assert_array_equal(model.wv.vectors, before)
    model.wv.sort_by_descending_frequency()  # they are sorted already
    for free in (copy.deepcopy(model.wv), model.wv.subset(model.wv.index_to_key)):
        for wrong in wrongs:
            wrong(free)
        assert "라" in free and "가" not in free
    assert "라" not in model.wv


def test_the_vectors_of_a_model_may_be_set_and_are_trained_on() -> None:
    sentences = [["가", "나", "다", "나"]] * 5
    model = Word2Vec(sentences, vector_size=4, min_count=1, epochs=1, sample=0)
    model.wv["가"] = np.full(4, 0.5)
    model.wv.vectors = model.wv.vectors * 2
    assert model.wv["가"].tolist() == [1] * 4
    rows = model.wv.vectors
    model.train(sentences)
    assert model.wv.vectors is rows and model.wv["가"].tolist() != [1] * 4
    with pytest.raises(ValueError, match=r"keep their shape \(3, 4\), got \(3, 2\)"):
        model.wv.vectors = rows[:, :2]
    check(model.wv)


def test_a_loaded_map_is_copied_at_the_first_change(tmp_path: Path) -> None:
    made(20, 8).save(tmp_path / "v")
    contents = (tmp_path / "v").read_bytes()
    changes: list[Callable[[KeyedVectors], Any]] = [
        lambda wv: wv.__setitem__("왕", np.ones(8)),
        lambda wv: wv.__setitem__("새", np.ones(8)),
        lambda wv: wv.remove_vectors("왕"),
        lambda wv: wv.unit_normalize_all(),
        lambda wv: wv.set_vecattr("왕", "count", 3),
    ]
    for change in changes:
        loaded = KeyedVectors.load(tmp_path / "v")
        check(loaded)
        change(loaded)
        check(loaded)
    assert (tmp_path / "v").read_bytes() == contents


def test_copies_share_no_key(wv: KeyedVectors) -> None:
    for twin in (copy.copy(wv), copy.deepcopy(wv), pickle.loads(pickle.dumps(wv))):
        twin["새"] = np.ones(8)
        twin.set_vecattr("왕", "kind", 1)
        twin.remove_vectors("king")
        check(twin)
        assert "새" not in wv and "king" in wv and "kind" not in wv.expandos
    check(wv)


def test_a_matrix_that_does_not_fit(wv: KeyedVectors) -> None:
    wrongs: list[Any] = [
        np.ones((59, 8)),
        np.ones(60),
        np.ones((60, 8), int),
        np.ones((60, 8), complex),
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"vectors must have shape \(n, d\)|dtype must be"):
            wv.vectors = wrong
    assert wv.vectors.shape == (60, 8)
