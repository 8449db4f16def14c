"""Similarities of one key with another, or with all: a part of `KeyedVectors`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fastw2v._checks import FLOATS
from fastw2v._keyed.queries import KeyedQueries, as_vector
from fastw2v._keyed.search import Rows
from fastw2v._keyed.similarity import cosine, unit
from fastw2v._keys import as_list
from fastw2v._typing import Array, Key


class KeyedPairs(KeyedQueries):
    """A keyed matrix whose rows are compared."""

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of two keys' vectors.

        Parameters
        ----------
        w1, w2 : str or int

        Returns
        -------
        float
            From -1 to 1; 0.0 if either vector is zero.

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or its vector is not finite.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "dog"], np.array([[1.0, 0], [3, 4]]))
        >>> wv.similarity("개", "dog")
        0.6
        """
        return cosine(self._finite_vector(w1), self._finite_vector(w2))

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 - `similarity`.

        Parameters
        ----------
        w1, w2 : str or int

        Returns
        -------
        float
            From 0 to 2; 1.0 if either vector is zero.

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or its vector is not finite.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "dog"], np.array([[1.0, 0], [3, 4]]))
        >>> wv.distance("개", "dog")
        0.4
        """
        return 1.0 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Key | Array, other_words: Iterable[Key] = ()) -> Array:
        """Return 1 - cosine of a key or vector with some keys, or with all.

        Parameters
        ----------
        word_or_vector : str, int, or ndarray of shape (d,)
        other_words : iterable of m str or int, default ()
            None of them means all keys.

        Returns
        -------
        ndarray of float32 of shape (m,) or (n,)

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or a vector not finite.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "dog", "차"], np.array([[1.0, 0], [3, 0], [0, 2]]))
        >>> wv.distances("개", ["차", "dog"])
        array([1., 0.], dtype=float32)
        """
        given = as_list("other_words", other_words if other_words is not None else ())
        rows = np.array([self.get_index(key) for key in given], np.int64) if given else None
        return 1 - self._cosines(word_or_vector, rows)

    @staticmethod
    def cosine_similarities(vector_1: Array, vectors_all: Array) -> Array:
        """Return the cosines of one vector with the rows of a matrix.

        Parameters
        ----------
        vector_1 : ndarray of shape (d,)
        vectors_all : ndarray of shape (m, d)

        Returns
        -------
        ndarray of float64 of shape (m,)
            0 where either vector is zero.

        Raises
        ------
        ValueError
            The shapes do not fit, or a vector is not finite.

        Examples
        --------
        >>> KeyedPairs.cosine_similarities(np.array([1.0, 0]), np.array([[3.0, 4], [0, 0]]))
        array([0.6, 0. ])
        """
        rows = np.asarray(vectors_all)
        if rows.ndim != 2:
            raise ValueError(f"vectors_all must have shape (m, d), got {rows.shape}")
        vector = as_vector("vector_1", np.asarray(vector_1), rows.shape[1])
        if rows.dtype.name not in FLOATS:
            rows = rows.astype(np.float64)
        return Rows(rows).exact_cosines(unit(vector))

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Any:
        """Return the key out of a list that is most similar to another.

        Parameters
        ----------
        key1 : str or int
        keys_list : sequence of str or int

        Returns
        -------
        str or int
            The first of them, if several are.

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or its vector not finite; or the list is empty.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> wv.most_similar_to_given("개", ["차", "cat"])
        'cat'
        """
        keys = as_list("keys_list", keys_list)
        if not keys:
            raise ValueError("keys_list must hold at least one key, got none")
        return keys[int(np.argmax([self.similarity(key1, key) for key in keys]))]

    def closer_than(self, key1: Key, key2: Key) -> list[Any]:
        """Return the keys that are nearer to one key than another is, in row order.

        Parameters
        ----------
        key1, key2 : str or int

        Returns
        -------
        list of str or int
            Without `key1` itself.

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or a vector not finite.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> wv.closer_than("개", "차")
        ['cat']
        """
        own, other = self.get_index(key1), self.get_index(key2)
        cosines = self._cosines(key1)
        rows = np.flatnonzero(cosines > cosines[other]).tolist()
        return [self._index_to_key[row] for row in rows if row != own]

    def rank(self, key1: Key, key2: Key) -> int:
        """Return which of the nearest keys to one another is: 1 if none is nearer.

        Parameters
        ----------
        key1, key2 : str or int

        Returns
        -------
        int

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or a vector not finite.

        Examples
        --------
        >>> wv = KeyedPairs.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> wv.rank("개", "차")
        2
        """
        return len(self.closer_than(key1, key2)) + 1

    def _cosines(self, key_or_vector: Key | Array, rows: Array | None = None) -> Array:
        """Return the float32 cosine of a key or vector with some rows, or with all."""
        vector, _ = self._unit_and_row("word_or_vector", key_or_vector)
        with self._naming_rows():
            return Rows(self._vectors, rows).cosines(self._query(vector))
