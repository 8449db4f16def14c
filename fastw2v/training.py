"""One training run: shards of the corpus, threads, learning rate, progress, stop, merge."""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import cpu
from fastw2v._native.train import MERGE_TAU, Task, Worker, alias_table
from fastw2v._training.divergence import LossWatch, check_growth, check_start, untrained_loss
from fastw2v._training.shards import checked_factors, shards, words_table
from fastw2v.corpus import Corpus
from fastw2v.huffman import HuffmanTree
from fastw2v.parallel import Crew, taken_from
from fastw2v.parameters import Parameters
from fastw2v.privaterows import RowRates, merge_schedule, row_rates, windows_together
from fastw2v.progress import Progress
from fastw2v.tokenfile import fetch, release
from fastw2v.vocabulary import Vocabulary

# Words in a shard. A corpus of one shard is trained by one thread, and so repeats exactly.
SHARD_WORDS = 16_384

# Tokens that are read ahead, and let go of, at a time: the cores interrupt each other for that.
REGION_WORDS = 1 << 20


class WrongPlace(ValueError):
    """A place that no run over this corpus with these parameters tells."""


class Place(NamedTuple):
    """How far a run has come, at a moment when no shard is half trained.

    The first `shard` shards of epoch `epoch` are trained, and all epochs before it. Words, pairs
    and loss are those of the whole run, and those that it had when this epoch began.
    """

    epoch: int = 0
    shard: int = 0
    words: int = 0
    trained_words: int = 0
    pairs: int = 0
    loss: float = 0.0
    pairs_before: int = 0
    loss_before: float = 0.0


START = Place()


class Rests(Protocol):
    """Moments of a run when no thread trains, for those who want to look at it."""

    def are_due(self) -> bool:
        """Tell whether it is time for one; asked some times a second."""

    def take(self, place: Place) -> None:
        """Look at the run, which goes on afterwards."""


class AnyTask(Protocol):
    """What the threads of a run share; it is told to stop, and tells how far they are.

    By thread: words read, words trained, pairs, those of them that the loss is of; and that loss.
    """

    stop: NDArray[np.int32]
    counters: NDArray[np.int64]
    losses: NDArray[np.float64]


