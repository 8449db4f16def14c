"""The part of `Word2Vec` that holds vectors: two matrices with a row for each word."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import check_int
from fastw2v._training.matrices import new_matrices, node_matrix, start_matrices
from fastw2v._training.shards import checked_factors
from fastw2v._typing import StrPath
from fastw2v.corpus import Corpus
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parameters import Parameters
from fastw2v.softmax import start_biases
from fastw2v.trimming import TrimRule
from fastw2v.vocabulary import Vocabulary
from fastw2v.warmstart import WarmStart

VECTOR_SIZE_MAX = 1 << 16
SHOWN = ("input", "output", "mean")


class WordModel:
    """A vocabulary and its vectors, W and W'; `fastw2v.word2vec.Word2Vec` learns them.

    `wv` and `context_vectors` are the same objects for the model's whole life, whatever becomes of
    its vocabulary.
    """

    # What the constructor of Word2Vec sets, beside other fields of `Parameters`.
    alpha: float
    hs: int
    objective: str | None
    min_count: int
    max_final_vocab: int | None
    max_vocab_size: int | None
    workers: int
    progress: bool | None
    checkpoint: StrPath | None
    checkpoint_every: float
    comment: str | None
    callbacks: tuple[object, ...]
    trim_rule: TrimRule | None

    def __init__(self, vector_size: int, seed: int, vectors: str = "input") -> None:
        if vectors not in SHOWN:
            raise ValueError(f"vectors must be one of {', '.join(SHOWN)}, got {vectors!r}")
        self.vector_size = vector_size
        self.seed = seed
        self._shown = vectors
        self._vocabulary: Vocabulary | None = None
        # b and b', matrices of one row; none but for the full softmax.
        self._biases: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._corpus: Corpus | None = None  # the one that build_vocab has read
        self._warm_start: WarmStart | None = None
        self._nodes: NDArray[np.float32] | None = None  # of the Huffman tree, once hs=1 trains
        self.wv, self.context_vectors = KeyedVectors(vector_size), KeyedVectors(vector_size)

        self.raw_vocab: dict[Any, int] | None = None
        self.effective_min_count: int | None = None
        self.corpus_count = self.corpus_total_words = 0

    def _forget_training(self) -> None:
        """Reset what is told of the trainings so far."""
        self.loss_history: list[float] = []
        self.running_training_loss = 0.0
        self.total_train_time = 0.0
        self.train_count = 0
        self.min_alpha_yet_reached = self.alpha
        self._least_start_alpha = math.inf

    @property
    def vectors(self) -> str:
        """Which matrix `wv` shows: "input", "output" or "mean", as the constructor was told."""
        return self._shown

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

    @property
    def hidden_bias(self) -> NDArray[np.float32] | None:
        """The bias b of the hidden layer, (vector_size,); None but with ``objective="softmax"``."""
        return None if self._biases is None else self._used(self._biases[0])[0]

    @property
    def output_bias(self) -> NDArray[np.float32] | None:
        """The bias b' of each word, (words,); None but with ``objective="softmax"``."""
        return None if self._biases is None else self._biases[1][0, : len(self.vocabulary)]

    def _parameters(self, **changes: object) -> Parameters:
        """Return the checked parameters of a run: those of the model, but for the changes."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(Parameters)}
        return Parameters(**(own | changes))

    def _start(self, vocabulary: Vocabulary) -> None:
        """Start the vectors of a vocabulary anew."""
        biases = self._new_biases(vocabulary)  # first: it refuses too many words
        matrices = self._start_matrices(len(vocabulary), self.seed)
        factors = None
        if self._warm_start is not None:
            rows = range(len(vocabulary))
            factors = self._warm_start.apply(vocabulary, rows, self._used(matrices[0]), fresh=True)
        self._hold(vocabulary, *matrices, biases, factors)

    def _start_matrices(
        self, rows: int, seed: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return start_matrices(rows, self.vector_size, seed, check_int("workers", self.workers, 1))

    def _new_biases(
        self, vocabulary: Vocabulary
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        softmax = self.objective == "softmax"
        return start_biases(len(vocabulary), self.vector_size) if softmax else None

    def _arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return what has been trained, and what training is to go by, by the names of files."""
        self._check_rows()
        arrays = {
            "vectors": self._used(self._inputs),
            "context_vectors": self._used(self._outputs),
            "lock_factors": self._lock_factors(),
            "node_vectors": None if self._nodes is None else self._used(self._nodes),
            "hidden_bias": self.hidden_bias,
            "output_bias": self.output_bias,
        }
        return {name: array for name, array in arrays.items() if array is not None}

    def _restore(self, vocabulary: Vocabulary, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take copies of what another model's `_arrays` has given."""
        matrices = new_matrices(len(vocabulary), self.vector_size)
        for own, name in zip(matrices, ("vectors", "context_vectors"), strict=True):
            self._used(own)[:] = arrays[name]
        biases = None
        if "hidden_bias" in arrays or "output_bias" in arrays:
            biases = start_biases(len(vocabulary), self.vector_size)
            for bias, name in zip(biases, ("hidden_bias", "output_bias"), strict=True):
                bias[0, : len(arrays[name])] = arrays[name]
        factors = arrays.get("lock_factors")
        self._hold(vocabulary, *matrices, biases, None if factors is None else factors.copy())
        if "node_vectors" in arrays:
            self._nodes = node_matrix(len(vocabulary), self.vector_size)
            self._used(self._nodes)[:] = arrays["node_vectors"]

    def _grow(self, vocabulary: Vocabulary) -> None:
        """Go over to a vocabulary that has new words, too; known words keep their vectors."""
        old = self.vocabulary
        self._check_rows()
        biases = self._new_biases(vocabulary)
        # Not the numbers that the known words started from.
        matrices = self._start_matrices(len(vocabulary), self.seed + len(old))
        places = np.array([vocabulary.key_to_index[word] for word in old.index_to_key])
        for own, known in zip(matrices, (self._inputs, self._outputs), strict=True):
            own[places] = known
        if biases and self._biases:
            biases[0][:] = self._biases[0]
            biases[1][0, places] = self.output_bias
        factors = self._lock_factors()
        if factors is not None:
            grown = np.ones(len(vocabulary), np.float32)
            grown[places] = factors
            factors = grown
        if self._warm_start is not None:
            rows = np.setdiff1d(np.arange(len(vocabulary)), places).tolist()
            fresh = self._warm_start.apply(vocabulary, rows, self._used(matrices[0]), fresh=False)
            factors = fresh if factors is None else factors * (1 if fresh is None else fresh)
        attributes = self.wv._attributes()
        self._hold(vocabulary, *matrices, biases, factors)
        for name, values in attributes.items():
            self.wv._attribute_like(name, values)[places] = values

    def _hold(
        self,
        vocabulary: Vocabulary,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        biases: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
        lock_factors: NDArray[np.float32] | None,
    ) -> None:
        """Make these matrices, whose rows are padded, the model's own."""
        shown = {"input": self._used(inputs), "output": self._used(outputs)}
        rows = shown[self._shown] if self._shown in shown else shown["input"].copy()
        keys, counts = vocabulary.index_to_key, vocabulary.counts
        wv = KeyedVectors.from_arrays(keys, rows, counts)
        context_vectors = KeyedVectors.from_arrays(keys, shown["output"], counts)
        wv._is_of_model = context_vectors._is_of_model = True  # keys neither come nor go
        if lock_factors is not None:
            wv.vectors_lockf = lock_factors
        _become(self.wv, wv)
        _become(self.context_vectors, context_vectors)
        self._vocabulary, self._inputs, self._outputs = vocabulary, inputs, outputs
        self._biases = biases
        self._nodes = None  # other counts make another tree
        self._refresh()

    def _used(self, padded: NDArray[np.float32]) -> NDArray[np.float32]:
        return padded[:, : self.vector_size]

    def _nodes_of(self, parameters: Parameters) -> NDArray[np.float32] | None:
        """Return the padded rows of the inner nodes, zero at first; None if a run has no tree."""
        if parameters.hs and self._nodes is None:
            self._nodes = node_matrix(len(self.vocabulary), self.vector_size)
        return self._nodes if parameters.hs else None

    def _refresh(self) -> None:
        """Let `wv` show what the matrices have become."""
        if self._shown == "mean":
            mean = self.wv.vectors
            mean.flags.writeable = True
            np.add(self._used(self._inputs), self._used(self._outputs), out=mean)
            mean *= np.float32(0.5)
            mean.flags.writeable = False  # what is written there would be lost

    def _check_rows(self) -> None:
        """Take up vectors that a user has put in the place of ours; refuse what does not fit.

        Raises
        ------
        ValueError
            Vocabulary, vectors and `vector_size` do not fit each other.
        """
        places = {"input": self._inputs, "output": self._outputs}
        pairs = [(self.wv, places.get(self._shown)), (self.context_vectors, self._outputs)]
        for keyed, padded in pairs:
            if keyed.index_to_key != self.vocabulary.index_to_key:
                raise ValueError(
                    "the words of model.wv are not those of model.vocabulary: one of them has been "
                    "changed by hand; add words by build_vocab or build_vocab_from_freq with "
                    "update=True, and change the words of a copy of model.wv"
                )
            if keyed.vector_size != self.vector_size:
                raise ValueError(
                    f"the vectors have {keyed.vector_size} dimensions, not the "
                    f"vector_size={self.vector_size} that has been set by hand"
                )
            if padded is None and not keyed._is_of_model:
                raise ValueError(
                    "model.wv shows the mean of two matrices, and other vectors have been put in "
                    "its place, which the model cannot learn from; to start from vectors use "
                    "init_vectors="
                )
            if padded is not None and not np.may_share_memory(keyed.vectors, padded):
                own = self._used(padded)
                own[:] = keyed.vectors
                shown = KeyedVectors.from_arrays(keyed.index_to_key, own, self.vocabulary.counts)
                shown.expandos.update(keyed._attributes())
                shown.vectors_lockf = keyed.vectors_lockf
                shown._is_of_model = True
                _become(keyed, shown)

    def _lock_factors(self) -> NDArray[np.float32] | None:
        """Return `wv.vectors_lockf` as a factor for each row, or None if no row is held back."""
        return checked_factors(self.wv.vectors_lockf, len(self.vocabulary))

    def __getstate__(self) -> tuple[dict[str, Any], tuple[Any, ...]]:
        """Give what a copy or a pickle holds: not a corpus, which may be huge, nor functions."""
        rebuilt = {
            *("_corpus", "_warm_start", "_vocabulary", "_inputs", "_outputs", "_biases", "_nodes"),
            *("wv", "context_vectors"),
        }
        settings = {name: value for name, value in vars(self).items() if name not in rebuilt}
        settings |= {"callbacks": (), "trim_rule": None}
        if self._vocabulary is None:
            return settings, ()
        return settings, (self._vocabulary, self._arrays(), self.wv._attributes())

    def __setstate__(self, state: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
        settings, trained = state
        WordModel.__init__(self, settings["vector_size"], settings["seed"], settings["_shown"])
        vars(self).update(settings)
        if trained:
            vocabulary, arrays, attributes = trained
            self._restore(vocabulary, arrays)
            # A shallow copy is given the arrays themselves.
            self.wv.expandos.update({name: array.copy() for name, array in attributes.items()})


def _become(keyed: KeyedVectors, other: KeyedVectors) -> None:
    """Make one object what another is, so that all who hold it see the new words."""
    vars(keyed).clear()
    vars(keyed).update(vars(other))
