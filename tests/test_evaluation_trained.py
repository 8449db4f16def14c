"""Evaluation of a trained model, on the corpora that gensim tests itself with."""

from __future__ import annotations

import pytest

from fastw2v import KeyedVectors, Word2Vec

pytest.importorskip("gensim")
from gensim.test.utils import datapath

KINDS = ("most_similar", "most_similar_cosmul")


@pytest.fixture(scope="module")
def trained() -> KeyedVectors:
    return Word2Vec(datapath("head500.noblanks.cor.bz2"), min_count=5, epochs=20, workers=1).wv


def test_pairs_of_a_trained_model(trained: KeyedVectors) -> None:
    first, second, unknown = trained.evaluate_word_pairs(datapath("wordsim353.tsv"))
    assert 0.1 < first[0] < 1
    assert 0.1 < second[0] < 1
    assert 0 <= first[1] < 0.05
    assert 0 <= unknown < 90


@pytest.mark.parametrize("similarity_function", KINDS)
def test_analogies_of_a_trained_model(trained: KeyedVectors, similarity_function: str) -> None:
    score, sections = trained.evaluate_word_analogies(
        datapath("questions-words.txt"), similarity_function=similarity_function
    )
    assert 0 <= score <= 1
    assert len(sections) == 15
    assert all(set(one) == {"section", "correct", "incorrect"} for one in sections)
    assert sections[-1]["section"] == "Total accuracy"
    assert len(sections[-1]["correct"] + sections[-1]["incorrect"]) > 100


def test_answers_are_gensims_to_the_last_question(trained: KeyedVectors) -> None:
    path = datapath("questions-words.txt")
    for arguments in ((), (1000, False, True)):
        theirs = trained.to_gensim().evaluate_word_analogies(path, *arguments)
        assert trained.evaluate_word_analogies(path, *arguments) == theirs
