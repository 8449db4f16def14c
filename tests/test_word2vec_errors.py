"""What Word2Vec refuses, and what it says then."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v._training.matrices import start_matrices

SENTENCES = np.random.default_rng(3).integers(0, 60, (400, 20)).astype(str).tolist()


def small(source, **options):
    defaults = {"vector_size": 16, "min_count": 1, "epochs": 1, "workers": 1, "progress": False}
    return Word2Vec(source, **(defaults | options))


@pytest.mark.parametrize(
    "name, value",
    [
        ("vector_size", 0),
        ("vector_size", 10**6),
        ("window", 0),
        ("window", 101),
        ("negative", 0),
        ("negative", 101),
        ("epochs", 0),
        ("epochs", 2**62),
        ("workers", 0),
        ("workers", 5000),
        ("min_count", -1),
        ("sample", -0.1),
        ("sample", 1.5),
        ("alpha", 0.0),
        ("alpha", -1.0),
        ("alpha", float("nan")),
        ("min_alpha", -1e-3),
        ("min_alpha", 0.9),
        ("max_final_vocab", 0),
        ("seed", -1),
        ("ns_exponent", float("inf")),
        ("ns_exponent", -1e308),
    ],
)
def test_values_out_of_range_are_refused_before_reading(name, value):
    def untouchable():
        raise AssertionError("the corpus was read")
        yield

    with pytest.raises(ValueError, match=name):
        Word2Vec(untouchable(), **{name: value})


@pytest.mark.parametrize("name", ["vector_size", "window", "negative", "epochs", "workers"])
@pytest.mark.parametrize("value", ["5", 2.5, b"5", True])
def test_values_of_the_wrong_type_are_refused(name, value):
    with pytest.raises(TypeError, match=name):
        Word2Vec(**{name: value})


@pytest.mark.parametrize(
    "source", ["the quick brown fox", "How are you? *", ["the quick brown fox", "한 문장"]]
)
def test_text_in_place_of_sentences_shows_the_fix(source):
    with pytest.raises(TypeError, match=r"split\(\)"):
        Word2Vec(source)


def test_sentences_and_corpus_file_together_are_refused():
    with pytest.raises(TypeError, match="not both"):
        Word2Vec(SENTENCES, corpus_file="text.txt")


def test_a_corpus_file_that_is_a_path_is_never_standard_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("-").write_text("a b\n" * 9)
    model = small(None)
    model.build_vocab(corpus_file=Path("-"))
    assert model.wv.index_to_key == ["a", "b"]


def test_nothing_left_after_min_count_says_the_counts():
    with pytest.raises(ValueError, match=r"2 distinct words.*occurs 3 times.*min_count=5"):
        Word2Vec([["a", "b"], ["a"], ["a", "b"]])


def test_training_before_vocabulary_says_what_to_call():
    with pytest.raises(RuntimeError, match="build_vocab"):
        Word2Vec().train([["a"]])


def test_before_vocabulary_there_are_no_vectors():
    model = Word2Vec(vector_size=7)
    assert (len(model.wv), model.wv.vector_size) == (0, 7)
    with pytest.raises(KeyError, match="한국"):
        model.wv["한국"]


@pytest.mark.parametrize("name, value", [("start_alpha", 0.0), ("end_alpha", -1.0)])
def test_learning_rates_of_one_call_are_named_as_given(name, value):
    model = small(None)
    model.build_vocab(SENTENCES)
    for wrong in (value, 9.0) if name == "end_alpha" else (value,):
        with pytest.raises(ValueError, match=name):
            model.train(**{name: wrong})


def test_a_vocabulary_changed_by_hand_is_refused():
    model = small(SENTENCES)
    model.vocabulary.index_to_key.append("new")
    model.vocabulary.key_to_index["new"] = len(model.wv)
    with pytest.raises(ValueError, match="changed by hand"):
        model.train([["new", "new"]])


@pytest.mark.parametrize("name", ["sg", "cbow_mean", "shrink_windows", "compute_loss"])
def test_flags_are_zero_or_one(name):
    for value in (2, -1, "1", "true"):
        with pytest.raises(ValueError, match=name):
            Word2Vec(**{name: value})
    for value in (True, 1, np.True_, np.int64(1)):
        assert getattr(Word2Vec(**{name: value}), name) == 1


def test_more_memory_than_there_is_is_said():
    with pytest.raises(MemoryError, match=r"2,147,483,647 x 65,536 .*lower vector_size"):
        start_matrices(2**31 - 1, 65_536, seed=1, threads=1)


def test_a_reader_that_raises_is_heard():
    def reader():
        yield ["a", "b"]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        Word2Vec(reader())
    assert threading.active_count() == 1
