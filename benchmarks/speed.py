"""Training and scanning speed of fastw2v and its peers; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from statistics import median
from typing import Any

import _bench
from _arguments import existing_file, whole
from _systems import Job, train

PARTS = ("train", "scan", "save", "total")
LISTS = ("fastw2v", "gensim")  # systems that lists can be given to


def main() -> None:
    """Measure, record, print a table."""
    arguments = _parse()
    systems = _bench.chosen_systems(arguments.systems, LISTS if arguments.lists else _bench.SYSTEMS)
    parameters = _bench.job_parameters(arguments)
    record = _bench.Record("speed", arguments.json, parameters | {"lists": arguments.lists})
    with _bench.open_corpus(arguments.corpus, arguments.max_words) as (corpus, facts):
        record.content["corpus"] = facts
        for mode, repeat, threads, system in product(
            arguments.modes, range(arguments.repeats), arguments.threads, systems
        ):
            job = Job(system, corpus, mode, threads, **parameters, lists=arguments.lists)
            report = _bench.run_job(__file__, job, arguments.isa)
            _warn_of_other_count(system, report["scanned_words"], facts["words"])
            record.add(job, {"repeat": repeat} | report | _rates(report, facts, job.epochs))
    record.content["summary"] = [
        _summary(record.runs, mode, threads, system)
        for mode, threads, system in product(arguments.modes, arguments.threads, systems)
    ]
    record.write()
    print(record.heading(), _table(record.content["summary"]), sep="\n\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus", type=existing_file, required=True, help="text, one sentence a line"
    )
    parser.add_argument("--threads", nargs="+", type=_bench.THREADS, default=[1])
    parser.add_argument("--repeats", type=whole(), default=5)
    parser.add_argument("--lists", action="store_true", help="give lists of words, not the file")
    _bench.add_training_arguments(parser, epochs=1)
    arguments = parser.parse_args()
    others = set(arguments.systems or ()) - set(LISTS)
    if arguments.lists and others:
        parser.error(f"--lists cannot be given to {', '.join(sorted(others))}; shorten --systems")
    return arguments


def _warn_of_other_count(system: str, scanned: int | None, words: int) -> None:
    if scanned is not None and scanned != words:
        print(f"note: {system} counts {scanned:,} words, not {words:,}", file=sys.stderr)


def _rates(report: dict[str, Any], corpus: dict[str, Any], epochs: int) -> dict[str, Any]:
    """Return words a second: corpus words, the same for all systems, not those they report."""
    seconds = report["seconds"]
    words = {"scan": corpus["words"], "train": corpus["words"] * epochs}
    return {
        f"{part}_words_per_second": count / seconds[part]
        for part, count in words.items()
        if part in seconds
    }


def _summary(runs: list[dict[str, Any]], mode: str, threads: int, system: str) -> dict[str, Any]:
    """Return medians and ranges of one system's runs, and how they compare with others.

    These are fastw2v with as many threads, and the same system with the fewest.
    """
    setting = {"mode": mode, "threads": threads}
    own = _runs_of(runs, setting | {"system": system})
    ours = _runs_of(runs, setting | {"system": "fastw2v"})
    fewest = min(run["threads"] for run in runs)
    alone = _runs_of(runs, {"mode": mode, "threads": fewest, "system": system})
    summary: dict[str, Any] = setting | {"system": system}
    for rate in ("train_words_per_second", "scan_words_per_second"):
        if rate in own[0]:
            summary[rate] = _middle_and_range([run[rate] for run in own])
    summary["total_seconds"] = median(run["seconds"]["total"] for run in own)
    summary["total_cpu_seconds"] = median(run["cpu_seconds"]["total"] for run in own)
    summary["peak_mib"] = median(run["peak_mib"] for run in own)
    part = "train" if "train" in own[0]["seconds"] else "total"
    summary["speedup"] = {"over_threads": fewest, "of": part} | _middle_and_range(
        _ratios(alone, own, part)
    )
    if ours and system != "fastw2v":
        summary["fastw2v_times_faster"] = {
            part: _middle_and_range(_ratios(own, ours, part))
            for part in PARTS
            if part in own[0]["seconds"]
        }
    return summary


def _ratios(slow: list[dict[str, Any]], fast: list[dict[str, Any]], part: str) -> list[float]:
    """Return how many times longer a part took, run by neighbouring run."""
    return [
        one["seconds"][part] / other["seconds"][part] for one, other in zip(slow, fast, strict=True)
    ]


def _middle_and_range(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values)}


def _runs_of(runs: list[dict[str, Any]], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    return [run for run in runs if wanted.items() <= run.items()]


def _table(summaries: list[dict[str, Any]]) -> str:
    header = (
        *("mode", "threads", "system", "training, words/s", "scan, words/s"),
        *("file to saved vectors, s", "CPU, s", "peak, MiB"),
        "speed-up by threads",
        *("fastw2v faster by: training", "scan", "saving", "file to saved vectors"),
    )
    rows = []
    for one in summaries:
        training, scan = one.get("train_words_per_second"), one.get("scan_words_per_second")
        times = one.get("fastw2v_times_faster", {})
        rows.append(
            (
                one["mode"],
                str(one["threads"]),
                one["system"],
                _thousands(training),
                _thousands(scan),
                f"{one['total_seconds']:.2f}",
                f"{one['total_cpu_seconds']:.2f}",
                f"{one['peak_mib']:.0f}",
                f"{one['speedup']['median']:.2f}",
                *(_times(times.get(part)) for part in PARTS),
            )
        )
    return _bench.markdown_table(header, rows)


def _thousands(rate: dict[str, float] | None) -> str:
    if rate is None:
        return "–"
    low, middle, high = (f"{rate[key] / 1e3:,.0f}" for key in ("min", "median", "max"))
    return f"{middle} k ({low}–{high})"


def _times(ratio: dict[str, float] | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio['median']:.1f} × ({ratio['min']:.1f}–{ratio['max']:.1f})"


if __name__ == "__main__":
    if _bench.is_worker():
        order, _ = _bench.worker_order()
        print(json.dumps(train(order).facts))
    else:
        main()
