"""Rows of W that learn more or less than they should, or nothing at all."""

from __future__ import annotations

import numpy as np
import pytest

from fastw2v import Corpus, Vocabulary, Word2Vec
from fastw2v._training.matrices import node_matrix, start_matrices
from fastw2v.datasets import make_analogy_corpus
from fastw2v.training import Run

SEED = 3
DIM = 24

MODES = {
    "skip-gram": {"sg": 1},
    "CBOW": {"sg": 0},
    "skip-gram, tree": {"sg": 1, "hs": 1, "negative": 0},
    "CBOW, tree": {"sg": 0, "hs": 1, "negative": 0},
}
each_mode = pytest.mark.parametrize("mode", MODES)


@pytest.fixture(scope="module")
def planted():
    """A corpus of some twenty shards, so that several threads have work."""
    return Corpus(make_analogy_corpus(n_words=300_000, seed=SEED))


def train(corpus, mode, factors=None, start=None, **options):
    """W before and after a run."""
    vocabulary = Vocabulary.from_corpus(corpus, min_count=1)
    settings = {"vector_size": DIM, "epochs": 2, "workers": 1} | MODES[mode] | options
    parameters = Word2Vec(**settings)._parameters()
    inputs, outputs = start_matrices(len(vocabulary), DIM, SEED, threads=1)
    if start is not None:
        inputs[:, :DIM] = start
    before = inputs.copy()
    nodes = node_matrix(len(vocabulary), DIM) if parameters.hs else None
    if factors is not None:
        factors = factors(len(vocabulary)).astype(np.float32)
    run = Run(corpus, vocabulary, inputs, outputs, parameters, nodes, factors)
    run.train(False, lambda: None, lambda loss: None)
    return before, inputs


def alternating(n_rows):
    return np.arange(n_rows) % 2


@each_mode
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_frozen_rows_keep_their_bits_and_others_move(planted, mode, workers):
    before, after = train(planted, mode, alternating, workers=workers)
    np.testing.assert_array_equal(after[::2].view(np.int32), before[::2].view(np.int32))
    assert (after[1::2, :DIM] != before[1::2, :DIM]).any(axis=1).all()
    assert not after[:, DIM:].any()


def test_frozen_zeros_keep_their_sign(planted):
    start = np.full(DIM, -0.0, dtype=np.float32)
    before, after = train(planted, "skip-gram", np.zeros, start=start, workers=4)
    np.testing.assert_array_equal(after.view(np.int32), before.view(np.int32))


@each_mode
def test_frozen_rows_are_learned_from(planted, mode):
    """The other rows learn what they do, up to what frozen ones would have taught W' by moving."""
    _, free = train(planted, mode, alpha=1e-3)
    _, locked = train(planted, mode, alternating, alpha=1e-3)
    assert np.corrcoef(free[1::2].ravel(), locked[1::2].ravel())[0, 1] > 0.99


@each_mode
def test_factors_of_one_cost_nothing_and_change_nothing(planted, mode):
    _, free = train(planted, mode)
    _, ones = train(planted, mode, np.ones)
    np.testing.assert_array_equal(ones, free)


@each_mode
@pytest.mark.parametrize("factor", [0.25, 2.0])
def test_a_row_learns_its_factor_of_each_step(mode, factor):
    """In the first steps, to first order: W' learns from where W is, which hardly moves."""
    corpus = Corpus(np.random.default_rng(SEED).integers(0, 40, (300, 10)))
    options = {"alpha": 1e-3, "sample": 0, "epochs": 1}
    start = np.random.default_rng(SEED).normal(size=(40, DIM))
    before, free = train(corpus, mode, start=start, **options)
    _, scaled = train(corpus, mode, lambda n: np.full(n, factor), start=start, **options)
    moved, expected = scaled - before, factor * (free - before)
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(moved, expected, atol=0.02 * np.abs(expected).max())


@each_mode
def test_a_window_that_is_trained_in_parts_is_locked_in_each(mode):
    """Large windows over few words, where rows stand many times in a window."""
    corpus = Corpus(np.random.default_rng(SEED).integers(0, 6, (20, 300)))
    options = {"window": 100, "sample": 0, "shrink_windows": False}
    before, after = train(corpus, mode, alternating, **options)
    np.testing.assert_array_equal(after[::2], before[::2])
    assert (after[1::2] != before[1::2]).any(axis=1).all()


@pytest.mark.parametrize(
    "factors, message",
    [
        (lambda n: np.zeros(n - 1), "one factor for each word"),
        (lambda n: np.full(n, -1.0), "numbers from 0"),
        (lambda n: np.full(n, np.nan), "numbers from 0"),
        (lambda n: np.full(n, np.inf), "numbers from 0"),
    ],
)
def test_factors_that_do_not_fit_are_refused(planted, factors, message):
    with pytest.raises(ValueError, match=message):
        train(planted, "skip-gram", factors)
