"""The textbook objective in Word2Vec: what it learns, what it refuses, what it leaves behind."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest
import softmax_reference as reference

from fastw2v import Corpus, Word2Vec, softmax, training
from fastw2v.datasets import analogy_questions, make_analogy_corpus
from fastw2v.errors import FormatError
from fastw2v.safetensors import read_arrays, write_arrays
from fastw2v.softmax import BATCH_MAX, WORDS_MAX, batch_size, start_biases

SENTENCES = np.random.default_rng(3).integers(0, 60, (300, 20)).astype(str).tolist()


def small(source=SENTENCES, **options):
    defaults = {"vector_size": 17, "min_count": 1, "epochs": 1, "workers": 1, "sample": 0}
    return Word2Vec(source, objective="softmax", **(defaults | options))


def weights_of(model):
    arrays = model.wv.vectors, model.context_vectors.vectors, model.hidden_bias, model.output_bias
    return reference.Weights(*(array.astype(np.float64) for array in arrays))


def assert_same(model, other):
    for name in ("inputs", "outputs", "hidden_bias", "output_bias"):
        ours, theirs = (getattr(weights_of(one), name) for one in (model, other))
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def batch_of_window(sentence, index, window, sg, cbow_mean):
    """All that one sentence of ids teaches, with fixed windows, as one batch of the reference."""
    rows = [index[word] for word in sentence]
    around = [rows[max(0, k - window) : k] + rows[k + 1 : k + window + 1] for k in range(len(rows))]
    if sg:
        return reference.Batch([np.array([row]) for row in rows], [np.array(a) for a in around])
    # The sizes of windows differ at the ends, and so does the scale of a mean.
    scale = 1 / len(around[1]) if cbow_mean else 1.0
    return reference.Batch([np.array(a) for a in around], [np.array([row]) for row in rows], scale)


@pytest.mark.parametrize(("sg", "cbow_mean"), [(1, 1), (0, 0), (0, 1)])
def test_training_takes_the_steps_of_the_reference(sg, cbow_mean, monkeypatch):
    """Two words a sentence in CBOW's mean, because its scale is one for all."""
    length = 2 if cbow_mean and not sg else 6
    text = [[f"낱말{k % 7}" for k in range(start, start + length)] for start in (0, 3, 11)]
    options = {"window": 2, "shrink_windows": False, "epochs": 1, "alpha": 0.1, "min_alpha": 0.1}
    monkeypatch.setattr(softmax, "batch_size", lambda *_: 1)
    model = small(None, sg=sg, cbow_mean=cbow_mean, compute_loss=True, **options)
    model.build_vocab(text)
    random = np.random.default_rng(5)
    for values in (model.wv.vectors, model.context_vectors.vectors):
        values[:] = random.normal(size=values.shape) / 4
    weights, losses, pairs = weights_of(model), 0.0, 0
    for sentence in text:
        whole = batch_of_window(sentence, model.wv.key_to_index, 2, sg, cbow_mean)
        for contexts, targets in zip(whole.contexts, whole.targets, strict=True):
            batch = reference.Batch([contexts], [targets], whole.scale)
            losses += reference.loss(weights, batch)
            weights = weights + reference.step(weights, batch, 0.1)
            pairs += len(targets)
    assert model.train() == (3 * length, 3 * length)
    for name in ("inputs", "outputs", "hidden_bias", "output_bias"):
        ours, theirs = (getattr(one, name) for one in (weights_of(model), weights))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5, err_msg=name)
    assert model.loss_history == [pytest.approx(losses / pairs, rel=1e-5)]


@pytest.mark.parametrize("sg", [0, 1])
def test_vectors_solve_the_planted_analogies(sg):
    text = make_analogy_corpus(120_000, languages=("ko",))
    model = small(text, sg=sg, vector_size=32, min_count=10, sample=1e-3, epochs=3, alpha=0.2)
    questions = [q for section in analogy_questions(("ko",)).values() for q in section[:150]]
    right = [
        model.wv.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] == d
        for a, b, c, d in questions
    ]
    assert np.mean(right) > 0.9
    assert ("서울", "한국", "도쿄", "일본") in questions


