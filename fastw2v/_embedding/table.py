"""A table of vectors that learns: what `Embedding` and `EmbeddingBag` have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v._checks import check_flag, check_float, check_int, shorten
from fastw2v._embedding.gradient import Given, SparseGradient, as_gradients, summed
from fastw2v._embedding.optimizer import Optimizer, check_optimizer
from fastw2v._embedding.rows import (
    ROWS_MAX,
    as_output,
    new_table,
    ordered,
    parts,
    rows_of,
    threads_for,
)
from fastw2v._embedding.words import RowWords, are_tokens
from fastw2v._native.embed import Pairs, Step, shorten_rows
from fastw2v._typing import Array
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parallel import share, taken_from

Initializer = str | Callable[[tuple[int, int]], Array]
INITIALIZERS = ("uniform", "normal", "zeros")


class Table:
    """Rows of numbers, which are looked up and learn; see `fastw2v.embedding.Embedding`."""

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Initializer = "uniform",
        mask_zero: bool = False,
        weights: Any = None,
        trainable: bool | ArrayLike = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        scale_grad_by_freq: bool = False,
        seed: int = 1,
        *,
        vocabulary: Iterable[Any] | None = None,
        unknown: str = "error",
        workers: int | None = None,
    ) -> None:
        self._shape = (
            check_int("input_dim", input_dim, 1, ROWS_MAX),
            check_int("output_dim", output_dim, 1),
        )
        self.mask_zero = check_flag("mask_zero", mask_zero)
        self._padding_idx = _padding(padding_idx, self.input_dim)
        self.max_norm = max_norm
        self.scale_grad_by_freq = check_flag("scale_grad_by_freq", scale_grad_by_freq)
        self.seed = check_int("seed", seed, 0)
        self.workers = None if workers is None else check_int("workers", workers, 1)
        self._words: RowWords | None = None
        if vocabulary is not None:
            self._words = RowWords(vocabulary, self.mask_zero, unknown)
            if self._words.n_rows != self.input_dim:
                raise ValueError(
                    f"input_dim must be {self._words.n_rows}, for {len(self._words.words)} words "
                    f"behind {self._words.first_row} rows of padding and unknown words, got "
                    f"{self.input_dim}; {type(self).__name__}.from_vocabulary counts them itself"
                )
        elif unknown != "error":
            raise ValueError(f"unknown={unknown!r} needs a vocabulary; give one")
        self.trainable = trainable
        self._table = self._first_table(embeddings_initializer, weights)
        self._last: Any = None  # what was looked up last

    @property
    def input_dim(self) -> int:
        """How many rows the table has."""
        return self._shape[0]

    @property
    def output_dim(self) -> int:
        """How many numbers a row has."""
        return self._shape[1]

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """The table, of shape (input_dim, output_dim); it may be changed in place, or be set."""
        return self._table

    @embeddings.setter
    def embeddings(self, values: ArrayLike) -> None:
        self._table[:] = self._fitting("embeddings", values)

    @property
    def padding_idx(self) -> int | None:
        """The row that is zeros at first, and stays as it is."""
        return self._padding_idx

    @property
    def max_norm(self) -> float | None:
        """How long rows may be when they are looked up."""
        return self._max_norm

    @max_norm.setter
    def max_norm(self, value: float | None) -> None:
        self._max_norm = (
            None if value is None else check_float("max_norm", value, 0, exclusive=True)
        )

    @property
    def trainable(self) -> bool | NDArray[np.bool_]:
        """Whether the rows learn: True, False, or a read-only array of them; set it as a whole."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool | ArrayLike) -> None:
        self._trainable: bool | NDArray[np.bool_]
        if np.ndim(value) == 0:
            self._trainable = check_flag("trainable", value)
        else:
            mask = np.array(value)
            if mask.dtype != bool or mask.shape != (self.input_dim,):
                raise ValueError(
                    f"trainable must be True, False, or an array of bool of shape "
                    f"({self.input_dim},), got {mask.dtype} of shape {mask.shape}"
                )
            mask.flags.writeable = False
            self._trainable = mask
        frozen = ~np.broadcast_to(self._trainable, self.input_dim)
        if self.padding_idx is not None:
            frozen[self.padding_idx] = True
        if self._words is not None and self._words.unknown == "zeros":
            frozen[self._words.unknown_row] = True
        self._frozen = frozen.view(np.uint8) if frozen.any() else None

    @property
    def words(self) -> list[Any] | None:
        """The words of the layer, in the order of their rows; None without a vocabulary."""
        return None if self._words is None else list(self._words.words)

    @property
    def unknown(self) -> str:
        """What unknown words are: "error", "row" or "zeros"."""
        return "error" if self._words is None else self._words.unknown

    @property
    def vectors(self) -> KeyedVectors:
        """The words and their vectors, which stay those of the layer.

        Raises
        ------
        ValueError
            The layer has no vocabulary.
        """
        words = self._vocabulary()
        return KeyedVectors.from_arrays(words.words, self._table[words.first_row :])

    def encode(self, tokens: Iterable[Any]) -> NDArray[np.int64]:
        """Return the rows of words, for ``layer(ids)``; ``layer(tokens)`` does it by itself.

        Parameters
        ----------
        tokens : list of words, or list of lists of words
            Lists of different lengths are filled up with 0, where the layer has ``mask_zero``.

        Returns
        -------
        ndarray of int64 of shape (n,) or (lists, longest)

        Raises
        ------
        KeyError
            A word is unknown, and the layer has no rule for such words.
        ValueError
            The layer has no vocabulary; or lists differ in length and there is no padding.

        Examples
        --------
        >>> from fastw2v import Embedding
        >>> Embedding.from_vocabulary(["왕", "여왕"], 2).encode(["여왕", "왕", "개"])
        array([2, 1, 0])
        """
        return self._vocabulary().encode(tokens)

    def compute_mask(self, inputs: Any) -> NDArray[np.bool_] | None:
        """Return which ids are none of padding; None where the layer has no ``mask_zero``.

        Parameters
        ----------
        inputs : array of int, or tokens

        Returns
        -------
        ndarray of bool of the shape of the ids, or None

        Raises
        ------
        IndexError, KeyError, TypeError, ValueError
            As in looking up.

        Examples
        --------
        >>> from fastw2v import Embedding
        >>> Embedding(3, 2, mask_zero=True).compute_mask([[1, 2], [1, 0]])
        array([[ True,  True],
               [ True, False]])
        """
        if not self.mask_zero:
            return None
        rows, shape = self._rows(inputs)
        mask: NDArray[np.bool_] = rows.reshape(shape) != 0
        return mask

    def apply(self, gradient: SparseGradient, optimizer: Optimizer) -> None:
        """Move the rows by a gradient that `backward` gave, or one of that form.

        Parameters
        ----------
        gradient : SparseGradient
        optimizer : Optimizer

        Raises
        ------
        IndexError, TypeError, ValueError
            It is no SparseGradient, or does not fit the table; nothing is changed.

        Examples
        --------
        >>> from fastw2v import Embedding
        >>> from fastw2v.embedding import SGD
        >>> layer = Embedding(2, 1, weights=[[1.0], [2.0]])
        >>> _ = layer([1])
        >>> layer.apply(layer.backward([[4.0]]), SGD(0.25))
        >>> layer.embeddings.ravel()
        array([1., 1.], dtype=float32)
        """
        if not isinstance(gradient, SparseGradient):
            raise TypeError(
                f"gradient must be a SparseGradient, as backward gives it, got {shorten(gradient)}"
            )
        if tuple(gradient.shape) != self._shape:
            raise ValueError(
                f"gradient must be one of a table of shape {self._shape}, got {gradient.shape}"
            )
        rows, _ = rows_of(gradient.rows, self.input_dim)
        values = as_gradients(
            "gradient.values", gradient.values, (len(rows), self.output_dim), False
        )
        self._move(Given(rows, self._apart(values)), optimizer, by_frequency=False)

    def _move(self, given: Given, optimizer: Optimizer, by_frequency: bool) -> None:
        """Sum gradients by row, and move the rows, in one pass."""
        check_optimizer(optimizer)
        if self._trainable is False:
            return
        n_bytes = given.n_bytes + (self._table.nbytes if optimizer.moves_all else 0)
        n_threads = threads_for(self.workers, n_bytes)
        rule, state = optimizer.begin(self)
        pairs = parts(given.rows, self.input_dim, n_threads)
        step = given.step(pairs, self._frozen, by_frequency)
        step.move(self._table, list(state), rule)

        def job(_: int) -> None:
            pairs.sort()
            if not optimizer.moves_all:
                step.apply()

        optimizer.count(self)  # an interruption comes when the rows are moved
        share(job, n_threads)
        if optimizer.moves_all:
            share(lambda _: step.apply_all(), n_threads)

    def _move_freely(self, given: Given, optimizer: Optimizer) -> None:
        """Let each thread sum and move by its own share of the positions: races, and no waiting."""
        check_optimizer(optimizer)
        if optimizer.moves_all:
            raise ValueError("hogwild moves rows with a gradient alone: use lazy=True")
        if self.scale_grad_by_freq:
            raise ValueError("in hogwild no thread counts all ids: it rules out scale_grad_by_freq")
        if self._trainable is False:
            return
        n, n_threads = len(given.rows), threads_for(self.workers, given.n_bytes)
        rule, state = optimizer.begin(self)
        todo = deque[tuple[Pairs, Step]]()
        for k in range(n_threads):
            own = given.part(n * k // n_threads, n * (k + 1) // n_threads)
            pairs = parts(own.rows, self.input_dim, 1)
            step = own.step(pairs, self._frozen)
            step.move(self._table, list(state), rule)
            todo.append((pairs, step))

        def job(_: int) -> None:
            for pairs, step in taken_from(todo):
                pairs.sort()
                step.apply()

        optimizer.count(self)
        share(job, n_threads)

    def _sum(self, given: Given) -> SparseGradient:
        """Sum gradients by row, without those of rows that do not learn."""
        if self._trainable is False:
            given = Given(given.rows[:0], given.gradients[:0])
        return summed(given, self.input_dim, self._frozen, self.scale_grad_by_freq, self.workers)

    def _rows(self, inputs: Any) -> tuple[NDArray[np.int32], tuple[int, ...]]:
        """Return the rows that ids or tokens mean, checked, and their shape."""
        return rows_of(self._ids(inputs), self.input_dim)

    def _ids(self, inputs: Any) -> Any:
        return self.encode(inputs) if are_tokens(inputs) else inputs

    def _output(self, out: Array | None, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return `out` if it can hold a row for each place of this shape, or a new array."""
        found = as_output(out, (*shape, self.output_dim))
        if np.may_share_memory(found, self._table):
            raise ValueError("out must be no part of the table; give another array")
        return found

    def _gradients(
        self, grad: ArrayLike, shape: tuple[int, ...], check_finite: bool
    ) -> NDArray[np.float32]:
        """Return the gradients of what has this shape as a matrix, checked."""
        return self._apart(as_gradients("grad", grad, (*shape, self.output_dim), check_finite))

    def _apart(self, gradients: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return gradients that do not change while the table does."""
        return gradients.copy() if np.may_share_memory(gradients, self._table) else gradients

    def _shorten(self, rows: NDArray[np.int32]) -> None:
        """Scale down what is looked up, where there is a `max_norm`."""
        if self.max_norm is not None:
            shorten_rows(self._table, ordered(rows, self.input_dim, 1).ordered, self.max_norm)

    def _vocabulary(self) -> RowWords:
        if self._words is None:
            raise ValueError(
                "the layer has no vocabulary, only rows: make it by from_vocabulary, or by "
                "from_pretrained of KeyedVectors"
            )
        return self._words

    def _first_table(self, initializer: Initializer, weights: Any) -> NDArray[np.float32]:
        table = new_table(*self._shape)
        if isinstance(weights, (list, tuple)) and len(weights) == 1 and np.ndim(weights[0]) == 2:
            weights = weights[0]  # as Keras has it
        if weights is not None:
            table[:] = self._fitting("weights", weights)
            return table
        random = np.random.default_rng(self.seed)
        if callable(initializer):
            table[:] = self._fitting(
                "what embeddings_initializer returns", initializer(self._shape)
            )
        elif initializer == "uniform":
            random.random(out=table, dtype=np.float32)
            table -= np.float32(0.5)
            table *= np.float32(0.1)
        elif initializer == "normal":
            random.standard_normal(out=table, dtype=np.float32)
            table *= np.float32(0.05)
        elif initializer == "zeros":
            table[:] = 0
        else:
            raise ValueError(
                f"embeddings_initializer must be one of {', '.join(INITIALIZERS)} or a function of "
                f"a shape, got {shorten(initializer)}"
            )
        if self.padding_idx is not None:
            table[self.padding_idx] = 0
        if self._words is not None and self._words.unknown == "zeros":
            table[self._words.unknown_row] = 0
        return table

    def _fitting(self, name: str, values: Any) -> Array:
        array = np.asarray(values)
        if array.shape != self._shape or array.dtype.kind not in "fiu":
            raise ValueError(
                f"{name} must be numbers of shape {self._shape}, got {array.dtype} of shape "
                f"{array.shape}"
            )
        return array


def _padding(padding_idx: int | None, input_dim: int) -> int | None:
    """Return the row of padding; from the end of the table if it is negative, as in PyTorch."""
    if padding_idx is None:
        return None
    row = check_int("padding_idx", padding_idx, -input_dim, input_dim - 1)
    return row % input_dim
