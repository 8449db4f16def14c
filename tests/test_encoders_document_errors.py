"""What DocumentVectorizer refuses: with the types of exception that the vectorizers raise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from document_cases import made_documents, made_vectors

from fastw2v import CountVectorizer, DocumentVectorizer, KeyedVectors, Word2Vec
from fastw2v._typing import Array
from fastw2v.encoders.reading import DocumentTypeError


@pytest.mark.parametrize(
    ("documents", "error", "message"),
    [
        ("나는 달린다", ValueError, r"string object received. Write \['나는 달린다'\]"),
        (b"x", ValueError, "bytes object received"),
        (np.array("나는 달린다"), ValueError, "string object received"),
        (np.array(7), TypeError, "must be an iterable of documents, got int"),
        (None, TypeError, "must be an iterable of documents, got NoneType"),
        (7, TypeError, "must be an iterable of documents, got int"),
        (["나는", None], TypeError, "document 1 must be a string or a list of tokens, got None"),
        ([["나는"], 3], TypeError, "document 1 must be"),
        (["나는", b"x"], TypeError, "document 1 .* decode it first"),
        (["나는", float("nan")], ValueError, r"document 1: np\.nan is an invalid document"),
        ([{"나는": 1}], TypeError, "document 0 must be"),
        (["나는", ["나는"]], TypeError, "document 1 is a list, and those before it are of str"),
        ([["나는"], "나는"], TypeError, "document 1 is a str, and those before it are of list"),
        ([["나는"], ["나는", None]], TypeError, "document 1: a token must be a str or an int"),
        ([["나는"], ["나는", 1.0]], TypeError, "document 1: .*1.0"),
        ([["나는"], ["나는", 1]], TypeError, "document 1: tokens must be all str or all int"),
        ([["나는"], [b"x"]], TypeError, "document 1: .*decode it first"),
        (["나는", "\n", "b\ud800"], UnicodeError, r"'\\ud800' in position 1.*\(document 2;"),
        (["x\ny"] * 2000 + ["\udcff"], UnicodeError, r"\(document 2000;"),
        (["나는"] * 2000 + [None], TypeError, "document 2000 must be"),
        (["나는"] * 2000 + [["나는"]], TypeError, "document 2000 is a list"),
    ],
)
@pytest.mark.parametrize("lowercase", [False, True])
def test_what_is_no_document(
    documents: Any, error: type[Exception], message: str, lowercase: bool
) -> None:
    with pytest.raises(error, match=message) as caught:
        DocumentVectorizer(made_vectors(), lowercase=lowercase).transform(documents)
    if error is TypeError and "document " in message:  # as of CountVectorizer
        assert isinstance(caught.value, DocumentTypeError)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"keyed_vectors": {"나는": [1.0]}}, TypeError, "must be KeyedVectors, got dict"),
        ({"keyed_vectors": KeyedVectors(3)}, ValueError, "at least one vector"),
        ({"method": "max"}, ValueError, "method must be one of"),
        ({"a": 0}, ValueError, "a must be a number above 0"),
        ({"n_components": 8}, ValueError, "n_components must be .* at most 7"),
        ({"n_components": 1.5}, TypeError, "n_components"),
        ({"word_counts": "corpus"}, ValueError, "word_counts must be one of"),
        ({"lowercase": "yes"}, ValueError, "lowercase"),
        ({"tokenizer": "split"}, TypeError, "tokenizer must be callable"),
        ({"workers": 0}, ValueError, "workers"),
        (
            {
                "keyed_vectors": made_vectors(counts=False),
                "method": "sif",
                "word_counts": "vectors",
            },
            ValueError,
            "these vectors have no counts",
        ),
    ],
)
def test_wrong_parameters(options: dict[str, Any], error: type[Exception], message: str) -> None:
    vectorizer = DocumentVectorizer(**{"keyed_vectors": made_vectors()} | options)
    for call in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(error, match=message):
            call(["나는"])


def test_a_model_is_no_vectors_but_has_some() -> None:
    model = Word2Vec([["나는", "달린다"]] * 5, vector_size=2, min_count=1, sample=0)
    with pytest.raises(TypeError, match=r"got Word2Vec; pass model\.wv"):
        DocumentVectorizer(model).transform(["나는"])  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_named(bad: float) -> None:
    wv = made_vectors()
    wv.vectors[3, 2] = bad
    vectorizer = DocumentVectorizer(wv)
    assert np.isfinite(vectorizer.transform(["나는"])).all()
    with pytest.raises(ValueError, match="vector of key '사과를' holds NaN or infinity"):
        vectorizer.transform(["나는", "나는 사과를"])


def test_a_fit_that_fails_leaves_what_was_learned_before() -> None:
    wv, documents = made_vectors(), made_documents(20)
    vectorizer = DocumentVectorizer(wv, "tfidf").fit(documents)
    vectors = vectorizer.transform(documents)
    good = float(wv.vectors[3, 2])
    wv.vectors[3, 2] = np.nan
    vectorizer.set_params(method="sif")
    for fit in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(ValueError, match="holds NaN or infinity"):
            fit(documents)
        with pytest.raises(ValueError, match="not fitted yet"):
            vectorizer.transform(documents)
    wv.vectors[3, 2] = good
    vectorizer.set_params(method="tfidf")
    np.testing.assert_array_equal(vectorizer.transform(documents), vectors)
    vectorizer.set_params(method="sif").fit(documents)
    assert not hasattr(vectorizer, "idf_")


@pytest.mark.parametrize("method", ["mean", "tfidf", "sif"])
def test_a_key_without_a_vector(method: str) -> None:
    wv = made_vectors()
    wv.index_to_key.append("새말")
    vectorizer = DocumentVectorizer(wv, method, word_counts="documents")
    with pytest.raises(ValueError, match="a word has row 10 of keyed_vectors, which has 10:"):
        vectorizer.fit_transform(["나는", "새말 새말"])


@pytest.mark.parametrize("method", ["mean", "tfidf", "sif"])
def test_another_fit_while_documents_are_read(method: str) -> None:
    """It changes nothing of the call that reads: that has taken what it needs before."""
    wv, documents = made_vectors(), made_documents(20)
    other = KeyedVectors.from_arrays(["나는"], np.ones((1, 3)))
    expected = DocumentVectorizer(wv, method).fit(documents).transform(documents)

    def interrupted(vectorizer: DocumentVectorizer) -> Iterator[list[str]]:
        yield from documents
        vectorizer.set_params(keyed_vectors=other, method="tfidf").fit(["나는"])

    vectorizer = DocumentVectorizer(wv, method).fit(documents)
    np.testing.assert_array_equal(vectorizer.transform(interrupted(vectorizer)), expected)
    vectorizer = DocumentVectorizer(wv, method)
    np.testing.assert_array_equal(vectorizer.fit_transform(interrupted(vectorizer)), expected)


def test_vectors_of_other_dimensions_than_at_fit() -> None:
    vectorizer = DocumentVectorizer(made_vectors(), "sif").fit(made_documents(20))
    vectorizer.set_params(keyed_vectors=made_vectors(5))
    with pytest.raises(ValueError, match="has 5 dimensions, and had 7 at fit: fit again"):
        vectorizer.transform(["나는"])


def test_vectors_removed_while_documents_are_read() -> None:
    wv = made_vectors()

    def documents() -> Iterator[str]:
        yield "나는 king"
        wv.remove_vectors(wv.index_to_key[1:])

    with pytest.raises(ValueError, match="a word has row 6 of keyed_vectors, which has 1:"):
        DocumentVectorizer(wv).transform(documents())


def test_too_long_for_float32() -> None:
    wv = KeyedVectors.from_arrays(["가"], np.array([[3e38]], np.float32))
    with pytest.raises(ValueError, match="vector of document 1 is too long for float32"):
        DocumentVectorizer(wv).transform(["", "가 가 가 가"])


class Table:
    """What a table of pandas has."""

    columns = ("text",)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.array([["나는 달린다"]])

    def __iter__(self) -> Any:
        return iter(self.columns)


def test_a_table_is_no_column() -> None:
    with pytest.raises(ValueError, match="must be one column, got a table of 1"):
        DocumentVectorizer(made_vectors()).transform(Table())


@pytest.mark.parametrize(
    "made", [CountVectorizer, lambda: DocumentVectorizer(made_vectors(), "tfidf")]
)
def test_a_table_of_one_column_is_told_from_a_column(made):
    column = np.array([["나는 달린다"], ["나는 먹었다"]])
    with pytest.raises(ValueError, match=r"a column of shape \(n,\), got \(2, 1\): pass X\[:, 0\]"):
        made().fit(column)
