"""Embedding layers of fastw2v and PyTorch, on made ids; see README.md beside this file.

Both have the same table and ids in one process, and take turns. A step is what a training loop does
between two batches: look up, then sum the gradient by row, then move the rows. In each turn a call
is made several times in a row, as a training loop makes it, and the first is not counted: it pays
for what the other library left, its data in the caches and its threads that still spin.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import whole, writable_file

from fastw2v import cpu
from fastw2v._version import __version__
from fastw2v.embedding import SGD, Adagrad, Adam, Embedding, EmbeddingBag

Call = Callable[[], Any]
PAIRS = {
    "forward": "forward",
    "forward and SGD": "forward and SGD, sparse",
    "forward and SGD, against dense": "forward and SGD, dense",
    "forward and Adagrad": "forward and Adagrad, sparse",
    "forward and Adam": "forward and SparseAdam",
    "bags, mean": "bags, mean",
}


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    names = ("rows", "dimensions", "batch", "length", "threads", "repeats", "calls", "uniform")
    parameters = {name: getattr(arguments, name) for name in names}
    record = _bench.Record("embedding", arguments.json, parameters)
    record.content["systems"]["fastw2v"] = {"version": __version__, "isa": cpu.isa()}
    table, ids, grad = _data(arguments)
    record.content["unique_rows"] = len(np.unique(ids))
    calls = dict(_ours(table, ids, grad, arguments))
    calls |= dict(_theirs(record, table, ids, grad, arguments))
    for call in calls.values():
        call()  # states are made, and all memory is touched
    for turn in range(arguments.repeats):
        for name, call in calls.items():
            call()
            for _ in range(arguments.calls):
                start = time.perf_counter()
                call()
                seconds = time.perf_counter() - start
                record.runs.append({"call": name, "turn": turn, "seconds": seconds})
        record.write()
    record.content["gradient_memory"] = _memory(table, ids, grad, arguments.threads)
    record.content["summary"] = list(_summaries(record.runs))
    record.write()
    print(_heading(record), _table(record.content["summary"]), sep="\n\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=whole(), default=100_000)
    parser.add_argument("--dimensions", type=whole(), default=128)
    parser.add_argument("--batch", type=whole(), default=256)
    parser.add_argument("--length", type=whole(), default=128, help="ids of each of the batch")
    parser.add_argument("--uniform", action="store_true", help="ids alike, not by Zipf's law")
    parser.add_argument("--no-dense", action="store_true", help="leave dense gradients out")
    parser.add_argument("--threads", type=whole(), default=2)
    parser.add_argument("--repeats", type=whole(), default=31)
    parser.add_argument("--calls", type=whole(), default=4, help="in a row, in each turn")
    parser.add_argument("--json", type=writable_file, metavar="OUT", help="record every run here")
    return parser.parse_args()


def _data(arguments: argparse.Namespace) -> tuple[Any, Any, Any]:
    """Return a table, ids, and a gradient of what is looked up."""
    random = np.random.default_rng(1)
    shape = arguments.batch, arguments.length
    table = random.standard_normal((arguments.rows, arguments.dimensions), dtype=np.float32)
    shares = np.cumsum(1 / np.arange(1, arguments.rows + 1))
    ids = np.searchsorted(shares / shares[-1], random.random(shape))
    if arguments.uniform:
        ids = random.integers(0, arguments.rows, shape)
    return table, ids, random.standard_normal((*shape, arguments.dimensions), dtype=np.float32)


def _ours(table: Any, ids: Any, grad: Any, arguments: Any) -> Iterator[tuple[str, Call]]:
    """Yield what is timed of fastw2v: a name, and a call."""
    layer = Embedding(*table.shape, weights=table, workers=arguments.threads)
    bags = EmbeddingBag(*table.shape, weights=table, workers=arguments.threads)

    def step(optimizer: Any) -> Call:
        def call() -> None:
            layer(ids)
            layer.step(ids, grad, optimizer)

        return call

    yield "forward", lambda: layer(ids)
    yield "forward and SGD", step(SGD(0.01))
    yield "forward and Adagrad", step(Adagrad(0.01))
    yield "forward and Adam", step(Adam(0.01))
    yield "bags, mean", lambda: bags(ids)


def _theirs(
    record: Any, table: Any, ids: Any, grad: Any, arguments: Any
) -> Iterator[tuple[str, Call]]:
    """Yield what is timed of PyTorch, if it is installed."""
    try:
        import torch
    except ImportError:
        return
    warnings.filterwarnings("ignore", message="Sparse invariant checks")
    torch.set_num_threads(arguments.threads)
    record.content["systems"]["PyTorch"] = {"version": torch.__version__}
    chosen, given = torch.from_numpy(ids), torch.from_numpy(grad)
    nn, optim = torch.nn, torch.optim
    steps = {
        "forward and SGD, sparse": (True, optim.SGD),
        "forward and SGD, dense": (False, optim.SGD),
        "forward and Adagrad, sparse": (True, optim.Adagrad),
        "forward and SparseAdam": (True, optim.SparseAdam),
    }
    if arguments.no_dense:
        del steps["forward and SGD, dense"]
    layer = nn.Embedding.from_pretrained(torch.from_numpy(table.copy()))
    bags = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table.copy()), mode="mean")  # as ours

    def without_gradient(module: Any) -> Call:
        def call() -> None:
            with torch.no_grad():
                module(chosen)

        return call

    def step(sparse: bool, optimizer: Any) -> Call:
        module = nn.Embedding.from_pretrained(layer.weight.data, freeze=False, sparse=sparse)
        moves = optimizer(module.parameters(), lr=0.01)

        def call() -> None:
            moves.zero_grad()
            module(chosen).backward(given)
            moves.step()

        return call

    yield "PyTorch: forward", without_gradient(layer)
    for name, (sparse, optimizer) in steps.items():
        yield f"PyTorch: {name}", step(sparse, optimizer)
    yield "PyTorch: bags, mean", without_gradient(bags)


def _memory(table: Any, ids: Any, grad: Any, threads: int) -> dict[str, float]:
    """Return the memory of a sparse gradient, in units of its unique rows: in the end, at most."""
    layer = Embedding(*table.shape, weights=table, workers=threads)
    layer(ids[:0])
    tracemalloc.start()
    gradient = layer.backward(grad, ids)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    rows = 4 * table.shape[1] * len(gradient.rows)
    return {"kept": kept / rows, "peak": peak / rows}


def _summaries(runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the median time of each call of ours, and how many times sooner than PyTorch it is."""
    seconds: dict[str, list[float]] = {}
    for run in runs:
        seconds.setdefault(run["call"], []).append(run["seconds"])
    for name, other in PAIRS.items():
        own = seconds[name.removesuffix(", against dense")]
        summary = {"call": name, "milliseconds": 1e3 * median(own)}
        theirs = seconds.get(f"PyTorch: {other}", [])
        if theirs:
            ratios = [b / a for a, b in zip(own, theirs, strict=True)]
            summary["times_faster"] = {
                "median": median(ratios),
                "of_medians": median(theirs) / median(own),
                "of_fastest": min(theirs) / min(own),
            }
        yield summary


def _heading(record: _bench.Record) -> str:
    content, machine = record.content, record.content["machine"]
    systems = (f"{name} {facts['version']}" for name, facts in content["systems"].items())
    numbers = ", ".join(f"{name} {value}" for name, value in content["parameters"].items())
    memory = content["gradient_memory"]
    return (
        f"{content['date']}; {numbers}; {content['unique_rows']:,} unique rows\n"
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores; "
        f"numpy {machine['numpy']}; {', '.join(systems)} ({cpu.isa()})\n"
        f"memory of a sparse gradient: {memory['kept']:.2f} times its rows, at most "
        f"{memory['peak']:.2f}"
    )


def _table(summaries: list[dict[str, Any]]) -> str:
    rows = []
    for one in summaries:
        ratio = one.get("times_faster")
        shown = [f"{ratio[key]:.1f} ×" for key in ratio] if ratio else ["", "", ""]
        rows.append((one["call"], f"{one['milliseconds']:.2f}", *shown))
    header = ("call", "median, ms", "PyTorch's over ours: median", "of medians", "of fastest")
    return _bench.markdown_table(header, rows)


if __name__ == "__main__":
    main()
