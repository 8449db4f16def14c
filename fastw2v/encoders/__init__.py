"""Other roads from text to vectors: one-hot, random, counts, TF-IDF, and vectors of documents.

All are called as scikit-learn's estimators are, and work in its pipelines; it need not be there.

>>> from fastw2v.encoders import OneHotEncoder
>>> OneHotEncoder(sparse_output=False).fit_transform(["사과", "배", "사과"])
array([[1., 0.],
       [0., 1.],
       [1., 0.]])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v.encoders.count import CountVectorizer
    from fastw2v.encoders.document import DocumentVectorizer
    from fastw2v.encoders.onehot import OneHotEncoder
    from fastw2v.encoders.random import RandomEncoder
    from fastw2v.encoders.tfidf import TfidfVectorizer

__all__ = [
    "CountVectorizer",
    "DocumentVectorizer",
    "OneHotEncoder",
    "RandomEncoder",
    "TfidfVectorizer",
]

_MODULE_OF = {
    "CountVectorizer": "count",
    "DocumentVectorizer": "document",
    "OneHotEncoder": "onehot",
    "RandomEncoder": "random",
    "TfidfVectorizer": "tfidf",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for."""
    if name in _MODULE_OF:
        return getattr(import_module(f"fastw2v.encoders.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'fastw2v.encoders' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
