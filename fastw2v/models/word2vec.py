"""What `gensim.models.word2vec` has."""

from fastw2v.keyedvectors import KeyedVectors
from fastw2v.readers import LineSentence, PathLineSentences, Text8Corpus
from fastw2v.word2vec import Word2Vec

__all__ = ["KeyedVectors", "LineSentence", "PathLineSentences", "Text8Corpus", "Word2Vec"]
