"""How a run is dealt to threads, which rows they keep for themselves, what keeps it stable."""

from __future__ import annotations

import mmap
import tracemalloc

import numpy as np
import pytest

from fastw2v import Corpus, Vocabulary, Word2Vec, training
from fastw2v._native.train import MERGE_TAU, merge_gain
from fastw2v._training import matrices
from fastw2v._training.shards import shards, words_table
from fastw2v.huffman import HuffmanTree
from fastw2v.parameters import Parameters
from fastw2v.privaterows import (
    LEAST_VISITS,
    LEAST_WORDS,
    MERGE_VISITS,
    PRIVATE_FLOATS,
    STALE_PART,
    STALE_PART_MOST,
    STALE_TAUS,
    merge_schedule,
    row_rates,
)

THREADS = (1, 2, 3, 8, 16, 64, 128)
ALPHA, STRIDE = 0.025, 112


def schedule(threads, sg=1, n_rows=50_000, trained_words=50_000_000):
    """Updates, visits and words between two merges of the private rows of W', of a Zipf corpus."""
    counts = 1e6 / np.arange(10.0, n_rows + 10)
    noise = counts**0.75 / (counts**0.75).sum()
    parameters = Word2Vec(sg=sg, alpha=ALPHA)._parameters()
    assert isinstance(parameters, Parameters)
    updates, visits = row_rates(counts, noise, parameters, n_streams=6)[1]
    tau = MERGE_TAU / ALPHA
    ends, periods = merge_schedule(updates, visits, trained_words, tau, threads, STRIDE)
    every = np.repeat(periods, np.diff(ends, prepend=0))
    return updates[: len(every)], visits[: len(every)], every


def test_one_thread_has_no_private_rows():
    assert len(schedule(threads=1)[2]) == 0


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("threads", THREADS[1:])
def test_private_rows_are_worth_their_place(threads, sg):
    _, visits, every = schedule(threads, sg)
    assert 0 < len(every) <= PRIVATE_FLOATS // STRIDE
    assert (np.diff(every) >= 0).all()
    assert set(np.log2(every)) <= set(range(64))
    assert (every * visits >= LEAST_VISITS).all()
    assert (every * visits <= MERGE_VISITS).all()


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("trained_words", [10_000, 1_000_000, 10**9])
def test_rows_of_many_threads_merge_more_often(sg, trained_words):
    """What all threads learn apart does not grow with their number, but for the hottest rows."""
    for threads in THREADS[1:]:
        updates, _, every = schedule(threads, sg, trained_words=trained_words)
        apart = threads * updates * every
        tau = MERGE_TAU / ALPHA
        allowed = np.maximum(STALE_TAUS * tau, STALE_PART * updates * trained_words)
        assert (apart <= np.maximum(allowed, threads * updates * LEAST_WORDS)).all(), threads
        most = max(STALE_PART_MOST * trained_words, threads * LEAST_WORDS)
        assert (threads * every <= most).all(), threads
        gains = [merge_gain(threads, n, tau) for n in updates * every]
        assert all(1 / threads <= gain <= 1 for gain in gains)


def test_first_vectors_do_not_depend_on_threads(monkeypatch):
    monkeypatch.setattr(matrices, "_BLOCK_NUMBERS", 100)
    drawn = [matrices.start_matrices(77, 10, seed=1, threads=threads) for threads in (1, 3)]
    assert (drawn[0][0] == drawn[1][0]).all()
    assert len(np.unique(drawn[0][0][:, :10])) > 760
    assert abs(drawn[0][0]).max() <= 1 / 10 and not drawn[0][0][:, 10:].any()
    assert not drawn[0][1].any()


@pytest.mark.parametrize("workers", [1, 3])
def test_first_vectors_are_drawn_by_the_workers(workers, monkeypatch):
    crews = []

    class Crew(matrices.Crew):
        def __init__(self, jobs, stop):
            jobs = list(jobs)
            crews.append(len(jobs))
            super().__init__(jobs, stop)

    monkeypatch.setattr(matrices, "Crew", Crew)
    monkeypatch.setattr(matrices, "_BLOCK_NUMBERS", 100)
    model = Word2Vec(min_count=1, workers=workers)
    model.build_vocab(Corpus(zipf(50, 30)))
    assert crews == [workers]
    model.workers = 0
    with pytest.raises(ValueError, match="workers"):
        model.build_vocab(Corpus(zipf(50, 30)))


