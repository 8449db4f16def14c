"""The loops that read word2vec files; `fastw2v.formats` describes the formats."""

from __future__ import annotations

import errno
import gzip
import os
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, takewhile
from typing import IO, Any, NamedTuple, cast

import numpy as np

from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, TruncatedError

_BLOCK = 1 << 22
_LONGEST_LINE = 1 << 24  # of the lines that are read before the dimensions are known


class _Plan(NamedTuple):
    """What is known of a file before its rows are read."""

    promised: int | None  # rows, if the file has a header
    limit: int | None
    dims: int
    start: int  # byte of the first row
    dtype: np.dtype[Any]

    @property
    def wanted(self) -> int:
        """The number of rows to read."""
        promised = sys.maxsize if self.promised is None else self.promised
        return min(promised, self.limit or promised)


class _Block(NamedTuple):
    """Some consecutive rows."""

    words: list[bytes]
    values: Array
    where: Callable[[int], str]  # line or byte of a row of the block


def read_rows(
    path: StrPath,
    binary: bool,
    limit: int | None,
    no_header: bool,
    encoding: str,
    unicode_errors: str,
    dtype: np.dtype[Any],
) -> tuple[list[str], Array]:
    """Return the words and vectors of all rows, repeated words included."""
    with _opened(path) as file:
        promised, dims, start = (_no_header if no_header else _read_header)(path, file)
        plan = _Plan(promised, limit, dims, start, dtype)
        rows = _Rows(_capacity(file, plan, binary), plan)
        words: list[str] = []
        for block in (_binary_blocks if binary else _text_blocks)(path, file, plan):
            decoded = _decode(path, block, encoding, unicode_errors)
            _check_finite(path, block, decoded, rows.append(block.values))
            words += decoded
    return words, rows.finish()


