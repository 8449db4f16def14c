"""Named arrays in one ``.npz`` file, which numpy alone can open; nothing in it is unpickled.

It is a zip archive with an ``.npy`` file for each array. Read here, every size that the file
promises is checked against the bytes that it has before memory is taken.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

import numpy as np

from fastw2v._files import atomic_write
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, TruncatedError

_BLOCK = 1 << 20
_MOST_DEFLATED = 1032  # bytes that one byte of deflated data can stand for
_DAMAGED = "the file is damaged or no .npz file: copy or write it again"
# What zipfile and numpy raise over damaged bytes.
_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, TypeError),
    *(RuntimeError, ArithmeticError, LookupError, SyntaxError),
)


def write_npz(path: StrPath, arrays: Mapping[str, Array]) -> None:
    """Write named arrays to one file, uncompressed.

    Parameters
    ----------
    path : str or os.PathLike
        The file. It is replaced only once the new one is complete.
    arrays : mapping of str to ndarray
        Of any shape; not of objects.

    Raises
    ------
    ValueError
        An array holds objects, which only pickle could write.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "words.npz")
    >>> write_npz(path, {"counts": np.array([7, 2])})
    >>> read_npz(path)["counts"], np.load(path)["counts"]
    (array([7, 2]), array([7, 2]))
    """
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_npz(path: StrPath) -> dict[str, Array]:
    """Read all arrays of a file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    FormatError
        The file is truncated, damaged, of another format, or holds objects.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "words.npz")
    >>> np.savez(path, vectors=np.eye(2))
    >>> read_npz(path)["vectors"]
    array([[1., 0.],
           [0., 1.]])
    """
    arrays: dict[str, Array] = {}
    with open(path, "rb") as file:
        with _blaming(path, "byte 0"):
            archive = zipfile.ZipFile(file)
        for info in archive.infolist():
            where = f"byte {info.header_offset}: {info.filename}"
            name = info.filename.removesuffix(".npy")
            if name in arrays:
                raise FormatError(path, f"{where}: the name is there twice; {_DAMAGED}")
            with _blaming(path, where), archive.open(info) as member:
                arrays[name] = _read_array(member, info)
    return arrays


@contextmanager
def _blaming(path: StrPath, where: str) -> Iterator[None]:
    """Turn what zipfile and numpy raise over damaged bytes into FormatError."""
    try:
        yield
    except (*_ERRORS, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before the file
            raise
        kind = TruncatedError if isinstance(error, EOFError) else FormatError
        raise kind(path, f"{where}: {error or 'it ends too early'}; {_DAMAGED}") from error


def _read_array(file: IO[bytes], info: zipfile.ZipInfo) -> Array:
    """Read one array, to its end; ValueError if it is none that this reads."""
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version} of the .npy format")
    header = "read_array_header_1_0" if version == (1, 0) else "read_array_header_2_0"
    shape, fortran_order, dtype = getattr(np.lib.format, header)(file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which could run any code")
    n_bytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
    deflated = info.compress_type == zipfile.ZIP_DEFLATED
    if not deflated and info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"compression method {info.compress_type}")
    most = info.compress_size * (_MOST_DEFLATED if deflated else 1)
    if file.tell() + n_bytes != info.file_size or n_bytes > most:
        raise ValueError(f"{dtype} of shape {shape} takes {n_bytes} bytes, which it has not")
    data = np.empty(n_bytes, np.uint8)
    done = 0
    while done < n_bytes:
        part = file.read(min(_BLOCK, n_bytes - done))
        if not part:
            raise EOFError(f"it ends after {done} of {n_bytes} bytes")
        data[done : done + len(part)] = np.frombuffer(part, np.uint8)
        done += len(part)
    if file.read(1):  # the end, where the checksum is compared
        raise ValueError(f"it goes on after {n_bytes} bytes")
    array = data.view(dtype).reshape(shape, order="F" if fortran_order else "C")
    return cast("Array", array.astype(dtype.newbyteorder("="), copy=False))