def test_a_textbook_corpus_gives_its_analogy():
    """A few hundred sentences of a dozen words: 한국 - 서울 + 도쿄 = 일본."""
    random = np.random.default_rng(2)
    countries = {
        "한국": ("서울", "한강 김치 세종 부산"),
        "일본": ("도쿄", "후지산 초밥 교토 엔화"),
        "중국": ("베이징", "장강 만두 상하이 위안"),
        "프랑스": ("파리", "센강 와인 리옹 루브르"),
    }
    text = []
    for country, (capital, cues) in countries.items():
        for word, role in ((country, "나라 국민 정부 대통령"), (capital, "도시 시장 지하철 시청")):
            for _ in range(60):
                text.append([word, *random.permutation(cues.split())[:2], *role.split()[:2]])
                random.shuffle(text[-1])
    model = small(text, sg=1, vector_size=20, window=4, epochs=30, alpha=0.05)
    assert (
        model.wv.most_similar(positive=["한국", "도쿄"], negative=["서울"], topn=1)[0][0] == "일본"
    )


def test_biases_learn_how_frequent_words_are():
    random = np.random.default_rng(4)
    text = random.choice(4, size=(500, 20), p=[0.6, 0.25, 0.1, 0.05]).astype(str).tolist()
    model = small(text, epochs=3, alpha=0.1)
    found = dict(model.predict_output_word(["0", "1", "2"], topn=None))
    for word, share in zip("0123", (0.6, 0.25, 0.1, 0.05), strict=True):
        assert found[word] == pytest.approx(share, rel=0.25), word


@pytest.mark.parametrize("sg", [0, 1])
def test_any_number_of_threads_trains_the_same_vectors(sg, monkeypatch, nothing_left):
    text = np.random.default_rng(6).integers(0, 700, (150, 30)).astype(str).tolist()
    monkeypatch.setattr(training, "SHARD_WORDS", 1_000)
    monkeypatch.setattr(softmax, "THREAD_WORK", 1)
    one = small(text, sg=sg, compute_loss=True)
    assert softmax.parts(len(one.wv)) == 8
    for workers in (2, 3, 40):
        other = small(text, sg=sg, compute_loss=True, workers=workers)
        assert_same(one, other)
        assert one.loss_history == other.loss_history


def test_seed_decides():
    assert_same(small(seed=4), small(seed=4))
    assert (small(seed=4).wv.vectors != small(seed=5).wv.vectors).any()


@pytest.mark.parametrize("sg", [0, 1])
def test_every_word_is_counted_once_an_epoch(sg):
    text = [["가"], [], *SENTENCES, ["나", "가"]]
    corpus = Corpus(text)
    model = small(None, sg=sg)
    model.build_vocab(corpus)
    assert model.train(epochs=3) == (3 * corpus.total_words, 3 * corpus.total_words)


def test_batches_are_smaller_where_a_word_is_frequent():
    assert batch_size(1, 1e-6, 10**6) == BATCH_MAX
    assert 1 < batch_size(6, 0.05, 10**6) < batch_size(6, 0.02, 10**6) < BATCH_MAX
    assert batch_size(200, 0.5, 100) == 1
    assert batch_size(1, 1e-6, 10**10) == 1


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("cbow_mean", [0, 1])
@pytest.mark.parametrize(("n_words", "window"), [(2, 5), (2, 100), (50, 20)])
def test_wide_windows_over_few_words_stay_bounded(n_words, window, cbow_mean, sg):
    """The loss stays near the entropy of the words, which nothing predicts."""
    share = 1 / np.arange(1, n_words + 1)
    ids = np.random.default_rng(1).choice(n_words, (10, 300), p=share / share.sum())
    model = small(
        Corpus(ids), sg=sg, cbow_mean=cbow_mean, window=window, compute_loss=True, epochs=3
    )
    assert np.abs(weights_of(model).inputs).max() < 2
    assert model.loss_history[-1] < 1.2 * np.log(n_words)


@pytest.mark.parametrize("sg", [0, 1])
def test_no_learning_rate_is_too_high(sg):
    """Steps that would overshoot are shortened."""
    model = small(alpha=1e6, min_alpha=1e6, sg=sg, epochs=3)
    assert np.abs(weights_of(model).inputs).max() < 100
    # All of them may move together: that changes no probability.
    assert np.ptp(weights_of(model).output_bias) < 100


def test_vectors_that_have_no_bounds_are_an_error():
    class Spoil:
        def on_epoch_begin(self, model):
            model.context_vectors.vectors[3] = 1e20

    with pytest.raises(FloatingPointError, match="grow without bound"):
        small().train(callbacks=[Spoil()])


