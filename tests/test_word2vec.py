"""Word2Vec as a user meets it: what is trained, what comes out, what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from fastw2v import Corpus, Vocabulary, Word2Vec, cpu
from fastw2v.datasets import analogy_questions, make_analogy_corpus

SEED = 3


def random_sentences(n_sentences=400, n_words=60, longest=40, seed=SEED):
    random = np.random.default_rng(seed)
    return [
        [f"w{word}" for word in random.zipf(1.3, length) % n_words]
        for length in random.integers(1, longest, n_sentences)
    ]


@pytest.fixture(scope="module")
def sentences():
    return random_sentences()


@pytest.fixture(scope="module")
def planted():
    """A corpus of some twenty shards, so that several threads have work."""
    return Corpus(make_analogy_corpus(n_words=300_000, seed=SEED))


def small(source, **options):
    defaults = {"vector_size": 16, "min_count": 1, "epochs": 1, "workers": 1, "progress": False}
    return Word2Vec(source, **(defaults | options))


# What is trained


@pytest.mark.parametrize("workers", [1, 2, 3, 16])
@pytest.mark.parametrize("sg", [0, 1])
def test_every_word_is_trained_once_an_epoch(planted, workers, sg):
    model = small(None, sample=0, sg=sg, workers=workers, min_count=20, epochs=2, vector_size=4)
    model.build_vocab(planted)
    expected = int(planted.counts[planted.counts >= 20].sum())
    assert expected < planted.total_words
    assert model.train() == (2 * expected, 2 * planted.total_words)


def sources(tmp_path, sentences):
    text = "".join(" ".join(sentence) + "\n" for sentence in sentences)
    path = tmp_path / "text.txt"
    path.write_text(text)
    one_line = tmp_path / "line.txt"
    one_line.write_text(text.replace("\n", " "))
    ids = np.array([int(token[1:]) for sentence in sentences for token in sentence])
    lengths = [len(sentence) for sentence in sentences]
    return {
        "list": sentences,
        "generator": (sentence for sentence in sentences),
        "path": path,
        "paths": [str(path)],
        "one line": one_line,
        "strings": Corpus(text.splitlines(), tokenizer=str.split),
        "ids": Corpus(ids, offsets=np.cumsum([0, *lengths])),
        "numpy": [np.array(sentence) for sentence in sentences],
    }


@pytest.mark.parametrize("workers", [1, 4])
def test_every_word_is_trained_whatever_the_source(tmp_path, workers):
    sentences = random_sentences(n_sentences=3000)
    n_words = sum(map(len, sentences))
    for name, source in sources(tmp_path, sentences).items():
        model = small(source, sample=0, workers=workers, vector_size=4, sg=1)
        assert model.corpus_total_words == n_words, name
        assert model.train(epochs=3) == (3 * n_words, 3 * n_words), name


def test_a_sentence_of_any_length_is_trained(planted):
    tokens = [word for sentence in planted for word in sentence]
    model = small(None, sample=0, workers=4)
    model.build_vocab([tokens])
    assert model.corpus_count == 1
    assert model.train() == (len(tokens), len(tokens))


def test_subsampling_thins_out_frequent_words(planted):
    model = small(None, sample=1e-3, workers=2)
    model.build_vocab(planted)
    expected = (model.vocabulary.counts * model.vocabulary.keep_probabilities(1e-3)).sum()
    trained, _ = model.train(epochs=4)
    assert trained / 4 == pytest.approx(expected, rel=0.01)


def test_words_of_another_corpus_are_trained_with_the_same_vocabulary():
    model = small([["a", "b", "c"] * 5], sample=0)
    before = model.wv["c"].copy()
    assert model.train([["a", "b", "x", "b"]], epochs=1) == (3, 4)
    np.testing.assert_array_equal(model.wv["c"], before)


# The same again


@pytest.mark.parametrize("sg", [0, 1])
def test_one_worker_repeats_bit_for_bit(planted, sg):
    first, second = (small(planted, sg=sg, seed=5).wv.vectors for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (small(planted, sg=sg, seed=6).wv.vectors != first).any()


def test_a_small_corpus_repeats_with_any_number_of_workers(sentences):
    first = small(sentences, workers=1).wv.vectors
    np.testing.assert_array_equal(small(sentences, workers=8).wv.vectors, first)


def test_threads_that_scan_do_not_change_the_result(tmp_path, planted):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted), encoding="utf-8")
    first, second = (small(Corpus(path, workers=workers), sg=1).wv.vectors for workers in (1, 4))
    np.testing.assert_array_equal(first, second)


# What comes out


def accuracy(wv, questions):
    units = wv.get_normed_vectors()
    right = total = 0
    for section in questions.values():
        rows = np.array([[wv.get_index(word) for word in question] for question in section])
        a, b, c, d = rows.T
        scores = (units[b] - units[a] + units[c]) @ units.T
        for excluded in (a, b, c):
            scores[np.arange(len(rows)), excluded] = -np.inf
        right += int((scores.argmax(axis=1) == d).sum())
        total += len(rows)
    return right / total


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize("workers", [1, 2, 8, 64])
def test_planted_relations_come_back_with_any_number_of_threads(planted, sg, workers):
    model = Word2Vec(planted, sg=sg, vector_size=64, epochs=8, workers=workers, seed=SEED)
    assert np.isfinite(model.wv.vectors).all()
    assert accuracy(model.wv, analogy_questions()) > 0.9
    assert model.wv.most_similar(["한국", "도쿄"], ["서울"], topn=1)[0][0] == "일본"


@pytest.mark.parametrize("sg", [0, 1])
def test_nothing_to_learn_is_said(sg):
    with pytest.warns(RuntimeWarning, match="of 20 words .* left 20, no two of them"):
        model = small([["alone"]] * 20, sg=sg, compute_loss=True, sample=0)
    assert np.isnan(model.loss_history).all()


def test_loss_falls_and_does_not_depend_on_threads(planted):
    options = {"sg": 1, "vector_size": 32, "compute_loss": True, "epochs": 4}
    one = small(planted, workers=1, **options).loss_history
    four = small(planted, workers=4, **options).loss_history
    assert len(one) == 4
    assert one[0] > one[1] > one[2] > one[3]
    np.testing.assert_allclose(four, one, rtol=0.05)


@pytest.mark.parametrize("sg", [0, 1])
def test_untrained_loss_is_that_of_guessing(sg):
    """With W' zero every score is 0, and each of the 1 + negative terms is log 2."""
    sentences = np.random.default_rng(SEED).integers(0, 5000, (500, 20))
    model = small(Corpus(sentences), compute_loss=True, alpha=1e-9, min_alpha=0, sg=sg, negative=5)
    assert model.loss_history == [pytest.approx(6 * np.log(2), rel=1e-3)]


