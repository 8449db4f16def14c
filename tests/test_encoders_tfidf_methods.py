"""Methods that a subclass replaces, functions that a user gives, and sources of all kinds."""

from __future__ import annotations

import re
import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from fastw2v._native.counting import TermCounter
from fastw2v._native.terms import Documents
from fastw2v._native.text import WordTable
from fastw2v.corpus import Corpus
from fastw2v.encoders import CountVectorizer, TfidfVectorizer
from fastw2v.encoders.characters import WHITESPACE, table
from fastw2v.encoders.phase import phase
from fastw2v.encoders.reading import DocumentTypeError
from fastw2v.parallel import map_in_order

pytest.importorskip("scipy")

FRUIT = ["Apples-Pears <b>", "apples plums"]


def subclasses(base):
    class Stemmed(base):
        def build_analyzer(self):
            analyze = super().build_analyzer()
            return lambda document: (word.rstrip("s") for word in analyze(document))

    class Cut(base):
        def build_tokenizer(self):
            return lambda text: text.split("-")

    class Upper(base):
        def build_preprocessor(self):
            return str.upper

    class Markup(base):
        def decode(self, doc):
            return super().decode(doc).replace("<b>", "bold")

    class Stopped(base):
        def get_stop_words(self):
            return frozenset(["apples"])

    return Stemmed, Cut, Upper, Markup, Stopped


def test_methods_of_a_subclass_are_called():
    expected = [
        {"apple": 0, "pear": 1, "plum": 2},
        {"apples": 0, "apples plums": 1, "pears <b>": 2},
        {"APPLES": 0, "PEARS": 1, "PLUMS": 2},
        {"apples": 0, "bold": 1, "pears": 2, "plums": 3},
        {"pears": 0, "plums": 1},
    ]
    for base in (CountVectorizer, TfidfVectorizer):
        found = [make().fit(FRUIT).vocabulary_ for make in subclasses(base)]
        assert found == expected


def test_methods_of_a_subclass_are_called_as_scikit_learn_does():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    pairs = zip(subclasses(CountVectorizer), subclasses(text.CountVectorizer), strict=True)
    for ours, theirs in pairs:
        for setting in ({}, {"ngram_range": (1, 2)}, {"strip_accents": "unicode"}):
            fitted = ours(**setting).fit(FRUIT)
            assert fitted.vocabulary_ == theirs(**setting).fit(FRUIT).vocabulary_
            assert fitted.transform(FRUIT).sum() == fitted.fit_transform(FRUIT).sum()


def test_a_method_of_a_subclass_gets_no_lists_of_tokens():
    for make in subclasses(CountVectorizer)[:4]:
        for documents in ([["apples"]], Corpus([["apples"]])):
            with pytest.raises((DocumentTypeError, TypeError), match="list"):
                make().fit(documents)
    assert subclasses(CountVectorizer)[4]().fit([["apples", "pears"]]).vocabulary_ == {"pears": 0}


def test_a_corpus_is_no_text():
    corpus = Corpus([["사과", "배"], ["배"]])
    for setting in ({"analyzer": "char"}, {"preprocessor": str.lower}, {"input": "filename"}):
        with pytest.raises(TypeError, match="document 0"):
            CountVectorizer(**setting).fit(corpus)
    assert CountVectorizer(analyzer=lambda tokens: tokens[:1]).fit(corpus).vocabulary_ == {
        "배": 0,
        "사과": 1,
    }


class Around:
    """What progress bars are: an iterable around another, whose length it may not know."""

    def __init__(self, items, error):
        self._items, self._error = items, error

    def __iter__(self):
        yield from self._items

    def __len__(self):
        raise self._error


@pytest.mark.parametrize("error", [TypeError(), OverflowError(), NotImplementedError()])
@pytest.mark.parametrize("setting", [{}, {"analyzer": "char"}])
def test_a_source_that_knows_no_length(error, setting):
    for documents in (["사과 딸기", "딸기"], [["사과"], ["딸기"]] if not setting else ["사과"]):
        vectorizer = CountVectorizer(**setting)
        expected = vectorizer.fit_transform(documents)
        for around in (Around(iter(documents), error), Around(documents, error)):
            assert (vectorizer.fit_transform(around) != expected).nnz == 0


def test_what_an_analyzer_returns_is_iterated():
    for analyzer in (lambda text: Counter(text.split()), lambda text: dict.fromkeys(text.split())):
        counts = CountVectorizer(analyzer=analyzer).fit_transform(["b a a", "c"])
        assert counts.toarray().tolist() == [[1, 1, 0], [0, 0, 1]]
    for value in ({"a": -1}, {"a": "x"}, {"a": 2.5}):
        assert CountVectorizer(analyzer=lambda _, v=value: v).fit_transform(["", ""]).sum() == 2


def test_functions_that_return_nothing_are_named_with_the_document():
    def nothing(text):
        return text.split() if text == "a" else None

    message = "document 1: {} must return an iterable of {}, got None"
    with pytest.raises(TypeError, match=message.format("analyzer", "terms")):
        CountVectorizer(analyzer=nothing).fit(["a", "b"])
    with pytest.raises(TypeError, match=message.format("tokenizer", "tokens")):
        CountVectorizer(tokenizer=nothing, token_pattern=None).fit(["a", "b"])
    with pytest.raises(TypeError, match="got 5"):
        CountVectorizer(tokenizer=lambda text: 5, token_pattern=None).fit(["a", "b"])


