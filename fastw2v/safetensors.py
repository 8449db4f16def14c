"""The container of every native file: the safetensors format, read without copying.

A file is the length of its header (8 bytes, little-endian), the header (JSON: dtype, shape and byte
range of every array, and a string-to-string map named ``__metadata__``), then the arrays. Reading
it runs no code, and other programs can do so: https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, cast

import numpy as np

from fastw2v._files import atomic_write
from fastw2v._formats.packedkeys import PackedKeys
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, TruncatedError

_METADATA = "__metadata__"
_DTYPES = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_ALIGNMENT = 64
_BLOCK = 1 << 22
_MAX_HEADER = 100_000_000  # the format's own limit
_DAMAGED = "the file is damaged or no safetensors file: copy or write it again"


class _Place(NamedTuple):
    """One array of a file: what it is, and its bytes, counted from the first array."""

    name: str
    dtype: np.dtype[Any]
    shape: list[int]
    begin: int
    end: int


def write_arrays(
    path: StrPath,
    arrays: Mapping[str, Array],
    metadata: Mapping[str, str],
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Write named arrays to one safetensors file, in the given order.

    The data begins at a multiple of 64 bytes and has no gaps, so arrays in order of falling item
    size are all aligned. Views and memory maps are streamed by blocks of rows.

    Parameters
    ----------
    path : str or os.PathLike
        The file. It is replaced only once the new one is complete.
    arrays : mapping of str to ndarray
        Booleans, integers and floats of 16, 32 or 64 bits, of any shape.
    metadata : mapping of str to str
        What to keep beside them.
    tick : callable, optional
        Called before each block is written; what it raises ends the writing, with no file left.

    Raises
    ------
    TypeError
        An array's dtype or a metadata value does not exist in the format.
    ValueError
        An array bears the name that the format reserves for the metadata.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "words.safetensors")
    >>> write_arrays(path, {"counts": np.array([7, 2])}, {"언어": "한국어"})
    >>> read_arrays(path)
    ({'counts': array([7, 2])}, {'언어': '한국어'})
    """
    header = _encode_header(arrays, metadata)
    with atomic_write(path) as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for array in arrays.values():
            for block in _row_blocks(array):
                tick()
                file.write(block.data)


def read_arrays(path: StrPath) -> tuple[dict[str, Array], dict[str, str]]:
    """Open a safetensors file as read-only memory maps.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    arrays : dict of str to ndarray
        In file order. Nothing is read before it is used; only an array that another program has
        placed at a misaligned byte is copied.
    metadata : dict of str to str
        Empty if the file has none.

    Raises
    ------
    FormatError
        The file is truncated, damaged, of another format, or holds a dtype that numpy lacks.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "words.safetensors")
    >>> write_arrays(path, {"vectors": np.eye(2, dtype=np.float32)}, {})
    >>> arrays, metadata = read_arrays(path)
    >>> arrays["vectors"].flags.writeable
    False
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < 8:
            raise TruncatedError(path, f"byte {size}: the file is shorter than 8 bytes; {_DAMAGED}")
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, _MAX_HEADER):
            file.seek(0)
            if file.read(1) == b"\x80":
                raise FormatError(
                    path, "byte 0: this is a pickle, such as gensim writes, and none of our files"
                )
            raise FormatError(
                path, f"byte 0: promises a header of {length} bytes, {size - 8} follow; {_DAMAGED}"
            )
        header = _decode_header(path, file.read(length))
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    metadata = _check_metadata(path, header.pop(_METADATA, {}))
    return _map_arrays(path, header, mapped, 8 + length), metadata


def pack_keys(keys: Sequence[str] | Sequence[int]) -> dict[str, Array]:
    """Turn keys into arrays for `write_arrays`.

    Parameters
    ----------
    keys : sequence of str or of int
        Any strings whatever, or 64-bit integers.

    Returns
    -------
    dict of str to ndarray
        For strings `key_ends` (int64, the end of each key in bytes) and `key_bytes` (uint8, UTF-8);
        for integers `key_ids` (int64).

    Raises
    ------
    TypeError
        A key is neither, or strings and integers are mixed.
    ValueError
        An integer needs more than 64 bits.

    Examples
    --------
    >>> pack_keys(["a", "나"])["key_ends"]
    array([1, 4])
    >>> unpack_keys(pack_keys([10, -3]))
    [10, -3]
    """
    kinds = set(map(type, keys))
    if kinds <= {str}:
        encoded = [key.encode("utf-8", "surrogatepass") for key in cast("Sequence[str]", keys)]
        ends = np.fromiter(accumulate(map(len, encoded)), np.int64, len(encoded))
        return {"key_ends": ends, "key_bytes": np.frombuffer(b"".join(encoded), np.uint8)}
    if kinds <= {int}:
        try:
            return {"key_ids": np.array(keys, np.int64)}
        except OverflowError:
            key = max(cast("Sequence[int]", keys), key=abs)
            raise ValueError(f"integer keys must fit in 64 bits, got {key}") from None
    names = sorted(kind.__name__ for kind in kinds)
    raise TypeError(f"keys must be all str or all int, got {', '.join(names)}")


def unpack_keys(arrays: Mapping[str, Array]) -> list[str] | list[int]:
    r"""Return the keys that `pack_keys` made into arrays.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        As from `read_arrays`; other arrays may be among them.

    Returns
    -------
    list of str or list of int

    Raises
    ------
    ValueError
        The arrays are missing, or do not fit together.

    Examples
    --------
    >>> unpack_keys(pack_keys(["두 낱말", "line\n", ""]))
    ['두 낱말', 'line\n', '']
    """
    if "key_ids" in arrays:
        return cast("list[int]", _vector(arrays, "key_ids", np.int64).tolist())
    return packed_keys(arrays).unpack()


def packed_keys(arrays: Mapping[str, Array]) -> PackedKeys:
    """Return the string keys that `pack_keys` made into arrays, unpacked later; or ValueError."""
    return PackedKeys(_vector(arrays, "key_bytes", np.uint8), _vector(arrays, "key_ends", np.int64))


def _vector(arrays: Mapping[str, Array], name: str, dtype: type[np.generic]) -> Array:
    """Return the 1-D array `name`, or raise ValueError."""
    array = arrays.get(name)
    if array is None:
        raise ValueError(f"there is no array {name!r}")
    if array.ndim != 1 or array.dtype != dtype:
        raise ValueError(f"{name} must be 1-D {dtype.__name__}, is {array.ndim}-D {array.dtype}")
    return array


def _encode_header(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return the JSON header, padded with spaces so that the data is aligned."""
    for name, value in metadata.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"metadata must map str to str, got {name!r}: {value!r}")
    header: dict[str, Any] = {_METADATA: dict(metadata)}
    end = 0
    for name, array in arrays.items():
        if name == _METADATA:
            raise ValueError(f"arrays: the name {name!r} is reserved; use another")
        if _little_endian(array) not in _NAMES:
            raise TypeError(f"arrays[{name!r}] has dtype {array.dtype}; give one of {[*_DTYPES]}")
        start, end = end, end + array.nbytes
        dtype = _NAMES[_little_endian(array)]
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    return text + b" " * (-(8 + len(text)) % _ALIGNMENT)


