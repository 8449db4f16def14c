"""The specification of the full softmax: a batch's loss, gradients and step in float64 numpy."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Weights:
    """p(word | context) = softmax(W' h + b'), h = W x + b; x is `scale` at each context word."""

    inputs: Matrix  # W, a row for each word
    outputs: Matrix  # W', a row for each word
    hidden_bias: Matrix  # b
    output_bias: Matrix  # b'

    def __add__(self, other: Weights) -> Weights:
        return Weights(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Batch:
    """Context words of each hidden vector, and the words that it should predict."""

    contexts: list[Rows]
    targets: list[Rows]
    scale: float = 1.0

    def hidden(self, weights: Weights) -> Matrix:
        sums = np.stack([weights.inputs[rows].sum(axis=0) for rows in self.contexts])
        return self.scale * sums + weights.hidden_bias

    def labels(self, n_words: int) -> Matrix:
        """How often each hidden vector should predict each word."""
        return np.stack([np.bincount(words, minlength=n_words) for words in self.targets])


def probabilities(weights: Weights, batch: Batch) -> Matrix:
    scores = batch.hidden(weights) @ weights.outputs.T + weights.output_bias
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(weights: Weights, batch: Batch) -> float:
    """Sum, over the pairs of a hidden vector and a word, of -log p(word | h)."""
    scores = batch.hidden(weights) @ weights.outputs.T + weights.output_bias
    logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return -float((batch.labels(len(weights.outputs)) * logs).sum())


def gradients(weights: Weights, batch: Batch) -> Weights:
    """Gradients of the loss in all four parameters."""
    hidden, labels = batch.hidden(weights), batch.labels(len(weights.outputs))
    errors = labels.sum(axis=1, keepdims=True) * probabilities(weights, batch) - labels
    hidden_errors = errors @ weights.outputs
    inputs = np.zeros_like(weights.inputs)
    for rows, error in zip(batch.contexts, hidden_errors, strict=True):
        np.add.at(inputs, rows, batch.scale * error)
    return Weights(inputs, errors.T @ hidden, hidden_errors.sum(axis=0), errors.sum(axis=0))


def step(weights: Weights, batch: Batch, alpha: float, repeats: float = 1.0) -> Weights:
    """Changes of all four parameters: -alpha times the gradient, and shorter where it is steep.

    See kernels/softmax.h for the curvatures.
    """
    hidden, p = batch.hidden(weights), probabilities(weights, batch)
    labels = batch.labels(len(weights.outputs))
    pairs = labels.sum(axis=1)
    second_moments = p @ (weights.outputs**2).sum(axis=1)
    variances = second_moments - ((p @ weights.outputs) ** 2).sum(axis=1)
    lengths = 1 + (hidden**2).sum(axis=1)

    def gain(curvature: Matrix | float) -> Matrix:
        return -alpha / np.maximum(1, alpha * np.asarray(curvature))

    whole = gradients(weights, batch)
    of_outputs = gain(0.5 * ((pairs[:, None] * p + labels).T @ lengths))
    inputs = np.zeros_like(weights.inputs)
    for k, rows in enumerate(batch.contexts):
        one = replace(batch, contexts=[rows], targets=[batch.targets[k]])
        curvature = repeats * pairs[k] * variances[k] * batch.scale**2 * len(rows)
        inputs += gain(curvature) * gradients(weights, one).inputs
    return Weights(
        inputs,
        of_outputs[:, None] * whole.outputs,
        gain((pairs * variances).sum()) * whole.hidden_bias,
        of_outputs * whole.output_bias,
    )
