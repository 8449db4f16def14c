"""Looking up, gradients and one-hot equivalence, on every instruction set and number of threads."""

from __future__ import annotations

import tracemalloc
from threading import Barrier, Thread

import embedding_reference as reference
import numpy as np
import pytest

from fastw2v import cpu
from fastw2v._embedding import rows as rooms
from fastw2v._native.embed import Pairs, Step
from fastw2v.embedding import SGD, Adam, Embedding, RMSprop

DIMS = (1, 7, 15, 16, 17, 31, 32, 33, 100, 128, 300)


@pytest.fixture(params=cpu.available())
def isa(request, monkeypatch):
    """Force each instruction set in turn."""
    monkeypatch.setattr(cpu, "isa", lambda: request.param)
    return request.param


@pytest.fixture
def many_threads(monkeypatch):
    """Let the smallest work be shared."""
    monkeypatch.setattr(rooms, "_BYTES_FOR_A_THREAD", 1)


def zipf(n_rows, shape, seed):
    random = np.random.default_rng(seed)
    ids = n_rows ** random.random(shape) - 1
    return random.permutation(n_rows)[ids.astype(int)]


@pytest.mark.parametrize("by_frequency", (False, True))
def test_gradient_of_the_reference_is_that_of_its_output(by_frequency):
    """Finite differences; a loss that weighs all that is looked up."""
    random = np.random.default_rng(1)
    table, ids = random.standard_normal((5, 3)), np.array([[4, 0, 4], [1, 4, 0]])
    grad = random.standard_normal((2, 3, 3))
    numeric = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        losses = []
        for change in (1e-5, -1e-5):
            moved = table.copy()
            moved[place] += change
            losses.append((reference.look_up(moved, ids) * grad).sum())
        numeric[place] = (losses[0] - losses[1]) / 2e-5
    if by_frequency:
        numeric /= np.maximum(np.bincount(ids.ravel(), minlength=5), 1)[:, np.newaxis]
    found = reference.gradient(ids, grad, 5, by_frequency)
    np.testing.assert_allclose(found, numeric, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dim", DIMS)
def test_rows_are_looked_up_as_they_are(isa, dim):
    layer = Embedding(50, dim)
    ids = zipf(50, (7, 9), dim)
    np.testing.assert_array_equal(layer(ids), layer.embeddings[ids])


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("by_frequency", (False, True))
def test_gradients_are_exact_sums(isa, dim, by_frequency):
    layer = Embedding(60, dim, scale_grad_by_freq=by_frequency)
    ids = zipf(60, (40, 50), dim)
    grad = np.random.default_rng(dim).standard_normal((40, 50, dim), dtype=np.float32)
    layer(ids)
    found = layer.backward(grad)
    np.testing.assert_array_equal(found.rows, np.unique(ids))
    expected = reference.gradient(ids, grad.astype(float), 60, by_frequency)
    np.testing.assert_array_equal(found.to_dense(), expected.astype(np.float32))


@pytest.mark.parametrize("n_rows", (1, 2, 300, 5_000, 70_000))
@pytest.mark.parametrize("workers", (2, 3, 8))
def test_threads_change_no_bit(many_threads, n_rows, workers):
    ids = zipf(n_rows, 3_000, n_rows)
    grad = np.random.default_rng(2).standard_normal((3_000, 20), dtype=np.float32)
    results = []
    for threads in (1, workers):
        layer = Embedding(n_rows, 20, workers=threads)
        optimizers = Adam(0.1), SGD(0.1, momentum=0.9, lazy=False), RMSprop(0.1)
        for optimizer in optimizers:
            layer.step(ids, grad, optimizer)
        found = layer.backward(grad, ids)
        results.append((layer(ids), found.rows, found.values, layer.embeddings))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n", (200_000,))
def test_many_positions_are_ordered_by_wider_digits(n):
    layer = Embedding(3_000_000, 1, embeddings_initializer="zeros")
    ids = np.random.default_rng(3).integers(0, 3_000_000, n)
    grad = np.arange(n, dtype=np.float32)[:, np.newaxis]
    found = layer.backward(grad, ids)
    rows, inverse = np.unique(ids, return_inverse=True)
    np.testing.assert_array_equal(found.rows, rows)
    expected = np.bincount(inverse, np.arange(n)).astype(np.float32)
    np.testing.assert_array_equal(found.values[:, 0], expected)


def test_large_outputs_are_written_past_the_caches(isa, monkeypatch):
    monkeypatch.setattr(rooms, "_STREAMED_BYTES", 1)
    for dim in (16, 20):
        layer = Embedding(50, dim)
        ids, room = zipf(50, 99, 1), np.empty(99 * dim + 1, np.float32)
        for out in (room[1:].reshape(99, dim), rooms.new_table(99, dim)):
            np.testing.assert_array_equal(layer(ids, out=out), layer.embeddings[ids])


def test_dense_layer_on_one_hot_input_is_the_same_with_far_more_memory():
    n_rows, dim, ids = 5_000, 16, zipf(5_000, 200, 4)
    grad = np.random.default_rng(5).standard_normal((200, dim), dtype=np.float32)
    layer = Embedding(n_rows, dim)
    tracemalloc.start()
    inputs = np.zeros((200, n_rows), np.float32)
    inputs[np.arange(200), ids] = 1
    outputs, gradient = inputs @ layer.embeddings, inputs.T @ grad
    dense_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    looked_up, sparse = layer(ids), layer.backward(grad)
    bytes_used = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    np.testing.assert_allclose(looked_up, outputs, rtol=1e-6)
    np.testing.assert_allclose(sparse.to_dense(), gradient, rtol=1e-5, atol=1e-6)
    assert sparse.values.nbytes == 4 * dim * len(np.unique(ids))
    assert bytes_used < dense_bytes / 50


@pytest.mark.parametrize("optimizer", (SGD(1.0, momentum=0.5), RMSprop(centered=True), Adam()))
def test_a_step_needs_the_states_of_its_rule(optimizer):
    table, rows = np.zeros((2, 1), np.float32), np.zeros(1, np.int32)
    rule = optimizer.begin(Embedding(2, 1))[0]
    step = Step(cpu.isa(), Pairs(rows, 2, 1), np.ones((1, 1), np.float32))
    with pytest.raises(ValueError, match="a state that"):
        step.move(table, [None] * 3, rule)


def test_a_gradient_takes_little_more_memory_than_its_rows():
    layer, random = Embedding(50_000, 64, workers=1), np.random.default_rng(3)
    ids = zipf(50_000, 10_000, 3)
    grad = random.standard_normal((len(ids), 64), dtype=np.float32)
    layer.backward(grad, ids)
    tracemalloc.start()
    gradient = layer.backward(grad, ids)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    rows = 4 * 64 * len(np.unique(ids))
    assert gradient.values.nbytes == rows
    assert kept < 1.05 * rows
    assert peak < 1.25 * rows  # in between: a pair and a row of each id, and a place of each row


def test_pairs_that_another_thread_still_sorts_are_not_read():
    """A part of row 0 is done first; what is behind it holds zeros as yet, and 0 is a row, too."""
    n, n_rows = 1_000_000, 512
    rows = np.random.default_rng(7).integers(1, n_rows, n).astype(np.int32)
    rows[: n // 2] = 0
    gradients, expected = np.ones((n, 1), np.float32), -np.bincount(rows, minlength=n_rows)
    rule = SGD(1.0).begin(Embedding(n_rows, 1))[0]
    for _ in range(8):
        table = np.zeros((n_rows, 1), np.float32)
        pairs = Pairs(rows, n_rows, 2)
        pairs.ordered[:] = 0
        step = Step(cpu.isa(), pairs, gradients)
        step.move(table, [None] * 3, rule)
        ready = Barrier(2)

        def job(pairs=pairs, step=step, ready=ready):
            ready.wait()
            pairs.sort()
            step.apply()

        threads = [Thread(target=job) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        np.testing.assert_array_equal(table[:, 0], expected)


def test_hogwild_equals_the_ordered_step_where_threads_do_not_meet(many_threads):
    ids, grad = np.arange(1_000), np.ones((1_000, 5), np.float32)
    tables = []
    for hogwild in (False, True):
        layer, optimizer = Embedding(1_000, 5, workers=4), Adam(0.1)
        layer.step(ids, grad, optimizer, hogwild=hogwild)
        assert optimizer.iterations(layer) == 1
        tables.append(layer.embeddings)
    np.testing.assert_array_equal(*tables)


def test_hogwild_with_repeated_ids_stays_close(many_threads):
    ids, grad = zipf(50, 4_000, 6), np.full((4_000, 8), 0.01, np.float32)
    layer = Embedding(50, 8, workers=4, embeddings_initializer="zeros")
    layer.step(ids, grad, SGD(1.0), hogwild=True)
    assert np.isfinite(layer.embeddings).all()
    with pytest.raises(ValueError, match="lazy=True"):
        layer.step(ids, grad, Adam(lazy=False), hogwild=True)
    with pytest.raises(TypeError, match="such as SGD"):
        layer.step(ids, grad, None, hogwild=True)
    with pytest.raises(ValueError, match="scale_grad_by_freq"):
        Embedding(50, 8, scale_grad_by_freq=True).step(ids, grad, SGD(), hogwild=True)
