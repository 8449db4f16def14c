"""What documents hold, by the numbers that threads gave to terms, and the rows made of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.termrows import (
    add_counts,
    count_columns,
    pack_terms,
    sort_words,
    write_rows,
)
from fastw2v._native.terms import Terms
from fastw2v.encoders.phase import phase
from fastw2v.encoders.termlist import TermList
from fastw2v.parallel import work_off
from fastw2v.progress import Progress

__all__ = [
    "Block",
    "Counted",
    "CounterNumbering",
    "DictionaryNumbering",
    "Numbering",
    "Weighting",
]

Columns = NDArray[np.int32]

_MANY = 1 << 16  # terms, whose table takes a while


class Block(NamedTuple):
    """The terms of some documents, by the numbers of one source, as `TermCounter.count` returns."""

    source: int
    entries: NDArray[np.uint32]
    lengths: NDArray[np.int32]


class Weighting(NamedTuple):
    """How counts become values."""

    binary: bool
    sublinear: bool = False
    idf: NDArray[Any] | None = None
    norm: str | None = None


class Numbering(Protocol):
    """Who numbered the terms: threads, or a dictionary."""

    def merge(self) -> tuple[list[Columns], NDArray[np.int64]]:
        """Return common numbers of each source's terms, and how many documents hold each."""

    def order(self, wanted: NDArray[np.bool_]) -> Columns:
        """Return the common numbers that are wanted, in the order of the terms."""

    def terms(self, numbers: Columns) -> TermList:
        """Return the terms of common numbers."""

    def find(self, terms: TermList) -> list[Columns]:
        """Return the column of each source's terms among these, -1 for those that have none."""

    def frequencies(self) -> list[NDArray[np.int64]]:
        """Return in how many documents each of each source's terms is."""


class CounterNumbering:
    """Terms that native counters have numbered.

    Parameters
    ----------
    sources : list of tuple
        The terms of each counter, and how many documents hold each.
    """

    def __init__(self, sources: list[tuple[Terms, NDArray[np.int64]]]) -> None:
        self._sources = sources
        self._common = sources[0][0]

    def merge(self) -> tuple[list[Columns], NDArray[np.int64]]:
        """See `Numbering`; the first counter's table takes in the others."""
        numbers: list[Columns] = [np.arange(len(self._common), dtype=np.int32)]
        numbers += [self._common.absorb(terms) for terms, _ in self._sources[1:]]
        totals = np.zeros(len(self._common), dtype=np.int64)
        for own, (_, frequencies) in zip(numbers, self._sources, strict=True):
            totals[own] += frequencies
        del self._sources[1:]
        return numbers, totals

    def order(self, wanted: NDArray[np.bool_]) -> Columns:
        """See `Numbering`; n-grams are ordered as the strings that they stand for."""
        words = self._common.words
        if self._common.max_n == 1:
            return sort_words(words, wanted.view(np.uint8))
        numbers = np.flatnonzero(wanted).astype(np.int32)
        packed, ends = pack_terms(self._common, numbers)
        # A space, between words, comes before all else, so that words can be compared one by one.
        if (packed < ord(" ")).any():
            starts = np.concatenate(([0], ends[:-1]))
            spans = zip(starts.tolist(), ends.tolist(), strict=True)
            strings = [packed[start:end].tobytes() for start, end in spans]
            return numbers[sorted(range(len(strings)), key=strings.__getitem__)]
        ranks = np.empty(len(words), dtype=np.uint64)
        ranks[sort_words(words, np.ones(len(words), dtype=np.uint8))] = np.arange(1, len(words) + 1)
        return numbers[_order_of_ngrams(self._common.node_keys(), ranks, numbers)]

    def terms(self, numbers: Columns) -> TermList:
        """See `Numbering`."""
        return TermList(None, pack_terms(self._common, numbers))

    def find(self, terms: TermList) -> list[Columns]:
        """See `Numbering`."""
        lookup = terms.lookup(self._common.max_n)
        return [lookup.columns(counted) for counted, _ in self._sources]

    def frequencies(self) -> list[NDArray[np.int64]]:
        """See `Numbering`."""
        return [frequencies for _, frequencies in self._sources]


