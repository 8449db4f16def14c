"""Vectors that nothing can be learned from are refused; those that training spoils are told of."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from fastw2v import Word2Vec, training
from fastw2v._training import divergence

WORDS = ["나라", "마음", "사과", "배", "time", "trees"]
TEXT = np.random.default_rng(1).choice(WORDS, (400, 12)).tolist()


def model_of(**options):
    defaults = {"vector_size": 12, "min_count": 1, "workers": 1, "sample": 0, "progress": False}
    model = Word2Vec(**(defaults | options))
    model.build_vocab(TEXT)
    return model


class Epochs:
    def __init__(self):
        self.begun = 0

    def on_epoch_begin(self, model):
        self.begun += 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e3])
@pytest.mark.parametrize("name", ["wv", "context_vectors"])
def test_a_row_that_nothing_can_be_learned_from_is_named(name, value):
    model, epochs = model_of(), Epochs()
    word = model.wv.index_to_key[3]
    getattr(model, name).vectors[3, 5] = value
    with pytest.raises(ValueError, match=rf"vector of '{word}' \(row 3\) holds {value:g}"):
        model.train(callbacks=[epochs])
    assert not epochs.begun
    getattr(model, name).vectors[3, 5] = 0
    model.train()


def test_biases_that_nothing_can_be_learned_from():
    model = model_of(objective="softmax")
    model.output_bias[4] = np.nan
    with pytest.raises(ValueError, match="the output bias 0 holds nan"):
        model.train()


def test_nodes_that_nothing_can_be_learned_from():
    model = model_of(hs=1, negative=0)
    model.train()
    model._nodes[2, 1] = np.inf
    with pytest.raises(ValueError, match="the node vector 2 holds inf"):
        model.train()


@pytest.mark.parametrize("row", [0, 1, 16_383, 16_384, 99_999])
def test_every_row_is_looked_at(row):
    rows = np.zeros((100_000, 16), dtype=np.float32)
    divergence.check_start({"vector": rows}, range(len(rows)))
    rows[row, 15] = np.nan
    with pytest.raises(ValueError, match=rf"vector of {row} \(row {row}\)"):
        divergence.check_start({"vector": rows}, range(len(rows)))


def losses_told(model):
    """The warnings of a training about its loss."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.train()
    assert all(one.filename == __file__ for one in caught)
    return [str(one.message) for one in caught if "diverge" in str(one.message)]


MODES = {
    "skip-gram": {"sg": 1},
    "CBOW": {"sg": 0},
    "sums": {"sg": 0, "cbow_mean": 0},
    "exact": {"sg": 0, "cbow_gradient": "exact"},
    "tree": {"sg": 1, "hs": 1, "negative": 0},
    "tree and noise": {"sg": 0, "hs": 1},
    "softmax": {"objective": "softmax"},
}


@pytest.mark.filterwarnings("ignore:hs=1 and negative=5")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", [{}, {"workers": 4, "compute_loss": True, "window": 20}])
def test_a_training_that_learns_is_no_divergence(mode, options, monkeypatch):
    monkeypatch.setattr(training, "SHARD_WORDS", 500)
    model = model_of(**MODES[mode] | options)
    assert not losses_told(model) and not losses_told(model)


class Spoil:
    """Before each epoch, make vectors as too high a learning rate makes them."""

    def on_epoch_begin(self, model):
        random = np.random.default_rng(1)
        for rows in (model._inputs, model._outputs, model._nodes):
            if rows is not None:
                rows[:, : model.vector_size] = random.normal(0, 20, (len(rows), model.vector_size))


@pytest.mark.parametrize("compute_loss", [False, True])
@pytest.mark.parametrize("mode", ["skip-gram", "CBOW", "sums", "tree"])
def test_a_loss_far_above_that_of_no_training_is_told_once(mode, compute_loss):
    tiny = {"alpha": 1e-5, "min_alpha": 1e-5, "epochs": 3}
    model = model_of(compute_loss=compute_loss, callbacks=[Spoil()], **tiny, **MODES[mode])
    (told,) = losses_told(model)
    assert "in epoch 1" in told and "lower alpha (it is 1e-05; try 1.25e-06)" in told
    assert ("cbow_mean=1" in told) == (mode == "sums")


@pytest.mark.parametrize("options, remedy", [({}, ""), ({"cbow_mean": 0}, "or set cbow_mean=1")])
def test_vectors_without_bounds_show_the_remedy(options, remedy):
    with pytest.raises(FloatingPointError, match=rf"\(it is 9; try 0\.05\).*set sample.*{remedy}"):
        model_of(alpha=9, **options).train()


def run_of(mode, **options):
    """A run that leaves the vectors as they were, and has ended."""
    tiny = {"alpha": 1e-12, "min_alpha": 1e-12, "epochs": 1}
    model = model_of(**MODES[mode] | tiny | options)
    run = model._new_run(model._corpus, model._parameters())
    run.train(False, lambda: None, lambda loss: None)
    return run


def test_few_words_tell_of_the_loss(monkeypatch):
    monkeypatch.setattr(training, "SHARD_WORDS", 50)
    monkeypatch.setattr(training, "REGION_WORDS", 500)
    run = run_of("skip-gram")
    pairs, watched = run._task.counters.sum(axis=0)[2:4].tolist()
    assert pairs / 20 < watched < pairs / 5
    assert run._task.losses.sum() / watched == pytest.approx(run._untrained_loss, rel=0.05)


@pytest.mark.filterwarnings("ignore:hs=1 and negative=5")
@pytest.mark.parametrize("mode", sorted(MODES.keys() - {"softmax"}))
def test_the_loss_before_any_training(mode):
    run = run_of(mode, compute_loss=True)
    pairs, watched = run._task.counters.sum(axis=0)[2:4].tolist()
    assert pairs == watched
    assert run._task.losses.sum() / pairs == pytest.approx(run._untrained_loss, rel=0.01)
