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
from fastw2v._native.train import (
    GROUP_MAX,
    MERGE_TAU,
    NEGATIVE_MAX,
    WINDOW_MAX,
    Task,
    Worker,
    alias_table,
    matrix,
)
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew, taken_from
from fastw2v.progress import Progress
from fastw2v.tokenfile import release
from fastw2v.vocabulary import Vocabulary

# Words in a shard. A corpus of one shard is trained by one thread, and so repeats exactly.
SHARD_WORDS = 16_384

# Private rows. A visit is a time that a thread comes to a row: the cores pass its cache lines back
# and forth for each, if they share it, and for each merge, if they do not. So a thread merges a row
# after so many visits, and a row that could have fewer is not worth its place. Nor may the threads
# learn much of a row without each other: all together no more than a part of tau
# (kernels/merging.h) or, for the hottest rows, of what they learn of it in the whole run. All
# private rows of one matrix take a megabyte at most, so that they stay in the second-level cache.
MERGE_VISITS = 32
LEAST_VISITS = 3
STALE_TAUS = 0.15
STALE_PART, STALE_PART_MOST = 1 / 1000, 1 / 128
LEAST_WORDS = 64
PRIVATE_FLOATS = 1 << 18

# Tokens whose memory is let go of at a time: each time, the cores interrupt each other.
RELEASE_WORDS = 1 << 20

# A count of words in 64 bits is to hold those of all epochs.
EPOCHS_MAX = 1_000_000

# More than any machine has cores; each thread has a stack and private rows of its own.
WORKERS_MAX = 1024

# No number of a vector comes near this, unless training diverges.
LARGEST = 1e3

