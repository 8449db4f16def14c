"""What the vectorizers refuse: with scikit-learn's types of exception, and with a remedy."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

from fastw2v.corpus import Corpus
from fastw2v.encoders import CountVectorizer, TfidfVectorizer
from fastw2v.encoders.reading import DocumentTypeError

pytest.importorskip("scipy")

FRUIT = ["빨간 사과 달콤한 사과", "빨간 딸기", "노란 배 노란 참외"]
BOTH = pytest.mark.parametrize("make", [CountVectorizer, TfidfVectorizer])


@pytest.fixture(autouse=True)
def _threads_for_a_little_work(monkeypatch):
    monkeypatch.setattr("fastw2v.encoders.counting._LITTLE", 0)


@BOTH
@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_one_text_is_not_many(make, method):
    vectorizer = make(vocabulary=["사과"])
    if make is TfidfVectorizer:
        vectorizer.idf_ = [1.0]
    for documents in ("사과 배", "사과 배".encode()):
        with pytest.raises(ValueError, match="Iterable over raw text documents expected"):
            getattr(vectorizer, method)(documents)
    for documents in (None, 5):
        with pytest.raises(TypeError, match="raw_documents"):
            getattr(vectorizer, method)(documents)


@pytest.mark.parametrize("bad", [None, 5, 2.5, {"a": 1}, ["사과", "배"], bytearray(b"a")])
@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"tokenizer": str.split, "token_pattern": None},
        {"token_pattern": "[a-z]+"},
        {"analyzer": "char"},
    ],
)
def test_a_document_that_is_no_text(bad, setting):
    documents = [*FRUIT, bad]
    with pytest.raises((TypeError, AttributeError), match="document 3"):
        CountVectorizer(**setting).fit(documents)
    assert issubclass(DocumentTypeError, TypeError) and issubclass(
        DocumentTypeError, AttributeError
    )
    with pytest.raises(DocumentTypeError, match="document 3"):
        CountVectorizer(lowercase=False, **setting).fit(iter(documents))


def test_missing_values_are_named():
    for setting in ({}, {"analyzer": "char"}, {"strip_accents": "ascii"}):
        with pytest.raises(ValueError, match=r"document 1: np\.nan is an invalid document"):
            CountVectorizer(**setting).fit(["사과", np.nan])


def test_lists_and_strings_do_not_mix():
    with pytest.raises(DocumentTypeError, match="document 1 must be a list of strings"):
        CountVectorizer().fit([["사과"], "사과 배"])
    with pytest.raises(DocumentTypeError, match="document 1 is a list of tokens"):
        CountVectorizer().fit(["사과 배", ["사과"]])
    for bad in ([5], ["사과", None], ["사과", 3]):
        with pytest.raises(DocumentTypeError, match="must be a list of strings"):
            CountVectorizer().fit([["사과"], bad])
        with pytest.raises(DocumentTypeError, match="document 1 must be a list of strings"):
            CountVectorizer(ngram_range=(1, 2)).fit([["사과"], bad])
    for bad in ("사과", None):
        with pytest.raises(DocumentTypeError, match="document 1 must be a list of strings"):
            CountVectorizer(ngram_range=(1, 2)).fit([["사과"], bad])
    with pytest.raises(DocumentTypeError, match=r"document 1 must be a list of str.* got \[5\]"):
        CountVectorizer().fit([[], [5], [6]])


@pytest.mark.parametrize(
    "setting", [{}, {"lowercase": False}, {"analyzer": "char"}, {"strip_accents": "ascii"}]
)
def test_bytes_that_are_no_text(setting):
    documents = ["사과".encode(), "배".encode(), b"ab\xff\xfe"]
    with pytest.raises(UnicodeDecodeError, match=r"document 2; set encoding= or decode_error="):
        CountVectorizer(**setting).fit(documents)
    for surrogate in (b"ab\xed\xa0\x80", "사\udcff과"):
        with pytest.raises(UnicodeError, match="document 2"):
            CountVectorizer().fit([*documents[:2], surrogate])
    assert CountVectorizer(decode_error="replace").fit(documents).vocabulary_ == {
        "ab": 0,
        "사과": 1,
    }


def test_a_surrogate_is_found_wherever_it_is():
    for text in ("\ud800", "Σ\udfff", "ab \udc80", "a" * 100_000 + "\udfff"):
        for setting in (
            {},
            {"lowercase": False},
            {"tokenizer": str.split, "token_pattern": None},
            {"token_pattern": ".+"},
            {"analyzer": "char"},
            {"strip_accents": "unicode"},
        ):
            with pytest.raises(UnicodeEncodeError, match="document 9"):
                CountVectorizer(workers=2, **setting).fit(["사과 배"] * 9 + [text] + ["감"] * 9000)


def test_a_sequence_without_an_iterator_holds_documents():
    class Items:
        def __getitem__(self, number):
            return FRUIT[number]

    assert CountVectorizer().fit_transform(Items()).shape[0] == 3


@BOTH
def test_no_terms(make):
    for documents in ([], ["", " "], ["a b"], iter(())):
        with pytest.raises(ValueError, match="empty vocabulary"):
            make().fit(documents)
    with pytest.raises(ValueError, match="empty vocabulary"):
        make(stop_words=["사과"]).fit(["사과"])
    with pytest.raises(ValueError, match="After pruning, no terms remain"):
        make(min_df=3).fit(FRUIT)
    with pytest.raises(ValueError, match="max_df corresponds to < documents than min_df"):
        make(min_df=3, max_df=2).fit(FRUIT)


@BOTH
def test_use_before_fit(make):
    for use in ("transform", "inverse_transform", "get_feature_names_out"):
        with pytest.raises(ValueError, match="not fitted") as caught:
            getattr(make(), use)(*([FRUIT] if use != "get_feature_names_out" else []))
        assert isinstance(caught.value, AttributeError)
    assert not hasattr(make(), "vocabulary_")
    assert not hasattr(TfidfVectorizer(), "idf_")
    assert not hasattr(TfidfVectorizer(use_idf=False).fit(FRUIT), "idf_")


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"input": "text"}, "input must be one of"),
        ({"decode_error": "pass"}, "decode_error"),
        ({"strip_accents": "all"}, "strip_accents"),
        ({"analyzer": "words"}, "analyzer"),
        ({"preprocessor": 5}, "preprocessor"),
        ({"tokenizer": "split"}, "tokenizer"),
        ({"token_pattern": None}, "token_pattern"),
        ({"token_pattern": "(a)(b)"}, "More than 1 capturing group"),
        ({"ngram_range": (2, 1)}, "Invalid value for ngram_range"),
        ({"ngram_range": (0, 1)}, "ngram_range"),
        ({"ngram_range": 2}, "ngram_range"),
        ({"min_df": -1}, "min_df"),
        ({"min_df": 1.5}, "min_df"),
        ({"max_df": "many"}, "max_df"),
        ({"max_features": 0}, "max_features"),
        ({"workers": 0}, "workers"),
        ({"stop_words": "korean"}, "not a built-in stop list"),
        ({"vocabulary": []}, "empty vocabulary"),
        ({"vocabulary": ["사과", "배", "사과"]}, "Duplicate term in vocabulary: '사과'"),
        ({"vocabulary": {"사과": 0, "배": 0}}, "repeated indices"),
        ({"vocabulary": {"사과": 0, "배": 2}}, "doesn't contain index 1"),
    ],
)
def test_parameters_out_of_range(setting, match):
    with pytest.raises((ValueError, TypeError), match=match):
        CountVectorizer(**setting).fit(FRUIT)


def test_tfidf_parameters_out_of_range():
    with pytest.raises(ValueError, match="norm must be"):
        TfidfVectorizer(norm="l3").fit(FRUIT)
    with pytest.raises(ValueError, match="use_idf"):
        TfidfVectorizer(use_idf=False).idf_ = [1.0]
    with pytest.raises(ValueError, match="idf length"):
        TfidfVectorizer(vocabulary=["사과", "배"]).idf_ = [1.0]


def test_errors_of_a_user_s_function_pass():
    def fail(text):
        raise KeyError("of the user")

    split = {"tokenizer": fail, "token_pattern": None}
    for setting in ({"preprocessor": fail}, split, {"analyzer": fail}):
        with pytest.raises(KeyError, match="of the user"):
            CountVectorizer(**setting).fit(FRUIT)
    for documents in ([{"text": "사과"}, {"text": None}], [{"text": "사과"}, {}]):
        with pytest.raises((AttributeError, KeyError), match=r"split|text"):
            CountVectorizer(analyzer=lambda one: one["text"].split()).fit(documents)
    with pytest.raises(DocumentTypeError, match="preprocessor must return a string, got int"):
        CountVectorizer(preprocessor=len).fit(FRUIT)


def test_an_error_in_the_source_is_raised_and_leaves_no_thread():
    def documents():
        yield from ["사과 배"] * 20_000
        raise OSError("the source is gone")

    before = threading.active_count()
    with pytest.raises(OSError, match="gone"):
        CountVectorizer(workers=2).fit(documents())
    assert threading.active_count() == before


def test_an_interrupt_is_raised_and_leaves_no_thread():
    def documents():
        yield from ["사과 배"] * 20_000
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        TfidfVectorizer(workers=2).fit_transform(documents())
    assert threading.active_count() == before


def test_what_needs_scipy_says_so_before_any_work(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    vectorizer = CountVectorizer().fit(FRUIT)
    assert vectorizer.vocabulary_["노란"] == 0
    for method in ("fit_transform", "transform"):
        with pytest.raises(ImportError, match=r"fastw2v\[encoders\]") as caught:
            getattr(vectorizer, method)(FRUIT)
        assert isinstance(caught.value.__cause__, ImportError)


def test_what_needs_scikit_learn_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(ImportError, match=r"stop_words='english' is .*fastw2v\[encoders\]"):
        CountVectorizer(stop_words="english").fit(FRUIT)


def test_a_fit_that_fails_leaves_what_was_learned_before():
    vectorizer = TfidfVectorizer(vocabulary=["사과", "딸기"])
    weights = vectorizer.fit_transform(FRUIT)
    for parameters in ({"vocabulary": ["배", "참외"]}, {"vocabulary": None}):
        vectorizer.set_params(**parameters)
        with pytest.raises(DocumentTypeError):
            vectorizer.fit([*FRUIT, None])
        with pytest.raises(ValueError, match="empty vocabulary"):
            vectorizer.set_params(vocabulary=None).fit([])
        assert vectorizer.fixed_vocabulary_
        assert vectorizer.get_feature_names_out().tolist() == ["사과", "딸기"]
        assert (vectorizer.transform(FRUIT) != weights).nnz == 0


def test_a_fit_anew_leaves_no_reduction_of_other_terms():
    pytest.importorskip("sklearn")
    vectorizer = TfidfVectorizer()
    weights = vectorizer.fit_transform(FRUIT)
    assert vectorizer.reduce(2).shape == (3, 2)
    vectorizer.fit(["하늘 바다", "하늘"])
    with pytest.raises(ValueError, match="reduced nothing yet"):
        vectorizer.lsa_vectors()
    with pytest.raises(ValueError, match="nothing to reduce"):
        vectorizer.reduce(2)
    vectorizer.fit_transform(FRUIT)
    vectorizer.reduce(2, weights)
    with pytest.raises(ValueError, match="n_components"):
        vectorizer.reduce(50, weights)
    assert vectorizer.lsa_vectors()["사과"].shape == (2,)
    with pytest.raises(ValueError, match="n_components"):
        vectorizer.set_params(n_components=50).fit(FRUIT)
    assert (vectorizer.transform(FRUIT) != weights).nnz == 0


def test_a_corpus_of_strings_is_no_file_name():
    with pytest.raises(ValueError, match="Iterable over raw text documents expected"):
        CountVectorizer().fit("corpus.txt")
    assert CountVectorizer().fit(Corpus([["사과"]])).vocabulary_ == {"사과": 0}
