"""The specification: one group's step in float64 numpy, slow and obvious."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Rows = NDArray[np.int32]


def sigmoid(x: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-x))


def pair_loss(vectors: Matrix, outputs: Matrix) -> float:
    """Sum over the vectors of -log sigma(u_0 . v) - sum_k log sigma(-u_k . v)."""
    scores = vectors @ outputs.T
    return float(np.logaddexp(0, -scores[:, 0]).sum() + np.logaddexp(0, scores[:, 1:]).sum())


def pair_step(vectors: Matrix, outputs: Matrix, alpha: float) -> tuple[Matrix, Matrix]:
    """Changes of the vectors and of the outputs: -alpha times the gradient of the loss."""
    labels = np.eye(1, len(outputs))
    errors = alpha * (labels - sigmoid(vectors @ outputs.T))
    return errors @ outputs, errors.T @ vectors


@dataclass(frozen=True)
class Group:
    """Rows of the words around some centre words, of these, and of their noise words."""

    contexts: list[Rows]
    targets: Rows
    noise: Rows

    def windows(self) -> Iterator[tuple[Rows, list[int]]]:
        """Context and outputs of each centre word, which is no noise word of its own."""
        for rows, target in zip(self.contexts, self.targets, strict=True):
            yield rows, [target, *(k for k in self.noise if k != target)]


def skipgram_loss(inputs: Matrix, outputs: Matrix, group: Group) -> float:
    """Sum of the losses of all context words, each against its centre word and the noise."""
    return sum(pair_loss(inputs[rows], outputs[others]) for rows, others in group.windows())


def skipgram_step(
    inputs: Matrix, outputs: Matrix, group: Group, alpha: float
) -> tuple[Matrix, Matrix]:
    """Changes of both matrices: -alpha times the gradient of the loss."""
    changes = np.zeros_like(inputs), np.zeros_like(outputs)
    for rows, others in group.windows():
        context_changes, output_changes = pair_step(inputs[rows], outputs[others], alpha)
        np.add.at(changes[0], rows, context_changes)
        np.add.at(changes[1], others, output_changes)
    return changes


def cbow_loss(inputs: Matrix, outputs: Matrix, group: Group, hidden_scale: float) -> float:
    """Sum of the losses of the hidden vectors, each against its centre word and the noise."""
    return sum(
        pair_loss(hidden_scale * inputs[rows].sum(axis=0, keepdims=True), outputs[others])
        for rows, others in group.windows()
    )


def cbow_step(
    inputs: Matrix,
    outputs: Matrix,
    group: Group,
    alpha: float,
    hidden_scale: float,
    error_scale: float,
) -> tuple[Matrix, Matrix]:
    """Changes of both matrices; error_scale == hidden_scale makes the inputs' the gradient."""
    changes = np.zeros_like(inputs), np.zeros_like(outputs)
    for rows, others in group.windows():
        hidden = hidden_scale * inputs[rows].sum(axis=0, keepdims=True)
        hidden_change, output_changes = pair_step(hidden, outputs[others], alpha)
        np.add.at(changes[0], rows, error_scale * hidden_change)
        np.add.at(changes[1], others, output_changes)
    return changes
