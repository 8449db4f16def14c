"""The vectorizers beside scikit-learn's, on documents of all kinds: same terms, rows and values."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from vectorizer_cases import TORTURE, assert_same_matrix, made_documents

from fastw2v.encoders import CountVectorizer, TfidfVectorizer

text = pytest.importorskip("sklearn.feature_extraction.text")

PAIRS = {
    "count": (CountVectorizer, text.CountVectorizer),
    "tfidf": (TfidfVectorizer, text.TfidfVectorizer),
}


@pytest.fixture(autouse=True)
def _threads_for_a_little_work(monkeypatch):
    monkeypatch.setattr("fastw2v.encoders.counting._LITTLE", 0)


def split_at_commas(document):
    return document.split(",")


def exclaim(document):
    return document.upper() + "!"


SETTINGS = [
    {},
    {"lowercase": False},
    {"tokenizer": str.split},
    {"tokenizer": str.split, "lowercase": False, "ngram_range": (1, 2)},
    {"token_pattern": r"(?u)\b\w+\b"},
    {"token_pattern": r"\w+", "ngram_range": (2, 4)},
    {"token_pattern": r"\S+", "ngram_range": (1, 3)},
    {"token_pattern": r"(?u)\b(\w)\w+\b"},
    {"token_pattern": r"(?a)\w+"},
    {"tokenizer": split_at_commas, "ngram_range": (1, 2)},
    {"preprocessor": exclaim},
    {"strip_accents": "unicode"},
    {"strip_accents": "ascii", "lowercase": False},
    {"strip_accents": str.casefold},
    {"stop_words": ["the", "나는", "on", "cat"], "ngram_range": (1, 2)},
    {"stop_words": "english"},
    {"analyzer": "char", "ngram_range": (1, 3)},
    {"analyzer": "char", "ngram_range": (3, 5)},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
    {"analyzer": str.split},
    {"ngram_range": (1, 2)},
    {"ngram_range": (2, 2)},
    {"ngram_range": (1, 4)},
    {"min_df": 2},
    {"min_df": 0.01, "max_df": 0.3},
    {"max_df": 40},
    {"min_df": 3, "ngram_range": (1, 3)},
    {"max_features": 10},
    {"max_features": 17, "ngram_range": (1, 2), "min_df": 2},
    {"max_features": 5, "binary": True},
    {"max_features": 100_000},
    {"binary": True},
    {"dtype": np.float32},
    {"vocabulary": ["the", "cat", "사과를", "strasse", "οδος", "빨간"]},
    {"vocabulary": {"cat sat": 1, "cat": 0, "on the mat": 2}, "ngram_range": (1, 3)},
]
ONLY_COUNT = [{"dtype": np.int32}, {"dtype": np.uint8}, {"dtype": np.float64}, {"dtype": bool}]
ONLY_TFIDF = [
    {"norm": "l1"},
    {"norm": None},
    {"use_idf": False},
    {"smooth_idf": False},
    {"sublinear_tf": True},
    {"sublinear_tf": True, "norm": None, "smooth_idf": False, "ngram_range": (1, 2)},
    {"sublinear_tf": True, "dtype": np.float32, "min_df": 2},
]
CASES = [
    (kind, setting)
    for kind, more in (("count", ONLY_COUNT), ("tfidf", ONLY_TFIDF))
    for setting in SETTINGS + more
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("kind", "setting"), CASES, ids=str)
def test_same_as_scikit_learn(kind, setting):
    ours, theirs = (make(**setting) for make in PAIRS[kind])
    tolerance = 1e-6 if setting.get("dtype") == np.float32 else 1e-12
    documents = TORTURE + made_documents(11)
    assert_same_matrix(ours.fit_transform(documents), theirs.fit_transform(documents), tolerance)
    assert ours.vocabulary_ == theirs.vocabulary_
    assert ours.fixed_vocabulary_ == theirs.fixed_vocabulary_
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())
    others = made_documents(12, n=50) + TORTURE[::-1]
    assert_same_matrix(ours.transform(others), theirs.transform(others), tolerance)
    if kind == "tfidf" and setting.get("use_idf", True):
        assert ours.idf_.dtype == theirs.idf_.dtype
        np.testing.assert_allclose(ours.idf_, theirs.idf_, rtol=1e-6 if tolerance > 1e-7 else 1e-14)
    again = [terms.tolist() for terms in theirs.inverse_transform(theirs.transform(others))]
    # Fixed-width strings of numpy, which scikit-learn returns, lose NULs at their ends.
    given = ours.inverse_transform(ours.transform(others))
    assert [[term.rstrip("\0") for term in terms] for terms in given] == again


@pytest.mark.parametrize("seed", range(40))
def test_same_as_scikit_learn_on_made_documents(seed):
    rng = np.random.default_rng(seed)
    setting = {
        "lowercase": bool(rng.integers(2)),
        "ngram_range": [(1, 1), (1, 1), (1, 2), (2, 3)][rng.integers(4)],
        "min_df": [1, 1, 2, 0.02][rng.integers(4)],
        "max_df": [1.0, 1.0, 0.5, 60][rng.integers(4)],
        "max_features": [None, None, 25][rng.integers(3)],
    }
    if rng.integers(2):
        setting |= {"tokenizer": str.split, "token_pattern": None}
    documents = made_documents(seed + 1000, n=int(rng.integers(1, 400)))
    results = []
    for make in PAIRS["tfidf"]:
        vectorizer = make(**setting)
        try:
            results.append((vectorizer.fit_transform(documents), vectorizer.vocabulary_))
        except ValueError as error:
            results.append(str(error)[:20])
    print(f"seed {seed}, {setting}")
    assert type(results[0]) is type(results[1])
    if isinstance(results[0], str):
        assert results[0] == results[1]
    else:
        assert results[0][1] == results[1][1]
        assert_same_matrix(results[0][0], results[1][0], 1e-12)


def test_every_character_is_treated_as_python_does():
    # Each between two letters, so that it joins or parts them; and at the end of a word.
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    documents = [
        " ".join(f"x{character}y x{character}" for character in characters[start : start + 5000])
        for start in range(0, len(characters), 5000)
    ]
    for setting in ({}, {"lowercase": False}, {"tokenizer": str.split, "token_pattern": None}):
        vectorizer = CountVectorizer(**setting).fit(documents)
        expected = set()
        for document in documents:
            lower = document if not vectorizer.lowercase else document.lower()
            expected.update(
                lower.split() if vectorizer.tokenizer else re.findall(r"(?u)\b\w\w+\b", lower)
            )
        assert vectorizer.get_feature_names_out().tolist() == sorted(expected)


def test_warnings_are_those_of_scikit_learn():
    settings = [
        {"tokenizer": str.split},
        {"analyzer": "char", "stop_words": ["a"], "tokenizer": str.split, "token_pattern": "x"},
        {"analyzer": str.split, "ngram_range": (1, 2), "preprocessor": str.lower},
        {"vocabulary": ["ABC", "def"]},
        {"stop_words": ["don't"]},
    ]
    for setting in settings:
        told = []
        for make in PAIRS["count"]:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                make(**setting).fit_transform(["def abc don't"])
            told.append(sorted(str(warning.message)[:40] for warning in caught))
        assert told[0] == told[1], setting
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        TfidfVectorizer(dtype=np.int64).fit(["def abc"])
    assert "float64" in str(caught[0].message)


def test_what_scikit_learn_takes_for_fitted():
    from sklearn.utils.validation import check_is_fitted

    documents = ["사과 딸기", "사과 감자", "딸기"]
    given = TfidfVectorizer(vocabulary=["사과", "배"])
    assert given.get_feature_names_out().tolist() == ["사과", "배"]
    reduced = TfidfVectorizer(n_components=9)
    with pytest.raises(ValueError, match="n_components"):
        reduced.fit(documents)
    for vectorizer in (given, reduced, TfidfVectorizer(), CountVectorizer()):
        with pytest.raises(ValueError, match="not fitted yet"):
            check_is_fitted(vectorizer)
    given.idf_ = [1.0, 2.0]
    reduced.set_params(n_components=2).fit(documents)
    without_idf = TfidfVectorizer(vocabulary=["사과"], use_idf=False)
    for vectorizer in (given, reduced, without_idf, CountVectorizer(vocabulary=["사과"])):
        check_is_fitted(vectorizer)
        assert vectorizer.transform(documents).shape[0] == 3


def test_clone_and_pipelines():
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(min_df=2, ngram_range=(1, 2)).fit(["사과 배", "사과 감"])
    copy = clone(vectorizer)
    assert copy.get_params() == vectorizer.get_params() and not hasattr(copy, "vocabulary_")
    documents = ["빨간 사과", "달콤한 사과", "푸른 바다", "푸른 하늘"] * 5
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression())
    pipeline.fit(documents, [0, 0, 1, 1] * 5)
    assert pipeline.predict(["사과 하나", "바다"]).tolist() == [0, 1]
    pipeline.set_params(tfidfvectorizer__min_df=2)
    assert pipeline[:-1].fit(documents).get_feature_names_out().tolist()[0] == "달콤한"