class DictionaryNumbering:
    """Terms that a dictionary has numbered: whatever can be sorted.

    Parameters
    ----------
    names : list
        The term of each number.
    frequencies : ndarray of int64
        How many documents hold each.
    """

    def __init__(self, names: list[Any], frequencies: NDArray[np.int64]) -> None:
        self._names = names
        self._frequencies = frequencies

    def merge(self) -> tuple[list[Columns], NDArray[np.int64]]:
        """See `Numbering`."""
        return [np.arange(len(self._names), dtype=np.int32)], self._frequencies

    def order(self, wanted: NDArray[np.bool_]) -> Columns:
        """See `Numbering`."""
        numbers = sorted(np.flatnonzero(wanted).tolist(), key=self._names.__getitem__)
        return np.array(numbers, dtype=np.int32)

    def terms(self, numbers: Columns) -> TermList:
        """See `Numbering`."""
        return TermList([self._names[number] for number in numbers])

    def find(self, terms: TermList) -> list[Columns]:
        """See `Numbering`."""
        index = terms.index
        columns = (index.get(name, -1) for name in self._names)
        return [np.fromiter(columns, np.int32, len(self._names))]

    def frequencies(self) -> list[NDArray[np.int64]]:
        """See `Numbering`."""
        return [self._frequencies]


class Counted:
    """Documents whose terms are counted; `choose` or `find` gives these their columns.

    Parameters
    ----------
    blocks : list of Block
        What the documents hold, in their order; empty where only the terms matter.
    n_documents : int
        How many there are.
    numbering : Numbering
        Who numbered the terms.
    n_threads : int
        For what is still to do.
    progress : bool or None
        Whether it is shown, as by `Progress`.
    """

    def __init__(
        self,
        blocks: list[Block],
        n_documents: int,
        numbering: Numbering,
        n_threads: int,
        progress: bool | None,
    ) -> None:
        self._blocks = blocks
        self.n_documents = n_documents
        self._numbering = numbering
        self._n_threads, self._progress = n_threads, progress
        self._columns: list[Columns] = []
        self.n_columns = 0
        self._is_whole = False  # whether all terms have columns

    @property
    def has_terms(self) -> bool:
        """Whether any document has a term."""
        return any(frequencies.any() for frequencies in self._numbering.frequencies())

    def choose(
        self,
        least: float,
        most: float,
        max_features: int | None,
        totals_of: Callable[[NDArray[np.int64]], NDArray[Any]],
        binary: bool,
    ) -> tuple[TermList, NDArray[np.int64]]:
        """Give columns to the terms that stand in neither too few nor too many documents.

        Parameters
        ----------
        least, most : float
            In how many documents a term must be, at least and at most.
        max_features : int or None
            Keep only so many, the most frequent ones.
        totals_of : callable
            Makes of the terms' counts what is compared for `max_features`.
        binary : bool
            For `max_features`, a term counts once a document.

        Returns
        -------
        TermList
            The terms in order of their columns; none, if there is none.
        ndarray of int64
            How many documents hold each.
        """
        with phase("sorting terms", self._progress):
            numbers, frequencies = self._numbering.merge()
            seen = frequencies > 0
            wanted = seen & (frequencies >= least) & (frequencies <= most)
            chosen = self._numbering.order(wanted)
        if max_features is not None and len(chosen) > max_features:
            totals = totals_of(self._totals(numbers, len(frequencies), binary)[chosen])
            # As scikit-learn has it: of terms that are equally frequent, those that numpy prefers.
            places = (-totals).argsort()[:max_features]
            chosen = chosen[np.sort(places)]
        column_of = np.full(len(frequencies), -1, dtype=np.int32)
        column_of[chosen] = np.arange(len(chosen), dtype=np.int32)
        self._columns = [column_of[own] for own in numbers]
        self.n_columns = len(chosen)
        self._is_whole = len(chosen) == np.count_nonzero(seen)
        return self._numbering.terms(chosen), frequencies[chosen]

    def find(self, terms: TermList) -> None:
        """Give terms the columns that they have in a vocabulary; others have none."""
        is_long = len(terms) >= _MANY
        with phase("finding terms", self._progress) if is_long else nullcontext():
            self._columns = self._numbering.find(terms)
        self.n_columns = len(terms)

    def frequencies(self) -> NDArray[np.int64]:
        """Return in how many documents the term of each column is, after `find`."""
        totals = np.zeros(self.n_columns, dtype=np.int64)
        pairs = zip(self._columns, self._numbering.frequencies(), strict=True)
        for columns, frequencies in pairs:
            known = columns >= 0
            totals[columns[known]] += frequencies[known]
        return totals

    def rows(
        self, dtype: type[np.generic], weighting: Weighting
    ) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[Any]]:
        """Return data, indices and indptr of a CSR matrix; the counts are gone afterwards.

        Parameters
        ----------
        dtype : type
            int64, float32 or float64.
        weighting : Weighting
            How counts become values.
        """
        idf = weighting.idf
        if idf is not None:
            idf = np.ascontiguousarray(idf, dtype=np.float64)
        sizes = self._row_sizes()
        n = int(sizes.sum())
        indptr = np.zeros(
            self.n_documents + 1, dtype=np.int32 if n <= np.iinfo(np.int32).max else np.int64
        )
        np.cumsum(sizes, out=indptr[1:])
        indices, data = np.empty(n, dtype=np.int32), np.empty(n, dtype=dtype)
        jobs: deque[tuple[Block, int, int]] = deque()
        first = 0
        for block in self._blocks:
            last = first + len(block.lengths)
            jobs.append((block, int(indptr[first]), int(indptr[last])))
            first = last
        self._blocks = []

        def write(taken: Iterator[tuple[Block, int, int]]) -> None:
            for (source, entries, lengths), start, end in taken:
                write_rows(
                    entries,
                    lengths,
                    self._columns[source],
                    idf,
                    weighting.binary,
                    weighting.sublinear,
                    weighting.norm,
                    indices[start:end],
                    data[start:end],
                )

        n, n_jobs = self.n_documents, len(jobs)
        with Progress("writing rows", n, "documents", self._progress) as line:
            work_off(
                jobs,
                write,
                self._n_threads,
                lambda left: line.update(round(n * (1 - left / n_jobs))),
            )
            line.finish(n)
        return data, indices, indptr

    def _totals(self, numbers: Sequence[Columns], n: int, binary: bool) -> NDArray[np.int64]:
        """Return how often each term occurs, by common number."""
        by_source = [np.zeros(len(own), dtype=np.int64) for own in numbers]
        for source, entries, lengths in self._blocks:
            add_counts(entries, lengths, binary, by_source[source])
        totals = np.zeros(n, dtype=np.int64)
        for own, counts in zip(numbers, by_source, strict=True):
            totals[own] += counts
        return totals

    def _row_sizes(self) -> NDArray[np.int64]:
        """Return how many columns each document has."""
        lengths = [block.lengths for block in self._blocks] or [np.zeros(0, dtype=np.int32)]
        sizes = np.concatenate(lengths).astype(np.int64)
        if self._is_whole:
            return sizes
        jobs: deque[tuple[Block, int]] = deque()
        first = 0
        for block in self._blocks:
            jobs.append((block, first))
            first += len(block.lengths)

        def count(taken: Iterator[tuple[Block, int]]) -> None:
            for (source, entries, lengths), start in taken:
                found = sizes[start : start + len(lengths)]
                count_columns(entries, lengths, self._columns[source], found)

        work_off(jobs, count, self._n_threads)
        return sizes


