"""The textbook objective: softmax(W'(Wx + b) + b') over the whole vocabulary, without shortcuts."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import cpu
from fastw2v._native.softmax import BATCH_MAX, SoftmaxTask, SoftmaxWorker, parts
from fastw2v._native.train import matrix
from fastw2v.corpus import Corpus
from fastw2v.parameters import Parameters
from fastw2v.training import AnyTask, Run
from fastw2v.vocabulary import Vocabulary

# Each word of the text costs 6 x vector_size operations for each word of the vocabulary: with so
# many words and 100 dimensions, a core trains about a thousand words a second.
WORDS_MAX = 100_000

# How often the most frequent word may be among the words that a batch predicts: steps from the same
# place overshoot where one after the other would not (kernels/softmax.h).
REPEATS_MAX = 3

# Multiply-adds of a batch's scores: at most, because the stop flag is looked at between batches;
# and at least for each thread, because threads wait for each other three times a batch.
BATCH_WORK = 1 << 31
THREAD_WORK = 1 << 20


class SoftmaxRun(Run):
    """Several epochs over one corpus, with the full softmax and biases.

    A word of the context x (skip-gram: each word in turn; CBOW: the mean or sum of all) makes the
    hidden vector h = W x + b, and this the chance softmax(W' h + b') of each word of the vocabulary
    to be the centre word. Each pair of a hidden vector and a centre word is a step of gradient
    descent on -log of that chance, in W, b, W' and b', with the learning rate of the other
    objectives. Up to `BATCH_MAX` hidden vectors, of words far from each other, share one matrix
    product: their steps are added up, and shortened where the sum would overshoot.

    Threads share every batch, each with its part of the vocabulary: so the vectors are the same,
    bit for bit, for any number of threads.

    Parameters
    ----------
    corpus : Corpus
        What to train on.
    vocabulary : Vocabulary
        Which words to train, at most `WORDS_MAX`; row k of the matrices is its word k.
    inputs, outputs : ndarray of float32, shape (len(vocabulary), stride)
        W and W', changed in place; from `fastw2v._native.train.matrix`.
    biases : tuple of two ndarrays of float32
        b and b', changed in place; from `start_biases`.
    vector_size : int
        Dimensions of the vectors; the rows' other numbers are padding.
    parameters : Parameters
        Of the run. `negative` and `ns_exponent` have no part in it.
    lock_factors : ndarray of float32, shape (len(vocabulary),), optional
        What each row of W learns is multiplied by its factor.
    """

    def __init__(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        biases: tuple[NDArray[np.float32], NDArray[np.float32]],
        vector_size: int,
        parameters: Parameters,
        lock_factors: NDArray[np.float32] | None = None,
    ) -> None:
        self._biases, self._vector_size = biases, vector_size
        super().__init__(corpus, vocabulary, inputs, outputs, parameters, lock_factors=lock_factors)

    def _new_task(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        words: NDArray[np.uint32],
        keep: NDArray[np.float64],
    ) -> AnyTask:
        parameters, (inputs, outputs, _) = self._parameters, self._matrices
        kept_counts = vocabulary.counts * keep
        top_share = float(kept_counts.max() / kept_counts.sum())
        self._untrained_loss = math.inf  # too long a step is shortened: there is nothing to watch
        window = parameters.mean_window
        n_contexts, n_targets = (1, window) if parameters.sg else (window, 1)
        size = batch_size(n_targets, top_share, outputs.size)
        work = size * outputs.size // THREAD_WORK
        self._n_threads = max(1, min(parameters.workers, parts(len(outputs)), work))
        return SoftmaxTask(
            corpus.tokens,
            corpus.offsets,
            words,
            self._vector_size,
            inputs,
            outputs,
            *self._biases,
            self._lock_factors,
            isa=cpu.isa(),
            threads=self._n_threads,
            shard_words=self._shard_words,
            batch_size=size,
            repeats=1 + (size - 1) * n_contexts * top_share,
            window=parameters.window,
            cbow=not parameters.sg,
            cbow_mean=bool(parameters.cbow_mean),
            shrink_windows=parameters.shrink_windows,
            compute_loss=parameters.compute_loss,
            alpha=parameters.alpha,
            min_alpha=parameters.min_alpha,
            total_words=self.total_words,
            seed=parameters.seed,
        )

    @property
    def _all_matrices(self) -> dict[str, NDArray[np.float32]]:
        hidden, output = self._biases
        return super()._all_matrices | {"hidden bias": hidden, "output bias": output}

    def _jobs(self, epoch: int, todo: deque[tuple[int, int]]) -> list[Callable[[], None]]:
        # One shard, which all threads train together: between two of them there may be a rest.
        start, end = todo.popleft()
        self._move_on(start, end)
        workers = [
            SoftmaxWorker(cast(SoftmaxTask, self._task), index, epoch)
            for index in range(self._n_threads)
        ]
        return [partial(worker.train, start, end) for worker in workers]


def start_biases(rows: int, vector_size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make b and b', all zero, as matrices of one row.

    Parameters
    ----------
    rows : int
        Words of the vocabulary.
    vector_size : int
        Dimensions of the vectors.

    Raises
    ------
    ValueError
        There are more than `WORDS_MAX` words.

    Examples
    --------
    >>> b, b_prime = start_biases(1_000, 100)
    >>> b[0, :100].any(), b_prime[0, :1_000].any()
    (np.False_, np.False_)
    """
    if rows > WORDS_MAX:
        raise ValueError(
            f"objective='softmax' scores every word at every step, and is for at most "
            f"{WORDS_MAX:,} words; the vocabulary has {rows:,}. Have fewer (max_final_vocab="
            f"{WORDS_MAX}, or a higher min_count), or leave objective out: negative sampling is "
            "for any number"
        )
    return matrix(1, vector_size), matrix(1, rows)


def batch_size(targets: int, top_share: float, numbers: int) -> int:
    """Say how many hidden vectors share one matrix product.

    Parameters
    ----------
    targets : int
        Words that one hidden vector predicts, on average.
    top_share : float
        Share of the most frequent word in the text as trained.
    numbers : int
        Size of W'.

    Returns
    -------
    int
        From 1 to `BATCH_MAX`.

    Examples
    --------
    >>> batch_size(6, 0.01, 1_000_000), batch_size(6, 0.04, 1_000_000), batch_size(200, 0.5, 32)
    (32, 12, 1)
    """
    most = min(REPEATS_MAX / (targets * top_share), BATCH_WORK / numbers)
    return max(1, min(BATCH_MAX, int(most)))
