"""Gradients of a table: given by position, summed by row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import cpu
from fastw2v._embedding.rows import ordered, threads_for
from fastw2v._native.embed import Pairs, Step, first_pairs
from fastw2v._typing import Array
from fastw2v.parallel import share


class SparseGradient(NamedTuple):
    """The gradient of a table in the rows where it may differ from 0.

    Attributes
    ----------
    rows : ndarray of int32 of shape (k,)
        Each once, ascending.
    values : ndarray of float32 of shape (k, d)
        The gradient of each of these rows.
    shape : tuple of int
        Of the table: (n, d).

    Examples
    --------
    >>> rows, values = np.array([0, 2], np.int32), np.ones((2, 1), np.float32)
    >>> SparseGradient(rows, values, (3, 1)).to_dense()
    array([[1.],
           [0.],
           [1.]], dtype=float32)
    """

    rows: NDArray[np.int32]
    values: NDArray[np.float32]
    shape: tuple[int, int]

    def to_dense(self) -> NDArray[np.float32]:
        """Return the gradient as a table of its own, mostly of zeros.

        Returns
        -------
        ndarray of float32 of shape (n, d)

        Examples
        --------
        >>> none = SparseGradient(np.empty(0, np.int32), np.empty((0, 2), np.float32), (1, 2))
        >>> none.to_dense()
        array([[0., 0.]], dtype=float32)
        """
        dense = np.zeros(self.shape, np.float32)
        dense[self.rows] = self.values
        return dense


class Given(NamedTuple):
    """Gradients as a layer gets them: of each position, or of its bag."""

    rows: NDArray[np.int32]  # of each position
    gradients: NDArray[np.float32]  # 2-D
    bags: NDArray[np.int32] | None = None  # the row of `gradients` of each position
    scales: NDArray[np.float32] | None = None  # what each is multiplied by
    winners: NDArray[np.int32] | None = None  # of a maximum: the position that each belongs to

    @property
    def n_bytes(self) -> int:
        """What is read of gradients."""
        return 4 * len(self.rows) * int(self.gradients.shape[1])

    def step(
        self, pairs: Pairs, frozen: NDArray[np.uint8] | None = None, by_frequency: bool = False
    ) -> Step:
        """Return what sums them by the rows of pairs."""
        return Step(
            cpu.isa(),
            pairs,
            self.gradients,
            frozen,
            by_frequency,
            self.bags,
            self.scales,
            self.winners,
        )

    def part(self, start: int, stop: int) -> Given:
        """Return the gradients of some positions, where each has its own."""
        chosen = slice(start, stop)
        if self.bags is None:
            return Given(self.rows[chosen], self.gradients[chosen])
        scales = None if self.scales is None else self.scales[chosen]
        return Given(self.rows[chosen], self.gradients, self.bags[chosen], scales)


def summed(
    given: Given,
    n_rows: int,
    frozen: NDArray[np.uint8] | None,
    by_frequency: bool,
    workers: int | None,
) -> SparseGradient:
    """Return the sums by row, without frozen rows."""
    n_threads = threads_for(workers, given.n_bytes)
    pairs = ordered(given.rows, n_rows, n_threads)
    pairs.release()
    step = given.step(pairs, by_frequency=by_frequency)
    firsts = first_pairs(pairs.ordered, frozen)
    rows = np.empty(len(firsts), np.int32)
    values = np.empty((len(firsts), given.gradients.shape[1]), np.float32)
    share(lambda _: step.sum(firsts, rows, values), n_threads)
    return SparseGradient(rows, values, (n_rows, values.shape[1]))


def as_gradients(
    name: str, gradients: Any, shape: tuple[int, ...], check_finite: bool
) -> NDArray[np.float32]:
    """Return gradients of this shape as a matrix of float32, or raise."""
    array: Array = np.asarray(gradients)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be an array of numbers, got {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
    matrix = np.ascontiguousarray(array, np.float32).reshape(-1, shape[-1])
    if check_finite and not np.isfinite(matrix).all():
        place = np.unravel_index(int(np.isfinite(matrix).argmin()), shape)
        where = ", ".join(map(str, place))
        raise ValueError(
            f"{name}[{where}] is {array[place]}, not finite as float32; nothing was changed"
        )
    return matrix
