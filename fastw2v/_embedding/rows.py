"""Rows of a table, looked up and ordered by threads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v import cpu
from fastw2v._checks import shorten
from fastw2v._native.embed import Gathering, Pairs, as_rows
from fastw2v._typing import Array
from fastw2v.parallel import share

POSITIONS_MAX = 2**31 - 1
ROWS_MAX = 2**31 - 1

# To start a thread costs as much as to move so many bytes of rows.
_BYTES_FOR_A_THREAD = 1 << 20
# What is larger does not stay in caches until it is read, so it is written past them.
_STREAMED_BYTES = 1 << 22
_PARTS_OF_A_THREAD = 2


def threads_for(workers: int | None, n_bytes: int) -> int:
    """Return how many threads so much work is worth."""
    return max(1, min(workers or cpu.usable_cores(), n_bytes // _BYTES_FOR_A_THREAD))


def rows_of(ids: Any, n_rows: int) -> tuple[NDArray[np.int32], tuple[int, ...]]:
    """Return ids as a new array of rows, without its shape, and the shape; or raise.

    IndexError names the first id that is no row, and its place.
    """
    try:
        array = np.asarray(ids)
    except ValueError:  # of numpy, about its own matters
        raise ValueError(
            f"ids must be lists of one length, got {shorten(ids)}; fill them up with an id of "
            "padding, or give an EmbeddingBag all in one list, with offsets"
        ) from None
    if array.size == 0 and not isinstance(ids, np.ndarray):
        array = array.astype(np.int64)  # an empty list is of floats for numpy
    if array.dtype.kind in "fO" and not isinstance(ids, np.ndarray):
        _check_size_of_integers(ids, n_rows)
    if array.dtype.kind not in "iu":
        hint = "; use .astype(int)" if array.dtype.kind == "O" else ""
        raise TypeError(f"ids must be integers, got {array.dtype}: {shorten(ids)}{hint}")
    if array.size > POSITIONS_MAX:
        raise ValueError(f"ids must be at most {POSITIONS_MAX}, got {array.size}; give fewer")
    flat = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(-1)
    rows = np.empty(flat.size, np.int32)
    first = as_rows(flat, n_rows, rows)
    if first >= 0:
        raise _no_row(flat[first], first, array.shape, n_rows)
    return rows, array.shape


def _check_size_of_integers(ids: Any, n_rows: int) -> None:
    """Raise IndexError for integers of Python that are too large for an array of integers."""
    objects = np.asarray(ids, object)
    flat = objects.reshape(-1).tolist()
    if all(type(k) is int for k in flat):
        for place, k in enumerate(flat):
            if not 0 <= k < n_rows:
                raise _no_row(k, place, objects.shape, n_rows)


def _no_row(value: Any, place: int, shape: tuple[int, ...], n_rows: int) -> IndexError:
    """Return the error about the first id that is no row."""
    where = ", ".join(str(k) for k in np.unravel_index(place, shape))
    return IndexError(f"ids[{where}] is {value}: the table has the rows 0 to {n_rows - 1}")


def look_up(
    table: NDArray[np.float32],
    rows: NDArray[np.int32],
    out: NDArray[np.float32],
    workers: int | None,
) -> None:
    """Write the row of each position to `out`, of shape (n, d)."""
    gathering = Gathering(cpu.isa(), table, rows, out, out.nbytes >= _STREAMED_BYTES)
    share(lambda _: gathering.gather(), threads_for(workers, out.nbytes))


def ordered(rows: NDArray[np.int32], n_rows: int, n_threads: int) -> Pairs:
    """Return sorted pairs of rows and positions."""
    pairs = parts(rows, n_rows, n_threads)
    share(lambda _: pairs.sort(), n_threads)
    return pairs


def parts(rows: NDArray[np.int32], n_rows: int, n_threads: int) -> Pairs:
    """Return pairs that so many threads shall sort."""
    return Pairs(rows, n_rows, 1 if n_threads == 1 else _PARTS_OF_A_THREAD * n_threads)


def new_table(n_rows: int, n_columns: int, fill: float | None = None) -> NDArray[np.float32]:
    """Return a matrix that begins on a cache line, as stores past the caches need it."""
    make = np.zeros if fill == 0 else np.empty  # zeros take no memory until they are written to
    room = make(n_rows * n_columns + 16, np.float32)
    skipped = -room.__array_interface__["data"][0] // 4 % 16
    table = room[skipped : skipped + n_rows * n_columns].reshape(n_rows, n_columns)
    if fill:
        table[:] = fill
    return table


def as_output(out: Array | None, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return `out` if it can hold what is looked up, or a new array."""
    if out is None:
        return new_table(math.prod(shape[:-1]), shape[-1]).reshape(shape)
    if not isinstance(out, np.ndarray) or out.dtype != np.float32 or out.shape != shape:
        found = f"{out.dtype} of shape {out.shape}" if isinstance(out, np.ndarray) else shorten(out)
        raise ValueError(f"out must be an array of float32 of shape {shape}, got {found}")
    if not (out.flags.c_contiguous and out.flags.writeable):
        raise ValueError("out must be contiguous and writeable; give another array")
    return out
