"""What every encoder has in common: scikit-learn's conventions, kept without scikit-learn.

Nothing of scikit-learn is inherited, for it need not be installed; what it asks of an estimator is
here. Its own types are used where it has been imported already, or is what calls.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from reprlib import Repr
from typing import Any, TypeVar

import numpy as np

from fastw2v._typing import Array
from fastw2v.corpus import Corpus
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.vocabulary import Vocabulary

Self = TypeVar("Self", bound="Encoder")

# What an encoder reads and never changes: a clone shares it, however large it is.
_SHARED = (Corpus, KeyedVectors, Vocabulary)


class NotFittedError(ValueError, AttributeError):
    """An encoder is used before it is fitted; scikit-learn has an error of the same name and kind.

    Examples
    --------
    >>> from fastw2v.encoders import OneHotEncoder
    >>> try:
    ...     OneHotEncoder().transform(["사과"])
    ... except ValueError as error:
    ...     print(type(error).__name__)
    NotFittedError
    """


def not_fitted_error() -> type[NotFittedError]:
    """Return the type to raise: scikit-learn's own where it is in use, for that is what is caught.

    Examples
    --------
    >>> issubclass(not_fitted_error(), ValueError), issubclass(not_fitted_error(), AttributeError)
    (True, True)
    """
    sklearn_exceptions = sys.modules.get("sklearn.exceptions")
    return getattr(sklearn_exceptions, "NotFittedError", NotFittedError)


class Encoder:
    """An estimator that makes vectors: parameters in `__init__`, what is learned behind ``fit``.

    A subclass stores each argument of its ``__init__`` under the same name, unchanged, and checks
    them in ``fit``. What it learns is stored under names that end with an underscore.
    """

    @classmethod
    def _defaults(cls) -> Mapping[str, Any]:
        """Return the parameters and their defaults, in the order of the signature."""
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return {parameter.name: parameter.default for parameter in parameters}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default True
            Also those of parameters that are estimators, as ``name__parameter``.

        Returns
        -------
        dict
            Values by name.
        """
        params: dict[str, Any] = {}
        for name in self._defaults():
            value = params[name] = getattr(self, name)
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                inner = value.get_params().items()
                params.update((f"{name}__{key}", entry) for key, entry in inner)
        return params

    def set_params(self: Self, **params: Any) -> Self:
        """Set parameters; what ``fit`` learns by them changes with the next ``fit``.

        Parameters
        ----------
        **params : object
            Values by name; those of a parameter that is an estimator as ``name__parameter``.

        Returns
        -------
        Encoder
            This one.

        Raises
        ------
        ValueError
            There is no parameter of that name.
        """
        known = self._defaults()
        inner: dict[str, dict[str, Any]] = {}
        for key in params:
            name = key.partition("__")[0]
            if name not in known:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self!r}. "
                    f"Valid parameters are: {sorted(known)!r}."
                )
        for key, value in params.items():
            name, delimiter, rest = key.partition("__")
            if delimiter:
                inner.setdefault(name, {})[rest] = value
            else:
                setattr(self, name, value)
        for name, values in inner.items():
            getattr(self, name).set_params(**values)
        return self

    def __repr__(self) -> str:
        """Return the call that makes such an encoder; parameters at their defaults are left out."""
        short = Repr()
        short.maxstring = short.maxother = 120
        short.maxlist = short.maxtuple = short.maxdict = short.maxset = short.maxfrozenset = 10
        changed = [
            f"{name}={short.repr(getattr(self, name))}"
            for name, default in self._defaults().items()
            if not _is_same(getattr(self, name), default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _needs_fit(self) -> bool:
        """Tell whether there must be a ``fit`` before anything else; parameters may spare it."""
        return True

    def __sklearn_is_fitted__(self) -> bool:
        return not self._needs_fit() or any(
            name.endswith("_") and not name.startswith("_") for name in vars(self)
        )

    def __sklearn_tags__(self) -> Any:
        """Describe this estimator to scikit-learn: it transforms texts rather than matrices."""
        from sklearn.utils import (  # type: ignore[import-untyped]
            InputTags,
            Tags,
            TargetTags,
            TransformerTags,
        )

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
            requires_fit=self._needs_fit(),
        )

    def __sklearn_clone__(self: Self) -> Self:
        """Return an unfitted encoder with the same parameters; scikit-learn's clone() calls this.

        Vectors, vocabularies and corpora are shared, where clone() alone would copy them.
        """
        from sklearn.base import clone  # type: ignore[import-untyped]

        params = self.get_params(deep=False)
        return type(self)(
            **{
                name: value if isinstance(value, _SHARED) else clone(value, safe=False)
                for name, value in params.items()
            }
        )

    def _check_fitted(self) -> None:
        """Raise NotFittedError if there has been no ``fit``."""
        if not self.__sklearn_is_fitted__():
            raise self._not_fitted()

    def _not_fitted(self) -> NotFittedError:
        return not_fitted_error()(
            f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with "
            "appropriate arguments before using this estimator."
        )

    def _numbered_names(self, n: int) -> Array:
        """Return names of columns that have none of their own, as scikit-learn numbers them."""
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{k}" for k in range(n)], dtype=object)


def _is_same(value: object, default: object) -> bool:
    """Tell whether a parameter has its default; arrays and other types than its have not."""
    if value is default:
        return True
    return type(value) is type(default) and not isinstance(value, np.ndarray) and value == default


def csr(data: Array, indices: Array, indptr: Array, shape: tuple[int, int]) -> Any:
    """Make a CSR matrix of scipy; an array, where scikit-learn's sparse_interface says so.

    Raises
    ------
    ImportError
        scipy is not installed; the message names the extra.
    """
    sparse = scipy_sparse(", or ask for dense ones")
    config: dict[str, Any] = getattr(sys.modules.get("sklearn"), "get_config", dict)()
    make = sparse.csr_array if config.get("sparse_interface") == "sparray" else sparse.csr_matrix
    return make((data, indices, indptr), shape=shape)


def scipy_sparse(or_else: str = "") -> Any:
    """Import scipy.sparse, or raise ImportError with the remedy."""
    try:
        import scipy.sparse  # type: ignore[import-untyped]
    except ImportError as error:  # shown, for it may be there, but broken
        raise ImportError(
            f"sparse matrices need scipy: pip install 'fastw2v[encoders]'{or_else}"
        ) from error
    return scipy.sparse


def check_documents(name: str, documents: object) -> None:
    """Raise scikit-learn's ValueError for one string where many documents belong, or for no list.

    Examples
    --------
    >>> try:
    ...     check_documents("documents", "나는 달린다")
    ... except ValueError as error:
    ...     print(str(error).split(". ")[1])
    Write ['나는 달린다'] for one document
    """
    shape = getattr(documents, "shape", None)
    if isinstance(shape, tuple) and len(shape) == 2 and shape[1] == 1:
        raise ValueError(
            f"{name} must be a column of shape (n,), got {shape}: pass X[:, 0], or table['name']"
        )
    if isinstance(documents, np.ndarray) and not documents.ndim:
        documents = documents.item()
    if isinstance(documents, str):
        short = documents if len(documents) <= 60 else f"{documents[:57]}..."
        raise ValueError(
            "Iterable over raw text documents expected, string object received. Write "
            f"[{short!r}] for one document"
        )
    if isinstance(documents, bytes | bytearray | memoryview):
        raise ValueError(
            "Iterable over raw text documents expected, bytes object received. Decode it, and "
            "write [text] for one document"
        )
    if not (hasattr(documents, "__iter__") or hasattr(documents, "__getitem__")):
        raise TypeError(f"{name} must be an iterable of documents, got {type(documents).__name__}")
