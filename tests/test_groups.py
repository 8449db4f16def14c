"""How many windows share noise words, so that steps from the same scores do not overshoot."""

from __future__ import annotations

import numpy as np
import pytest

from fastw2v import Corpus, Word2Vec, training
from fastw2v._native.train import GROUP_MAX, group_limits

ORDINARY_SHARE = 0.02  # of the most frequent word of a language, once it is subsampled


def limits(sg=1, *, cbow_mean=1, mean_window=6, outputs=6, alpha=0.025, top_share=ORDINARY_SHARE):
    return group_limits(not sg, False, bool(cbow_mean), mean_window, outputs, alpha, top_share)


def test_ordinary_text_is_trained_by_full_groups():
    assert limits() == limits(alpha=0.05) == (6, 40)
    assert limits(sg=0)[0] == limits(sg=0, alpha=0.05)[0] == GROUP_MAX


@pytest.mark.parametrize("sg, cbow_mean", [(1, 1), (0, 1), (0, 0)])
def test_groups_shrink_as_repeats_grow(sg, cbow_mean):
    for changes in (
        [{"top_share": share} for share in (1e-12, 1e-6, 0.01, 0.03, 0.1, 0.5, 1.0)],
        [{"mean_window": words} for words in (1, 6, 20, 200)],
        [{"outputs": outputs} for outputs in (1, 2, 6, 21, 101)],
        [{"alpha": alpha} for alpha in (1e-12, 0.025, 0.1, 1.0, 1e6)],
    ):
        found = [limits(sg, cbow_mean=cbow_mean, **change) for change in changes]
        assert found == sorted(found, reverse=True)
        assert all(1 <= n_streams <= GROUP_MAX and rows >= 1 for n_streams, rows in found)


def test_sums_are_trained_by_smaller_groups_than_means():
    assert limits(sg=0, cbow_mean=0, top_share=0.1)[0] < limits(sg=0, top_share=0.05)[0]


def last_loss(n_words, window, alpha, **settings):
    """The loss of the second epoch, on a text of words that tell nothing of each other."""
    ids = np.random.default_rng(n_words).integers(0, n_words, (100, 300))
    model = Word2Vec(
        Corpus(ids),
        window=window,
        alpha=alpha,
        sample=0,
        min_count=1,
        vector_size=50,
        epochs=2,
        workers=1,
        compute_loss=True,
        **settings,
    )
    assert abs(model.context_vectors.vectors).max() < 10
    return model.loss_history[-1]


SUMS = [
    *[(n_words, 5, alpha) for n_words in (2, 3) for alpha in (0.05, 0.1)],
    *[(n_words, 10, 0.05) for n_words in (2, 3, 5, 10)],
    *[(2, 20, 0.025), (5, 20, 0.05), (20, 10, 0.1), (50, 20, 0.05)],
]
MEANS = [(2, 5, 0.1), (3, 10, 0.1), (5, 20, 0.1), (2, 10, 0.14)]
SKIPGRAM = [(2, 20, 0.025), (5, 10, 0.1), (10, 5, 0.1), (20, 10, 0.1), (50, 10, 0.1)]


@pytest.mark.parametrize(
    "settings, n_words, window, alpha",
    [
        *[({"sg": 0, "cbow_mean": 0}, *case) for case in SUMS],
        *[({"sg": 0}, *case) for case in MEANS],
        *[({"sg": 1}, *case) for case in SKIPGRAM],
        ({"sg": 1, "negative": 20}, 20, 5, 0.1),
        ({"sg": 1, "shrink_windows": False}, 20, 20, 0.05),
        ({"sg": 0, "cbow_mean": 0, "negative": 20}, 50, 5, 0.1),
        ({"sg": 0, "cbow_mean": 0, "shrink_windows": False}, 200, 10, 0.1),
    ],
)
def test_groups_learn_what_single_vectors_do(settings, n_words, window, alpha, monkeypatch):
    """Few words, wide windows: the same rows over and over; eight windows at a time diverge."""
    grouped = last_loss(n_words, window, alpha, **settings)
    monkeypatch.setattr(training, "windows_together", lambda *facts: (1, 1))
    assert grouped == pytest.approx(last_loss(n_words, window, alpha, **settings), rel=0.05)
