"""What the pickles of vectors hold: plain data, numpy's arrays, and what is left of objects.

`fastw2v._gensim.pickles` reads them; here stands what it makes of each constructor that a pickle
may call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastw2v._typing import Array

_NUMBER_KINDS = "biuf"
_KEYS = (str, bytes, int, float, type(None))
_MAX_DIMENSIONS = 32
# Generators of random numbers: gensim keeps one in a model.
RANDOM = (
    "numpy.random.__RandomState_ctor",
    "numpy.random._pickle.__randomstate_ctor",
    "numpy.random._pickle.__generator_ctor",
    "numpy.random._pickle.__bit_generator_ctor",
)


class Global:
    """The name of a class or function: all that is left of it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Record:
    """What is left of an object: the name of its class, and its attributes."""

    __slots__ = ("attributes", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.attributes: dict[str, Any] = {}

    def set_state(self, state: object) -> None:
        """Take the attributes that a pickle gives to the object."""
        if self.name in RANDOM:
            return  # nobody asks for a random generator
        if type(state) is not dict or not all(type(name) is str for name in state):
            raise TypeError("an object whose state is not a dict of attributes")
        self.attributes.update(state)

    def get(self, *names: str) -> Any:
        """Return the first of these attributes that there is and is not None, or None."""
        found = (resolved(self.attributes.get(name)) for name in names)
        return next((value for value in found if value is not None), None)


class Dtype:
    """A dtype of numbers, or None for one of other things."""

    __slots__ = ("dtype",)

    def __init__(self, code: object) -> None:
        self.dtype: np.dtype[Any] | None = None
        if isinstance(code, str) and len(code) == 2 and code[0] in _NUMBER_KINDS:
            self.dtype = np.dtype(code)

    def set_state(self, state: object) -> None:
        """Take the byte order."""
        if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", ">", "|", "="):
            raise TypeError("a dtype in an unknown form")
        if self.dtype is not None and state[1] != "|":
            self.dtype = self.dtype.newbyteorder(state[1])


class Unfilled:
    """An array before and after it is filled: with numbers, or a list of other things."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None

    def set_state(self, state: object) -> None:
        """Take shape, dtype and data, which numpy gives as version 1."""
        if type(state) is not tuple or len(state) != 5 or state[0] != 1:
            raise TypeError("an array in an unknown form")
        _, shape, dtype, is_fortran, data = state
        if type(data) is str:  # of Python 2
            data = data.encode("latin1")
        if type(dtype) is Dtype and dtype.dtype is None:
            self.value = data if type(data) is list else None
        else:
            self.value = _as_array(data, dtype, shape, bool(is_fortran))


def resolved(value: Any) -> Any:
    """Return an array where the value stands for one, else the value itself."""
    return value.value if type(value) is Unfilled else value


def plain(keys: list[Any]) -> list[Any]:
    """Return keys or members, all of them strings and numbers of 64 bits.

    Others can be made to have one hash, or one that takes ages.
    """
    for key in keys:
        if not isinstance(key, _KEYS):
            raise TypeError("a key or member that is neither a number nor a string")
        if type(key) is int and not -(1 << 63) <= key < 1 << 63:
            raise ValueError("a key or member that is a number beyond 64 bits")
    return keys


# ------------------------------------------------------------------------------ known constructors


def _reconstruct(kind: object, shape: object, code: object) -> Unfilled:
    if type(kind) is not Global or kind.name != "numpy.ndarray":
        raise TypeError("an array of a class of its own")
    return Unfilled()


def _from_buffer(data: object, dtype: object, shape: object, order: object) -> Any:
    return _as_array(data, dtype, shape, order == "F")


def _scalar(dtype: object, data: object) -> Any:
    return _as_array(data, dtype, (), False).item()


def _encode(text: object, encoding: object) -> bytes:
    if type(text) is not str or encoding != "latin1":
        raise TypeError("bytes in an unknown encoding")
    return text.encode("latin1")


def _dict(*arguments: object) -> dict[Any, Any]:
    """Stand for an OrderedDict, which may be given its pairs, and a defaultdict, with its type."""
    if not arguments or type(arguments[0]) is Global:
        return {}
    (pairs,) = arguments
    if type(pairs) is not list or not all(type(pair) in (list, tuple) for pair in pairs):
        raise TypeError("a dict of something else than pairs")
    keys, values = zip(*pairs, strict=True) if pairs else ((), ())
    return dict(zip(plain(list(keys)), values, strict=True))


def _set(members: object = ()) -> set[Any]:
    if type(members) not in (list, tuple):
        raise TypeError("a set of something else than a list")
    return set(plain(list(members)))  # type: ignore[call-overload]


def _no_bytes() -> bytes:
    return b""


def _random(*_: object) -> Record:
    return Record(RANDOM[0])


def _everywhere(module: str, name: str, construct: Callable[..., Any]) -> dict[str, Any]:
    """Give a function of numpy's core under both names that the core has had."""
    return {f"{core}.{module}.{name}": construct for core in ("numpy.core", "numpy._core")}


CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    **_everywhere("multiarray", "_reconstruct", _reconstruct),
    **_everywhere("multiarray", "scalar", _scalar),
    **_everywhere("numeric", "_frombuffer", _from_buffer),
    "numpy.dtype": lambda code, *_: Dtype(code),
    "_codecs.encode": _encode,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _dict,
    "UserString.defaultdict": _dict,  # what Python 3.4 wrote for it
    "__builtin__.set": _set,
    "builtins.set": _set,
    "__builtin__.frozenset": _set,
    "builtins.frozenset": _set,
    "__builtin__.bytes": _no_bytes,
    **dict.fromkeys(RANDOM, _random),
}


# ------------------------------------------------------------------------------------------ arrays


def _as_array(data: Any, dtype: Any, shape: Any, is_fortran: bool) -> Array:
    if type(dtype) is not Dtype or dtype.dtype is None:
        raise TypeError("an array of something else than numbers")
    if type(data) is not bytes:
        raise TypeError("an array without its bytes")
    is_shape = type(shape) is tuple and len(shape) <= _MAX_DIMENSIONS
    if not is_shape or not all(type(n) is int and 0 <= n < 1 << 63 for n in shape):
        raise TypeError("an array of an odd shape")
    expected = math.prod(shape) * dtype.dtype.itemsize
    if expected != len(data):
        raise ValueError(
            f"an array of shape {shape} and {dtype.dtype} takes {expected} bytes, got {len(data)}"
        )
    flat = np.frombuffer(data, dtype.dtype) if expected else np.empty(0, dtype.dtype)
    array = flat.reshape(shape, order="F" if is_fortran else "C")
    # A copy, because data in a pickle lie at any address.
    return np.array(array, dtype.dtype.newbyteorder("="), order="C")
