"""The kernels of every instruction set, against the float64 reference."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import reference
from kernel_cases import ALPHA, group_case, path_case

from fastw2v import cpu
from fastw2v._native.train import (
    GROUP_MAX,
    NEGATIVE_MAX,
    PATH_MAX,
    WINDOW_MAX,
    matrix,
    train_group,
    train_path,
)

DIMENSIONS = (1, 7, 15, 16, 17, 31, 32, 33, 100, 300)
# Around the edges of every instruction set's tiles, and the largest.
CONTEXT_COUNTS = (1, 2, 4, 5, 9, 2 * WINDOW_MAX)
NOISE_COUNTS = (1, 5, 6, 7, 12, 13, NEGATIVE_MAX)
PATH_LENGTHS = (1, 4, 5, 8, 12, 13, 16, 17, 33, PATH_MAX)

each_isa = pytest.mark.parametrize("isa", cpu.available())
each_kind = pytest.mark.parametrize("kind", ["skipgram", "cbow"])
each_tree = pytest.mark.parametrize("kind", ["skipgram_tree", "cbow_tree"])
each_seed = pytest.mark.parametrize("seed", range(2))


def numeric_gradient(loss, array):
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        values = []
        for step in (1e-5, -1e-5):
            moved = array.copy()
            moved[index] += step
            values.append(loss(moved))
        gradient[index] = (values[0] - values[1]) / 2e-5
    return gradient


def check_gradients(loss, steps, inputs, outputs, seed):
    expected = (
        -ALPHA * numeric_gradient(lambda v: loss(v, outputs), inputs),
        -ALPHA * numeric_gradient(lambda u: loss(inputs, u), outputs),
    )
    for step, gradient in zip(steps, expected, strict=True):
        np.testing.assert_allclose(step, gradient, rtol=1e-6, atol=1e-9, err_msg=f"seed {seed}")


GROUP = reference.Group([np.array([0, 1]), np.array([1, 2, 3])], np.array([0, 1]), np.array([2, 1]))


@each_seed
def test_skipgram_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(3, 5))

    def loss(v, u):
        return reference.skipgram_loss(v, u, GROUP)

    steps = reference.skipgram_step(inputs, outputs, GROUP, ALPHA)
    check_gradients(loss, steps, inputs, outputs, seed)


@each_seed
def test_cbow_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(3, 5))

    def loss(v, u):
        return reference.cbow_loss(v, u, GROUP, hidden_scale=0.5)

    steps = reference.cbow_step(inputs, outputs, GROUP, ALPHA, hidden_scale=0.5, error_scale=0.5)
    check_gradients(loss, steps, inputs, outputs, seed)


PATH = reference.Path(np.array([0, 1, 3]), np.array([0, 2]), np.array([1, 0]))


@each_seed
def test_skipgram_tree_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, nodes = random.normal(size=(4, 5)), random.normal(size=(3, 5))

    def loss(v, u):
        return reference.skipgram_tree_loss(v, u, PATH)

    steps = reference.skipgram_tree_step(inputs, nodes, PATH, ALPHA)
    check_gradients(loss, steps, inputs, nodes, seed)


@each_seed
def test_cbow_tree_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, nodes = random.normal(size=(4, 5)), random.normal(size=(3, 5))

    def loss(v, u):
        return reference.cbow_tree_loss(v, u, PATH, hidden_scale=0.5)

    steps = reference.cbow_tree_step(inputs, nodes, PATH, ALPHA, hidden_scale=0.5, error_scale=0.5)
    check_gradients(loss, steps, inputs, nodes, seed)


def check_path(isa, kind, *sizes_and_seed):
    case = path_case(kind, *sizes_and_seed)
    nodes, codes, context = case.rows
    matrices = case.inputs, case.outputs
    scales = case.alpha, case.hidden_scale, case.error_scale
    loss = train_path(isa, kind == "cbow_tree", *matrices, context, nodes, codes, *scales)
    case.check(isa, *matrices, loss)


@each_isa
@each_seed
@each_tree
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_tree_kernels_equal_the_reference(isa, kind, dim, seed):
    for n_contexts, n_nodes in product(CONTEXT_COUNTS, PATH_LENGTHS):
        check_path(isa, kind, dim, n_contexts, n_nodes, seed)


@each_isa
@each_tree
def test_windows_and_paths_of_every_size_up_to_two_tiles(isa, kind):
    for n_contexts, n_nodes in product(range(1, 10), range(1, 34)):
        check_path(isa, kind, 20, n_contexts, n_nodes, 0)


@each_isa
@pytest.mark.parametrize("cbow", [False, True])
def test_a_path_without_nodes_changes_nothing(isa, cbow):
    """A tree of one word is a leaf."""
    inputs, nothing = matrix(1, 16), np.zeros(0, dtype=np.int32)
    inputs[:] = 1
    row = np.zeros(1, dtype=np.int32)
    assert train_path(isa, cbow, inputs, matrix(0, 16), row, nothing, nothing, ALPHA) == 0
    assert (inputs == 1).all()


def check(isa, kind, *sizes_and_seed):
    case = group_case(kind, *sizes_and_seed)
    targets, noise, *contexts = case.rows
    matrices = case.inputs, case.outputs
    scales = case.alpha, case.hidden_scale, case.error_scale
    loss = train_group(isa, kind == "cbow", *matrices, contexts, targets, noise, *scales)
    case.check(isa, *matrices, loss)


@each_isa
@each_seed
@each_kind
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_kernels_equal_the_reference(isa, kind, dim, seed):
    for n_contexts, n_noise in product(CONTEXT_COUNTS, NOISE_COUNTS):
        check(isa, kind, dim, GROUP_MAX, n_contexts, n_noise, seed)
    for n_centres in range(1, GROUP_MAX):
        check(isa, kind, dim, n_centres, 10, 5, seed)


@each_isa
@each_kind
def test_groups_of_every_size_up_to_two_tiles(isa, kind):
    for n_contexts, n_noise in product(range(1, 10), range(1, 26)):
        check(isa, kind, 20, 2, n_contexts, n_noise, 0)


@each_isa
@each_kind
def test_large_dimension(isa, kind):
    check(isa, kind, 2048, GROUP_MAX, 10, 5, 0)


@each_isa
def test_row_that_stands_twice_receives_both_updates(isa):
    random = np.random.default_rng(5)
    inputs, outputs = matrix(3, 20), matrix(4, 20)
    inputs[:, :20], outputs[:, :20] = random.normal(size=(3, 20)), random.normal(size=(4, 20))
    # Rows that stand twice: in a window, in two windows, as targets, as noise, as target and noise.
    contexts = [np.array(rows, dtype=np.int32) for rows in ([0, 1, 0], [1, 2], [2])]
    targets, noise = np.array([2, 2, 1], dtype=np.int32), np.array([3, 3, 1], dtype=np.int32)
    alpha = 1e-3
    before = inputs.astype(np.float64), outputs.astype(np.float64)
    steps = reference.skipgram_step(*before, reference.Group(contexts, targets, noise), alpha)
    train_group(isa, False, inputs, outputs, contexts, targets, noise, alpha)
    # The second of two updates may have seen the first: equal to first order in alpha.
    np.testing.assert_allclose(inputs, before[0] + steps[0], atol=50 * alpha**2)
    np.testing.assert_allclose(outputs, before[1] + steps[1], atol=50 * alpha**2)


@each_isa
def test_extreme_scores_stay_finite(isa):
    inputs, outputs = matrix(1, 16), matrix(2, 16)
    inputs[:], outputs[0], outputs[1] = 1e3, 1e3, -1e3
    zero, one = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    loss = train_group(isa, False, inputs, outputs, [zero], one, zero, ALPHA)
    assert loss == pytest.approx(2 * 16e6)
    assert np.isfinite(inputs).all() and np.isfinite(outputs).all()


@each_isa
def test_wrong_turns_are_trained_however_wrong_they_are(isa):
    """word2vec.c leaves out a node whose score is beyond 6, as if it were right."""
    row = np.zeros(1, dtype=np.int32)
    for code, sign in ((0, -1), (1, 1)):
        inputs, nodes = matrix(1, 16), matrix(1, 16)
        inputs[:], nodes[:] = 1, sign * 1e3
        loss = train_path(isa, False, inputs, nodes, row, row, row + code, ALPHA)
        assert loss == pytest.approx(16e3)
        np.testing.assert_allclose(nodes, sign * (1e3 - ALPHA))


def test_unknown_instruction_set_is_refused():
    one = np.zeros(1, dtype=np.int32)
    with pytest.raises(ValueError, match=r"'mmx'.*scalar"):
        train_group("mmx", False, matrix(1, 4), matrix(1, 4), [one], one, one, ALPHA)


TRAIN = """
import sys, zlib
from fastw2v import Word2Vec, cpu
sentences = [[f"w{(7 * i + j * j) % 50}" for j in range(12)] for i in range(200)]
if len(sys.argv) > 1:
    cpu._chosen = (sys.argv[1], "patched")
model = Word2Vec(sentences, vector_size=100, workers=1, epochs=5, sg=1, alpha=0.1)
print(cpu.isa(), zlib.crc32(model.wv.vectors.tobytes()))
"""


def train(*arguments, **environment):
    environment = {k: v for k, v in os.environ.items() if k != "FASTW2V_ISA"} | environment
    command = [sys.executable, "-c", TRAIN, *arguments]
    # Not where the sources lie: the installed package is meant.
    here = os.path.dirname(__file__)
    return subprocess.run(command, env=environment, cwd=here, capture_output=True, text=True)


def test_forced_instruction_set_is_the_active_one():
    """Sums are taken in another order on each instruction set: their results tell them apart."""
    prints = {isa: train(FASTW2V_ISA=isa).stdout.split() for isa in cpu.available()}
    for isa, (name, checksum) in prints.items():
        assert name == isa
        assert train(isa).stdout.split() == [isa, checksum]
    assert len({checksum for _, checksum in prints.values()}) == len(prints)


def test_missing_instruction_set_is_an_error():
    result = train(FASTW2V_ISA="sse9")
    assert result.returncode != 0
    assert "FASTW2V_ISA='sse9'" in result.stderr and "scalar" in result.stderr
