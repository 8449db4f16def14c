"""Vectors of documents by fastw2v, and by the loop of numpy that one writes; see README.md.

Each line of the corpus is a document. Both have the same lists of tokens, or the same strings, in
one process, and take turns. The vectors of the words are made up, which takes the same time as any.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import existing_file, whole, writable_file

from fastw2v import Corpus, DocumentVectorizer, KeyedVectors, RandomEncoder, Vocabulary, cpu
from fastw2v._version import __version__

# What is timed: the work, and the form of the documents.
TASKS = tuple(itertools.product(("fit_transform", "transform"), ("tokens", "strings")))


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    parameters = {
        name: getattr(arguments, name)
        for name in ("documents", "vector_size", "min_count", "threads")
    }
    record = _bench.Record("documents", arguments.json, parameters)
    record.content["systems"]["fastw2v"] = {"version": __version__, "isa": cpu.isa()}
    record.content["corpus"] = {"name": arguments.corpus.name}
    with arguments.corpus.open(encoding="utf-8") as file:
        strings = list(itertools.islice((line.rstrip("\n") for line in file), arguments.documents))
    documents = {"strings": strings, "tokens": [line.split() for line in strings]}
    wv = _vectors(documents["tokens"], arguments)
    record.content["corpus"] |= {
        "documents": len(strings),
        "words": sum(map(len, documents["tokens"])),
    }
    vectorizer = DocumentVectorizer(wv, "tfidf", workers=arguments.threads, progress=False)
    for turn in range(arguments.repeats):
        for work, form in TASKS:
            own, seconds, cpu_seconds = _timed(getattr(vectorizer, work), documents[form])
            loop, loop_seconds, _ = _timed(Loop(wv, vectorizer, work), documents[form])
            record.runs.append(
                {
                    "work": work,
                    "form": form,
                    "turn": turn,
                    "seconds": seconds,
                    "cpu_seconds": cpu_seconds,
                    "loop_seconds": loop_seconds,
                    "largest_difference": float(np.abs(own - loop).max()),
                }
            )
            record.write()
    record.content["summary"] = [_summary(record.runs, *task) for task in TASKS]
    record.write()
    print(_heading(record), _table(record.content["summary"]), sep="\n\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=existing_file, required=True, help="a document a line")
    parser.add_argument("--documents", type=whole(), help="take only so many, the first ones")
    parser.add_argument("--vector-size", type=whole(), default=100)
    parser.add_argument("--min-count", type=whole(), default=5)
    parser.add_argument("--threads", type=whole(), default=2, help="of fastw2v")
    parser.add_argument("--repeats", type=whole(), default=3)
    parser.add_argument("--json", type=writable_file, metavar="OUT", help="record every run here")
    return parser.parse_args()


def _vectors(documents: list[list[str]], arguments: argparse.Namespace) -> KeyedVectors:
    vocabulary = Vocabulary.from_corpus(Corpus(documents), min_count=arguments.min_count)
    encoder = RandomEncoder(arguments.vector_size, distribution="normal", vocabulary=vocabulary)
    return encoder.to_keyedvectors()


class Loop:
    """TF-IDF-weighted means as one writes them with numpy, and not carelessly."""

    def __init__(self, wv: KeyedVectors, fitted: DocumentVectorizer, work: str) -> None:
        self._wv, self._fitted, self._work = wv, fitted, work

    def __call__(self, documents: Any) -> Any:
        """Return the vectors of lists of tokens, or of strings to be split."""
        vectors, index = self._wv.vectors, self._wv.key_to_index
        if isinstance(documents[0], str):
            documents = [document.split() for document in documents]
        idf = self._idf(documents) if self._work == "fit_transform" else self._fitted.idf_
        idf = idf.astype(np.float32)
        means = np.zeros((len(documents), vectors.shape[1]), np.float32)
        for number, document in enumerate(documents):
            rows = [index[word] for word in document if word in index]
            if rows:
                weights = idf[rows]
                means[number] = weights @ vectors[rows] / weights.sum()
        return means

    def _idf(self, documents: list[list[str]]) -> Any:
        frequencies: Counter[str] = Counter()
        for document in documents:
            frequencies.update(set(document))
        n = len(documents)
        return np.array(
            [math.log((1 + n) / (1 + frequencies[word])) + 1 for word in self._wv.index_to_key]
        )


def _timed(call: Callable[[Any], Any], documents: Any) -> tuple[Any, float, float]:
    """Return what a call returns, and its time; then that of all threads together."""
    start, cpu_start = time.perf_counter(), time.process_time()
    result = call(documents)
    return result, time.perf_counter() - start, time.process_time() - cpu_start


def _summary(runs: list[dict[str, Any]], work: str, form: str) -> dict[str, Any]:
    own = [run for run in runs if (run["work"], run["form"]) == (work, form)]
    ratios = [run["loop_seconds"] / run["seconds"] for run in own]
    return {
        "work": work,
        "form": form,
        "seconds": median(run["seconds"] for run in own),
        "cpu_seconds": median(run["cpu_seconds"] for run in own),
        "loop_seconds": median(run["loop_seconds"] for run in own),
        "times_faster": {"median": median(ratios), "min": min(ratios), "max": max(ratios)},
        "largest_difference": max(run["largest_difference"] for run in own),
    }


def _heading(record: _bench.Record) -> str:
    content, machine = record.content, record.content["machine"]
    corpus = content["corpus"]
    return (
        f"{content['date']}; {corpus['name']}: {corpus['documents']:,} documents, "
        f"{corpus['words']:,} words; {content['parameters']}\n"
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores; "
        f"numpy {machine['numpy']}; fastw2v {__version__} ({cpu.isa()})"
    )


def _table(summaries: list[dict[str, Any]]) -> str:
    rows = []
    for one in summaries:
        ratio = one["times_faster"]
        rows.append(
            (
                f"{one['work']}, {one['form']}",
                f"{one['seconds']:.2f}",
                f"{one['cpu_seconds']:.2f}",
                f"{one['loop_seconds']:.2f}",
                f"{ratio['median']:.1f} × ({ratio['min']:.1f}–{ratio['max']:.1f})",
                f"{one['largest_difference']:.1e}",
            )
        )
    header = (
        "TF-IDF means",
        "fastw2v, s",
        "its CPU, s",
        "loop, s",
        "faster by",
        "largest difference",
    )
    return _bench.markdown_table(header, rows)


if __name__ == "__main__":
    main()
