"""Queries of fastw2v and gensim, on made vectors; see README.md beside this file.

Both have the same vectors in one process, and take turns. gensim has no float16 storage to compare
with and no batch: those of fastw2v stand against gensim's one query in float32.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import whole, writable_file

from fastw2v import KeyedVectors, cpu
from fastw2v._version import __version__

ONE = "gensim, one query"


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    parameters = {
        name: getattr(arguments, name) for name in ("rows", "dimensions", "batch", "topn")
    }
    record = _bench.Record("queries", arguments.json, parameters)
    record.content["systems"]["fastw2v"] = {"version": __version__, "isa": cpu.isa()}
    calls = dict(_calls(record, **parameters))
    for call in calls.values():
        call(0)  # gensim works out its lengths, and all memory is touched
    for turn in range(1, arguments.repeats + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call(turn)
            seconds = time.perf_counter() - start
            record.runs.append({"call": name, "turn": turn, "seconds": seconds})
        record.write()
    record.content["summary"] = list(_summaries(record.runs, calls, arguments.batch))
    record.write()
    print(_heading(record), _table(record.content["summary"]), sep="\n\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=whole(), default=400_000)
    parser.add_argument("--dimensions", type=whole(), default=300)
    parser.add_argument("--batch", type=whole(), default=256, help="queries in a batch")
    parser.add_argument("--topn", type=whole(), default=10)
    parser.add_argument("--repeats", type=whole(), default=15)
    parser.add_argument("--json", type=writable_file, metavar="OUT", help="record every run here")
    return parser.parse_args()


def _calls(
    record: _bench.Record, rows: int, dimensions: int, batch: int, topn: int
) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """Yield what is timed: a name, and a call that is given the number of its turn."""
    random = np.random.default_rng(1)
    table = random.standard_normal((rows, dimensions), dtype=np.float32)
    keys = [f"낱말{row}" for row in range(rows)]
    asked = [keys[row] for row in random.integers(0, rows, size=4096)]

    def queries(turn: int) -> list[str]:
        return [asked[(turn * batch + k) % len(asked)] for k in range(batch)]

    ours = KeyedVectors.from_arrays(keys, table)
    half = ours.astype(np.float16)
    try:
        from gensim import __version__ as gensim_version
        from gensim.models import KeyedVectors as GensimVectors
    except ImportError:
        pass
    else:
        record.content["systems"]["gensim"] = {"version": gensim_version}
        theirs = GensimVectors(dimensions)
        theirs.add_vectors(keys, table)
        yield ONE, lambda turn: theirs.most_similar(asked[turn], topn=topn)
    yield "one query", lambda turn: ours.most_similar(asked[turn], topn=topn)
    yield "one query, float16", lambda turn: half.most_similar(asked[turn], topn=topn)
    yield "batch", lambda turn: ours.most_similar_batch(queries(turn), topn)
    yield "batch, float16", lambda turn: half.most_similar_batch(queries(turn), topn)


def _summaries(
    runs: list[dict[str, Any]], names: dict[str, Any], batch: int
) -> Iterator[dict[str, Any]]:
    """Yield the median time of a query of each call, and how many times sooner than gensim's."""
    seconds = {name: [run["seconds"] for run in runs if run["call"] == name] for name in names}
    for name, times in seconds.items():
        queries = batch if name.startswith("batch") else 1
        summary = {"call": name, "milliseconds": 1e3 * median(times) / queries}
        if ONE in seconds and name != ONE:
            ratios = [
                theirs * queries / own for theirs, own in zip(seconds[ONE], times, strict=True)
            ]
            summary["times_faster"] = {
                "median": median(ratios),
                "min": min(ratios),
                "max": max(ratios),
            }
        yield summary


def _heading(record: _bench.Record) -> str:
    content, machine = record.content, record.content["machine"]
    systems = (f"{name} {facts['version']}" for name, facts in content["systems"].items())
    numbers = ", ".join(f"{name} {value:,}" for name, value in content["parameters"].items())
    return (
        f"{content['date']}; {numbers}\n"
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores; "
        f"numpy {machine['numpy']}; {', '.join(systems)} ({cpu.isa()})"
    )


def _table(summaries: list[dict[str, Any]]) -> str:
    rows = []
    for one in summaries:
        ratio = one.get("times_faster")
        shown = f"{ratio['median']:.1f} × ({ratio['min']:.1f}–{ratio['max']:.1f})" if ratio else ""
        rows.append((one["call"], f"{one['milliseconds']:.2f}", shown))
    return _bench.markdown_table(("call", "a query, ms", "faster than gensim's by"), rows)


if __name__ == "__main__":
    main()
