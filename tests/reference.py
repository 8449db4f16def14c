"""The specification: one window's step in float64 numpy, slow and obvious."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def sigmoid(x: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-x))


def skipgram_loss(inputs: Matrix, outputs: Matrix) -> float:
    """Sum over the context rows of -log sigma(u_0 . v) - sum_k log sigma(-u_k . v)."""
    scores = inputs @ outputs.T
    return float(np.logaddexp(0, -scores[:, 0]).sum() + np.logaddexp(0, scores[:, 1:]).sum())


def skipgram_step(inputs: Matrix, outputs: Matrix, alpha: float) -> tuple[Matrix, Matrix]:
    """Changes of the input rows and of the output rows: -alpha times the gradient of the loss."""
    labels = np.eye(1, len(outputs))
    errors = alpha * (labels - sigmoid(inputs @ outputs.T))
    return errors @ outputs, errors.T @ inputs


def cbow_hidden(inputs: Matrix, contexts: list[list[int]], hidden_scale: float) -> Matrix:
    """The hidden vector of each centre word of a group."""
    return hidden_scale * np.array([inputs[rows].sum(axis=0) for rows in contexts])


def cbow_loss(
    inputs: Matrix,
    outputs: Matrix,
    contexts: list[list[int]],
    targets: list[int],
    noise: list[int],
    hidden_scale: float,
) -> float:
    """Sum of the losses of the centre words, each against its own row and the shared noise."""
    hidden = cbow_hidden(inputs, contexts, hidden_scale)
    return sum(
        skipgram_loss(h[None], outputs[[target, *(k for k in noise if k != target)]])
        for h, target in zip(hidden, targets, strict=True)
    )


def cbow_step(
    inputs: Matrix,
    outputs: Matrix,
    contexts: list[list[int]],
    targets: list[int],
    noise: list[int],
    alpha: float,
    hidden_scale: float,
    error_scale: float,
) -> tuple[Matrix, Matrix]:
    """Changes of both matrices; error_scale == hidden_scale makes the inputs' the gradient."""
    changes = np.zeros_like(inputs), np.zeros_like(outputs)
    hidden = cbow_hidden(inputs, contexts, hidden_scale)
    for h, rows, target in zip(hidden, contexts, targets, strict=True):
        output_rows = [target, *(k for k in noise if k != target)]
        hidden_change, output_changes = skipgram_step(h[None], outputs[output_rows], alpha)
        np.add.at(changes[0], rows, error_scale * hidden_change)
        np.add.at(changes[1], output_rows, output_changes)
    return changes
