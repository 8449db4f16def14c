"""The word2vec text and binary formats, with and without a header, plain or gzip.

Both begin with a line ``rows dimensions``; GloVe leaves it out. A row of text is the word and its
numbers, between single spaces; a row of the binary format is the word, a space and little-endian
float32 values, after which word2vec.c writes a newline and gensim none.
"""

from __future__ import annotations

import codecs
import gzip
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from typing import IO, cast

import numpy as np
from numpy.typing import DTypeLike

from fastw2v._checks import check_int
from fastw2v._files import atomic_write
from fastw2v._keys import check_finite
from fastw2v._typing import Array, StrPath
from fastw2v._word2vec_reader import is_gzip, read_rows

_BLOCK = 1 << 22
_FLOATS = ("float16", "float32", "float64")


def read_word2vec(
    path: StrPath,
    *,
    binary: bool = False,
    limit: int | None = None,
    no_header: bool = False,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    datatype: DTypeLike = np.float32,
) -> tuple[list[str], Array]:
    """Read words and vectors from a word2vec, fastText ``.vec`` or GloVe file.

    Text is parsed from the right, so words may hold spaces. Of a repeated word the first row is
    kept, with a warning. Memory grows with the rows that are found, not with those promised.

    Parameters
    ----------
    path : str or os.PathLike
        The file; a name ending in ``.gz`` is decompressed.
    binary : bool, default False
        Whether it is in the binary format.
    limit : int, optional
        Read only so many rows.
    no_header : bool, default False
        Whether a text file begins with its first row, as GloVe's do.
    encoding, unicode_errors : str, default "utf8" and "strict"
        How to decode words, as in `bytes.decode`.
    datatype : dtype, default float32
        float16, float32 or float64.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (len(words), d)

    Raises
    ------
    FormatError
        With line or byte: the file is not in the format that the arguments say, or damaged; holds a
        malformed number, NaN or infinity; goes on after the rows that its header promises.
    TruncatedError
        It ends before them. It is a FormatError and an EOFError.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "vectors.txt")
    >>> write_word2vec(path, ["왕", "queen"], np.array([[1, 0.5], [-2, 0]], np.float32))
    >>> read_word2vec(path, limit=1)
    (['왕'], array([[1. , 0.5]], dtype=float32))
    """
    dtype = np.dtype(datatype)
    if dtype.name not in _FLOATS:
        raise ValueError(f"datatype must be one of {', '.join(_FLOATS)}, got {datatype!r}")
    if binary and no_header:
        raise ValueError("no_header=True needs binary=False: only a header tells binary dimensions")
    if limit is not None:
        limit = check_int("limit", limit, 1)
    codecs.lookup(encoding)
    codecs.lookup_error(unicode_errors)
    words, vectors = read_rows(path, binary, limit, no_header, encoding, unicode_errors, dtype)
    return _first_of_each(path, words, vectors)


