"""A program of someone who uses gensim: with another import it runs as it is."""

from __future__ import annotations

import importlib
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from fastw2v.datasets import analogy_questions, make_analogy_corpus


@pytest.fixture(params=["fastw2v", "gensim"])
def library(request):
    """Word2Vec, KeyedVectors and CallbackAny2Vec, each from where the library has it."""
    if request.param == "gensim":
        pytest.importorskip("gensim")
    place = {"fastw2v": "fastw2v", "gensim": "gensim.models"}[request.param]
    models = importlib.import_module(place)
    callbacks = importlib.import_module(f"{place}.callbacks")
    return SimpleNamespace(
        Word2Vec=models.Word2Vec,
        KeyedVectors=models.KeyedVectors,
        CallbackAny2Vec=callbacks.CallbackAny2Vec,
    )


@pytest.fixture(scope="module")
def sentences():
    return [list(sentence) for sentence in make_analogy_corpus(n_words=60_000, seed=3)]


class LossKeeper:
    """What the manual of gensim shows: the loss of each epoch, from the one that adds up."""

    def __init__(self):
        self.losses = []
        self.last = 0.0
        self.began = self.ended = 0

    def on_train_begin(self, model):
        self.began += 1

    def on_epoch_end(self, model):
        loss = model.get_latest_training_loss()
        self.losses.append(loss - self.last)
        self.last = loss

    def on_train_end(self, model):
        self.ended += 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")
def test_train_query_save_load_and_train_on(library, sentences, tmp_path):
    Word2Vec, KeyedVectors = library.Word2Vec, library.KeyedVectors
    keeper = type("Keeper", (LossKeeper, library.CallbackAny2Vec), {})()

    # Train in one step, and be told.
    model = Word2Vec(
        sentences=sentences,
        vector_size=40,
        window=5,
        min_count=5,
        workers=2,
        sg=1,
        negative=5,
        epochs=4,
        seed=42,
        compute_loss=True,
        callbacks=[keeper],
    )
    assert (keeper.began, keeper.ended, len(keeper.losses)) == (1, 1, 4)
    assert keeper.last > 0
    assert (model.corpus_count, model.corpus_total_words) == (
        len(sentences),
        sum(map(len, sentences)),
    )

    # Query.
    wv = model.wv
    assert wv["한국"].shape == (40,) and "없는말" not in wv
    assert len(wv) == len(wv.index_to_key) == len(wv.key_to_index) == len(wv.vectors)
    assert wv.key_to_index[wv.index_to_key[3]] == wv.get_index(wv.index_to_key[3]) == 3
    assert wv.get_vecattr("한국", "count") == sum(line.count("한국") for line in sentences)
    similar = wv.most_similar(positive=["한국", "도쿄"], negative=["서울"], topn=3)
    assert len(similar) == 3 and all(-1 <= score <= 1 for _, score in similar)
    assert -1 <= wv.similarity("한국", "일본") <= 1
    assert wv.doesnt_match(["한국", "일본", "프랑스"]) in ("한국", "일본", "프랑스")
    assert len(wv.similar_by_vector(wv["한국"], topn=4)) == 4
    with pytest.raises(KeyError):
        wv["없는말"]
    predicted = model.predict_output_word(["한국", "서울"], topn=5)
    assert len(predicted) == 5 and predicted[0][1] >= predicted[-1][1] > 0
    assert model.syn1neg.shape == wv.vectors.shape

    # Save, load, and go on with more text that has new words.
    path = str(tmp_path / "word2vec.model")
    model.save(path)
    loaded = Word2Vec.load(path)
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    before, n_before = loaded.wv["한국"].copy(), len(loaded.wv)
    # So many, because gensim's subsampling knows the new text alone, and keeps a word in 17.
    more = [["한국", "일본", "새말"]] * 500
    loaded.build_vocab(more, update=True)
    assert len(loaded.wv) == n_before + 1 and "새말" in loaded.wv
    np.testing.assert_array_equal(loaded.wv["한국"], before)
    trained, raw = loaded.train(more, total_examples=loaded.corpus_count, epochs=loaded.epochs)
    assert 0 < trained <= raw == 500 * 3 * loaded.epochs
    assert (loaded.wv["한국"] != before).any()

    # Keep the vectors alone, in two formats.
    vectors_path = str(tmp_path / "word2vec.wordvectors")
    model.wv.save(vectors_path)
    kept = KeyedVectors.load(vectors_path, mmap="r")
    np.testing.assert_array_equal(kept["한국"], wv["한국"])
    for binary in (False, True):
        text_path = str(tmp_path / f"vectors{binary}.bin")
        wv.save_word2vec_format(text_path, binary=binary)
        read = KeyedVectors.load_word2vec_format(text_path, binary=binary)
        np.testing.assert_allclose(read["한국"], wv["한국"], rtol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")
def test_train_step_by_step_from_a_file(library, sentences, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(map(" ".join, sentences)), encoding="utf-8")
    model = library.Word2Vec(vector_size=20, min_count=3, workers=2, sample=0, seed=1)
    model.build_vocab(corpus_file=str(path), progress_per=1000)
    trained, _ = model.train(
        corpus_file=str(path),
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=2,
        start_alpha=0.03,
        end_alpha=0.001,
        queue_factor=4,
        report_delay=10,
    )
    assert trained > 0
    counted = library.Word2Vec(vector_size=20, min_count=1, workers=1, sample=0)
    counted.build_vocab_from_freq({"한국": 5, "일본": 3})
    assert counted.wv.index_to_key == ["한국", "일본"]
    counted.train(
        [["한국", "일본"]] * 50, total_examples=50, epochs=counted.epochs, compute_loss=True
    )
    ruled = library.Word2Vec(
        sentences,
        vector_size=10,
        min_count=2,
        epochs=1,
        trim_rule=lambda word, count, min_count: 1 if word == "한국" else 0,
    )
    assert "한국" not in ruled.wv and "일본" in ruled.wv


@pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")
def test_evaluate(library, sentences, tmp_path):
    model = library.Word2Vec(sentences, vector_size=40, sg=1, epochs=4, workers=2)
    if not hasattr(model.wv, "evaluate_word_analogies"):
        pytest.skip("no evaluation here")
    path = tmp_path / "questions.txt"
    lines = [
        line
        for name, section in analogy_questions().items()
        for line in (f": {name}", *map(" ".join, section))
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    score, sections = model.wv.evaluate_word_analogies(str(path))
    assert 0 <= score <= 1
    assert sections[-1]["section"] == "Total accuracy"
    assert {"section", "correct", "incorrect"} <= set(sections[0])
    pairs = tmp_path / "pairs.tsv"
    words = [word for word in model.wv.index_to_key if word.isalpha()][:12]
    rows = [f"{one}\t{other}\t{k}" for k, (one, other) in enumerate(itertools.pairwise(words))]
    pairs.write_text("\n".join(rows), encoding="utf-8")
    pearson, spearman, unknown = model.wv.evaluate_word_pairs(str(pairs))
    assert -1 <= pearson[0] <= 1 and -1 <= spearman[0] <= 1 and 0 <= unknown <= 100
