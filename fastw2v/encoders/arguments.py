"""Arguments of the vectorizers, checked before any work."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from fastw2v._checks import check_int

if TYPE_CHECKING:
    from fastw2v.encoders.count import CountVectorizer

__all__ = ["check_parameters", "warn_of_upper_case"]

_CHOICES = {
    "input": ("filename", "file", "content"),
    "decode_error": ("strict", "ignore", "replace"),
    "strip_accents": ("ascii", "unicode", None),
    "analyzer": ("word", "char", "char_wb"),
    "norm": ("l1", "l2", None),
}


def check_parameters(vectorizer: CountVectorizer) -> None:
    """Raise for parameters that are out of range, before any work."""
    for name, choices in _CHOICES.items():
        value = getattr(vectorizer, name, choices[0])  # only TF-IDF has a norm
        if value not in choices and not (callable(value) and name in ("strip_accents", "analyzer")):
            raise ValueError(f"{name} must be one of {choices}, got {value!r}")
    for name in ("preprocessor", "tokenizer"):
        value = getattr(vectorizer, name)
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be callable, got {value!r}")
    cuts = vectorizer.analyzer == "word" and vectorizer.tokenizer is None
    if cuts and not vectorizer._replaces("build_analyzer", "build_tokenizer"):
        if not isinstance(vectorizer.token_pattern, str):
            raise TypeError(
                "token_pattern must be a string where there is no tokenizer=, got "
                f"{vectorizer.token_pattern!r}"
            )
        vectorizer.build_tokenizer()
    _check_ngram_range(vectorizer.ngram_range)
    for name in ("min_df", "max_df"):
        value = getattr(vectorizer, name)
        if isinstance(value, Integral) and not isinstance(value, bool):
            check_int(name, value, 1)
        elif not isinstance(value, Real) or isinstance(value, bool) or not 0 <= float(value) <= 1:
            raise ValueError(
                f"{name} must be an integer of at least 1, or a float from 0.0 to 1.0, got "
                f"{value!r}"
            )
    for name in ("max_features", "workers", "n_components"):
        if getattr(vectorizer, name, None) is not None:
            check_int(name, getattr(vectorizer, name), 1)
    np.dtype(vectorizer.dtype)


def _check_ngram_range(ngram_range: Any) -> None:
    try:
        low, high = ngram_range
    except (TypeError, ValueError):
        raise TypeError(
            f"ngram_range must be two integers, (min_n, max_n), got {ngram_range!r}"
        ) from None
    check_int("ngram_range[0]", low, 1)
    check_int("ngram_range[1]", high, 1)
    if low > high:
        raise ValueError(
            f"Invalid value for ngram_range={ngram_range} lower boundary larger than the "
            "upper boundary. Write the smaller number first"
        )


def warn_of_upper_case(names: Iterable[Any]) -> None:
    """Warn of given terms that no text in lower case has."""
    for name in names:
        if isinstance(name, str) and any(map(str.isupper, name)):
            warnings.warn(
                "Upper case characters found in vocabulary while 'lowercase' is True. These "
                "entries will not be matched with any documents",
                UserWarning,
                stacklevel=5,
            )
            return
