"""One training run: shards of the corpus, threads, learning rate, progress, stop, merge."""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fastw2v import cpu
from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._native.train import NEGATIVE_MAX, WINDOW_MAX, Task, Worker, alias_table, matrix
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew
from fastw2v.progress import Progress
from fastw2v.tokenfile import release
from fastw2v.vocabulary import Vocabulary

# Words in a shard. A corpus of one shard is trained by one thread, and so repeats exactly.
SHARD_WORDS = 16_384

# Private rows. A thread merges one after so many of its own updates, and so often in a run at the
# least: the loss of the first epoch tells how stale the others' changes may be. It needs so many
# updates between two merges to be worth its place, and all of one matrix take no more than a
# quarter of a megabyte, so that they stay in the second-level cache.
MERGE_UPDATES = 32
RUN_MERGES = 1024
LEAST_UPDATES = 8
LEAST_WORDS = 64
PRIVATE_FLOATS = 1 << 16

# More than any machine has cores; each thread has a stack and private rows of its own.
WORKERS_MAX = 1024

# Rows of W that are drawn at a time.
_BLOCK_ROWS = 1 << 14


@dataclass(frozen=True)
class Parameters:
    """What decides how a run goes; names as in Word2Vec, values checked."""

    window: int
    negative: int
    sample: float
    ns_exponent: float
    sg: int
    cbow_mean: int
    shrink_windows: bool
    alpha: float
    min_alpha: float
    epochs: int
    seed: int
    workers: int
    compute_loss: bool

    def __post_init__(self) -> None:
        checked = {
            "window": check_int("window", self.window, 1, WINDOW_MAX),
            "negative": check_int("negative", self.negative, 1, NEGATIVE_MAX),
            "sample": check_float("sample", self.sample, 0.0, 1.0),
            "ns_exponent": check_float("ns_exponent", self.ns_exponent, -math.inf),
            "sg": int(check_flag("sg", self.sg)),
            "cbow_mean": int(check_flag("cbow_mean", self.cbow_mean)),
            "shrink_windows": check_flag("shrink_windows", self.shrink_windows),
            "alpha": check_float("alpha", self.alpha, 0.0, exclusive=True),
            "min_alpha": check_float("min_alpha", self.min_alpha, 0.0),
            "epochs": check_int("epochs", self.epochs, 1),
            "seed": check_int("seed", self.seed, 0, 2**64 - 1),
            "workers": check_int("workers", self.workers, 1, WORKERS_MAX),
            "compute_loss": check_flag("compute_loss", self.compute_loss),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.min_alpha > self.alpha:
            raise ValueError(
                f"min_alpha (end_alpha in train) must be at most alpha={self.alpha}, "
                f"got {self.min_alpha}"
            )


@dataclass(frozen=True)
class EpochResult:
    """What one epoch did."""

    raw_words: int
    trained_words: int
    pairs: int
    loss: float  # mean of a training pair; NaN unless it was computed


class Run:
    """Several epochs over one corpus.

    Parameters
    ----------
    corpus : Corpus
        What to train on.
    vocabulary : Vocabulary
        Which words to train; row k of the matrices is its word k.
    inputs, outputs : ndarray of float32, shape (len(vocabulary), stride)
        W and W', changed in place; from `fastw2v._native.train.matrix`.
    parameters : Parameters
        Of the run.
    """

    def __init__(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        parameters: Parameters,
    ) -> None:
        self._parameters = parameters
        self._tokens = corpus.tokens
        self._inputs, self._outputs = inputs, outputs
        self._shards = shards(corpus.offsets, SHARD_WORDS)
        self._shard_words = int(np.diff(self._shards).max())
        self._n_threads = min(parameters.workers, len(self._shards) - 1)
        self.total_words = corpus.total_words * parameters.epochs
        keep = vocabulary.keep_probabilities(parameters.sample)
        noise = vocabulary.noise_distribution(parameters.ns_exponent)
        rates = update_rates(vocabulary.counts * keep, noise, parameters)
        trained_words = int((vocabulary.counts * keep).sum()) * parameters.epochs
        input_merges, output_merges = (
            merge_schedule(rate, trained_words, self._n_threads, inputs.shape[1]) for rate in rates
        )
        row_of_word = vocabulary.rows_of(corpus)
        if row_of_word.max() >= len(inputs):
            raise ValueError("the vocabulary has been changed by hand; call build_vocab again")
        if row_of_word.max() < 0:
            raise ValueError("no word of the corpus is in the vocabulary; give it to build_vocab")
        self._task = Task(
            corpus.tokens,
            corpus.offsets,
            row_of_word,
            np.minimum(keep * 2.0**32, 2.0**32 - 1).astype(np.uint32),
            alias_table(noise),
            inputs,
            outputs,
            input_merges,
            output_merges,
            rates[0, : len(input_merges)],
            rates[1, : len(output_merges)],
            isa=cpu.isa(),
            threads=self._n_threads,
            window=parameters.window,
            negative=parameters.negative,
            cbow=not parameters.sg,
            cbow_mean=bool(parameters.cbow_mean),
            shrink_windows=parameters.shrink_windows,
            compute_loss=parameters.compute_loss,
            alpha=parameters.alpha,
            min_alpha=parameters.min_alpha,
            total_words=self.total_words,
            seed=parameters.seed,
        )

    def train(
        self,
        show: bool | None,
        before_epoch: Callable[[], object],
        after_epoch: Callable[[EpochResult], object],
    ) -> tuple[int, int]:
        """Train all epochs; return the words trained and the words read.

        Parameters
        ----------
        show : bool or None
            Whether to show progress; see `Progress`.
        before_epoch, after_epoch : callable
            Called around each epoch.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; the matrices then hold all that was learned so far.
        FloatingPointError
            The matrices are not finite any more.
        """
        title = "skip-gram" if self._parameters.sg else "CBOW"
        with Progress(title, self.total_words, "words", show) as line:
            for number in range(self._parameters.epochs):
                note = f"epoch {number + 1}/{self._parameters.epochs}"
                before_epoch()
                after_epoch(self._epoch(number, line, note))
            line.finish(self._words_done, note)
        if not (np.isfinite(self._inputs.sum()) and np.isfinite(self._outputs.sum())):
            raise FloatingPointError(
                "the vectors are not finite any more; lower alpha (it is "
                f"{self._parameters.alpha:g})"
            )
        raw_words, trained_words, pairs = self._task.counters.sum(axis=0)[:3].tolist()
        if not pairs:
            warnings.warn(
                f"nothing was learned: of {raw_words:,} words of text, the vocabulary and "
                f"subsampling left {trained_words:,}, no two of them in one sentence; is each "
                "sentence a list of tokens, or a line? For a small text, pass sample=0",
                RuntimeWarning,
                stacklevel=4,
            )
        return trained_words, raw_words

    @property
    def _words_done(self) -> int:
        """Words of the corpus read so far, in all epochs."""
        return int(self._task.counters[:, 0].sum())

    def _epoch(self, number: int, line: Progress, note: str) -> EpochResult:
        """Train every word of the corpus once, and show it, with a note, on the line."""
        counters, losses = self._task.counters.sum(axis=0), self._task.losses.sum()
        todo = deque(zip(self._shards[:-1].tolist(), self._shards[1:].tolist(), strict=True))
        jobs = [partial(self._work, index, number, todo) for index in range(self._n_threads)]
        with Crew(jobs, partial(self._stop, todo)) as crew:
            crew.wait(lambda: line.update(self._words_done, note))
        raw_words, trained_words, pairs = (self._task.counters.sum(axis=0) - counters)[:3].tolist()
        loss = float(self._task.losses.sum() - losses)
        known = self._parameters.compute_loss and pairs
        return EpochResult(raw_words, trained_words, pairs, loss / pairs if known else math.nan)

    def _work(self, index: int, epoch: int, todo: deque[tuple[int, int]]) -> None:
        worker = Worker(self._task, index, epoch, self._shard_words)
        try:
            while True:
                start, end = todo.popleft()
                worker.train(start, end)
                release(self._tokens, start, end)
        except IndexError:  # another thread took the last shard
            pass
        finally:
            worker.finish()

    def _stop(self, todo: deque[tuple[int, int]]) -> None:
        todo.clear()
        self._task.stop[0] = 1


def start_matrices(
    rows: int, vector_size: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make W, uniform in +-1 / vector_size, and W', zero, as gensim does."""
    try:
        inputs, outputs = matrix(rows, vector_size), matrix(rows, vector_size)
    except (OSError, OverflowError):  # how a refused memory map says it
        raise MemoryError(
            f"no memory for two matrices of {rows:,} x {vector_size:,} numbers; lower vector_size, "
            "or have fewer words (min_count, max_final_vocab)"
        ) from None
    random = np.random.default_rng(seed)
    for start in range(0, rows, _BLOCK_ROWS):
        block = inputs[start : start + _BLOCK_ROWS, :vector_size]
        block[:] = (2 * random.random(block.shape, dtype=np.float32) - 1) / vector_size
    return inputs, outputs


def shards(offsets: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Cut a corpus into shards of about `size` words.

    Parameters
    ----------
    offsets : ndarray of int64
        Where sentences begin, and where the last one ends.
    size : int
        Words in a shard; none has more than twice as many.

    Returns
    -------
    ndarray of int64
        Where shards begin, and where the last one ends: at the beginning of a sentence, but within
        one that is longer than a shard.

    Examples
    --------
    >>> shards(np.array([0, 3, 8, 30]), 5)
    array([ 0,  8, 10, 15, 20, 25, 30])
    """
    total = int(offsets[-1])
    wanted = np.arange(0, total, size)
    starts = offsets[np.searchsorted(offsets, wanted)]
    cuts = np.where(starts - wanted < size, starts, wanted)
    return np.unique(np.append(cuts, total))


def update_rates(
    kept_counts: NDArray[np.float64], noise: NDArray[np.float64], parameters: Parameters
) -> NDArray[np.float64]:
    """Expected updates of each row of W and of W' in one trained word; shape (2, rows)."""
    share = kept_counts / kept_counts.sum()
    window = parameters.window + 1 if parameters.shrink_windows else 2 * parameters.window
    pairs = window if parameters.sg else 1
    return np.stack([share * window, (share + parameters.negative * noise) * pairs])


def merge_schedule(
    rates: NDArray[np.float64], trained_words: int, threads: int, stride: int
) -> NDArray[np.int64]:
    """Say which rows of a matrix the threads keep private copies of, and how often each merges.

    Parameters
    ----------
    rates : ndarray of float64
        Expected updates of each row in one trained word, most frequent rows first.
    trained_words : int
        Of the whole run.
    threads : int
        How many there are.
    stride : int
        Floats in a row.

    Returns
    -------
    ndarray of int64
        Trained words between two merges of each private row, powers of two, ascending.
    """
    if threads == 1:
        return np.zeros(0, dtype=np.int64)
    rates = rates[: PRIVATE_FLOATS // stride]
    every = np.minimum(MERGE_UPDATES / rates, trained_words / threads / RUN_MERGES)
    every = np.maximum.accumulate(2 ** np.floor(np.log2(np.maximum(every, LEAST_WORDS))))
    worth = every * rates >= LEAST_UPDATES
    n_rows = len(worth) if worth.all() else int(worth.argmin())
    return every[:n_rows].astype(np.int64)
