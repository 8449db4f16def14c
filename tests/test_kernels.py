"""The window kernels of every instruction set, against the float64 reference."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import reference

from fastw2v import cpu
from fastw2v._native.train import LANES, NEGATIVE_MAX, WINDOW_MAX, matrix, train_window

DIMENSIONS = (1, 7, 15, 16, 17, 31, 32, 33, 100, 300)
# Around the edges of every instruction set's tiles, and the largest.
INPUT_COUNTS = (1, 2, 4, 5, 9, 2 * WINDOW_MAX)
OUTPUT_COUNTS = (1, 6, 7, 12, 13, 1 + NEGATIVE_MAX)
ALPHA = 0.05
SENTINEL = 12345.0

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


@each_seed
@pytest.mark.parametrize("cbow", [False, True])
def test_reference_follows_the_gradient_of_its_loss(cbow, seed):
    random = np.random.default_rng(seed)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(3, 5))
    scale = 1 / len(inputs)
    if cbow:
        steps = reference.cbow_step(inputs, outputs, ALPHA, scale, scale)
        loss = lambda v, u: reference.cbow_loss(v, u, scale)  # noqa: E731
    else:
        steps = reference.skipgram_step(inputs, outputs, ALPHA)
        loss = reference.skipgram_loss
    expected = (
        -ALPHA * numeric_gradient(lambda v: loss(v, outputs), inputs),
        -ALPHA * numeric_gradient(lambda u: loss(inputs, u), outputs),
    )
    for step, gradient in zip(steps, expected, strict=True):
        np.testing.assert_allclose(step, gradient, rtol=1e-6, atol=1e-9, err_msg=f"seed {seed}")


def guarded(rows, dim, random):
    """A matrix of random rows with guard rows between them; returns it and the numbers of the rows."""
    stride = -(-dim // LANES) * LANES
    values = matrix(2 * rows + 1, stride)
    values[:] = SENTINEL
    chosen = random.permutation(np.arange(1, 2 * rows + 1, 2)).astype(np.int32)
    values[chosen] = 0
    values[chosen, :dim] = random.normal(size=(rows, dim)) * 2 / np.sqrt(dim)
    return values, chosen


def check_window(isa, dim, n_inputs, n_outputs, cbow, seed):
    random = np.random.default_rng([seed, dim, n_inputs, n_outputs])
    inputs, input_rows = guarded(n_inputs, dim, random)
    outputs, output_rows = guarded(n_outputs, dim, random)
    old_inputs = inputs[input_rows].astype(np.float64)
    old_outputs = outputs[output_rows].astype(np.float64)
    scales = {"hidden_scale": 1 / n_inputs, "error_scale": 0.5} if cbow else {}
    loss = train_window(
        isa, inputs, outputs, input_rows, output_rows, ALPHA, cbow=cbow, compute_loss=True, **scales
    )
    if cbow:
        steps = reference.cbow_step(old_inputs, old_outputs, ALPHA, **scales)
        expected_loss = reference.cbow_loss(old_inputs, old_outputs, scales["hidden_scale"])
    else:
        steps = reference.skipgram_step(old_inputs, old_outputs, ALPHA)
        expected_loss = reference.skipgram_loss(old_inputs, old_outputs)
    case = f"{isa} dim={dim} inputs={n_inputs} outputs={n_outputs} cbow={cbow} seed={seed}"
    for values, rows, old, step in (
        (inputs, input_rows, old_inputs, steps[0]),
        (outputs, output_rows, old_outputs, steps[1]),
    ):
        np.testing.assert_allclose(values[rows], old + step, rtol=1e-5, atol=1e-5, err_msg=case)
        assert not values[rows, dim:].any(), f"padding written: {case}"
        assert (np.delete(values, rows, axis=0) == SENTINEL).all(), f"guard rows written: {case}"
    assert loss == pytest.approx(expected_loss, rel=1e-5), case


@each_isa
@each_seed
@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_window_equals_reference(isa, dim, cbow, seed):
    for n_inputs, n_outputs in product(INPUT_COUNTS, OUTPUT_COUNTS):
        check_window(isa, dim, n_inputs, n_outputs, cbow, seed)


@each_isa
def test_window_of_every_size_up_to_two_tiles(isa):
    for n_inputs, n_outputs in product(range(1, 10), range(1, 26)):
        check_window(isa, 20, n_inputs, n_outputs, False, 0)


@each_isa
@pytest.mark.parametrize("cbow", [False, True])
def test_large_dimension(isa, cbow):
    check_window(isa, 2048, 10, 6, cbow, 0)


@each_isa
@pytest.mark.parametrize("cbow", [False, True])
def test_row_that_stands_twice_receives_both_updates(isa, cbow):
    random = np.random.default_rng(5)
    inputs, outputs = matrix(3, 20), matrix(4, 20)
    inputs[:, :20], outputs[:, :20] = random.normal(size=(3, 20)), random.normal(size=(4, 20))
    input_rows = np.array([0, 1, 0], dtype=np.int32)
    output_rows = np.array([2, 3, 3], dtype=np.int32)
    v, u = inputs[input_rows].astype(np.float64), outputs[output_rows].astype(np.float64)
    alpha = 1e-3
    old_inputs, old_outputs = inputs.astype(np.float64), outputs.astype(np.float64)
    train_window(isa, inputs, outputs, input_rows, output_rows, alpha, cbow=cbow)
    steps = (
        reference.cbow_step(v, u, alpha, 1.0, 1.0)
        if cbow
        else reference.skipgram_step(v, u, alpha)
    )
    np.add.at(old_inputs, input_rows, steps[0])
    np.add.at(old_outputs, output_rows, steps[1])
    # The second of two updates may have seen the first: equal to first order in alpha.
    np.testing.assert_allclose(inputs, old_inputs, atol=50 * alpha**2)
    np.testing.assert_allclose(outputs, old_outputs, atol=50 * alpha**2)


@each_isa
def test_extreme_scores_stay_finite(isa):
    inputs, outputs = matrix(1, 16), matrix(2, 16)
    inputs[:], outputs[0], outputs[1] = 1e3, 1e3, -1e3
    rows = np.array([0], dtype=np.int32), np.array([1, 0], dtype=np.int32)
    loss = train_window(isa, inputs, outputs, *rows, ALPHA, compute_loss=True)
    assert loss == pytest.approx(2 * 16e6)
    assert np.isfinite(inputs).all() and np.isfinite(outputs).all()


def test_unknown_instruction_set_is_refused():
    one = np.zeros(1, dtype=np.int32)
    with pytest.raises(ValueError, match="'mmx'.*scalar"):
        train_window("mmx", matrix(1, 4), matrix(1, 4), one, one, ALPHA)


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
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_forced_instruction_set_is_the_active_one():
    """Sums are taken in another order on each instruction set, so their results tell them apart."""
    prints = {isa: train(FASTW2V_ISA=isa).stdout.split() for isa in cpu.available()}
    for isa, (name, checksum) in prints.items():
        assert name == isa
        assert train(isa).stdout.split() == [isa, checksum]
    assert len({checksum for _, checksum in prints.values()}) == len(prints)


def test_missing_instruction_set_is_an_error():
    result = train(FASTW2V_ISA="sse9")
    assert result.returncode != 0
    assert "FASTW2V_ISA='sse9'" in result.stderr and "scalar" in result.stderr
