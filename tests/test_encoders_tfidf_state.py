"""What the vectorizers have learned changes as a whole, or not at all."""

from __future__ import annotations

import pickle
import sys
import threading

import numpy as np
import pytest

from fastw2v._native.termrows import write_rows
from fastw2v.encoders import CountVectorizer, TfidfVectorizer

pytest.importorskip("scipy")

FRUIT = ["빨간 사과", "빨간 딸기", "노란 배", "노란 참외 사과"]
SEA = ["푸른 바다", "푸른 하늘", "깊은 바다"]
BOTH = pytest.mark.parametrize("make", [CountVectorizer, TfidfVectorizer])


@BOTH
def test_a_fit_in_the_middle_of_transform_changes_nothing_of_it(make):
    many = [f"낱말{number} 낱말{number + 1}" for number in range(3000)]
    vectorizer = make().fit(many)
    expected = vectorizer.transform(many)

    def documents():
        yield from many[:1500]
        vectorizer.fit(["하나 뿐"])
        yield from many[1500:]

    assert (vectorizer.transform(documents()) != expected).nnz == 0
    assert vectorizer.get_feature_names_out().tolist() == ["하나"]


@pytest.mark.parametrize(
    ("make", "setting"),
    [(CountVectorizer, {}), (TfidfVectorizer, {}), (TfidfVectorizer, {"n_components": 2})],
)
def test_one_thread_fits_while_others_transform(make, setting):
    pytest.importorskip("sklearn")
    few, many = SEA, [f"낱말{number % 40} 낱말{number % 7}" for number in range(400)]
    vectorizer = make(workers=1, **setting)
    expected = [vectorizer.fit(documents).transform(many) for documents in (few, many)]
    errors = []
    done = threading.Event()

    def is_one_of_them(found):
        if setting:
            return any(np.array_equal(found, one) for one in expected)
        return any(found.shape == one.shape and not (found != one).nnz for one in expected)

    def transform():
        try:
            while not done.is_set():
                assert is_one_of_them(vectorizer.transform(many))
        except Exception as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=transform) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(30):
            vectorizer.fit(few)
            vectorizer.fit(many)
    finally:
        done.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert not errors


def test_the_compiled_room_looks_at_lengths():
    entries, lengths = np.array([0, 2], np.uint32), np.array([2], np.int32)
    columns = np.array([0, 1], np.int32)

    def write(idf, size, n_data):
        indices, data = np.empty(size, np.int32), np.empty(n_data)
        write_rows(entries, lengths, columns, idf, False, False, None, indices, data)
        return indices.tolist(), data.tolist()

    assert write(np.array([1.0, 2.0]), 2, 2) == ([0, 1], [1.0, 2.0])
    for idf, size, n_data in ((np.ones(1), 2, 2), (np.ones(2), 1, 1), (None, 1, 1), (None, 1, 2)):
        with pytest.raises(ValueError, match=r"fit|columns"):
            write(idf, size, n_data)


def test_a_fit_whose_reduction_fails_leaves_what_was_there():
    pytest.importorskip("sklearn")
    vectorizer = TfidfVectorizer(n_components=2)
    reduced = vectorizer.fit_transform(FRUIT)
    words = vectorizer.lsa_vectors()["사과"]
    for fail in (
        lambda: vectorizer.fit(["낱말 하나"]),
        lambda: vectorizer.fit_transform(["낱말 하나"]),
        lambda: vectorizer.fit([*SEA, None]),
        lambda: vectorizer.reduce(100, TfidfVectorizer().fit_transform(FRUIT)),
    ):
        with pytest.raises((ValueError, TypeError)):
            fail()
        np.testing.assert_allclose(vectorizer.transform(FRUIT), reduced, atol=1e-12)
        assert np.array_equal(vectorizer.lsa_vectors()["사과"], words)
        assert "사과" in vectorizer.vocabulary_


def test_weights_are_those_of_the_parameters_at_fit():
    vectorizer = TfidfVectorizer().fit(FRUIT)
    expected = vectorizer.transform(FRUIT)
    vectorizer.set_params(norm=None, sublinear_tf=True, use_idf=False, smooth_idf=False)
    assert (vectorizer.transform(FRUIT) != expected).nnz == 0
    assert len(vectorizer.idf_) == expected.shape[1]
    assert set(vectorizer.fit(FRUIT).transform(FRUIT).data) == {1.0}
    assert not hasattr(vectorizer, "idf_")
    vectorizer.set_params(use_idf=True)
    assert set(vectorizer.transform(FRUIT).data) == {1.0}


def test_columns_and_names_agree_whatever_n_components_has_become():
    pytest.importorskip("sklearn")
    vectorizer = TfidfVectorizer(n_components=2).fit(FRUIT)
    for n_components in (1, 3, None):
        vectorizer.set_params(n_components=n_components)
        assert vectorizer.transform(FRUIT).shape == (4, 2)
        assert len(vectorizer.get_feature_names_out()) == 2
    vectorizer.reduce(3, TfidfVectorizer().fit_transform(FRUIT))
    assert vectorizer.transform(FRUIT).shape[1] == len(vectorizer.get_feature_names_out()) == 3
    vectorizer = TfidfVectorizer().fit(FRUIT).set_params(n_components=2)
    assert vectorizer.transform(FRUIT).shape[1] == len(vectorizer.get_feature_names_out()) == 5


def test_reduce_takes_arrays_and_counts_their_columns():
    pytest.importorskip("sklearn")
    vectorizer = TfidfVectorizer()
    weights = vectorizer.fit_transform(FRUIT)
    expected = vectorizer.reduce(2)
    np.testing.assert_allclose(vectorizer.reduce(2, weights.toarray()), expected, atol=1e-12)
    with pytest.raises(ValueError, match=r"a column for each of the 5 terms, got shape \(4, 3\)"):
        vectorizer.reduce(2, weights[:, :3])


def test_infinite_weights_are_refused_where_a_document_has_such_a_term():
    vectorizer = TfidfVectorizer(vocabulary=["사과", "바다"], smooth_idf=False)
    expected = vectorizer.fit_transform(FRUIT)
    assert np.isinf(vectorizer.idf_[1])
    assert (vectorizer.fit(FRUIT).transform(FRUIT) != expected).nnz == 0
    given = TfidfVectorizer(vocabulary=["사과", "바다"])
    given.idf_ = vectorizer.idf_
    message = "document 4 has the term '바다', whose weight is infinite: .* Set smooth_idf=True"
    for one in (vectorizer, given, TfidfVectorizer(**vectorizer.get_params()).fit(FRUIT)):
        with pytest.raises(ValueError, match=message):
            one.transform([*FRUIT, "사과 바다"])
        assert (one.transform(FRUIT) != expected).nnz == 0


def test_a_copy_has_all_but_the_matrix():
    pytest.importorskip("sklearn")
    vectorizer = TfidfVectorizer()
    weights = vectorizer.fit_transform(FRUIT)
    vectorizer.reduce(2)
    again = pickle.loads(pickle.dumps(vectorizer))
    assert np.array_equal(again.lsa_vectors().vectors, vectorizer.lsa_vectors().vectors)
    with pytest.raises(ValueError, match="nothing to reduce"):
        again.reduce(2)
    np.testing.assert_allclose(vectorizer.reduce(2), again.reduce(2, weights))
