"""Attributes of keys, such as counts: the part of `KeyedVectors` that holds an array for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fastw2v._keyed.matrix import KeyedMatrix
from fastw2v._typing import Array, Key


class KeyedAttributes(KeyedMatrix):
    """A keyed matrix with attributes, which stay with their keys."""

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """Return an attribute of a key.

        Parameters
        ----------
        key : str or int
        attr : str
            ``"count"``, or a name given to `set_vecattr`.

        Returns
        -------
        object
            A plain int or float for an attribute of numbers.

        Raises
        ------
        KeyError
            The key or the attribute is unknown, or these vectors have no counts.

        Examples
        --------
        >>> KeyedAttributes.from_arrays(["a"], np.eye(1), counts=[12]).get_vecattr("a", "count")
        12
        """
        if attr not in self._expandos:
            if attr == "count":
                raise KeyError("these vectors have no counts: give from_arrays counts=")
            known = ", ".join(map(repr, self._expandos)) or "no attribute"
            raise KeyError(f"attribute {attr!r} unknown; there is {known}")
        value = self._expandos[attr][self.get_index(key)]
        return value.item() if isinstance(value, np.generic) else value

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key. An attribute stays with its key when rows come, go or move.

        Parameters
        ----------
        key : str or int
        attr : str
            Any name. A new one is 0 for all other keys, or None where `val` is no number.
        val : object

        Raises
        ------
        KeyError
            The key is unknown.
        TypeError
            The attribute holds values of another kind.

        Examples
        --------
        >>> wv = KeyedAttributes.from_arrays(["개", "차"], np.eye(2))
        >>> wv.set_vecattr("개", "kind", "animal")
        >>> wv.get_vecattr("개", "kind"), wv.get_vecattr("차", "kind")
        ('animal', None)
        """
        row = self.get_index(key)
        kind = np.asarray(val).dtype if np.ndim(val) == 0 else np.dtype(object)
        if kind.kind not in "biuf":
            kind = np.dtype(object)
        elif kind.kind in "iu":
            kind = np.dtype(np.int64)
        if attr not in self._expandos:
            self._expandos[attr] = empty_values(len(self), kind)
        own = self._expandos[attr]
        if not np.can_cast(kind, own.dtype, "same_kind"):
            raise TypeError(f"attribute {attr!r} holds {own.dtype}, got {val!r}")
        own[row] = val

    def _as_attribute(self, name: str, keys: list[Any], values: ArrayLike) -> Array:
        given = np.asarray(values)
        if given.shape != (len(keys),):
            raise ValueError(f"extras[{name!r}] must have shape ({len(keys)},), got {given.shape}")
        own = self._expandos.get(name)
        if own is not None and not np.can_cast(given.dtype, own.dtype, "same_kind"):
            raise TypeError(f"attribute {name!r} holds {own.dtype}, got {given.dtype}")
        return given if given.dtype.kind in "biuf" else given.astype(object)

    def _take_attributes(self, other: KeyedMatrix, rows: Array) -> None:
        """Take the attributes of some rows of `other`, which may be this object."""
        self._expandos = {name: values[rows] for name, values in other._expandos.items()}
        is_one_for_each = len(other.vectors_lockf) != 1
        lockf = other.vectors_lockf[rows] if is_one_for_each else other.vectors_lockf.copy()
        self.vectors_lockf = lockf

    def _attribute_like(self, name: str, values: Array) -> Array:
        """Return an attribute, which is made if it is new."""
        if name not in self._expandos:
            self._expandos[name] = empty_values(len(self), values.dtype)
        return self._expandos[name]


def empty_values(count: int, dtype: np.dtype[Any]) -> Array:
    """Return what an attribute is for keys that it was not given for."""
    return np.full(count, None if dtype.kind == "O" else 0, dtype)
