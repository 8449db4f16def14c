"""Runs of several threads that end with the same bits every time: `deterministic=True`."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.rounds import Rounds
from fastw2v._native.train import MERGE_TAU, Task, Worker, matrix
from fastw2v._training.shards import shards
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew
from fastw2v.parameters import Parameters
from fastw2v.privaterows import RowRates, round_schedule
from fastw2v.progress import Progress
from fastw2v.training import SHARD_WORDS, AnyTask, Place, Rests, Run
from fastw2v.vocabulary import Vocabulary

# The threads train no more than a part of the run without each other, and the less the more they
# are: a merge falls the shorter of what one thread would have learned. So a small corpus has short
# rounds. But at the end of each the threads wait for each other, and merge the most frequent rows:
# a corpus that is too small for rounds of so many words a thread has fewer threads.
# Measured with 17 M words, 5 epochs, skip-gram: rounds of 16,000 words for 2 threads and of 2,600
# for 4 cost less than 0.01 of the analogies; of 10,600 for 4, 0.02.
ROUND_PART = 1 / 2000
ROUND_WORDS, ROUND_WORDS_LEAST = 16_384, 2048

# A stage is the rounds after which all rows merge: the run can be looked at, and so a checkpoint be
# made. The threads of each are new ones; its words are at least so many, and so many for each row.
STAGE_WORDS, STAGE_WORDS_OF_ROW = 1 << 20, 16


class RoundsRun(Run):
    """Several epochs over one corpus, whose results do not depend on when which thread runs.

    Every thread trains copies of all matrices, of its own. In a round it trains one shard: thread k
    the k-th of the next ones in the order of the corpus. Then all wait for each other, and merge
    the rows that are due (kernels/merging.h); frequent rows are due after each round, rare ones
    after many.

    Parameters, and what is raised, are those of `Run`; also:

    Raises
    ------
    MemoryError
        There is no room for the copies.
    """

    def _new_task(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        words: NDArray[np.uint32],
        keep: NDArray[np.float64],
    ) -> AnyTask:
        n, parameters = self._n_threads, self._parameters
        size = min(ROUND_WORDS, int(self.total_words * ROUND_PART / n**2))
        self._shards = shards(corpus.offsets, size)
        self._shard_words = int(np.diff(self._shards).max())
        stage_words = max(STAGE_WORDS, STAGE_WORDS_OF_ROW * len(vocabulary))
        self._stage_rounds = 2 ** math.ceil(math.log2(max(1, stage_words / size)))
        self._copies = [_copies(self._matrices, n) for _ in range(n)]
        task = cast(Task, super()._new_task(corpus, vocabulary, words, keep))
        copies = [list(of_threads) for of_threads in zip(*self._copies, strict=True)]
        parts = list(zip(self._matrices, copies, self._updates, self._blocks, strict=True))
        self._rounds = Rounds(parts, task.stop, n)
        self._alpha_slope = (parameters.min_alpha - parameters.alpha) / self.total_words
        return task

    def _private_rows(
        self, rates: tuple[RowRates, ...], trained_words: int, tau: float
    ) -> list[NDArray[np.int64]]:
        # None: all rows are. What is expected of a round is the mean of the whole run.
        n_shards = (len(self._shards) - 1) * self._parameters.epochs
        words = trained_words / n_shards
        self._updates = [rows.updates * words for rows in rates]
        self._blocks = [
            round_schedule(*rows, trained_words, tau, self._n_threads, words, self._stage_rounds)
            for rows in rates
        ]
        return [np.zeros((2, 0), dtype=np.int64) for _ in rates]

    def _epoch(self, start: Place, line: Progress, note: str, rests: Rests | None) -> None:
        # A callback may have changed the vectors.
        self._run_all(self._fill)
        try:
            super()._epoch(start, line, note, rests)
        except BaseException:
            tau = self._tau(min(self._words_done, self.total_words - 1))
            self._run_all(lambda index: self._rounds.merge_rest(index, tau))
            raise

    def _run_all(self, job: Callable[[int], object]) -> None:
        """Let each thread do its part of what takes moments."""
        jobs = [partial(job, index) for index in range(self._n_threads)]
        with Crew(jobs, lambda: None) as crew:
            crew.wait(lambda: None)

    def _fill(self, index: int) -> None:
        for own, shared in zip(self._copies[index], self._matrices, strict=True):
            own[:] = shared

    def _jobs(self, epoch: int, todo: deque[tuple[int, int]]) -> list[Callable[[], None]]:
        # One stage: between two of them there may be a rest.
        most = self._stage_rounds * self._n_threads
        stage = [todo.popleft() for _ in range(min(most, len(todo)))]
        # Added up as where a run begins that is continued from here.
        losses = self._task.losses
        losses.flat[0], losses.flat[1:] = losses.sum(), 0
        return [
            partial(self._work_in_rounds, index, epoch, stage) for index in range(self._n_threads)
        ]

    def _work_in_rounds(self, index: int, epoch: int, stage: list[tuple[int, int]]) -> None:
        task, n = cast(Task, self._task), self._n_threads
        worker = Worker(task, index, epoch, self._shard_words, self._copies[index])
        n_rounds = math.ceil(len(stage) / n)
        words_before = epoch * int(self._shards[-1])
        for number in range(n_rounds):
            for start, end in stage[number * n :][index : index + 1]:
                self._train_shard(worker, start, end)
            tau = self._tau(words_before + stage[number * n][0])
            if not self._rounds.end_round(index, number + 1, number + 1 == n_rounds, tau):
                break

    def _tau(self, words: int) -> float:
        """Return the updates that bring a row near its optimum, after so many words of the run."""
        return MERGE_TAU / (self._parameters.alpha + self._alpha_slope * words)


def limit_workers(corpus: Corpus, parameters: Parameters) -> Parameters:
    """Take so many threads only as have rounds that are long enough."""
    n_shards = len(shards(corpus.offsets, SHARD_WORDS)) - 1
    words = corpus.total_words * parameters.epochs
    most = min(n_shards, math.isqrt(int(words * ROUND_PART / ROUND_WORDS_LEAST)))
    return dataclasses.replace(parameters, workers=max(1, min(parameters.workers, most)))


def _copies(
    matrices: tuple[NDArray[np.float32], ...], threads: int
) -> tuple[NDArray[np.float32], ...]:
    try:
        return tuple(matrix(*rows.shape) for rows in matrices)
    except (OSError, OverflowError):  # how a refused memory map says it
        raise MemoryError(
            f"no memory for {threads} copies of the model, which deterministic=True takes: lower "
            f"workers (it is {threads}), or leave deterministic out"
        ) from None
