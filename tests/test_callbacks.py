"""Callbacks: when they are called, what they see, and how they end a training."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v.callbacks import STOP, CallbackAny2Vec

TEXT = np.random.default_rng(3).integers(0, 30, (300, 12)).astype(str).tolist()
N_WORDS = 300 * 12


def built(**options):
    defaults = {"vector_size": 8, "min_count": 1, "workers": 1, "sample": 0, "progress": False}
    model = Word2Vec(**(defaults | options))
    model.build_vocab(TEXT)
    return model


class Recorder(CallbackAny2Vec):
    """Writes down what is called, and in which state the model is then."""

    def __init__(self, stop_after=None):
        self.calls = []
        self.stop_after = stop_after

    def note(self, hook, model):
        self.calls.append((hook, len(model.loss_history), model.train_count))

    def on_train_begin(self, model):
        self.note("train begins", model)

    def on_epoch_begin(self, model):
        self.note("epoch begins", model)

    def on_epoch_end(self, model):
        self.note("epoch ends", model)
        return STOP if len(model.loss_history) == self.stop_after else None

    def on_train_end(self, model):
        self.note("train ends", model)


def test_hooks_are_called_in_order_and_see_what_has_been_done():
    recorder = Recorder()
    built(compute_loss=True, callbacks=[recorder]).train(epochs=2)
    assert recorder.calls == [
        ("train begins", 0, 0),
        ("epoch begins", 0, 0),
        ("epoch ends", 1, 0),
        ("epoch begins", 1, 0),
        ("epoch ends", 2, 0),
        ("train ends", 2, 1),
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_stop_ends_the_training_after_the_epoch(workers):
    first, second = Recorder(stop_after=2), Recorder()
    model = built(compute_loss=True, callbacks=[first, second], workers=workers)
    assert model.train(epochs=10) == (2 * N_WORDS, 2 * N_WORDS)
    assert len(model.loss_history) == 2
    assert [name for name, *_ in first.calls].count("epoch ends") == 2
    assert first.calls == second.calls and first.calls[-1][0] == "train ends"
    assert model.train_count == 1
    fallen = model.alpha - (model.alpha - model.min_alpha) * 2 / 10
    assert model.min_alpha_yet_reached == pytest.approx(fallen)
    assert threading.active_count() == 1
    assert model.train(epochs=1) == (N_WORDS, N_WORDS)


@pytest.mark.parametrize("answer", [None, True, "stop", 0, np.zeros(3)])
def test_other_answers_end_nothing(answer):
    class Answering:
        def on_epoch_end(self, model):
            return answer

    model = built(callbacks=[Answering()])
    assert model.train(epochs=3)[1] == 3 * N_WORDS


def test_callbacks_of_a_call_take_the_place_of_the_model_s():
    kept, given = Recorder(), Recorder()
    model = built(callbacks=[kept])
    model.train(epochs=1, callbacks=[given])
    assert (len(kept.calls), len(given.calls)) == (0, 4)
    model.train(epochs=1)
    assert (len(kept.calls), len(given.calls)) == (4, 4)


def test_any_hook_may_save_copy_and_query(tmp_path):
    class Saver(CallbackAny2Vec):
        def __init__(self):
            self.saved = []

        def save(self, model):
            path = tmp_path / f"model{len(self.saved)}"
            model.save(path)
            assert len(model.wv.most_similar("7", topn=3)) == 3
            assert model.predict_output_word(["7", "8"], topn=2)
            self.saved.append((Word2Vec.load(path), model.wv.vectors.copy()))

        on_train_begin = on_epoch_begin = on_epoch_end = on_train_end = save

    saver = Saver()
    model = built(compute_loss=True, callbacks=[saver])
    model.train(epochs=2)
    assert len(saver.saved) == 6
    for loaded, rows in saver.saved:
        np.testing.assert_array_equal(loaded.wv.vectors, rows)
    np.testing.assert_array_equal(saver.saved[-1][0].wv.vectors, model.wv.vectors)
    assert saver.saved[2][0].loss_history == model.loss_history[:1]


def test_queries_between_epochs_use_no_old_norms():
    class Query:
        def on_epoch_end(self, model):
            rows = model.wv.vectors
            expected = rows[0] @ rows[1] / np.linalg.norm(rows[0]) / np.linalg.norm(rows[1])
            words = model.wv.index_to_key
            similar = dict(model.wv.most_similar(words[0], topn=len(words)))
            assert similar[words[1]] == pytest.approx(expected, abs=1e-5)

    built(callbacks=[Query()]).train(epochs=3)


@pytest.mark.parametrize(
    "hook", ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]
)
def test_an_error_in_any_hook_is_heard(hook):
    failing = type("Failing", (), {hook: lambda self, model: 1 / 0})()
    model = built(callbacks=[failing], workers=2)
    with pytest.raises(ZeroDivisionError):
        model.train(epochs=2)
    assert threading.active_count() == 1
    assert model.train(epochs=1, callbacks=[Recorder()])[1] == N_WORDS


@pytest.mark.parametrize(
    ("callbacks", "match"), [([object()], "needs one of the methods"), (5, "must be a list")]
)
def test_what_is_no_callback_is_refused(callbacks, match):
    with pytest.raises(TypeError, match=match):
        built(callbacks=callbacks)
    with pytest.raises(TypeError, match=match):
        built().train(callbacks=callbacks)


def test_callbacks_and_rules_stay_behind(tmp_path):
    """They may be functions of a module that is not there when the model is loaded."""
    model = built(callbacks=[type("Local", (CallbackAny2Vec,), {})()], trim_rule=lambda *_: 0)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert (loaded.callbacks, loaded.trim_rule) == ((), None)
    loaded.train(TEXT)