def test_what_is_no_path_or_file_is_named(tmp_path):
    path = tmp_path / "사과.txt"
    path.write_text("사과", encoding="utf-8")
    for setting in ({}, {"analyzer": str.split}, {"analyzer": "char"}):
        with pytest.raises(TypeError, match=r"document 1: with input='filename' .* is a path, got"):
            CountVectorizer(input="filename", **setting).fit([path, None])
        with path.open("rb") as file, pytest.raises(TypeError, match=r"document 1: .* open file"):
            CountVectorizer(input="file", **setting).fit([file, "사과"])


def test_messages_have_argument_and_remedy():
    with pytest.raises(ValueError, match=r"token_pattern must be a regular .*, got '\('"):
        CountVectorizer(token_pattern="(").fit(["사과"])
    with pytest.raises(ValueError, match=r"string object received. Write \['사과'\]"):
        CountVectorizer().fit(np.array("사과"))
    with pytest.raises(TypeError, match="raw_documents must be an iterable of documents, got int"):
        CountVectorizer().fit(np.array(7))


def test_stop_words_that_are_no_strings_leave_nothing_out():
    for documents in (["12 34"], [["12", "34"]], Corpus([["12", "34"]])):
        for setting in ({}, {"ngram_range": (1, 2)}):
            assert "12" in CountVectorizer(stop_words=[12], **setting).fit(documents).vocabulary_


def test_max_features_of_truths_are_those_in_most_documents():
    documents = ["사과 사과 사과", "딸기", "딸기"]
    assert list(CountVectorizer(dtype=bool, max_features=1).fit(documents).vocabulary_) == ["딸기"]
    assert list(CountVectorizer(max_features=1).fit(documents).vocabulary_) == ["사과"]


@pytest.mark.parametrize("setting", [{}, {"ngram_range": (1, 2)}, {"vocabulary": ["a"]}])
def test_a_surrogate_among_tokens_is_found(setting, monkeypatch):
    monkeypatch.setattr("fastw2v.encoders.counting._TOKENS", 10)
    for number in (0, 3, 4, 5, 17):
        documents = [["사과", "\ud7ff\ue000"], [], ["배"]] * 6
        documents[number] = ["한", "b\ud800b", "배"]
        with pytest.raises(UnicodeEncodeError, match=f"document {number};"):
            CountVectorizer(**setting).fit(documents)


# ------------------------------------------------------------------------------- stop and progress


@pytest.mark.parametrize("max_n", [1, 2])
def test_a_counter_that_is_stopped_raises(max_n):
    counter = TermCounter(1, max_n, WordTable(), 0)
    counter.stop()
    with pytest.raises(InterruptedError):
        counter.count(Documents(["사과 배 " * 100]), table(WHITESPACE, False), None, print)
    with pytest.raises(InterruptedError):
        counter.count_ids(np.zeros(100, np.int32), np.array([100]))


def test_threads_are_told_to_stop():
    stopped = threading.Event()

    def work(item):
        if item:
            assert stopped.wait(60)
        else:
            raise KeyError("사과")

    with pytest.raises(KeyError, match="사과"):
        list(map_in_order(work, [0, 1], 2, stopped.set))


def test_a_long_document_is_counted_in_pieces():
    rng = np.random.default_rng(5)
    words = [f"낱말{number}" for number in rng.integers(0, 500, 150_000)]
    for ngram_range in ((1, 1), (1, 2)):
        vectorizer = CountVectorizer(ngram_range=ngram_range)
        row = vectorizer.fit_transform([" ".join(words)])
        expected = Counter(words)
        if ngram_range[1] == 2:
            expected.update(map(" ".join, pairwise(words)))
        names = vectorizer.get_feature_names_out().tolist()
        assert dict(zip(names, row.toarray()[0].tolist(), strict=True)) == expected


def test_long_phases_are_shown(monkeypatch, capsys):
    monkeypatch.setattr("fastw2v.progress._PLAIN_INTERVAL", 0.0)
    pytest.importorskip("sklearn")
    TfidfVectorizer(n_components=2, progress=True).fit([f"낱말{n} 사과{n}" for n in range(50)])
    shown = capsys.readouterr().err
    for title in ("sorting terms", "factorizing"):
        assert re.search(rf"^{title}  0:\d\d$", shown, re.MULTILINE)
    monkeypatch.setattr("fastw2v.encoders.counted._MANY", 1)
    CountVectorizer(progress=True).fit(FRUIT).transform(FRUIT)
    shown = capsys.readouterr().err
    assert "counting  100.0 %" in shown and "finding terms  0:0" in shown


def test_a_phase_that_fails_leaves_no_thread(capsys):
    before = threading.active_count()
    with pytest.raises(KeyError), phase("sorting terms", True):
        assert threading.active_count() == before + 1
        raise KeyError
    assert threading.active_count() == before
