"""Random vectors: every word has one of its own, which knows nothing of what the word means."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastw2v import cpu
from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._native.randomvectors import NORMAL, TERNARY, UNIFORM, write_random_vectors
from fastw2v._typing import Array
from fastw2v.encoders.tokens import Tokens, WordIndex, as_tokens
from fastw2v.encoders.words import WordEncoder
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parallel import work_off
from fastw2v.progress import Progress
from fastw2v.safetensors import pack_keys

__all__ = ["RandomEncoder"]

_DISTRIBUTIONS = {"uniform": UNIFORM, "normal": NORMAL, "ternary": TERNARY}
_PIECE = 1 << 20  # numbers that a thread makes at a time, so that Ctrl-C works
_SCALES = (1e-30, 1e30)  # with these, no number of float32 overflows, and none vanishes


class _Recipe(NamedTuple):
    """What numbers are made by: the parameters as ``fit`` has found them."""

    size: int
    seed: int
    distribution: int
    scale: float
    n_ones: int


class RandomEncoder(WordEncoder):
    """Tokens to random vectors, which a word has by itself, whatever words there are besides.

    A word's vector depends on the word, the parameters and nothing else: it is the same in every
    vocabulary, process and platform.

    Parameters
    ----------
    vector_size : int, default 100
        Dimensions. The first d numbers are those of a smaller encoder, but for the scale.
    distribution : {"uniform", "normal", "ternary"}, default "uniform"
        Uniform in (-scale, scale); normal with standard deviation `scale`; or -scale and scale with
        a probability of ``density / 2`` each, and 0 otherwise (Achlioptas, 2003).
    scale : float, optional
        From 1e-30 to 1e30, for numbers are of float32. Default: such that the expected squared
        length of a vector is 1.
    density : float, default 1/3
        Of ternary vectors: the share of numbers that are not 0, from ``2**-31`` to 1. Li et al.
        (2006) take ``1 / sqrt(V)`` for V words.
    seed : int, default 1
        From 0 to 2**64 - 1. Each seed gives every word another vector.
    vocabulary : Vocabulary, KeyedVectors, list of words, mapping of words to rows, or int, optional
        The words that are known; an int n stands for the ids from 0 to n - 1. With it, no ``fit``
        is needed. Default: ``fit`` learns a `Vocabulary`.
    handle_unknown : {"error", "hash", "ignore"}, default "error"
        What becomes of a word that is not in the vocabulary: an error; its vector, which it has all
        the same, and then there need be no vocabulary; or zeros.
    lazy : bool, default False
        Keep no table of vectors, but make them when they are asked for.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or on a terminal or in a notebook if
        making vectors takes over two seconds (None, the default).

    Attributes
    ----------
    vocabulary_ : dict
        The row of each word; where `vocabulary` is a number of ids, a read-only mapping that takes
        no memory.
    vectors_ : ndarray of float32, shape (V, vector_size)
        The vector of each word; absent where `lazy`.

    Notes
    -----
    The numbers come from Philox4x64-10 (Salmon et al. 2011), of which the key is the 64-bit FNV-1a
    hash of the word's UTF-8, and the seed: those of ``np.random.Philox(key=[hash, seed])``, each in
    halves of 32 bits, the low one first. Of such a number x, uniform takes the upper 24 bits,
    normal the quantile of ``(x + 1/2) / 2**32``, to seven digits, by Wichura's algorithm AS 241
    (1988). All of it is integer arithmetic, and +, *, / and square roots of IEEE doubles, which are
    rounded alike everywhere; no function of a mathematical library that may differ is called. An
    integer that is a word has the vector of its decimal digits.

    Where the words are strings, integers are ids: numbers of rows. A token may be any string, a
    lone surrogate too, as a key of vectors may; it has the vector of the bytes that UTF-8 would
    have for it.

    What makes the numbers (`vector_size`, `distribution`, `scale`, `density`, `seed`) is kept by
    ``fit``: set anew, it counts from the next one on, as for the words that are known, so for those
    that are not. `handle_unknown` counts at once.

    Examples
    --------
    >>> encoder = RandomEncoder(4, distribution="ternary", scale=1, handle_unknown="hash")
    >>> encoder.transform(["사과", "딸기"])
    array([[ 0.,  0.,  0., -1.],
           [ 1.,  0.,  0.,  0.]], dtype=float32)
    >>> table = RandomEncoder(300).fit(["사과", "딸기", "사과"])
    >>> table.to_keyedvectors()
    KeyedVectors(2 keys, 300 dimensions)
    """

    _UNKNOWN = ("error", "hash", "ignore")

    def __init__(
        self,
        vector_size: int = 100,
        *,
        distribution: str = "uniform",
        scale: float | None = None,
        density: float = 1 / 3,
        seed: int = 1,
        vocabulary: object = None,
        handle_unknown: str = "error",
        lazy: bool = False,
        progress: bool | None = None,
    ) -> None:
        self.vector_size = vector_size
        self.distribution = distribution
        self.scale = scale
        self.density = density
        self.seed = seed
        self.vocabulary = vocabulary
        self.handle_unknown = handle_unknown
        self.lazy = lazy
        self.progress = progress

    def transform(self, X: object) -> Array:
        """Return the vectors of tokens.

        Parameters
        ----------
        X : list of tokens, list of sentences, array, or Corpus
            Tokens, or ids of words, of shape (n,), (n, t) or any other.

        Returns
        -------
        ndarray of float32, shape (..., vector_size)
            The shape of `X`, and a last axis for the numbers.

        Raises
        ------
        NotFittedError
            There is no `vocabulary`, there has been no ``fit``, and `handle_unknown` is not "hash".
        ValueError
            A word is unknown, and `handle_unknown` is "error"; or sentences differ in length.
        TypeError
            Tokens are neither all str nor all int.

        Examples
        --------
        >>> encoder = RandomEncoder(2, handle_unknown="hash", lazy=True)
        >>> encoder.transform([["나는", "사과를"], ["나는", "먹었다"]]).shape
        (2, 2, 2)
        """
        words = None if self._needs_no_words() else self._index()
        tokens = as_tokens(X)
        if tokens.shape is None:
            raise ValueError(
                "sentences that differ in length have no array of vectors: make them equally "
                "long, or transform them one by one"
            )
        recipe = self._recipe()
        rows = np.full(len(tokens), -1) if words is None else self._rows(tokens, words)
        known, unknown = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
        vectors = np.empty((len(rows), recipe.size), np.float32)
        vectors[known] = self._known(words, rows[known], recipe) if words else 0
        is_hashed = self.handle_unknown == "hash"
        vectors[unknown] = self._hashed(tokens, unknown, recipe) if is_hashed else 0
        return vectors.reshape(*tokens.shape, recipe.size)

    def to_keyedvectors(self) -> KeyedVectors:
        """Return the vectors of the vocabulary, to be asked for neighbours or saved.

        Returns
        -------
        KeyedVectors
            In the order of the vocabulary; with counts where the vocabulary has them. It shares
            `vectors_`, where there is such a table.

        Raises
        ------
        NotFittedError
            There is no `vocabulary`, and there has been no ``fit``.

        Examples
        --------
        >>> vectors = RandomEncoder(50).fit(["사과", "딸기", "왕"]).to_keyedvectors()
        >>> vectors.most_similar("사과", topn=1)[0][0] in ("딸기", "왕")
        True
        """
        words = self._index()
        table = getattr(self, "vectors_", None)
        if table is None:
            table = self._vectors_of(words.words, self._recipe())
        return KeyedVectors.from_arrays(words.words, table, words.counts)

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Return names of the columns, which have no meaning: randomencoder0 and so on.

        Parameters
        ----------
        input_features : object
            Not looked at.

        Returns
        -------
        ndarray of str objects, shape (vector_size,)

        Examples
        --------
        >>> RandomEncoder(2).get_feature_names_out().tolist()
        ['randomencoder0', 'randomencoder1']
        """
        return self._numbered_names(self._recipe().size)

    def _needs_fit(self) -> bool:
        return super()._needs_fit() and self.handle_unknown != "hash"

    def _needs_no_words(self) -> bool:
        """Tell whether any word is transformed without its being known."""
        is_known = self.vocabulary is not None or hasattr(self, "vocabulary_")
        return self.handle_unknown == "hash" and not is_known

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_int("vector_size", self.vector_size, 1)
        check_int("seed", self.seed, 0, 2**64 - 1)
        check_flag("lazy", self.lazy)
        if self.distribution not in _DISTRIBUTIONS:
            raise ValueError(
                f"distribution must be one of {tuple(_DISTRIBUTIONS)}, got {self.distribution!r}"
            )
        if self.scale is not None:
            check_float("scale", self.scale, *_SCALES)
        check_float("density", self.density, 2**-31, 1)

    def _recipe(self) -> _Recipe:
        """Return that of ``fit``, or what the parameters give where there has been none."""
        kept: _Recipe | None = getattr(self, "_kept", None)
        return self._new_recipe() if kept is None else kept

    def _new_recipe(self) -> _Recipe:
        self._check_parameters()
        variance = {"uniform": 1 / 3, "normal": 1.0, "ternary": self.density}[self.distribution]
        scale = math.sqrt(1 / (self.vector_size * variance)) if self.scale is None else self.scale
        return _Recipe(
            self.vector_size,
            self.seed,
            _DISTRIBUTIONS[self.distribution],
            float(scale),
            round(self.density * 2**31),
        )

    def _keep(self, words: WordIndex) -> None:
        recipe = self._new_recipe()
        vectors = None if self.lazy else self._vectors_of(words.words, recipe)
        super()._keep(words)
        self._kept = recipe
        vars(self).pop("vectors_", None)
        if vectors is not None:
            self.vectors_ = vectors

    def _known(self, words: WordIndex, rows: Array, recipe: _Recipe) -> Array:
        if hasattr(self, "vectors_"):
            table: Array = self.vectors_
            return table[rows]
        distinct, places = np.unique(rows, return_inverse=True)
        return self._vectors_of([words.words[row] for row in distinct.tolist()], recipe)[places]

    def _hashed(self, tokens: Tokens, places: Array, recipe: _Recipe) -> Array:
        """Return the vectors of the tokens at these places, which are in no vocabulary."""
        words = tokens.words
        ids = places if tokens.ids is None else tokens.ids[places]
        if isinstance(words, np.ndarray):
            words = words.tolist()
        number: dict[Any, int] = {}
        found: Array = np.array(
            [number.setdefault(words[k], len(number)) for k in ids.tolist()], int
        )
        return self._vectors_of(list(number), recipe)[found]

    def _vectors_of(self, words: Sequence[Any], recipe: _Recipe) -> Array:
        """Make the vectors of words, in threads where they are many."""
        vectors = np.empty((len(words), recipe.size), np.float32)
        if not words:
            return vectors
        packed = pack_keys([word if isinstance(word, str) else str(word) for word in words])
        step = max(1, _PIECE // recipe.size)
        todo = deque(range(0, len(words), step))

        def work(firsts: Iterator[int]) -> None:
            for first in firsts:
                write_random_vectors(
                    packed["key_bytes"],
                    packed["key_ends"],
                    first,
                    min(first + step, len(words)),
                    recipe.seed,
                    recipe.distribution,
                    recipe.scale,
                    recipe.n_ones,
                    vectors,
                )

        with Progress("making vectors", len(words), "words", self.progress) as line:
            work_off(
                todo,
                work,
                cpu.usable_cores(),
                lambda left: line.update(max(0, len(words) - step * left)),
            )
            line.finish(len(words))
        return vectors
