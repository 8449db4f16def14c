"""What `gensim.models.callbacks` has for Word2Vec."""

from fastw2v.callbacks import CallbackAny2Vec

__all__ = ["CallbackAny2Vec"]
