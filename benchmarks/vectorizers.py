"""TF-IDF and counts of documents, beside scikit-learn; see README.md beside this file.

A document is a line of the corpus. The systems take turns in this process, on the same list of
strings, and what they return is compared. Peak memory is measured apart, each in a process of its
own.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import _bench
import _systems
import numpy as np
from _arguments import existing_file, whole, writable_file


class Task(NamedTuple):
    """What is asked of a system."""

    kind: str  # "CountVectorizer" or "TfidfVectorizer"
    method: str
    parameters: dict[str, Any]
    documents: int | None = None  # take only the first ones


_SPLIT = {"lowercase": False, "tokenizer": str.split, "token_pattern": None}
TASKS = {
    "tfidf": Task("TfidfVectorizer", "fit_transform", {}),
    "tfidf of split": Task(
        "TfidfVectorizer", "fit_transform", _SPLIT | {"min_df": 5, "sublinear_tf": True}
    ),
    "tfidf float32": Task("TfidfVectorizer", "fit_transform", {"dtype": np.float32}),
    "transform": Task("TfidfVectorizer", "transform", {}),
    "count bigrams": Task("CountVectorizer", "fit_transform", {"ngram_range": (1, 2)}, 100_000),
}


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    if arguments.worker:
        _report_memory(json.loads(arguments.worker))
        return
    documents = _documents(arguments.corpus, arguments.max_documents)
    systems = _installed()
    settings = {"documents": len(documents), "workers": arguments.workers}
    record = _bench.Record("vectorizers", arguments.json, settings)
    record.content["corpus"] = {"name": arguments.corpus.name, "documents": len(documents)}
    record.content["systems"] = {
        name: {"version": version(package)} for name, package in systems.items()
    }
    summary = record.content["summary"] = []
    for name in arguments.tasks:
        seconds = _measure(record, name, documents, systems, arguments)
        one: dict[str, Any] = {"task": name, "seconds": {k: median(v) for k, v in seconds.items()}}
        pairs = zip(seconds.get("scikit-learn", []), seconds["fastw2v"], strict=False)
        one["times_faster"] = sorted(theirs / ours for theirs, ours in pairs)
        one["same"] = record.runs[-1].get("same")
        if arguments.memory:
            one["peak_mib"] = {system: _peak(system, name, arguments) for system in systems}
        summary.append(one)
        record.write()
    print(_table(summary))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--corpus", type=existing_file, help="a text file; each line is a document")
    add("--max-documents", type=whole(), help="take only the first ones")
    add("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    add("--workers", type=whole(), default=2, help="threads of fastw2v; scikit-learn has one")
    add("--repeats", type=whole(), default=3)
    add("--no-memory", dest="memory", action="store_false", help="leave out the peak memory")
    add("--json", type=writable_file, metavar="OUT", help="record every run here")
    add("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.worker and arguments.corpus is None:
        parser.error("--corpus is missing")
    return arguments


def _installed() -> dict[str, str]:
    """Return the systems that are installed, ours first, and the package of each."""
    systems = {"fastw2v": "fastw2v"}
    if importlib.util.find_spec("sklearn"):
        systems["scikit-learn"] = "scikit-learn"
    else:
        print("not installed, left out: scikit-learn", file=sys.stderr)
    return systems


def _documents(path: Path, count: int | None) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [
            line.rstrip("\n") for line, _ in zip(file, range(count or sys.maxsize), strict=False)
        ]


def _make(system: str, task: Task, workers: int) -> Any:
    """Return a vectorizer of a system."""
    if system == "fastw2v":
        from fastw2v import encoders

        return getattr(encoders, task.kind)(**task.parameters, workers=workers)
    from sklearn.feature_extraction import text

    return getattr(text, task.kind)(**task.parameters)


def _measure(
    record: _bench.Record,
    name: str,
    documents: list[str],
    systems: dict[str, str],
    arguments: argparse.Namespace,
) -> dict[str, list[float]]:
    """Let the systems take turns; the first turn, in which tables and caches fill, counts too."""
    task = TASKS[name]
    documents = documents[: task.documents]
    seconds: dict[str, list[float]] = {system: [] for system in systems}
    fitted = {}
    if task.method == "transform":
        fitted = {
            system: _make(system, task, arguments.workers).fit(documents) for system in systems
        }
    for repeat in range(arguments.repeats):
        results = {}
        for system in systems:
            vectorizer = fitted.get(system) or _make(system, task, arguments.workers)
            gc.collect()
            start = time.perf_counter()
            matrix = getattr(vectorizer, task.method)(documents)
            seconds[system].append(time.perf_counter() - start)
            results[system] = matrix, vectorizer
            record.runs.append(
                {"task": name, "system": system, "repeat": repeat, "seconds": seconds[system][-1]}
            )
            print(f"{name}, {system}: {seconds[system][-1]:.3f} s", file=sys.stderr)
        if len(results) == 2:
            record.runs[-1]["same"] = _same(*results.values())
        del results, matrix, vectorizer
    return seconds


def _same(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> dict[str, Any]:
    """Compare the terms, the structure (rows sorted by column) and the values."""
    left, right = ours[0], theirs[0].sorted_indices()
    structure = left.shape == right.shape and bool(
        np.array_equal(left.indptr, right.indptr) and np.array_equal(left.indices, right.indices)
    )
    return {
        "vocabulary": ours[1].vocabulary_ == theirs[1].vocabulary_,
        "structure": structure,
        "largest_difference": float(np.abs(left.data - right.data).max()) if structure else None,
    }


def _peak(system: str, name: str, arguments: argparse.Namespace) -> float:
    """Return the peak memory in MiB of a process that does a task once, documents included."""
    job = {
        "system": system,
        "task": name,
        "corpus": str(arguments.corpus),
        "max_documents": arguments.max_documents,
        "workers": arguments.workers,
    }
    done = subprocess.run(
        [sys.executable, __file__, "--worker", json.dumps(job)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _report_memory(job: dict[str, Any]) -> None:
    """Do a task, and print the peak memory of this process."""
    task = TASKS[job["task"]]
    documents = _documents(Path(job["corpus"]), job["max_documents"])[: task.documents]
    vectorizer = _make(job["system"], task, job["workers"])
    if task.method == "transform":
        vectorizer.fit(documents)
    matrix = getattr(vectorizer, task.method)(documents)
    print(_systems.peak_mib())
    del matrix


def _table(summaries: list[dict[str, Any]]) -> str:
    rows = []
    for one in summaries:
        seconds = [
            f"{one['seconds'].get(name, np.nan):.3f}" for name in ("fastw2v", "scikit-learn")
        ]
        ratios = one["times_faster"]
        times = f"{median(ratios):.1f} ({ratios[0]:.1f}–{ratios[-1]:.1f})" if ratios else ""
        peaks = [f"{peak:.0f}" for peak in one.get("peak_mib", {}).values()]
        same = one["same"] or {}
        difference = same.get("largest_difference")
        equal = "" if difference is None else f"{difference:.1e}"
        if not same.get("vocabulary", True) or not same.get("structure", True):
            equal = "NOT THE SAME"
        rows.append((one["task"], *seconds, times, " / ".join(peaks), equal))
    header = (
        "task",
        "fastw2v, s",
        "scikit-learn, s",
        "times faster (least–most)",
        "peak, MiB",
        "largest difference",
    )
    return _bench.markdown_table(header, rows)


if __name__ == "__main__":
    main()
