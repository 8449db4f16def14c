"""Bags of embeddings: reduced, and their gradients."""

from __future__ import annotations

import embedding_reference as reference
import numpy as np
import pytest

from fastw2v import cpu
from fastw2v._embedding import rows as rooms
from fastw2v.embedding import SGD, EmbeddingBag

MODES = ("sum", "mean", "max")
BAGS = [[1, 4, 4, 0], [], [2], [7, 3, 3, 5, 6, 7, 7, 1, 0], [3, 3], []]
FLAT = [i for bag in BAGS for i in bag]
OFFSETS = np.cumsum([0, *map(len, BAGS[:-1])])


@pytest.fixture(params=cpu.available())
def isa(request, monkeypatch):
    """Force each instruction set in turn, and share the smallest work among threads."""
    monkeypatch.setattr(cpu, "isa", lambda: request.param)
    monkeypatch.setattr(rooms, "_BYTES_FOR_A_THREAD", 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", (None, 3))
def test_gradients_of_the_reference_are_those_of_its_output(mode, padding):
    random = np.random.default_rng(1)
    table, grad = random.standard_normal((8, 3)), random.standard_normal((6, 3))
    weights = [random.random(len(bag)) for bag in BAGS] if mode == "sum" else None
    numeric = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        losses = []
        for change in (1e-5, -1e-5):
            moved = table.copy()
            moved[place] += change
            losses.append((reference.reduce_bags(moved, BAGS, mode, padding, weights) * grad).sum())
        numeric[place] = (losses[0] - losses[1]) / 2e-5
    found = reference.bag_gradient(table, BAGS, grad, mode, padding, weights)
    np.testing.assert_allclose(found, numeric, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", (None, 3))
@pytest.mark.parametrize("dim", (1, 7, 16, 17, 33, 100, 130, 300))
def test_bags_equal_the_reference(isa, mode, padding, dim):
    random = np.random.default_rng(dim)
    layer = EmbeddingBag(8, dim, "normal", mode=mode, padding_idx=padding, workers=3)
    table = layer.embeddings.astype(float)
    weights = [random.random(len(bag)) for bag in BAGS] if mode == "sum" else None
    flat = None if weights is None else np.concatenate(weights)
    expected = reference.reduce_bags(table, BAGS, mode, padding, weights)
    found = layer(FLAT, OFFSETS, flat)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    grad = random.standard_normal((6, dim), dtype=np.float32)
    dense = reference.bag_gradient(table, BAGS, grad.astype(float), mode, padding, weights)
    np.testing.assert_allclose(layer.backward(grad).to_dense(), dense, rtol=1e-5, atol=1e-6)
    layer.step(FLAT, grad, SGD(0.1), OFFSETS, flat)
    np.testing.assert_allclose(layer.embeddings, table - 0.1 * dense, rtol=1e-5, atol=1e-6)


def test_last_axis_is_a_bag():
    layer = EmbeddingBag(9, 4, mode="mean")
    ids = np.arange(24).reshape(2, 3, 4) % 9
    np.testing.assert_allclose(layer(ids), layer.embeddings[ids].mean(axis=2), rtol=1e-6)
    assert layer.backward(np.ones((2, 3, 4))).rows.tolist() == list(range(9))
    np.testing.assert_allclose(layer([1, 2]), layer.embeddings[1:3].mean(axis=0), rtol=1e-6)
    assert layer(np.empty((2, 0), int)).tolist() == [[0.0] * 4] * 2
    assert layer([], []).shape == (0, 4)


def test_gradient_of_weights_is_that_of_the_output():
    layer = EmbeddingBag(8, 5, mode="sum", padding_idx=3)
    weights = np.random.default_rng(2).random(len(FLAT))
    grad = np.random.default_rng(3).standard_normal((6, 5))
    layer(FLAT, OFFSETS, weights)
    found = layer.backward_weights(grad)
    for place in range(len(FLAT)):
        more = weights.copy()
        more[place] += 1
        change = layer(FLAT, OFFSETS, more) - layer(FLAT, OFFSETS, weights)
        assert found[place] == pytest.approx((change * grad).sum(), abs=1e-5)
    layer([[1, 2, 4], [3, 3, 0]], per_sample_weights=np.ones((2, 3)))
    assert layer.backward_weights(np.ones((2, 5))).shape == (2, 3)


def test_lists_of_words_are_bags():
    layer = EmbeddingBag.from_vocabulary(["나는", "사과를", "먹었다"], 4, mode="sum")
    rows = layer.embeddings
    sentences = [["나는", "달린다"], [], ["먹었다"]]
    for given in sentences, tuple(sentences), np.array(sentences, object):
        expected = [rows[1] + rows[0], 0 * rows[0], rows[3]]
        np.testing.assert_allclose(layer(given), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="as encode gives them"):
        layer(sentences, [0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x(3), ValueError, r"write \[id\]"),
        (lambda x: x([1, 9]), IndexError, r"ids\[1\] is 9"),
        (lambda x: x([1, 2], [1]), ValueError, "offsets must begin with 0"),
        (lambda x: x([1, 2], [0, 3]), ValueError, "at most 2"),
        (lambda x: x([1, 2, 3], [0, 2, 1]), ValueError, "not fall"),
        (lambda x: x([1, 2], np.array([0, 2**64 - 1], "u8")), ValueError, "not fall"),
        (lambda x: x([[4]], out=x.embeddings[:1]), ValueError, "no part of the table"),
        (lambda x: x([1, 2], [0.0]), TypeError, "offsets must be a list of integers"),
        (lambda x: x([[1, 2]], [0]), ValueError, "one-dimensional"),
        (lambda x: x([1], None, ["1"]), ValueError, "must be numbers of the shape"),
        (lambda x: x.backward(np.ones(2)), ValueError, "nothing has been reduced"),
        (lambda x: EmbeddingBag(2, 2)([1], None, [1.0]), ValueError, "mode='sum'"),
        (lambda x: EmbeddingBag(2, 2, mode="min"), ValueError, "sum, mean, max, got 'min'"),
    ],
)
def test_wrong_bags_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(EmbeddingBag(9, 2, mode="sum"))
