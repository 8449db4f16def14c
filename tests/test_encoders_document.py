"""DocumentVectorizer: against plain loops of numpy, in every form that documents come in."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastw2v import Corpus, DocumentVectorizer, KeyedVectors, Word2Vec, cpu
from fastw2v._native.document import write_means
from fastw2v._typing import Array
from fastw2v.encoders import means as module
from fastw2v.encoders import rows
from fastw2v.encoders.reading import DocumentTypeError

WORDS = [
    "나는",
    "정말",
    "맛있는",
    "사과를",
    "딸기를",
    "먹었다",
    "king",
    "Straße",
    "\U0001f34e",
    "a" * 40,
]
ALIEN = ["낯선", "queen", "나", "a" * 41]


def made_vectors(size: int = 7, dtype: Any = np.float32, counts: bool = True) -> KeyedVectors:
    vectors = np.random.default_rng(3).standard_normal((len(WORDS), size)).astype(dtype)
    return KeyedVectors.from_arrays(WORDS, vectors, range(1, 11) if counts else None)


def made_documents(n: int = 200, longest: int = 30) -> list[list[str]]:
    """Documents of known and unknown words; each has at least one known word."""
    random = np.random.default_rng(5)
    words = WORDS + ALIEN
    documents = [
        [words[k] for k in random.integers(0, len(words), random.integers(0, longest))]
        for _ in range(n)
    ]
    return [[WORDS[k % 10], *document] for k, document in enumerate(documents)]


def loop(wv: KeyedVectors, documents: list[list[str]], weight: Callable[[str], float]) -> Array:
    """The specification: a weighted mean, as everybody writes it."""
    means = []
    for document in documents:
        known = [word for word in document if word in wv]
        weights = [weight(word) for word in known]
        vectors = np.array([wv[word] for word in known], np.float64)
        means.append(np.average(vectors, axis=0, weights=weights))
    return np.array(means)


def idf_of(documents: list[list[str]]) -> dict[str, float]:
    n = len(documents)
    frequencies = {word: sum(word in document for document in documents) for word in WORDS}
    return {word: np.log((1 + n) / (1 + df)) + 1 for word, df in frequencies.items()}


def sif(wv: KeyedVectors, documents: list[list[str]], p: dict[str, float], n: int) -> Array:
    """The specification: algorithm 1 of Arora et al., with a singular value decomposition."""
    vectors = np.array(
        [
            sum(1e-3 / (1e-3 + p[word]) * wv[word].astype(np.float64) for word in known)
            / len(known)
            for known in ([word for word in document if word in wv] for document in documents)
        ]
    )
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    return vectors - vectors @ directions[:n].T @ directions[:n]


FORMS: dict[str, Callable[[list[list[str]]], Any]] = {
    "lists": list,
    "generator": iter,
    "tuples": lambda documents: tuple(map(tuple, documents)),
    "arrays": lambda documents: [np.array(document) for document in documents],
    "iterators": lambda documents: map(iter, documents),
    "strings": lambda documents: [" ".join(document) for document in documents],
    "white space": lambda documents: ["\n\u3000" + "\t\n".join(d) + "\n" for d in documents],
    "array of strings": lambda documents: np.array([" ".join(d) for d in documents]),
    "column": lambda documents: np.array([" ".join(d) for d in documents], dtype=object),
    "Corpus": Corpus,
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_documents(form: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_CHUNK", 16)
    monkeypatch.setattr(rows, "_CORPUS_CHUNK", 64)
    wv, documents = made_vectors(), made_documents()
    idf = idf_of(documents)
    means = DocumentVectorizer(wv, workers=workers).transform(FORMS[form](documents))
    assert means.dtype == np.float32 and means.shape == (200, 7)
    np.testing.assert_allclose(means, loop(wv, documents, lambda _: 1.0), atol=1e-6)
    vectorizer = DocumentVectorizer(wv, "tfidf", workers=workers)
    vectors = vectorizer.fit_transform(FORMS[form](documents))
    np.testing.assert_allclose(vectors, loop(wv, documents, idf.__getitem__), atol=1e-6)
    np.testing.assert_allclose(vectorizer.idf_, [idf[word] for word in WORDS])
    np.testing.assert_array_equal(vectorizer.transform(FORMS[form](documents)), vectors)
    again = DocumentVectorizer(wv, "tfidf", workers=workers).fit(FORMS[form](documents))
    np.testing.assert_array_equal(again.transform(documents[:20]), vectors[:20])


@pytest.mark.parametrize("n_components", [0, 1, 3])
@pytest.mark.parametrize("source", ["vectors", "documents", "auto"])
def test_sif(source: str, n_components: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_CHUNK", 16)
    monkeypatch.setattr(module, "_GROUP", 64)
    monkeypatch.setattr(module, "_PIECE", 50)
    wv, documents = made_vectors(counts=source != "auto"), made_documents()
    if source == "vectors":
        p = {word: (k + 1) / 55 for k, word in enumerate(WORDS)}
    else:
        known = [word for document in documents for word in document if word in wv]
        p = {word: known.count(word) / len(known) for word in WORDS}
    options: dict[str, Any] = {"n_components": n_components, "word_counts": source}
    expected = sif(wv, documents, p, n_components)
    vectorizer = DocumentVectorizer(wv, "sif", **options)
    np.testing.assert_allclose(vectorizer.fit_transform(documents), expected, atol=2e-6)
    # The same, in groups; and new documents lose the same directions.
    vectorizer = DocumentVectorizer(wv, "sif", **options).fit(documents)
    assert vectorizer.components_.shape == (n_components, 7)
    np.testing.assert_allclose(vectorizer.transform(documents[5:9]), expected[5:9], atol=2e-6)
    rest = vectorizer.transform(documents) @ vectorizer.components_.T
    np.testing.assert_allclose(rest, 0, atol=1e-6)


@pytest.mark.parametrize("isa", cpu.available())
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 301])
def test_any_size_on_every_instruction_set(
    size: int, isa: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastw2v.cpu.isa", lambda: isa)
    wv, documents = made_vectors(size), made_documents(30, 200)
    idf = idf_of(documents)
    means = DocumentVectorizer(wv).transform(documents)
    np.testing.assert_allclose(means, loop(wv, documents, lambda _: 1.0), atol=1e-6)
    means = DocumentVectorizer(wv, "tfidf").fit_transform(documents)
    np.testing.assert_allclose(means, loop(wv, documents, idf.__getitem__), atol=1e-6)


def test_an_instruction_set_that_is_not_here() -> None:
    numbers, rows, ends = np.ones((1, 1), np.float32), np.zeros(1, np.int32), np.ones(1, int)
    with pytest.raises(ValueError, match="no instruction set 'mmx'"):
        write_means("mmx", numbers, numbers[0], True, rows, ends, numbers)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_dtype(dtype: Any) -> None:
    wv, documents = made_vectors(7, dtype), made_documents(20)
    means = DocumentVectorizer(wv).transform(documents)
    np.testing.assert_allclose(means, loop(wv, documents, lambda _: 1.0), atol=1e-6)


@pytest.mark.parametrize(
    "layout",
    [
        lambda vectors: np.asfortranarray(vectors),
        lambda vectors: np.hstack([vectors, vectors])[:, :7],
        lambda vectors: np.repeat(vectors, 2, axis=1)[:, ::2],
        lambda vectors: vectors[::-1].copy()[::-1],
    ],
    ids=["columns", "padded rows", "every other number", "backwards"],
)
def test_any_layout(layout: Callable[[Array], Array]) -> None:
    wv, documents = made_vectors(), made_documents(20)
    expected = DocumentVectorizer(wv).transform(documents)
    other = KeyedVectors.from_arrays(WORDS, layout(wv.vectors))
    np.testing.assert_array_equal(DocumentVectorizer(other).transform(documents), expected)


def test_vectors_of_a_model() -> None:
    model = Word2Vec(made_documents(), vector_size=5, min_count=1, seed=1, workers=1)
    documents = made_documents(10)
    means = DocumentVectorizer(model.wv).transform(documents)
    np.testing.assert_allclose(means, loop(model.wv, documents, lambda _: 1.0), atol=1e-6)


def test_a_long_document_costs_no_digit() -> None:
    wv = KeyedVectors.from_arrays(["가", "나"], np.array([[1.0], [1e-3]], np.float32))
    mean = DocumentVectorizer(wv).transform([["가", "나"] * 1_000_000])[0, 0]
    assert mean == pytest.approx(0.5005, rel=1e-6)


@pytest.mark.parametrize("form", ["lists", "strings", "Corpus"])
def test_integer_keys(form: str) -> None:
    wv = KeyedVectors.from_arrays([7, 9, 3], np.eye(3))
    baskets = [[7, 9], [9, 9, 3, 100]]
    expected = [[0.5, 0.5, 0], [0, 2 / 3, 1 / 3]]
    if form == "strings":
        with pytest.raises(TypeError, match=r"document 0 are strings, but the keys .* integers"):
            DocumentVectorizer(wv).transform(["7 9"])
        return
    vectors = DocumentVectorizer(wv).transform(FORMS[form](baskets))  # type: ignore[arg-type]
    np.testing.assert_allclose(vectors, expected, atol=1e-7)
    with pytest.raises(TypeError, match="integers, but the keys of the vectors are strings"):
        DocumentVectorizer(made_vectors()).transform(FORMS[form](baskets))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["lists", "strings", "Corpus"])
def test_lowercase(form: str) -> None:
    wv = KeyedVectors.from_arrays(["i̇stanbul", "straße", "seoul"], np.eye(3))
    source = FORMS[form]([["İSTANBUL", "Seoul"], ["STRAßE", "서울", "SEOUL", "seoul"]])
    vectors = DocumentVectorizer(wv, lowercase=True).transform(source)
    np.testing.assert_allclose(vectors, [[0.5, 0, 0.5], [0, 1 / 3, 2 / 3]], atol=1e-7)


def test_a_tokenizer() -> None:
    wv = KeyedVectors.from_arrays(["가", "나"], np.eye(2))
    vectorizer = DocumentVectorizer(wv, tokenizer=lambda text: iter(text), lowercase=True)
    np.testing.assert_array_equal(vectorizer.transform(["가나", "가다"]), [[0.5, 0.5], [1, 0]])
    with pytest.raises(TypeError, match="tokenizer must return a list of tokens, got 'x'"):
        DocumentVectorizer(wv, tokenizer=lambda _: "x").transform(["가"])


def test_empty_documents_are_zeros_and_counted() -> None:
    wv = made_vectors()
    vectorizer = DocumentVectorizer(wv, "sif").fit(made_documents())
    documents: list[list[str]] = [[], ["나는"], ["낯선"], ["나는", "정말"]]
    with pytest.warns(UserWarning, match="2 of 4 documents have no word with a vector"):
        vectors = vectorizer.transform(documents)
    assert vectorizer.n_empty_ == 2
    np.testing.assert_array_equal(vectors[[0, 2]], 0)
    assert vectors[[1, 3]].any(axis=1).all()
    with warnings.catch_warnings():  # once is enough
        warnings.simplefilter("error")
        assert not vectorizer.transform(["", " \n"]).any()
        assert vectorizer.n_empty_ == 2
        assert not vectorizer.transform([]).size
    assert vectorizer.n_empty_ == 0


@pytest.mark.parametrize("method", ["mean", "tfidf", "sif"])
def test_no_documents(method: str) -> None:
    vectorizer = DocumentVectorizer(made_vectors(), method)
    if method == "mean":
        assert vectorizer.fit([]).transform([]).shape == (0, 7)
        return
    for fit in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(ValueError, match="there are no documents"):
            fit([])


@pytest.mark.parametrize(
    ("documents", "error", "message"),
    [
        ("나는 달린다", ValueError, r"string object received. Write \['나는 달린다'\]"),
        (b"x", ValueError, "bytes object received"),
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


def test_keys_that_change() -> None:
    wv = made_vectors()
    mean = DocumentVectorizer(wv)
    tfidf = DocumentVectorizer(wv, "tfidf").fit([["나는"]])
    mean.transform(["나는"])
    wv.add_vector("새말", np.ones(7))
    np.testing.assert_array_equal(mean.transform(["새말"]), np.ones((1, 7)))
    with pytest.raises(ValueError, match="have changed since fit: fit again"):
        tfidf.transform(["나는"])
    tfidf.fit([["나는"]])
    wv.sort_by_descending_frequency()
    np.testing.assert_array_equal(mean.transform(["king"]), [wv["king"]])
    with pytest.raises(ValueError, match="have changed since fit: fit again"):
        tfidf.transform(["나는"])


def test_vectors_that_change() -> None:
    """Vectors are looked at when they are asked for: training may go on."""
    wv = made_vectors()
    mean = DocumentVectorizer(wv)
    before = mean.transform(["나는 king"])
    wv.vectors *= 2
    np.testing.assert_allclose(mean.transform(["나는 king"]), 2 * before)


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


def test_too_long_for_float32() -> None:
    wv = KeyedVectors.from_arrays(["가"], np.array([[3e38]], np.float32))
    with pytest.raises(ValueError, match="vector of document 1 is too long for float32"):
        DocumentVectorizer(wv).transform(["", "가 가 가 가"])


def test_a_copy_by_pickle_is_as_good() -> None:
    documents = made_documents(20)
    vectorizer = DocumentVectorizer(made_vectors(), "sif").fit(documents)
    copy = pickle.loads(pickle.dumps(vectorizer))
    np.testing.assert_array_equal(copy.transform(documents), vectorizer.transform(documents))


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


def test_keys_with_surrogates() -> None:
    wv = KeyedVectors.from_arrays(["\udc80", "가"], np.eye(2))
    np.testing.assert_array_equal(DocumentVectorizer(wv).transform([["\udc80"]]), [[1, 0]])
