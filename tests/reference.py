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


def cbow_loss(inputs: Matrix, outputs: Matrix, hidden_scale: float) -> float:
    """The same for the one hidden vector of a window."""
    return skipgram_loss(hidden_scale * inputs.sum(axis=0, keepdims=True), outputs)


def skipgram_step(inputs: Matrix, outputs: Matrix, alpha: float) -> tuple[Matrix, Matrix]:
    """Changes of the input rows and of the output rows: -alpha times the gradient of the loss."""
    labels = np.eye(1, len(outputs))
    errors = alpha * (labels - sigmoid(inputs @ outputs.T))
    return errors @ outputs, errors.T @ inputs


def cbow_step(
    inputs: Matrix, outputs: Matrix, alpha: float, hidden_scale: float, error_scale: float
) -> tuple[Matrix, Matrix]:
    """The same for CBOW; error_scale == hidden_scale makes the changes of the inputs the gradient."""
    hidden = hidden_scale * inputs.sum(axis=0, keepdims=True)
    hidden_change, output_changes = skipgram_step(hidden, outputs, alpha)
    return error_scale * np.repeat(hidden_change, len(inputs), axis=0), output_changes
