"""A matrix whose rows have keys: the part of `KeyedVectors` for looking up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from fastw2v._checks import FLOATS, check_int
from fastw2v._keyed.search import NotFinite, Rows
from fastw2v._keyed.similarity import unit, write_units
from fastw2v._keys import as_index, as_keys, check_finite, check_shape, is_key
from fastw2v._typing import Array, Key

Matrix = TypeVar("Matrix", bound="KeyedMatrix")


class KeyedMatrix:
    """Rows of a matrix by key; `fastw2v.keyedvectors.KeyedVectors` says the rules.

    Attributes
    ----------
    vectors_lockf : ndarray of float32
        What training multiplies the changes of each row by: 0 freezes it. Of length 1 for all rows
        alike, which it is at first, or of length n.
    """

    def __init__(self, vector_size: int, count: int = 0, dtype: DTypeLike = np.float32) -> None:
        size = check_int("vector_size", vector_size, 1)
        room = check_int("count", count, 0)
        _check_dtype(np.dtype(dtype))
        # Where the rows lie, with room behind them; None where they are somebody else's.
        self._room: Array | None = np.empty((room, size), dtype)
        self._vectors: Array = self._room[:0]
        self._index_to_key: list[Any] = []
        self._key_to_index: dict[Any, int] = {}
        self._expandos: dict[str, Array] = {}
        self._is_of_model = False  # then other matrices have the same rows
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
            float16, float32 or float64; a view of padded rows serves as well. It stays shared.
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
        check_shape(len(index_to_key), vectors)
        wv = cls(vectors.shape[1], dtype=vectors.dtype)
        wv._vectors, wv._room = vectors, None
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
        """The matrix, of shape (n, d). It may be changed in place, or set to another.

        Setting those of a trained model copies the values into it.

        Raises
        ------
        ValueError
            What it is set to is no matrix of floats with a row for each key; or, in a trained
            model, has another number of dimensions.

        Examples
        --------
        >>> wv = KeyedMatrix.from_arrays(["a", "b"], np.array([[3.0, 4], [0, 2]]))
        >>> wv.vectors *= 2
        >>> wv.norms
        array([10.,  4.])
        """
        return self._vectors

    @vectors.setter
    def vectors(self, vectors: Array) -> None:
        if vectors is self._vectors:
            return
        given = np.asarray(vectors)
        if given.ndim != 2 or len(given) != len(self):
            raise ValueError(
                f"vectors must have shape (n, d) with n = {len(self)}, the number of keys, got "
                f"{given.shape}; for other keys use KeyedVectors.from_arrays(keys, vectors)"
            )
        _check_dtype(given.dtype)
        if not self._is_of_model:
            self._vectors, self._room = given, None
            return
        self._make_writable()
        if given.shape == self._vectors.shape:
            self._vectors[:] = given
        else:
            raise ValueError(
                f"the vectors of a model keep their shape {self._vectors.shape}, got {given.shape}"
            )

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
        """The Euclidean length of each row, of shape (n,); worked out anew each time.

        float64 if `vectors` is, otherwise float32.

        Raises
        ------
        ValueError
            A vector holds NaN or infinity, or is too long for that dtype.
        """
        dtype = self._working_dtype
        with self._naming_rows(), np.errstate(over="ignore"):
            norms: Array = Rows(self._vectors).lengths().astype(dtype)
        if not np.isfinite(norms).all():
            key = self._index_to_key[int(np.isfinite(norms).argmin())]
            raise ValueError(f"the vector of key {key!r} is too long to have a length in {dtype}")
        return norms

    def fill_norms(self, force: bool = False) -> None:
        """Do nothing: `norms` are worked out when they are asked for, and no search needs them.

        Parameters
        ----------
        force : bool
            Accepted for the sake of programs written for gensim.

        Examples
        --------
        >>> KeyedMatrix(2).fill_norms(force=True)
        """

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

    def has_index_for(self, key: object) -> bool:
        """Tell whether there is a row for a key, as ``key in wv`` does.

        Parameters
        ----------
        key : object

        Returns
        -------
        bool

        Examples
        --------
        >>> KeyedMatrix.from_arrays(["a"], np.eye(1)).has_index_for("b")
        False
        """
        return key in self

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
        units = np.empty_like(self._vectors)
        write_units(self._vectors, self.norms, units)
        return units

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or a pickle holds: it shares no key, and belongs to no model."""
        state = dict(vars(self), _room=None, _is_of_model=False)
        for name in ("_index_to_key", "_key_to_index", "_expandos"):
            state[name] = state[name].copy()
        return state

    def _attributes(self) -> dict[str, Array]:
        """Return the attributes that a user has set: all but the counts."""
        return {name: values for name, values in self._expandos.items() if name != "count"}

    @property
    def _working_dtype(self) -> np.dtype[Any]:
        """The dtype of lengths and directions."""
        return np.dtype(np.float64 if self._vectors.dtype == np.float64 else np.float32)

    def _finite_vector(self, key: Key) -> Array:
        """Return the vector of a key, or raise ValueError if it is not finite."""
        vector: Array = self._vectors[self.get_index(key)]
        check_finite([key], vector[np.newaxis])
        return vector

    def _make_writable(self) -> None:
        if not self._vectors.flags.writeable:
            if self._is_of_model:
                raise ValueError(
                    "model.wv shows the mean of two matrices, where changes would be lost: change "
                    "copy.copy(model.wv), or choose vectors='input' or 'output'"
                )
            self._vectors, self._room = self._vectors.copy(), None

    @contextmanager
    def _naming_rows(self) -> Iterator[None]:
        """Name the key of a row that a search has found not to be finite."""
        try:
            yield
        except NotFinite as error:
            check_finite([self._index_to_key[error.row]], self._vectors[[error.row]])
            raise


def _check_dtype(dtype: np.dtype[Any]) -> None:
    if dtype.name not in FLOATS:
        raise ValueError(f"dtype must be one of {', '.join(FLOATS)}, got {dtype}")
