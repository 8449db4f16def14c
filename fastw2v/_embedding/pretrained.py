"""Tables for words, and tables of vectors that exist already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from fastw2v._checks import check_flag, shorten
from fastw2v._embedding.table import Table
from fastw2v._embedding.words import RowWords
from fastw2v._model.wordmodel import SHOWN, WordModel
from fastw2v.keyedvectors import KeyedVectors

Layer = TypeVar("Layer", bound="Pretrained")

_FROM = (
    "a Word2Vec goes to from_word2vec, its model.wv or KeyedVectors.load(path) to from_pretrained"
)


class Pretrained(Table):
    """A table that is made of words, or of vectors."""

    @classmethod
    def from_vocabulary(
        cls: type[Layer],
        vocabulary: Iterable[Any],
        output_dim: int,
        *,
        mask_zero: bool = False,
        unknown: str = "row",
        **settings: Any,
    ) -> Layer:
        """Make a layer with random vectors for words.

        Parameters
        ----------
        vocabulary : iterable of str, or of int
            The words, in the order of their rows; a `Vocabulary` or `KeyedVectors` as well.
        output_dim : int
        mask_zero : bool, default False
            Whether row 0 is padding; it then is 0 and stays so.
        unknown : {"row", "zeros", "error"}, default "row"
            What unknown words are: a row of their own, which learns; zeros; or a KeyError.
        **settings
            As of the constructor.

        Returns
        -------
        Embedding or EmbeddingBag

        Examples
        --------
        >>> from fastw2v import Embedding
        >>> layer = Embedding.from_vocabulary(["나는", "사과를"], 4, mask_zero=True)
        >>> layer.encode([["사과를", "먹었다"], ["나는"]])
        array([[3, 1],
               [2, 0]])
        """
        given = getattr(vocabulary, "index_to_key", vocabulary)
        words = RowWords(given, bool(mask_zero), unknown)
        if mask_zero:
            settings.setdefault("padding_idx", 0)
        return cls(
            words.n_rows,
            output_dim,
            mask_zero=mask_zero,
            vocabulary=words.words,
            unknown=unknown,
            **settings,
        )

    @classmethod
    def from_pretrained(
        cls: type[Layer],
        embeddings: KeyedVectors | ArrayLike,
        freeze: bool = True,
        *,
        mask_zero: bool = False,
        unknown: str | None = None,
        **settings: Any,
    ) -> Layer:
        """Make a layer of vectors that exist already; they are copied.

        Parameters
        ----------
        embeddings : KeyedVectors, or array of shape (n, d)
            Of keyed vectors, the layer takes the words as well. An array becomes the table as it
            is, and `mask_zero` means its row 0.
        freeze : bool, default True
            Whether the vectors shall stay as they are (``trainable=False``).
        mask_zero : bool, default False
            With keyed vectors: whether a row of zeros for padding is put before their rows.
        unknown : {"error", "row", "zeros"}, optional
            With keyed vectors: what unknown words are; default "error". "row" puts a row before
            theirs, which begins as the mean of all vectors; "zeros" one that is 0 and stays so.
        **settings
            As of the constructor.

        Returns
        -------
        Embedding or EmbeddingBag

        Raises
        ------
        ValueError
            The array is no matrix, or `unknown` is given with an array.

        Examples
        --------
        >>> from fastw2v import Embedding, KeyedVectors
        >>> wv = KeyedVectors.from_arrays(["왕", "여왕"], np.eye(2))
        >>> Embedding.from_pretrained(wv, unknown="zeros")(["왕", "개"])
        array([[1., 0.],
               [0., 0.]], dtype=float32)
        """
        settings["trainable"] = settings.get("trainable", not check_flag("freeze", freeze))
        if not isinstance(embeddings, KeyedVectors):
            if unknown is not None:
                raise ValueError("unknown needs words: give KeyedVectors, or leave it out")
            table = np.asarray(embeddings)
            if table.ndim != 2 or not table.size:
                hint = "" if table.shape else f": {shorten(embeddings)}; {_FROM}"
                raise ValueError(f"embeddings must have shape (n, d), got {table.shape}{hint}")
            n_rows, output_dim = table.shape
            return cls(n_rows, output_dim, mask_zero=mask_zero, weights=table, **settings)
        words = RowWords(embeddings.index_to_key, bool(mask_zero), unknown or "error")
        weights = np.zeros((words.n_rows, embeddings.vector_size), np.float32)
        weights[words.first_row :] = embeddings.vectors
        if words.unknown == "row" and len(embeddings):
            weights[words.unknown_row] = embeddings.vectors.mean(axis=0, dtype=np.float64)
        if mask_zero:
            settings.setdefault("padding_idx", 0)
        return cls(
            words.n_rows,
            embeddings.vector_size,
            mask_zero=mask_zero,
            weights=weights,
            vocabulary=words.words,
            unknown=words.unknown,
            **settings,
        )

    @classmethod
    def from_word2vec(
        cls: type[Layer], model: Any, vectors: str = "input", freeze: bool = True, **settings: Any
    ) -> Layer:
        """Make a layer of the vectors of a trained model.

        Parameters
        ----------
        model : Word2Vec
        vectors : {"input", "output", "mean"}, default "input"
            W, W', or the mean of both.
        freeze : bool, default True
            Whether the vectors stay as they are; ``freeze=False`` lets steps move them.
        **settings
            As of `from_pretrained`.

        Returns
        -------
        Embedding or EmbeddingBag

        Examples
        --------
        >>> from fastw2v import Embedding, Word2Vec
        >>> text = [["나는", "사과를", "먹었다"]] * 5
        >>> model = Word2Vec(text, vector_size=8, min_count=1, sample=0)
        >>> Embedding.from_word2vec(model, freeze=False).embeddings.shape
        (3, 8)
        """
        return cls.from_pretrained(_vectors_of(model, vectors), freeze, **settings)


def _vectors_of(model: WordModel, vectors: str) -> KeyedVectors:
    """Return the words of a model with W, W' or their mean."""
    if vectors not in SHOWN:
        raise ValueError(f"vectors must be one of {', '.join(SHOWN)}, got {vectors!r}")
    if not isinstance(model, WordModel):
        raise TypeError(f"model must be a Word2Vec, got {type(model).__name__}; {_FROM}")
    keys = model.vocabulary.index_to_key
    if vectors == model.vectors:
        return model.wv
    outputs = model.context_vectors
    if vectors == "output":
        return outputs
    inputs = KeyedVectors.from_arrays(keys, model._used(model._inputs))
    if vectors == "input":
        return inputs
    return KeyedVectors.from_arrays(keys, (inputs.vectors + outputs.vectors) * np.float32(0.5))
