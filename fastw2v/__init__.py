"""Word vectors on ordinary CPUs: word2vec at the machine's real speed.

>>> import fastw2v
>>> model = fastw2v.Word2Vec([["나는", "사과를", "먹었다"]] * 20, vector_size=8, sg=1, sample=0)
>>> sorted(model.wv.index_to_key)
['나는', '먹었다', '사과를']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fastw2v._version import __version__

if TYPE_CHECKING:
    from fastw2v import callbacks, cpu, datasets, embedding, encoders, models, utils
    from fastw2v.corpus import Corpus
    from fastw2v.embedding import Embedding, EmbeddingBag
    from fastw2v.encoders import (
        CountVectorizer,
        DocumentVectorizer,
        OneHotEncoder,
        RandomEncoder,
        TfidfVectorizer,
    )
    from fastw2v.errors import CorpusError, FormatError
    from fastw2v.keyedvectors import KeyedVectors
    from fastw2v.phrases import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phraser, Phrases
    from fastw2v.readers import LineSentence, PathLineSentences, Text8Corpus
    from fastw2v.vocabulary import Vocabulary
    from fastw2v.word2vec import Word2Vec

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "Corpus",
    "CorpusError",
    "CountVectorizer",
    "DocumentVectorizer",
    "Embedding",
    "EmbeddingBag",
    "FormatError",
    "FrozenPhrases",
    "KeyedVectors",
    "LineSentence",
    "OneHotEncoder",
    "PathLineSentences",
    "Phraser",
    "Phrases",
    "RandomEncoder",
    "Text8Corpus",
    "TfidfVectorizer",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "callbacks",
    "cpu",
    "datasets",
    "embedding",
    "encoders",
    "models",
    "utils",
]

_MODULE_OF = {
    "Corpus": "corpus",
    "CorpusError": "errors",
    "CountVectorizer": "encoders",
    "DocumentVectorizer": "encoders",
    "ENGLISH_CONNECTOR_WORDS": "phrases",
    "Embedding": "embedding",
    "EmbeddingBag": "embedding",
    "FormatError": "errors",
    "FrozenPhrases": "phrases",
    "KeyedVectors": "keyedvectors",
    "LineSentence": "readers",
    "OneHotEncoder": "encoders",
    "PathLineSentences": "readers",
    "Phraser": "phrases",
    "Phrases": "phrases",
    "RandomEncoder": "encoders",
    "Text8Corpus": "readers",
    "TfidfVectorizer": "encoders",
    "Vocabulary": "vocabulary",
    "Word2Vec": "word2vec",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that ``import fastw2v`` costs nothing."""
    if name in _MODULE_OF:
        return getattr(import_module(f"fastw2v.{_MODULE_OF[name]}"), name)
    if name in __all__:
        return import_module(f"fastw2v.{name}")
    raise AttributeError(f"module 'fastw2v' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
