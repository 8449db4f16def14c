"""Batches of the full softmax for the kernels to train, and what the reference makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import softmax_reference as reference

from fastw2v._native.softmax import train_batch
from fastw2v._native.train import matrix

NAMES = ("inputs", "outputs", "hidden_bias", "output_bias")
SENTINEL = 12345.0


def random_weights(n_words, dim, random, size=2.0):
    shapes = (n_words, dim), (n_words, dim), (dim,), (n_words,)
    scales = size / np.sqrt(dim), size / np.sqrt(dim), size / np.sqrt(dim), 1.0
    return reference.Weights(
        *(scale * random.normal(size=shape) for shape, scale in zip(shapes, scales, strict=True))
    )


def random_batch(n_words, n_hidden, random, most_contexts=1, most_targets=10, scale=1.0):
    """Hidden vectors of their own context words each, and any words to predict."""
    sizes = random.integers(1, most_contexts + 1, n_hidden)
    rows = np.split(random.permutation(n_words)[: sizes.sum()], np.cumsum(sizes)[:-1])
    words = [random.integers(0, n_words, random.integers(1, most_targets + 1)) for _ in rows]
    return reference.Batch(rows, words, scale)


class Native:
    """Weights in padded rows, guard rows around W and W', guard numbers behind b'."""

    def __init__(self, weights):
        n_words, self.dim = weights.inputs.shape
        self.n_words = n_words
        self.inputs = matrix(n_words + 1, self.dim)
        self.outputs = matrix(n_words, self.dim)
        self.hidden_bias, self.output_bias = matrix(1, self.dim), matrix(1, n_words)
        self.inputs[-1] = SENTINEL
        self.inputs[:-1, : self.dim] = weights.inputs
        self.outputs[:, : self.dim] = weights.outputs
        self.hidden_bias[0, : self.dim] = weights.hidden_bias
        self.output_bias[0, :n_words] = weights.output_bias

    def weights(self):
        arrays = (
            self.inputs[:-1, : self.dim],
            self.outputs[:, : self.dim],
            self.hidden_bias[0, : self.dim],
            self.output_bias[0, : self.n_words],
        )
        return reference.Weights(*(array.astype(np.float64) for array in arrays))

    def train(self, isa, batch, alpha, *repeats):
        contexts, targets = (
            [np.asarray(rows, dtype=np.int32) for rows in lists]
            for lists in (batch.contexts, batch.targets)
        )
        matrices = self.inputs, self.outputs, self.hidden_bias, self.output_bias
        scale = batch.scale
        return train_batch(isa, self.dim, *matrices, contexts, targets, alpha, scale, *repeats)

    def assert_padding_untouched(self, name):
        assert (self.inputs[-1] == SENTINEL).all(), name
        for rows in (self.inputs[:-1], self.outputs, self.hidden_bias):
            assert not rows[:, self.dim :].any(), name
        assert not self.output_bias[0, self.n_words :].any(), name


def check(isa, weights, batch, alpha, *repeats, name=""):
    native = Native(weights)
    before = native.weights()  # as rounded to float32
    loss = native.train(isa, batch, alpha, *repeats)
    check_step(native, loss, before, batch, alpha, *repeats, name=f"{isa} {name}")


def check_step(native, loss, weights, batch, alpha, *repeats, name):
    """Compare what a kernel made of the weights with the reference."""
    expected = weights + reference.step(weights, batch, alpha, *repeats)
    for part in NAMES:
        np.testing.assert_allclose(
            getattr(native.weights(), part),
            getattr(expected, part),
            rtol=1e-4,
            atol=1e-4,
            err_msg=f"{part}: {name}",
        )
    assert loss == pytest.approx(reference.loss(weights, batch), rel=1e-5), name
    native.assert_padding_untouched(name)
