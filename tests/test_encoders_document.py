"""DocumentVectorizer: against plain loops of numpy, in every form that documents come in."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from document_cases import WORDS, made_documents, made_vectors

from fastw2v import Corpus, DocumentVectorizer, KeyedVectors, Word2Vec, cpu
from fastw2v._native.document import write_means
from fastw2v._typing import Array
from fastw2v.encoders import means as module
from fastw2v.encoders import rows


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
    monkeypatch.setattr(rows, "_LONG", 200)
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


def test_a_few_long_documents_are_work_for_several_threads() -> None:
    texts = ["나는 king " * 50_000] * 30
    reader = rows.RowReader(WORDS, {word: row for row, word in enumerate(WORDS)})
    blocks = reader.read(texts, workers=2)
    assert len(blocks) > 3
    assert [block.first for block in blocks] == sorted(block.first for block in blocks)
    assert sum(len(block.ends) for block in blocks) == 30
    assert len(reader.read(["나는 king"] * 500, workers=2)) == 1


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


ROWS = np.eye(3, dtype=np.float32)


@pytest.mark.parametrize("n_components", [1, 2, 3])
@pytest.mark.parametrize(
    ("documents", "rank"), [(["낯선", ""], 0), (["가", "가 가"], 1), (["가", "나", "가 나"], 2)]
)
def test_only_directions_that_there_are_are_taken_out(
    documents: list[str], rank: int, n_components: int
) -> None:
    wv = KeyedVectors.from_arrays(["가", "나", "다"], ROWS)
    vectorizer = DocumentVectorizer(wv, "sif", n_components=n_components, word_counts="documents")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        vectorizer.fit_transform(documents)
    assert vectorizer.components_.shape == (min(rank, n_components), 3)
    np.testing.assert_array_equal(vectorizer.transform(["다"]), [[0, 0, 1]])


def test_directions_of_little_weight_are_taken_out_all_the_same() -> None:
    random = np.random.default_rng(2)
    axes = np.linalg.qr(random.standard_normal((20, 20)))[0].T
    vectors = random.standard_normal((300, 2)) * [1, 1e-4] @ axes[:2]
    wv = KeyedVectors.from_arrays([str(k) for k in range(300)], vectors)
    vectorizer = DocumentVectorizer(wv, "sif", n_components=5).fit([[key] for key in wv])
    found = np.abs(vectorizer.components_ @ axes.T)
    np.testing.assert_allclose(found, np.eye(20)[:2], atol=1e-2)


@pytest.mark.parametrize("n_components", [1, 2])
@pytest.mark.parametrize("scale", [1e-30, 1e-15, 1e15, 1e30])
def test_vectors_of_any_length(scale: float, n_components: int) -> None:
    wv = KeyedVectors.from_arrays(["가", "나", "다"], ROWS * np.float32(scale))
    vectorizer = DocumentVectorizer(wv, "sif", a=1e9, n_components=n_components)
    vectorizer.fit(["가", "가", "나"])
    np.testing.assert_allclose(vectorizer.components_, ROWS[:n_components], atol=1e-6)


class Unsized:
    """As tqdm around a generator: it has a length, which cannot be told."""

    def __iter__(self) -> Any:
        return iter(["나는", "king 나는"])

    def __len__(self) -> int:
        raise TypeError


def test_documents_whose_length_cannot_be_told() -> None:
    vectorizer = DocumentVectorizer(made_vectors())
    np.testing.assert_array_equal(
        vectorizer.transform(Unsized()), vectorizer.transform(list(Unsized.__iter__(Unsized())))
    )


@pytest.mark.parametrize("method", ["mean", "tfidf", "sif"])
def test_no_documents(method: str) -> None:
    vectorizer = DocumentVectorizer(made_vectors(), method)
    if method == "mean":
        assert vectorizer.fit([]).transform([]).shape == (0, 7)
        return
    for fit in (vectorizer.fit, vectorizer.fit_transform):
        with pytest.raises(ValueError, match="there are no documents"):
            fit([])


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


def test_a_copy_by_pickle_is_as_good() -> None:
    documents = made_documents(20)
    vectorizer = DocumentVectorizer(made_vectors(), "sif").fit(documents)
    copy = pickle.loads(pickle.dumps(vectorizer))
    np.testing.assert_array_equal(copy.transform(documents), vectorizer.transform(documents))


def test_keys_with_surrogates() -> None:
    wv = KeyedVectors.from_arrays(["\udc80", "가"], np.eye(2))
    vectorizer = DocumentVectorizer(wv)
    documents = [["\udc80"], ["\udc80", "가"], ["가", "b\ud800"]]
    np.testing.assert_array_equal(vectorizer.transform(documents), [[1, 0], [0.5, 0.5], [0, 1]])
