"""What `KeyedVectors.most_similar` is asked: keys, vectors and weights, brought into one form."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Any, SupportsIndex

import numpy as np

from fastw2v._keys import is_key
from fastw2v._typing import Array


def as_vector(value: Any, size: int) -> Array:
    """Return the vector if it is one, of the right size and finite."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise TypeError(
            "positive and negative take keys, numpy vectors and pairs of one and a weight, "
            f"got {value!r}"
        )
    if value.shape != (size,):
        raise ValueError(f"a vector must have shape ({size},), got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError("a vector must be finite, got NaN or infinity")
    return value


def as_pair(item: Any, default: float) -> tuple[Any, float]:
    """Return a key or vector and its weight."""
    if not isinstance(item, tuple):
        return item, default
    if len(item) != 2 or not isinstance(item[1], Real) or not math.isfinite(item[1]):
        raise ValueError(f"expected a pair (key_or_vector, finite weight), got {item!r}")
    return item[0], float(item[1])


def as_items(given: Any) -> list[Any]:
    """Return what `most_similar` was given as a list of keys, vectors and pairs."""
    if given is None:
        return []
    one_vector = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "fiu"
    return [given] if one_vector or is_key(given) else list(given)


def check_topn(topn: SupportsIndex) -> int:
    """Return topn as an int, or raise TypeError."""
    try:
        if not isinstance(topn, bool):
            return operator.index(topn)
    except TypeError:
        pass
    raise TypeError(f"topn must be an integer or None, got {topn!r}")
