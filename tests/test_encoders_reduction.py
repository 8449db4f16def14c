"""Truncated SVD of TF-IDF vectors: dense vectors of documents, and word vectors."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

from fastw2v.encoders import TfidfVectorizer
from fastw2v.encoders.reduction import Reduction
from fastw2v.keyedvectors import KeyedVectors

sparse = pytest.importorskip("scipy.sparse")

TOPICS = [
    ["사과", "딸기", "과일", "달콤한"],
    ["바다", "파도", "하늘", "푸른"],
    ["축구", "야구", "경기"],
]


def made_documents(n=120):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(TOPICS[k % 3], 6)) for k in range(n)]


@pytest.fixture(params=["scikit-learn", "scipy"])
def library(request, monkeypatch):
    if request.param == "scipy":
        monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    else:
        pytest.importorskip("sklearn")
    return request.param


def test_reduction_is_the_svd(library):
    rng = np.random.default_rng(1)
    dense = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 40))
    reduction = Reduction(5)
    reduced = reduction.fit_transform(sparse.csr_matrix(dense))
    left, values, right = np.linalg.svd(dense, full_matrices=False)
    np.testing.assert_allclose(reduction.singular_values_, values[:5], rtol=1e-8)
    np.testing.assert_allclose(np.abs(reduced), np.abs(left[:, :5] * values[:5]), atol=1e-7)
    np.testing.assert_allclose(np.abs(reduction.components_), np.abs(right[:5]), atol=1e-7)
    largest = np.abs(reduction.components_).argmax(axis=1)
    assert (reduction.components_[np.arange(5), largest] > 0).all()
    np.testing.assert_allclose(reduction.explained_variance_, reduced.var(axis=0))
    assert reduction.explained_variance_ratio_.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        reduction.explained_variance_ratio_, reduced.var(axis=0) / dense.var(axis=0).sum()
    )


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (4, 4)])
def test_as_many_dimensions_as_there_are(library, shape):
    dense = np.random.default_rng(2).random(shape)
    reduction = Reduction(4)
    reduced = reduction.fit_transform(sparse.csr_matrix(dense))
    assert reduced.shape == (shape[0], 4)
    np.testing.assert_allclose(reduced @ reduction.components_, dense, atol=1e-10)
    assert (np.diff(reduction.singular_values_) < 0).all()
    with pytest.raises(ValueError, match="n_components must be at most"):
        Reduction(5).fit_transform(sparse.csr_matrix(dense))


def test_dense_vectors_by_parameter_and_by_method(library):
    documents = made_documents()
    vectorizer = TfidfVectorizer(n_components=3)
    dense = vectorizer.fit_transform(documents)
    assert isinstance(dense, np.ndarray) and dense.shape == (120, 3)
    np.testing.assert_allclose(vectorizer.transform(documents), dense, atol=1e-12)
    assert vectorizer.get_feature_names_out().tolist() == [f"tfidfvectorizer{k}" for k in range(3)]
    plain = TfidfVectorizer()
    weights = plain.fit_transform(documents)
    np.testing.assert_array_equal(plain.reduce(3), dense)
    np.testing.assert_array_equal(plain.reduce(3, weights), dense)
    assert plain.transform(documents).shape == weights.shape
    fitted = TfidfVectorizer(n_components=3).fit(documents)
    np.testing.assert_allclose(fitted.transform(documents), dense, atol=1e-12)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(documents), fitted.transform(documents))


def test_documents_of_a_topic_are_alike():
    dense = TfidfVectorizer(n_components=3).fit_transform(made_documents())
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    same, other = dense[0] @ dense[3::3].T, dense[0] @ dense[1::3].T
    assert same.min() > 0.8 and abs(other).max() < 0.2


def test_word_vectors_of_the_same_factorization():
    vectorizer = TfidfVectorizer()
    weights = vectorizer.fit_transform(made_documents())
    vectorizer.reduce(3)
    words = vectorizer.lsa_vectors()
    assert isinstance(words, KeyedVectors)
    assert words.index_to_key == vectorizer.get_feature_names_out().tolist()
    assert {word for word, _ in words.most_similar("사과", topn=3)} == set(TOPICS[0]) - {"사과"}
    # Dot products of words are those of the columns, as far as three dimensions tell.
    gram = (weights.T @ weights).toarray()
    values, vectors = np.linalg.eigh(gram)
    best = vectors[:, -3:] * values[-3:] @ vectors[:, -3:].T
    np.testing.assert_allclose(words.vectors @ words.vectors.T, best, atol=1e-4)


def test_the_seed_decides():
    documents = made_documents()
    one = TfidfVectorizer(n_components=2).fit_transform(documents)
    np.testing.assert_array_equal(TfidfVectorizer(n_components=2).fit_transform(documents), one)


def test_errors():
    vectorizer = TfidfVectorizer()
    with pytest.raises(ValueError, match="nothing to reduce"):
        vectorizer.reduce(2)
    with pytest.raises(ValueError, match="reduced nothing yet"):
        vectorizer.lsa_vectors()
    vectorizer.fit_transform(made_documents())
    with pytest.raises(ValueError, match="nothing to reduce: what fit_transform returned is gone"):
        vectorizer.reduce(2)
    for bad in (0, 12, 500):
        with pytest.raises(ValueError, match="n_components"):
            TfidfVectorizer(n_components=bad).fit(made_documents())
    with pytest.raises(TypeError, match="n_components"):
        TfidfVectorizer(n_components="all").fit(made_documents())


def test_counts_and_nothing_but_zeros_are_reduced(library):
    counts = np.random.default_rng(3).integers(0, 4, (20, 9))
    expected = Reduction(3).fit_transform(sparse.csr_matrix(counts, dtype=np.float64))
    reduced = Reduction(3).fit_transform(sparse.csr_matrix(counts))
    np.testing.assert_allclose(reduced, expected, atol=1e-10)
    reduction = Reduction(2)
    assert not reduction.fit_transform(sparse.csr_matrix((5, 4))).any()
    assert not reduction.singular_values_.any() and reduction.components_.shape == (2, 4)