class _Rows:
    """A matrix that grows as rows arrive, so that a header that lies costs nothing."""

    def __init__(self, capacity: int, plan: _Plan) -> None:
        self._vectors = np.empty((capacity, plan.dims), plan.dtype)
        self._count = 0

    def append(self, values: Array) -> Array:
        """Add rows and return them as stored; the view is valid until the next call."""
        start, self._count = self._count, self._count + len(values)
        if self._count > len(self._vectors):
            self._resize(max(self._count, len(self._vectors) * 3 // 2))
        with np.errstate(over="ignore"):  # an overflow becomes infinity, which is then reported
            self._vectors[start : self._count] = values
        return self._vectors[start : self._count]

    def finish(self) -> Array:
        """Return the matrix of all rows added."""
        self._resize(self._count)
        return self._vectors

    def _resize(self, rows: int) -> None:
        """Change the number of rows, in place where the system can."""
        self._vectors.resize((rows, self._vectors.shape[1]), refcheck=False)


def is_gzip(path: StrPath) -> bool:
    """Tell by its name whether a file is compressed."""
    return os.fspath(path).lower().endswith(".gz")


@contextmanager
def _opened(path: StrPath) -> Iterator[IO[bytes]]:
    """Open a plain or gzip file for reading; damaged gzip data raises FormatError."""
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, "expected a file, got a directory", os.fspath(path))
    with cast("IO[bytes]", gzip.open(path, "rb") if is_gzip(path) else open(path, "rb")) as file:
        try:
            yield file
        except FormatError:
            raise
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            kind = TruncatedError if isinstance(error, EOFError) else FormatError
            message = f"byte {file.tell()} of the decompressed data: damaged gzip file: {error}"
            raise kind(path, message) from error


def _read_header(path: StrPath, file: IO[bytes]) -> tuple[int | None, int, int]:
    """Return the rows and dimensions that the first line promises, and its length."""
    line = file.readline(_LONGEST_LINE)
    if not line:
        raise FormatError(path, "line 1: the file is empty")
    sizes = _sizes(line)
    if sizes is None:
        raise FormatError(
            path,
            f"line 1: expected the numbers of rows and dimensions, found {line[:40]!r}; pass "
            "no_header=True for a file without them, and let the name of a gzip file end in .gz",
        )
    return (*sizes, len(line))


def _no_header(path: StrPath, file: IO[bytes]) -> tuple[int | None, int, int]:
    """Find the dimensions in the first row of a text file, and go back to it."""
    first, second = file.readline(_LONGEST_LINE), file.readline(_LONGEST_LINE)
    file.seek(0)
    if not first:
        raise FormatError(path, "line 1: the file is empty")
    sizes = _sizes(first)
    if sizes and sizes[1] > 1 and len(second.rstrip().split(b" ")) > sizes[1]:
        raise FormatError(path, f"line 1: {first.rstrip()!r} is a header: pass no_header=False")
    fields = first.rstrip().split(b" ")[1:]
    dims = sum(1 for _ in takewhile(_is_number, reversed(fields)))
    if dims == 0:
        raise FormatError(path, f"line 1: expected a word and numbers, found {first[:40]!r}")
    return None, dims, 0


def _sizes(line: bytes) -> tuple[int, int] | None:
    """Return the numbers of rows and dimensions if the line is a header."""
    match = re.fullmatch(rb"\s*(\d{1,18})\s+0*([1-9]\d{0,8})\s*", line)
    return (int(match[1]), int(match[2])) if match else None


def _capacity(file: IO[bytes], plan: _Plan, binary: bool) -> int:
    """Return how many of the promised rows a plain file is large enough to hold."""
    if plan.promised is None or isinstance(file, gzip.GzipFile):
        return 0
    shortest = 4 * plan.dims + 1 if binary else 2 * plan.dims
    return min(plan.wanted, os.fstat(file.fileno()).st_size // shortest)


def _binary_blocks(path: StrPath, file: IO[bytes], plan: _Plan) -> Iterator[_Block]:
    """Yield the rows of a binary file."""
    size = 4 * plan.dims
    count, position, rest = 0, plan.start, b""
    # A row longer than a block makes the next block as long as itself: reading stays linear.
    while count < plan.wanted and (chunk := file.read(max(_BLOCK, len(rest)))):
        block = rest + chunk
        if position == plan.start:
            _reject_text(path, block, plan)
        words: list[bytes] = []
        vectors: list[bytes] = []
        start = 0
        for _ in range(plan.wanted - count):
            space = block.find(b" ", start)
            end = space + 1 + size
            if space < 0 or end > len(block):
                break
            words.append(block[start:space])
            vectors.append(block[space + 1 : end])
            start = end
        values = np.frombuffer(b"".join(vectors), "<f4").reshape(-1, plan.dims)
        yield _Block(words, values, _row_bytes(words, position, size))
        count, position, rest = count + len(words), position + start, block[start:]
    _check_count(path, plan, count, f"byte {position}")
    if plan.limit is None:
        for tail in chain([rest], iter(lambda: file.read(_BLOCK), b"")):
            _check_end(path, plan, tail, f"byte {position}")


def _row_bytes(words: list[bytes], position: int, size: int) -> Callable[[int], str]:
    """Return the function that says at which byte a row of a binary block begins."""
    return lambda row: f"byte {position + sum(map(len, words[:row])) + row * (1 + size)}"


def _reject_text(path: StrPath, block: bytes, plan: _Plan) -> None:
    """Raise FormatError if text is about to be read as binary."""
    numbers = _split(block.partition(b"\n")[0].rstrip(), plan.dims)[1]
    if _parse([numbers], plan.dims, plan.dtype) is not None:
        raise FormatError(path, f"byte {plan.start}: the file is text: pass binary=False")


def _text_blocks(path: StrPath, file: IO[bytes], plan: _Plan) -> Iterator[_Block]:
    """Yield the rows of a text file."""
    first = 1 if plan.promised is None else 2
    count = 0
    blank = False
    for lines in _line_blocks(file):
        line = first + count
        texts = [text.rstrip() for text in lines]
        while texts and not texts[-1]:
            texts.pop()
        if texts and blank:
            raise FormatError(path, f"line {line}: the line is empty")
        blank = len(texts) < len(lines)
        if rows := texts[: plan.wanted - count]:
            yield _text_block(path, rows, plan, line)
        if plan.limit is None:
            extra = b"".join(texts[plan.wanted - count :])
            _check_end(path, plan, extra, f"line {first + plan.wanted}")
        count = min(count + len(texts), plan.wanted)
        if plan.limit is not None and count == plan.wanted:
            break
    _check_count(path, plan, count, f"line {first + count}")


def _line_blocks(file: IO[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines of a file, some at a time, without their newlines."""
    rest = b""
    while chunk := file.read(max(_BLOCK, len(rest))):
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield whole.split(b"\n")
    if rest:
        yield [rest]


def _text_block(path: StrPath, texts: list[bytes], plan: _Plan, line: int) -> _Block:
    """Parse rows of text, of which the first is at `line`."""
    words, numbers = [], []
    for text in texts:
        word, _, rest = text.partition(b" ")
        if rest.count(b" ") != plan.dims - 1:
            word, rest = _split(text, plan.dims)
        words.append(word)
        numbers.append(rest)
    values = _parse(numbers, plan.dims, plan.dtype)
    if values is None:
        bad = (_parse([row], plan.dims, plan.dtype) is None for row in numbers)
        row = list(bad).index(True)
        problem = _why_malformed(texts[row], plan.dims)
        if _looks_binary(b"".join(texts[row:])):
            problem += "; the file seems to be binary: pass binary=True"
        raise FormatError(path, f"line {line + row}: {problem}")
    # Too few dimensions in the header would turn the first numbers of every row into words.
    if line == 2 and words and all(map(_ends_in_number, words)):
        problem = f"expected {plan.dims} numbers after the word, found {texts[0].count(b' ')}"
        raise FormatError(path, f"line 2: {problem}")
    return _Block(words, values, lambda row: f"line {line + row}")


def _ends_in_number(word: bytes) -> bool:
    """Tell whether a word ends in a field that could belong to the vector."""
    _, space, last = word.rpartition(b" ")
    return bool(space) and _is_number(last)


def _split(text: bytes, dims: int) -> tuple[bytes, bytes]:
    """Split a row from the right; without enough fields there are no numbers."""
    pieces = text.rsplit(b" ", dims)
    return (pieces[0], text[len(pieces[0]) + 1 :]) if len(pieces) > dims else (text, b"")


def _parse(numbers: list[bytes], dims: int, dtype: np.dtype[Any]) -> Array | None:
    """Return the rows of numbers, or None if any field is not a number."""
    text = b" ".join([b"", *numbers, b""])
    if any(gap in text for gap in (b"  ", b"\t", b"\r", b"\v", b"\f")):
        return None
    with warnings.catch_warnings():
        # At a malformed number, older versions of numpy warn and stop, newer ones raise.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            values = np.fromstring(text, dtype, sep=" ")
        except (ValueError, DeprecationWarning):
            return None
    return values.reshape(-1, dims) if values.size == len(numbers) * dims else None


def _is_number(field: bytes) -> bool:
    """Tell whether a field is one number."""
    return _parse([field], 1, np.dtype(np.float64)) is not None


def _why_malformed(text: bytes, dims: int) -> str:
    """Say what is wrong with a row of text."""
    fields = text.split(b" ")[1:]
    if len(fields) < dims:
        return f"expected {dims} numbers after the word, found {len(fields)}"
    field = next(field for field in fields[-dims:] if not _is_number(field))
    return f"{field[:40]!r} is not a number"


def _looks_binary(data: bytes) -> bool:
    """Tell whether data that is no rows of text has bytes that text does not have."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return re.search(rb"[\x00-\x08\x0e-\x1f]", data) is not None


def _check_count(path: StrPath, plan: _Plan, count: int, where: str) -> None:
    """Raise TruncatedError if rows that the header promises are missing."""
    if plan.promised is not None and count < plan.wanted:
        raise TruncatedError(
            path,
            f"{where}: the header promises {plan.promised} rows, the file ends after {count}; "
            f"get the whole file{_or_limit(count)}",
        )


def _check_end(path: StrPath, plan: _Plan, tail: bytes, where: str) -> None:
    """Raise FormatError if anything but white space follows the last row that was promised."""
    if tail.strip():
        raise FormatError(
            path,
            f"{where}: the header promises {plan.promised} rows, the file goes on; "
            f"correct the header{_or_limit(plan.promised)}",
        )


def _or_limit(rows: int | None) -> str:
    """Return the way to read nothing but the rows that are there and promised."""
    return f", or pass limit={rows} to read these" if rows else ""


def _decode(path: StrPath, block: _Block, encoding: str, errors: str) -> list[str]:
    """Return the block's words as strings."""
    try:
        # word2vec.c ends a binary row with a newline, which is then in front of the next word.
        return [word.decode(encoding, errors).lstrip("\n") for word in block.words]
    except UnicodeDecodeError as error:
        row = block.words.index(error.object)
        raise FormatError(
            path,
            f"{block.where(row)}: the word {error.object[:40]!r} is not {encoding} "
            f"({error.reason}); pass its encoding, or unicode_errors='replace'",
        ) from error


def _check_finite(path: StrPath, block: _Block, words: list[str], values: Array) -> None:
    """Raise FormatError if any of the values, as stored, is NaN or infinity."""
    finite = np.isfinite(values)
    if not finite.all():
        row = int(finite.all(axis=1).argmin())
        raise FormatError(
            path,
            f"{block.where(row)}: the vector of {words[row]!r} holds NaN or infinity as "
            f"{values.dtype}; remove the row",
        )
