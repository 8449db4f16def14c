"""The optimizers of embedding layers, against their formulas in float64."""

from __future__ import annotations

import copy
import gc
import pickle

import numpy as np
import pytest
from embedding_reference import Descent, gradient

from fastw2v import cpu
from fastw2v.embedding import SGD, Adagrad, Adam, Embedding, RMSprop
from fastw2v.errors import FormatError

CASES = [
    ("sgd", SGD, {"learning_rate": 0.1}),
    ("sgd", SGD, {"learning_rate": 0.1, "momentum": 0.9}),
    ("sgd", SGD, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("adagrad", Adagrad, {"learning_rate": 0.1, "initial_accumulator_value": 0.1, "epsilon": 1e-3}),
    ("adagrad", Adagrad, {"learning_rate": 0.1, "initial_accumulator_value": 0, "epsilon": 1e-3}),
    ("rmsprop", RMSprop, {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-3}),
    ("rmsprop", RMSprop, {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-3, "momentum": 0.9}),
    (
        "rmsprop",
        RMSprop,
        {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-3, "momentum": 0.5, "centered": True},
    ),
    ("adam", Adam, {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-3}),
]


@pytest.mark.parametrize("isa", cpu.available())
@pytest.mark.parametrize("lazy", (True, False))
@pytest.mark.parametrize("formula", ("keras", "pytorch"))
@pytest.mark.parametrize(("name", "made", "settings"), CASES)
def test_twenty_steps_follow_the_formula(isa, lazy, formula, name, made, settings, monkeypatch):
    monkeypatch.setattr(cpu, "isa", lambda: isa)
    for dim in (3, 20):
        random = np.random.default_rng(dim)
        layer = Embedding(30, dim, padding_idx=4)
        table = layer.embeddings.astype(float)
        ours = made(lazy=lazy, formula=formula, **settings)
        slow = Descent(name, formula, lazy, **settings)
        for _ in range(20):
            ids = (30 ** random.random((4, 5)) - 1).astype(int)
            grad = random.standard_normal((4, 5, dim), dtype=np.float32)
            touched = np.isin(np.arange(30), ids)
            dense = gradient(ids, grad.astype(float), 30)
            dense[4] = 0
            slow.step(table, dense, touched)
            layer.step(ids, grad, ours)
        error = np.abs(layer.embeddings - table).max() / np.abs(table).max()
        assert error < 1e-6, f"{error:.1e} {dim=}"


@pytest.mark.parametrize("isa", cpu.available())
@pytest.mark.parametrize(
    ("name", "made", "settings"),
    [
        ("rmsprop", RMSprop, {"rho": 0.0}),
        ("rmsprop", RMSprop, {"rho": 0.001}),
        ("adam", Adam, {"beta_1": 0.9, "beta_2": 0.0}),
        ("adam", Adam, {"beta_1": 0.0, "beta_2": 0.001}),
    ],
)
def test_small_gradients_behind_large_ones_are_not_lost(isa, name, made, settings, monkeypatch):
    monkeypatch.setattr(cpu, "isa", lambda: isa)
    settings = {"learning_rate": 0.1, "epsilon": 1e-7, **settings}
    for dim in (3, 20):
        layer, ours = Embedding(1, dim), made(formula="pytorch", **settings)
        table, slow = layer.embeddings.astype(float), Descent(name, "pytorch", True, **settings)
        for size in (100.0, 1e-4, 1e3, 1e-3):
            slow.step(table, np.full((1, dim), size), np.array([True]))
            layer.step([0], np.full((1, dim), size, np.float32), ours)
        np.testing.assert_allclose(layer.embeddings, table, rtol=3e-6)


def test_optimizers_are_not_copied_without_what_they_keep():
    layer, optimizer = Embedding(2, 1), Adam()
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=r"Adam keeps states of layers.*layer\.save"):
            duplicate(optimizer)
    with pytest.raises(TypeError, match=r"layer\.save"):
        copy.deepcopy((layer, optimizer))
    assert copy.deepcopy(layer).embeddings is not layer.embeddings


def test_learning_rate_may_change_between_steps():
    for formula in ("keras", "pytorch"):
        layer = Embedding(3, 2)
        table = layer.embeddings.astype(float)
        ours = SGD(0.5, momentum=0.9, formula=formula)
        slow = Descent("sgd", formula, True, learning_rate=0.5, momentum=0.9)
        for rate in (0.5, 0.1, 0.3):
            ours.learning_rate = slow.settings["learning_rate"] = rate
            layer.step([1], np.ones((1, 2), np.float32), ours)
            slow.step(table, np.ones((3, 2)), np.array([False, True, False]))
        np.testing.assert_allclose(layer.embeddings, table, rtol=1e-6)


@pytest.mark.parametrize(
    ("made", "name", "value"),
    [
        (SGD(0.5), "momentum", 0.5),
        (RMSprop(0.5), "momentum", 0.5),
        (RMSprop(0.5), "centered", True),
    ],
)
def test_settings_that_need_more_state_may_change_between_steps(made, name, value):
    layer, grad = Embedding(3, 2, "zeros"), np.ones((1, 2), np.float32)
    layer.step([1], grad, made)
    setattr(made, name, value)
    layer.step([1], grad, made)
    plain = layer.embeddings.copy()
    layer.step([1], grad, made)
    assert np.isfinite(plain).all() and (layer.embeddings[1] < plain[1]).all()
    assert made.state(layer)[2 if name == "centered" else 0][1].all()


