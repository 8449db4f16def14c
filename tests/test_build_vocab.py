"""Choosing the words of a model: from text, from counts, by rules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from small_models import COUNTS, NEW_TEXT, TEXT, built, counts_of, empty, words

from fastw2v import Word2Vec
from fastw2v.errors import NoWordsError
from fastw2v.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP

MORE = {"나라": 1, "사람": 5, "artificial": 2}


# From counts


def test_counts_that_are_given_are_those_of_the_model():
    model = empty()
    model.build_vocab_from_freq(COUNTS, corpus_count=9)
    assert counts_of(model) == COUNTS
    assert (model.corpus_count, model.corpus_total_words) == (9, 17)


def test_counts_add_up_in_an_update():
    model = empty()
    model.build_vocab_from_freq(COUNTS)
    model.build_vocab_from_freq(MORE, update=True)
    assert counts_of(model) == dict(Counter(COUNTS) + Counter(MORE))
    assert model.wv.get_vecattr("나라", "count") == 4
    assert model.wv.index_to_key[0] == "사람"
    text = [list(COUNTS), list(MORE)]
    before = model.wv.vectors.copy()
    assert model.train(text, total_examples=2, epochs=3) == (30, 30)
    assert (model.wv.vectors != before).any(axis=1).all()


def test_counts_alone_are_no_corpus():
    model = empty()
    model.build_vocab_from_freq(COUNTS)
    with pytest.raises(RuntimeError, match="pass one to train"):
        model.train()


@pytest.mark.parametrize(
    ("counts", "error", "match"),
    [
        ([("나라", 3)], TypeError, "must be a mapping, got list"),
        ({"나라": 2.5}, TypeError, "2.5"),
        ({"나라": -1}, ValueError, "at least 0, got -1 for '나라'"),
        ({"나라": 2, 7: 2}, TypeError, "all str or all int"),
        ({b"a": 2}, TypeError, "decode it first"),
        ({}, NoWordsError, "0 distinct words"),
        ({"나라": 0}, NoWordsError, "no word is left"),
    ],
)
def test_what_are_no_counts(counts, error, match):
    with pytest.raises(error, match=match):
        empty().build_vocab_from_freq(counts)


# Which words stay


def test_words_and_sentences_of_the_corpus_are_counted():
    model = built([*TEXT, []])
    assert (model.corpus_count, model.corpus_total_words) == (4, 9)
    assert counts_of(model) == words(TEXT)


@pytest.mark.parametrize(
    ("min_count", "limit", "n_words", "effective"), [(4, 4, 1, 4), (2, 4, 3, 3), (1, 99, 7, 1)]
)
def test_max_final_vocab_raises_the_least_count(min_count, limit, n_words, effective):
    model = empty(min_count=min_count, max_final_vocab=limit)
    model.build_vocab_from_freq(COUNTS)
    assert len(model.wv) == n_words
    assert model.effective_min_count == effective


def test_max_vocab_size_leaves_exactly_the_most_frequent_words():
    text = [["graph", "system"]] * 3 + [["system", "eps"]]
    model = built(text, max_vocab_size=2)
    assert counts_of(model) == {"system": 4, "graph": 3}
    text.append(["minors", "survey"] * 2 + ["minors"])
    assert counts_of(built(text, max_vocab_size=3)) == {"system": 4, "graph": 3, "minors": 3}
    assert counts_of(built(text, max_vocab_size=2)) == {"system": 4, "graph": 3}
    assert counts_of(built(text, max_vocab_size=3, min_count=4)) == {"system": 4}


def keep_trees(word, count, min_count):
    return {"trees": RULE_KEEP, "system": RULE_DISCARD, "time": None}.get(word, RULE_DEFAULT)


@pytest.mark.parametrize("where", ["constructor", "build_vocab", "build_vocab_from_freq"])
def test_a_trim_rule_decides_or_leaves_it_to_the_count(where):
    text = [[word] * count for word, count in COUNTS.items()]
    if where == "constructor":
        model = empty(min_count=4, trim_rule=keep_trees)
        model.build_vocab(text)
    else:
        model = empty(min_count=4)
        source = COUNTS if where == "build_vocab_from_freq" else text
        getattr(model, where)(source, trim_rule=keep_trees)
    assert counts_of(model) == {"trees": 3}


def test_a_trim_rule_may_be_a_closure_and_sees_the_effective_count():
    seen = []
    wanted = {"마음", "없는말"}

    def rule(word, count, min_count):
        seen.append((word, count, min_count))
        return RULE_KEEP if word in wanted else RULE_DISCARD

    model = empty(min_count=2, max_final_vocab=2)
    model.build_vocab_from_freq(COUNTS, trim_rule=rule)
    assert counts_of(model) == {"마음": 1}
    assert {(word, count) for word, count, _ in seen} == set(COUNTS.items())
    assert {min_count for *_, min_count in seen} == {4} == {model.effective_min_count}


def test_a_trim_rule_of_the_constructor_serves_its_own_training():
    model = Word2Vec(
        [["나는", "너는", "그는"]] * 9, sample=0, trim_rule=lambda word, *_: int(word == "그는")
    )
    assert set(model.wv.index_to_key) == {"나는", "너는"}


@pytest.mark.parametrize("answer", [3, -1, "keep", True, False])
def test_an_answer_that_no_rule_gives_is_refused(answer):
    with pytest.raises(ValueError, match=r"RULE_KEEP \(2\), got"):
        built(trim_rule=lambda *_: answer)


def test_a_rule_that_leaves_nothing_is_named():
    with pytest.raises(NoWordsError, match="trim_rule"):
        built(trim_rule=lambda *_: RULE_DISCARD)


@pytest.mark.parametrize("method", ["__init__", "build_vocab", "build_vocab_from_freq"])
def test_a_rule_must_be_a_function(method):
    with pytest.raises(TypeError, match="trim_rule must be a function"):
        getattr(empty(), method)(TEXT if method != "build_vocab_from_freq" else COUNTS, trim_rule=5)


def test_an_error_of_a_rule_is_heard_and_leaves_the_model_as_it_was():
    model = built()
    before = counts_of(model), model.wv.vectors.copy()

    def broken(word, count, min_count):
        raise LookupError(word)

    with pytest.raises(LookupError):
        model.build_vocab(NEW_TEXT, trim_rule=broken)
    assert counts_of(model) == before[0]
    np.testing.assert_array_equal(model.wv.vectors, before[1])


def test_settings_may_be_given_with_the_corpus():
    model = empty(min_count=5)
    model.build_vocab(TEXT, min_count=3, sample=0.5)
    assert (model.min_count, model.sample, model.wv.index_to_key) == (3, 0.5, ["먹었다"])
    with pytest.raises(ValueError, match="sample"):
        model.build_vocab(TEXT, sample=2)


@pytest.mark.parametrize("name", ["corpus_iterable", "sentences"])
def test_sentences_have_two_names(name):
    model = empty()
    model.build_vocab(**{name: TEXT})
    assert model.train(**{name: TEXT}) == (45, 45)
    assert counts_of(Word2Vec(**{name: TEXT}, min_count=1, sample=0)) == words(TEXT)


def test_two_sources_are_refused(tmp_path):
    for pair in ({"sentences": TEXT}, {"corpus_file": tmp_path}):
        with pytest.raises(TypeError, match="not both"):
            empty().build_vocab(TEXT, **pair)


def test_raw_counts_are_kept_on_request():
    model = empty(min_count=3)
    assert model.raw_vocab is None
    model.build_vocab(TEXT)
    assert model.raw_vocab == {}
    model.build_vocab(TEXT, keep_raw_vocab=True)
    assert model.raw_vocab == words(TEXT)
    assert counts_of(model) == {"먹었다": 3}


def test_building_again_forgets_what_was_trained():
    model = built(TEXT, compute_loss=True)
    wv = model.wv
    model.train(epochs=2)
    model.build_vocab(TEXT)
    fresh = built(TEXT)
    np.testing.assert_array_equal(model.wv.vectors, fresh.wv.vectors)
    assert model.wv is wv
    assert (model.loss_history, model.train_count, model.total_train_time) == ([], 0, 0)
    assert model.min_alpha_yet_reached == model.alpha


# Other ways to a vocabulary


def test_reset_from_shares_words_and_starts_anew():
    one = built(compute_loss=True)
    one.train()
    other = empty(vector_size=7)
    other.build_vocab([["x", "y"]])
    other.reset_from(one)
    assert other.wv.key_to_index == one.wv.key_to_index
    assert counts_of(other) == counts_of(one)
    assert (other.corpus_count, other.corpus_total_words) == (3, 9)
    np.testing.assert_array_equal(other.wv.vectors, built(vector_size=7).wv.vectors)
    one.train(epochs=1)
    assert other.train(epochs=1) == (9, 9)


def test_memory_is_estimated_before_it_is_taken():
    model = built(vector_size=100)
    report = model.estimate_memory()
    assert report["vectors"] == report["syn1neg"] >= model.wv.vectors.nbytes
    assert report["total"] == sum(n for name, n in report.items() if name != "total")
    assert model.estimate_memory(10**6)["vectors"] >= 4 * 10**8
    assert model.estimate_memory(10, report={"mine": 5})["mine"] == 5
    assert empty().estimate_memory()["total"] == 0


def test_the_estimate_has_all_that_a_model_of_these_settings_has():
    plain = empty(vector_size=100).estimate_memory(1000)
    for options, more in (
        ({"hs": 1, "negative": 0}, {"syn1": plain["vectors"] // 1000 * 999}),
        ({"objective": "softmax"}, {"biases": plain["vectors"] // 1000 + 4000}),
        ({"vectors": "mean"}, {"mean": 400_000}),
    ):
        report = empty(vector_size=100, **options).estimate_memory(1000)
        total = plain["total"] + sum(more.values())
        assert report == plain | more | {"total": total}


@pytest.mark.parametrize(
    "text",
    [
        [["나는", "\U0001f34e", "𝔸"], ["\U0001f34e"]],
        [["나는"], [], ["너는", "나는"], []],
        [["", "나는"], ["", "너는"]],
    ],
    ids=["beyond the BMP", "empty sentences", "empty tokens"],
)
def test_unusual_tokens(text, tmp_path):
    model = built(text)
    n_words = sum(map(len, text))
    assert counts_of(model) == words(text)
    assert model.train(epochs=2) == (2 * n_words, 2 * n_words)
    model.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").wv.index_to_key == model.wv.index_to_key