def test_drawing_long_vectors_takes_little_memory():
    tracemalloc.start()
    try:
        matrices.start_matrices(100, 1 << 16, seed=1, threads=2)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20  # of 25 MiB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("sample", [0.0, 1e-3])
def test_private_nodes_are_those_near_the_root(sample):
    """A node that subsampling leaves few visits merges as often as those behind it."""
    counts = (1e6 / np.arange(1.0, 50_001)).astype(np.int64)
    vocabulary = Vocabulary(list(range(len(counts))), counts)
    kept = counts * vocabulary.keep_probabilities(sample)
    tree = HuffmanTree.from_counts(vocabulary.counts)
    parameters = Word2Vec(sg=1, hs=1, negative=0, sample=sample)._parameters()
    inputs, outputs, nodes = row_rates(kept, counts / counts.sum(), parameters, 1, tree)
    assert len(inputs.visits) == len(nodes.visits) + 1 and not len(outputs.visits)
    assert nodes.visits[0] == pytest.approx(1)  # each window passes the root
    assert nodes.visits.sum() == pytest.approx(kept @ tree.lengths / kept.sum())
    tau = MERGE_TAU / ALPHA
    ends, periods = merge_schedule(*nodes, 50_000_000, tau, 8, STRIDE)
    every = np.repeat(periods, np.diff(ends, prepend=0))
    assert 500 < len(every) <= PRIVATE_FLOATS // STRIDE
    assert every[0] == LEAST_WORDS and (np.diff(every) >= 0).all()
    apart = 8 * nodes.updates[: len(every)] * every
    assert (apart <= np.maximum(STALE_TAUS * tau, 8 * LEAST_WORDS * nodes.updates[0])).all()


def test_a_matrix_that_is_not_trained_has_no_private_rows():
    nothing = np.zeros(0)
    assert merge_schedule(nothing, nothing, 10**9, 4000.0, 8, STRIDE).shape == (2, 0)


def test_shards_cover_the_corpus_once():
    random = np.random.default_rng(2)
    for size in (1, 7, 100):
        lengths = random.integers(0, 30, 200)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        cuts = shards(offsets, size)
        assert cuts[0] == 0 and cuts[-1] == offsets[-1]
        assert (np.diff(cuts) > 0).all() and (np.diff(cuts) <= 2 * size).all()


def test_words_that_are_not_in_the_vocabulary_are_never_kept():
    table = words_table(np.array([1, -1, 0], dtype=np.int32), np.array([1.0, 0.25]))
    # 31 random bits are below 2**31, always, and never below 0.
    assert table.tolist() == [[1, 2**29], [0, 0], [0, 2**31]]


