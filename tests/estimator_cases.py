"""scikit-learn's own checks for estimators of text: their matrices become tokens here."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Check = Callable[[Any], None]

#: Checks that no encoder of text can pass, each with the reason.
SKIPPED = {
    "check_n_features_in_after_fitting": "texts have no number of features",
    "check_n_features_in": "texts have no number of features",
    "check_complex_data": "it expects numbers to be refused; here they are words by then",
    "check_estimators_nan_inf": "it expects numbers to be refused; here they are words by then",
    "check_fit1d": "it expects one dimension to be refused, which is what tokens have",
    "check_fit2d_predict1d": "it expects one dimension to be refused, which is what tokens have",
    "check_estimators_empty_data_messages": "it asks for the wording of check_array",
    "check_estimator_sparse_tag": "no sparse matrix holds text",
    "check_estimator_sparse_array": "no sparse matrix holds text",
    "check_estimator_sparse_matrix": "no sparse matrix holds text",
    "check_array_api_input": "text lies in no array of another library",
}


def of_matrices(cls: type, read: Callable[[Any], Any], module: str) -> type:
    """Derive an estimator that takes matrices, which `read` reads as text."""

    def words(X: Any) -> Any:
        if not hasattr(X, "__array__") and not isinstance(X, list):
            return X
        array = np.asarray(X)
        return read(array) if array.ndim == 2 else X

    def tags(self: Any) -> Any:
        found = super(made, self).__sklearn_tags__()
        found.input_tags.two_d_array, found.input_tags.one_d_array = True, False
        return found

    name = f"MatrixOf{cls.__name__}"
    made = type(
        name,
        (cls,),
        {
            "__init__": cls.__init__,
            "__module__": module,
            "__sklearn_tags__": tags,
            "fit": lambda self, X, y=None: super(made, self).fit(words(X), y),
            "fit_transform": lambda self, X, y=None: super(made, self).fit_transform(words(X), y),
            "transform": lambda self, X: super(made, self).transform(words(X)),
        },
    )
    return made


def all_checks(estimator: Any, also_skipped: dict[str, str]) -> Iterator[tuple[str, Check]]:
    """Yield the checks that scikit-learn has for an estimator, but for those that are skipped."""
    from sklearn.utils.estimator_checks import estimator_checks_generator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it inherits nothing of scikit-learn
        checks = list(estimator_checks_generator(estimator))
    for _, check in checks:
        inner = check.func  # type: ignore[union-attr]
        name = getattr(inner, "func", inner).__name__
        if name not in SKIPPED | also_skipped:
            yield name, check
