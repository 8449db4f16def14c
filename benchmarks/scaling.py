"""What more threads than this machine has would bring: a model, with its assumptions spelled out.

It takes the times of one and of two threads (speed.py --threads 1 2), and how often threads merge
their private rows, which fastw2v plans from the counts of the corpus. One thread of T spends on a
word

    t(T) = t(1) + e(T),    e(2) = t(2) - t(1) measured,

and what e(T) grows with is assumed, twice over:

- merges: all of e is merging private rows; e(T) = e(2) * m(T) / m(2), m being merges a word;
- shared rows: all of e is waiting for rows that another core wrote last: of the visits to rows
  that have no private copies, s(T) a word, a part of 1 - 1/T;
  e(T) = e(2) * s(T) * (1 - 1/T) / (s(2) * (1 - 1/2)).

Both assume T cores alike, with caches of their own, in one socket, at the clock of two busy cores.
The memory is taken not to be the limit: the last column is the most that rows could ask of it (or
of the shared cache), were none of them in a core's own caches. Measure where you have the cores:
speed.py --threads 1 2 4 8 16 32 64.
"""

from __future__ import annotations

import argparse
import sys
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import existing_file, read_record, whole

from fastw2v import Corpus, Vocabulary
from fastw2v._native.train import MERGE_TAU
from fastw2v.parameters import Parameters
from fastw2v.privaterows import merge_schedule, row_rates, windows_together


def main() -> None:
    """Print the table of the model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--corpus", type=existing_file, required=True, help="the text that was measured")
    add(
        "--json",
        type=existing_file,
        required=True,
        help="record of speed.py or suite.py, threads 1 and 2",
    )
    add(
        "--times",
        type=whole(),
        default=1,
        help="model a corpus so many times as long, of like text",
    )
    add("--threads", type=_bench.THREADS, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    arguments = parser.parse_args()
    record = read_record(arguments.json)
    record = record.get("training", record)
    if not {"corpus", "parameters", "runs"} <= record.keys():
        sys.exit(f"{arguments.json} is no record of speed.py, nor one of suite.py that has it")
    corpus = Corpus(arguments.corpus)
    measured = record["corpus"]["words"]
    if measured != corpus.total_words:
        sys.exit(
            f"the record is of {measured:,} words, {arguments.corpus} has {corpus.total_words:,}; "
            "give the text that was measured (with --max-words: its first words)"
        )
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for mode in ("sg", "cbow"):
        model = _Model(record, mode, corpus)
        notes += model.notes
        rows += [model.row(threads, arguments.times) for threads in arguments.threads]
    header = (
        "mode",
        "threads",
        "private rows",
        "merges a word",
        "speed-up, merges",
        "speed-up, shared rows",
    )
    print(record["date"], record["machine"]["cpu"], end="\n\n")
    print(_bench.markdown_table((*header, "M words/s", "rows, GB/s at most"), rows))
    print(*(f"\n{note}" for note in notes), sep="")


class _Model:
    """The model of one mode."""

    def __init__(self, record: dict[str, Any], mode: str, corpus: Corpus) -> None:
        self.mode = mode
        settings = record["parameters"]
        vocabulary = Vocabulary.from_corpus(corpus, min_count=settings["min_count"])
        self.counts = vocabulary.counts * vocabulary.keep_probabilities(settings["sample"])
        self.kept = self.counts.sum() / corpus.total_words
        self.parameters = Parameters(
            **{
                name: settings[name] for name in ("window", "negative", "sample", "alpha", "epochs")
            },
            ns_exponent=0.75,
            sg=int(mode == "sg"),
            cbow_mean=1,
            hs=0,
            cbow_gradient="word2vec",
            shrink_windows=True,
            min_alpha=1e-4,
            seed=1,
            workers=2,
            compute_loss=False,
        )
        self.n_streams, _ = windows_together(self.counts, self.parameters)
        noise = vocabulary.noise_distribution()
        self.rates = row_rates(self.counts, noise, self.parameters, self.n_streams)
        self.stride = -(-settings["vector_size"] // 16) * 16
        self.notes: list[str] = []
        # Seconds of one thread for a word of the corpus.
        self.alone, two = (
            threads
            * median(self._seconds(record, threads))
            / (corpus.total_words * self.parameters.epochs)
            for threads in (1, 2)
        )
        self.excess = max(0.0, two - self.alone)
        if two < self.alone:
            self.notes.append(
                f"{self.mode}: a word took each of two threads {1 - two / self.alone:.1%} less "
                "than one alone. That is noise, and no excess to go by: measure with more repeats."
            )

    def _seconds(self, record: dict[str, Any], threads: int) -> list[float]:
        wanted = {"system": "fastw2v", "mode": self.mode, "threads": threads}
        runs = [run for run in record["runs"] if wanted.items() <= run.items()]
        if not runs:
            sys.exit(
                f"the record has no run of fastw2v, {self.mode}, {threads} threads; it takes "
                "speed.py --threads 1 2"
            )
        return [run["seconds"]["train"] for run in runs]

    def plan(self, threads: int, times: int = 1) -> tuple[int, float, float]:
        """Return how many rows are private, merges a word, and visits of other rows a word."""
        trained = times * int(self.counts.sum()) * self.parameters.epochs
        n_rows, merges, shared = 0, 0.0, 0.0
        for rows in self.rates:
            tau = MERGE_TAU / self.parameters.alpha
            ends, every = merge_schedule(*rows, trained, tau, threads, self.stride)
            n_private = int(ends.max(initial=0))
            n_rows += n_private
            merges += float((np.diff(ends, prepend=0) / every).sum())
            shared += float(rows[1][n_private:].sum())
        return n_rows, merges * self.kept, shared * self.kept

    def row(self, threads: int, times: int) -> tuple[str, ...]:
        """Return a line of the table."""
        n_rows, merges, shared = self.plan(threads, times)
        _, merges_of_two, shared_of_two = self.plan(2)
        by_merges = self.excess * _ratio(merges, merges_of_two)
        by_sharing = self.excess * _ratio(shared, shared_of_two) * (1 - 1 / threads) * 2
        speedups = [threads * self.alone / (self.alone + e) for e in (by_merges, by_sharing)]
        rates = [speedup / self.alone for speedup in speedups]
        # A context row, a target, and the noise words that windows share; read and written.
        n_rows_a_word = 2 + self.parameters.negative / self.n_streams
        row_bytes = n_rows_a_word * self.stride * 4 * 2 * self.kept
        return (
            self.mode,
            str(threads),
            str(n_rows),
            f"{merges:.2f}",
            *(f"{speedup:.1f}" for speedup in speedups),
            "–".join(f"{rate / 1e6:.1f}" for rate in sorted(rates)),
            f"{max(rates) * row_bytes / 1e9:.0f}",
        )


def _ratio(many: float, of_two: float) -> float:
    """Return how much more there is than with two threads; none of what two threads do not have."""
    return many / of_two if of_two else 0.0


if __name__ == "__main__":
    main()
