"""Signs that training diverges: numbers that no vector has, a loss worse than at the start."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.huffman import HuffmanTree
from fastw2v.parameters import Parameters, default_alpha

# No number of a vector comes near this, unless training diverges.
LARGEST = 1e3

# A step that is too long does harm before it does so much; then the loss is this many times that
# of vectors that have learned nothing, over at least so many pairs.
FAR_ABOVE = 2.0
LEAST_PAIRS = 1_000

# Looked at together, for the lowest and then for the highest one: a megabyte.
_BLOCK_NUMBERS = 1 << 18


def check_start(
    matrices: dict[str, NDArray[np.float32]], words: Sequence[str] | Sequence[int]
) -> None:
    """Raise ValueError that names a row which nothing can be learned from.

    Of the matrices, which are given by what one row of them is, those with as many rows as there
    are words have a row for each.
    """
    for name, rows in matrices.items():
        row = _first_beyond(rows)
        if row is not None:
            number = next(n for n in rows[row].tolist() if not abs(n) < LARGEST)
            whose = f"of {words[row]!r} (row {row})" if len(rows) == len(words) else f"{row}"
            raise ValueError(
                f"the {name} {whose} holds {number:g}, and no training makes numbers as large as "
                f"{LARGEST:g}: an earlier one has diverged, or it was put there; replace it, or "
                "call build_vocab to start anew"
            )


def check_growth(matrices: dict[str, NDArray[np.float32]], parameters: Parameters) -> None:
    """Raise FloatingPointError after an epoch in which a matrix has grown too large."""
    if any(_first_beyond(rows) is not None for rows in matrices.values()):
        raise FloatingPointError(f"the vectors grow without bound; {_remedy(parameters)}")


class LossWatch:
    """Warns, once, of an epoch whose loss is far above that of vectors that have learned nothing.

    Parameters
    ----------
    counters, losses : ndarray
        Of the task; see `fastw2v.training.AnyTask`.
    untrained : float
        The loss of a pair before any training.
    parameters : Parameters
        Of the run.
    """

    def __init__(
        self,
        counters: NDArray[np.int64],
        losses: NDArray[np.float64],
        untrained: float,
        parameters: Parameters,
    ) -> None:
        self._counters, self._losses = counters, losses
        self._untrained, self._parameters = untrained, parameters
        self._has_warned = False
        self._last = self._sums()

    def end_epoch(self, number: int) -> None:
        """Look at what has come since the last epoch; to be called by `Run.train` itself."""
        before, self._last = self._last, self._sums()
        pairs, loss = self._last - before
        if self._has_warned or pairs < LEAST_PAIRS or loss < FAR_ABOVE * self._untrained * pairs:
            return
        self._has_warned = True
        warnings.warn(
            f"training seems to diverge: in epoch {number} the loss of a pair is "
            f"{loss / pairs:.3g}, where vectors that have learned nothing have "
            f"{self._untrained:.3g}; {_remedy(self._parameters)}",
            RuntimeWarning,
            stacklevel=5,
        )

    def _sums(self) -> NDArray[np.float64]:
        return np.array([self._counters[:, 3].sum(), self._losses.sum()])


def untrained_loss(
    kept_counts: NDArray[np.float64],
    noise: NDArray[np.float64],
    parameters: Parameters,
    tree: HuffmanTree | None,
) -> float:
    """Return the mean loss of a pair all of whose scores are 0: log(2) for each output it meets."""
    share = kept_counts / kept_counts.sum()
    outputs = 0.0
    if parameters.negative:
        # A noise word that is the centre word itself is left out.
        outputs += 1 + parameters.negative * (1 - _mean(share, noise))
    if tree is not None:
        outputs += _mean(share, tree.lengths)
    return math.log(2) * outputs


def _mean(share: NDArray[np.float64], values: NDArray[Any]) -> float:
    # No product of vectors: the threads of a BLAS wait for the next one by keeping the cores busy.
    return float((share * values).sum())


def _remedy(parameters: Parameters) -> str:
    alpha, usual = parameters.alpha, default_alpha(parameters.sg, parameters.cbow_gradient)
    # An eighth was enough for all that diverged at the usual rate: few words, and much noise.
    better = usual if alpha > 2 * usual else alpha / 8
    advice = f"lower alpha (it is {alpha:g}; try {better:g}), the window or negative"
    if not parameters.sample:
        advice += "; or set sample"
    if not parameters.sg and not parameters.cbow_mean:
        advice += "; or set cbow_mean=1, for sums over the window are long"
    return advice


def _first_beyond(rows: NDArray[np.float32]) -> int | None:
    """Return the first row with a number that is NaN, or too large; None if there is none."""
    step = max(1, _BLOCK_NUMBERS // rows.shape[1])
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        # False for NaN, too.
        if not -LARGEST < block.min() <= block.max() < LARGEST:
            return start + int((np.abs(block) < LARGEST).all(axis=1).argmin())
    return None