# Rows of W that are drawn at a time.
_BLOCK_ROWS = 1 << 12


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
            "ns_exponent": check_float("ns_exponent", self.ns_exponent, -100, 100),
            "sg": int(check_flag("sg", self.sg)),
            "cbow_mean": int(check_flag("cbow_mean", self.cbow_mean)),
            "shrink_windows": check_flag("shrink_windows", self.shrink_windows),
            "alpha": check_float("alpha", self.alpha, 0.0, exclusive=True),
            "min_alpha": check_float("min_alpha", self.min_alpha, 0.0),
            "epochs": check_int("epochs", self.epochs, 1, EPOCHS_MAX),
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
        kept_counts = vocabulary.counts * keep
        rates, visits = row_rates(kept_counts, noise, parameters)
        trained_words = int(kept_counts.sum()) * parameters.epochs
        input_merges, output_merges = (
            merge_schedule(
                *rows, trained_words, MERGE_TAU / parameters.alpha, self._n_threads, inputs.shape[1]
            )
            for rows in zip(rates, visits, strict=True)
        )
        row_of_word = vocabulary.rows_of(corpus)
        if row_of_word.max() >= len(inputs):
            raise ValueError("the vocabulary has been changed by hand; call build_vocab again")
        if row_of_word.max() < 0:
            raise ValueError("no word of the corpus is in the vocabulary; give it to build_vocab")
        self._task = Task(
            corpus.tokens,
            corpus.offsets,
            words_table(row_of_word, keep),
            alias_table(noise),
            inputs,
            outputs,
            input_merges,
            output_merges,
            rates[0, : input_merges[0].max(initial=0)],
            rates[1, : output_merges[0].max(initial=0)],
            isa=cpu.isa(),
            threads=self._n_threads,
            window=parameters.window,
            negative=parameters.negative,
            cbow=not parameters.sg,
            cbow_mean=bool(parameters.cbow_mean),
            shrink_windows=parameters.shrink_windows,
            compute_loss=parameters.compute_loss,
            top_share=float(kept_counts.max() / kept_counts.sum()),
            alpha=parameters.alpha,
            min_alpha=parameters.min_alpha,
            total_words=self.total_words,
            seed=parameters.seed,
        )

    def train(
        self,
        show: bool | None,
        before_epoch: Callable[[], object],
        after_epoch: Callable[[float], object],
    ) -> tuple[int, int]:
        """Train all epochs; return the words trained and the words read.

        Parameters
        ----------
        show : bool or None
            Whether to show progress; see `Progress`.
        before_epoch, after_epoch : callable
            Called around each epoch; the latter with its loss, the mean of a training pair, or NaN.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; the matrices then hold all that was learned so far.
        FloatingPointError
            The matrices grow without bound; checked after each epoch.
        """
        title = "skip-gram" if self._parameters.sg else "CBOW"
        with Progress(title, self.total_words, "words", show) as line:
            for number in range(self._parameters.epochs):
                note = f"epoch {number + 1}/{self._parameters.epochs}"
                before_epoch()
                loss = self._epoch(number, line, note)
                self._check_growth()
                after_epoch(loss)
            line.finish(self._words_done, note)
        raw_words, trained_words, pairs = self._task.counters.sum(axis=0)[:3].tolist()
        if not pairs:
            warnings.warn(
                f"nothing was learned: of {raw_words:,} words of text, the vocabulary and "
                f"subsampling left {trained_words:,}, no two of them in one sentence; is each "
                "sentence a list of tokens, or a line? For a small text, pass sample=0",
                RuntimeWarning,
                stacklevel=3,
            )
        return trained_words, raw_words

    def _check_growth(self) -> None:
        for rows in (self._inputs, self._outputs):
            if not -LARGEST < rows.min() <= rows.max() < LARGEST:  # false for NaN, too
                raise FloatingPointError(
                    "the vectors grow without bound; lower alpha (it is "
                    f"{self._parameters.alpha:g}) or the window, or set sample"
                )

    @property
    def pairs(self) -> int:
        """Vectors trained so far: the context rows of each window; in CBOW, one a window."""
        return int(self._task.counters[:, 2].sum())

    @property
    def _words_done(self) -> int:
        """Words of the corpus read so far, in all epochs."""
        return int(self._task.counters[:, 0].sum())

    def _epoch(self, number: int, line: Progress, note: str) -> float:
        """Train every word of the corpus once, and show it, with a note, on the line."""
        pairs, losses = self._task.counters[:, 2].sum(), self._task.losses.sum()
        todo = deque(zip(self._shards[:-1].tolist(), self._shards[1:].tolist(), strict=True))
        jobs = [partial(self._work, index, number, todo) for index in range(self._n_threads)]
        with Crew(jobs, partial(self._stop, todo)) as crew:
            crew.wait(lambda: line.update(self._words_done, note))
        pairs = self._task.counters[:, 2].sum() - pairs
        if not self._parameters.compute_loss or not pairs:
            return math.nan
        return float((self._task.losses.sum() - losses) / pairs)

    def _work(self, index: int, epoch: int, todo: deque[tuple[int, int]]) -> None:
        worker = Worker(self._task, index, epoch, self._shard_words)
        try:
            for start, end in taken_from(todo):
                worker.train(start, end)
                region = end // RELEASE_WORDS
                if region > max(1, start // RELEASE_WORDS):
                    # A region behind, for the other threads may still be at this one.
                    behind = (region - 1) * RELEASE_WORDS
                    release(self._tokens, behind - RELEASE_WORDS, behind)
        finally:
            worker.finish()

    def _stop(self, todo: deque[tuple[int, int]]) -> None:
        todo.clear()
        self._task.stop[0] = 1


def new_matrices(rows: int, vector_size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make room for W and W', all zero."""
    try:
        return matrix(rows, vector_size), matrix(rows, vector_size)
    except (OSError, OverflowError):  # how a refused memory map says it
        raise MemoryError(
            f"no memory for two matrices of {rows:,} x {vector_size:,} numbers; lower vector_size, "
            "or have fewer words (min_count, max_final_vocab)"
        ) from None


def start_matrices(
    rows: int, vector_size: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make W, uniform in +-1 / vector_size, and W', zero, as gensim does.

    All cores draw, which spreads W over the memory of all of them; threads that train touch W'
    first, and spread that.
    """
    inputs, outputs = new_matrices(rows, vector_size)
    todo = deque(range(0, rows, _BLOCK_ROWS))

    def work() -> None:
        for start in taken_from(todo):
            # The same numbers, whichever thread draws them.
            random = np.random.default_rng([seed, start])
            block = inputs[start : start + _BLOCK_ROWS, :vector_size]
            block[:] = (2 * random.random(block.shape, dtype=np.float32) - 1) / vector_size

    with Crew([work] * min(cpu.usable_cores(), len(todo)), todo.clear) as crew:
        crew.wait(lambda: None)
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


def words_table(row_of_word: NDArray[np.int32], keep: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Row of each word of a corpus, and its chance to be kept in parts of 2**31."""
    table = np.zeros((len(row_of_word), 2), dtype=np.uint32)
    (known,) = np.nonzero(row_of_word >= 0)
    table[known, 0] = row_of_word[known]
    table[known, 1] = np.floor(keep[row_of_word[known]] * 2.0**31)
    return table


def row_rates(
    kept_counts: NDArray[np.float64], noise: NDArray[np.float64], parameters: Parameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected updates, and visits, of each row of W and of W' in one trained word: (2, rows) each.

    Updates are counted in pairs of a vector and an output. A row of W is visited when its word
    comes into sight, and learns from every window that it stands in (in CBOW a share of what that
    window learns); a row of W' learns at a visit from all vectors of the windows at hand.
    """
    share = kept_counts / kept_counts.sum()
    window = parameters.window + 1 if parameters.shrink_windows else 2 * parameters.window
    outputs, vectors = (1 + parameters.negative, window) if parameters.sg else (1, 1)
    drawn = parameters.negative * noise
    updates = np.stack([share * window * outputs, (share + drawn) * vectors])
    visits = np.stack([share, share + drawn / GROUP_MAX])
    return updates, visits


def merge_schedule(
    updates: NDArray[np.float64],
    visits: NDArray[np.float64],
    trained_words: int,
    tau: float,
    threads: int,
    stride: int,
) -> NDArray[np.int64]:
    """Say which rows of a matrix the threads keep private copies of, and how often each merges.

    Parameters
    ----------
    updates, visits : ndarray of float64
        As `row_rates` has them for one matrix; most frequent rows first.
    trained_words : int
        Of the whole run.
    tau : float
        Updates that bring a row near its optimum; see kernels/merging.h.
    threads : int
        How many there are.
    stride : int
        Floats in a row.

    Returns
    -------
    ndarray of int64, shape (2, n)
        The private rows, which are the first ones, in n blocks: the row behind each, and the
        trained words between two merges of its rows. These are rising powers of two.
    """
    if threads == 1:
        return np.zeros((2, 0), dtype=np.int64)
    n_rows = PRIVATE_FLOATS // stride
    updates, visits = updates[:n_rows], visits[:n_rows]
    stale = np.maximum(STALE_TAUS * tau / updates, STALE_PART * trained_words)
    stale = np.minimum(stale, STALE_PART_MOST * trained_words)
    every = np.maximum(np.minimum(MERGE_VISITS / visits, stale / threads), LEAST_WORDS)
    every = np.maximum.accumulate(2 ** np.floor(np.log2(every)))
    worth = every * visits >= LEAST_VISITS
    every = every[: len(worth) if worth.all() else int(worth.argmin())]
    periods, sizes = np.unique(every, return_counts=True)
    return np.stack([np.cumsum(sizes), periods]).astype(np.int64)