def _order_of_ngrams(
    keys: NDArray[np.uint64], ranks: NDArray[np.uint64], numbers: Columns
) -> NDArray[np.intp]:
    """Return the order of n-grams, word by word; where one ends, the other is behind it.

    Parameters
    ----------
    keys : ndarray of uint64
        Of all nodes: (node before + 1) << 32 | word.
    ranks : ndarray of uint64
        Of each word, from 1 on.
    numbers : ndarray of int32
        The nodes to be ordered.
    """
    words = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    before = (keys >> np.uint64(32)).astype(np.int64) - 1
    present = numbers.astype(np.int64)
    # From the last word of each to its first.
    backwards: list[NDArray[np.uint64]] = []
    sizes = np.zeros(len(numbers), dtype=np.int64)
    while (present >= 0).any():
        inside = present >= 0
        backwards.append(np.where(inside, ranks[words[present]], np.uint64(0)))
        sizes += inside
        present = np.where(inside, before[present], -1)
    by_place = np.array(backwards)
    every = np.arange(len(numbers))
    # Each step orders by one word more.
    order = every
    place = np.zeros(len(numbers), dtype=np.uint64)
    for k in range(len(backwards)):
        present = sizes - 1 - k
        rank = np.where(present >= 0, by_place[present, every], np.uint64(0))
        key = place << np.uint64(32) | rank
        order = np.argsort(key)
        ordered = key[order]
        steps = np.concatenate(([False], ordered[1:] != ordered[:-1]))
        place[order] = np.cumsum(steps, dtype=np.uint64)
    return cast("NDArray[np.intp]", order)
