"""The loops that read word2vec files; `fastw2v.formats` describes the formats."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from itertools import chain, takewhile
from typing import IO, Any, NamedTuple

import numpy as np

from fastw2v._corpus.streams import compression_of
from fastw2v._formats.compressed import open_reading
from fastw2v._formats.textrows import (
    LONGEST_LINE,
    Layout,
    LineTooLong,
    TextRows,
    first_line,
    is_number,
    is_row,
    parsed_blocks,
    why_malformed,
)
from fastw2v._native.rowfiles import decode_words, read_binary_rows
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, TruncatedError
from fastw2v.progress import Progress

_BLOCK = 1 << 20


class Options(NamedTuple):
    """How to read a file; `fastw2v.formats.read_word2vec` says what they mean."""

    binary: bool
    limit: int | None
    no_header: bool
    encoding: str
    unicode_errors: str
    dtype: np.dtype[Any]
    progress: bool | None


class _Plan(NamedTuple):
    """What is known of a file before its rows are read."""

    options: Options
    promised: int | None  # rows, if the file has a header
    dims: int
    start: int  # byte of the first row
    ahead: bytes  # what has been read of the rows already

    @property
    def wanted(self) -> int:
        """The number of rows to read."""
        promised = sys.maxsize if self.promised is None else self.promised
        return min(promised, self.options.limit or promised)


Rows = tuple[list[str], Array]  # consecutive rows: their words, and their vectors


def read_rows(path: StrPath, options: Options) -> Rows:
    """Return the words and vectors of all rows, repeated words included."""
    with open_reading(path) as file:
        plan = _plan(path, file, options)
        rows = _Rows(_capacity(path, file, plan), plan)
        words: list[str] = []
        with closing(_blocks(path, file, plan, rows.room)) as blocks:
            for block in blocks:
                words += block[0]
                rows.add(block[1])
    return words, rows.finish()


def iterate_rows(path: StrPath, options: Options) -> Generator[Rows]:
    """Yield all rows, some at a time."""
    with open_reading(path) as file:
        plan = _plan(path, file, options)

        def room(n_rows: int) -> Array:
            return np.empty((n_rows, plan.dims), options.dtype)

        with closing(_blocks(path, file, plan, room)) as blocks:
            yield from blocks


class _Rows:
    """A matrix that grows as rows arrive, so that a header that lies costs nothing."""

    def __init__(self, capacity: int, plan: _Plan) -> None:
        self._vectors = np.empty((capacity, plan.dims), plan.options.dtype)
        self._count = 0

    def room(self, n_rows: int) -> Array:
        """Return room for so many rows more; it is valid until the next call."""
        stop = self._count + n_rows
        if stop > len(self._vectors):
            self._resize(max(stop, len(self._vectors) * 3 // 2))
        return self._vectors[self._count : stop]

    def add(self, values: Array) -> None:
        """Keep these rows, which stand at the beginning of that room."""
        self._count += len(values)

    def finish(self) -> Array:
        """Return the matrix of all rows."""
        self._resize(self._count)
        return self._vectors

    def _resize(self, rows: int) -> None:
        """Change the number of rows, in place where the system can."""
        self._vectors.resize((rows, self._vectors.shape[1]), refcheck=False)


def _plan(path: StrPath, file: IO[bytes], options: Options) -> _Plan:
    """Read what stands in front of the rows."""
    line = file.readline(LONGEST_LINE)
    if not line:
        raise FormatError(path, "line 1: the file is empty")
    sizes = header_sizes(line)
    if options.no_header:
        line += file.readline(LONGEST_LINE)
        return _Plan(options, None, _dims_of_row(path, line, sizes), 0, line)
    if sizes is None:
        raise FormatError(
            path,
            f"line 1: expected the numbers of rows and dimensions, found {line[:40]!r}; pass "
            "no_header=True for a file without them, and let the name of a gzip file end in .gz",
        )
    return _Plan(options, *sizes, len(line), b"")


def _dims_of_row(path: StrPath, lines: bytes, sizes: tuple[int, int] | None) -> int:
    """Find the dimensions in the first line of text, one of two."""
    first, _, second = lines.partition(b"\n")
    if sizes and sizes[1] > 1 and len(second.rstrip().split(b" ")) > sizes[1]:
        raise FormatError(path, f"line 1: {first.rstrip()!r} is a header: pass no_header=False")
    fields = first.rstrip().split(b" ")[1:]
    dims = sum(1 for _ in takewhile(is_number, reversed(fields)))
    if dims == 0:
        raise FormatError(path, f"line 1: expected a word and numbers, found {first[:40]!r}")
    return dims


def header_sizes(line: bytes) -> tuple[int, int] | None:
    """Return the numbers of rows and dimensions if the line is a header."""
    match = re.fullmatch(rb"\s*(\d{1,18})\s+0*([1-9]\d{0,8})\s*", line)
    return (int(match[1]), int(match[2])) if match else None


def _capacity(path: StrPath, file: IO[bytes], plan: _Plan) -> int:
    """Return how many of the promised rows a plain file is large enough to hold."""
    if plan.promised is None or compression_of(path) is not None:
        return 0
    shortest = 4 * plan.dims + 1 if plan.options.binary else 2 * plan.dims
    return min(plan.wanted, os.fstat(file.fileno()).st_size // shortest)


def _blocks(
    path: StrPath, file: IO[bytes], plan: _Plan, room: Callable[[int], Array]
) -> Generator[Rows]:
    """Yield all rows, some at a time; their vectors fill what `room` gives."""
    total = None if plan.promised is None else plan.wanted
    count = 0
    with Progress("reading", total, "vectors", plan.options.progress) as line:
        read = _binary_blocks if plan.options.binary else _text_blocks
        with closing(read(path, file, plan, room)) as blocks:
            for block in blocks:
                yield block
                count += len(block[0])
                line.update(count)
        line.finish(count)


def _binary_blocks(
    path: StrPath, file: IO[bytes], plan: _Plan, room: Callable[[int], Array]
) -> Generator[Rows]:
    """Yield the rows of a binary file."""
    count, position, rest = 0, plan.start, b""
    # A row longer than a block makes the next block as long as itself: reading stays linear.
    while count < plan.wanted and (chunk := file.read(max(_BLOCK, len(rest)))):
        block = rest + chunk
        if position == plan.start and is_row(block.partition(b"\n")[0], plan.dims):
            raise FormatError(path, f"byte {position}: the file is text: pass binary=False")
        most = min(plan.wanted - count, len(block) // (4 * plan.dims + 1))
        stored = room(most)
        values = stored if stored.dtype == np.float32 else np.empty(stored.shape, np.float32)
        places = np.empty((most, 2), np.int64)
        n_rows, stop, not_finite = read_binary_rows(block, values, places)
        places, stored = places[:n_rows], stored[:n_rows]
        where = _row_bytes(position, places, plan.dims)
        words = _decode(path, block, places, plan.options, where)
        if stored.dtype != values.dtype:
            _cast(values[:n_rows], stored)
        _check_finite(path, stored, not_finite, words, where)
        yield words, stored
        count, position, rest = count + n_rows, position + stop, block[stop:]
        if len(rest) > LONGEST_LINE:
            raise FormatError(
                path, f"byte {position}: no row of vectors is longer than {LONGEST_LINE >> 20} MiB"
            )
    _check_count(path, plan, count, f"byte {position}")
    if plan.options.limit is None:
        for tail in chain([rest], iter(lambda: file.read(_BLOCK), b"")):
            _check_end(path, plan, tail, f"byte {position}")


def _row_bytes(position: int, places: Array, dims: int) -> Callable[[int], str]:
    """Return the function that says at which byte a row of a binary block begins."""

    def where(row: int) -> str:
        return f"byte {position + (int(places[row - 1, 1]) + 1 + 4 * dims if row else 0)}"

    return where


def _text_blocks(
    path: StrPath, file: IO[bytes], plan: _Plan, room: Callable[[int], Array]
) -> Generator[Rows]:
    """Yield the rows of a text file."""
    double = plan.options.dtype == np.float64
    layout = Layout(plan.dims, np.dtype(np.float64 if double else np.float32))
    first = 1 if plan.promised is None else 2
    count, blank = 0, False
    try:
        with closing(parsed_blocks(file, plan.ahead, layout, _BLOCK)) as blocks:
            for block in blocks:
                line = first + count
                n_rows = min(len(block.values), plan.wanted - count)
                if n_rows and blank:
                    raise FormatError(path, f"line {line}: the line is empty")
                if n_rows:
                    yield _text_rows(path, block, n_rows, plan, line, room)
                count += n_rows
                if count == plan.wanted:
                    if plan.options.limit is not None:
                        break
                    stop = block.words[n_rows, 0] if n_rows < len(block.words) else block.stop
                    _check_end(path, plan, block.block[stop:], f"line {first + plan.wanted}")
                elif block.stop < len(block.block):
                    if block.block[block.stop :].strip():
                        empty = blank or not first_line(block.block, block.stop).strip()
                        problem = "the line is empty" if empty else _malformed(block, layout)
                        raise FormatError(path, f"line {first + count}: {problem}")
                    blank = True
    except LineTooLong as error:
        raise FormatError(path, f"line {first + count}: {error}: it is no row of vectors") from None
    _check_count(path, plan, count, f"line {first + count}")


def _text_rows(
    path: StrPath,
    block: TextRows,
    n_rows: int,
    plan: _Plan,
    line: int,
    room: Callable[[int], Array],
) -> Rows:
    """Return the first rows of a block whose first line has the number `line`."""

    def where(row: int) -> str:
        return f"line {line + row}"

    places = block.words[:n_rows]
    # Too few dimensions in the header would turn the first numbers of every row into words.
    if line == 2 and all(_ends_in_number(block.block[a:b]) for a, b in places.tolist()):
        found = first_line(block.block, 0).rstrip().count(b" ")
        raise FormatError(
            path, f"line 2: expected {plan.dims} numbers after the word, found {found}"
        )
    words = _decode(path, block.block, places, plan.options, where)
    stored = room(n_rows)
    _cast(block.values[:n_rows], stored)
    _check_finite(path, stored, block.not_finite, words, where)
    return words, stored


def _malformed(block: TextRows, layout: Layout) -> str:
    """Say what is wrong with the line at which the parsing of a block stopped."""
    problem = why_malformed(first_line(block.block, block.stop), layout)
    if _looks_binary(block.block[block.stop :]):
        problem += "; the file seems to be binary: pass binary=True"
    return problem


def _ends_in_number(word: bytes) -> bool:
    """Tell whether a word ends in a field that could belong to the vector."""
    _, space, last = word.rpartition(b" ")
    return bool(space) and is_number(last)


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


def _decode(
    path: StrPath, block: bytes, places: Array, options: Options, where: Callable[[int], str]
) -> list[str]:
    """Return the words at these places of a block as strings."""
    try:
        return decode_words(block, places, options.encoding, options.unicode_errors)
    except UnicodeDecodeError as error:
        bad = bytes(error.object)
        row = [block[start:stop] for start, stop in places.tolist()].index(bad)
        raise FormatError(
            path,
            f"{where(row)}: the word {bad[:40]!r} is not {options.encoding} ({error.reason}); "
            "pass its encoding, or unicode_errors='replace'",
        ) from error


def _cast(values: Array, stored: Array) -> None:
    """Store values as another type; an overflow becomes infinity, which is then reported."""
    with np.errstate(over="ignore"):
        stored[:] = values


def _check_finite(
    path: StrPath,
    stored: Array,
    not_finite: int,
    words: list[str],
    where: Callable[[int], str],
) -> None:
    """Raise FormatError if a value, as stored, is NaN or infinity; `not_finite` is a row or -1."""
    if stored.dtype == np.float16:  # narrower than what was parsed
        finite = np.isfinite(stored).all(axis=1)
        not_finite = -1 if finite.all() else int(finite.argmin())
    if 0 <= not_finite < len(stored):
        raise FormatError(
            path,
            f"{where(not_finite)}: the vector of {words[not_finite]!r} holds NaN or infinity as "
            f"{stored.dtype}; remove the row",
        )
