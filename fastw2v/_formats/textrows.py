"""Rows of text, a line each: parsed and written by all cores, and what is wrong with a bad one."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import IO, Any, NamedTuple

import numpy as np

from fastw2v._native.rowfiles import read_text_rows, write_text_rows
from fastw2v._typing import Array
from fastw2v.cpu import usable_cores
from fastw2v.parallel import map_in_order

LONGEST_LINE = 1 << 26  # in bytes; a row of more is a file that only pretends to hold rows
WRITE_BYTES = 1 << 18  # of values, as floats, that are made text at a time
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf(inity)?)", re.I)


class Layout(NamedTuple):
    """What a row of text looks like."""

    dims: int
    dtype: np.dtype[Any]  # to parse numbers as: float32 or float64
    separator: bytes = b" "
    has_word: bool = True

    @property
    def row_bytes(self) -> int:
        """The number of bytes that a row has at least, its newline counted."""
        return 2 * self.dims


class LineTooLong(ValueError):
    """A line that has more than `LONGEST_LINE` bytes."""


class TextRows(NamedTuple):
    """The rows at the beginning of a block of lines."""

    block: bytes
    values: Array
    words: Array  # first byte and end of each word in the block; of shape (n, 2)
    stop: int  # the byte of the block at which they end
    not_finite: int  # the first row that holds NaN or infinity, or -1


def parsed_blocks(
    file: IO[bytes], ahead: bytes, layout: Layout, block_bytes: int
) -> Generator[TextRows]:
    """Yield the lines of `ahead` and the rest of `file`, block by block, as far as they parse."""

    def parse(block: bytes) -> TextRows:
        # Of no more rows than this: many short lines, or a header that lies, take no memory.
        room = (len(block) + 1) // layout.row_bytes
        values = np.empty((room, layout.dims), layout.dtype)
        words = np.empty((room if layout.has_word else 0, 2), np.int64)
        n_rows, stop, not_finite = read_text_rows(
            block, values, words if layout.has_word else None, ord(layout.separator)
        )
        return TextRows(block, values[:n_rows], words[:n_rows], stop, not_finite)

    return map_in_order(parse, line_blocks(file, ahead, block_bytes), usable_cores())


def line_blocks(file: IO[bytes], ahead: bytes, block_bytes: int) -> Iterator[bytes]:
    """Yield whole lines, some at a time; the last may lack its newline."""
    rest = ahead
    # A line longer than a block makes the next block as long as itself: reading stays linear.
    while chunk := file.read(max(block_bytes, len(rest))):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = chunk[end:]
        else:
            rest += chunk
        if len(rest) > LONGEST_LINE:
            raise LineTooLong(f"the line is longer than {LONGEST_LINE >> 20} MiB")
    if rest:
        yield rest


def write_rows(
    file: IO[bytes],
    rows: Callable[[int, int], tuple[bytes | None, Array | None, Array]],
    n_rows: int,
    row_bytes: int,
    separator: bytes,
    tick: Callable[[int], object],
) -> None:
    """Write rows of text; ``rows(start, stop)`` gives the bytes of words, their ends, the values.

    They are written in order, but asked for in threads. `tick` is told how many have been written.
    """
    step = max(1, WRITE_BYTES // max(1, row_bytes))

    def text(start: int) -> Array:
        return write_text_rows(*rows(start, min(start + step, n_rows)), ord(separator))

    with closing(map_in_order(text, range(0, n_rows, step), usable_cores())) as blocks:
        for start, block in zip(range(0, n_rows, step), blocks, strict=True):
            file.write(block.data)
            tick(min(start + step, n_rows))


def is_number(field: bytes) -> bool:
    """Tell whether a field is one number.

    >>> is_number(b"-1.5e-3"), is_number(b"1_0"), is_number(b"")
    (True, False, False)
    """
    return _NUMBER.fullmatch(field) is not None


def is_row(line: bytes, dims: int) -> bool:
    """Tell whether a line is a word and so many numbers."""
    fields = line.rstrip().split(b" ")
    return len(fields) > dims and all(map(is_number, fields[-dims:]))


def why_malformed(line: bytes, layout: Layout) -> str:
    """Say what is wrong with a line that is no row."""
    fields = line.rstrip().split(layout.separator)[layout.has_word :]
    dims = layout.dims
    after = " after the word" if layout.has_word else ""
    if len(fields) < dims or (len(fields) > dims and not layout.has_word):
        return f"expected {dims} numbers{after}, found {len(fields)}"
    field = next(field for field in fields[-dims:] if not is_number(field))
    return f"{field[:40]!r} is not a number"


def first_line(block: bytes, start: int) -> bytes:
    """Return the line of a block that begins at `start`."""
    end = block.find(b"\n", start)
    return block[start : end if end >= 0 else len(block)]
