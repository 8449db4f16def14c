"""Embedding layers beside those of PyTorch and Keras: the same rows, gradients, steps and masks."""

from __future__ import annotations

import os

import numpy as np
import pytest

from fastw2v.embedding import SGD, Adagrad, Adam, Embedding, EmbeddingBag, RMSprop

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

N_ROWS, DIM, PADDING = 200, 20, 3


def batches(shape=(6, 9), n=20):
    random = np.random.default_rng(1)
    for _ in range(n):
        ids = (N_ROWS ** random.random(shape) - 1).astype(int)
        yield ids, random.standard_normal((*shape, DIM), dtype=np.float32)


def close(ours, theirs):
    """Tell whether tables are equal within 1e-6 of their largest number."""
    return np.abs(ours - theirs).max() <= 1e-6 * np.abs(theirs).max()


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def keras():
    if "KERAS_BACKEND" not in os.environ:
        pytest.importorskip("torch")
        os.environ["KERAS_BACKEND"] = "torch"
    return pytest.importorskip("keras")


@pytest.mark.parametrize("by_frequency", (False, True))
def test_torch_looks_up_and_sums_alike(torch, by_frequency):
    ours = Embedding(N_ROWS, DIM, padding_idx=PADDING, scale_grad_by_freq=by_frequency)
    theirs = ours.to_torch()
    for ids, grad in batches(n=3):
        theirs.weight.grad = None
        output = theirs(torch.from_numpy(ids))
        output.backward(torch.from_numpy(grad))
        np.testing.assert_array_equal(ours(ids), output.detach().numpy())
        assert close(ours.backward(grad).to_dense(), theirs.weight.grad.numpy())


def test_torch_shortens_alike(torch):
    ours = Embedding(N_ROWS, DIM, "normal", max_norm=0.2)
    theirs = ours.to_torch()
    theirs.weight.requires_grad = False
    for ids, _ in batches(n=3):
        output = theirs(torch.from_numpy(ids)).numpy()
        np.testing.assert_allclose(ours(ids), output, rtol=1e-6)
        np.testing.assert_allclose(ours.embeddings, theirs.weight.numpy(), rtol=1e-6)
    assert np.linalg.norm(ours(ids), axis=-1).max() <= 0.2


