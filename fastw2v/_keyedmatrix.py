"""A matrix whose rows have keys: the part of `KeyedVectors` for look-up and pairs of keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from numbers import Integral
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from fastw2v._checks import check_int
from fastw2v._keys import as_index, as_keys, as_list, check_finite, is_key
from fastw2v._similarity import cosine, row_norms, unit
from fastw2v._typing import Array, Key

Matrix = TypeVar("Matrix", bound="KeyedMatrix")

_FLOATS = ("float16", "float32", "float64")


class KeyedMatrix:
    """Rows of a matrix by key; `fastw2v.keyedvectors.KeyedVectors` says the rules."""

    def __init__(self, vector_size: int, dtype: DTypeLike = np.float32) -> None:
        size = check_int("vector_size", vector_size, 1)
        if np.dtype(dtype).name not in _FLOATS:
            raise ValueError(f"dtype must be one of {', '.join(_FLOATS)}, got {dtype!r}")
        self._vectors: Array = np.empty((0, size), dtype)
        self._index_to_key: list[Any] = []
        self._key_to_index: dict[Any, int] = {}
        self._expandos: dict[str, Array] = {}
        self._norms: Array | None = None
        self.vectors_lockf = np.ones(1, np.float32)

    @classmethod
    def from_arrays(
        cls: type[Matrix],
        keys: Sequence[str] | Sequence[int] | Array,
        vectors: Array,
        counts: ArrayLike | None = None,
    ) -> Matrix:
        """Put keys on a matrix without copying it.

        Parameters
        ----------
        keys : sequence of str or of int
            One for each row, each once.
        vectors : ndarray of shape (n, d)
            float16, float32 or float64; a view of padded rows serves as well. It stays shared:
            whoever changes it calls `forget_norms`.
        counts : array of shape (n,), optional
            How often each key occurred.

        Returns
        -------
        KeyedMatrix
            Or the subclass that it was called on.

        Raises
        ------
        TypeError
            Keys are neither all str nor all int.
        ValueError
            A key is repeated, `vectors` holds no floats, or the shapes do not fit.

        Examples
        --------
        >>> KeyedMatrix.from_arrays([7, 9], np.eye(2), counts=[5, 1])
        KeyedMatrix(2 keys, 2 dimensions)
        """
        vectors = np.asarray(vectors)
        index_to_key = as_keys("key", keys)
        if vectors.ndim != 2 or len(vectors) != len(index_to_key):
            raise ValueError(
                f"vectors must have shape (n, d) with n = {len(index_to_key)}, the number of "
                f"keys, got {vectors.shape}"
            )
        wv = cls(vectors.shape[1], vectors.dtype)
        wv._vectors = vectors
        wv._index_to_key = index_to_key
        wv._key_to_index = as_index("keys must be distinct", index_to_key)
        if counts is not None:
            own = np.array(counts)
            if own.shape != (len(index_to_key),):
                raise ValueError(f"counts must have shape ({len(index_to_key)},), got {own.shape}")
            wv._expandos["count"] = own
        return wv

    @property
    def vectors(self) -> Array:
        """The matrix, of shape (n, d); whoever changes it calls `forget_norms`."""
        return self._vectors

    @property
    def index_to_key(self) -> list[Any]:
        """The keys, in row order."""
        return self._index_to_key

    @property
    def key_to_index(self) -> dict[Any, int]:
        """The row of each key."""
        return self._key_to_index

    @property
    def vector_size(self) -> int:
        """The number of dimensions."""
        return int(self._vectors.shape[1])

    @property
    def counts(self) -> Array | None:
        """How often each key occurred, of shape (n,), or None if that is not known."""
        return self._expandos.get("count")

    @property
    def expandos(self) -> dict[str, Array]:
        """The attributes of keys: by name, an array of shape (n,)."""
        return self._expandos

    @property
    def norms(self) -> Array:
        """The Euclidean length of each row, of shape (n,); computed once, then kept.

        float64 if `vectors` is, otherwise float32.

        Raises
        ------
        ValueError
            A vector holds NaN or infinity.
        """
        if self._norms is None:
            self._norms = self._row_norms()
        return self._norms

    def forget_norms(self) -> None:
        """Let `norms` be computed anew, after a change of `vectors` in place.

        Examples
        --------
        >>> wv = KeyedMatrix.from_arrays(["a", "b"], np.array([[3.0, 4], [0, 2]]))
        >>> wv.norms
        array([5., 2.])
        >>> wv.vectors[1] = 0
        >>> wv.forget_norms()
        >>> wv.norms
        array([5., 0.])
        """
        self._norms = None

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._index_to_key)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the keys."""
        return iter(self._index_to_key)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a vector for `key`."""
        return key in self._key_to_index

    def __repr__(self) -> str:
        """Return the sizes."""
        return f"{type(self).__name__}({len(self)} keys, {self.vector_size} dimensions)"

    def __getitem__(self, key: Key | Iterable[Key]) -> Array:
        """Return one vector, a read-only view of shape (d,), or for n keys a copy, (n, d)."""
        if is_key(key):
            return self.get_vector(cast("Key", key))
        if not isinstance(key, Iterable):
            raise TypeError(f"a key is a str or an int, or give a list of them; got {key!r}")
        rows = [self.get_index(one) for one in key]
        return self._vectors[np.array(rows, np.intp)]

    def get_index(self, key: Key, default: Any = ...) -> Any:
        """Return the row of a key.

        Parameters
        ----------
        key : str or int
        default : object, optional
            What to return for an unknown key instead of raising KeyError.

        Returns
        -------
        int

        Raises
        ------
        KeyError
            The key is unknown, and there is no default.

        Examples
        --------
        >>> KeyedMatrix.from_arrays(["a", "b"], np.eye(2)).get_index("b")
        1
        """
        row = self._key_to_index.get(key)
        if row is not None:
            return row
        if default is not ...:
            return default
        if isinstance(key, Integral) and self and isinstance(self._index_to_key[0], str):
            raise KeyError(
                f"key {key!r} not in vocabulary, whose keys are strings; "
                f"for a row use wv.vectors[{key}] or wv.index_to_key[{key}]"
            )
        raise KeyError(f"key {key!r} not in vocabulary")

    def get_vector(self, key: Key, norm: bool = False) -> Array:
        """Return the vector of a key.

        Parameters
        ----------
        key : str or int
        norm : bool, default False
            Whether to scale it to length 1; a zero vector stays zero.

        Returns
        -------
        ndarray of shape (d,)
            Read-only.

        Raises
        ------
        KeyError, ValueError
            The key is unknown; or, where `norm` is set, the vector is not finite.

        Examples
        --------
        >>> KeyedMatrix.from_arrays(["a"], np.array([[3.0, 4.0]])).get_vector("a", norm=True)
        array([0.6, 0.8])
        """
        vector: Array = self._vectors[self.get_index(key)]
        if norm:
            vector = unit(self._finite_vector(key)).astype(vector.dtype)
        vector.flags.writeable = False
        return vector

    def get_normed_vectors(self) -> Array:
        """Return a copy of all vectors, scaled to length 1; zero stays zero.

        Returns
        -------
        ndarray of shape (n, d)
            Of the dtype of `vectors`.

        Raises
        ------
        ValueError
            A vector holds NaN or infinity.

        Examples
        --------
        >>> KeyedMatrix.from_arrays(["a", "b"], np.array([[3.0, 4], [0, 2]])).get_normed_vectors()
        array([[0.6, 0.8],
               [0. , 1. ]])
        """
        norms = np.where(self.norms > 0, self.norms, 1).astype(self._vectors.dtype)
        return cast("Array", self._vectors / norms[:, np.newaxis])

    def get_vecattr(self, key: Key, attr: str) -> int:
        """Return the count of a key, the one attribute there is.

        Parameters
        ----------
        key : str or int
        attr : str
            ``"count"``.

        Returns
        -------
        int

        Raises
        ------
        KeyError
            The key or the attribute is unknown, or these vectors have no counts.

        Examples
        --------
        >>> KeyedMatrix.from_arrays(["a"], np.eye(1), counts=[12]).get_vecattr("a", "count")
        12
        """
        if attr != "count":
            raise KeyError(f"attribute {attr!r} unknown; the only one is 'count'")
        if self.counts is None:
            raise KeyError("these vectors have no counts: give from_arrays counts=")
        return int(self.counts[self.get_index(key)])

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
        >>> wv = KeyedMatrix.from_arrays(["개", "dog"], np.array([[1.0, 0], [3, 4]]))
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
        >>> wv = KeyedMatrix.from_arrays(["개", "dog"], np.array([[1.0, 0], [3, 4]]))
        >>> wv.distance("개", "dog")
        0.4
        """
        return 1.0 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Iterable[Key], ws2: Iterable[Key]) -> float:
        """Return the cosine of the mean vectors of two lists of keys.

        Parameters
        ----------
        ws1, ws2 : iterable of str or int

        Returns
        -------
        float
            From -1 to 1; 0.0 if either mean is zero.

        Raises
        ------
        KeyError
            A key is unknown.
        TypeError, ValueError
            A list is one string, or empty; or a vector is not finite.

        Examples
        --------
        >>> wv = KeyedMatrix.from_arrays(["a", "b", "c"], np.array([[1.0, 0], [0, 1], [2, 2]]))
        >>> round(wv.n_similarity(["a", "b"], ["c"]), 6)
        1.0
        """
        means = []
        for name, keys in (("ws1", ws1), ("ws2", ws2)):
            vectors = [self._finite_vector(key) for key in as_list(name, keys)]
            if not vectors:
                raise ValueError(f"{name} must hold at least one key, got none")
            means.append(np.array(vectors).mean(axis=0, dtype=np.float64))
        return cosine(*means)

    def _finite_vector(self, key: Key) -> Array:
        """Return the vector of a key, or raise ValueError if it is not finite."""
        vector: Array = self._vectors[self.get_index(key)]
        check_finite([key], vector[np.newaxis])
        return vector

    def _row_norms(self) -> Array:
        """Return the length of each row, all finite."""
        norms = row_norms(self._vectors)
        if not np.isfinite(norms).all():
            check_finite(self._index_to_key, self._vectors)
            key = self._index_to_key[int(np.isfinite(norms).argmin())]
            raise ValueError(
                f"the vector of key {key!r} is too long to have a length in {norms.dtype}"
            )
        return norms
