"""Word vectors by key: similarity and analogies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex, cast, overload

import numpy as np

from fastw2v._gensim.export import to_gensim
from fastw2v._keyed.edits import KeyedEdits
from fastw2v._keyed.files import KeyedFiles
from fastw2v._keyed.lists import KeyedLists
from fastw2v._keyed.oldnames import OldNames
from fastw2v._keyed.pairs import KeyedPairs
from fastw2v._keyed.queries import Indexer, Restriction, as_items, ask, check_topn
from fastw2v._keys import as_list
from fastw2v._typing import Array, Key
from fastw2v.cpu import thread_count
from fastw2v.evaluation import evaluate_word_analogies, evaluate_word_pairs
from fastw2v.progress import Progress


class KeyedVectors(OldNames, KeyedPairs, KeyedLists, KeyedEdits, KeyedFiles):
    """Vectors that are looked up by a word or an id.

    Keys are all strings or all integers. An integer is only ever a key, never a row number: row 0
    is ``wv.vectors[0]`` and its key ``wv.index_to_key[0]``. Vectors may change at any time, through
    methods or in place: nothing that depends on them is kept.

    Parameters
    ----------
    vector_size : int
        Dimensions. The new object is empty; `from_arrays` and the load methods make full ones.
    count : int, default 0
        How many rows to keep room for. There is no row before its key is added.
    dtype : dtype, default float32
        float16, float32 or float64.

    Notes
    -----
    Any number of threads may ask at the same time, while one, and no more, adds or changes vectors.

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
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: Restriction = None,
        indexer: Indexer | None = None,
    ) -> list[tuple[Any, float]]: ...

    @overload
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        *,
        topn: None,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: Restriction = None,
        indexer: None = None,
    ) -> Array: ...

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: SupportsIndex | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: Restriction = None,
        indexer: Indexer | None = None,
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
            How many keys; None returns the similarities of all candidates instead.
        clip_start, clip_end : int, default 0 and None
            Search only these rows.
        restrict_vocab : int or iterable of keys, optional
            Search only the first so many rows, the most frequent words; or only these keys.
        indexer : object, optional
            Asked instead of a search: its ``most_similar(vector, topn)`` returns pairs of a key and
            a similarity, nearest first. The vector is of float32 and length 1.

        Returns
        -------
        list of (key, float), or ndarray of float32 of shape (n,) if `topn` is None
            Largest first, ties in row order, without the keys that were given; or of the
            candidates in row order, of keys in the order given.

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            Nothing is given, or something else than keys, finite vectors of shape (d,) and pairs;
            or `indexer` is none, or is given with what says where to search, or without `topn`.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(
        ...     ["왕", "여왕", "남자", "여자"], np.array([[2.0, 1], [2, -1], [0, 1], [0, -1]])
        ... )
        >>> wv.most_similar(positive=["왕", "여자"], negative=["남자"], topn=1)[0][0]
        '여왕'
        >>> [key for key, _ in wv.most_similar("왕", restrict_vocab=["여자", "여왕"])]
        ['여왕', '여자']
        """
        count = None if topn is None else check_topn(topn)
        query, given = self._direction(positive, negative)
        if indexer is not None:
            if not callable(getattr(indexer, "most_similar", None)):
                raise TypeError(
                    f"an indexer needs a method most_similar(vector, topn), got {indexer!r}"
                )
            if count is None or clip_start or (clip_end, restrict_vocab) != (None, None):
                raise ValueError(
                    "an indexer searches all it has for topn keys: give no clip_start, clip_end or "
                    "restrict_vocab with it, and no topn=None"
                )
            keys = {self._index_to_key[row] for row in given}
            return ask(indexer, query, count, keys)
        candidates = self._candidates(restrict_vocab, clip_start, clip_end)
        with self._naming_rows():
            if count is None:
                return candidates.cosines(query)
            if count < 1:
                return []
            return self._named(candidates.nearest(query, count, given))

    def most_similar_batch(
        self,
        keys: Iterable[Key | Array],
        topn: SupportsIndex = 10,
        restrict_vocab: Restriction = None,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> list[list[tuple[Any, float]]]:
        """Return `most_similar` of each of many keys or vectors, many times sooner.

        Parameters
        ----------
        keys : iterable of keys and ndarrays of shape (d,), or one ndarray of shape (q, d)
        topn : int, default 10
            How many keys for each.
        restrict_vocab : int or iterable of keys, optional
            Search only the first so many rows; or only these keys.
        workers : int, optional
            How many threads may work; default all cores. The result does not depend on it.
        progress : bool, optional
            Whether to show progress; default on a terminal, after two seconds.

        Returns
        -------
        list of list of (key, float)
            In the order of `keys`, each without its own key.

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            `keys` is one string, or holds something else than keys and finite vectors of shape
            (d,); or a vector is not finite.

        Examples
        --------
        >>> rows = np.array([[2.0, 1], [4, 2], [-1, 2]])
        >>> wv = KeyedVectors.from_arrays(["왕", "king", "개"], rows)
        >>> wv.most_similar_batch(["왕", "개"], topn=1)
        [[('king', 1.0)], [('왕', 0.0)]]
        """
        count = check_topn(topn)
        threads = thread_count(workers)
        items = list(keys) if isinstance(keys, np.ndarray) else as_list("keys", cast("Any", keys))
        asked = [self._unit_and_row("keys", item) for item in items]
        if count < 1 or not asked:
            return [[] for _ in asked]
        candidates = self._candidates(restrict_vocab, workers=threads)
        size = candidates.rows.queries_at_once(count)
        found: list[list[tuple[Any, float]]] = []
        with Progress("searching", len(asked), "queries", progress) as shown, self._naming_rows():
            for start in range(0, len(asked), size):
                some = asked[start : start + size]
                queries = np.array([self._query(vector) for vector, _ in some])
                nearest = candidates.nearest_to_each(queries, count, [rows for _, rows in some])
                found += map(self._named, nearest)
                shown.update(len(found))
            shown.finish(len(found))
        return found

    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: SupportsIndex | None = 10,
        restrict_vocab: Restriction = None,
    ) -> list[tuple[Any, float]] | Array:
        """Return the keys for which a product of similarities, 3CosMul, is largest.

        Similarities are (1 + cosine) / 2. Those with all positive items are multiplied and divided
        by those with all negative ones, plus 1e-6 (Levy and Goldberg, 2014, equation 4,
        https://aclanthology.org/W14-1618).

        Parameters
        ----------
        positive, negative : key, ndarray, or list of keys and ndarrays, optional
        topn, restrict_vocab : optional
            As in `most_similar`.

        Returns
        -------
        list of (key, float), or ndarray of float64 of shape (n,) if `topn` is None

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            There is nothing positive, or something else than keys and finite vectors.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(
        ...     ["왕", "여왕", "남자", "여자"], np.array([[2.0, 1], [2, -1], [0, 1], [0, -1]])
        ... )
        >>> wv.most_similar_cosmul(positive=["왕", "여자"], negative=["남자"], topn=1)[0][0]
        '여왕'
        """
        count = None if topn is None else check_topn(topn)
        factors, given = [], []
        for name, items in (("positive", positive), ("negative", negative)):
            asked = [self._unit_and_row(name, item) for item in as_items(items)]
            factors.append([self._query(vector) for vector, _ in asked])
            given += [row for _, rows in asked for row in rows]
        if not factors[0]:
            raise ValueError("positive is empty: give at least one key")
        candidates = self._candidates(restrict_vocab)
        products: list[Any] = []
        for queries in factors:
            product: Any = 1.0
            for query in queries:
                with self._naming_rows():
                    product = product * ((candidates.cosines(query).astype(np.float64) + 1) / 2)
            products.append(product)
        scores: Array = products[0] / (products[1] + 1e-6)
        if count is None:
            return scores
        return self._named(candidates.largest(scores, max(count, 0), given))

    def similar_by_key(
        self, key: Key, topn: SupportsIndex | None = 10, restrict_vocab: Restriction = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one key.

        Parameters
        ----------
        key : str or int
        topn, restrict_vocab : optional
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
        self, word: Key, topn: SupportsIndex | None = 10, restrict_vocab: Restriction = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one word; `similar_by_key` by another name.

        Parameters
        ----------
        word : str or int
        topn, restrict_vocab : optional
            As in `most_similar`.

        Returns
        -------
        list of (key, float), or ndarray of float32 of shape (n,) if `topn` is None

        Raises
        ------
        KeyError
            The word is unknown.

        Examples
        --------
        >>> KeyedVectors.from_arrays(["왕", "차"], np.eye(2)).similar_by_word("왕")
        [('차', 0.0)]
        """
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: Array, topn: SupportsIndex | None = 10, restrict_vocab: Restriction = None
    ) -> list[tuple[Any, float]] | Array:
        """Return `most_similar` of one vector.

        Parameters
        ----------
        vector : ndarray of shape (d,)
        topn, restrict_vocab : optional
            As in `most_similar`.

        Returns
        -------
        list of (key, float), or ndarray of float32 of shape (n,) if `topn` is None

        Raises
        ------
        TypeError, ValueError
            It is no finite vector of shape (d,).

        Examples
        --------
        >>> KeyedVectors.from_arrays(["왕", "차"], np.eye(2)).similar_by_vector(np.array([3, 0]))
        [('왕', 1.0), ('차', 0.0)]
        """
        return self.most_similar([vector], topn=topn, restrict_vocab=restrict_vocab)

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: SupportsIndex = 10) -> float:
        """Return the similarity of two keys over the sum of those of the first with its nearest.

        Above ``1 / topn``, they are more alike than the nearest are on average (Leeuwenberg et al.,
        2016, equation 1, https://doi.org/10.1515/pralin-2016-0006).

        Parameters
        ----------
        wa, wb : str or int
        topn : int, default 10
            How many of the nearest keys of `wa`.

        Returns
        -------
        float

        Raises
        ------
        KeyError, ValueError
            A key is unknown, a vector is not finite, or there are no other keys.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [1, 0], [0, 1]]))
        >>> wv.relative_cosine_similarity("개", "cat")
        1.0
        """
        nearest = self.most_similar([wa], topn=topn)
        if not nearest:
            raise ValueError(f"topn={topn} of {len(self)} keys leaves none to compare with")
        return self.similarity(wa, wb) / sum(similarity for _, similarity in nearest)

    evaluate_word_pairs = evaluate_word_pairs
    evaluate_word_analogies = evaluate_word_analogies
    to_gensim = to_gensim