DENSE = [
    (SGD(0.1, formula="pytorch"), "SGD", {"lr": 0.1}),
    (SGD(0.1, 0.9, lazy=False, formula="pytorch"), "SGD", {"lr": 0.1, "momentum": 0.9}),
    (
        SGD(0.1, 0.9, True, lazy=False, formula="pytorch"),
        "SGD",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    (Adagrad(0.1, formula="pytorch"), "Adagrad", {"lr": 0.1}),
    (RMSprop(lazy=False, formula="pytorch"), "RMSprop", {}),
    (
        RMSprop(0.01, momentum=0.9, centered=True, lazy=False, formula="pytorch"),
        "RMSprop",
        {"lr": 0.01, "momentum": 0.9, "centered": True},
    ),
    (Adam(0.01, lazy=False, formula="pytorch"), "Adam", {"lr": 0.01}),
]
SPARSE = [
    (SGD(0.1, formula="pytorch"), "SGD", {"lr": 0.1}),
    (Adagrad(0.1, formula="pytorch"), "Adagrad", {"lr": 0.1}),
    (Adam(0.01, formula="pytorch"), "SparseAdam", {"lr": 0.01}),
]


@pytest.mark.parametrize(
    ("optimizer", "name", "settings", "sparse"),
    [(*case, False) for case in DENSE] + [(*case, True) for case in SPARSE],
)
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_torch_steps_alike(torch, optimizer, name, settings, sparse):
    ours = Embedding(N_ROWS, DIM, padding_idx=PADDING)
    theirs = ours.to_torch(sparse=sparse)
    their_optimizer = getattr(torch.optim, name)(theirs.parameters(), **settings)
    for ids, grad in batches():
        their_optimizer.zero_grad()
        theirs(torch.from_numpy(ids)).backward(torch.from_numpy(grad))
        their_optimizer.step()
        ours.step(ids, grad, optimizer)
    assert close(ours.embeddings, theirs.weight.detach().numpy())


@pytest.mark.parametrize("mode", ("sum", "mean", "max"))
@pytest.mark.parametrize("padding", (None, PADDING))
@pytest.mark.parametrize("by_frequency", (False, True))
def test_torch_reduces_bags_alike(torch, mode, padding, by_frequency):
    if mode == "max" and by_frequency:
        pytest.skip("PyTorch has no such bags")
    settings = {"padding_idx": padding, "scale_grad_by_freq": by_frequency}
    ours = EmbeddingBag(N_ROWS, DIM, "normal", mode=mode, **settings)
    theirs = ours.to_torch()
    offsets = np.array([0, 5, 5, 30])
    for ids, grad in batches((54,), 3):
        grad = grad[:4]
        weights = np.random.default_rng(2).random(54, np.float32) if mode == "sum" else None
        given = None if weights is None else torch.tensor(weights, requires_grad=True)
        theirs.weight.grad = None
        output = theirs(torch.from_numpy(ids), torch.from_numpy(offsets), given)
        output.backward(torch.from_numpy(grad))
        found = ours(ids, offsets, weights)
        assert close(found, output.detach().numpy())
        assert close(ours.backward(grad).to_dense(), theirs.weight.grad.numpy())
        if given is not None:
            assert close(ours.backward_weights(grad), given.grad.numpy())


def test_to_torch_and_back_keeps_everything(torch):
    for made in (
        Embedding(9, 4, padding_idx=2, max_norm=1.5, trainable=False),
        Embedding.from_vocabulary(list("가나다"), 4, mask_zero=True),
        EmbeddingBag(9, 4, mode="max", scale_grad_by_freq=True),
    ):
        module = made.to_torch()
        again = type(made).from_torch(module)
        module.weight.data.zero_()  # copies, all of them
        np.testing.assert_array_equal(again.embeddings, made.embeddings)
        for name in ("padding_idx", "max_norm", "trainable", "scale_grad_by_freq"):
            assert getattr(again, name) == getattr(made, name)
        assert getattr(again, "mode", None) == getattr(made, "mode", None)
    with pytest.raises(ValueError, match="norm_type=1"):
        Embedding.from_torch(torch.nn.Embedding(2, 2, max_norm=1.0, norm_type=1.0))
    with pytest.raises(ValueError, match="include_last_offset=True"):
        EmbeddingBag.from_torch(torch.nn.EmbeddingBag(2, 2, include_last_offset=True))
    with pytest.raises(TypeError, match=r"must be a torch\.nn.Embedding, got Linear"):
        Embedding.from_torch(torch.nn.Linear(2, 2))
    with pytest.raises(TypeError, match=r"must be a torch\.nn.EmbeddingBag, got Embedding"):
        EmbeddingBag.from_torch(torch.nn.Embedding(2, 2))


def test_torch_modules_of_half_precision_are_taken(torch):
    module = torch.nn.Embedding(3, 2, dtype=torch.bfloat16)
    expected = module.weight.detach().float().numpy()
    np.testing.assert_array_equal(Embedding.from_torch(module).embeddings, expected)


KERAS = [
    (SGD(0.1), "SGD", {"learning_rate": 0.1}),
    (SGD(0.1, 0.9, lazy=False), "SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    (
        SGD(0.1, 0.9, True, lazy=False),
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    (Adagrad(0.1), "Adagrad", {"learning_rate": 0.1}),
    (RMSprop(lazy=False), "RMSprop", {}),
    (
        RMSprop(0.01, momentum=0.9, centered=True, lazy=False),
        "RMSprop",
        {"learning_rate": 0.01, "momentum": 0.9, "centered": True},
    ),
    (Adam(0.01, lazy=False), "Adam", {"learning_rate": 0.01}),
]


@pytest.mark.parametrize(("optimizer", "name", "settings"), KERAS)
def test_keras_steps_alike(keras, optimizer, name, settings):
    ours = Embedding(N_ROWS, DIM, mask_zero=True)
    variable = keras.Variable(ours.embeddings.copy())
    their_optimizer = getattr(keras.optimizers, name)(**settings)
    their_optimizer.build([variable])
    for ids, grad in batches():
        dense = ours.backward(grad, ids).to_dense()
        their_optimizer.apply([keras.ops.convert_to_tensor(dense)], [variable])
        ours.step(ids, grad, optimizer)
    assert close(ours.embeddings, keras.ops.convert_to_numpy(variable))


def test_keras_looks_up_and_masks_alike(keras):
    ours = Embedding(N_ROWS, DIM, mask_zero=True)
    theirs = ours.to_keras()
    for ids, _ in batches(n=2):
        np.testing.assert_array_equal(ours(ids), keras.ops.convert_to_numpy(theirs(ids)))
        mask = keras.ops.convert_to_numpy(theirs.compute_mask(ids))
        np.testing.assert_array_equal(ours.compute_mask(ids), mask)
    assert Embedding(2, 2).compute_mask([1]) is None
    assert Embedding(2, 2).to_keras().compute_mask(np.array([1])) is None


def test_to_keras_and_back_keeps_everything(keras):
    made = Embedding(9, 4, mask_zero=True, padding_idx=0, trainable=False)
    again = Embedding.from_keras(made.to_keras(), vocabulary=list("가나다라마바사아"))
    np.testing.assert_array_equal(again.embeddings, made.embeddings)
    assert again.mask_zero and again.trainable is False
    np.testing.assert_array_equal(again(["나"]), made([2]))
    with pytest.raises(ValueError, match=r"layer.build\(\)"):
        Embedding.from_keras(keras.layers.Embedding(3, 3))
    with pytest.raises(TypeError, match="got Dense"):
        Embedding.from_keras(keras.layers.Dense(3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_norm": 1.0}, "Keras has no max_norm"),
        ({"scale_grad_by_freq": True}, "set layer.scale_grad_by_freq = False first"),
        ({"padding_idx": 1}, "make a layer without it, by Embedding.from_pretrained"),
        ({"trainable": [True, False]}, "all rows or none"),
    ],
)
def test_what_keras_has_not_is_refused(keras, settings, message):
    with pytest.raises(ValueError, match=message):
        Embedding(2, 2, **settings).to_keras()


def test_what_torch_has_not_is_refused():
    with pytest.raises(ValueError, match="all rows or none"):
        Embedding(2, 2, trainable=[True, False]).to_torch()


@pytest.mark.parametrize("name", ("torch", "keras"))
def test_missing_framework_names_its_extra(name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(ImportError, match=rf"pip install 'fastw2v\[{name}\]'"):
        getattr(Embedding(2, 2), f"to_{name}")()
