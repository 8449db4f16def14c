"""Vectors as an object of gensim, for programs that want one."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from fastw2v._keyed.matrix import KeyedMatrix


def import_gensim() -> Any:
    """Return gensim, or raise ImportError that says how to install it."""
    try:
        importlib.import_module("gensim.models")
        return importlib.import_module("gensim")
    except ImportError as error:
        raise ImportError(
            f"to_gensim needs gensim ({error}): run pip install 'fastw2v[gensim]'"
        ) from error


def to_gensim(wv: KeyedMatrix) -> Any:
    """Return a gensim KeyedVectors with a copy of these vectors, in the same order.

    Parameters
    ----------
    wv : KeyedVectors
        The vectors; as a method of them, leave this out.

    Returns
    -------
    gensim.models.KeyedVectors
        With all attributes, such as ``"count"``.

    Raises
    ------
    ImportError
        gensim is not installed: ``pip install 'fastw2v[gensim]'``.

    Examples
    --------
    >>> wv.to_gensim().wmdistance(["왕", "말"], ["여왕", "말"])  # doctest: +SKIP
    0.41
    """
    made = import_gensim().models.KeyedVectors(wv.vector_size, dtype=wv.vectors.dtype)
    made.vectors = np.array(wv.vectors, order="C")
    made.index_to_key = list(wv.index_to_key)
    made.key_to_index = dict(wv.key_to_index)
    made.next_index = len(wv)
    made.expandos.update({name: values.copy() for name, values in wv.expandos.items()})
    if wv.counts is not None:
        made.expandos["count"] = np.array(wv.counts, np.int64)
    return made
