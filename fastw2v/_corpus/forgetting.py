"""Reading with bounded memory: the rarest words are forgotten when there are too many of them.

Lossy counting (Manku & Motwani, "Approximate frequency counts over data streams", 2002), but for
that what is forgotten is half of a full table rather than what a fixed rate says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.text import TokenIds, WordTable

__all__ = ["Forgetting"]


class Forgetting:
    """The tables that follow one another while a corpus is read, each when one before is full.

    Parameters
    ----------
    limit : int
        Words that a table may hold when its turn ends.

    Attributes
    ----------
    count_error : int
        The most that the count of any word may be short by, or amount to if the word is gone.
    table : int
        Number of the table in use, from 0.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count_error = 0
        self._moves: list[NDArray[np.int32]] = []  # ids of each table in the next one, or -1

    @property
    def table(self) -> int:
        return len(self._moves)

    def next_words(self, table: WordTable) -> WordTable:
        """Return the table to go on with: this one, or one that holds its most frequent words."""
        if len(table) <= self.limit:
            return table
        order, counts, key_bytes, key_ends = table.sorted_words()
        kept = int((counts > self._cut(counts)).sum())
        self._moves.append(np.where(order < kept, order, np.int32(-1)))
        new = WordTable()
        if kept:
            new.enter(key_bytes[: key_ends[kept - 1]], key_ends[:kept], counts[:kept])
        return new

    def next_ids(
        self, table: TokenIds, counts: NDArray[np.int64]
    ) -> tuple[TokenIds, NDArray[np.int64]]:
        """Do the same for tokens that are Python objects; `counts` are those of integers."""
        if len(table.ids) > self.limit:
            keep = counts > self._cut(-np.sort(-counts))
            self._moves.append(np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32))
            kept = [key for key, stays in zip(table.ids, keep.tolist(), strict=True) if stays]
            return TokenIds(ids={key: n for n, key in enumerate(kept)}), counts[keep]
        words = self.next_words(table.words)
        return (table if words is table.words else TokenIds(words)), counts

    def ranks(self, last: NDArray[np.int32]) -> Sequence[NDArray[np.int32]]:
        """Return, for each table, the rank of every id, or -1; `last` is that of the last table."""
        tables = [last]
        for move in reversed(self._moves):
            following = np.append(tables[-1], np.int32(-1))  # which -1 finds
            tables.append(following[move])
        return tables[::-1]

    def _cut(self, sorted_counts: NDArray[np.int64]) -> int:
        """Return the count up to which words go, so that at most half a table stays.

        Words of one count go together: which of them stays would be a matter of spelling.
        """
        cut = int(sorted_counts[self.limit // 2])
        self.count_error += cut
        return cut
