"""The part of `Word2Vec` that holds vectors: two matrices with a row for each word."""

from __future__ import annotations

from typing import Any

from fastw2v._typing import Array
from fastw2v.corpus import Corpus
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.training import new_matrices, start_matrices
from fastw2v.vocabulary import Vocabulary

VECTOR_SIZE_MAX = 1 << 16


class WordModel:
    """A vocabulary and its vectors, W and W'; `fastw2v.word2vec.Word2Vec` learns them."""

    def __init__(self, vector_size: int, seed: int) -> None:
        self.vector_size = vector_size
        self.seed = seed
        self._vocabulary: Vocabulary | None = None
        self._corpus: Corpus | None = None  # the one that build_vocab has read
        self.wv, self.context_vectors = KeyedVectors(vector_size), KeyedVectors(vector_size)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words and their counts, in the order of the rows.

        Raises
        ------
        RuntimeError
            There is no vocabulary yet: `build_vocab` has not been called.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> model = Word2Vec(min_count=1)
        >>> model.build_vocab([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> model.vocabulary
        <Vocabulary: 4 words, 5 occurrences>
        """
        if self._vocabulary is None:
            raise RuntimeError("there is no vocabulary yet: call build_vocab(source) first")
        return self._vocabulary

    def _set_matrices(self, vocabulary: Vocabulary, *matrices: Array) -> None:
        """Take copies of the matrices W and W', or start them anew where none are given."""
        shape = len(vocabulary), self.vector_size
        inputs, outputs = new_matrices(*shape) if matrices else start_matrices(*shape, self.seed)
        wv, context_vectors = (
            KeyedVectors.from_arrays(
                vocabulary.index_to_key, rows[:, : self.vector_size], vocabulary.counts
            )
            for rows in (inputs, outputs)
        )
        for own, given in zip((wv, context_vectors), matrices, strict=False):
            if own.vectors.shape != given.shape:
                raise ValueError(f"a matrix of shape {given.shape}, not {own.vectors.shape}")
            own.vectors[:] = given
        wv._is_of_model = context_vectors._is_of_model = True  # keys neither come nor go
        self._vocabulary, self._inputs, self._outputs = vocabulary, inputs, outputs
        self.wv, self.context_vectors = wv, context_vectors

    def __getstate__(self) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Give what a copy or a pickle holds: all but a corpus, which may be huge."""
        rebuilt = ("_corpus", "_vocabulary", "_inputs", "_outputs", "wv", "context_vectors")
        settings = {name: value for name, value in vars(self).items() if name not in rebuilt}
        if self._vocabulary is None:
            return settings, ()
        return settings, (self._vocabulary, self.wv.vectors, self.context_vectors.vectors)

    def __setstate__(self, state: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
        settings, trained = state
        WordModel.__init__(self, settings["vector_size"], settings["seed"])
        vars(self).update(settings)
        if trained:
            self._set_matrices(*trained)