def test_apply_of_a_gradient_equals_the_fused_step():
    ids, grad = [[3, 1], [3, 0]], np.random.default_rng(1).standard_normal((2, 2, 9))
    tables = []
    for fused in (True, False):
        layer, optimizer = Embedding(5, 9, trainable=[True, False, True, True, True]), Adam(0.1)
        for _ in range(3):
            if fused:
                layer.step(ids, grad, optimizer)
            else:
                layer.apply(layer.backward(grad, ids), optimizer)
        tables.append(layer.embeddings)
    np.testing.assert_array_equal(*tables)


def test_one_optimizer_serves_several_layers_and_keeps_none_alive():
    optimizer = Adam()
    first, second = Embedding(3, 2), Embedding(5, 4)
    first.step([1], np.ones((1, 2)), optimizer)
    assert (optimizer.iterations(first), optimizer.iterations(second)) == (1, 0)
    assert optimizer.state(second).momentum.shape == (5, 4)
    del first
    gc.collect()
    assert len(optimizer._states) == 1


@pytest.mark.parametrize(
    "made",
    [
        lambda: SGD(0.1),
        lambda: SGD(0.1, momentum=0.9, lazy=False, formula="pytorch"),
        lambda: Adagrad(0.1),
        lambda: RMSprop(0.1, momentum=0.5, centered=True),
        lambda: Adam(0.1, lazy=False),
    ],
)
def test_training_goes_on_from_a_file_as_if_it_had_not_stopped(made, tmp_path):
    path = tmp_path / "층.safetensors"
    random = np.random.default_rng(1)
    batches = [(random.integers(0, 30, 20), random.standard_normal((20, 5))) for _ in range(6)]
    layer, optimizer = Embedding(30, 5, padding_idx=3), made()
    for ids, grad in batches[:3]:
        layer.step(ids, grad, optimizer)
    layer.save(path, optimizer)
    restored = made()
    again = Embedding.load(path, restored)
    assert restored.iterations(again) == 3
    for ids, grad in batches[3:]:
        layer.step(ids, grad, optimizer)
        again.step(ids, grad, restored)
    np.testing.assert_array_equal(again.embeddings, layer.embeddings)


def test_state_of_another_optimizer_is_refused(tmp_path):
    layer, path = Embedding(3, 2), tmp_path / "층.safetensors"
    layer.save(path, SGD(momentum=0.9))
    assert Embedding.load(path).input_dim == 3  # a layer all the same
    for other, message in (
        (Adam(), r"no state of this optimizer: it is of SGD\(formula='keras'\), got Adam"),
        (SGD(momentum=0.9, formula="pytorch"), "got SGD.formula='pytorch'"),
        (SGD(), r"momentum must have the shape None, got \(3, 2\)"),
    ):
        with pytest.raises(FormatError, match=message):
            Embedding.load(path, other)
        assert not other._states
    layer.save(path)
    with pytest.raises(FormatError, match=r"use layer.save\(path, optimizer\)"):
        Embedding.load(path, SGD())
    for call in (lambda: layer.save(path, 0.1), lambda: Embedding.load(path, 0.1)):
        with pytest.raises(TypeError, match="such as SGD"):
            call()
    with pytest.raises(ValueError, match="iterations must be"):
        Adam().restore(layer, Adam().state(layer), -1)


def test_dense_step_without_any_gradient_lets_a_momentum_go_on():
    layer, optimizer = Embedding(3, 2, "zeros"), SGD(1.0, momentum=0.5, lazy=False)
    layer.step([1], np.ones((1, 2)), optimizer)
    layer.step([], np.ones((0, 2)), optimizer)
    assert layer.embeddings.tolist() == [[0, 0], [-1.5, -1.5], [0, 0]]


def test_defaults_are_those_of_the_framework():
    assert (SGD().learning_rate, SGD(formula="pytorch").learning_rate) == (0.01, 0.001)
    assert (Adagrad().epsilon, Adagrad(formula="pytorch").epsilon) == (1e-7, 1e-10)
    assert Adagrad(formula="pytorch").initial_accumulator_value == 0
    assert (RMSprop().rho, RMSprop(formula="pytorch").rho) == (0.9, 0.99)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-1), "learning_rate must be a number of at least 0, got -1"),
        (lambda: SGD(nesterov=True), "nesterov needs a momentum"),
        (lambda: Adam(epsilon=0), "epsilon must be a number above 0, got 0"),
        (lambda: Adam(beta_1=1), "beta_1 must be below 1 in float32, got 1"),
        (lambda: Adam(beta_2=1 - 1e-9), "beta_2 must be below 1 in float32"),
        (lambda: RMSprop(formula="tensorflow"), "keras, pytorch, got 'tensorflow'"),
    ],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