class Run:
    """Several epochs over one corpus: negative sampling, hierarchical softmax, or both.

    Other objectives are subclasses.

    Parameters
    ----------
    corpus : Corpus
        What to train on.
    vocabulary : Vocabulary
        Which words to train; row k of the matrices is its word k.
    inputs, outputs : ndarray of float32, shape (len(vocabulary), stride)
        W and W', changed in place; from `fastw2v._native.train.matrix`. W' has no rows without
        noise words (``negative=0``).
    parameters : Parameters
        Of the run.
    nodes : ndarray of float32, shape (len(vocabulary) - 1, stride), optional
        With ``hs=1``: the vectors of the inner nodes of the vocabulary's Huffman tree.
    lock_factors : ndarray of float32, shape (len(vocabulary),), optional
        What each row of W learns is multiplied by its factor; 0 leaves it bit for bit as it is.

    Raises
    ------
    ValueError
        The matrices or factors do not fit the vocabulary, or this does not fit the corpus, or a
        matrix holds what no training makes.
    """

    def __init__(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        parameters: Parameters,
        nodes: NDArray[np.float32] | None = None,
        lock_factors: NDArray[np.float32] | None = None,
    ) -> None:
        self._parameters = parameters
        self._tokens, self._offsets = corpus.tokens, corpus.offsets
        if nodes is None:
            nodes = inputs[:0]
        n_nodes = len(vocabulary) - 1
        if parameters.hs and len(nodes) != n_nodes:
            raise ValueError(
                f"hs=1 needs a row for each of the {n_nodes} inner nodes, got {len(nodes)}; "
                "were the words or hs changed by hand? Call build_vocab again"
            )
        if parameters.negative and len(outputs) != len(inputs):
            raise ValueError(
                f"negative={parameters.negative} needs a row of W' for each of the {len(inputs)} "
                f"words, got {len(outputs)}; was negative changed by hand? Call build_vocab again"
            )
        self._matrices = inputs, outputs, nodes
        check_start(self._all_matrices, vocabulary.index_to_key)
        self._shards = shards(corpus.offsets, SHARD_WORDS)
        self._shard_words = int(np.diff(self._shards).max())
        self._resting = False
        self._n_threads = min(parameters.workers, len(self._shards) - 1)
        self.total_words = corpus.total_words * parameters.epochs
        keep = vocabulary.keep_probabilities(parameters.sample)
        row_of_word = vocabulary.rows_of(corpus)
        if row_of_word.max() >= len(inputs):
            raise ValueError("the vocabulary has been changed by hand; call build_vocab again")
        if row_of_word.max() < 0:
            raise ValueError("no word of the corpus is in the vocabulary; give it to build_vocab")
        words = words_table(row_of_word, keep)
        factors = None if lock_factors is None else checked_factors(lock_factors, len(inputs))
        self._lock_factors = np.zeros(0, np.float32) if factors is None else factors
        self._task = self._new_task(corpus, vocabulary, words, keep)

    def _new_task(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        words: NDArray[np.uint32],
        keep: NDArray[np.float64],
    ) -> AnyTask:
        """Make what the threads share; `words` is a `words_table`."""
        parameters, (inputs, outputs, nodes) = self._parameters, self._matrices
        tree = HuffmanTree.from_counts(vocabulary.counts) if parameters.hs else None
        noise = vocabulary.noise_distribution(parameters.ns_exponent)
        kept_counts = vocabulary.counts * keep
        self._untrained_loss = untrained_loss(kept_counts, noise, parameters, tree)
        n_streams, vectors_max = windows_together(kept_counts, parameters, tree)
        rates = row_rates(kept_counts, noise, parameters, n_streams, tree)
        trained_words = int(kept_counts.sum()) * parameters.epochs
        tau = MERGE_TAU / parameters.alpha
        merges = self._private_rows(rates, trained_words, tau)
        return Task(
            corpus.tokens,
            corpus.offsets,
            words,
            alias_table(noise),
            tree.starts if tree else np.zeros(0, dtype=np.int64),
            tree.steps if tree else np.zeros(0, dtype=np.uint32),
            inputs,
            outputs,
            nodes,
            self._lock_factors,
            merges,
            [
                rows.updates[: schedule[0].max(initial=0)]
                for rows, schedule in zip(rates, merges, strict=True)
            ],
            isa=cpu.isa(),
            threads=self._n_threads,
            window=parameters.window,
            negative=parameters.negative,
            hs=bool(parameters.hs),
            n_streams=n_streams,
            vectors_max=vectors_max,
            cbow=not parameters.sg,
            cbow_mean=bool(parameters.cbow_mean),
            # gensim divides where calculus does not, and the other way round.
            cbow_divides=bool(parameters.cbow_mean) == (parameters.cbow_gradient == "exact"),
            shrink_windows=parameters.shrink_windows,
            top_share=float(kept_counts.max() / kept_counts.sum()),
            alpha=parameters.alpha,
            min_alpha=parameters.min_alpha,
            total_words=self.total_words,
            seed=parameters.seed,
        )

    def _private_rows(
        self, rates: tuple[RowRates, ...], trained_words: int, tau: float
    ) -> list[NDArray[np.int64]]:
        """Say which rows of each matrix threads keep for themselves: `merge_schedule`s."""
        stride = self._matrices[0].shape[1]
        return [
            merge_schedule(*rows, trained_words, tau, self._n_threads, stride) for rows in rates
        ]

    def train(
        self,
        show: bool | None,
        before_epoch: Callable[[], object],
        after_epoch: Callable[[float], object],
        *,
        start: Place = START,
        rests: Rests | None = None,
    ) -> tuple[int, int]:
        """Train all epochs; return the words trained and the words read.

        Parameters
        ----------
        show : bool or None
            Whether to show progress; see `Progress`.
        before_epoch, after_epoch : callable
            Called around each epoch; the latter with its loss, the mean of a training pair, or NaN.
            The training ends if it returns something true.
        start : Place, optional
            Where to begin: a place that an earlier run has told `rests`. The matrices must be as
            they were then.
        rests : Rests, optional
            Is told the place when it asks for it, and in the end.

        Raises
        ------
        WrongPlace
            `start` is none of this run.
        KeyboardInterrupt
            On Ctrl-C; the matrices then hold all that was learned so far.
        FloatingPointError
            The matrices grow without bound; checked after each epoch.

        Warns
        -----
        RuntimeWarning
            Nothing was learned, or the loss of an epoch is far above that of untrained vectors.
        """
        begun = start.epoch * int(self._shards[-1])
        if start.shard >= len(self._shards) - 1 or start.words != begun + self._shards[start.shard]:
            raise WrongPlace("it is of no place in its corpus")
        title = "skip-gram" if self._parameters.sg else "CBOW"
        self._task.counters[0, :3] = start.words, start.trained_words, start.pairs
        self._task.losses.flat[0] = start.loss
        watch = LossWatch(
            self._task.counters, self._task.losses, self._untrained_loss, self._parameters
        )
        epochs, note = self._parameters.epochs, ""
        with Progress(title, self.total_words, "words", show) as line:
            for number in range(start.epoch, epochs):
                if number > start.epoch or not start.shard:
                    start = self._place(number)
                    before_epoch()
                note = f"epoch {number + 1}/{epochs}"
                self._epoch(start, line, note, rests)
                check_growth(self._all_matrices, self._parameters)
                watch.end_epoch(number + 1)
                if after_epoch(self._mean_loss(start)):
                    break
            line.finish(self._words_done, note)
        if rests is not None:
            rests.take(self._place(epochs))
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
    def _all_matrices(self) -> dict[str, NDArray[np.float32]]:
        """What is trained, by what a row of it is."""
        names = "vector", "context vector", "node vector"
        return dict(zip(names, self._matrices, strict=True))

    @property
    def pairs(self) -> int:
        """Vectors trained so far: the context rows of each window; in CBOW, one a window."""
        return int(self._task.counters[:, 2].sum())

    @property
    def _words_done(self) -> int:
        """Words of the corpus read so far, in all epochs."""
        return int(self._task.counters[:, 0].sum())

    def _epoch(self, start: Place, line: Progress, note: str, rests: Rests | None) -> None:
        """Train every word of the corpus once, from a place on; show it, with a note, on the line.

        For a rest all threads end, each after the shard at hand, and begin again afterwards.
        """
        todo = deque(pairwise(self._shards.tolist()[start.shard :]))

        def tick() -> None:
            line.update(self._words_done, note)
            self._resting = rests is not None and rests.are_due()

        while todo:
            self._resting = False
            jobs = self._jobs(start.epoch, todo)
            with Crew(jobs, partial(self._stop, todo)) as crew:
                crew.wait(tick)
            if todo and self._resting and rests is not None:
                rests.take(self._place(start.epoch, len(self._shards) - 1 - len(todo), start))

    def _place(self, epoch: int, shard: int = 0, before: Place | None = None) -> Place:
        """Return where the run stands; `before` is where it stood when this epoch began."""
        words, trained_words, pairs = self._task.counters.sum(axis=0)[:3].tolist()
        loss = float(self._task.losses.sum())
        earlier = (pairs, loss) if before is None else (before.pairs_before, before.loss_before)
        return Place(epoch, shard, words, trained_words, pairs, loss, *earlier)

    def _mean_loss(self, start: Place) -> float:
        """Return the loss of a training pair since the epoch began."""
        pairs = self.pairs - start.pairs_before
        if not self._parameters.compute_loss or not pairs:
            return math.nan
        return (float(self._task.losses.sum()) - start.loss_before) / pairs

    def _jobs(self, epoch: int, todo: deque[tuple[int, int]]) -> list[Callable[[], None]]:
        """Return what the threads do until no shard is left, or a rest is wanted."""
        return [partial(self._work, index, epoch, todo) for index in range(self._n_threads)]

    def _work(self, index: int, epoch: int, todo: deque[tuple[int, int]]) -> None:
        worker = Worker(cast(Task, self._task), index, epoch, self._shard_words)
        try:
            for start, end in taken_from(todo):
                self._train_shard(worker, start, end)
                if self._resting:
                    break
        finally:
            worker.finish()

    def _train_shard(self, worker: Worker, start: int, end: int) -> None:
        # A divergence shows in few words; the loss of all would take time.
        watched = self._ends_region(start, end) or end == len(self._tokens)
        worker.train(start, end, watched or self._parameters.compute_loss)
        self._move_on(start, end)

    def _ends_region(self, start: int, end: int) -> bool:
        return end // REGION_WORDS > start // REGION_WORDS

    def _move_on(self, start: int, end: int) -> None:
        """Where a region ends, have the next but one read, and let go of the last but one.

        The other threads may still be at the one behind, or already at the one ahead.
        """
        region = end // REGION_WORDS
        if self._ends_region(start, end):
            fetch(self._tokens, (region + 1) * REGION_WORDS, (region + 2) * REGION_WORDS)
            if region > 1:
                release(self._tokens, (region - 2) * REGION_WORDS, (region - 1) * REGION_WORDS)
            release(self._offsets, 0, len(self._offsets))  # few pages of them are in use

    def _stop(self, todo: deque[tuple[int, int]]) -> None:
        todo.clear()
        self._task.stop[0] = 1
