"""Bags of rows: their sum, mean or maximum, without a copy of each row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v import cpu
from fastw2v._checks import check_flag
from fastw2v._embedding.frameworks import Exchanged
from fastw2v._embedding.gradient import Given, SparseGradient
from fastw2v._embedding.optimizer import Optimizer
from fastw2v._embedding.rows import threads_for
from fastw2v._embedding.words import as_bags
from fastw2v._native.bags import Bags
from fastw2v._typing import Array
from fastw2v.parallel import share

MODES = ("sum", "mean", "max")


class _Bagged(NamedTuple):
    """Positions, in bags."""

    rows: NDArray[np.int32]
    ends: NDArray[np.int64]  # of each bag
    shape: tuple[int, ...]  # of the bags
    weights: NDArray[np.float32] | None
    shape_of_ids: tuple[int, ...]

    @property
    def bags(self) -> NDArray[np.int32]:
        """The bag of each position."""
        counts = np.diff(self.ends, prepend=0)
        return np.repeat(np.arange(len(self.ends), dtype=np.int32), counts)


class EmbeddingBag(Exchanged):
    """A table whose rows are reduced by bags: to their sum, mean or maximum.

    Parameters
    ----------
    input_dim, output_dim : int
        As of `Embedding`, like all that is not here.
    mode : {"mean", "sum", "max"}, default "mean"
    padding_idx : int, optional
        A row that never learns, and that no bag counts.
    **settings
        The other arguments of `Embedding`.

    Raises
    ------
    TypeError, ValueError
        An argument is out of its range, or does not fit the others.

    Examples
    --------
    >>> layer = EmbeddingBag(4, 2, mode="sum", weights=np.arange(8).reshape(4, 2))
    >>> layer([[1, 2], [3, 3]])
    array([[ 6.,  8.],
           [12., 14.]], dtype=float32)
    >>> layer([1, 2, 3], offsets=[0, 2])
    array([[6., 8.],
           [6., 7.]], dtype=float32)
    """

    _own_settings = ("mode",)
    _torch_class = "EmbeddingBag"

    def __init__(
        self, input_dim: int, output_dim: int, *args: Any, mode: str = "mean", **settings: Any
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        self._mode = mode
        super().__init__(input_dim, output_dim, *args, **settings)

    @property
    def mode(self) -> str:
        """How bags are reduced: "mean", "sum" or "max"."""
        return self._mode

    def __call__(
        self,
        ids: Any,
        offsets: ArrayLike | None = None,
        per_sample_weights: ArrayLike | None = None,
        out: Array | None = None,
    ) -> NDArray[np.float32]:
        """Reduce bags.

        Parameters
        ----------
        ids : array of int, or list of lists of words
            Without `offsets` the last axis is a bag; lists of words may differ in length.
        offsets : array of int of shape (bags,), optional
            Where each bag begins in one-dimensional `ids`: 0 first, not falling.
        per_sample_weights : array of numbers of the shape of `ids`, optional
            What each row is multiplied by; for ``mode="sum"``.
        out : ndarray of float32, optional
            Where to write; contiguous, of the shape of what is returned.

        Returns
        -------
        ndarray of float32 of shape ids.shape[:-1] + (output_dim,), or (bags, output_dim)
            0 for a bag without rows.

        Raises
        ------
        IndexError
            An id is negative or no row; the first one is named, and nothing is written.
        KeyError, TypeError, ValueError
            Another argument is not what it should be.
        """
        bagged = self._bagged(ids, offsets, per_sample_weights)
        found = self._output(out, bagged.shape)
        self._shorten(bagged.rows)
        self._reduce(bagged, found.reshape(-1, self.output_dim), None)
        self._last = bagged
        return found

    def backward(self, grad: ArrayLike, check_finite: bool = False) -> SparseGradient:
        """Return the gradient of the table, by the gradient of the bags reduced last.

        With ``mode="max"`` the rows that were largest are found in the table as it is now.

        Parameters
        ----------
        grad : array of numbers of the shape of what was returned
        check_finite : bool, default False
            Whether to refuse NaN and infinity.

        Returns
        -------
        SparseGradient
            Without rows that do not learn.

        Raises
        ------
        TypeError, ValueError
            `grad` is not what it should be, or nothing has been reduced yet.

        Examples
        --------
        >>> layer = EmbeddingBag(9, 1, mode="mean")
        >>> _ = layer([[7, 3, 7, 7]])
        >>> layer.backward([[4.0]]).values.ravel()
        array([1., 3.], dtype=float32)
        """
        bagged = self._last_bags()
        return self._sum(self._given(bagged, grad, check_finite))

    def backward_weights(self, grad: ArrayLike) -> NDArray[np.float32]:
        """Return the gradient of the `per_sample_weights` of the bags reduced last.

        Parameters
        ----------
        grad : array of numbers of the shape of what was returned

        Returns
        -------
        ndarray of float32 of the shape of these weights
            0 for padding.

        Raises
        ------
        TypeError, ValueError
            `grad` is not what it should be, or there were no such weights.

        Examples
        --------
        >>> layer = EmbeddingBag(3, 2, mode="sum", weights=np.arange(6).reshape(3, 2))
        >>> _ = layer([[0, 2]], per_sample_weights=[[1.0, 1.0]])
        >>> layer.backward_weights([[1.0, 10.0]])
        array([[10., 54.]], dtype=float32)
        """
        bagged = self._last_bags()
        if bagged.weights is None:
            raise ValueError("the bags were reduced without per_sample_weights")
        given = self._gradients(grad, bagged.shape, False)
        products: NDArray[np.float32]
        products = np.einsum("ij,ij->i", self._table[bagged.rows], given[bagged.bags])
        if self.padding_idx is not None:
            products[bagged.rows == self.padding_idx] = 0
        return products.reshape(bagged.shape_of_ids)

    def step(
        self,
        ids: Any,
        grad: ArrayLike,
        optimizer: Optimizer,
        offsets: ArrayLike | None = None,
        per_sample_weights: ArrayLike | None = None,
        hogwild: bool = False,
        check_finite: bool = False,
    ) -> None:
        """Move the rows by the gradient of the bags: `backward` and `apply` in one pass.

        Parameters
        ----------
        ids, offsets, per_sample_weights
            As of a call.
        grad : array of numbers of the shape of what a call returns
        optimizer, hogwild, check_finite
            As of `Embedding.step`.

        Raises
        ------
        IndexError, KeyError, TypeError, ValueError
            An argument is not what it should be; nothing is changed.

        Examples
        --------
        >>> from fastw2v.embedding import SGD
        >>> layer = EmbeddingBag(3, 1, weights=np.zeros((3, 1)))
        >>> layer.step([[0, 2]], [[4.0]], SGD(1.0))
        >>> layer.embeddings.ravel()
        array([-2.,  0., -2.], dtype=float32)
        """
        bagged = self._bagged(ids, offsets, per_sample_weights)
        given = self._given(bagged, grad, check_finite)
        if not check_flag("hogwild", hogwild):
            self._move(given, optimizer, self.scale_grad_by_freq)
        elif self.mode == "max":
            raise ValueError('hogwild serves mode="sum" and mode="mean"')
        else:
            self._move_freely(given, optimizer)

    def _bagged(self, ids: Any, offsets: Any, per_sample_weights: Any) -> _Bagged:
        """Return positions in bags, all checked."""
        bags_of_words = as_bags(ids)
        if bags_of_words is not None:
            if offsets is not None or per_sample_weights is not None:
                raise ValueError(
                    "lists of words are bags by themselves: offsets and per_sample_weights go with "
                    "ids, as encode gives them"
                )
            encoded, ends = self._vocabulary().encode_bags(bags_of_words)
            rows, shape = self._rows(encoded)
            return _Bagged(rows, ends, ends.shape, None, shape)
        rows, shape = self._rows(ids)
        if not shape:
            raise ValueError("ids must be a bag, or an array of them, got one id; write [id]")
        if offsets is not None:
            ends, bags = self._ends(offsets, shape), np.shape(offsets)
        else:
            bags = shape[:-1]
            ends = shape[-1] * np.arange(1, int(np.prod(bags)) + 1, dtype=np.int64)
        return _Bagged(rows, ends, bags, self._weights(per_sample_weights, shape), shape)

    @staticmethod
    def _ends(offsets: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Return where each bag ends, by where it begins."""
        starts = np.asarray(offsets, None if np.size(offsets) else np.int64)
        if len(shape) != 1:
            raise ValueError(f"offsets go with one-dimensional ids, got ids of shape {shape}")
        if starts.ndim != 1 or starts.dtype.kind not in "iu":
            raise TypeError(
                f"offsets must be a list of integers, got {starts.dtype} of shape {starts.shape}"
            )
        ends = np.append(starts[1:].astype(np.int64), shape[0])[: len(starts)]
        if len(starts) == 0 == shape[0]:
            return ends
        if not len(starts) or starts[0] != 0 or (np.diff(ends, prepend=0) < 0).any():
            raise ValueError(
                f"offsets must begin with 0, not fall, and be at most {shape[0]}, the number of "
                f"ids; got {starts.tolist()[:10]}"
            )
        return ends

    def _weights(self, given: Any, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
        if given is None:
            return None
        if self.mode != "sum":
            raise ValueError(f"per_sample_weights go with mode='sum', not {self.mode!r}")
        weights = np.asarray(given)
        if weights.shape != shape or weights.dtype.kind not in "fiu":
            raise ValueError(
                f"per_sample_weights must be numbers of the shape of ids, {shape}, got "
                f"{weights.dtype} of shape {weights.shape}"
            )
        return np.ascontiguousarray(weights, np.float32).reshape(-1)

    def _reduce(
        self, bagged: _Bagged, out: NDArray[np.float32], winners: NDArray[np.int32] | None
    ) -> None:
        padding = -1 if self.padding_idx is None else self.padding_idx
        bags = Bags(
            cpu.isa(),
            self._table,
            bagged.rows,
            bagged.ends,
            self.mode,
            out,
            bagged.weights,
            padding,
            winners,
        )
        n_threads = threads_for(self.workers, 4 * len(bagged.rows) * self.output_dim)
        share(lambda _: bags.reduce(), n_threads)

    def _given(self, bagged: _Bagged, grad: ArrayLike, check_finite: bool) -> Given:
        """Return the gradient of each position."""
        gradients = self._gradients(grad, bagged.shape, check_finite)
        bags, scales, winners = bagged.bags, bagged.weights, None
        if self.mode == "mean":
            counted = np.ones(len(bags), bool)
            if self.padding_idx is not None:
                counted = bagged.rows != self.padding_idx
            counts = np.bincount(bags[counted], minlength=len(bagged.ends))
            scales = (1 / np.maximum(counts, 1)).astype(np.float32)[bags]
        elif self.mode == "max":
            winners = np.empty(gradients.shape, np.int32)
            self._reduce(bagged, np.empty_like(gradients), winners)
        return Given(bagged.rows, gradients, bags, scales, winners)

    def _last_bags(self) -> _Bagged:
        if self._last is None:
            raise ValueError("nothing has been reduced yet: call the layer first")
        last: _Bagged = self._last
        return last
