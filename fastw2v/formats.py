"""The word2vec text and binary formats, with and without a header, plain or compressed.

Both begin with a line ``rows dimensions``; GloVe leaves it out. A row of text is the word and its
numbers, between single spaces; a row of the binary format is the word, a space and little-endian
float32 values, after which word2vec.c writes a newline and gensim none. fastText's ``.vec`` files
are text.
"""

from __future__ import annotations

import codecs
import os
import warnings
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike

from fastw2v._checks import FLOATS, check_encoding, check_limit
from fastw2v._files import atomic_write
from fastw2v._formats.compressed import open_reading, open_writing
from fastw2v._formats.textrows import LONGEST_LINE, WRITE_BYTES, write_rows
from fastw2v._formats.word2vec_reader import Options, header_sizes, iterate_rows, read_rows
from fastw2v._keys import check_finite
from fastw2v._native.rowfiles import write_binary_rows
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError
from fastw2v.progress import Progress

_COPY_BYTES = 1 << 20


def read_word2vec(
    path: StrPath,
    *,
    binary: bool = False,
    limit: int | None = None,
    no_header: bool = False,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    datatype: DTypeLike = np.float32,
    progress: bool | None = None,
) -> tuple[list[str], Array]:
    """Read words and vectors from a word2vec, fastText ``.vec`` or GloVe file.

    Text is parsed from the right, so words may hold spaces. Of a repeated word the first row is
    kept, with a warning. Memory grows with the rows that are found, not with those promised.

    Parameters
    ----------
    path : str or os.PathLike
        The file; one whose name ends in ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` is decompressed.
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
    progress : bool, optional
        Whether to show how far the reading is; by default on a terminal, after two seconds.

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
    TypeError, ValueError
        An argument is not what it should be; raised before the file is opened.
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
    options = _options(
        binary, limit, no_header, encoding, unicode_errors, datatype, progress=progress
    )
    words, vectors = read_rows(path, options)
    return _first_of_each(path, words, vectors)


def iterate_word2vec(
    path: StrPath,
    *,
    binary: bool = False,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    datatype: DTypeLike = np.float32,
) -> Iterator[tuple[list[str], Array]]:
    """Yield the rows of a word2vec file, some at a time: there need not be memory for all.

    Parameters
    ----------
    path, binary, encoding, unicode_errors, datatype
        As in `read_word2vec`, and so are the errors.

    Yields
    ------
    words : list of str
        Repeated ones included.
    vectors : ndarray of shape (len(words), d)

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "vectors.txt")
    >>> write_word2vec(path, ["왕", "queen"], np.array([[1, 0.5], [-2, 0]], np.float32))
    >>> [word for words, vectors in iterate_word2vec(path) for word in words]
    ['왕', 'queen']
    """
    return iterate_rows(path, _options(binary, None, False, encoding, unicode_errors, datatype))


def _options(
    binary: bool,
    limit: int | None,
    no_header: bool,
    encoding: str,
    unicode_errors: str,
    datatype: DTypeLike,
    progress: bool | None = None,
) -> Options:
    """Return how to read a file, once all that has been checked."""
    dtype = np.dtype(datatype)
    if dtype.name not in FLOATS:
        raise ValueError(f"datatype must be one of {', '.join(FLOATS)}, got {datatype!r}")
    if binary and no_header:
        raise ValueError("no_header=True needs binary=False: only a header tells binary dimensions")
    limit = check_limit("limit", limit)
    try:
        codecs.lookup_error(unicode_errors)
    except LookupError:
        raise ValueError(
            "unicode_errors must be 'strict', 'replace', 'ignore' or another way of bytes.decode, "
            f"got {unicode_errors!r}"
        ) from None
    encoding = check_encoding(encoding)
    return Options(binary, limit, no_header, encoding, unicode_errors, dtype, progress)


def write_word2vec(
    path: StrPath,
    keys: Sequence[str] | Sequence[int],
    vectors: Array,
    *,
    binary: bool = False,
    write_header: bool = True,
    order: Array | None = None,
    total_vec: int | None = None,
    append: bool = False,
    progress: bool | None = None,
) -> None:
    """Write keys and vectors in a word2vec format.

    Text has the fewest digits that bring every value back bit by bit. Keys come back as strings,
    also if they are integers.

    Parameters
    ----------
    path : str or os.PathLike
        The file, compressed if its name ends in ``.gz``, ``.bz2``, ``.xz`` or ``.zst``. It is
        replaced only once the new one is complete.
    keys : sequence of str or int
        One for each row, each once.
    vectors : ndarray of shape (len(keys), d)
        float16, float32 or float64; the binary format holds float32.
    binary : bool, default False
        Whether to write the binary format.
    write_header : bool, default True
        Whether to begin with the numbers of rows and dimensions; GloVe's text files do not.
    order : ndarray of int of shape (len(keys),), optional
        The rows in the order in which to write them.
    total_vec : int, optional
        The number of rows that the header promises, if more are to be appended.
    append : bool, default False
        Whether to add rows to those that the file has. Its header is corrected, unless
        `write_header` is False: then it is left as it is. The file is copied, so that a crash
        leaves the old one.
    progress : bool, optional
        Whether to show how far the writing is; by default on a terminal, after two seconds.

    Raises
    ------
    ValueError
        Before anything is written: a key is repeated, or readers would not get it back (a space;
        in text a newline; in binary a newline at its start; a lone surrogate), or the shapes do not
        fit. While writing, with no file left: a vector holds NaN or infinity.
    FormatError
        The file that is to be appended to has no header, or one of other dimensions.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> write_word2vec("vectors.txt", ["New York"], np.zeros((1, 2)))
    Traceback (most recent call last):
        ...
    ValueError: key 'New York' holds a space, which ends a word; replace it or use KeyedVectors.save
    """
    if order is not None:
        keys = [keys[row] for row in order.tolist()]
    key_bytes, key_ends = _encode_keys(keys, binary)
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or len(vectors) != len(keys) or vectors.dtype.name not in FLOATS:
        raise ValueError(
            f"vectors must be floats of shape ({len(keys)}, d) for {len(keys)} keys, "
            f"got {vectors.dtype} of shape {vectors.shape}"
        )
    append = append and os.path.exists(path) and os.path.getsize(path) > 0
    if not (write_header or append) and (binary or not len(keys)):
        raise ValueError("write_header=False needs binary=False and at least one key")
    total_vec = check_limit("total_vec", total_vec, 0 if append else len(keys))

    def rows(start: int, stop: int) -> tuple[bytes, Array, Array]:
        block = vectors[start:stop] if order is None else vectors[order[start:stop]]
        with np.errstate(over="ignore"):
            block = np.ascontiguousarray(block, _stored_dtype(block.dtype, binary))
        check_finite(keys[start:stop], block)
        begin = key_ends[start - 1] if start else 0
        return key_bytes[begin : key_ends[stop - 1]], key_ends[start:stop] - begin, block

    with (
        atomic_write(path) as raw,
        open_writing(path, raw) as file,
        Progress("writing", len(keys), "vectors", progress) as line,
    ):
        if append:
            _copy_rows(path, file, vectors.shape, write_header, total_vec, binary)
        elif write_header:
            promised = len(keys) if total_vec is None else total_vec
            file.write(b"%d %d\n" % (promised, vectors.shape[1]))
        row_bytes = 4 * vectors.shape[1]
        if binary:
            step = max(1, WRITE_BYTES // max(1, row_bytes))
            for start in range(0, len(keys), step):
                stop = min(start + step, len(keys))
                file.write(write_binary_rows(*rows(start, stop)).data)
                line.update(stop)
        else:
            write_rows(file, rows, len(keys), row_bytes, b" ", line.update)
        line.finish(len(keys))


def _stored_dtype(dtype: np.dtype[Any], binary: bool) -> type[np.floating[Any]]:
    """Return the type whose values are written for those of `dtype`."""
    return np.float64 if dtype == np.float64 and not binary else np.float32


def _copy_rows(
    path: StrPath,
    file: IO[bytes],
    shape: tuple[int, ...],
    correct_header: bool,
    total_vec: int | None,
    binary: bool,
) -> None:
    """Copy a file that rows of this shape are to be appended to; its header counts them."""
    with open_reading(path) as old:
        line = old.readline(LONGEST_LINE)
        sizes = header_sizes(line)
        if sizes is None and correct_header:
            raise FormatError(
                path,
                f"line 1: expected the numbers of rows and dimensions, found {line[:40]!r}; pass "
                "write_header=False to append to a file without them",
            )
        if sizes is not None and sizes[1] != shape[1]:
            raise FormatError(path, f"line 1: {sizes[1]} dimensions; those to append: {shape[1]}")
        if sizes is not None and correct_header:
            promised = sizes[0] + shape[0] if total_vec is None else total_vec
            line = b"%d %d\n" % (promised, shape[1])
        last = b"\n"  # a compressed file may be empty
        while line:
            file.write(line)
            last = line[-1:]
            line = old.read(_COPY_BYTES)
        if not binary and last != b"\n":
            file.write(b"\n")


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


def _encode_keys(keys: Sequence[str] | Sequence[int], binary: bool) -> tuple[bytes, Array]:
    """Return the keys, one after the other, and where each ends; ValueError names a bad one."""
    try:
        encoded = [str(key).encode("utf-8") for key in keys]
    except UnicodeEncodeError:
        encoded = []
    joined = b"".join(encoded)
    if len(set(encoded)) < len(keys) or b" " in joined or b"\n" in joined:
        _check_keys(keys, binary)
    return joined, np.fromiter(accumulate(map(len, encoded)), np.int64, len(encoded))


def _check_keys(keys: Sequence[str] | Sequence[int], binary: bool) -> None:
    """Raise ValueError naming a key that a reader would not give back."""
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


def _refused(key: object, reason: str) -> ValueError:
    """Return the error for a key that the format cannot carry."""
    return ValueError(f"key {key!r} {reason}; replace it or use KeyedVectors.save")