def _little_endian(array: Array) -> np.dtype[Any]:
    """Return the dtype that the format stores the array in."""
    return array.dtype.newbyteorder("<")


def _row_blocks(array: Array) -> Iterator[Array]:
    """Yield the array as contiguous blocks of a few megabytes."""
    if array.size == 0:
        return
    rows = np.atleast_1d(array)
    step = max(1, _BLOCK // rows[0].nbytes)
    for start in range(0, len(rows), step):
        yield np.ascontiguousarray(rows[start : start + step], dtype=_little_endian(array))


def _decode_header(path: StrPath, raw: bytes) -> dict[str, Any]:
    """Return the header's JSON object."""
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        byte = 8 + getattr(error, "pos", getattr(error, "start", 0))
        raise FormatError(path, f"byte {byte}: bad header ({error}); {_DAMAGED}") from None
    if not isinstance(header, dict):
        raise FormatError(path, f"byte 8: the header is no JSON object; {_DAMAGED}")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object as a dict, or raise ValueError if a name is repeated."""
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name is repeated")
    return names


def _check_metadata(path: StrPath, metadata: object) -> dict[str, str]:
    """Return the metadata if it maps strings to strings."""
    if isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values()):
        return metadata
    raise FormatError(path, f"byte 8: {_METADATA} does not map strings to strings; {_DAMAGED}")


def _map_arrays(
    path: StrPath, entries: dict[str, Any], mapped: mmap.mmap, origin: int
) -> dict[str, Array]:
    """Return the arrays that the header's entries lay out from byte `origin` of the mapped file."""
    size = len(mapped)
    position = origin
    arrays = {}
    for place in _places(path, entries):
        begin, end = origin + place.begin, origin + place.end
        if end > size:
            raise TruncatedError(
                path,
                f"byte {size}: the file ends, array {place.name!r} should end at {end}; {_DAMAGED}",
            )
        if begin != position:
            raise FormatError(
                path, f"byte {position}: array {place.name!r} begins at {begin}; {_DAMAGED}"
            )
        try:
            array: Array = np.ndarray(place.shape, place.dtype, mapped, begin)
        except (ValueError, OverflowError) as error:
            raise FormatError(path, f"byte 8: array {place.name!r}: {error}; {_DAMAGED}") from None
        arrays[place.name] = array if array.flags.aligned else _read_only_copy(array)
        position = end
    if position != size:
        raise FormatError(path, f"byte {position}: {size - position} bytes too many; {_DAMAGED}")
    return arrays


def _places(path: StrPath, entries: dict[str, Any]) -> list[_Place]:
    """Return the places that the header gives, in file order."""
    places = []
    for name, entry in entries.items():
        try:
            places.append(_place(name, entry))
        except ValueError as error:
            raise FormatError(path, f"byte 8: array {name!r}: {error}; {_DAMAGED}") from None
    return sorted(places, key=lambda place: (place.begin, place.end))


def _place(name: str, entry: object) -> _Place:
    """Return the place that a header entry describes, or raise ValueError."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError("expected dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ValueError(f"dtype {dtype!r} is not one of {[*_DTYPES]}")
    if not _are_sizes(shape):
        raise ValueError(f"{shape!r} is no shape")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"{offsets!r} is no byte range")
    begin, end = offsets
    needed = math.prod(shape) * _DTYPES[dtype].itemsize
    if end - begin != needed:
        raise ValueError(f"{dtype} of shape {shape} takes {needed} bytes, not {end - begin}")
    return _Place(name, _DTYPES[dtype], shape, begin, end)


def _are_sizes(numbers: object) -> bool:
    """Tell whether this is a list of non-negative integers."""
    return isinstance(numbers, list) and all(type(size) is int and size >= 0 for size in numbers)


def _read_only_copy(array: Array) -> Array:
    """Return an aligned copy that is as read-only as a map."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
