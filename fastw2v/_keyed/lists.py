"""Lists of keys, such as texts: a part of `KeyedVectors`."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from fastw2v._keyed.matrix import KeyedMatrix
from fastw2v._keyed.queries import as_vector
from fastw2v._keyed.similarity import cosine, falling, unit
from fastw2v._keyed.transport import least_cost
from fastw2v._keys import as_list, is_key
from fastw2v._typing import Array, Key


class KeyedLists(KeyedMatrix):
    """A keyed matrix whose keys are compared as lists, in float64."""

    def n_similarity(self, ws1: Iterable[Key], ws2: Iterable[Key]) -> float:
        """Return the cosine of the mean vectors of two lists of keys.

        Parameters
        ----------
        ws1, ws2 : iterable of str or int
            Unknown keys are left out, with a warning.

        Returns
        -------
        float
            From -1 to 1; 0.0 if either mean is zero, which it is without known keys.

        Raises
        ------
        TypeError, ValueError
            A list is one string, or empty; or a vector is not finite.

        Warns
        -----
        UserWarning
            Keys are unknown.

        Examples
        --------
        >>> wv = KeyedLists.from_arrays(["a", "b", "c"], np.array([[1.0, 0], [0, 1], [2, 2]]))
        >>> round(wv.n_similarity(["a", "b"], ["c"]), 6)
        1.0
        """
        means: list[Array] = []
        for name, keys in (("ws1", ws1), ("ws2", ws2)):
            listed = as_list(name, keys)
            if not listed:
                raise ValueError(f"{name} must hold at least one key, got none")
            vectors = [self._finite_vector(key) for key in self._known(name, listed)]
            # The sum of nothing is zero.
            means.append(np.sum([np.zeros(self.vector_size), *vectors], axis=0) / len(listed))
        return cosine(*means)

    def get_mean_vector(
        self,
        keys: Iterable[Key | Array],
        weights: ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Array:
        """Return the weighted mean of vectors: the sum of each times its weight, over |weights|.

        Parameters
        ----------
        keys : iterable of n str, int, or ndarray of shape (d,)
        weights : array of shape (n,), optional
            Default 1 for each.
        pre_normalize : bool, default True
            Whether to scale the vectors of keys to length 1 first; those given are taken as they
            are.
        post_normalize : bool, default False
            Whether to scale the mean to length 1.
        ignore_missing : bool, default True
            Whether unknown keys are left out, with a warning, or raise KeyError.

        Returns
        -------
        ndarray of shape (d,)
            float64 if `vectors` is, otherwise float32; zeros if nothing has a weight.

        Raises
        ------
        KeyError
            A key is unknown, and `ignore_missing` is False.
        TypeError, ValueError
            `keys` is one string, or empty; there is not a weight for each; or a vector is not
            finite, or not of shape (d,).

        Warns
        -----
        UserWarning
            Keys are unknown.

        Examples
        --------
        >>> wv = KeyedLists.from_arrays(["a", "b"], np.array([[3.0, 0], [0, 1]]))
        >>> wv.get_mean_vector(["a", "b"], weights=[1, 3])
        array([0.25, 0.75])
        """
        items = list(keys) if isinstance(keys, np.ndarray) else as_list("keys", cast("Any", keys))
        if not items:
            raise ValueError("keys must hold at least one key or vector, got none")
        factors = np.ones(len(items)) if weights is None else np.asarray(weights, np.float64)
        if factors.shape != (len(items),) or not np.isfinite(factors).all():
            raise ValueError(f"weights must be {len(items)} finite numbers, one for each key")
        if ignore_missing:
            self._known("keys", [item for item in items if is_key(item)])
        total, all_weights = np.zeros(self.vector_size), 0.0
        for item, factor in zip(items, factors.tolist(), strict=True):
            if is_key(item) and (item in self or not ignore_missing):
                vector = self._finite_vector(item)
                vector = unit(vector) if pre_normalize else vector.astype(np.float64)
            elif is_key(item):
                continue
            else:
                vector = as_vector("keys", item, self.vector_size)
            total += factor * vector
            all_weights += abs(factor)
        mean = total / (all_weights or 1.0)
        return (unit(mean) if post_normalize else mean).astype(self._working_dtype)

    def doesnt_match(self, words: Iterable[Key]) -> Any:
        """Return the key whose direction is farthest from the mean direction of all.

        Parameters
        ----------
        words : iterable of str or int
            Unknown ones are left out, with a warning.

        Returns
        -------
        str or int
            The last of `rank_by_centrality`.

        Raises
        ------
        TypeError, ValueError
            `words` is one string, or holds no known key; or a vector is not finite.

        Warns
        -----
        UserWarning
            Keys are unknown.

        Examples
        --------
        >>> wv = KeyedLists.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> wv.doesnt_match(["개", "cat", "차"])
        '차'
        """
        return self.rank_by_centrality(words)[-1][1]

    def rank_by_centrality(
        self, words: Iterable[Key], use_norm: bool = True
    ) -> list[tuple[float, Any]]:
        """Return keys by how near they are to the mean of all, the nearest first.

        Parameters
        ----------
        words : iterable of str or int
            Unknown ones are left out, with a warning.
        use_norm : bool, default True
            Whether to scale vectors to length 1 first.

        Returns
        -------
        list of (float, key)
            Products with the direction of the mean; equal ones as given.

        Raises
        ------
        TypeError, ValueError
            `words` is one string, or holds no known key; or a vector is not finite.

        Warns
        -----
        UserWarning
            Keys are unknown.

        Examples
        --------
        >>> wv = KeyedLists.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> [key for _, key in wv.rank_by_centrality(["개", "cat", "차"])]
        ['cat', '개', '차']
        """
        known = self._known("words", as_list("words", words))
        if not known:
            raise ValueError("words must hold at least one key that is known, got none")
        own = [self._finite_vector(key).astype(np.float64) for key in known]
        vectors = np.array([unit(vector) if use_norm else vector for vector in own])
        nearness = vectors @ unit(vectors.sum(axis=0))
        return [(float(nearness[place]), known[place]) for place in falling(nearness).tolist()]

    def wmdistance(
        self, document1: Iterable[Key], document2: Iterable[Key], norm: bool = True
    ) -> float:
        """Return the word mover's distance of two texts.

        Each text is a heap of its words, of mass 1 in all. The distance is the least work of moving
        one heap onto the other, over Euclidean distances (Kusner et al., 2015,
        https://proceedings.mlr.press/v37/kusnerb15.html). It needs SciPy:
        ``pip install 'fastw2v[wmd]'``.

        Parameters
        ----------
        document1, document2 : iterable of str or int
            Unknown keys are left out, with a warning.
        norm : bool, default True
            Whether to scale vectors to length 1 first.

        Returns
        -------
        float
            At least 0; infinity if a text has no known key.

        Raises
        ------
        ImportError
            SciPy is not installed.
        TypeError, ValueError
            A text is one string; or a vector is not finite.

        Warns
        -----
        UserWarning
            Keys are unknown.

        Examples
        --------
        >>> wv = KeyedLists.from_arrays(["왕", "개", "여왕"], np.array([[0.0, 3], [4, 0], [0, 4]]))
        >>> wv.wmdistance(["왕", "개"], ["왕", "개"])
        0.0
        """
        masses: defaultdict[Any, float] = defaultdict(float)
        for name, document, sign in (("document1", document1, 1), ("document2", document2, -1)):
            known = self._known(name, as_list(name, document))
            if not known:
                return float("inf")
            for key, count in Counter(known).items():
                masses[key] += sign * count / len(known)
        # What both texts have stays where it is: distances obey the triangle inequality.
        left = {key: mass for key, mass in masses.items() if mass > 0}
        right = {key: -mass for key, mass in masses.items() if mass < 0}
        places = []
        for keys in (left, right):
            vectors = [self._finite_vector(key).astype(np.float64) for key in keys]
            places.append(np.array([unit(vector) if norm else vector for vector in vectors]))
        if not left or not right:
            return 0.0
        costs = np.linalg.norm(places[0][:, np.newaxis] - places[1][np.newaxis], axis=2)
        return least_cost(np.array(list(left.values())), np.array(list(right.values())), costs)

    def _known(self, name: str, keys: list[Any]) -> list[Any]:
        """Return the keys that are known; warn of the others."""
        known = [key for key in keys if key in self]
        if len(known) < len(keys):
            unknown = list(dict.fromkeys(key for key in keys if key not in self))
            shown = ", ".join(map(repr, unknown[:10])) + (", ..." if len(unknown) > 10 else "")
            warnings.warn(
                f"{name}: left out, as they are not in the vocabulary: {shown}", stacklevel=3
            )
        return known
