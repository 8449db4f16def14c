"""The vectorizers are estimators to scikit-learn, which checks them."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from estimator_cases import all_checks, of_matrices

from fastw2v.encoders import CountVectorizer, TfidfVectorizer

pytest.importorskip("sklearn", "1.6")


def as_documents(X: Any) -> list[str]:
    """Read each row of numbers as a document of words."""
    return [" ".join(f"word{int(abs(x.real) * 10) % 50}" for x in row) for row in X.tolist()]


MatrixOfCountVectorizer = of_matrices(CountVectorizer, as_documents, __name__)
MatrixOfTfidfVectorizer = of_matrices(TfidfVectorizer, as_documents, __name__)

ANY_LENGTH = {"check_transformer_general": "it expects documents of another length to be refused"}
ESTIMATORS = [
    MatrixOfCountVectorizer(),
    MatrixOfCountVectorizer(ngram_range=(1, 2), binary=True),
    MatrixOfTfidfVectorizer(),
    MatrixOfTfidfVectorizer(sublinear_tf=True, norm="l1"),
    MatrixOfTfidfVectorizer(n_components=2),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_checks_of_scikit_learn(estimator: Any) -> None:
    names = []
    for name, check in all_checks(estimator, ANY_LENGTH):
        check(estimator)
        names.append(name)
    assert len(names) > 25


@pytest.mark.parametrize("estimator", [CountVectorizer(), TfidfVectorizer()], ids=repr)
def test_check_estimator_as_it_is(estimator: Any) -> None:
    from sklearn.utils.estimator_checks import check_estimator

    with warnings.catch_warnings():
        # It tests no estimator whose input is text, and says so.
        warnings.simplefilter("ignore")
        check_estimator(estimator)
