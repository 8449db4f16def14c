"""The container of native files: what is written comes back, what is damaged is refused."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v.errors import FormatError, TruncatedError
from fastw2v.safetensors import pack_keys, read_arrays, unpack_keys, write_arrays

DTYPES = ["?", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"]
ODD_KEYS = ["왕", "", "두 낱말", "줄\n바꿈", "\0", "a\0", "\ud800", "\udc00", "😀", " ", "a" * 5000]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "배열.safetensors"


def raw_file(path: Path, header: Any, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (0,), (3, 0), (5, 3), (2, 3, 4)])
def test_every_dtype_and_shape_comes_back(path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    write_arrays(path, {"x": array}, {})
    found = read_arrays(path)[0]["x"]
    assert found.dtype == array.dtype and found.shape == shape
    np.testing.assert_array_equal(found, array)


def test_order_metadata_and_bits_come_back(path: Path) -> None:
    values = np.array([0.0, -0.0, np.nan, np.inf, 1e-45, np.pi], np.float32)
    metadata = {"모델": "왕\n\udc80", "": ""}
    write_arrays(path, {"z": values, "a": np.arange(3), "m": np.array([True])}, metadata)
    arrays, found = read_arrays(str(path))
    assert list(arrays) == ["z", "a", "m"]
    assert found == metadata
    assert arrays["z"].tobytes() == values.tobytes()


def test_no_arrays_at_all(path: Path) -> None:
    write_arrays(path, {}, {"a": "b"})
    assert read_arrays(path) == ({}, {"a": "b"})


def test_the_file_follows_the_published_format(path: Path) -> None:
    write_arrays(path, {"x": np.arange(6, dtype=np.int16).reshape(2, 3)}, {"k": "v"})
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert (8 + length) % 64 == 0
    assert json.loads(content[8 : 8 + length]) == {
        "__metadata__": {"k": "v"},
        "x": {"dtype": "I16", "shape": [2, 3], "data_offsets": [0, 12]},
    }
    assert content[8:9] == b"{"
    assert content[8 + length :] == np.arange(6, dtype="<i2").tobytes()


@pytest.mark.parametrize("length", range(130))
def test_data_begins_at_a_multiple_of_64_bytes(path: Path, length: int) -> None:
    write_arrays(path, {"x": np.ones(1)}, {"k": "v" * length})
    assert (os.path.getsize(path) - 8) % 64 == 0


def test_views_are_written_as_they_look(path: Path) -> None:
    table = np.arange(60, dtype=np.float32).reshape(6, 10)
    views = {
        "padded": table[:, :7],
        "columns": table[:, ::3],
        "reversed": table[::-1],
        "transposed": table.T,
        "big": table.astype(">f4"),
        "scalar": table[2, 3],
    }
    write_arrays(path, views, {})
    for name, array in read_arrays(path)[0].items():
        np.testing.assert_array_equal(array, views[name], err_msg=name)


def test_a_padded_view_and_a_memory_map_are_never_copied_whole(path: Path, tmp_path: Path) -> None:
    rows = 100_000
    table = np.ones((rows, 104), np.float32)
    mapped = np.memmap(tmp_path / "map", np.float32, "w+", shape=(rows, 100))
    tracemalloc.start()
    write_arrays(path, {"view": table[:, :100], "mapped": mapped}, {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6 < 400 * rows
    np.testing.assert_array_equal(read_arrays(path)[0]["view"], table[:, :100])


def test_arrays_are_read_only_maps(path: Path) -> None:
    write_arrays(path, {"x": np.zeros((100_000, 100), np.float32)}, {})
    tracemalloc.start()
    array = read_arrays(path)[0]["x"]
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1


def test_maps_survive_replacing_the_file(path: Path) -> None:
    write_arrays(path, {"x": np.arange(1000)}, {})
    array = read_arrays(path)[0]["x"]
    write_arrays(path, {"x": array[::-1]}, {})
    assert array[0] == 0
    assert read_arrays(path)[0]["x"][0] == 999


def test_misaligned_arrays_of_other_programs_are_copied(path: Path) -> None:
    write_arrays(path, {"b": np.ones(1, np.uint8), "x": np.arange(4.0)}, {})
    array = read_arrays(path)[0]["x"]
    assert array.flags.aligned and not array.flags.writeable
    np.testing.assert_array_equal(array, np.arange(4.0))


@pytest.mark.parametrize("dtype", ["c8", "U3", "O", "M8[s]"])
def test_foreign_dtypes_are_refused(path: Path, dtype: str) -> None:
    with pytest.raises(TypeError, match="arrays\\['x'\\] has dtype"):
        write_arrays(path, {"x": np.zeros(2, dtype)}, {})
    assert not path.exists()


def test_bad_names_and_metadata_are_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="reserved"):
        write_arrays(path, {"__metadata__": np.zeros(2)}, {})
    with pytest.raises(TypeError, match="metadata must map str to str"):
        write_arrays(path, {}, {"epochs": 5})  # type: ignore[dict-item]
    assert list(path.parent.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    write_arrays(path, {"x": np.arange(3)}, {})

    class Broken(np.ndarray[Any, Any]):
        def __getitem__(self, item: Any) -> Any:
            raise OSError("disk is gone")

    with pytest.raises(OSError, match="disk is gone"):
        write_arrays(path, {"x": np.arange(9), "y": np.arange(9).view(Broken)}, {})
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert len(read_arrays(path)[0]["x"]) == 3


def test_unwritable_and_missing_paths(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_arrays(tmp_path / "nowhere" / "x", {}, {})
    with pytest.raises(IsADirectoryError):
        write_arrays(tmp_path, {}, {})
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "nothing")


def test_a_file_cut_at_any_byte_is_refused(path: Path) -> None:
    write_arrays(path, {"x": np.arange(5), "y": np.arange(3, dtype=np.uint8)}, {"키": "값"})
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(FormatError, match=r"byte \d+: .*copy or write it again") as caught:
            read_arrays(path)
        assert caught.value.path == str(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(FormatError, match=f"byte {len(content)}: 1 bytes too many"):
        read_arrays(path)


def test_a_cut_in_the_data_says_where(path: Path) -> None:
    write_arrays(path, {"x": np.arange(100)}, {})
    os.truncate(path, os.path.getsize(path) - 1)
    with pytest.raises(TruncatedError, match=f"byte {os.path.getsize(path)}: the file ends"):
        read_arrays(path)


HUGE = 2**62
BAD_HEADERS: dict[str, tuple[Any, bytes]] = {
    "no JSON": (b"{nonsense", b""),
    "not UTF-8": (b'{"\xff": 1}', b""),
    "no object": ([1, 2], b""),
    "too deep": (b"[" * 100_000, b""),
    "name repeated": (b'{"a": {}, "a": {}}', b""),
    "metadata no map": ({"__metadata__": 3}, b""),
    "metadata of numbers": ({"__metadata__": {"a": 3}}, b""),
    "entry no object": ({"x": 7}, b"\0" * 8),
    "entry without shape": ({"x": {"dtype": "F32", "data_offsets": [0, 8]}}, b"\0" * 8),
    "unknown dtype": ({"x": entry("BF16", [4])}, b"\0" * 8),
    "dtype no string": ({"x": entry(["F32"])}, b"\0" * 8),
    "negative size": ({"x": entry(shape=[-2])}, b"\0" * 8),
    "fractional size": ({"x": entry(shape=[2.0])}, b"\0" * 8),
    "boolean size": ({"x": entry(shape=[True, 2])}, b"\0" * 8),
    "shape no list": ({"x": entry(shape=2)}, b"\0" * 8),
    "three offsets": ({"x": entry(offsets=[0, 8, 8])}, b"\0" * 8),
    "negative offset": ({"x": entry(offsets=[-8, 0])}, b"\0" * 8),
    "reversed offsets": ({"x": entry(offsets=[8, 0])}, b"\0" * 8),
    "shape beyond offsets": ({"x": entry(shape=[3])}, b"\0" * 8),
    "huge promise": ({"x": entry("U8", [HUGE], [0, HUGE])}, b"\0" * 8),
    "product overflow": ({"x": entry("U8", [HUGE, 4], [0, 0])}, b""),
    "huge size of nothing": ({"x": entry("U8", [0, 2**70], [0, 0])}, b""),
    "too many dimensions": ({"x": entry("U8", [1] * 100, [0, 1])}, b"\0"),
    "gap before": ({"x": entry(offsets=[4, 12])}, b"\0" * 12),
    "gap between": ({"x": entry(), "y": entry(offsets=[12, 20])}, b"\0" * 20),
    "overlap": ({"x": entry(), "y": entry(offsets=[4, 12])}, b"\0" * 12),
}


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_bad_headers_are_refused(path: Path, case: str) -> None:
    header, data = BAD_HEADERS[case]
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"byte \d+: "):
        read_arrays(raw_file(path, header, data))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6


@pytest.mark.parametrize("length", [1, 2**20, 2**40, 2**64 - 1])
def test_a_lying_header_length_allocates_nothing(path: Path, length: int) -> None:
    path.write_bytes(length.to_bytes(8, "little"))
    with pytest.raises(FormatError, match=f"promises a header of {length} bytes, 0 follow"):
        read_arrays(path)


def test_text_is_refused(path: Path) -> None:
    path.write_text("왕 0.1 0.2\n" * 100, encoding="utf-8")
    with pytest.raises(FormatError, match="no safetensors file"):
        read_arrays(path)


def test_random_damage_never_gives_anything_but_format_errors(path: Path) -> None:
    write_arrays(path, {"x": np.arange(4), **pack_keys(["왕", "b"])}, {"k": "v"})
    content = path.read_bytes()
    for seed in range(500):
        rng = np.random.default_rng(seed)
        damaged = bytearray(content)
        for position in rng.integers(len(damaged), size=rng.integers(1, 4)):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            read_arrays(path)
        except FormatError:
            pass
        except Exception as error:
            pytest.fail(f"seed {seed}: {error!r}")


def through_file(path: Path) -> Callable[[Any], Any]:
    def pack_and_unpack(keys: Any) -> Any:
        write_arrays(path, pack_keys(keys), {})
        return unpack_keys(read_arrays(path)[0])

    return pack_and_unpack


@pytest.mark.parametrize(
    "keys",
    [[], ["a"], [""], ["", "", ""], ODD_KEYS, ["\ud83d", "\ude00"], [0, -1, 2**63 - 1, -(2**63)]],
    ids=["none", "one", "empty", "three empty", "odd", "halves of a pair", "integers"],
)
def test_any_keys_come_back(path: Path, keys: list[Any]) -> None:
    found = through_file(path)(keys)
    assert found == keys
    assert [type(key) for key in found] == [type(key) for key in keys]


def test_random_keys_come_back(path: Path) -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        keys = [
            "".join(map(chr, rng.integers(0, rng.choice([128, 0xD7FF, 0x110000]), size)))
            for size in rng.integers(0, 6, 40)
        ]
        assert through_file(path)(keys) == keys, f"seed {seed}"


def test_bad_keys_are_refused() -> None:
    with pytest.raises(TypeError, match="all str or all int, got int, str"):
        pack_keys(["a", 1])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got float"):
        pack_keys([1.5])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got bool"):
        pack_keys([True])
    with pytest.raises(ValueError, match="64 bits, got 9223372036854775808"):
        pack_keys([1, 2**63])


def ends(*values: int) -> Any:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"key_bytes": np.zeros(2, np.uint8)},
        {"key_ends": ends(2)},
        {"key_bytes": np.zeros(2, np.uint8), "key_ends": ends(1)},
        {"key_bytes": np.zeros(2, np.uint8), "key_ends": ends()},
        {"key_bytes": np.zeros(2, np.uint8), "key_ends": ends(3, 2)},
        {"key_bytes": np.zeros(2, np.uint8), "key_ends": ends(-1, 2)},
        {"key_bytes": np.zeros(2, np.uint8), "key_ends": np.array([2.0])},
        {"key_bytes": np.zeros((2, 1), np.uint8), "key_ends": ends(2)},
        {"key_bytes": np.full(2, 255, np.uint8), "key_ends": ends(2)},
        {"key_ids": np.zeros(2, np.int32)},
    ],
)
def test_arrays_that_are_no_keys_are_refused(arrays: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        unpack_keys(arrays)
