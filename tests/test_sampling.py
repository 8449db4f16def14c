"""Noise words, subsampling and the merge of private rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fastw2v import Vocabulary
from fastw2v._native.train import alias_table, draw, merge_gain

# Chi-square at p = 1e-6 with many degrees of freedom (Wilson and Hilferty): a seed fails by chance
# once in a million.
Z = 4.75


def chi_square_limit(degrees):
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + Z * math.sqrt(spread)) ** 3


DISTRIBUTIONS = {
    "one word": np.ones(1),
    "two words": np.array([0.9, 0.1]),
    "even": np.ones(64),
    "Zipf": 1 / np.arange(1, 1001),
    "one giant": np.array([1e9, *[1.0] * 99]),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_alias_table_holds_the_distribution(name):
    weights = DISTRIBUTIONS[name].astype(np.float64)
    table = alias_table(weights)
    n = len(weights)
    kept = table[:, 0] / 2.0**32
    chance = (kept + np.bincount(table[:, 1], weights=1 - kept, minlength=n)) / n
    np.testing.assert_allclose(chance, weights / weights.sum(), atol=1e-8)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["two words", "even", "Zipf"])
def test_draws_follow_the_distribution(name, seed):
    weights = DISTRIBUTIONS[name].astype(np.float64)
    n_draws = 400_000
    counts = np.bincount(draw(alias_table(weights), n_draws, seed), minlength=len(weights))
    expected = n_draws * weights / weights.sum()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert chi_square < chi_square_limit(len(weights) - 1), f"seed {seed}"


def test_draws_repeat_for_a_seed():
    table = alias_table(np.arange(1.0, 100.0))
    np.testing.assert_array_equal(draw(table, 1000, 7), draw(table, 1000, 7))
    assert (draw(table, 1000, 7) != draw(table, 1000, 8)).any()


def test_noise_distribution_of_any_exponent():
    vocabulary = Vocabulary(["a", "b"], [16, 1])
    np.testing.assert_allclose(vocabulary.noise_distribution(), [8 / 9, 1 / 9])
    np.testing.assert_allclose(vocabulary.noise_distribution(0.0), [0.5, 0.5])
    np.testing.assert_allclose(vocabulary.noise_distribution(-1.0), [1 / 17, 16 / 17])


@pytest.mark.parametrize("updates", [0.0, 1e-6, 1.0, 1e3, 1e9])
def test_merging_one_thread_changes_nothing(updates):
    assert merge_gain(1, updates, 120.0) == 1.0


@pytest.mark.parametrize("threads", [2, 16, 1024])
def test_merge_gain_limits(threads):
    assert merge_gain(threads, 0.0, 120.0) == 1.0
    assert merge_gain(threads, 1e-6, 120.0) == pytest.approx(1.0, rel=1e-4)
    assert merge_gain(threads, 1e9, 120.0) == pytest.approx(1 / threads)


@pytest.mark.parametrize("threads", [2, 3, 8, 64, 1024])
def test_merging_lands_where_one_thread_would(threads):
    """A thread goes 1 - e^(-n/tau) of the way; T in turn would go 1 - e^(-T n/tau)."""
    for updates in (1.0, 30.0, 300.0):
        own_way = 1 - math.exp(-updates / 120)
        merged = merge_gain(threads, updates, 120.0) * threads * own_way
        assert merged == pytest.approx(1 - math.exp(-threads * updates / 120))
        assert merged <= 1
