"""Adding words to a model that has some: counts, vectors, rows and tables all follow."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest
from small_models import COUNTS, NEW_TEXT, TEXT, built, counts_of, empty, words

from fastw2v import Corpus, Word2Vec


def test_an_update_merges_counts_and_keeps_every_known_vector():
    model = built()
    model.train(epochs=3)
    before = {word: model.wv[word].copy() for word in model.wv.index_to_key}
    context = {word: model.context_vectors[word].copy() for word in model.wv.index_to_key}
    wv, context_vectors = model.wv, model.context_vectors
    model.build_vocab(NEW_TEXT, update=True)
    assert counts_of(model) == dict(Counter(words(TEXT)) + Counter(words(NEW_TEXT)))
    assert model.wv is wv and model.context_vectors is context_vectors
    for word in before:
        np.testing.assert_array_equal(wv[word], before[word])
        np.testing.assert_array_equal(context_vectors[word], context[word])
    new = ["그는", "팔았다"]
    assert not context_vectors[new].any()
    assert (np.abs(wv[new]).max(axis=1) > 0).all() and np.abs(wv[new]).max() <= 1 / 12
    assert model.corpus_count == len(NEW_TEXT)
    assert model.wv.most_similar("그는", topn=3)
    n_words = sum(words(NEW_TEXT).values())
    assert model.train(total_examples=model.corpus_count, epochs=2) == (2 * n_words,) * 2
    assert (wv[new] != 0).any()
    assert context_vectors[new].any(axis=1).all()


def test_new_words_start_from_numbers_of_their_own():
    model = built(vector_size=40)
    model.build_vocab(NEW_TEXT, update=True)
    rows = model.wv.vectors
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_an_update_of_known_words_alone_only_adds_counts():
    model = built()
    model.train(epochs=1)
    before = {word: model.wv[word].copy() for word in model.wv.index_to_key}
    model.build_vocab([["배를", "배를", "배를"]], update=True)
    assert counts_of(model) == words(TEXT) | {"배를": 4}
    assert model.wv.index_to_key[0] == "배를"
    for word, vector in before.items():
        np.testing.assert_array_equal(model.wv[word], vector)


def test_sampling_and_noise_follow_the_merged_counts():
    text = [["흔한"] * 90 + ["드문", "말"] * 5]
    model = built(text)
    whole = built(text + NEW_TEXT)
    model.build_vocab(NEW_TEXT, update=True)
    for one, other in ((model.vocabulary, whole.vocabulary),):
        assert one.index_to_key == other.index_to_key
        np.testing.assert_array_equal(one.keep_probabilities(1e-3), other.keep_probabilities(1e-3))
        np.testing.assert_array_equal(one.noise_distribution(), other.noise_distribution())
    frequent = model.vocabulary.keep_probabilities(1e-3)[0]
    assert frequent < 0.05  # as gensim has it after a small update, the most frequent word returns


def test_new_words_need_the_least_count_and_known_ones_stay():
    model = built(TEXT, min_count=3)
    model.build_vocab([["귀한", "말", "말", "말"]], update=True)
    assert counts_of(model) == {"먹었다": 3, "말": 3}


def test_rare_words_of_before_count_where_raw_counts_were_kept():
    model = empty(min_count=3)
    model.build_vocab(TEXT, keep_raw_vocab=True)
    model.build_vocab([["나는", "그는"]], update=True, keep_raw_vocab=True)
    assert counts_of(model) == {"나는": 3, "먹었다": 3}
    model.build_vocab([["그는", "그는"]], update=True)
    assert counts_of(model) == {"그는": 3, "나는": 3, "먹었다": 3}
    assert model.raw_vocab == {}


def test_max_final_vocab_leaves_room_for_so_many_new_words():
    model = built(TEXT, max_final_vocab=4, min_count=2)
    assert len(model.wv) == 3
    model.build_vocab([["a"] * 9 + ["b"] * 8 + ["c"] * 7], update=True)
    assert set(model.wv.index_to_key) == {"a", "먹었다", "나는", "사과를"}
    model.build_vocab([["d"] * 99], update=True)
    assert "d" not in model.wv


def test_a_rule_is_asked_about_new_words_only():
    model = built()
    model.build_vocab(NEW_TEXT, update=True, trim_rule=lambda word, *_: int(word != "그는"))
    assert set(model.wv.index_to_key) == set(words(TEXT)) | {"그는"}


def test_nothing_can_be_added_to_nothing():
    for update in (empty().build_vocab, empty().build_vocab_from_freq):
        with pytest.raises(RuntimeError, match="without update=True first"):
            update(COUNTS, update=True)


def test_an_update_by_ids_of_a_model_of_words_changes_nothing():
    model = built()
    before = counts_of(model), model.wv.vectors.copy()
    with pytest.raises(TypeError, match="all str or all int"):
        model.build_vocab(Corpus(np.array([[5, 6]])), update=True)
    assert counts_of(model) == before[0]
    np.testing.assert_array_equal(model.wv.vectors, before[1])


def test_ids_are_updated_too():
    model = built(Corpus(np.array([[5, 6, 5]])))
    model.build_vocab(Corpus(np.array([[8, 6, 6, 6]])), update=True)
    assert counts_of(model) == {6: 4, 5: 2, 8: 1}


@pytest.mark.parametrize("leave", [copy.deepcopy, "save"])
@pytest.mark.parametrize("from_file", [False, True])
def test_a_model_that_has_been_away_learns_new_words(tmp_path, leave, from_file):
    text = NEW_TEXT
    if from_file:
        text = tmp_path / "새말.txt"
        text.write_text("\n".join(map(" ".join, NEW_TEXT)), encoding="utf-8")
    model = built()
    model.train(epochs=2)
    if leave == "save":
        model.save(tmp_path / "model")
        model = Word2Vec.load(tmp_path / "model")
    else:
        model = leave(model)
    before = model.wv["나는"].copy()
    assert model.train(TEXT, epochs=1) == (9, 9)
    source = {"corpus_file": text} if from_file else {"corpus_iterable": text}
    model.build_vocab(**source, update=True)
    assert {"그는", "팔았다"} < set(model.wv.index_to_key)
    model.train(**source, total_examples=model.corpus_count, epochs=model.epochs)
    assert (model.wv["나는"] != before).any()


@pytest.mark.parametrize("sg", [0, 1])
def test_an_update_plants_another_tree(sg):
    """The inner nodes of the old tree are not those of the new one: they start anew."""
    model = built(hs=1, negative=0, sg=sg, compute_loss=True)
    model.train(epochs=5)
    before = {word: model.wv[word].copy() for word in model.wv.index_to_key}
    model.build_vocab(NEW_TEXT, update=True)
    with pytest.raises(AttributeError, match="syn1"):
        model.syn1  # noqa: B018
    for word, vector in before.items():
        np.testing.assert_array_equal(model.wv[word], vector)
    model.train(epochs=20)
    assert model.syn1.shape == (len(model.wv) - 1, model.vector_size)
    assert model.loss_history[-1] < model.loss_history[5]
