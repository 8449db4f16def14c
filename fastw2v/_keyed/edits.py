"""Keyed vectors that change: the part of `KeyedVectors` where rows come, go and move.

All arguments are checked before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from fastw2v._checks import shorten
from fastw2v._keyed.attributes import KeyedAttributes, empty_values
from fastw2v._keyed.similarity import falling, write_units
from fastw2v._keys import as_index, as_keys, as_list, check_finite, is_key
from fastw2v._typing import Array, Key

Edited = TypeVar("Edited", bound="KeyedEdits")


class KeyedEdits(KeyedAttributes):
    """A keyed matrix that changes.

    Vectors that cannot be written to, such as those of a file that is memory-mapped, are copied at
    the first change; the file stays as it is. Those of a model keep their keys: its two matrices
    have the same rows.
    """

    def add_vector(self, key: Key, vector: ArrayLike) -> int:
        """Add a key and its vector, unless the key is there already.

        Parameters
        ----------
        key : str or int
        vector : array of shape (d,)

        Returns
        -------
        int
            The row of the key.

        Raises
        ------
        TypeError, ValueError
            As `add_vectors`.

        Examples
        --------
        >>> wv = KeyedEdits(2)
        >>> wv.add_vector("왕", [1, 2]), wv.add_vector("king", [2, 4])
        (0, 1)
        >>> wv["king"]
        array([2., 4.], dtype=float32)
        """
        self.add_vectors([key], np.asarray(vector)[np.newaxis])
        return cast("int", self.get_index(key))

    def add_vectors(
        self,
        keys: Key | Iterable[Key],
        weights: ArrayLike | Sequence[Array],
        extras: Mapping[str, ArrayLike] | None = None,
        replace: bool = False,
    ) -> None:
        """Add keys and their vectors behind those that are there.

        Parameters
        ----------
        keys : iterable of n str or int, or one of them
            Each once.
        weights : array of shape (n, d), or (d,) for one key
            Numbers, brought to the dtype of `vectors`.
        extras : mapping of str to array of shape (n,), optional
            Attributes of the keys, such as ``{"count": [7, 3]}``; see `set_vecattr`. An attribute
            that is not given is 0 for new keys, or None where it holds no numbers.
        replace : bool, default False
            Whether keys that are there already get their new vectors and attributes, or keep their
            old ones.

        Raises
        ------
        TypeError
            Keys are not of the kind of those that are there.
        ValueError
            A key is given twice, a shape does not fit, or a vector is not finite; or there are new
            keys, but the vectors belong to a model.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["왕"], np.array([[1.0, 2]]), counts=[5])
        >>> wv.add_vectors(["king", "왕"], [[2, 4], [0, 1]], extras={"count": [3, 9]})
        >>> wv.vectors
        array([[1., 2.],
               [2., 4.]])
        >>> wv.counts
        array([5, 3])
        """
        if is_key(keys):
            keys, weights = [cast("Key", keys)], np.asarray(weights)[np.newaxis]
        own = as_keys("key", [*self._index_to_key[:1], *as_list("keys", cast("Any", keys))])
        own = own[min(len(self), 1) :]
        as_index("keys must be distinct", own)
        vectors = self._as_rows(own, weights)
        attributes = {name: self._as_attribute(name, own, one) for name, one in _items(extras)}
        is_new = np.fromiter((key not in self._key_to_index for key in own), bool, len(own))
        if is_new.any():
            self._check_free("added")
        if replace:
            self._replace(own, ~is_new, vectors, attributes)
        if is_new.any():
            self._append(own, is_new, vectors, attributes)

    def __setitem__(self, keys: Key | Iterable[Key], weights: ArrayLike) -> None:
        """Set the vectors of one key or of several, which are added where they are new."""
        self.add_vectors(keys, weights, replace=True)

    def remove_vectors(self, keys: Key | Iterable[Key]) -> None:
        """Remove keys and their rows; the others move up and keep their order.

        Parameters
        ----------
        keys : iterable of str or int, or one of them

        Raises
        ------
        KeyError
            A key is unknown.
        ValueError
            The vectors belong to a model.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["왕", "the", "개"], np.eye(3))
        >>> wv.remove_vectors("the")
        >>> wv.index_to_key, wv.get_index("개")
        (['왕', '개'], 1)
        """
        gone = [cast("Key", keys)] if is_key(keys) else as_list("keys", cast("Any", keys))
        is_kept = np.ones(len(self), bool)
        is_kept[[self.get_index(key) for key in gone]] = False
        self._check_free("removed")
        self._keep(np.flatnonzero(is_kept))

    def sort_by_descending_frequency(self) -> None:
        """Bring rows into the order of their counts, largest first, ties as they are.

        Raises
        ------
        ValueError
            There are no counts, or the vectors belong to a model and are in another order.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["드물다", "the"], np.eye(2), counts=[1, 50])
        >>> wv.sort_by_descending_frequency()
        >>> wv.index_to_key
        ['the', '드물다']
        """
        if self.counts is None:
            raise ValueError("there are no counts to sort by: set wv.expandos['count']")
        order = falling(self.counts)
        if (order != np.arange(len(self))).any():
            self._check_free("moved")
            self._keep(order)

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, in place; zero stays zero. Their lengths are lost.

        Raises
        ------
        ValueError
            A vector holds NaN or infinity.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["왕"], np.array([[3.0, 4.0]]))
        >>> wv.unit_normalize_all()
        >>> wv["왕"]
        array([0.6, 0.8])
        """
        norms = self.norms
        self._make_writable()
        write_units(self._vectors, norms, self._vectors)

    def subset(self: Edited, keys: Iterable[Key]) -> Edited:
        """Return the vectors and attributes of some keys, copied, in the order given.

        Parameters
        ----------
        keys : iterable of str or int
            Each once.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        KeyError, ValueError
            A key is unknown, or given twice.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["왕", "the", "개"], np.eye(3), counts=[2, 9, 4])
        >>> few = wv.subset(["개", "왕"])
        >>> few.index_to_key, few.counts
        (['개', '왕'], array([4, 2]))
        """
        rows = np.array([self.get_index(key) for key in as_list("keys", keys)], np.intp)
        found = self.from_arrays([self._index_to_key[row] for row in rows], self._vectors[rows])
        found._take_attributes(self, rows)
        return found

    def vectors_for_all(
        self: Edited,
        keys: Iterable[Key],
        allow_inference: bool = True,
        copy_vecattrs: bool = False,
    ) -> Edited:
        """Return the vectors of those keys that are known, copied, in the order given.

        Parameters
        ----------
        keys : iterable of str or int
            Unknown ones are left out, repeated ones are taken once.
        allow_inference : bool, default True
            Accepted for the sake of programs written for gensim; nothing is inferred.
        copy_vecattrs : bool, default False
            Whether to copy attributes, such as counts, too. `subset` always does.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        TypeError
            `keys` is one string.

        Examples
        --------
        >>> wv = KeyedEdits.from_arrays(["왕", "개"], np.eye(2))
        >>> wv.vectors_for_all(["개", "코끼리", "개"]).index_to_key
        ['개']
        """
        known = [key for key in dict.fromkeys(as_list("keys", keys)) if key in self]
        found = self.subset(known)
        if not copy_vecattrs:
            found._expandos.clear()
        return found

    def astype(self: Edited, dtype: DTypeLike) -> Edited:
        """Return a copy of another dtype; float16 halves the memory and the time of a search.

        Parameters
        ----------
        dtype : dtype
            float16, float32 or float64.

        Returns
        -------
        KeyedVectors
            Keys and attributes are the same.

        Raises
        ------
        ValueError
            A number is too large for the dtype.

        Examples
        --------
        >>> KeyedEdits.from_arrays(["왕"], np.array([[0.1, 2.0]])).astype(np.float16)["왕"]
        array([0.1, 2. ], dtype=float16)
        """
        with np.errstate(over="ignore"):
            vectors = self._vectors.astype(dtype)
        check_finite(self._index_to_key, vectors)
        found = self.from_arrays(self._index_to_key, vectors)
        found._take_attributes(self, np.arange(len(self)))
        return found

    def _as_rows(self, keys: list[Any], weights: ArrayLike | Sequence[Array]) -> Array:
        """Return the vectors of keys, of shape (n, d), finite and of the dtype of `vectors`."""
        try:
            given = np.asarray(weights)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"weights must have shape (n, {self.vector_size}): {error}") from None
        if not keys and given.size == 0:
            return np.empty((0, self.vector_size), self._vectors.dtype)
        if given.shape != (len(keys), self.vector_size) or given.dtype.kind not in "fiu":
            raise ValueError(
                f"weights must be numbers of shape ({len(keys)}, {self.vector_size}) for "
                f"{len(keys)} keys, got {given.dtype} of shape {given.shape}"
            )
        with np.errstate(over="ignore"):
            rows = given.astype(self._vectors.dtype, copy=False)
        check_finite(keys, rows)
        return rows

    def _check_free(self, done: str) -> None:
        """Raise ValueError if these rows are those of a model."""
        if self._is_of_model:
            raise ValueError(
                f"keys of a model's vectors cannot be {done}, as its two matrices have the same "
                "rows: call model.build_vocab(sentences, update=True), or change "
                "copy.deepcopy(model.wv)"
            )

    def _replace(
        self, keys: list[Any], is_meant: Array, vectors: Array, attributes: dict[str, Array]
    ) -> None:
        rows = [self._key_to_index[keys[place]] for place in np.flatnonzero(is_meant)]
        if rows:
            self._make_writable()
            self._vectors[rows] = vectors[is_meant]
        for name, values in attributes.items():
            self._attribute_like(name, values)[rows] = values[is_meant]

    def _append(
        self, keys: list[Any], is_meant: Array, vectors: Array, attributes: dict[str, Array]
    ) -> None:
        before, added = len(self), [keys[place] for place in np.flatnonzero(is_meant)]
        after = before + len(added)
        room = self._room
        if room is None or len(room) < after:
            # Half as many again, so that adding one by one copies each row a few times at most.
            room = np.empty((max(after, before * 3 // 2), self.vector_size), self._vectors.dtype)
            room[:before] = self._vectors
        room[before:after] = vectors[is_meant]
        for name, values in attributes.items():
            self._attribute_like(name, values)
        for name, own in self._expandos.items():
            given = attributes.get(name)
            more = empty_values(len(added), own.dtype) if given is None else given[is_meant]
            self._expandos[name] = np.concatenate([own, more.astype(own.dtype)])
        if len(self.vectors_lockf) == before != 1:
            more = np.ones(len(added), self.vectors_lockf.dtype)
            self.vectors_lockf = np.concatenate([self.vectors_lockf, more])
        self._room, self._vectors = room, room[:after]
        self._index_to_key += added
        self._key_to_index.update(zip(added, range(before, after), strict=True))

    def _keep(self, rows: Array) -> None:
        """Keep some rows, in the order given."""
        keys = [self._index_to_key[row] for row in rows]
        self._vectors, self._room = self._vectors[rows], None
        self._index_to_key, self._key_to_index = keys, as_index("keys must be distinct", keys)
        self._take_attributes(self, rows)


def _items(extras: Mapping[str, ArrayLike] | None) -> Iterable[tuple[str, ArrayLike]]:
    if extras is None:
        return ()
    if not isinstance(extras, Mapping):
        raise TypeError(f"extras must be a mapping of names to arrays, got {shorten(extras)}")
    return extras.items()
