"""What `gensim.models.keyedvectors` has."""

from fastw2v.keyedvectors import KeyedVectors

__all__ = ["KeyedVectors"]
