"""The encoders are estimators to scikit-learn, and do without it."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from corpora import start_python
from estimator_cases import all_checks, of_matrices

from fastw2v import DocumentVectorizer, KeyedVectors, OneHotEncoder, RandomEncoder
from fastw2v.encoders._base import NotFittedError, not_fitted_error

VECTORS = KeyedVectors.from_arrays(
    ["사과", "배", "왕", "여왕", *map(str, range(50))], np.random.default_rng(1).random((54, 3))
)
TEXTS = ["사과 배", "왕 여왕", "배 배 사과", "여왕"] * 5
TARGETS = [0, 1, 0, 1] * 5


def as_documents(X: Any) -> list[list[str]]:
    """Read each row of numbers as a document of words that have vectors."""
    return [[str(int(abs(x.real) * 10) % 50) for x in row] for row in X.tolist()]


def as_words(X: Any) -> list[str]:
    """Read each row of numbers as one word, that of its first."""
    return [document[0] for document in as_documents(X)]


MatrixOfOneHotEncoder = of_matrices(OneHotEncoder, as_words, __name__)
MatrixOfRandomEncoder = of_matrices(RandomEncoder, as_words, __name__)
MatrixOfDocumentVectorizer = of_matrices(DocumentVectorizer, as_documents, __name__)

TELLS_EMPTY = {"check_dict_unchanged": "transform tells by n_empty_ how many documents were empty"}
ANY_LENGTH = {"check_transformer_general": "it expects documents of another length to be refused"}
ESTIMATORS: list[tuple[Any, dict[str, str]]] = [
    (MatrixOfOneHotEncoder(handle_unknown="ignore"), ANY_LENGTH),
    (MatrixOfOneHotEncoder(handle_unknown="ignore", sparse_output=False), ANY_LENGTH),
    (MatrixOfRandomEncoder(4, handle_unknown="ignore"), ANY_LENGTH),
    (MatrixOfRandomEncoder(4, handle_unknown="hash", lazy=True), ANY_LENGTH),
    (MatrixOfDocumentVectorizer(VECTORS), TELLS_EMPTY),
    (MatrixOfDocumentVectorizer(VECTORS, "tfidf"), TELLS_EMPTY | ANY_LENGTH),
    (MatrixOfDocumentVectorizer(VECTORS, "sif"), TELLS_EMPTY | ANY_LENGTH),
]
IDS = [repr(estimator) for estimator, _ in ESTIMATORS]


@pytest.mark.parametrize(("estimator", "also_skipped"), ESTIMATORS, ids=IDS)
def test_checks_of_scikit_learn(estimator: Any, also_skipped: dict[str, str]) -> None:
    pytest.importorskip("sklearn", "1.6")
    names = []
    for name, check in all_checks(estimator, also_skipped):
        check(estimator)
        names.append(name)
    assert len(names) > 25


@pytest.mark.parametrize(
    "estimator", [OneHotEncoder(), RandomEncoder(), DocumentVectorizer(VECTORS)], ids=repr
)
def test_check_estimator_as_it_is(estimator: Any) -> None:
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        # It tests no estimator whose input is text, and says so.
        warnings.simplefilter("ignore")
        checks.check_estimator(estimator)


def test_parameters() -> None:
    encoder = OneHotEncoder(["사과"], handle_unknown="ignore")
    assert encoder.get_params() == {
        "vocabulary": ["사과"],
        "handle_unknown": "ignore",
        "sparse_output": True,
        "dtype": np.float64,
    }
    assert encoder.set_params(sparse_output=False, vocabulary=None) is encoder
    assert repr(encoder) == "OneHotEncoder(handle_unknown='ignore', sparse_output=False)"
    with pytest.raises(ValueError, match="Invalid parameter 'sparse' for estimator OneHotEncoder"):
        encoder.set_params(sparse=True, handle_unknown="error")
    assert encoder.handle_unknown == "ignore"


def test_a_long_parameter_is_shown_in_short() -> None:
    assert len(repr(OneHotEncoder([f"낱말{k}" for k in range(10_000)]))) < 200
    assert len(repr(OneHotEncoder(np.arange(10_000)))) < 300


def test_a_clone_shares_vectors_and_nothing_else() -> None:
    base = pytest.importorskip("sklearn.base")
    words = ["사과", "배"]
    fitted = DocumentVectorizer(VECTORS, "tfidf").fit(TEXTS)
    clone = base.clone(fitted)
    assert clone.keyed_vectors is VECTORS and clone.method == "tfidf"
    assert not hasattr(clone, "idf_")
    assert base.clone(OneHotEncoder(words)).vocabulary is not words


def test_pipelines() -> None:
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(DocumentVectorizer(VECTORS), LogisticRegression(C=100))
    search = GridSearchCV(
        pipeline,
        {"documentvectorizer__method": ["mean", "tfidf", "sif"]},
        cv=2,
        error_score="raise",
    )
    search.fit(TEXTS, TARGETS)
    assert search.score(TEXTS, TARGETS) == 1
    assert pickle.loads(pickle.dumps(search)).predict(["왕 여왕"]).tolist() == [1]
    assert pipeline[:-1].get_feature_names_out().tolist()[:1] == ["documentvectorizer0"]
    assert "DocumentVectorizer" in pipeline._repr_html_()


def test_columns() -> None:
    compose = pytest.importorskip("sklearn.compose")
    table = np.array([["사과 배", "과일", 1.5], ["왕", "사람", 2.5]], dtype=object)
    columns = compose.ColumnTransformer(
        [
            ("text", DocumentVectorizer(VECTORS), 0),
            ("kind", OneHotEncoder(), 1),
            ("one of a matrix", OneHotEncoder(), [1]),
            ("number", "passthrough", [2]),
        ]
    )
    found = np.asarray(columns.fit_transform(table), np.float64)
    assert found.shape == (2, 3 + 2 + 2 + 1)
    np.testing.assert_array_equal(found[:, 3:], [[1, 0, 1, 0, 1.5], [0, 1, 0, 1, 2.5]])
    names = columns.get_feature_names_out().tolist()
    assert names[2:4] == ["text__documentvectorizer2", "kind__과일"]


def test_sparse_results_are_of_the_kind_that_scikit_learn_is_set_to() -> None:
    sklearn = pytest.importorskip("sklearn", "1.9")
    sparse = pytest.importorskip("scipy.sparse")
    assert isinstance(OneHotEncoder(["가"]).transform(["가"]), sparse.csr_matrix)
    with sklearn.config_context(sparse_interface="sparray"):
        assert isinstance(OneHotEncoder(["가"]).transform(["가"]), sparse.csr_array)


@pytest.mark.parametrize(
    "call",
    [
        lambda: OneHotEncoder().transform(["사과"]),
        lambda: OneHotEncoder().inverse_transform([[1]]),
        lambda: OneHotEncoder().get_feature_names_out(),
        lambda: RandomEncoder().transform(["사과"]),
        lambda: RandomEncoder(handle_unknown="hash").to_keyedvectors(),
        lambda: DocumentVectorizer(VECTORS, "tfidf").transform(["사과"]),
        lambda: DocumentVectorizer(VECTORS, "sif").transform(["사과"]),
    ],
)
def test_what_is_not_fitted(call: Any) -> None:
    with pytest.raises(not_fitted_error(), match=r"not fitted yet. Call 'fit'") as caught:
        call()
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, AttributeError)


def test_the_error_is_scikit_learns_where_that_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    exceptions = pytest.importorskip("sklearn.exceptions")
    assert not_fitted_error() is exceptions.NotFittedError
    monkeypatch.delitem(__import__("sys").modules, "sklearn.exceptions")
    assert not_fitted_error() is NotFittedError


def test_neither_scikit_learn_nor_scipy_is_needed() -> None:
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sklearn", "scipy", "pandas"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import numpy as np
from fastw2v import *
words = ["사과", "배"]
wv = RandomEncoder(4).fit(words).to_keyedvectors()
for method in ("mean", "tfidf", "sif"):
    DocumentVectorizer(wv, method).fit_transform([words, words[:1]])
print(OneHotEncoder(words, sparse_output=False).transform(words).tolist())
try:
    DocumentVectorizer(wv, "sif").transform([words])
except ValueError as error:
    print(type(error).__name__)
try:
    OneHotEncoder(words).transform(words)
except ImportError as error:
    print(error)
"""
    with start_python(code) as process:
        lines = process.communicate()[0].decode().splitlines()
    assert lines == [
        "[[1.0, 0.0], [0.0, 1.0]]",
        "NotFittedError",
        "sparse matrices need scipy: pip install 'fastw2v[encoders]', or ask for dense ones",
    ]


def test_importing_costs_nothing() -> None:
    code = "import sys, fastw2v, fastw2v.encoders; print(*sorted(sys.modules), sep='\\n')"
    with start_python(code) as process:
        modules = process.communicate()[0].decode().split()
    assert not {"numpy", "scipy", "sklearn", "fastw2v.encoders.onehot"} & set(modules)
