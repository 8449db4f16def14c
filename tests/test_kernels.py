"""The kernels of every instruction set, against the float64 reference."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import reference
from kernel_cases import ALPHA, cbow_case, skipgram_case

from fastw2v import cpu
from fastw2v._native.train import (
    GROUP_MAX,
    NEGATIVE_MAX,
    WINDOW_MAX,
    matrix,
    train_cbow,
    train_skipgram,
)

DIMENSIONS = (1, 7, 15, 16, 17, 31, 32, 33, 100, 300)
# Around the edges of every instruction set's tiles, and the largest.
INPUT_COUNTS = (1, 2, 4, 5, 9, 2 * WINDOW_MAX)
OUTPUT_COUNTS = (1, 6, 7, 12, 13, 1 + NEGATIVE_MAX)

each_isa = pytest.mark.parametrize("isa", cpu.available())
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


@each_seed
def test_skipgram_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(3, 5))
    steps = reference.skipgram_step(inputs, outputs, ALPHA)
    check_gradients(reference.skipgram_loss, steps, inputs, outputs, seed)


@each_seed
def test_cbow_reference_follows_the_gradient_of_its_loss(seed):
    random = np.random.default_rng(seed)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(5, 5))
    group = ([[0, 1], [1, 2, 3]], [0, 1], [2, 3, 1])

    def loss(v, u):
        return reference.cbow_loss(v, u, *group, hidden_scale=0.5)

    steps = reference.cbow_step(inputs, outputs, *group, ALPHA, hidden_scale=0.5, error_scale=0.5)
    check_gradients(loss, steps, inputs, outputs, seed)


def check_skipgram(isa, *sizes_and_seed):
    case = skipgram_case(*sizes_and_seed)
    loss = train_skipgram(isa, case.inputs, case.outputs, *case.rows, case.alpha)
    case.check(isa, case.inputs, case.outputs, loss)


def check_cbow(isa, *sizes_and_seed):
    case = cbow_case(*sizes_and_seed)
    targets, noise, *contexts = case.rows
    scales = case.alpha, case.hidden_scale, case.error_scale
    loss = train_cbow(isa, case.inputs, case.outputs, contexts, targets, noise, *scales)
    case.check(isa, case.inputs, case.outputs, loss)


@each_isa
@each_seed
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_skipgram_equals_reference(isa, dim, seed):
    for n_inputs, n_outputs in product(INPUT_COUNTS, OUTPUT_COUNTS):
        check_skipgram(isa, dim, n_inputs, n_outputs, seed)


@each_isa
@each_seed
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_cbow_equals_reference(isa, dim, seed):
    for n_centres, n_contexts, n_noise in product(
        range(1, GROUP_MAX + 1), (1, 2, 10, 2 * WINDOW_MAX), (1, 5, 6, 7, NEGATIVE_MAX)
    ):
        check_cbow(isa, dim, n_centres, n_contexts, n_noise, seed)


@each_isa
def test_skipgram_of_every_size_up_to_two_tiles(isa):
    for n_inputs, n_outputs in product(range(1, 10), range(1, 26)):
        check_skipgram(isa, 20, n_inputs, n_outputs, 0)


@each_isa
def test_large_dimension(isa):
    check_skipgram(isa, 2048, 10, 6, 0)
    check_cbow(isa, 2048, GROUP_MAX, 10, 5, 0)


@each_isa
def test_row_that_stands_twice_receives_both_updates(isa):
    random = np.random.default_rng(5)
    inputs, outputs = matrix(3, 20), matrix(4, 20)
    inputs[:, :20], outputs[:, :20] = random.normal(size=(3, 20)), random.normal(size=(4, 20))
    input_rows = np.array([0, 1, 0], dtype=np.int32)
    output_rows = np.array([2, 3, 3], dtype=np.int32)
    alpha = 1e-3
    expected = inputs.astype(np.float64), outputs.astype(np.float64)
    steps = reference.skipgram_step(expected[0][input_rows], expected[1][output_rows], alpha)
    np.add.at(expected[0], input_rows, steps[0])
    np.add.at(expected[1], output_rows, steps[1])
    train_skipgram(isa, inputs, outputs, input_rows, output_rows, alpha)
    # The second of two updates may have seen the first: equal to first order in alpha.
    np.testing.assert_allclose(inputs, expected[0], atol=50 * alpha**2)
    np.testing.assert_allclose(outputs, expected[1], atol=50 * alpha**2)


@each_isa
def test_extreme_scores_stay_finite(isa):
    inputs, outputs = matrix(1, 16), matrix(2, 16)
    inputs[:], outputs[0], outputs[1] = 1e3, 1e3, -1e3
    rows = np.array([0], dtype=np.int32), np.array([1, 0], dtype=np.int32)
    loss = train_skipgram(isa, inputs, outputs, *rows, ALPHA)
    assert loss == pytest.approx(2 * 16e6)
    assert np.isfinite(inputs).all() and np.isfinite(outputs).all()


def test_unknown_instruction_set_is_refused():
    one = np.zeros(1, dtype=np.int32)
    with pytest.raises(ValueError, match=r"'mmx'.*scalar"):
        train_skipgram("mmx", matrix(1, 4), matrix(1, 4), one, one, ALPHA)


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
