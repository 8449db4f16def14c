"""Keys: what words may be, checked in one place. All of a collection are str, or all are int."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from fastw2v._checks import shorten
from fastw2v._typing import Array, Key

_BLOCK_ROWS = 4096


class BadKey(TypeError):
    """A key that is neither a string nor an integer, or not of the kind of the others."""


class KeyCheck:
    """Makes plain str or int of keys, one after the other.

    `name` is what errors call them.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._kind: type[str] | type[int] | None = None

    def __call__(self, value: object) -> str | int:
        """Return the key as a plain str or int, or raise `BadKey`."""
        key: str | int
        if isinstance(value, str):
            key = str.__str__(value)
        elif isinstance(value, Integral) and not isinstance(value, bool):
            key = int(value)
        else:
            hint = "; decode it first" if isinstance(value, bytes) else ""
            raise BadKey(f"a {self._name} must be a str or an int, got {shorten(value)}{hint}")
        if type(key) is not self._kind:
            if self._kind is not None:
                raise BadKey(
                    f"{self._name}s must be all str or all int, got {shorten(value)} after "
                    f"{self._kind.__name__}s"
                )
            self._kind = type(key)
        return key


def is_key(value: object) -> bool:
    """Tell whether this is one key, be it known or not, rather than several or a vector."""
    return isinstance(value, str | bytes | Integral)


def as_list(name: str, keys: Iterable[Key]) -> list[Any]:
    """Return the keys as a list; one string is an error, being a sequence of strings itself."""
    if isinstance(keys, str | bytes):
        raise TypeError(f"{name} must be a list of keys, got {keys!r}; write [{keys!r}]")
    return keys.tolist() if isinstance(keys, np.ndarray) else list(keys)


def as_keys(name: str, keys: Iterable[Key] | Array) -> list[Any]:
    """Return keys as a list of only str or only int; `name` is what errors call one of them."""
    listed = as_list(f"{name}s", keys)
    if set(map(type, listed)) in ({str}, {int}):
        return listed
    return list(map(KeyCheck(name), listed))


def as_index(rule: str, keys: Sequence[Any]) -> dict[Any, int]:
    """Return the row of each key; ValueError, which begins with the rule, if one stands twice."""
    index = dict(zip(keys, range(len(keys)), strict=True))
    if len(index) < len(keys):
        repeated = next(key for row, key in enumerate(keys) if index[key] != row)
        raise ValueError(f"{rule}, got {repeated!r} twice")
    return index


def check_shape(n_keys: int, vectors: Array) -> None:
    """Raise ValueError unless `vectors` is a matrix with a row for each key."""
    if vectors.ndim != 2 or len(vectors) != n_keys:
        raise ValueError(
            f"vectors must have shape (n, d) with n = {n_keys}, the number of keys, got "
            f"{vectors.shape}"
        )


def check_finite(keys: Sequence[Any], vectors: Array) -> None:
    """Raise ValueError that names the first key whose row of `vectors` holds NaN or infinity."""
    for start in range(0, len(vectors), _BLOCK_ROWS):
        finite = np.isfinite(vectors[start : start + _BLOCK_ROWS]).all(axis=1)
        if not finite.all():
            key = keys[start + int(finite.argmin())]
            raise ValueError(
                f"the vector of key {key!r} holds NaN or infinity as {vectors.dtype}; replace it"
            )
