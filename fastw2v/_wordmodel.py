"""The part of `Word2Vec` that holds vectors: two matrices with a row for each word."""

from __future__ import annotations

import dataclasses
from typing import Any

from fastw2v._typing import Array
from fastw2v.corpus import Corpus
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parameters import Parameters
from fastw2v.training import new_matrices, node_matrix, start_matrices
from fastw2v.vocabulary import Vocabulary

VECTOR_SIZE_MAX = 1 << 16


class WordModel:
    """A vocabulary and its vectors, W and W'; `fastw2v.word2vec.Word2Vec` learns them."""

    # What the constructor of Word2Vec sets, beside other fields of `Parameters`.
    sg: int
    alpha: float

    def __init__(self, vector_size: int, seed: int) -> None:
        self.vector_size = vector_size
        self.seed = seed
        self._vocabulary: Vocabulary | None = None
        self._corpus: Corpus | None = None  # the one that build_vocab has read
        self._nodes: Array | None = None  # of the vocabulary's Huffman tree, once hs=1 trains
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

    def _parameters(self, **changes: object) -> Parameters:
        """Return the checked parameters of a run: those of the model, but for the changes."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(Parameters)}
        return Parameters(**(own | changes))

    def __repr__(self) -> str:
        words = f"{len(self._vocabulary):,} words" if self._vocabulary else "no vocabulary yet"
        kind = "skip-gram" if self.sg else "CBOW"
        return f"<Word2Vec: {kind}, {words}, vector_size={self.vector_size}, alpha={self.alpha}>"

    @property
    def syn1neg(self) -> Array:
        """The output matrix of negative sampling, W': the vectors of `context_vectors`."""
        return self.context_vectors.vectors

    @property
    def syn1(self) -> Array:
        """The output matrix of hierarchical softmax: a row for each inner node of the tree.

        Row 0 is the root; see `fastw2v.huffman.HuffmanTree` for the others.

        Raises
        ------
        AttributeError
            Nothing has been trained with ``hs=1``.
        """
        if self._node_vectors is None:
            raise AttributeError("there is no syn1 yet: it is what training with hs=1 learns")
        return self._node_vectors

    @property
    def _node_vectors(self) -> Array | None:
        return None if self._nodes is None else self._nodes[:, : self.vector_size]

    def _nodes_of(self, parameters: Parameters) -> Array | None:
        """Return the padded rows of the inner nodes, zero at first; None if a run has no tree."""
        if parameters.hs and self._nodes is None:
            self._nodes = node_matrix(len(self.vocabulary), self.vector_size)
        return self._nodes if parameters.hs else None

    def _set_nodes(self, vectors: Array | None) -> None:
        """Take a copy of the vectors of the inner nodes, if there are any."""
        if vectors is not None:
            self._nodes = node_matrix(len(self.vocabulary), self.vector_size)
            self._nodes[:, : self.vector_size] = vectors

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
        self._vocabulary, self._inputs, self._outputs = vocabulary, inputs, outputs
        self._nodes = None
        self.wv, self.context_vectors = wv, context_vectors

    def _forget_norms(self) -> None:
        self.wv.forget_norms()
        self.context_vectors.forget_norms()

    def __getstate__(self) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Give what a copy or a pickle holds: all but a corpus, which may be huge."""
        rebuilt = {"_corpus", "_vocabulary", "_inputs", "_outputs", "_nodes"}
        rebuilt |= {"wv", "context_vectors"}
        settings = {name: value for name, value in vars(self).items() if name not in rebuilt}
        if self._vocabulary is None:
            return settings, ()
        matrices = self.wv.vectors, self.context_vectors.vectors
        return settings, (self._vocabulary, *matrices, self._node_vectors)

    def __setstate__(self, state: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
        settings, trained = state
        WordModel.__init__(self, settings["vector_size"], settings["seed"])
        vars(self).update(settings)
        if trained:
            *others, nodes = trained
            self._set_matrices(*others)
            self._set_nodes(nodes)
