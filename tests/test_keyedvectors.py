"""Looking up and comparing vectors, as users of gensim know it, without its traps."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_vectors import made, unit

from fastw2v.errors import FormatError
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.safetensors import read_arrays, write_arrays


@pytest.fixture
def wv() -> KeyedVectors:
    return made()


# Making


def test_an_empty_one() -> None:
    wv = KeyedVectors(7)
    assert len(wv) == 0 and wv.vector_size == 7 and list(wv) == []
    assert wv.vectors.shape == (0, 7) and wv.vectors.dtype == np.float32
    assert wv.counts is None and wv.norms.shape == (0,)
    assert "a" not in wv and wv.most_similar(np.ones(7)) == []
    assert KeyedVectors(vector_size=2, dtype="float64").vectors.dtype == np.float64
    assert repr(wv) == "KeyedVectors(0 keys, 7 dimensions)"


def test_bad_sizes_and_dtypes() -> None:
    with pytest.raises(ValueError, match="vector_size must be an integer of at least 1, got 0"):
        KeyedVectors(0)
    with pytest.raises(TypeError, match="vector_size"):
        KeyedVectors(2.5)  # type: ignore[arg-type]
    for dtype in (np.int32, "complex128"):
        with pytest.raises(ValueError, match="dtype must be one of float16, float32, float64"):
            KeyedVectors(3, dtype=dtype)


def test_vectors_stay_shared() -> None:
    table = np.zeros((3, 16), np.float32)
    wv = KeyedVectors.from_arrays(["a", "b", "c"], table[:, :10])
    assert wv.most_similar("a", topn=None).tolist() == [0, 0, 0]
    table[:, 1] = [1, 2, -3]
    assert wv["b"].tolist() == [0, 2, *[0] * 8]
    assert wv.norms.tolist() == [1, 2, 3]
    assert wv.most_similar("a", topn=None).tolist() == [1, 1, -1]


def test_keys_of_any_sequence_type() -> None:
    vectors = np.eye(2)
    strings: list[Any] = [("a", "b"), np.array(["a", "b"]), [np.str_("a"), "b"]]
    for keys in strings:
        assert list(map(type, KeyedVectors.from_arrays(keys, vectors).index_to_key)) == [str, str]
    integers: list[Any] = [range(2), np.array([0, 1], np.uint8), [np.int64(0), 1]]
    for keys in integers:
        assert list(map(type, KeyedVectors.from_arrays(keys, vectors).index_to_key)) == [int, int]


@pytest.mark.parametrize(
    "keys", [["a", 1], [b"a", b"b"], [1.0, 2.0], [True, False], "ab", [None, 2]]
)
def test_keys_that_are_neither_all_str_nor_all_int(keys: Any) -> None:
    with pytest.raises(TypeError, match=r"keys? must be"):
        KeyedVectors.from_arrays(keys, np.eye(2))


def test_arrays_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="keys must be distinct, got '왕' twice"):
        KeyedVectors.from_arrays(["왕", "b", "왕"], np.eye(3))
    for shape in ((3, 2), (2,), (2, 2, 2)):
        with pytest.raises(ValueError, match="vectors must have shape"):
            KeyedVectors.from_arrays(["a", "b"], np.zeros(shape))
    with pytest.raises(ValueError, match="dtype must be"):
        KeyedVectors.from_arrays(["a", "b"], np.zeros((2, 2), int))
    with pytest.raises(ValueError, match=r"counts must have shape \(2,\), got \(3,\)"):
        KeyedVectors.from_arrays(["a", "b"], np.eye(2), counts=[1, 2, 3])


# Looking up


def test_one_vector_is_a_read_only_view(wv: KeyedVectors) -> None:
    vector = wv["여왕"]
    np.testing.assert_array_equal(vector, wv.vectors[2])
    assert vector.shape == (20,) and np.shares_memory(vector, wv.vectors)
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1
    assert wv.vectors.flags.writeable


def test_several_vectors_are_a_copy(wv: KeyedVectors) -> None:
    queries: list[Any] = [
        ["king", "왕"],
        ("king", "왕"),
        np.array(["king", "왕"]),
        iter(["king", "왕"]),
    ]
    for keys in queries:
        found = wv[keys]
        np.testing.assert_array_equal(found, wv.vectors[[1, 0]])
        assert not np.shares_memory(found, wv.vectors)
    assert wv[["왕", "왕"]].shape == (2, 20)
    assert wv[[]].shape == (0, 20) and wv[[]].dtype == np.float32


def test_membership_rows_and_counts(wv: KeyedVectors) -> None:
    assert "두 낱말" in wv and "" in wv and "세 낱말" not in wv
    assert wv.key_to_index["queen"] == wv.get_index("queen") == 3
    assert wv.index_to_key[3] == "queen" and list(wv)[:2] == ["왕", "king"]
    assert wv.get_index("없다", default=-1) == -1 and wv.get_index("없다", None) is None
    assert wv.get_vecattr("king", "count") == 199
    with pytest.raises(KeyError, match="attribute 'size' unknown"):
        wv.get_vecattr("king", "size")
    with pytest.raises(KeyError, match="no counts"):
        KeyedVectors.from_arrays(["a"], np.eye(1)).get_vecattr("a", "count")


def test_an_unknown_key_is_named_everywhere(wv: KeyedVectors) -> None:
    calls: list[Any] = [
        lambda: wv["없다"],
        lambda: wv[["왕", "없다"]],
        lambda: wv.get_index("없다"),
        lambda: wv.get_vector("없다"),
        lambda: wv.get_vecattr("없다", "count"),
        lambda: wv.similarity("왕", "없다"),
        lambda: wv.distance("없다", "왕"),
        lambda: wv.most_similar("없다"),
        lambda: wv.most_similar("왕", negative=[("없다", 2.0)]),
        lambda: wv.similar_by_word("없다"),
        lambda: wv.similar_by_key("없다"),
    ]
    for call in calls:
        with pytest.raises(KeyError, match="key '없다' not in vocabulary"):
            call()


@pytest.mark.parametrize("key", [None, 1.5, np.float32(2)])
def test_what_is_no_key_says_what_keys_are(key: Any, wv: KeyedVectors) -> None:
    with pytest.raises(TypeError, match=rf"a str or an int, or give a list .*{key}"):
        wv[key]


def test_an_integer_is_never_a_row_number(wv: KeyedVectors) -> None:
    assert 0 not in wv
    hint = r"key 0 not in vocabulary.*wv\.vectors\[0\] or wv\.index_to_key\[0\]"
    calls: list[Any] = [lambda: wv[0], lambda: wv.most_similar(0), lambda: wv[[0]]]
    for call in calls:
        with pytest.raises(KeyError, match=hint):
            call()
    ids = KeyedVectors.from_arrays([5, 0, -2], np.eye(3))
    assert ids[0].tolist() == [0, 1, 0] and ids[np.int64(-2)].tolist() == [0, 0, 1]
    assert 1 not in ids and np.int32(5) in ids and "5" not in ids
    assert ids[np.array([0, 5])].tolist() == [[0, 1, 0], [1, 0, 0]]
    assert ids.most_similar(5) == [(0, 0.0), (-2, 0.0)]
    with pytest.raises(KeyError, match="key 1 not in vocabulary"):
        ids[1]


def test_norms_and_unit_vectors() -> None:
    for dtype in (np.float16, np.float32, np.float64):
        wv = made(700, 20, dtype=dtype)
        wv.vectors[3] = 0
        exact = np.linalg.norm(wv.vectors.astype(np.float64), axis=1)
        np.testing.assert_allclose(wv.norms, exact, rtol=1e-6)
        assert wv.norms.dtype == (np.float64 if dtype == np.float64 else np.float32)
        units = wv.get_normed_vectors()
        assert units.shape == (700, 20) and units.dtype == dtype
        lengths = np.linalg.norm(units.astype(np.float64), axis=1)
        np.testing.assert_allclose(
            np.delete(lengths, 3), 1, rtol=2e-3 if dtype == np.float16 else 1e-6
        )
        assert not units[3].any() and not wv.get_vector("queen", norm=True).any()
        normed = wv.get_vector("king", norm=True)
        assert normed.dtype == dtype and not normed.flags.writeable
        np.testing.assert_allclose(normed, units[1], rtol=2e-3 if dtype == np.float16 else 1e-6)


def test_extreme_lengths() -> None:
    table = np.array([[1e-30, 0], [1e-30, 1e-30], [1e30, 1e30], [0, 0]], np.float32)
    wv = KeyedVectors.from_arrays(["작다", "b", "크다", "0"], table)
    for left, right, cosine in (("작다", "b", 0.5**0.5), ("b", "크다", 1.0), ("0", "크다", 0.0)):
        assert wv.similarity(left, right) == pytest.approx(cosine, rel=1e-6)
        assert wv.most_similar(left, topn=None)[wv.get_index(right)] == pytest.approx(
            cosine, rel=1e-6
        )


def test_copies_are_independent(wv: KeyedVectors) -> None:
    twin = copy.deepcopy(wv)
    wv.vectors[0] = 0
    assert twin["왕"].any() and twin.index_to_key == wv.index_to_key


# Similarities of a few


def test_similarity_and_distance(wv: KeyedVectors) -> None:
    cosine = unit(wv["왕"]) @ unit(wv["여왕"])
    assert wv.similarity("왕", "여왕") == pytest.approx(cosine, abs=1e-9)
    assert wv.distance("왕", "여왕") == pytest.approx(1 - cosine, abs=1e-9)
    for key in wv:
        assert wv.similarity(key, key) == 1.0 and wv.distance(key, key) == 0.0
    assert isinstance(wv.similarity("왕", "여왕"), float)


def test_n_similarity(wv: KeyedVectors) -> None:
    left, right = ["왕", "king"], ["여왕"]
    cosine = unit(wv[left].mean(axis=0)) @ unit(wv["여왕"])
    assert wv.n_similarity(left, right) == pytest.approx(cosine, abs=1e-6)
    assert wv.n_similarity(["왕"], ["여왕"]) == wv.similarity("왕", "여왕")
    assert wv.n_similarity(iter(left), tuple(left)) == pytest.approx(1)
    with pytest.raises(ValueError, match="ws1 must hold at least one key"):
        wv.n_similarity([], right)
    with pytest.raises(ValueError, match="ws2 must hold at least one key"):
        wv.n_similarity(left, [])
    with pytest.raises(TypeError, match="ws2 must be a list of keys, got '왕'"):
        wv.n_similarity(left, "왕")


def test_doesnt_match() -> None:
    rows = [[1, 0.1], [50, 3], [1, -0.2], [-0.1, 2]]
    wv = KeyedVectors.from_arrays(["개", "고양이", "cat", "자동차"], np.array(rows))
    assert wv.doesnt_match(["개", "고양이", "자동차", "cat"]) == "자동차"
    assert wv.doesnt_match(["개"]) == "개"
    assert wv.doesnt_match(["개", "개"]) == "개"
    with pytest.raises(ValueError, match="words must hold at least one key"):
        wv.doesnt_match([])
    with pytest.raises(TypeError, match="words must be a list of keys"):
        wv.doesnt_match("개")


# Files


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("rows", [0, 1, 7, 200])
def test_save_and_load(tmp_path: Path, rows: int, dtype: Any) -> None:
    wv = made(rows, 3, dtype=dtype)
    wv.save(tmp_path / "벡터")
    found = KeyedVectors.load(str(tmp_path / "벡터"))
    assert found.index_to_key == wv.index_to_key
    assert found.vectors.dtype == dtype
    np.testing.assert_array_equal(found.vectors, wv.vectors)
    np.testing.assert_array_equal(found.counts, wv.counts)
    assert all(array.flags.aligned for array in (found.vectors, found.counts) if array is not None)
    assert not found.vectors.flags.writeable
    if rows:
        assert found.most_similar("왕") == wv.most_similar("왕")


def test_save_any_keys_with_or_without_counts(tmp_path: Path) -> None:
    for keys in (["\ud800", "a b", "\n", "\0", ""], [3, 1, -4, 1 << 62, 0]):
        KeyedVectors.from_arrays(keys, np.eye(5)).save(tmp_path / "v")
        found = KeyedVectors.load(tmp_path / "v")
        assert found.index_to_key == keys and found.counts is None
    with pytest.raises(ValueError, match="64 bits"):
        KeyedVectors.from_arrays([1 << 70], np.eye(1)).save(tmp_path / "v")
    assert KeyedVectors.load(tmp_path / "v").index_to_key == keys


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_not_finite_are_not_saved(value: float, tmp_path: Path) -> None:
    wv = made(5000)
    wv.save(tmp_path / "v")
    before = (tmp_path / "v").read_bytes()
    wv.vectors[4711, 3] = value
    with pytest.raises(ValueError, match="key 'w4711' holds NaN or infinity"):
        wv.save(tmp_path / "v")
    assert (tmp_path / "v").read_bytes() == before


def test_finite_vectors_of_any_length_are_saved(tmp_path: Path) -> None:
    wv = KeyedVectors.from_arrays(["a"], np.full((1, 2), 1e308))  # whose norm overflows
    wv.save(tmp_path / "v")
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "v").vectors, wv.vectors)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_named_by_its_key(value: float, wv: KeyedVectors) -> None:
    wv.vectors[1, 3] = value
    key, other = wv.index_to_key[1], wv.index_to_key[0]
    calls: list[Any] = [
        lambda: wv.similarity(key, other),
        lambda: wv.distance(other, key),
        lambda: wv.n_similarity([other], [other, key]),
        lambda: wv.doesnt_match([other, key]),
        lambda: wv.most_similar(key),
        lambda: wv.get_vector(key, norm=True),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=f"the vector of key '{key}' holds NaN or infinity"):
            call()
    assert wv.get_vector(key) is not None


def test_a_vector_too_long_for_a_norm_is_not_said_to_be_infinite() -> None:
    wv = KeyedVectors.from_arrays(["짧다", "길다"], np.array([[1.0, 0], [1.5e308, 1.5e308]]))
    with pytest.raises(ValueError, match="'길다' is too long to have a length in float64"):
        wv.norms  # noqa: B018
    assert wv.most_similar("짧다") == [("길다", pytest.approx(0.5**0.5))]


def test_a_map_can_be_saved_over_itself(tmp_path: Path) -> None:
    made().save(tmp_path / "v")
    KeyedVectors.load(tmp_path / "v").save(tmp_path / "v")
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "v").vectors, made().vectors)


def test_load_refuses_other_files(tmp_path: Path) -> None:
    path = tmp_path / "v"
    with pytest.raises(FileNotFoundError):
        KeyedVectors.load(path)
    path.write_text("왕 1", encoding="utf-8")
    with pytest.raises(FormatError):
        KeyedVectors.load(path)
    made(5).save(path)
    arrays, metadata = read_arrays(path)
    arrays = {name: np.array(array) for name, array in arrays.items()}
    broken: list[dict[str, Any]] = [
        {**arrays, "vectors": arrays["vectors"][:-1]},
        {**arrays, "vectors": arrays["vectors"][0]},
        {**arrays, "vectors": arrays["vectors"].astype(int)},
        {**arrays, "counts": arrays["counts"][:-1]},
        {**arrays, "key_ends": arrays["key_ends"] + 1},
        {
            **arrays,
            "key_ends": np.zeros_like(arrays["key_ends"]),
            "key_bytes": np.empty(0, np.uint8),
        },
        {name: array for name, array in arrays.items() if name != "vectors"},
        {name: array for name, array in arrays.items() if name != "key_ends"},
    ]
    for contents in broken:
        write_arrays(path, contents, metadata)
        with pytest.raises(FormatError, match="holds no keyed vectors"):
            KeyedVectors.load(path)


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_files(tmp_path: Path, binary: bool) -> None:
    wv = made(8, 5)
    for name in ("v", "v.gz"):
        wv.save_word2vec_format(tmp_path / name, binary=binary)
        found = KeyedVectors.load_word2vec_format(tmp_path / name, binary=binary)
        assert found.index_to_key == wv.index_to_key and found.counts is None
        np.testing.assert_array_equal(found.vectors, wv.vectors)
    few = KeyedVectors.load_word2vec_format(
        tmp_path / "v", binary=binary, limit=3, datatype=np.float64
    )
    assert len(few) == 3 and few.vectors.dtype == np.float64
    wv.save_word2vec_format(tmp_path / "glove", write_header=False)
    glove = KeyedVectors.load_word2vec_format(tmp_path / "glove", no_header=True)
    np.testing.assert_array_equal(glove.vectors, wv.vectors)
    with pytest.raises(ValueError, match="key '두 낱말' holds a space"):
        made(9).save_word2vec_format(tmp_path / "spaces", binary=binary)


def test_vectors_that_were_locked_are_copied_for_good() -> None:
    """Not until the next key is added: the room behind the old rows is none of the copy's."""
    wv = KeyedVectors(2)
    wv.add_vectors(["왕", "king", "개"], np.eye(3, 2))
    wv.add_vector("차", [5, 5])
    wv.vectors.flags.writeable = False
    wv["왕"] = np.array([7.0, 7])
    wv.add_vector("말", [9, 9])
    assert wv["왕"].tolist() == [7, 7] and wv["말"].tolist() == [9, 9]


def test_counts_of_any_dtype_are_sorted() -> None:
    wv = KeyedVectors.from_arrays(["드물다", "없다", "the"], np.eye(3), np.array([1, 0, 50], "u4"))
    wv.sort_by_descending_frequency()
    assert wv.index_to_key == ["the", "드물다", "없다"]
