"""gensim's places for what fastw2v has, so that only the first name of an import changes.

>>> from fastw2v.models import Word2Vec
>>> from fastw2v.models.word2vec import LineSentence
"""

from fastw2v.keyedvectors import KeyedVectors
from fastw2v.models import callbacks, keyedvectors, phrases, word2vec
from fastw2v.phrases import Phrases
from fastw2v.word2vec import Word2Vec

__all__ = [
    "KeyedVectors",
    "Phrases",
    "Word2Vec",
    "callbacks",
    "keyedvectors",
    "phrases",
    "word2vec",
]
