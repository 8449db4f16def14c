"""Training steps for the kernels to take, and what the float64 reference makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
import reference
from numpy.typing import NDArray

from fastw2v._native.train import matrix

ALPHA = 0.05
SENTINEL = 12345.0

Rows = NDArray[np.int32]
Values = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """One training step; a kernel takes it on the matrices and returns the loss.

    `rows` holds the targets, the noise words and the context of each target; in a tree the nodes of
    the path, its code and the context; for a merge, whose gain is `alpha`, the shared row, the own
    one and the base.
    """

    name: str
    kind: Literal["skipgram", "cbow", "skipgram_tree", "cbow_tree", "merge"]
    dim: int
    inputs: Values
    outputs: Values
    rows: list[Rows]
    expected_inputs: reference.Matrix
    expected_outputs: reference.Matrix
    expected_loss: float = 0.0
    alpha: float = ALPHA
    hidden_scale: float = 1.0
    error_scale: float = 1.0

    def check(self, isa: str, inputs: Values, outputs: Values, loss: float) -> None:
        """Compare what a kernel made of the case with the reference."""
        name = f"{isa}: {self.name}"
        check_matrix(inputs, self.expected_inputs, self.dim, name)
        check_matrix(outputs, self.expected_outputs, self.dim, name)
        assert loss == pytest.approx(self.expected_loss, rel=1e-5), name


def check_matrix(values: Values, expected: reference.Matrix, dim: int, name: str) -> None:
    np.testing.assert_allclose(
        values[1::2, :dim], expected[1::2, :dim], rtol=1e-5, atol=1e-5, err_msg=name
    )
    assert not values[1::2, dim:].any(), f"padding written: {name}"
    assert (values[::2] == SENTINEL).all(), f"guard rows written: {name}"


def guarded(rows: int, dim: int, random: np.random.Generator) -> tuple[Values, Rows]:
    """A matrix of random rows with guard rows between them; returns it and the rows' numbers."""
    values = matrix(2 * rows + 1, dim)
    values[::2] = SENTINEL
    values[1::2, :dim] = random.normal(size=(rows, dim)) * 2 / np.sqrt(dim)
    return values, random.permutation(np.arange(1, 2 * rows + 1, 2)).astype(np.int32)


def group_case(
    kind: Literal["skipgram", "cbow"],
    dim: int,
    n_centres: int,
    n_contexts: int,
    n_noise: int,
    seed: int,
) -> Case:
    """A group of windows of unlike sizes; one of the noise words is a centre word."""
    random = np.random.default_rng([seed, dim, n_centres, n_contexts, n_noise])
    sizes = [max(1, n_contexts - g) for g in range(n_centres)]
    # The windows of CBOW overlap. In skip-gram a row that stands twice would make the result depend
    # on the order, a little.
    step = 1 if kind == "cbow" else n_contexts
    inputs, input_rows = guarded(step * n_centres + n_contexts, dim, random)
    outputs, output_rows = guarded(n_centres + n_noise, dim, random)
    contexts = [input_rows[step * g : step * g + size] for g, size in enumerate(sizes)]
    targets, noise = output_rows[:n_centres], output_rows[n_centres:].copy()
    noise[:1] = targets[-1]
    group = reference.Group(contexts, targets, noise)
    before = inputs.astype(np.float64), outputs.astype(np.float64)
    scales = (1 / n_contexts, 0.5) if kind == "cbow" else (1.0, 1.0)
    if kind == "cbow":
        loss = reference.cbow_loss(*before, group, scales[0])
        steps = reference.cbow_step(*before, group, ALPHA, *scales)
    else:
        loss = reference.skipgram_loss(*before, group)
        steps = reference.skipgram_step(*before, group, ALPHA)
    expected = before[0] + steps[0], before[1] + steps[1]
    name = f"{kind} {dim=} {n_centres=} {n_contexts=} {n_noise=} {seed=}"
    rows = [targets, noise, *contexts]
    return Case(name, kind, dim, inputs, outputs, rows, *expected, loss, ALPHA, *scales)


def path_case(
    kind: Literal["skipgram_tree", "cbow_tree"], dim: int, n_contexts: int, n_nodes: int, seed: int
) -> Case:
    """A window, and the path to its centre word."""
    random = np.random.default_rng([seed, dim, n_contexts, n_nodes])
    inputs, context = guarded(n_contexts, dim, random)
    outputs, nodes = guarded(n_nodes, dim, random)
    codes = random.integers(0, 2, n_nodes).astype(np.int32)
    path = reference.Path(context, nodes, codes)
    before = inputs.astype(np.float64), outputs.astype(np.float64)
    scales = (1 / n_contexts, 0.5) if kind == "cbow_tree" else (1.0, 1.0)
    if kind == "cbow_tree":
        loss = reference.cbow_tree_loss(*before, path, scales[0])
        steps = reference.cbow_tree_step(*before, path, ALPHA, *scales)
    else:
        loss = reference.skipgram_tree_loss(*before, path)
        steps = reference.skipgram_tree_step(*before, path, ALPHA)
    expected = before[0] + steps[0], before[1] + steps[1]
    name = f"{kind} {dim=} {n_contexts=} {n_nodes=} {seed=}"
    rows = [nodes, codes, context]
    return Case(name, kind, dim, inputs, outputs, rows, *expected, loss, ALPHA, *scales)


def merge_case(dim: int, gain: float, seed: int) -> Case:
    """A shared row that moves by `gain` of a change; the private rows start anew from there."""
    random = np.random.default_rng([seed, dim])
    inputs, rows = guarded(3, dim, random)
    outputs, _ = guarded(0, dim, random)
    expected = inputs.astype(np.float64)
    shared, own, base = expected[rows]
    expected[rows] = shared + gain * (own - base)
    name = f"merge {dim=} {gain=} {seed=}"
    return Case(
        name,
        "merge",
        dim,
        inputs,
        outputs,
        [rows],
        expected,
        outputs.astype(np.float64),
        alpha=gain,
    )
