"""Hierarchical softmax as a user meets it, and a whole run against the float64 reference."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import reference
from test_word2vec import accuracy

from fastw2v import Corpus, Word2Vec
from fastw2v.datasets import analogy_questions, make_analogy_corpus
from fastw2v.huffman import HuffmanTree

SEED = 3
ALPHA = 0.1


@pytest.fixture(scope="module")
def planted():
    """A corpus of some twenty shards, so that several threads have work."""
    return Corpus(make_analogy_corpus(n_words=300_000, seed=SEED))


def small(source, **options):
    defaults = {"vector_size": 16, "min_count": 1, "epochs": 1, "workers": 1, "progress": False}
    return Word2Vec(source, **({"hs": 1, "negative": 0} | defaults | options))


def permutations(n_words=9, n_sentences=40):
    """Sentences in which no word stands twice: a row that does would make order matter."""
    random = np.random.default_rng(SEED)
    return [random.permutation(n_words)[: random.integers(2, n_words)] for _ in range(n_sentences)]


def taken_one_by_one(model, sentences, window, scales):
    """W and the nodes after one epoch of the reference; `scales` has CBOW's, by context size."""
    inputs = model.wv.vectors.astype(np.float64)
    nodes = np.zeros((len(inputs) - 1, inputs.shape[1]))
    tree = HuffmanTree.from_counts(model.vocabulary.counts)
    loss = 0.0
    for sentence in sentences:
        rows = [model.wv.key_to_index[word] for word in sentence.tolist()]
        for place, centre in enumerate(rows):
            context = rows[max(0, place - window) : place] + rows[place + 1 : place + 1 + window]
            path = reference.Path(np.array(context), *map(np.array, tree.path(centre)))
            if model.sg:
                loss += reference.skipgram_tree_loss(inputs, nodes, path)
                steps = reference.skipgram_tree_step(inputs, nodes, path, ALPHA)
            else:
                hidden_scale, error_scale = scales(len(context))
                loss += reference.cbow_tree_loss(inputs, nodes, path, hidden_scale)
                steps = reference.cbow_tree_step(
                    inputs, nodes, path, ALPHA, hidden_scale, error_scale
                )
            inputs += steps[0]
            nodes += steps[1]
    return inputs, nodes, loss


# What the hidden vector and its error are multiplied by, in a context of n words.
SCALES = {
    (1, "word2vec"): lambda n: (1 / n, 1),
    (1, "exact"): lambda n: (1 / n, 1 / n),
    (0, "word2vec"): lambda n: (1, 1 / n),
    (0, "exact"): lambda n: (1, 1),
}


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize(("cbow_mean", "cbow_gradient"), SCALES)
def test_a_run_takes_the_steps_of_the_reference(sg, cbow_mean, cbow_gradient):
    sentences = permutations()
    model = small(
        None,
        sg=sg,
        cbow_mean=cbow_mean,
        cbow_gradient=cbow_gradient,
        window=2,
        shrink_windows=False,
        sample=0,
        alpha=ALPHA,
        min_alpha=ALPHA,
        compute_loss=True,
    )
    model.build_vocab(sentences)
    # As large as trained vectors, or a wrong scale would not show.
    model.wv.vectors[:] = np.random.default_rng(SEED).normal(size=model.wv.vectors.shape)
    scales = SCALES[cbow_mean, cbow_gradient]
    inputs, nodes, loss = taken_one_by_one(model, sentences, 2, scales)
    model.train()
    np.testing.assert_allclose(model.wv.vectors, inputs, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(model.syn1, nodes, rtol=1e-4, atol=1e-4)
    windows = [min(2, k) + min(2, len(s) - 1 - k) for s in sentences for k in range(len(s))]
    pairs = sum(windows) if sg else len(windows)
    assert model.loss_history == [pytest.approx(loss / pairs, rel=1e-5)]


def test_untrained_loss_is_that_of_guessing_at_each_node():
    corpus = Corpus(np.random.default_rng(SEED).integers(0, 50, (500, 20)) ** 2)
    model = small(corpus, compute_loss=True, alpha=1e-9, min_alpha=0, sample=0)
    counts = model.vocabulary.counts
    depth = counts @ HuffmanTree.from_counts(counts).lengths / counts.sum()
    assert model.loss_history == [pytest.approx(depth * np.log(2), rel=1e-3)]


def test_probabilities_of_all_words_add_up_to_one(planted):
    model = small(planted, sg=1)
    tree = HuffmanTree.from_counts(model.vocabulary.counts)
    scores = model.syn1 @ model.wv["한국"]
    total = 0.0
    for row in range(len(model.wv)):
        nodes, codes = map(np.array, tree.path(row))
        total += np.exp(-np.logaddexp(0, (2 * codes - 1) * scores[nodes]).sum())
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize("workers", [1, 8, 64])
def test_planted_relations_come_back_with_any_number_of_threads(planted, sg, workers):
    model = small(planted, sg=sg, vector_size=32, min_count=5, epochs=5, workers=workers)
    assert np.isfinite(model.wv.vectors).all()
    assert accuracy(model.wv, analogy_questions()) > 0.9
    assert model.wv.most_similar(["한국", "도쿄"], ["서울"], topn=1)[0][0] == "일본"


@pytest.mark.parametrize("sg", [0, 1])
def test_one_worker_repeats_bit_for_bit(planted, sg):
    first, second = (small(planted, sg=sg) for _ in range(2))
    np.testing.assert_array_equal(first.wv.vectors, second.wv.vectors)
    np.testing.assert_array_equal(first.syn1, second.syn1)


def test_loss_does_not_depend_on_threads(planted):
    options = {"sg": 1, "compute_loss": True, "epochs": 3}
    one = small(planted, workers=1, **options).loss_history
    four = small(planted, workers=4, **options).loss_history
    assert one[0] > one[1] > one[2]
    np.testing.assert_allclose(four, one, rtol=0.05)


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("n_words", "window"), [(2, 5), (2, 100), (20, 20), (50, 100)])
def test_wide_windows_over_few_words_stay_bounded(n_words, window, workers, sg):
    share = 1 / np.arange(1, n_words + 1)
    random = np.random.default_rng(1)
    corpus = Corpus(random.choice(n_words, (200, 300), p=share / share.sum()))
    model = small(corpus, sg=sg, window=window, workers=workers, sample=0, epochs=3)
    assert np.linalg.norm(model.wv.vectors, axis=1).max() < 12


