"""Phrases beside gensim's, on the same sentences: names, order, counts, scores and merges."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from phrase_cases import CONNECTORS, KOREAN, random_sentences

import fastw2v
from fastw2v import phrases as ours
from fastw2v import readers

theirs = pytest.importorskip("gensim.models.phrases")
their_readers = pytest.importorskip("gensim.models.word2vec")

SCORINGS = {
    "default": [0.3, 1.0, 4.0],
    "npmi": [-0.5, 0.1, 0.5],
    "own": [0.5, 3.0],
}


def own(
    worda_count: int,
    wordb_count: int,
    bigram_count: int,
    len_vocab: int,
    min_count: int,
    corpus_word_count: int,
) -> float:
    return (bigram_count * corpus_word_count - min_count) / (worda_count + wordb_count * len_vocab)


def sentences_of(name: str) -> list[list[str]]:
    return KOREAN if name == "korean" else random_sentences(int(name))


@pytest.mark.parametrize("name", ["korean", "11"])
@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS, theirs.ENGLISH_CONNECTOR_WORDS])
@pytest.mark.parametrize("scoring", SCORINGS)
def test_same_phrases(name: str, connectors: frozenset[str], scoring: str) -> None:
    sentences = sentences_of(name)
    for threshold in SCORINGS[scoring]:
        for min_count in (1, 3):
            arguments: dict[str, Any] = {
                "min_count": min_count,
                "threshold": threshold,
                "scoring": own if scoring == "own" else scoring,
                "connector_words": connectors,
            }
            mine = ours.Phrases(sentences, **arguments)
            other = theirs.Phrases(sentences, **arguments)
            assert mine.vocab == other.vocab
            assert mine.corpus_word_count == other.corpus_word_count
            pairs: list[tuple[Any, Any]] = [(mine, other), (mine.freeze(), other.freeze())]
            for model, peer in pairs:
                found, expected = model.find_phrases(sentences), peer.find_phrases(sentences)
                assert list(found) == list(expected)
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
                assert list(model[sentences]) == list(peer[sentences])
                assert list(model[fastw2v.Corpus(sentences)]) == list(peer[sentences])
            exported, expected = mine.export_phrases(), other.export_phrases()
            assert list(exported) == list(expected)
            assert exported == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert list(mine.freeze().phrasegrams) == list(other.freeze().phrasegrams)


@pytest.mark.parametrize("name", ["korean", "11"])
def test_same_three_words(name: str) -> None:
    """A second pass: tokens hold the delimiter by then."""
    sentences = sentences_of(name)
    arguments = {"min_count": 1, "threshold": 1.0, "connector_words": CONNECTORS}
    mine = ours.Phrases(sentences, **arguments)  # type: ignore[arg-type]
    other = theirs.Phrases(sentences, **arguments)
    mine_3 = ours.Phrases(mine[sentences], min_count=1, threshold=1.0)
    other_3 = theirs.Phrases(other[sentences], min_count=1, threshold=1.0)
    assert list(mine_3[mine[sentences]]) == list(other_3[other[sentences]])


def test_same_more_sentences() -> None:
    mine, other = ours.Phrases(min_count=1, threshold=1), theirs.Phrases(min_count=1, threshold=1)
    for seed in (21, 22, 23):
        sentences = random_sentences(seed)
        mine.add_vocab(sentences)
        other.add_vocab(sentences)
        assert mine.vocab == other.vocab
        assert list(mine.export_phrases().items()) == list(other.export_phrases().items())


def test_same_scorers() -> None:
    for name in ("original_scorer", "npmi_scorer"):
        for counts in [(3, 5, 2), (3, 5, 3), (100, 7, 7), (4, 4, 0)]:
            arguments = (*counts, 40, 2, 300)
            expected = getattr(theirs, name)(*arguments)
            assert getattr(ours, name)(*arguments) == pytest.approx(expected, rel=1e-12)


def test_same_names_in_the_same_order() -> None:
    for name in ("original_scorer", "npmi_scorer", "Phrases", "LineSentence", "Text8Corpus"):
        mine = getattr(ours, name, None) or getattr(readers, name)
        other = getattr(theirs, name, None) or getattr(their_readers, name)
        parameters = inspect.signature(mine).parameters
        expected = list(inspect.signature(other).parameters)
        assert list(parameters)[: len(expected)] == expected
        for key in expected:
            assert parameters[key].default == inspect.signature(other).parameters[key].default
    assert ours.ENGLISH_CONNECTOR_WORDS == theirs.ENGLISH_CONNECTOR_WORDS


def test_same_lines(tmp_path: Path) -> None:
    text = "나는 사과를 먹었다\n\n a  b\tc \nd " + "e f " * 9 + "\nlast"
    (tmp_path / "1.txt").write_text(text, encoding="utf-8")
    (tmp_path / "2.txt").write_text("more 글\n\n1 2 3 4 5\n", encoding="utf-8")
    for arguments in ({}, {"max_sentence_length": 4}, {"limit": 3}):
        for name, source in (("LineSentence", "1.txt"), ("PathLineSentences", "")):
            mine = getattr(readers, name)(str(tmp_path / source), **arguments)
            other = getattr(their_readers, name)(str(tmp_path / source), **arguments)
            assert list(mine) == list(other)
    words = [f"낱말{k % 17}" for k in range(5000)]
    (tmp_path / "text8").write_text(" ".join(words), encoding="utf-8")
    for length in (10_000, 999):
        mine = readers.Text8Corpus(str(tmp_path / "text8"), length)
        assert list(mine) == list(their_readers.Text8Corpus(str(tmp_path / "text8"), length))
