"""Word vectors by key: similarity and analogies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex, overload

import numpy as np

from fastw2v._checks import check_int
from fastw2v._keyedfiles import KeyedFiles
from fastw2v._keys import as_list, is_key
from fastw2v._queries import as_items, as_pair, as_vector, check_topn
from fastw2v._similarity import cosines, largest, unit
from fastw2v._to_gensim import to_gensim
from fastw2v._typing import Array, Key
from fastw2v.evaluation import evaluate_word_analogies, evaluate_word_pairs


class KeyedVectors(KeyedFiles):
    """Vectors that are looked up by a word or an id.

    Keys are all strings or all integers. An integer is only ever a key, never a row number: row 0
    is ``wv.vectors[0]`` and its key ``wv.index_to_key[0]``.

    Parameters
    ----------
    vector_size : int
        Dimensions. The new object is empty; `from_arrays` and the load methods make full ones.
    dtype : dtype, default float32
        float16, float32 or float64.

    Examples
    --------
    >>> wv = KeyedVectors.from_arrays(["왕", "king", "개"], np.array([[2.0, 1], [4, 2], [-1, 2]]))
    >>> wv["왕"]
    array([2., 1.])
    >>> wv.most_similar("왕", topn=1)
    [('king', 1.0)]
    >>> len(wv), "dog" in wv
    (3, False)
    """

    @overload
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: SupportsIndex = 10,
        restrict_vocab: int | None = None,
    ) -> list[tuple[Any, float]]: ...

    @overload
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        *,
        topn: None,
        restrict_vocab: int | None = None,
    ) -> Array: ...

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: SupportsIndex | None = 10,
        restrict_vocab: int | None = None,
    ) -> list[tuple[Any, float]] | Array:
        """Return the keys whose vectors have the largest cosine with a combination of vectors.

        The combination is the weighted mean of the given vectors, each scaled to length 1 first
        (Mikolov et al., 2013, https://aclanthology.org/N13-1090). With positive ``["왕", "여자"]``
        and negative ``["남자"]`` it asks: 남자 is to 왕 as 여자 is to what?

        Parameters
        ----------
        positive, negative : key, ndarray, or list of keys, ndarrays and pairs, optional
            Keys or vectors of shape (d,). A pair ``(key_or_vector, weight)`` replaces the weight,
            which is 1 for positive and -1 for negative. A 2-D array is a list of vectors.
        topn : int or None, default 10
            How many keys; None returns the similarities of all rows instead.
        restrict_vocab : int, optional
            Search only the first so many rows, the most frequent words.

        Returns
        -------
        list of (key, float), or ndarray of float32 of shape (n,) if `topn` is None
            Largest first, ties in row order, without the keys that were given.

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            Nothing is given, or something else than keys, finite vectors of shape (d,) and pairs.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(
        ...     ["왕", "여왕", "남자", "여자"], np.array([[2.0, 1], [2, -1], [0, 1], [0, -1]])
        ... )
        >>> wv.most_similar(positive=["왕", "여자"], negative=["남자"], topn=1)[0][0]
        '여왕'
        """
        count = None if topn is None else check_topn(topn)
        stop = None if restrict_vocab is None else check_int("restrict_vocab", restrict_vocab, 1)
        direction, given = self._direction(positive, negative)
        similarities = cosines(self._vectors[:stop], self.norms[:stop], direction)
        if count is None:
            return similarities
        rows = largest(similarities, max(count, 0), given).tolist()
        return [(self._index_to_key[row], float(similarities[row])) for row in rows]

    def similar_by_key(
        self, key: Key, topn: SupportsIndex | None = 10, restrict_vocab: int | None = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one key.

        Parameters
        ----------
        key : str or int
        topn, restrict_vocab : int, optional
            As in `most_similar`.

        Returns
        -------
        list of (key, float), or ndarray of float32 of shape (n,) if `topn` is None

        Raises
        ------
        KeyError
            The key is unknown.

        Examples
        --------
        >>> KeyedVectors.from_arrays(["왕", "차"], np.eye(2)).similar_by_key("왕")
        [('차', 0.0)]
        """
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Key, topn: SupportsIndex | None = 10, restrict_vocab: int | None = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one word; `similar_by_key` by another name.

        Parameters
        ----------
        word : str or int
        topn, restrict_vocab : int, optional
            As in `most_similar`; so are the result and the errors.

        Examples
        --------
        >>> KeyedVectors.from_arrays(["왕", "차"], np.eye(2)).similar_by_word("왕")
        [('차', 0.0)]
        """
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: Array, topn: SupportsIndex | None = 10, restrict_vocab: int | None = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one vector.

        Parameters
        ----------
        vector : ndarray of shape (d,)
        topn, restrict_vocab : int, optional
            As in `most_similar`; so are the result and the errors.

        Examples
        --------
        >>> KeyedVectors.from_arrays(["왕", "차"], np.eye(2)).similar_by_vector(np.array([3, 0]))
        [('왕', 1.0), ('차', 0.0)]
        """
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def doesnt_match(self, words: Iterable[Key]) -> Any:
        """Return the key whose direction is farthest from the mean direction of all.

        Parameters
        ----------
        words : iterable of str or int

        Returns
        -------
        str or int
            The first such key, if several are equally far.

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            `words` is one string, or empty; or a vector is not finite.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> wv.doesnt_match(["개", "cat", "차"])
        '차'
        """
        keys = as_list("words", words)
        if not keys:
            raise ValueError("words must hold at least one key, got none")
        units = np.array([unit(self._finite_vector(key)) for key in keys])
        return keys[int((units @ units.mean(axis=0)).argmin())]

    evaluate_word_pairs = evaluate_word_pairs
    evaluate_word_analogies = evaluate_word_analogies
    to_gensim = to_gensim

    def _direction(self, positive: Any, negative: Any) -> tuple[Array, set[int]]:
        """Return the unit mean of what is given to `most_similar`, and the rows of its keys."""
        weighted = [(item, 1.0) for item in as_items(positive)]
        weighted += [(item, -1.0) for item in as_items(negative)]
        if not weighted:
            raise ValueError("positive and negative are both empty: give at least one key")
        total = np.zeros(self.vector_size)
        given = set()
        for item, default in weighted:
            target, weight = as_pair(item, default)
            if is_key(target):
                given.add(self.get_index(target))
                vector = self._finite_vector(target)
            else:
                vector = as_vector(target, self.vector_size)
            total += weight * unit(vector)
        return unit(total), given
