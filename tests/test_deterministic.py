"""Several threads whose results are the same bits every time: `deterministic=True`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from test_datasets import QUESTIONS, accuracy

from fastw2v import Corpus, Vocabulary, Word2Vec, modelfile, parallel
from fastw2v._native.rounds import Rounds
from fastw2v._native.train import MERGE_TAU, matrix, merge_gain
from fastw2v._training import rounds
from fastw2v.datasets import make_analogy_corpus
from fastw2v.privaterows import MERGE_VISITS, round_schedule

MODES = {
    "skip-gram": {"sg": 1},
    "CBOW": {"sg": 0},
    "CBOW, sum": {"sg": 0, "cbow_mean": 0, "alpha": 0.025},
    "CBOW, exact": {"sg": 0, "cbow_gradient": "exact"},
    "skip-gram, tree": {"sg": 1, "hs": 1, "negative": 0},
    "CBOW, tree and noise": {"sg": 0, "hs": 1, "negative": 3},
}
pytestmark = pytest.mark.filterwarnings("ignore:hs=1 and negative")


@pytest.fixture(scope="module")
def corpus():
    return Corpus(make_analogy_corpus(n_words=40_000))


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch):
    """Many threads for small corpora, in stages that are shorter than an epoch."""
    monkeypatch.setattr(rounds, "ROUND_PART", 1 / 8)
    monkeypatch.setattr(rounds, "ROUND_WORDS", 512)
    monkeypatch.setattr(rounds, "ROUND_WORDS_LEAST", 64)
    monkeypatch.setattr(rounds, "STAGE_WORDS", 2_048)
    monkeypatch.setattr(rounds, "STAGE_WORDS_OF_ROW", 1)
    monkeypatch.setattr(rounds, "SHARD_WORDS", 2_048)
    monkeypatch.setattr("fastw2v.training.SHARD_WORDS", 2_048)


@contextmanager
def busy():
    """Have other threads take the interpreter, and the cores, at any moment."""
    ends, interval = threading.Event(), sys.getswitchinterval()

    def spin():
        while not ends.is_set():
            sum(range(500))

    threads = [threading.Thread(target=spin) for _ in range(3)]
    sys.setswitchinterval(1e-6)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        sys.setswitchinterval(interval)
        for thread in threads:
            thread.join()


def train(corpus, workers, train=True, **options):
    settings = {"vector_size": 20, "epochs": 2, "min_count": 1, "seed": 3, "progress": False}
    settings |= {"compute_loss": True, "deterministic": True} | options
    model = Word2Vec(workers=workers, **settings)
    model.build_vocab(corpus)
    if train:
        model.train()
    return model


def assert_same(one, other):
    """All that is learned, to the bit."""
    for name, array in one._arrays().items():
        np.testing.assert_array_equal(
            array.view(np.int32), other._arrays()[name].view(np.int32), err_msg=name
        )
    assert one._arrays().keys() == other._arrays().keys()
    assert one.loss_history == other.loss_history


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("workers", [2, 3, 8])
def test_a_seed_gives_the_same_bits_every_time(corpus, workers, mode):
    first = train(corpus, workers, **MODES[mode])
    with busy() if mode in ("skip-gram", "CBOW, tree and noise") else nullcontext():
        disturbed = train(corpus, workers, **MODES[mode])
    assert_same(first, disturbed)
    assert len(first.loss_history) == 2 and first.loss_history[1] < first.loss_history[0]
    alone = train(corpus, 1, **MODES[mode])
    assert not np.array_equal(first.wv.vectors, alone.wv.vectors)  # so the threads had work


def test_nothing_else_has_a_part_in_it(corpus, tmp_path):
    """Neither what tells of a training, nor where its corpus came from."""
    expected = train(corpus, 3)
    for _ in range(3):
        assert_same(expected, train(corpus, 3))
    path = tmp_path / "말뭉치.txt"
    path.write_text("\n".join(map(" ".join, corpus)), encoding="utf-8")
    others = {"progress": True, "checkpoint": tmp_path / "run", "checkpoint_every": 0}
    assert_same(expected, train(path, 3, **others))
    silent = train(corpus, 3, compute_loss=False)
    np.testing.assert_array_equal(silent.wv.vectors, expected.wv.vectors)
    for other in (train(corpus, 3, seed=4), train(corpus, 4)):
        assert not np.array_equal(other.wv.vectors, expected.wv.vectors)


@pytest.mark.parametrize("sg", [0, 1])
def test_one_worker_is_what_it_was(corpus, sg):
    assert_same(train(corpus, 1, sg=sg), train(corpus, 1, sg=sg, deterministic=False))


def test_a_corpus_too_small_for_rounds_has_one_thread(corpus, monkeypatch):
    monkeypatch.setattr(rounds, "ROUND_WORDS_LEAST", 4_000)
    assert_same(train(corpus, 8), train(corpus, 1))
    monkeypatch.setattr(rounds, "ROUND_WORDS_LEAST", 1_000)  # of 10,000, for 3 times 3 threads
    assert_same(train(corpus, 8), train(corpus, 3))


@pytest.mark.parametrize(("workers", "sg", "part"), [(2, 1, 1 / 500), (8, 0, 1 / 125)])
def test_planted_relations_are_learned(workers, sg, part, monkeypatch):
    monkeypatch.setattr(rounds, "ROUND_PART", part)
    corpus = Corpus(make_analogy_corpus(n_words=200_000))
    model = train(corpus, workers, sg=sg, vector_size=50, epochs=5)
    questions = [question for section in QUESTIONS.values() for question in section]
    score = accuracy(model.wv.key_to_index, model.wv.vectors, questions)
    alone = train(corpus, 1, sg=sg, vector_size=50, epochs=5)
    assert score > accuracy(alone.wv.key_to_index, alone.wv.vectors, questions) - 0.1
    assert model.loss_history[-1] < alone.loss_history[-1] * 1.1


@pytest.mark.parametrize("mode", ["skip-gram", "CBOW, tree and noise"])
def test_a_training_is_resumed_bit_for_bit(corpus, tmp_path, monkeypatch, mode):
    expected = train(corpus, 3, **MODES[mode])
    kept = []
    original = modelfile.write

    def write(path, *arguments, **named):
        kept.append(f"{path}.{len(kept)}")
        original(kept[-1], *arguments, **named)

    monkeypatch.setattr(modelfile, "write", write)
    monkeypatch.setattr(parallel, "INTERVAL", 0.002)
    train(corpus, 3, checkpoint=tmp_path / "run", checkpoint_every=0, **MODES[mode])
    places = [modelfile.read(file).run["place"] for file in kept]
    assert any(place["shard"] for place in places), "none was written within an epoch"
    for file in kept[:: max(1, len(kept) // 5)] + kept[-1:]:
        with busy() if file == kept[-1] else nullcontext():
            resumed = Word2Vec.resume(file, corpus, progress=False)
        assert_same(resumed, expected)
        assert resumed.deterministic


@pytest.mark.parametrize("mode", MODES)
def test_locked_rows_keep_their_bits(corpus, mode):
    def locked():
        model = train(corpus, 3, train=False, **MODES[mode])
        model.wv.vectors_lockf = (np.arange(len(model.wv)) % 3 / 2).astype(np.float32)
        model.wv.vectors[0] = -0.0
        before = model.wv.vectors.copy()
        model.train()
        return before, model

    before, model = locked()
    after = model.wv.vectors
    np.testing.assert_array_equal(after[::3].view(np.int32), before[::3].view(np.int32))
    assert (after[1::3] != before[1::3]).any(axis=1).all()
    assert_same(model, locked()[1])


def test_what_a_callback_changes_is_trained_on(corpus):
    class Sets:
        def on_epoch_begin(self, model):
            model.wv.vectors[0] = len(model.loss_history) + 7

    model = train(corpus, 3, train=False, callbacks=[Sets()])
    model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
    model.wv.vectors_lockf[0] = 0
    model.train()
    assert (model.wv.vectors[0] == 8).all()


def test_interrupt_leaves_what_was_learned(corpus, monkeypatch):
    monkeypatch.setattr(rounds, "STAGE_WORDS", 1 << 20)
    model = train(corpus, 4, train=False, epochs=10_000)
    start = model.wv.vectors.copy()
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.train()
    timer.join()
    while threading.active_count() > 1:  # one that was being started has nothing to do
        time.sleep(0.01)
    assert (model.wv.vectors != start).any()
    assert np.isfinite(model.wv.vectors).all() and abs(model.wv.vectors).max() < 10
    model.train(epochs=1)


@pytest.mark.parametrize("moment", [0, 3])
def test_an_error_in_a_thread_ends_all_and_spoils_nothing(corpus, monkeypatch, moment):
    class Fails:
        def __init__(self, task, index, *arguments):
            self._worker, self._left = worker(task, index, *arguments), moment + 99 * (index != 1)

        def train(self, start, end, watched):
            self._left -= 1
            if self._left < 0:
                raise MemoryError("no more")
            self._worker.train(start, end, watched)

    worker = rounds.Worker
    monkeypatch.setattr(rounds, "STAGE_WORDS", 1 << 20)
    monkeypatch.setattr(rounds, "Worker", Fails)
    model = train(corpus, 3, train=False)
    with pytest.raises(MemoryError, match="no more"):
        model.train()
    assert threading.active_count() == 1
    assert np.isfinite(model.wv.vectors).all() and abs(model.wv.vectors).max() < 10
    if moment:  # else the others may not have come to their first shard
        assert model.context_vectors.vectors.any()


def test_no_room_for_copies_is_told(corpus, monkeypatch):
    def refused(rows, columns):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(rounds, "matrix", refused)
    with pytest.raises(MemoryError, match=r"3 copies of the model, .* lower workers"):
        train(corpus, 3)


def test_it_is_saved_with_the_model(corpus, tmp_path):
    model = train(corpus, 3)
    model.save(tmp_path / "모형")
    loaded = Word2Vec.load(tmp_path / "모형")
    assert loaded.deterministic is True
    for one in (model, loaded):
        one.train(corpus)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    with pytest.raises(ValueError, match="deterministic must be 1 or 0"):
        Word2Vec(deterministic="yes")


def test_the_full_softmax_is_the_same_anyway(corpus):
    text = list(corpus)[:200]
    options = {"objective": "softmax", "negative": 0, "epochs": 1}
    assert_same(train(text, 3, **options), train(text, 1, deterministic=False, **options))


# How often rows merge, and how


@pytest.mark.parametrize("threads", [2, 8, 64])
def test_all_rows_merge_and_rarer_ones_less_often(threads):
    visits = 1 / np.arange(10.0, 50_010)
    words, most = 10_000.0, 64
    blocks = round_schedule(visits * 36, visits, 10**8, 4000.0, threads, words, most)
    periods = np.repeat(blocks[1], np.diff(blocks[0], prepend=0))
    assert len(periods) == 50_000
    assert periods[0] == 1 and periods.max() <= most
    assert set(np.log2(blocks[1])) <= set(range(7)) and (np.diff(blocks[1]) > 0).all()
    assert (visits * words * periods <= np.maximum(MERGE_VISITS, visits * words)).all()
    assert round_schedule(np.zeros(0), np.zeros(0), 10**8, 4e3, 8, words, most).shape == (2, 0)


def merged(base, changes, updates=1.0):
    """One matrix, in which each thread has made changes of its own, merged by all threads."""
    n, (rows, dim) = len(changes), base.shape
    shared = matrix(rows, dim)
    shared[:, :dim] = base
    copies = [matrix(rows, dim) for _ in changes]
    for copy, change in zip(copies, changes, strict=True):
        copy[:] = shared
        copy[:, :dim] += change
    blocks = np.array([[rows], [4]], dtype=np.int64)
    parts = [(shared, copies, np.full(rows, updates), blocks)]
    rounds = Rounds(parts, np.zeros(1, np.int32), n)
    for index in range(n):
        rounds.merge_rest(index, MERGE_TAU / 0.025)
    assert all(np.array_equal(copy, shared) for copy in copies)
    return shared[:, :dim] - base


def test_unlike_changes_add_up():
    """...those of rare rows, which are far from where they will be."""
    changes = np.zeros((3, 5, 12), dtype=np.float32)
    for k in range(3):
        changes[k, :, k] = k + 1
    moved = merged(np.zeros((5, 12), np.float32), changes, updates=0.0)
    np.testing.assert_allclose(moved, changes.sum(axis=0))


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_like_changes_do_not_overshoot_by_more_than_half(threads):
    """Each thread may have gone all the way by itself, whatever is expected of so many updates."""
    change = np.random.default_rng(2).normal(size=(3, 12)).astype(np.float32)
    moved = merged(np.zeros((3, 12), np.float32), np.stack([change] * threads), updates=0.0)
    np.testing.assert_allclose(moved, 1.5 * change, rtol=1e-5)


def test_rows_of_many_updates_saturate():
    changes = np.zeros((2, 3, 12), dtype=np.float32)
    changes[0, :, 0] = changes[1, :, 1] = 1
    gain = merge_gain(2, 2000.0, MERGE_TAU / 0.025)
    assert 0.5 < gain < 0.9
    np.testing.assert_allclose(
        merged(np.zeros((3, 12), np.float32), changes, updates=2000.0),
        gain * changes.sum(axis=0),
        rtol=1e-6,
    )


def test_what_one_thread_alone_has_changed_is_taken_whole():
    base = np.random.default_rng(1).normal(size=(40, 12)).astype(np.float32)
    changes = np.zeros((3, 40, 12), dtype=np.float32)
    changes[1, ::2] = 0.5
    np.testing.assert_allclose(merged(base, changes, updates=1e6), changes[1], atol=1e-6)


def test_rows_that_nobody_has_changed_keep_their_bits():
    base = np.full((3, 12), -0.0, dtype=np.float32)
    shared = matrix(3, 12)
    shared[:, :12] = base
    copies = [matrix(3, 12) for _ in range(2)]
    for copy in copies:
        copy[:] = shared
    blocks = np.array([[3], [1]], dtype=np.int64)
    rounds = Rounds([(shared, copies, np.ones(3), blocks)], np.zeros(1, np.int32), 2)
    for index in range(2):
        rounds.merge_rest(index, 4000.0)
    assert np.signbit(shared[:, :12]).all()


def test_a_vocabulary_of_another_corpus_is_refused_as_ever(corpus):
    vocabulary = Vocabulary(["없는말"], np.array([1]))
    model = train(corpus, 3, train=False)
    run = rounds.RoundsRun
    with pytest.raises(ValueError, match="no word of the corpus"):
        run(corpus, vocabulary, matrix(1, 8), matrix(1, 8), model._parameters())
