"""Warm start: rows that begin as vectors that exist already, and rows that are held back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import check_float
from fastw2v._keyed.vectorfiles import format_of, load_vectors
from fastw2v._keys import as_keys, as_list, check_finite
from fastw2v._training.shards import FACTOR_MAX
from fastw2v._typing import Array, Key, StrPath
from fastw2v.errors import FormatError
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.vocabulary import Vocabulary

Freeze = bool | Iterable[Key] | Mapping[Key, float] | Array


class WarmStart:
    """Vectors to start from, and words to freeze; both are checked before anything is read.

    Parameters
    ----------
    init_vectors : KeyedVectors, str, Path or None
        What to start from, or a file that holds it.
    freeze : bool, iterable of words, mapping of word to float, ndarray of float, or None
        Which rows are held back; see `fastw2v.word2vec.Word2Vec`.
    vector_size : int
        Dimensions of the model.
    """

    def __init__(
        self, init_vectors: KeyedVectors | StrPath | None, freeze: Freeze | None, vector_size: int
    ) -> None:
        if isinstance(init_vectors, (str, os.PathLike)):
            init_vectors = _loaded(os.fspath(init_vectors))
        if not isinstance(init_vectors, KeyedVectors | None):
            raise TypeError(
                "init_vectors must be KeyedVectors or the path of a file of vectors, got "
                f"{type(init_vectors).__name__}; of a model pass model.wv"
            )
        if init_vectors is not None and init_vectors.vector_size != vector_size:
            raise ValueError(
                f"init_vectors has {init_vectors.vector_size} dimensions, the model {vector_size}; "
                f"pass vector_size={init_vectors.vector_size}"
            )
        self._vectors = init_vectors
        self._factors = _factors(freeze, init_vectors)
        self._freezes_known = isinstance(freeze, bool) and freeze

    def apply(
        self,
        vocabulary: Vocabulary,
        rows: Sequence[int],
        inputs: NDArray[np.float32],
        *,
        fresh: bool,
    ) -> NDArray[np.float32] | None:
        """Fill the given rows of W whose words are known.

        Parameters
        ----------
        vocabulary : Vocabulary
            The words of all rows.
        rows : sequence of int
            The rows that start.
        inputs : ndarray of float32, shape (len(vocabulary), vector_size)
            W, changed in place.
        fresh : bool
            Whether these are all rows: then it is an error if no word at all is known.

        Returns
        -------
        ndarray of float32, shape (len(vocabulary),), or None
            What the learning rate of each row of W is multiplied with; None if all are 1.

        Raises
        ------
        ValueError
            A vector is not finite; or, with `fresh`, no word is known.
        """
        words = vocabulary.index_to_key
        known: list[int] = []
        if self._vectors is not None:
            known = [row for row in rows if words[row] in self._vectors]
            if fresh and not known:
                raise ValueError(
                    f"init_vectors has none of the {len(words):,} words of the corpus, such as "
                    f"{words[0]!r}; it has words such as {self._vectors.index_to_key[:1]}"
                )
            found = [self._vectors.get_index(words[row]) for row in known]
            started = self._vectors.vectors[found]
            check_finite([words[row] for row in known], started)
            inputs[known] = started
        factors = np.ones(len(words), np.float32)
        if self._freezes_known:
            factors[known] = 0
        held_back = [row for row in rows if words[row] in self._factors]
        factors[held_back] = [self._factors[words[row]] for row in held_back]
        if fresh and self._factors and not held_back:
            raise ValueError(
                f"freeze has none of the {len(words):,} words of the corpus, such as {words[0]!r}; "
                f"it has words such as {next(iter(self._factors))!r}"
            )
        return None if (factors == 1).all() else factors


def _loaded(path: str) -> KeyedVectors:
    hint = "load the file by a method of KeyedVectors, and pass what that returns"
    try:
        format_name = format_of(path, None, "")
    except ValueError:
        raise ValueError(
            f"init_vectors={path!r}: the name does not tell the format; {hint}"
        ) from None
    try:
        return load_vectors(path, format_name)
    except FormatError as error:
        raise type(error)(path, f"{error.message}; {hint}") from None


def _factors(freeze: Freeze | None, init_vectors: KeyedVectors | None) -> dict[Any, float]:
    """Return the factor of each word that `freeze` names."""
    if freeze is None or isinstance(freeze, bool):
        if freeze and init_vectors is None:
            raise ValueError("freeze=True freezes the words of init_vectors: pass init_vectors too")
        return {}
    if isinstance(freeze, np.ndarray) and freeze.dtype.kind == "f":
        if init_vectors is None or freeze.shape != (len(init_vectors),):
            wanted = "init_vectors too" if init_vectors is None else f"({len(init_vectors)},)"
            raise ValueError(
                "an array of floats as freeze has a factor for each key of init_vectors: "
                f"{'pass' if init_vectors is None else 'its shape must be'} {wanted}, got shape "
                f"{freeze.shape}"
            )
        freeze = dict(zip(init_vectors.index_to_key, freeze.tolist(), strict=True))
    if isinstance(freeze, Mapping):
        return {
            word: check_float(f"the factor of {word!r} in freeze", factor, 0.0, FACTOR_MAX)
            for word, factor in freeze.items()
        }
    if not isinstance(freeze, Iterable):
        raise TypeError(f"freeze must be True, words, or factors of words, got {freeze!r}")
    return dict.fromkeys(as_keys("word of freeze", as_list("freeze", freeze)), 0.0)