def test_an_error_while_training_stops_all_threads(monkeypatch, nothing_left):
    monkeypatch.setattr(softmax, "THREAD_WORK", 1)
    monkeypatch.setattr(softmax, "parts", lambda _: 3)
    monkeypatch.setattr(training.Run, "_move_on", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        small(workers=3, epochs=1_000)
    assert threading.active_count() < 10


def test_too_large_a_vocabulary_is_refused_with_remedies():
    model = small(None)
    words = {f"w{k}": 1 for k in range(WORDS_MAX + 1)}
    with pytest.raises(ValueError, match=r"at most 100,000 words; .* has 100,001.*max_final_vocab"):
        model.build_vocab_from_freq(words)
    assert len(model.wv) == 0
    assert start_biases(WORDS_MAX, 2)[1].shape[1] >= WORDS_MAX


@pytest.mark.parametrize("value", ["hinge", "Softmax", 1, True])
def test_unknown_objective_is_refused(value):
    with pytest.raises(ValueError, match=r"objective must be None.*'softmax'"):
        Word2Vec(objective=value)


def test_noise_words_conflict_with_softmax():
    for negative in (0, 5):
        assert Word2Vec(objective="softmax", negative=negative).objective == "softmax"
    with pytest.raises(ValueError, match=r"leave negative and hs out.*negative=7"):
        Word2Vec(objective="softmax", negative=7)


def test_biases_are_there_with_softmax_only():
    assert small().hidden_bias.shape == (17,)
    assert small().output_bias.shape == (60,)
    other = Word2Vec(SENTENCES, vector_size=4, epochs=1)
    assert other.hidden_bias is None and other.output_bias is None
    other.objective = "softmax"
    with pytest.raises(RuntimeError, match=r"needs biases.*build_vocab"):
        other.train()


def test_save_and_load_keep_the_biases(tmp_path):
    model = small(sg=1, compute_loss=True)
    model.save(tmp_path / "모델")
    loaded = Word2Vec.load(tmp_path / "모델")
    assert_same(model, loaded)
    assert loaded.objective == "softmax"
    for one in (model, loaded):
        one.train(SENTENCES)
    assert_same(model, loaded)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_same(model, other)
        assert not np.shares_memory(model.output_bias, other.output_bias)


def test_an_objective_that_is_set_by_hand_leaves_the_biases_as_they_are(tmp_path):
    without = Word2Vec(SENTENCES, vector_size=4, epochs=1)
    without.objective = "softmax"
    with_biases = small()
    with_biases.objective = None
    for model in (without, with_biases):
        model.save(tmp_path / "모델")
        for twin in (Word2Vec.load(tmp_path / "모델"), copy.deepcopy(model)):
            assert twin.objective == model.objective
            np.testing.assert_array_equal(twin.output_bias, model.output_bias)


@pytest.mark.parametrize("name", ["hidden_bias", "output_bias"])
@pytest.mark.parametrize("damage", ["missing", "short", "infinite"])
def test_damaged_biases_are_refused(tmp_path, name, damage):
    path = tmp_path / "모델"
    small().save(path)
    arrays, metadata = read_arrays(path)
    arrays = {key: array.copy() for key, array in arrays.items()}
    if damage == "missing":
        del arrays[name]
    elif damage == "short":
        arrays[name] = arrays[name][1:]
    else:
        arrays[name][0] = np.inf
    write_arrays(path, arrays, metadata)
    with pytest.raises(FormatError, match="damaged model"):
        Word2Vec.load(path)


def test_new_words_join_with_a_bias_of_their_own():
    model = small()
    before = dict(zip(model.wv.index_to_key, model.output_bias.tolist(), strict=True))
    hidden_bias = model.hidden_bias.copy()
    model.build_vocab([["새말"] * 1_000], update=True)
    after = dict(zip(model.wv.index_to_key, model.output_bias.tolist(), strict=True))
    assert after == before | {"새말": 0.0}
    np.testing.assert_array_equal(model.hidden_bias, hidden_bias)
    model.train([["새말", "1"]] * 50)
    assert model.output_bias[model.wv.key_to_index["새말"]] > 0


@pytest.mark.parametrize("sg", [0, 1])
def test_frozen_rows_stay_and_others_learn(sg):
    model = small(None, sg=sg, freeze=["7", "8"])
    model.build_vocab(SENTENCES)
    before = model.wv.vectors.copy()
    model.train()
    changed = (model.wv.vectors != before).any(axis=1)
    held = [word for word, moved in zip(model.wv.index_to_key, changed, strict=True) if not moved]
    assert sorted(held) == ["7", "8"]