def test_a_vocabulary_of_one_word_has_nothing_to_tell_apart():
    model = small([["혼자", "혼자"]] * 9, sg=1, sample=0)
    assert model.syn1.shape == (0, 16)
    assert np.isfinite(model.wv["혼자"]).all()


# Beside negative sampling


@pytest.mark.parametrize("sg", [0, 1])
def test_both_are_trained_with_a_warning(planted, sg):
    with pytest.warns(UserWarning, match="negative=0"):
        both = small(planted, sg=sg, negative=5, compute_loss=True)
    assert both.syn1.any() and both.syn1neg.any()
    # Each learns about as well as it would alone.
    alone = [
        small(planted, sg=sg, compute_loss=True, **options).loss_history[0]
        for options in ({}, {"hs": 0, "negative": 5})
    ]
    assert both.loss_history[0] == pytest.approx(sum(alone), rel=0.05)


def test_one_alone_leaves_the_other_as_it_was(planted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree, noise = small(planted), small(planted, hs=0, negative=5)
    assert tree.syn1.shape == (len(tree.wv) - 1, 16)
    assert tree.syn1.any() and not tree.syn1neg.any()
    assert noise.syn1neg is noise.context_vectors.vectors and not hasattr(noise, "syn1")


def test_neither_is_refused():
    with pytest.raises(ValueError, match=r"negative must be at least 1, or hs"):
        Word2Vec(hs=0, negative=0)


@pytest.mark.parametrize("value", [2, -1, "1"])
def test_hs_is_a_flag(value):
    with pytest.raises(ValueError, match="hs"):
        Word2Vec(hs=value, negative=0)


def test_default_learning_rate_of_the_exact_gradient():
    assert Word2Vec(cbow_gradient="exact").alpha == 0.15
    assert Word2Vec(cbow_gradient="exact", sg=1).alpha == 0.025


def test_cbow_gradient_is_one_of_two():
    with pytest.raises(ValueError, match="cbow_gradient must be one of 'word2vec', 'exact'"):
        Word2Vec(cbow_gradient="true")


# Kept


def test_a_model_that_was_saved_or_pickled_trains_on(planted, tmp_path):
    model = small(planted)
    model.save(tmp_path / "모델.safetensors")
    copies = Word2Vec.load(tmp_path / "모델.safetensors"), pickle.loads(pickle.dumps(model))
    model.train(planted)
    for copy in copies:
        assert (copy.syn1 != model.syn1).any()
        copy.train(planted)
        np.testing.assert_array_equal(copy.syn1, model.syn1)
        np.testing.assert_array_equal(copy.wv.vectors, model.wv.vectors)


def test_another_vocabulary_starts_another_tree(planted):
    model = small(planted)
    model.build_vocab([["x", "y", "z"] * 99])
    assert not hasattr(model, "syn1")
    model.train()
    assert model.syn1.shape == (2, 16)
