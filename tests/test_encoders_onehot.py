"""OneHotEncoder: arrangements of tokens, vocabularies, unknown words, and the way back."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastw2v import Corpus, KeyedVectors, OneHotEncoder, Vocabulary

WORDS = ["나는", "정말", "맛있는", "사과를", "먹었다"]
SENTENCES = [["나는", "정말", "사과를"], ["나는", "맛있는", "사과를"]]


def dense(**options: Any) -> OneHotEncoder:
    return OneHotEncoder(WORDS, sparse_output=False, **options)


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda tokens: np.array(tokens, dtype=object),
        lambda tokens: [np.str_(token) for token in tokens],
        lambda tokens: [WORDS.index(token) for token in tokens],
        lambda tokens: np.array([WORDS.index(token) for token in tokens], dtype=np.uint16),
    ],
    ids=["list", "tuple", "iterator", "array", "objects", "numpy strings", "ids", "array of ids"],
)
def test_one_token_a_row(make: Callable[[list[str]], Any]) -> None:
    rows = dense().transform(make(["사과를", "나는", "먹었다", "사과를"]))
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, np.eye(5)[[3, 0, 4, 3]])


@pytest.mark.parametrize(
    "source", [SENTENCES, np.array(SENTENCES), np.array([[0, 1, 3], [0, 2, 3]])]
)
def test_a_sentence_is_a_matrix(source: Any) -> None:
    rows = dense(dtype=np.float32).transform(source)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, np.eye(5)[[[0, 1, 3], [0, 2, 3]]])


def test_any_shape_of_ids() -> None:
    ids = np.arange(24).reshape(2, 3, 4) % 5
    np.testing.assert_array_equal(dense().transform(ids), np.eye(5)[ids])
    assert dense().transform(np.empty((0, 3), np.int64)).shape == (0, 3, 5)
    assert dense().transform([]).shape == (0, 5)


@pytest.mark.parametrize("source", [["배", "사과를"], SENTENCES, [["나는"], [], ["정말", "감"]]])
def test_sparse_rows_are_the_dense_ones(source: Any) -> None:
    scipy_sparse = pytest.importorskip("scipy.sparse")
    flat = [t for s in source for t in s] if isinstance(source[0], list) else source
    rows = OneHotEncoder(WORDS, handle_unknown="ignore").transform(source)
    assert scipy_sparse.isspmatrix_csr(rows) and rows.has_canonical_format
    expected = dense(handle_unknown="ignore").transform(flat)
    np.testing.assert_array_equal(rows.toarray(), expected)
    assert rows.nnz == expected.sum()


def test_a_corpus_gives_a_row_for_each_token() -> None:
    corpus = Corpus([["나는", "사과를"], [], ["사과를"]])
    encoder = OneHotEncoder(sparse_output=False).fit(corpus)
    assert encoder.get_feature_names_out().tolist() == ["사과를", "나는"]
    np.testing.assert_array_equal(encoder.transform(corpus), np.eye(2)[[1, 0, 0]])
    np.testing.assert_array_equal(
        encoder.transform(Corpus([["사과를", "나는"]])), np.eye(2)[[0, 1]]
    )


@pytest.mark.parametrize(
    ("vocabulary", "names"),
    [
        (Vocabulary(WORDS, [1, 2, 3, 4, 5]), WORDS[::-1]),
        (KeyedVectors.from_arrays(WORDS, np.eye(5)), WORDS),
        (WORDS, WORDS),
        ({word: 4 - k for k, word in enumerate(WORDS)}, WORDS[::-1]),
        (set(WORDS), sorted(WORDS)),
        (5, ["0", "1", "2", "3", "4"]),
        (np.int64(5), ["0", "1", "2", "3", "4"]),
    ],
    ids=["Vocabulary", "KeyedVectors", "list", "mapping", "set", "number", "number of numpy"],
)
def test_the_vocabulary_gives_the_order(vocabulary: Any, names: list[str]) -> None:
    encoder = OneHotEncoder(vocabulary, sparse_output=False)
    assert encoder.get_feature_names_out().tolist() == names
    assert encoder.fit().get_feature_names_out().tolist() == names
    words = list(range(5)) if isinstance(vocabulary, int | np.integer) else names
    np.testing.assert_array_equal(encoder.transform(words), np.eye(5))


def test_learned_words_are_in_the_order_of_a_vocabulary() -> None:
    encoder = OneHotEncoder().fit([["나", "다", "가"], ["다", "라"]])
    assert list(encoder.vocabulary_) == ["다", "가", "나", "라"]
    assert encoder.vocabulary_ == Vocabulary(["가", "나", "다", "라"], [1, 1, 2, 1]).key_to_index


@pytest.mark.parametrize("ids", [[7, 9, 7], np.array([[7, 9, 7]])])
def test_integers_are_words_where_there_are_no_others(ids: Any) -> None:
    encoder = OneHotEncoder(sparse_output=False).fit(ids)
    assert encoder.vocabulary_ == {7: 0, 9: 1}
    np.testing.assert_array_equal(encoder.transform([9, 7]), [[0, 1], [1, 0]])
    assert encoder.inverse_transform([[0, 1]]).tolist() == [9]
    with pytest.raises(ValueError, match=r"unknown words \[0\]"):
        encoder.transform([0])


def test_a_number_of_ids_takes_no_memory() -> None:
    pytest.importorskip("scipy")
    many = 10**12
    for encoder in (OneHotEncoder(many), OneHotEncoder(many).fit()):
        rows = encoder.transform(np.array([[7, many - 1], [0, 7]]))
        assert rows.shape == (4, many) and rows.indices.tolist() == [7, many - 1, 0, 7]
        assert encoder.inverse_transform(rows).tolist() == [7, many - 1, 0, 7]
        with pytest.raises(ValueError, match=rf"unknown words \[{many}, -1\]"):
            encoder.transform([3, many, -1])
    assert encoder.vocabulary_[many - 1] == many - 1 and many not in encoder.vocabulary_


def test_a_number_of_ids_is_the_vocabulary_of_a_list() -> None:
    tokens = [3, 0, 7, -1, 2**70]
    options: dict[str, Any] = {"sparse_output": False, "handle_unknown": "ignore"}
    listed, counted = OneHotEncoder(range(5), **options), OneHotEncoder(5, **options).fit()
    np.testing.assert_array_equal(counted.transform(tokens), listed.transform(tokens))
    assert not counted.transform(["0", "1"]).any()
    assert counted.vocabulary_ == listed.fit().vocabulary_ == {k: k for k in range(5)}
    assert counted.get_feature_names_out().tolist() == ["0", "1", "2", "3", "4"]
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(counted)).transform([4]), listed.transform([4])
    )


@pytest.mark.parametrize("empty", [[], np.array([]), np.empty(0, int), np.empty(0, object)])
def test_no_tokens(empty: Any) -> None:
    assert dense().transform(empty).shape == (0, 5)


def test_a_choice_made_after_fit_is_checked() -> None:
    encoder = OneHotEncoder().fit(["나는"]).set_params(handle_unknown="zeros")
    with pytest.raises(ValueError, match="handle_unknown must be one of"):
        encoder.transform(["낯선"])


def test_a_token_may_be_any_string() -> None:
    encoder = OneHotEncoder(sparse_output=False).fit(["b\ud800", "가"])
    np.testing.assert_array_equal(
        encoder.transform(["b\ud800"]), [encoder.get_feature_names_out() == "b\ud800"]
    )


@pytest.mark.parametrize("source", [["배", "나는", "감"], [5, 0, -1], np.array([5, 0, -1])])
def test_unknown_words(source: Any) -> None:
    with pytest.raises(ValueError, match="Found unknown"):
        dense().transform(source)
    rows = dense(handle_unknown="ignore").transform(source)
    np.testing.assert_array_equal(rows, [[0] * 5, [1, 0, 0, 0, 0], [0] * 5])


def test_the_error_names_some_unknown_words() -> None:
    with pytest.raises(ValueError, match=r"\['0', '1', '2', '3', '4', \.\.\.\].*'ignore'"):
        dense().transform([str(k % 50) for k in range(100)])
    with pytest.raises(ValueError, match=r"unknown ids \[7\]: they must be from 0 to 4"):
        dense().transform(np.array([7, 7, 0]))


def test_there_and_back() -> None:
    encoder = dense(handle_unknown="ignore")
    source = np.array([["나는", "감"], ["먹었다", "정말"]], dtype=object)
    back = encoder.inverse_transform(encoder.transform(source))
    assert back.tolist() == [["나는", None], ["먹었다", "정말"]]
    pytest.importorskip("scipy")
    encoder.set_params(sparse_output=True)
    assert encoder.inverse_transform(encoder.transform(source)).tolist() == back.ravel().tolist()


def test_what_is_no_one_hot_row() -> None:
    with pytest.raises(ValueError, match="row 1 has more than one entry"):
        dense().inverse_transform([[1, 0, 0, 0, 0], [1, 0, 1, 0, 0]])
    with pytest.raises(ValueError, match=r"5 columns, one for each word, got shape \(2, 4\)"):
        dense().inverse_transform(np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("나는", ValueError, r"one string, '나는'; write \[token\]"),
        (b"x", ValueError, "one string"),
        (np.array("나는"), ValueError, "without|one token"),
        (None, TypeError, "got None"),
        (5, TypeError, "got 5"),
        ({"나는": 1}, TypeError, "expected a list of tokens"),
        (["나는", 1], TypeError, "all str or all int"),
        (["나는", None], TypeError, "got None"),
        ([b"x"], TypeError, "decode it first"),
        ([None], TypeError, "got None"),
        ([1.5], TypeError, "got 1.5"),
        (np.array([1.5]), TypeError, "float64"),
        (np.array([True]), TypeError, "bool"),
        ([["나는"], "정말"], TypeError, "sentence 1 must be a list"),
        ([["나는"], None], TypeError, "sentence 1 must be a list"),
        ([["나는"], ["정말", "사과를"]], ValueError, "differ in length"),
    ],
)
def test_what_is_no_token(source: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dense().transform(source)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"vocabulary": []}, ValueError, "empty vocabulary"),
        ({"vocabulary": 0}, ValueError, "empty vocabulary"),
        ({"vocabulary": -1}, ValueError, "vocabulary must be an integer of at least 0"),
        ({"vocabulary": 2**70}, ValueError, "vocabulary must be an integer of at least 0"),
        ({"vocabulary": KeyedVectors(2)}, ValueError, "empty vocabulary"),
        ({"vocabulary": "나는"}, TypeError, "vocabulary must be"),
        ({"vocabulary": True}, TypeError, "vocabulary must be"),
        ({"vocabulary": ["나", "나"]}, ValueError, "'나' twice"),
        ({"vocabulary": {"나": 1, "너": 2}}, ValueError, "numbers from 0 to 1"),
        ({"handle_unknown": "hash"}, ValueError, "handle_unknown must be one of"),
        ({"sparse_output": "no"}, ValueError, "sparse_output"),
        ({"dtype": str}, ValueError, "dtype must be"),
    ],
)
def test_wrong_parameters(options: dict[str, Any], error: type[Exception], message: str) -> None:
    encoder = OneHotEncoder(**options)
    with pytest.raises(error, match=message):
        encoder.fit(["나는"])


@pytest.mark.parametrize("source", [None, [], [[]], np.array([]), np.array([], dtype=object)])
def test_nothing_to_learn_from(source: Any) -> None:
    with pytest.raises(ValueError, match=r"empty vocabulary|fit needs tokens"):
        OneHotEncoder().fit(source)


def test_a_copy_by_pickle_is_as_good() -> None:
    encoder = OneHotEncoder(sparse_output=False).fit(["배", "사과", "사과"])
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.transform(["배"]), encoder.transform(["배"]))
