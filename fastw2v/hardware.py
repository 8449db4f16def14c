"""What this machine can do, and what the kernels reach of it: `fastw2v info --benchmark`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from fastw2v import cpu
from fastw2v._native.train import multiply_add
from fastw2v._training.matrices import start_matrices
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew
from fastw2v.parameters import Parameters
from fastw2v.training import Run
from fastw2v.vocabulary import Vocabulary

# The best of some short rounds: others that use the machine can only make a round longer.
ROUNDS = 5
ROUND_SECONDS = 0.1
# Copied by a thread, so many times in a round.
COPY_BYTES, COPIES = 1 << 26, 8

VECTOR_SIZE, WINDOW, NEGATIVE = 100, 5, 5
SENTENCE_WORDS = 25
# Words of a made vocabulary, and of the text: one stays in the caches, the other is a language's.
SMALL, LARGE = (1_000, 2_000_000), (100_000, 6_000_000)


@dataclass(frozen=True)
class Training:
    """What one training of a made corpus reached.

    Parameters
    ----------
    mode : str
        ``"skip-gram"`` or ``"CBOW"``.
    words : int
        Size of the vocabulary.
    threads : int
        How many trained.
    words_per_second : float
        Words of the corpus a second.
    flops : float
        Useful floating-point operations a second: 6 x vector_size for each pair of a vector and an
        output row (score, and change of both). The sums of CBOW's contexts are not counted.
    """

    mode: str
    words: int
    threads: int
    words_per_second: float
    flops: float


def fma_peak(threads: int) -> float:
    """Measure multiply-adds on registers alone.

    Parameters
    ----------
    threads : int
        How many do them at the same time: cores that are all busy may run slower.

    Returns
    -------
    float
        Floating-point operations a second, of all threads, with the instruction set in use; a
        multiply-add is two.

    Examples
    --------
    >>> fma_peak(threads=1) > 1e8
    True
    """
    run = partial(multiply_add, cpu.isa())
    rounds = 1 << 16
    while _seconds(partial(run, rounds)) < ROUND_SECONDS:
        rounds *= 2
    return run(1) * rounds * _most_a_second(threads, lambda: partial(run, rounds))


def copy_bandwidth(threads: int) -> float:
    """Measure how fast memory is copied.

    Parameters
    ----------
    threads : int
        How many copy at the same time, each memory of its own, larger than its share of a cache.

    Returns
    -------
    float
        Bytes a second, of all threads, those read and those written.
    """
    size = min(COPY_BYTES, _memory() // (16 * threads))

    def prepare() -> Callable[[], object]:
        source, target = np.ones(size, np.uint8), np.zeros(size, np.uint8)
        np.copyto(target, source)  # or the first copy would wait for memory to be given

        def copy() -> None:
            for _ in range(COPIES):
                np.copyto(target, source)

        return copy

    return 2 * size * COPIES * _most_a_second(threads, prepare)


def training_rates(threads: int) -> Iterator[Training]:
    """Train on made corpora whose counts follow Zipf's law, and tell of each as it ends.

    Parameters
    ----------
    threads : int
        The last trainings use so many; the others one.

    Yields
    ------
    Training
        Of skip-gram and CBOW, with vector_size 100, window 5 and negative 5: a vocabulary that
        stays in the caches, and a large one.
    """
    for text, numbers in ((SMALL, (1,)), (LARGE, sorted({1, threads}))):
        corpus = _zipf_corpus(*text)
        for workers in numbers:
            for mode in ("skip-gram", "CBOW"):
                yield _train(corpus, mode, workers)


def _most_a_second(threads: int, prepare: Callable[[], Callable[[], object]]) -> float:
    """Have each thread prepare a job, and do it when all are ready; return jobs a second."""
    return max(_jobs_a_second(threads, prepare) for _ in range(ROUNDS))


def _jobs_a_second(threads: int, prepare: Callable[[], Callable[[], object]]) -> float:
    ready: list[bool] = []
    seconds: list[float] = []

    def work() -> None:
        job = prepare()
        ready.append(True)
        while len(ready) < threads:
            time.sleep(0)
        seconds.append(_seconds(job))

    # One that fails to prepare must not keep the others waiting.
    with Crew([work] * threads, lambda: ready.extend([False] * threads)) as crew:
        crew.wait(lambda: None)
    return sum(1 / one for one in seconds)


def _memory() -> int:
    """Bytes that the machine has, or a small machine's where it does not tell."""
    if "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 4 << 30


def _seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def _zipf_corpus(size: int, n_tokens: int) -> Corpus:
    """Make a text in which the share of word k is about 1 / k."""
    random = np.random.default_rng(1)
    ids = (float(size) ** random.random(n_tokens)).astype(np.int32) - 1
    return Corpus(ids.reshape(-1, SENTENCE_WORDS))


def _train(corpus: Corpus, mode: str, threads: int) -> Training:
    vocabulary = Vocabulary.from_corpus(corpus, min_count=1)
    sg = int(mode == "skip-gram")
    parameters = Parameters(
        window=WINDOW,
        negative=NEGATIVE,
        hs=0,
        sample=1e-3,
        ns_exponent=0.75,
        sg=sg,
        cbow_mean=1,
        cbow_gradient="word2vec",
        shrink_windows=True,
        alpha=0.025 if sg else 0.05,
        min_alpha=1e-4,
        epochs=1,
        seed=1,
        workers=threads,
        compute_loss=False,
    )
    matrices = start_matrices(len(vocabulary), VECTOR_SIZE, seed=1, threads=threads)
    run = Run(corpus, vocabulary, *matrices, parameters)
    seconds = _seconds(lambda: run.train(False, lambda: None, lambda loss: None))
    flops = 6 * VECTOR_SIZE * (1 + NEGATIVE) * run.pairs
    return Training(mode, len(vocabulary), threads, corpus.total_words / seconds, flops / seconds)
