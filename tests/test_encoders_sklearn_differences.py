"""What docs/scikit-learn.md says is different, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastw2v import Corpus, Vocabulary
from fastw2v.encoders import CountVectorizer, OneHotEncoder, TfidfVectorizer

pytest.importorskip("sklearn", "1.9")
from sklearn import preprocessing
from sklearn.base import clone
from sklearn.feature_extraction import text

FRUIT = ["빨간 사과 달콤한 사과", "빨간 딸기"]
TABLE = [["사과"], ["배"], ["사과"]]
PAIRS = {
    "count": (CountVectorizer, text.CountVectorizer),
    "tfidf": (TfidfVectorizer, text.TfidfVectorizer),
    "one-hot": (OneHotEncoder, preprocessing.OneHotEncoder),
}
Work = Callable[[Any], Any]


def compare(kind: str, work: Work, ours: Any, theirs: Any) -> None:
    """Expect of a class, and of scikit-learn's of that name, a result or a type of error."""
    for make, expected in zip(PAIRS[kind], (ours, theirs), strict=True):
        if isinstance(expected, type) and issubclass(expected, Exception):
            with pytest.raises(expected):
                work(make)
        else:
            assert work(make) == expected


def terms(documents: Any, **settings: Any) -> Work:
    return lambda make: list(make(**settings).fit(documents).vocabulary_)


@pytest.mark.parametrize(
    ("work", "ours", "theirs"),
    [
        (terms([["사과", "배"]]), ["배", "사과"], AttributeError),
        (terms(Corpus([["사과", "배"]])), ["배", "사과"], AttributeError),
        (terms(FRUIT, vocabulary=Vocabulary(["사과"], [2])), ["사과"], ValueError),
        (terms(["bb aa"]), ["aa", "bb"], ["bb", "aa"]),
        (terms(["사과", None]), TypeError, AttributeError),
        (terms(["사과", None], lowercase=False), AttributeError, TypeError),
        (terms(b"ab cd"), ValueError, AttributeError),
        (terms(["ab\ud800cd"]), UnicodeEncodeError, ["ab", "cd"]),
        (terms(["ab"], ngram_range=(0, 1), analyzer="char"), ValueError, ["", "a", "b"]),
        (terms(["ab cd"], ngram_range=[2, 2]), ["ab cd"], ValueError),
        (terms(["ab cd"], stop_words={"ab"}), ["cd"], ValueError),
        (terms(["ab"], lowercase=1), ["ab"], ValueError),
        (terms(["ab"], min_df=True), ValueError, ["ab"]),
    ],
)
def test_what_is_taken_and_refused(work: Work, ours: Any, theirs: Any) -> None:
    compare("count", work, ours, theirs)


def test_rows_are_sorted() -> None:
    compare("count", lambda make: make().fit_transform(["b0 a0"]).has_sorted_indices, True, False)


def test_edits_of_the_vocabulary_are_not_seen() -> None:
    def work(make: Any) -> int:
        vectorizer = make().fit(FRUIT)
        vectorizer.vocabulary_["노란"] = len(vectorizer.vocabulary_)
        return int(vectorizer.transform(["노란 배"]).sum())

    compare("count", work, 0, 1)


def test_transform_checks_parameters() -> None:
    def work(make: Any) -> tuple[int, int]:
        return make(vocabulary=["사과"], max_features=0).transform(FRUIT).shape

    compare("count", work, ValueError, (2, 1))


def test_inverse_transform_of_counts() -> None:
    def inverse(rows: Any, documents: Any = FRUIT, **settings: Any) -> Work:
        return lambda make: [
            found.tolist() for found in make(**settings).fit(documents).inverse_transform(rows)
        ]

    compare("count", inverse([[1]], ["a\0"], token_pattern=r"\S+"), [["a\0"]], [["a"]])
    compare("count", inverse([[1, 1]]), ValueError, [["달콤한", "딸기"]])
    compare("count", inverse(np.empty((0, 4))), [], ValueError)


def test_half_precision_becomes_float64() -> None:
    def work(make: Any) -> np.dtype[Any]:
        return make(dtype=np.float16).fit_transform(FRUIT).dtype

    compare("tfidf", work, np.float64, ValueError)


def test_one_hot_is_of_words() -> None:
    def rows(tokens: Any, **settings: Any) -> Work:
        return lambda make: make(**settings).fit(TABLE).transform(tokens).toarray().tolist()

    def shape(tokens: Any) -> Work:
        return lambda make: make().fit_transform(tokens).shape

    compare("one-hot", shape([["나", "배"], ["나", "감"]]), (4, 3), (2, 3))
    compare("one-hot", shape(["배", "감"]), (2, 2), ValueError)
    compare("one-hot", rows([["사과"]]), [[1, 0]], [[0, 1]])
    compare("one-hot", rows([["감"]], handle_unknown="infrequent_if_exist"), ValueError, [[0, 0]])
    compare("one-hot", rows([[1]]), [[0, 1]], TypeError)
    names = ["사과", "배"], ["x0_배", "x0_사과"]
    compare("one-hot", lambda make: make().fit(TABLE).get_feature_names_out().tolist(), *names)


def test_inverse_transform_of_one_hot_rows() -> None:
    def inverse(rows: Any) -> Work:
        return lambda make: make().fit(TABLE).inverse_transform(rows).tolist()

    compare("one-hot", inverse([[0.3, 0.9]]), ValueError, [["사과"]])
    compare("one-hot", inverse([[1, 0]]), ["사과"], [["배"]])


def test_parameters_and_methods() -> None:
    more = {"count": {"workers", "progress"}, "one-hot": {"vocabulary"}}
    more["tfidf"] = more["count"] | {"n_components", "random_state"}
    left_out = {"categories", "drop", "min_frequency", "max_categories", "feature_name_combiner"}
    for kind, (ours, theirs) in PAIRS.items():
        here, there = set(ours().get_params()), set(theirs().get_params())
        assert here - there == more[kind]
        assert there - here == (left_out if kind == "one-hot" else set())
        compare(kind, lambda make: hasattr(make(), "get_metadata_routing"), False, True)
    compare("one-hot", lambda make: hasattr(make(), "set_output"), False, True)


def test_a_clone_shares_a_vocabulary() -> None:
    for vocabulary, is_shared in ((Vocabulary(["사과"], [1]), True), (["사과"], False)):
        assert (clone(CountVectorizer(vocabulary=vocabulary)).vocabulary is vocabulary) == is_shared
