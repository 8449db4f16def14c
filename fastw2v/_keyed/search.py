"""Exact search over rows of a matrix: which have the largest cosines with a vector, or with many.

No length is stored, so rows may change at any time. The best are compared in float64, and those
that are equal to twelve decimals are in row order: neither threads nor the CPU change a result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from fastw2v import cpu
from fastw2v._keyed.similarity import falling
from fastw2v._native.search import Batch, Matrix, best_bytes, candidates, is_plain
from fastw2v._typing import Array
from fastw2v.parallel import Crew, taken_from

# Of cosines in float64; what is behind them may be a matter of rounding.
_DECIMALS = 12
# A thread costs as much as reading so many bytes of rows, or multiplying so many pairs of numbers.
_BYTES_FOR_A_THREAD = 1 << 22
_PRODUCTS_FOR_A_THREAD = 1 << 24
_PIECES = 8  # that a thread's share is cut into, so that none waits long for another
_PIECE_BYTES = 1 << 25  # at most, so that Ctrl-C works
# Queries of a batch, in bytes: they stay in the cache of each core while rows pass by.
_QUERY_BYTES = 3 << 17
_FEW_QUERIES = 4  # and not more are answered sooner one by one
_FOUND_BYTES = 1 << 26  # for the best rows that the threads have found so far


class NotFinite(ValueError):
    """A row holds NaN or infinity; its number is `row`."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} holds NaN or infinity")
        self.row = row


class Found(NamedTuple):
    """Rows, nearest first, and their cosines in float64."""

    rows: Array
    cosines: Array


class Rows:
    """Rows to search: all of a matrix or some of them, each by its place among those searched.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
        float16, float32 or float64. A layout that the kernels cannot read is copied.
    chosen : ndarray of int64, optional
        The rows to search, in this order.
    first : int, default 0
        The number by which errors call the first row of `vectors`.
    workers : int, optional
        How many threads may work; default all cores. Small work takes fewer.
    """

    def __init__(
        self,
        vectors: Array,
        chosen: Array | None = None,
        first: int = 0,
        workers: int | None = None,
    ) -> None:
        if not is_plain(vectors):
            vectors = np.array(vectors, vectors.dtype.newbyteorder("="), order="C")
        self._native = Matrix(cpu.isa(), vectors, chosen)
        self._columns = int(vectors.shape[1])
        self._row_bytes = max(self._columns * vectors.itemsize, 1)
        self._chosen, self._first = chosen, first
        self._workers = cpu.thread_count(workers)

    def __len__(self) -> int:
        return len(self._native)

    def cosines(self, query: Array) -> Array:
        """Return the float32 cosine of every row with a query of length 1, 0 for zeros."""
        out = np.empty(len(self), np.float32)
        threads = self._threads(len(self) * self._row_bytes, _BYTES_FOR_A_THREAD)
        self._deal([lambda start, stop: self._native.cosines(query, start, stop, out)] * threads)
        return out

    def exact_cosines(self, query: Array) -> Array:
        """Return the float64 cosine of every row with a query of length 1, 0 for zeros."""
        exact: Array = self._native.exact_cosines(query, np.arange(len(self))).round(_DECIMALS)
        if not np.isfinite(exact).all():
            raise self._not_finite(int(np.isfinite(exact).argmin()))
        return exact

    def lengths(self) -> Array:
        """Return the float64 length of every row, infinity where float64 cannot hold it."""
        out = np.empty(len(self))
        threads = self._threads(len(self) * self._row_bytes, _BYTES_FOR_A_THREAD)
        self._deal([lambda start, stop: self._native.lengths(start, stop, out)] * threads)
        return out

    def nearest(self, query: Array, count: int, excluded: Sequence[int] = ()) -> Found:
        """Return the `count` places with the largest cosines with a query of length 1."""
        scores = self.cosines(query)
        wanted = min(count + len(excluded), len(self))
        places = candidates(scores, wanted, self._native.margin) if wanted < len(self) else None
        if places is None:
            places = self._within_margin(scores, wanted)
        return self._ordered(query, places, count, excluded)

    def nearest_to_each(
        self, queries: Array, count: int, excluded: Sequence[Sequence[int]]
    ) -> list[Found]:
        """Return `nearest` of each row of `queries`; with many, several times sooner."""
        wanted = [count + len(rows) for rows in excluded]
        if len(queries) <= _FEW_QUERIES or max(wanted) > len(self) // 2:
            return [
                self.nearest(query, count, rows)
                for query, rows in zip(queries, excluded, strict=True)
            ]
        n_products = len(queries) * len(self) * self._columns
        rounded = queries.astype(np.float32)
        batches = [
            Batch(self._native, rounded, wanted)
            for _ in range(self._threads(n_products, _PRODUCTS_FOR_A_THREAD))
        ]
        self._deal([batch.search for batch in batches])
        return [
            self._nearest_in(batches, q, query, count, rows)
            for q, (query, rows) in enumerate(zip(queries, excluded, strict=True))
        ]

    def queries_at_once(self, count: int) -> int:
        """Return how many queries to give to `nearest_to_each` at once."""
        in_cache = max(_QUERY_BYTES // (4 * self._columns), 32)
        return max(min(in_cache, _FOUND_BYTES // (best_bytes(count) * self._workers)), 1)

    def _nearest_in(
        self, batches: list[Batch], q: int, query: Array, count: int, excluded: Sequence[int]
    ) -> Found:
        """Return what all threads together have found for a query."""
        parts = [batch.best(q) for batch in batches]
        if any(part is None for part in parts):
            return self.nearest(query, count, excluded)
        found = np.concatenate([part for part in parts if part is not None])
        scores = np.ascontiguousarray(found["score"])
        places = self._within_margin(scores, min(count + len(excluded), len(scores)))
        return self._ordered(query, found["row"][places].astype(np.int64), count, excluded)

    def _within_margin(self, scores: Array, wanted: int) -> Array:
        """Return the places of the best scores, and of those that may really be as good."""
        if wanted == 0:
            return np.empty(0, np.int64)
        last = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        return np.flatnonzero(scores >= last - self._native.margin)

    def _ordered(self, query: Array, places: Array, count: int, excluded: Sequence[int]) -> Found:
        """Return the best of few places, by their exact cosines."""
        for place in excluded:
            places = places[places != place]
        places = np.sort(places)
        exact = self._native.exact_cosines(query, places).round(_DECIMALS)
        order = falling(exact)[:count]
        return Found(places[order], exact[order])

    def _threads(self, cost: int, cost_of_a_thread: int) -> int:
        return int(max(1, min(self._workers, cost // cost_of_a_thread)))

    def _deal(self, jobs: Sequence[Callable[[int, int], int]]) -> None:
        """Deal all rows to jobs that each take some of them; one alone runs in this thread."""
        size = len(self) // (_PIECES * len(jobs)) + 1
        size = min(size, max(_PIECE_BYTES // self._row_bytes, 1))
        todo = deque(range(0, len(self), size))
        bad: list[int] = []

        def work(job: Callable[[int, int], int]) -> None:
            for start in taken_from(todo):
                row = job(start, min(start + size, len(self)))
                if row >= 0:
                    bad.append(row)

        if len(jobs) == 1:
            work(jobs[0])
        else:
            with Crew([partial(work, job) for job in jobs], todo.clear) as crew:
                crew.wait(lambda: None)
        if bad:
            raise self._not_finite(min(bad))

    def _not_finite(self, place: int) -> NotFinite:
        row = place if self._chosen is None else int(self._chosen[place])
        return NotFinite(self._first + row)
