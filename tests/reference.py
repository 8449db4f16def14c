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


def path_loss(vectors: Matrix, nodes: Matrix, codes: Rows) -> float:
    """Sum over the vectors of -sum_k log sigma(+-u_k . v), minus where the path goes right."""
    signs = 1 - 2 * codes
    return float(np.logaddexp(0, -signs * (vectors @ nodes.T)).sum())


def path_step(vectors: Matrix, nodes: Matrix, codes: Rows, alpha: float) -> tuple[Matrix, Matrix]:
    """Changes of the vectors and of the nodes: -alpha times the gradient of the loss."""
    errors = alpha * (1 - codes - sigmoid(vectors @ nodes.T))
    return errors @ nodes, errors.T @ vectors


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


@dataclass(frozen=True)
class Path:
    """Rows of the words around a centre word, and of the nodes on the way to it, with its code."""

    context: Rows
    nodes: Rows
    codes: Rows


def skipgram_tree_loss(inputs: Matrix, nodes: Matrix, path: Path) -> float:
    """Sum of the losses of all context words, each against the path."""
    return path_loss(inputs[path.context], nodes[path.nodes], path.codes)


def skipgram_tree_step(
    inputs: Matrix, nodes: Matrix, path: Path, alpha: float
) -> tuple[Matrix, Matrix]:
    """Changes of both matrices: -alpha times the gradient of the loss."""
    changes = np.zeros_like(inputs), np.zeros_like(nodes)
    step = path_step(inputs[path.context], nodes[path.nodes], path.codes, alpha)
    np.add.at(changes[0], path.context, step[0])
    np.add.at(changes[1], path.nodes, step[1])
    return changes


def cbow_tree_loss(inputs: Matrix, nodes: Matrix, path: Path, hidden_scale: float) -> float:
    """Loss of the hidden vector against the path."""
    hidden = hidden_scale * inputs[path.context].sum(axis=0, keepdims=True)
    return path_loss(hidden, nodes[path.nodes], path.codes)


def cbow_tree_step(
    inputs: Matrix,
    nodes: Matrix,
    path: Path,
    alpha: float,
    hidden_scale: float,
    error_scale: float,
) -> tuple[Matrix, Matrix]:
    """Changes of both matrices; error_scale == hidden_scale makes the inputs' the gradient."""
    changes = np.zeros_like(inputs), np.zeros_like(nodes)
    hidden = hidden_scale * inputs[path.context].sum(axis=0, keepdims=True)
    hidden_change, node_changes = path_step(hidden, nodes[path.nodes], path.codes, alpha)
    np.add.at(changes[0], path.context, error_scale * hidden_change)
    np.add.at(changes[1], path.nodes, node_changes)
    return changes
