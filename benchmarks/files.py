"""Reading and writing files of vectors, beside gensim; see README.md beside this file.

The vectors are made from a fixed seed. Every call is made once before it is measured, so that what
it reads is in the page cache, and the two systems take turns.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import whole, writable_file

Call = Callable[[], object]


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    shapes = {name: getattr(arguments, name) for name in ("rows", "text_rows", "dims")}
    record = _bench.Record("files", arguments.json, shapes)
    systems = _systems()
    record.content["systems"] = {name: {"version": version(name)} for name in systems}
    for task in arguments.tasks:
        rows = arguments.text_rows if "text" in task else arguments.rows
        with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
            calls = {
                name: TASKS[task](module, Path(folder) / name, rows, arguments.dims)
                for name, module in systems.items()
            }
            for repeat in range(-1, arguments.repeats):
                for name, call in calls.items():
                    seconds = _timed(call)
                    if repeat >= 0:  # the first brings files into the page cache
                        record.runs.append(
                            {"task": task, "system": name, "repeat": repeat, "seconds": seconds}
                        )
                        record.write()
                        print(f"{task}, {name}: {seconds:.4f} s", file=sys.stderr)
            del calls
    record.content["summary"] = [_summary(record.runs, task) for task in arguments.tasks]
    record.write()
    print(_table(record.content["summary"]))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    add("--rows", type=whole(), default=400_000, help="of binary and native files")
    add("--text-rows", type=whole(), default=50_000, help="of text files")
    add("--dims", type=whole(), default=300)
    add("--repeats", type=whole(), default=5)
    add("--directory", type=Path, help="where the files go (default: that of temporary files)")
    add("--json", type=writable_file, metavar="OUT", help="record every run here")
    return parser.parse_args()


def _systems() -> dict[str, Any]:
    """Return the modules that have a class KeyedVectors, ours first."""
    import fastw2v

    systems: dict[str, Any] = {"fastw2v": fastw2v}
    if importlib.util.find_spec("gensim"):
        import gensim.models

        systems["gensim"] = gensim.models
    else:
        print("not installed, left out: gensim", file=sys.stderr)
    return systems


def _timed(call: Call) -> float:
    """Return the wall seconds of a call; what it returns is let go afterwards."""
    gc.collect()
    start = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - start
    del result
    return seconds


# ------------------------------------------------------------------------------------- the tasks


def _vectors(module: Any, rows: int, dims: int) -> Any:
    """Return made vectors as the KeyedVectors of a system; half of the words are Korean."""
    keys = [f"낱말{row}" if row % 2 else f"word{row}" for row in range(rows)]
    vectors = np.random.default_rng(1).standard_normal((rows, dims), dtype=np.float32) / 10
    if module.__name__ == "fastw2v":
        return module.KeyedVectors.from_arrays(keys, vectors)
    made = module.KeyedVectors(dims)
    made.add_vectors(keys, vectors)
    return made


def _load(module: Any, path: Path, rows: int, dims: int, *, binary: bool) -> Call:
    _vectors(module, rows, dims).save_word2vec_format(str(path), binary=binary)
    return lambda: module.KeyedVectors.load_word2vec_format(str(path), binary=binary)


def _save(module: Any, path: Path, rows: int, dims: int, *, binary: bool) -> Call:
    made = _vectors(module, rows, dims)
    return lambda: made.save_word2vec_format(str(path), binary=binary)


def _open(module: Any, path: Path, rows: int, dims: int, *, look_up: bool) -> Call:
    """Open a file of the system's own, memory-mapped."""
    _vectors(module, rows, dims).save(str(path))

    def call() -> object:
        opened = module.KeyedVectors.load(str(path), mmap="r")
        return opened, opened["낱말1"] if look_up else None

    return call


TASKS: dict[str, Callable[[Any, Path, int, int], Call]] = {
    "load binary": partial(_load, binary=True),
    "load text": partial(_load, binary=False),
    "save binary": partial(_save, binary=True),
    "save text": partial(_save, binary=False),
    "open native": partial(_open, look_up=False),
    "open native and look up": partial(_open, look_up=True),
}


# ----------------------------------------------------------------------------------- the summary


def _summary(runs: list[dict[str, Any]], task: str) -> dict[str, Any]:
    """Return the medians of a task, and how many times longer gensim took, run by run."""
    seconds: dict[str, list[float]] = {}
    for run in runs:
        if run["task"] == task:
            seconds.setdefault(run["system"], []).append(run["seconds"])
    summary: dict[str, Any] = {
        "task": task,
        "seconds": {name: median(values) for name, values in seconds.items()},
    }
    if "gensim" in seconds:
        ratios = [a / b for a, b in zip(seconds["gensim"], seconds["fastw2v"], strict=True)]
        summary["times_faster"] = {
            "median": median(ratios),
            "min": min(ratios),
            "max": max(ratios),
        }
    return summary


def _table(summaries: list[dict[str, Any]]) -> str:
    rows = []
    for one in summaries:
        seconds = [f"{value:.4f}" for value in one["seconds"].values()]
        times = one.get("times_faster")
        if times is not None:
            seconds.append(f"{times['median']:.1f} ({times['min']:.1f}–{times['max']:.1f})")
        rows.append((one["task"], *seconds))
    header = ("task", "fastw2v, s", "gensim, s", "times faster (least–most)")
    return _bench.markdown_table(header[: len(rows[0])], rows)


if __name__ == "__main__":
    main()
