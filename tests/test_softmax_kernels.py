"""The full softmax of every instruction set, against the float64 reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import softmax_reference as reference
from softmax_cases import NAMES, Native, check, random_batch, random_weights

from fastw2v import cpu
from fastw2v._native.softmax import BATCH_MAX, train_batch
from fastw2v._native.train import WINDOW_MAX, matrix

each_isa = pytest.mark.parametrize("isa", cpu.available())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("most_contexts", "scale"), [(1, 1.0), (3, 1 / 3), (3, 1.0)])
def test_gradients_of_the_reference_are_those_of_its_loss(seed, most_contexts, scale):
    """Finite differences in all four parameters."""
    random = np.random.default_rng(seed)
    weights = random_weights(9, 4, random)
    batch = random_batch(9, 3, random, most_contexts, 3, scale)
    gradients = reference.gradients(weights, batch)
    for name in NAMES:
        values = getattr(weights, name)
        numeric = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            losses = []
            for change in (1e-5, -1e-5):
                moved = values.copy()
                moved[index] += change
                losses.append(reference.loss(replace(weights, **{name: moved}), batch))
            numeric[index] = (losses[0] - losses[1]) / 2e-5
        np.testing.assert_allclose(
            getattr(gradients, name), numeric, rtol=1e-6, atol=1e-8, err_msg=f"{name}, seed {seed}"
        )


def test_small_steps_of_the_reference_are_its_gradients():
    random = np.random.default_rng(4)
    weights, batch = random_weights(20, 8, random), random_batch(20, 6, random)
    step = reference.step(weights, batch, 1e-3)
    gradients = reference.gradients(weights, batch)
    for name in NAMES:
        np.testing.assert_allclose(getattr(step, name), -1e-3 * getattr(gradients, name))


@each_isa
@pytest.mark.parametrize("dim", (1, 7, 15, 16, 17, 31, 32, 33, 100, 300))
def test_kernels_equal_the_reference(isa, dim):
    """Around the edges of blocks of words, and of the panels of hidden vectors."""
    for n_words, n_hidden in ((2, 1), (40, 15), (95, 17), (96, BATCH_MAX - 1), (97, BATCH_MAX)):
        random = np.random.default_rng([dim, n_words, n_hidden])
        weights = random_weights(n_words, dim, random)
        batch = random_batch(n_words, n_hidden, random)
        check(isa, weights, batch, 0.05, name=f"{dim=} {n_words=} {n_hidden=}")


@each_isa
def test_vocabularies_of_many_parts_equal_the_reference(isa):
    for n_words in (401, 16 * 96 + 1, 2_000):
        random = np.random.default_rng(n_words)
        weights = random_weights(n_words, 20, random)
        check(isa, weights, random_batch(n_words, BATCH_MAX, random), 0.05, name=f"{n_words=}")


@each_isa
@pytest.mark.parametrize("scale", (1.0, 0.2))
def test_sums_and_means_of_contexts_equal_the_reference(isa, scale):
    random = np.random.default_rng(6)
    weights = random_weights(300, 20, random)
    check(isa, weights, random_batch(300, 20, random, 10, 1, scale), 0.05)


@each_isa
@pytest.mark.parametrize("repeats", (1.0, 3.0))
@pytest.mark.parametrize("alpha", (1e-4, 0.025, 1.0, 30.0))
def test_steps_that_overshoot_are_shortened_as_in_the_reference(isa, alpha, repeats):
    random = np.random.default_rng(7)
    weights = random_weights(200, 20, random)
    batch = random_batch(200, BATCH_MAX, random, 2, 2 * WINDOW_MAX, 0.5)
    check(isa, weights, batch, alpha, repeats)


@each_isa
def test_row_under_several_hidden_vectors_receives_all_their_updates(isa):
    random = np.random.default_rng(8)
    batch = reference.Batch([np.array([0, 1, 0]), np.array([1, 2])], [np.array([3]), np.array([3])])
    check(isa, random_weights(5, 20, random), batch, 0.05)


@each_isa
def test_extreme_scores_stay_finite(isa):
    """Scores of +-400: their exponentials alone are beyond a float."""
    weights = random_weights(250, 16, np.random.default_rng(9), size=20.0)
    batch = random_batch(250, 8, np.random.default_rng(9))
    native = Native(weights)
    expected = reference.loss(native.weights(), batch)
    assert native.train(isa, batch, 0.05) == pytest.approx(expected, rel=1e-5)
    assert all(np.isfinite(getattr(native.weights(), name)).all() for name in NAMES)


def test_wrong_shapes_are_refused():
    native = Native(random_weights(40, 4, np.random.default_rng(1)))
    one = [np.zeros(1, dtype=np.int32)]
    rows = native.inputs, native.outputs, native.hidden_bias, native.output_bias
    with pytest.raises(ValueError, match="hidden vectors, got 0"):
        train_batch("scalar", 4, *rows, [], [], 0.1)
    with pytest.raises(ValueError, match="rows, got 1 and 0"):
        train_batch("scalar", 4, *rows, one, [one[0][:0]], 0.1)
    with pytest.raises(ValueError, match="matrices of one row"):
        train_batch("scalar", 4, *rows[:3], matrix(1, 16), one, one, 0.1)
    with pytest.raises(ValueError, match="'mmx'"):
        train_batch("mmx", 4, *rows, one, one, 0.1)
