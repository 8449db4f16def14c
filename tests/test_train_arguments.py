"""What a call of `train` is told: totals, learning rates, loss; and what it tells back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fastw2v import Corpus, Word2Vec
from fastw2v.datasets import make_analogy_corpus

TEXT = np.random.default_rng(3).integers(0, 30, (300, 12)).astype(str).tolist()
N_WORDS = 300 * 12


def built(text=TEXT, **options):
    defaults = {"vector_size": 8, "min_count": 1, "workers": 1, "sample": 0, "progress": False}
    model = Word2Vec(**(defaults | options))
    model.build_vocab(text)
    return model


# Totals


def test_totals_of_the_corpus_are_welcome():
    model = built()
    given = {"total_examples": model.corpus_count, "total_words": model.corpus_total_words}
    assert given == {"total_examples": 300, "total_words": N_WORDS}
    assert model.train(TEXT, **given, epochs=2) == (2 * N_WORDS, 2 * N_WORDS)
    assert model.train(TEXT, total_examples=0, epochs=1) == (N_WORDS, N_WORDS)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"total_examples": 7}, "total_examples=7, yet the corpus has 300 sentences"),
        ({"total_words": 7}, "total_words=7, yet the corpus has 3600 words"),
    ],
)
def test_wrong_totals_are_told_and_change_nothing(given, match):
    model, plain = built(), built()
    with pytest.warns(RuntimeWarning, match=match):
        model.train(TEXT, **given)
    plain.train()
    np.testing.assert_array_equal(model.wv.vectors, plain.wv.vectors)


@pytest.mark.parametrize("name", ["total_examples", "total_words"])
def test_totals_are_numbers(name):
    for wrong, error in (("many", TypeError), (-1, ValueError)):
        with pytest.raises(error, match=name):
            built().train(**{name: wrong})


def test_what_gensim_uses_for_its_queues_has_no_effect():
    model, plain = built(), built()
    model.train(TEXT, None, 300, None, 5, None, None, 9, 3, 0.1)
    plain.train()
    np.testing.assert_array_equal(model.wv.vectors, plain.wv.vectors)


# Learning rates


def test_rates_of_a_call_are_forgotten_after_it():
    model = built()
    model.train(start_alpha=0.01, end_alpha=0.002)
    assert (model.alpha, model.min_alpha) == (0.05, 1e-4)
    assert model.min_alpha_yet_reached == pytest.approx(0.002)


def test_a_rate_that_rises_again_is_told():
    """The loop that older manuals show, with a slip in the middle."""
    model = built()
    for epoch in range(6):
        if epoch == 4:
            model.alpha += 0.02
            with pytest.warns(
                RuntimeWarning, match="alpha starts at .*, higher than in an earlier"
            ):
                model.train(TEXT, total_examples=model.corpus_count, epochs=1)
            break
        model.train(TEXT, total_examples=model.corpus_count, epochs=1)
        model.alpha -= 0.002
        model.min_alpha = model.alpha


def test_the_same_fall_once_more_is_not_told():
    model = built()
    model.train()
    model.train()
    assert model.train_count == 2


@pytest.mark.parametrize("workers", [1, 4])
def test_the_last_words_are_trained_with_the_last_rate(workers):
    text = [*make_analogy_corpus(n_words=300_000, seed=3), ["last", "pair"] * 50]
    model = built(text, sg=1, workers=workers)
    model.train(start_alpha=0.05, end_alpha=0.05, epochs=1)

    def move(end_alpha):
        before = model.wv["pair"].copy()
        model.train(start_alpha=0.05, end_alpha=end_alpha, epochs=1)
        return np.abs(model.wv["pair"] - before).max()

    # With several threads, the others are not further from the end than a shard each.
    assert move(0.0) < 0.3 * move(0.05)


# Loss


def test_loss_is_that_of_the_constructor_unless_the_call_says_otherwise():
    model = built(compute_loss=True)
    model.train(epochs=2)
    assert len(model.loss_history) == 2 and model.get_latest_training_loss() > 0
    model.train(epochs=2, compute_loss=False)
    assert len(model.loss_history) == 2 and model.get_latest_training_loss() == 0
    silent = built()
    silent.train(epochs=1)
    assert silent.get_latest_training_loss() == 0
    silent.train(epochs=1, compute_loss=True)
    assert silent.get_latest_training_loss() > 0


@pytest.mark.parametrize("sg", [0, 1])
def test_latest_loss_adds_up_over_the_epochs_of_a_call(sg):
    """As in gensim: programs take the difference between two epochs."""
    sums = []

    class Watch:
        def on_train_begin(self, model):
            sums.append(model.get_latest_training_loss())

        def on_epoch_end(self, model):
            sums.append(model.get_latest_training_loss())

    model = built(sg=sg, compute_loss=True, callbacks=[Watch()], shrink_windows=False)
    model.train(epochs=4)
    # Without subsampling and with a fixed window, all epochs have as many pairs.
    pairs = N_WORDS if not sg else 300 * sum(min(k, 5) + min(11 - k, 5) for k in range(12))
    np.testing.assert_allclose(np.diff(sums), np.array(model.loss_history) * pairs, rtol=1e-6)
    model.train(epochs=1)
    assert sums[5] == 0.0


def test_latest_loss_does_not_depend_on_threads():
    text = Corpus(make_analogy_corpus(n_words=200_000, seed=3))
    one, four = (built(text, compute_loss=True, workers=workers) for workers in (1, 4))
    one.train(epochs=2)
    four.train(epochs=2)
    assert four.get_latest_training_loss() == pytest.approx(
        one.get_latest_training_loss(), rel=0.05
    )


# Two ways to the same


@pytest.mark.parametrize("sg", [0, 1])
def test_one_step_gives_what_two_steps_give(sg):
    options = {"sg": sg, "vector_size": 8, "min_count": 1}
    one = Word2Vec(TEXT, **options)
    two = Word2Vec(**options)
    two.build_vocab(TEXT)
    two.train(TEXT, total_examples=two.corpus_count, epochs=two.epochs)
    np.testing.assert_array_equal(one.wv.vectors, two.wv.vectors)
    np.testing.assert_array_equal(one.syn1neg, two.syn1neg)
    assert one.wv.vectors.shape == one.syn1neg.shape == (30, 8)
    word = one.wv.index_to_key[0]
    by_vector = one.wv.most_similar([one.wv.get_vector(word, norm=True)], topn=6)
    assert [pair for pair in by_vector if pair[0] != word] == one.wv.most_similar(word, topn=5)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_serves_wherever_there_is_one(tmp_path, kind):
    path = kind(tmp_path / "말뭉치.txt")
    Path(path).write_text("\n".join(map(" ".join, TEXT)), encoding="utf-8")
    options = {"min_count": 1, "vector_size": 8, "sample": 0}
    first = Word2Vec(corpus_file=path, **options)
    second = Word2Vec(**options)
    second.build_vocab(corpus_file=path)
    assert second.train(corpus_file=path, total_words=N_WORDS)[1] == 5 * N_WORDS
    np.testing.assert_array_equal(first.wv.vectors, second.wv.vectors)
    first.save(kind(tmp_path / "모델"))
    assert Word2Vec.load(kind(tmp_path / "모델")).corpus_total_words == N_WORDS


@pytest.mark.parametrize("ns_exponent", [-1, 0, 0.5])
def test_any_noise_exponent_trains_saves_loads_and_trains(tmp_path, ns_exponent):
    model = built(ns_exponent=ns_exponent)
    model.train()
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.ns_exponent == ns_exponent
    loaded.train(TEXT, total_examples=loaded.corpus_count, epochs=loaded.epochs)
    assert np.isfinite(loaded.wv.vectors).all()
