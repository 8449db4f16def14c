"""Words and pairs of words with their counts, which phrases are chosen by."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.phrases import CONNECTOR, PairCounter, PairTable
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew
from fastw2v.progress import Progress
from fastw2v.tokenfile import release

# Pairs are told apart by a hash; each thread counts those of one interval of it.
_HASHES = 1 << 32
_PORTION = 1 << 20
# So many pairs at least are held in memory while a corpus is read.
_ROOM = 1 << 20


class PairCounts(NamedTuple):
    """How often words occur, and pairs of them with nothing but a chain of connector words between.

    The pairs stand in the order of their first appearance.
    """

    words: list[str]  # without the connector words
    word_counts: NDArray[np.int64]
    first: NDArray[np.int32]  # of each pair: index in `words`
    last: NDArray[np.int32]
    chain: NDArray[np.int32]  # index in `chains`
    counts: NDArray[np.int64]
    chains: list[tuple[str, ...]]  # chains[0] is the empty one


def no_pairs() -> PairCounts:
    """Return what is known of no corpus."""
    ids, counts = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    return PairCounts([], counts, ids, ids, ids, counts, [()])


def words_of(corpus: Corpus) -> list[str]:
    """Return the words of a corpus; TypeError if they are numbers."""
    words = corpus.words
    if words and not isinstance(words[0], str):
        raise TypeError(f"phrases are made of words, got {words[0]!r}; make strings of the numbers")
    return cast("list[str]", words)


def connector_flags(words: list[str], connector_words: Collection[str]) -> NDArray[np.uint8]:
    """Return CONNECTOR for connector words, else 0."""
    flags = [CONNECTOR if word in connector_words else 0 for word in words]
    return np.array(flags, dtype=np.uint8)


def count_pairs(
    corpus: Corpus,
    connector_words: Collection[str],
    max_size: int,
    workers: int,
    progress: bool | None,
) -> PairCounts:
    """Count the words and pairs of a corpus; see `prune` about `max_size`.

    Where there are more pairs than memory for them, the token file is read again for the others.
    """
    words = words_of(corpus)
    flags = connector_flags(words, connector_words)
    is_word = flags == 0
    pool = _Pool(corpus.counts[is_word], max_size)
    bounds = [_HASHES * k // workers for k in range(workers + 1)]
    intervals = deque(pairwise(bounds))
    room = max(max_size, _ROOM) // workers + 1
    while intervals:
        todo = [intervals.popleft() for _ in range(min(workers, len(intervals)))]
        counters = [PairCounter(flags, low, high, room) for low, high in todo]
        _sweep(corpus, counters, progress)
        for counter, (_, high) in zip(counters, todo, strict=True):
            if counter.high < high:
                intervals.append((counter.high, high))
            pool.add(counter)
    first, last, chain, counts = pool.in_order()
    index = np.cumsum(is_word, dtype=np.int32) - np.int32(1)
    return _above(
        PairCounts(
            [words[k] for k in np.flatnonzero(is_word).tolist()],
            corpus.counts[is_word],
            index[first],
            index[last],
            chain,
            counts,
            [tuple(words[k] for k in ids) for ids in pool.chains],
        ),
        pool.limit,
    )


def prune(known: PairCounts, max_size: int) -> PairCounts:
    """Keep at most `max_size` words and pairs: those that occur more than c times, c minimal.

    Words and pairs that occur equally often stay together, or go together.
    """
    return _above(known, _limit([known.word_counts, known.counts], max_size))


def _above(known: PairCounts, limit: int) -> PairCounts:
    """Keep the words and pairs that occur more than `limit` times."""
    if not limit:
        return known
    kept_words, kept = known.word_counts > limit, known.counts > limit
    index = np.cumsum(kept_words, dtype=np.int32) - np.int32(1)
    return PairCounts(
        [known.words[k] for k in np.flatnonzero(kept_words).tolist()],
        known.word_counts[kept_words],
        # A word occurs as often as its pairs at least.
        index[known.first[kept]],
        index[known.last[kept]],
        known.chain[kept],
        known.counts[kept],
        known.chains,
    )


def add(known: PairCounts, more: PairCounts) -> PairCounts:
    """Return the counts of both together."""
    if not known.words:
        return more
    index = {word: k for k, word in enumerate(known.words)}
    chains = {chain: k for k, chain in enumerate(known.chains)}
    new = [index.setdefault(word, len(index)) for word in more.words]
    new_chains = [chains.setdefault(chain, len(chains)) for chain in more.chains]
    ids, chain_ids = np.array(new, dtype=np.int32), np.array(new_chains, dtype=np.int32)
    word_counts = np.zeros(len(index), dtype=np.int64)
    word_counts[: len(known.words)] = known.word_counts
    word_counts[ids] += more.word_counts
    table = PairTable()
    table.add(known.first, known.last, known.chain, known.counts)
    table.add(ids[more.first], ids[more.last], chain_ids[more.chain], more.counts)
    first, last, chain, counts, _ = table.arrays()
    return PairCounts(list(index), word_counts, first, last, chain, counts, list(chains))


def _limit(counts: list[NDArray[np.int64]], max_size: int) -> int:
    """Return the lowest c such that at most `max_size` of the counts are above it."""
    n = sum(map(len, counts))
    if n <= max_size:
        return 0
    place = n - max_size - 1
    return int(np.partition(np.concatenate(counts), place)[place])


def _sweep(corpus: Corpus, counters: list[PairCounter], progress: bool | None) -> None:
    """Have each counter count all of a corpus, in a thread of its own."""
    tokens, offsets = corpus.tokens, corpus.offsets
    done = [0] * len(counters)
    stopped: list[bool] = []

    def count(number: int, counter: PairCounter) -> None:
        for begin in range(0, len(tokens), _PORTION):
            if stopped:
                return
            end = min(begin + _PORTION, len(tokens))
            counter.count(tokens, offsets, begin, end)
            release(tokens, begin, end)
            done[number] = end

    with Progress("counting pairs", len(tokens), "words", progress) as line:
        jobs = [partial(count, number, counter) for number, counter in enumerate(counters)]
        with Crew(jobs, lambda: stopped.append(True)) as crew:
            crew.wait(lambda: line.update(sum(done) // len(done)))
        line.finish(len(tokens))


class _Pool:
    """The pairs that counters have counted, at most as many as shall stay."""

    def __init__(self, word_counts: NDArray[np.int64], max_size: int) -> None:
        self._word_counts = word_counts
        self._max_size = max_size
        known = no_pairs()
        # First and last word, chain, count, and position of the first one.
        self._columns: list[NDArray[Any]]
        self._columns = [known.first, known.last, known.chain, known.counts, known.counts]
        self.limit = 0  # no pair stays that occurs so often or less
        self.chains: dict[tuple[int, ...], int] = {(): 0}

    def add(self, counter: PairCounter) -> None:
        first, last, chain, counts, positions = counter.pairs.arrays()
        chain = self._chains_of(counter.chains, chain)
        columns: list[NDArray[Any]] = [first, last, chain, counts, positions]
        self._columns = [np.concatenate(pair) for pair in zip(self._columns, columns, strict=True)]
        self._drop(self.limit)  # what would have gone before, had it come before
        words = self._word_counts[self._word_counts > self.limit]
        limit = _limit([words, self._columns[3]], self._max_size)
        if limit:
            self.limit = limit
            self._drop(limit)

    def _drop(self, limit: int) -> None:
        if limit:
            kept = self._columns[3] > limit
            self._columns = [column[kept] for column in self._columns]

    def _chains_of(self, table: PairTable, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Number the chains of a counter as all counters have them."""
        before, words, *_ = table.arrays()
        numbers = np.zeros(len(table) + 1, dtype=np.int32)
        for node in np.unique(nodes[nodes > 0]).tolist():
            ids: list[int] = []
            place = node
            while place:
                ids.append(int(words[place - 1]))
                place = int(before[place - 1])
            numbers[node] = self.chains.setdefault(tuple(reversed(ids)), len(self.chains))
        return numbers[nodes]

    def in_order(
        self,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Return first and last word, chain and count of all, in order of appearance."""
        first, last, chain, counts, positions = self._columns
        order = np.argsort(positions, kind="stable")
        return first[order], last[order], chain[order], counts[order]
