"""What `KeyedVectors` is asked for: keys, vectors, weights and the rows to search, in one form."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, Protocol, SupportsIndex, TypeAlias

import numpy as np

from fastw2v._checks import check_int, check_limit
from fastw2v._keyed.matrix import KeyedMatrix
from fastw2v._keyed.search import Found, Rows
from fastw2v._keyed.similarity import largest, unit
from fastw2v._keys import as_list, is_key
from fastw2v._typing import Array, Key

# The first so many rows, or the keys to choose from.
Restriction: TypeAlias = "SupportsIndex | Iterable[Key] | None"


class Indexer(Protocol):
    """What answers queries in the place of a search, such as an approximate index."""

    def most_similar(self, vector: Array, topn: int) -> Iterable[tuple[Any, float]]:
        """Return the `topn` nearest keys to a vector and their similarities, nearest first."""


def ask(indexer: Indexer, query: Array, count: int, given: set[Any]) -> list[tuple[Any, float]]:
    """Return the nearest keys that an indexer tells of, without those that were given."""
    if count < 1:
        return []
    found = indexer.most_similar(query.astype(np.float32), count + len(given))
    return [(key, similarity) for key, similarity in found if key not in given][:count]


def as_vector(name: str, value: Any, size: int) -> Array:
    """Return the vector if it is one, of the right size and finite."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be of keys and numpy vectors, got {value!r}")
    if value.shape != (size,):
        raise ValueError(f"a vector must have shape ({size},), got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError("a vector must be finite, got NaN or infinity")
    return value


def as_pair(item: Any, default: float) -> tuple[Any, float]:
    """Return a key or vector and its weight."""
    if not isinstance(item, tuple):
        return item, default
    if len(item) != 2 or not isinstance(item[1], Real) or not math.isfinite(item[1]):
        raise ValueError(f"expected a pair (key_or_vector, finite weight), got {item!r}")
    return item[0], float(item[1])


def as_items(given: Any) -> list[Any]:
    """Return what `most_similar` was given as a list of keys, vectors and pairs."""
    if given is None:
        return []
    one_vector = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "fiu"
    return [given] if one_vector or is_key(given) else list(given)


def check_topn(topn: SupportsIndex) -> int:
    """Return topn as an int, or raise TypeError."""
    try:
        if not isinstance(topn, bool):
            return operator.index(topn)
    except TypeError:
        pass
    raise TypeError(f"topn must be an integer or None, got {topn!r}")


class Candidates:
    """The rows that a query chooses from: all, those of a range, or those of some keys.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
    get_index : callable
        Returns the row of a key, or raises KeyError.
    restrict_vocab : int, iterable of keys, or None
    clip_start, clip_end : int or None
        The range, unless `restrict_vocab` is given.
    workers : int, optional
        How many threads may search.
    """

    def __init__(
        self,
        vectors: Array,
        get_index: Callable[[Any], int],
        restrict_vocab: Restriction = None,
        clip_start: int = 0,
        clip_end: int | None = None,
        workers: int | None = None,
    ) -> None:
        self._first = check_int("clip_start", clip_start, 0)
        stop = check_limit("clip_end", clip_end, 0)
        if restrict_vocab is not None and (self._first or stop is not None):
            raise ValueError("give restrict_vocab, or clip_start and clip_end, not both")
        self._chosen: Array | None = None
        if not isinstance(restrict_vocab, Iterable):
            if restrict_vocab is not None:
                stop = check_int("restrict_vocab", restrict_vocab, 1)
            vectors = vectors[self._first : stop]
        else:
            keys = as_list("restrict_vocab", restrict_vocab)
            self._given = np.array([get_index(key) for key in keys], np.int64)
            self._chosen = np.unique(self._given)
        self.rows = Rows(vectors, self._chosen, self._first, workers)

    def cosines(self, query: Array) -> Array:
        """Return the cosine of each candidate, keys in the order given."""
        cosines = self.rows.cosines(query)
        if self._chosen is None:
            return cosines
        found: Array = cosines[np.searchsorted(self._chosen, self._given)]
        return found

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, query: Array, count: int, excluded: Iterable[int]) -> Found:
        """Return the `count` rows that are nearest, without those excluded."""
        return self._as_rows(self.rows.nearest(query, count, self._within(excluded)))

    def nearest_to_each(
        self, queries: Array, count: int, excluded: Sequence[Iterable[int]]
    ) -> list[Found]:
        """Return `nearest` of each row of `queries`."""
        places = [self._within(rows) for rows in excluded]
        return list(map(self._as_rows, self.rows.nearest_to_each(queries, count, places)))

    def largest(self, scores: Array, count: int, excluded: Iterable[int]) -> Found:
        """Return the `count` rows with the largest scores, which are in the order of `cosines`."""
        if self._chosen is not None:
            first = np.zeros(len(self), np.intp)
            first[np.searchsorted(self._chosen, self._given)] = np.arange(len(scores))
            scores = scores[first]
        places = largest(scores, count, set(self._within(excluded)))
        return self._as_rows(Found(places, scores[places]))

    def _within(self, excluded: Iterable[int]) -> list[int]:
        """Return the places of those rows that are candidates."""
        if self._chosen is None:
            places = (row - self._first for row in excluded)
            return [place for place in places if 0 <= place < len(self.rows)]
        rows = np.array(list(excluded), np.int64)
        return np.flatnonzero(np.isin(self._chosen, rows)).tolist()

    def _as_rows(self, found: Found) -> Found:
        places, scores = found
        rows = places + self._first if self._chosen is None else self._chosen[places]
        return Found(rows, scores)


class KeyedQueries(KeyedMatrix):
    """A keyed matrix that makes queries of keys and vectors, and keys of rows."""

    def _unit_and_row(self, name: str, item: Any) -> tuple[Array, list[int]]:
        """Return a key or vector scaled to length 1, and the row of a key."""
        if is_key(item):
            vector, rows = self._finite_vector(item), [self.get_index(item)]
        else:
            vector, rows = as_vector(name, item, self.vector_size), []
        # Rounded, so that a key asks for the same as its vector scaled to length 1.
        return unit(vector).astype(self._working_dtype), rows

    def _query(self, vector: Array) -> Array:
        """Return the direction of a vector, in float64, as a search takes it."""
        return unit(unit(vector).astype(self._working_dtype))

    def _candidates(
        self,
        restrict_vocab: Restriction,
        clip_start: int = 0,
        clip_end: int | None = None,
        workers: int | None = None,
    ) -> Candidates:
        return Candidates(
            self._vectors, self.get_index, restrict_vocab, clip_start, clip_end, workers
        )

    def _named(self, found: Found) -> list[tuple[Any, float]]:
        """Return keys and similarities of rows."""
        keys = self._index_to_key
        return [
            (keys[row], value)
            for row, value in zip(found.rows.tolist(), found.cosines.tolist(), strict=True)
        ]

    def _direction(self, positive: Any, negative: Any) -> tuple[Array, list[int]]:
        """Return the unit mean of what is given to `most_similar`, and the rows of its keys."""
        weighted = [(item, 1.0) for item in as_items(positive)]
        weighted += [(item, -1.0) for item in as_items(negative)]
        if not weighted:
            raise ValueError("positive and negative are both empty: give at least one key")
        pairs = [as_pair(item, default) for item, default in weighted]
        largest = max(abs(weight) for _, weight in pairs) or 1.0
        total = np.zeros(self.vector_size)
        given = []
        for target, weight in pairs:
            vector, rows = self._unit_and_row("positive and negative", target)
            total += weight / largest * vector  # their direction alone counts
            given += rows
        return self._query(total), given