@pytest.mark.parametrize("workers", [1, 3])
def test_reading_ahead_and_letting_go_change_nothing(workers, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SHARD_WORDS", 3_000)
    path = tmp_path / "말뭉치.txt"
    path.write_text("\n".join(" ".join(map(str, row)) for row in zipf(50, 30).tolist()))
    trained = []
    for region in (1_000, 10_000, 1 << 20):
        monkeypatch.setattr(training, "REGION_WORDS", region)
        model = Word2Vec(Corpus(path), vector_size=8, min_count=1, workers=1, epochs=3)
        trained.append(model.wv.vectors)
        assert Word2Vec(Corpus(path), min_count=1, workers=workers).train()[1] == 5 * 60_000
    assert (trained[0] == trained[1]).all() and (trained[0] == trained[2]).all()


def test_advice_that_is_refused_does_not_end_training(tmp_path, monkeypatch):
    """As of locked memory, which cannot be let go of."""
    refused = []

    class Deaf:
        def madvise(self, *advice):
            refused.append(advice[0])
            raise OSError("locked")

    monkeypatch.setattr(training, "SHARD_WORDS", 3_000)
    monkeypatch.setattr(training, "REGION_WORDS", 10_000)
    path = tmp_path / "말뭉치.txt"
    path.write_text("\n".join(" ".join(map(str, row)) for row in zipf(50, 30).tolist()))
    corpus = Corpus(path)
    monkeypatch.setattr(corpus.tokens, "_mmap", Deaf())
    assert Word2Vec(corpus, min_count=1, vector_size=8, workers=1).train()[1] == 5 * 60_000
    assert set(refused) == {mmap.MADV_WILLNEED, mmap.MADV_DONTNEED}


def test_far_more_threads_than_cores_end_together(monkeypatch):
    """All wait for the locks of all others' private rows, in the end."""
    monkeypatch.setattr(training, "SHARD_WORDS", 300)
    model = Word2Vec(min_count=1, workers=64, sample=0, vector_size=8, epochs=2)
    model.build_vocab(Corpus(zipf(300, 30)))
    assert model.train() == (120_000, 120_000)
    assert 0 < abs(model.context_vectors.vectors).max() < 5


def test_a_stop_is_seen_after_each_window():
    """Ctrl-C sets a flag; the widest windows take milliseconds, and a shard of them minutes."""
    corpus = Corpus(np.arange(2_000)[None] % 300)
    parameters = Word2Vec(
        sg=1, window=100, negative=100, shrink_windows=False, sample=0, workers=1
    )._parameters()
    vocabulary = Vocabulary.from_corpus(corpus, min_count=1)
    drawn = matrices.start_matrices(len(vocabulary), 2_048, seed=1, threads=1)
    task = training.Run(corpus, vocabulary, *drawn, parameters)._task
    worker = training.Worker(task, 0, 0, corpus.total_words)
    seen = []

    def stop():
        task.stop[0] = 1
        seen.append(int(task.counters[0, 2]))  # pairs, told after each window

    with training.Crew([lambda: worker.train(0, corpus.total_words, False)], stop) as crew:
        crew.wait(lambda: task.counters[0, 2] and stop())
    assert task.counters[0, 2] - seen[0] <= 2 * 2 * parameters.window


def zipf(n_words, length, seed=1):
    share = 1 / np.arange(1, n_words + 1)
    return np.random.default_rng(seed).choice(
        n_words, (60_000 // length, length), p=share / share.sum()
    )


@pytest.mark.parametrize("mode", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}], ids=str)
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("shrink_windows", [True, False])
@pytest.mark.parametrize(("n_words", "window"), [(2, 5), (2, 100), (20, 20), (50, 100), (3000, 70)])
def test_wide_windows_over_few_words_stay_bounded(n_words, window, shrink_windows, workers, mode):
    """Every word meets the same rows over and over; gensim's vectors stay shorter than 12 here."""
    if (n_words, window, shrink_windows, workers) == (2, 100, False, 4) and "cbow_mean" in mode:
        pytest.skip("the next test tells what becomes of sums of 200 vectors that are alike")
    model = Word2Vec(
        Corpus(zipf(n_words, 300)),
        **mode,
        window=window,
        shrink_windows=shrink_windows,
        workers=workers,
        min_count=1,
        sample=0,
        vector_size=50,
        compute_loss=True,
        epochs=3,
    )
    assert np.linalg.norm(model.wv.vectors, axis=1).max() < 12
    assert max(model.loss_history) < 6 * np.log(2)


@pytest.mark.parametrize("workers", [1, 4])
def test_sums_over_windows_of_two_words_are_bounded_or_told(workers):
    """At this rate chance decides, for the threads meet in few rows."""
    options = {"window": 100, "shrink_windows": False, "sg": 0, "cbow_mean": 0, "sample": 0}
    try:
        model = Word2Vec(Corpus(zipf(2, 300)), min_count=1, workers=workers, epochs=3, **options)
    except (RuntimeWarning, FloatingPointError) as told:
        assert "cbow_mean=1" in str(told)
    else:
        assert np.linalg.norm(model.wv.vectors, axis=1).max() < 1e3


def test_diverging_is_found_after_an_epoch():
    """...and not when all of them have been trained."""
    epochs = []

    class Count:
        def on_epoch_begin(self, model):
            epochs.append(len(epochs))

    with pytest.raises(
        FloatingPointError, match=r"grow without bound; lower alpha \(it is 30; try 0\.05"
    ):
        Word2Vec(Corpus(zipf(20, 20)), alpha=30, min_count=1, epochs=9, callbacks=[Count()])
    assert epochs == [0]