@pytest.mark.parametrize("sg", [0, 1])
def test_learning_rate_falls_to_min_alpha(sentences, sg):
    """The last word hardly moves where the rate ends at 0, and does where it stays."""
    model = small(None, sg=sg, window=1)
    model.build_vocab([*sentences, ["last", "pair"]])
    model.train(start_alpha=0.05, end_alpha=0.05)

    def move(end_alpha):
        before = model.wv["pair"].copy()
        model.train(start_alpha=0.05, end_alpha=end_alpha)
        return np.abs(model.wv["pair"] - before).max()

    assert move(end_alpha=0.0) < 0.02 * move(end_alpha=0.05)


@pytest.mark.parametrize("sg, alpha", [(1, 0.025), (0, 0.05)])
def test_default_learning_rates_are_those_of_word2vec_c(sg, alpha):
    assert Word2Vec(sg=sg).alpha == alpha


def test_defaults_are_those_of_gensim():
    model = Word2Vec()
    assert (model.vector_size, model.window, model.min_count, model.negative) == (100, 5, 5, 5)
    assert (model.sample, model.epochs, model.sg, model.cbow_mean) == (1e-3, 5, 0, 1)
    assert (model.min_alpha, model.ns_exponent, model.seed) == (1e-4, 0.75, 1)
    assert model.workers == cpu.usable_cores()