def write_word2vec(
    path: StrPath,
    keys: Sequence[str] | Sequence[int],
    vectors: Array,
    *,
    binary: bool = False,
    write_header: bool = True,
) -> None:
    """Write keys and vectors in a word2vec format.

    Every float32 comes back bit by bit. Keys come back as strings, also if they are integers.

    Parameters
    ----------
    path : str or os.PathLike
        The file, compressed if its name ends in ``.gz``. It is replaced only once it is complete.
    keys : sequence of str or int
        One for each row, in row order, each once.
    vectors : ndarray of shape (len(keys), d)
        float16, float32 or float64; the binary format holds float32.
    binary : bool, default False
        Whether to write the binary format.
    write_header : bool, default True
        Whether to begin with the numbers of rows and dimensions; GloVe's text files do not.

    Raises
    ------
    ValueError
        Before anything is written: a key is repeated, or readers would not get it back (a space;
        in text a newline; in binary a newline at its start; a lone surrogate), or the shapes do not
        fit. While writing, with no file left: a vector holds NaN or infinity.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> write_word2vec("vectors.txt", ["New York"], np.zeros((1, 2)))
    Traceback (most recent call last):
        ...
    ValueError: key 'New York' holds a space, which ends a word; replace it or use KeyedVectors.save
    """
    encoded = _encode_keys(keys, binary)
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or len(vectors) != len(encoded) or vectors.dtype.name not in _FLOATS:
        raise ValueError(
            f"vectors must be floats of shape ({len(encoded)}, d) for {len(encoded)} keys, "
            f"got {vectors.dtype} of shape {vectors.shape}"
        )
    if not write_header and (binary or not encoded):
        raise ValueError("write_header=False needs binary=False and at least one key")
    with atomic_write(path) as raw, _compressed(path, raw) as file:
        if write_header:
            file.write(b"%d %d\n" % vectors.shape)
        step = max(1, _BLOCK // max(1, vectors[:1].nbytes))
        for start in range(0, len(encoded), step):
            block = vectors[start : start + step]
            if binary:
                with np.errstate(over="ignore"):
                    block = block.astype("<f4")
            check_finite(keys[start : start + step], block)
            words = encoded[start : start + step]
            file.write((_binary_rows if binary else _text_rows)(words, block))


def _first_of_each(path: StrPath, words: list[str], vectors: Array) -> tuple[list[str], Array]:
    """Drop the rows whose word came before, with a warning."""
    if len(set(words)) == len(words):
        return words, vectors
    first = dict(zip(reversed(words), range(len(words) - 1, -1, -1), strict=True))
    kept = sorted(first.values())
    repeated = next(word for row, word in enumerate(words) if first[word] != row)
    warnings.warn(
        f"{os.fspath(path)}: {len(words) - len(kept)} rows repeat an earlier word and are ignored; "
        f"the first repeated word is {repeated!r}",
        stacklevel=3,
    )
    return [words[row] for row in kept], vectors[kept]


@contextmanager
def _compressed(path: StrPath, raw: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give the file to write rows to, so that they reach `raw` in the form that the name says."""
    if not is_gzip(path):
        yield raw
        return
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as file:
        yield cast("IO[bytes]", file)


def _encode_keys(keys: Sequence[str] | Sequence[int], binary: bool) -> list[bytes]:
    """Return the keys as bytes that a reader gives back, or raise ValueError naming a key."""
    encoded = []
    seen = set()
    for key in keys:
        try:
            word = str(key).encode("utf-8")
        except UnicodeEncodeError as error:
            raise _refused(key, f"is not valid Unicode ({error.reason})") from None
        if b" " in word:
            raise _refused(key, "holds a space, which ends a word")
        if word.startswith(b"\n") if binary else b"\n" in word:
            raise _refused(key, "begins with a newline" if binary else "holds a newline")
        if word in seen:
            raise _refused(key, "is there twice")
        seen.add(word)
        encoded.append(word)
    return encoded


def _refused(key: object, reason: str) -> ValueError:
    """Return the error for a key that the format cannot carry."""
    return ValueError(f"key {key!r} {reason}; replace it or use KeyedVectors.save")


def _binary_rows(words: list[bytes], vectors: Array) -> bytes:
    """Return rows in the binary format, without newlines between them."""
    data, size = vectors.tobytes(), vectors[:1].nbytes
    rows = (data[start : start + size] for start in range(0, len(data), size))
    return b"".join(chain.from_iterable(zip(words, repeat(b" "), rows, strict=False)))


def _text_rows(words: list[bytes], vectors: Array) -> bytes:
    """Return rows of text, with as many digits as bring every value back."""
    digits = b" %.17g" if vectors.dtype == np.float64 else b" %.9g"
    row_format = digits * vectors.shape[1] + b"\n"
    rows = zip(words, vectors.tolist(), strict=True)
    return b"".join(word + row_format % tuple(values) for word, values in rows)
