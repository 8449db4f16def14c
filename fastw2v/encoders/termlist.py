"""The terms of the columns: packed, and made into strings when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v._formats.packedkeys import PackedKeys
from fastw2v._native.terms import Terms
from fastw2v._native.text import WordTable
from fastw2v._typing import Array
from fastw2v.safetensors import pack_keys
from fastw2v.vocabulary import Vocabulary

__all__ = ["Lookup", "TermList"]


class TermList:
    """Terms by column.

    Parameters
    ----------
    names : sequence or None
        The terms: strings, or whatever else an analyzer returns.
    packed : tuple of ndarray, optional
        In place of `names`: the strings as ``pack_keys`` has them.

    Examples
    --------
    >>> terms = TermList(["배", "사과"])
    >>> len(terms), terms.names, terms.index
    (2, ['배', '사과'], {'배': 0, '사과': 1})
    """

    def __init__(
        self,
        names: Sequence[Any] | None,
        packed: tuple[NDArray[np.uint8], NDArray[np.int64]] | None = None,
    ) -> None:
        self._names = None if names is None else list(names)
        self._packed = packed
        self._index: dict[Any, int] | None = None
        self._lookup: Lookup | None = None

    @classmethod
    def from_vocabulary(cls, vocabulary: object) -> TermList:
        """Check what a user gave as vocabulary: terms, or the column of each.

        Raises
        ------
        ValueError
            There are no terms, one stands twice, or the columns are not 0, 1, 2 and so on.
        """
        if isinstance(vocabulary, Vocabulary):
            vocabulary = vocabulary.index_to_key
        if isinstance(vocabulary, Mapping):
            names = _in_order(vocabulary)
        else:
            terms = cast("Iterable[Any]", vocabulary)
            names = sorted(terms) if isinstance(vocabulary, (set, frozenset)) else list(terms)
        if not names:
            raise ValueError("empty vocabulary passed to fit; give at least one term, or None")
        made = cls(names)
        if len(made.index) < len(names):
            seen: set[Any] = set()
            for name in names:
                if name in seen:
                    raise ValueError(f"Duplicate term in vocabulary: {name!r}; give each once")
                seen.add(name)
        return made

    def __len__(self) -> int:
        return len(self._packed[1]) if self._packed is not None else len(self.names)

    @property
    def names(self) -> list[Any]:
        """The term of each column."""
        if self._names is None:
            self._names = PackedKeys(*cast("tuple[Array, Array]", self._packed)).unpack()
        return self._names

    def as_array(self) -> NDArray[np.object_]:
        """Return the terms as an array of its own."""
        names = np.empty(len(self), dtype=object)
        names[:] = self.names
        return names

    @property
    def index(self) -> dict[Any, int]:
        """The column of each term."""
        if self._index is None:
            self._index = {name: column for column, name in enumerate(self.names)}
        return self._index

    def lookup(self, max_n: int) -> Lookup:
        """Return the table that finds the columns of counted strings; other terms are none."""
        lookup = self._lookup
        if lookup is None or lookup.max_n != max_n:
            columns = np.arange(len(self), dtype=np.int32)
            packed = self._packed
            if packed is None:
                are_text = np.array([isinstance(name, str) for name in self.names], dtype=bool)
                columns = columns[are_text]
                keys = pack_keys([str(self.names[column]) for column in columns.tolist()])
                packed = keys["key_bytes"], keys["key_ends"]
            lookup = self._lookup = Lookup(*packed, columns, max_n)
        return lookup

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_lookup": None, "_index": None}


class Lookup:
    """Finds the columns of terms that threads have counted.

    Parameters
    ----------
    key_bytes, key_ends : ndarray
        Terms, packed.
    columns : ndarray of int32
        The column of each.
    max_n : int
        How many words a term may have, with a space between; terms of more are never found.

    Examples
    --------
    >>> keys = pack_keys(["배", "사과 배", "사과"])
    >>> lookup = Lookup(keys["key_bytes"], keys["key_ends"], np.arange(3, dtype=np.int32), 2)
    >>> lookup.columns(Terms(2, WordTable()))
    array([], dtype=int32)
    """

    def __init__(
        self,
        key_bytes: NDArray[np.uint8],
        key_ends: NDArray[np.int64],
        columns: NDArray[np.int32],
        max_n: int,
    ) -> None:
        self.max_n = max_n
        self._terms = Terms(max_n, WordTable())
        if max_n == 1:
            counts = np.zeros(len(key_ends), dtype=np.int64)
            numbers = self._terms.words.enter(key_bytes, key_ends, counts)
        else:
            numbers, found = self._enter_ngrams(key_bytes, key_ends, max_n)
            columns = columns[found]
        # The last stands for terms that are not here: their number is -1.
        self._column_of = np.full(len(self._terms) + 1, -1, dtype=np.int32)
        self._column_of[numbers] = columns

    def columns(self, terms: Terms) -> NDArray[np.int32]:
        """Return the column of each of a thread's terms, -1 for those that have none."""
        return self._column_of[self._terms.find(terms)]

    def _enter_ngrams(
        self, key_bytes: NDArray[np.uint8], key_ends: NDArray[np.int64], max_n: int
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Enter terms of several words; return their nodes, and which terms those are of."""
        # With a space behind each term too, every word ends at a space.
        spaced = np.insert(key_bytes, key_ends, ord(" "))
        spaces = np.flatnonzero(spaced == ord(" "))
        ends = spaces - np.arange(len(spaces))
        words = spaced[spaced != ord(" ")]
        word_ids = self._terms.words.enter(words, ends, np.zeros(len(ends), dtype=np.int64))
        lasts = np.searchsorted(spaces, key_ends + np.arange(len(key_ends)))
        firsts = np.concatenate(([0], lasts[:-1] + 1))
        sizes = lasts - firsts + 1
        found = np.flatnonzero(sizes <= max_n)
        firsts, sizes = firsts[found], sizes[found]
        nodes = np.full(len(found), -1, dtype=np.int32)
        for k in range(sizes.max(initial=0)):
            deep = sizes > k
            before = (nodes[deep] + 1).astype(np.uint64) << np.uint64(32)
            nodes[deep] = self._terms.enter_nodes(
                before | word_ids[firsts[deep] + k].astype(np.uint64)
            )
        return nodes, found


def _in_order(vocabulary: Mapping[Any, Any]) -> list[Any]:
    """Return the terms in order of their columns."""
    columns = set(vocabulary.values())
    if len(columns) != len(vocabulary):
        raise ValueError("Vocabulary contains repeated indices. Give each term a column of its own")
    for column in range(len(vocabulary)):
        if column not in columns:
            raise ValueError(
                f"Vocabulary of size {len(vocabulary)} doesn't contain index {column}. Number the "
                "columns from 0 on, without gaps"
            )
    return sorted(vocabulary, key=lambda term: vocabulary[term])