def test_generator_serves_all_epochs(sentences):
    from_list = small(sentences, epochs=3).wv.vectors
    from_generator = small((sentence for sentence in sentences), epochs=3).wv.vectors
    np.testing.assert_array_equal(from_list, from_generator)


def test_max_final_vocab(sentences):
    model = small(sentences, max_final_vocab=10)
    assert len(model.wv) <= 10


def test_train_reuses_the_corpus_of_build_vocab(tmp_path, sentences, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(map(" ".join, sentences)))
    model = small(None)
    model.build_vocab(path)
    monkeypatch.setattr("fastw2v._model.vocabulary.Corpus", None)
    model.train(str(path))


def test_a_list_that_has_grown_is_read_again():
    growing = [["a", "b"], ["b", "a"]]
    model = small(growing, sample=0)
    growing.append(["a", "b", "a"])
    assert model.train(growing)[1] == 7


def test_build_vocab_again_starts_anew(sentences):
    model = small(sentences)
    model.build_vocab([["x", "y"] * 999])
    assert set(model.wv.index_to_key) == {"x", "y"}
    assert not model.context_vectors.vectors.any()
    model.train()


def test_callbacks_are_called_in_order(sentences):
    calls = []

    class Recorder:
        def on_train_begin(self, model):
            calls.append("begin")

        def on_epoch_begin(self, model):
            calls.append("epoch")

        def on_epoch_end(self, model):
            calls.append(round(float(model.wv.similarity("w1", "w1")), 6))

        def on_train_end(self, model):
            calls.append("end")

    small(sentences, epochs=2, callbacks=[Recorder()])
    assert calls == ["begin", "epoch", 1.0, "epoch", 1.0, "end"]


# What ends it early


@pytest.mark.parametrize("workers", [1, 4])
def test_interrupt_ends_training_and_leaves_a_usable_model(planted, workers):
    model = Word2Vec(sg=1, epochs=10_000, workers=workers)
    model.build_vocab(planted)
    start = model.wv.vectors.copy()
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.train()
    timer.join()
    assert time.monotonic() - begin < 60  # a guard against hanging, not a measure
    assert threading.active_count() == 1
    assert (model.wv.vectors != start).any()
    assert np.isfinite(model.wv.vectors).all()
    assert len(model.wv.most_similar("한국", topn=3)) == 3
    model.train(epochs=1)


def test_an_error_in_a_callback_ends_training(planted):
    class Failing:
        def on_epoch_end(self, model):
            raise LookupError("no")

    with pytest.raises(LookupError):
        Word2Vec(planted, callbacks=[Failing()], workers=2)
    assert threading.active_count() == 1


def test_vocabulary_of_the_model(sentences):
    model = small(sentences)
    assert isinstance(model.vocabulary, Vocabulary)
    assert model.wv.index_to_key == model.vocabulary.index_to_key
    assert model.wv.get_vecattr("w1", "count") == sum(s.count("w1") for s in sentences)


def test_hash_seeds_of_python_change_nothing():
    code = (
        "import hashlib; from fastw2v import Word2Vec; text = [list('abcdef'), list('fgec')] * 50;"
        "model = Word2Vec(text, min_count=1, workers=1, vector_size=8, sample=0);"
        "print(hashlib.md5(model.wv.vectors.tobytes()).hexdigest())"
    )
    found = set()
    for seed in ("0", "1", "77"):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        found.add(subprocess.check_output([sys.executable, "-c", code], env=environment, cwd="/"))
    assert len(found) == 1
