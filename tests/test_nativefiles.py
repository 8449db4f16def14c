"""Files of save and load: what KeyedVectors hold comes back, at once, from either container."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import KeyedVectors
from fastw2v.errors import FormatError
from fastw2v.npz import read_npz, write_npz
from fastw2v.safetensors import pack_keys, read_arrays, write_arrays

WORDS = ["왕", "king", "두 낱말", "", "line\n", "\ud800"]
NAMES = ["v.safetensors", "v.npz"]


def made(dtype: Any = np.float32, keys: Any = WORDS) -> KeyedVectors:
    vectors = np.random.default_rng(0).normal(size=(len(keys), 16)).astype(dtype)[:, :7]
    return KeyedVectors.from_arrays(keys, vectors, np.arange(len(keys), 0, -1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("keys", [WORDS, [5, -7, 1 << 40], []], ids=["words", "ids", "none"])
def test_everything_comes_back(tmp_path: Path, name: str, dtype: str, keys: Any) -> None:
    wv = made(dtype, keys)
    wv.expandos["rank"] = np.arange(len(keys), dtype=np.int32)
    wv.expandos["weight"] = np.linspace(0, 1, len(keys))
    kinds = np.empty(len(keys), object)
    kinds[: min(2, len(keys))] = ["사람", None][: len(keys)]
    wv.expandos["kind"] = kinds
    wv.save(tmp_path / name)
    found = KeyedVectors.load(tmp_path / name)
    assert found.index_to_key == keys and found.key_to_index == wv.key_to_index
    assert found.vectors.dtype == dtype
    np.testing.assert_array_equal(found.vectors, wv.vectors)
    assert found.expandos.keys() == {"count", "rank", "weight", "kind"}
    for attribute, values in wv.expandos.items():
        assert found.expandos[attribute].dtype == values.dtype
        assert found.expandos[attribute].tolist() == values.tolist()
    assert found.vectors_lockf.tolist() == [1]


@pytest.mark.parametrize("name", NAMES)
def test_lock_factors_come_back(tmp_path: Path, name: str) -> None:
    wv = made()
    wv.vectors_lockf = np.array([0, 1, 0.5, 1, 1, 1], np.float32)
    wv.save(tmp_path / name)
    found = KeyedVectors.load(tmp_path / name)
    assert found.vectors_lockf.tolist() == wv.vectors_lockf.tolist()
    found.vectors_lockf[1] = 0  # no part of the map
    wv.vectors_lockf = np.zeros(5, np.float32)
    with pytest.raises(ValueError, match=r"wv.vectors_lockf must have shape \(1,\) or \(6,\)"):
        wv.save(tmp_path / name)
    wv.vectors_lockf = np.zeros(1, np.float32)
    wv.save(tmp_path / name)
    assert KeyedVectors.load(tmp_path / name).vectors_lockf.tolist() == [0] * 6


def test_the_name_tells_what_is_written_and_the_content_what_is_read(tmp_path: Path) -> None:
    wv = made(keys=["a", "b"])
    wv.save(tmp_path / "v.NPZ")
    with np.load(tmp_path / "v.NPZ", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["vectors"], wv.vectors)
        assert sorted(arrays) == ["counts", "key_bytes", "key_ends", "vectors"]
        assert arrays["key_bytes"].tobytes() == b"ab"
    (tmp_path / "v.NPZ").rename(tmp_path / "v.safetensors")
    assert KeyedVectors.load(tmp_path / "v.safetensors").index_to_key == ["a", "b"]


def test_objects_that_only_pickle_could_hold_are_refused(tmp_path: Path) -> None:
    wv = made(keys=["a", "b"])
    wv.expandos["thing"] = np.array([object(), None])
    for name in NAMES:
        with pytest.raises(ValueError, match="attribute 'thing' holds objects that only a pickle"):
            wv.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_one_can_be_queried_copied_and_pickled(tmp_path: Path, name: str) -> None:
    wv = made(keys=WORDS[:5])
    wv.save(tmp_path / name)

    def fresh() -> KeyedVectors:
        return KeyedVectors.load(tmp_path / name)

    assert len(fresh()) == 5 and "왕" in fresh() and list(fresh()) == WORDS[:5]
    assert fresh().get_index("king") == 1 and fresh().most_similar("왕", topn=1)
    for other in (copy.copy(fresh()), copy.deepcopy(fresh()), pickle.loads(pickle.dumps(fresh()))):
        assert other.index_to_key == WORDS[:5]
        np.testing.assert_array_equal(other["king"], wv["king"])
    with pytest.raises(AttributeError, match="'KeyedVectors' object has no attribute 'wv'"):
        fresh().wv  # type: ignore[attr-defined] # noqa: B018


def test_threads_may_be_the_first_to_ask_for_keys(tmp_path: Path) -> None:
    keys = [f"낱말{row}" for row in range(3000)]
    made(keys=keys).save(tmp_path / "v")
    for _ in range(20):
        wv = KeyedVectors.load(tmp_path / "v")
        with ThreadPoolExecutor(4) as pool:
            rows = list(pool.map(wv.get_index, keys[::500] * 2))
        assert rows == [*range(0, 3000, 500)] * 2 and wv.index_to_key == keys


def arrays_of(keys: list[str], **others: Any) -> dict[str, Any]:
    vectors = np.zeros((len(keys), 2), np.float32)
    return {**pack_keys(keys), "vectors": vectors, **others}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"vectors": None}, "vectors"),
        ({"key_bytes": None}, "key_bytes"),
        ({"vectors": np.zeros((3, 2), np.float32)}, r"vectors must have shape .* n = 2"),
        ({"vectors": np.zeros(2, np.float32)}, r"vectors must have shape .* n = 2"),
        ({"vectors": np.zeros((2, 2), np.int32)}, "dtype must be one of"),
        ({"key_ends": np.array([1, 9])}, "key_ends does not divide the 4 bytes"),
        ({"key_ends": np.array([5, 4])}, "key_ends does not divide the 4 bytes"),
        ({"key_ends": np.array([1.0, 4.0])}, "key_ends must be 1-D int64"),
        ({"key_ends": np.array([2, 4])}, "key 1 begins inside a character"),
        ({"key_bytes": np.frombuffer(b"a\xff\xff\xff", np.uint8)}, "decode"),
        (pack_keys(["왕", "왕"]), "keys must be distinct, got '왕' twice"),
        ({"counts": np.zeros(3)}, r"counts must have shape \(2,\)"),
        ({"attribute.size": np.zeros((2, 2))}, r"attribute.size must have shape \(2,\)"),
        ({"objects.attribute.kind": np.frombuffer(b"[1", np.uint8)}, "Expecting"),
        ({"objects.attribute.kind": np.frombuffer(b"[1]", np.uint8)}, "must have shape"),
        ({"objects.attribute.kind": np.frombuffer(b"{}", np.uint8)}, "no list"),
        ({"objects.attribute.kind": np.frombuffer(b"[" * 99_999, np.uint8)}, "recursion|Expecting"),
        ({"vectors_lockf": np.zeros(1)}, "vectors_lockf must have shape"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_arrays_that_do_not_fit(
    tmp_path: Path, changes: dict[str, Any], problem: str, name: str
) -> None:
    arrays = {k: v for k, v in arrays_of(["a", "왕"], **changes).items() if v is not None}
    if name == "v.npz":
        write_npz(tmp_path / name, arrays)
    else:
        write_arrays(tmp_path / name, arrays, {})
    with pytest.raises(FormatError, match=problem) as caught:
        KeyedVectors.load(tmp_path / name)
    assert caught.value.path == str(tmp_path / name)


@pytest.mark.parametrize("compressed", [False, True])
def test_npz_files_of_numpy_are_read(tmp_path: Path, compressed: bool) -> None:
    arrays = {
        **arrays_of(["a", "왕"]),
        "vectors": np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3)),
    }
    (np.savez_compressed if compressed else np.savez)(tmp_path / "v.npz", **arrays)
    found = KeyedVectors.load(tmp_path / "v.npz")
    assert found.vectors.dtype.isnative
    np.testing.assert_array_equal(found["왕"], [3, 4, 5])


def test_npz_keeps_arrays_of_every_kind(tmp_path: Path) -> None:
    arrays = {
        "flags": np.array([True, False]),
        "empty": np.empty((0, 3), np.float16),
        "scalar": np.array(7),
        "words": np.array(["왕", "king"]),
        "strided": np.arange(20)[::3],
    }
    write_npz(tmp_path / "a.npz", arrays)
    found = read_npz(tmp_path / "a.npz")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
    kept = (tmp_path / "a.npz").read_bytes()
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        write_npz(tmp_path / "a.npz", {"things": np.array([object()])})
    assert (tmp_path / "a.npz").read_bytes() == kept
    write_npz(tmp_path / "b.npz", arrays)
    assert (tmp_path / "b.npz").read_bytes() == kept  # the same arrays give the same file


def test_a_pickle_in_an_npz_file_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays_of(["a"], counts=np.array([{"a": 1}])))
    with pytest.raises(FormatError, match=r"byte \d+: counts\.npy: it holds pickled objects"):
        KeyedVectors.load(tmp_path / "v.npz")


def test_files_are_the_same_arrays_in_either_container(tmp_path: Path) -> None:
    for name in NAMES:
        made().save(tmp_path / name)
    ours, theirs = read_arrays(tmp_path / NAMES[0])[0], read_npz(tmp_path / NAMES[1])
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(array, theirs[name])
