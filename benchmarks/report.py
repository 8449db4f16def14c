"""Turn a record of suite.py into the figures of the project's README.md, and into its charts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import _bench
from _charts import Bar, bar_chart

ROOT = Path(__file__).parents[1]
README, CHARTS = ROOT / "README.md", Path(__file__).parent / "charts"
BEGIN, END = "<!-- figures: benchmarks/report.py -->", "<!-- end of figures -->"
NAMES = {"sg": "skip-gram", "cbow": "CBOW"}
SYSTEMS = {
    "fastw2v": "fastw2v",
    "gensim": "gensim, corpus_file",
    "gensim-iterable": "gensim, iterable",
    "fasttext": "fastText, no subwords",
}
# Scenarios of suite.py, what of them is compared, and what to call that.
JOBS = (
    ("d300", "train", "300 dimensions"),
    ("d300-wide", "train", "300 dimensions, window 10, 10 noise words"),
    ("million-words", "train", "made corpus of a million words, 300 dimensions"),
    ("avx2", "train", "AVX2 kernels forced, 1 thread"),
    ("scalar", "train", "portable kernels forced, 1 thread"),
    ("lists", "scan", "vocabulary of a list of token lists"),
    ("five-epochs", "total", "text file to saved vectors, 5 epochs"),
)

Summary = dict[tuple[str, int, str], dict[str, Any]]


def main() -> None:
    """Read the record, write the charts, and replace what stands between the markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", type=Path, help="JSON of suite.py, all scenarios")
    record = json.loads(parser.parse_args().record.read_text(encoding="utf-8"))
    CHARTS.mkdir(exist_ok=True)
    (CHARTS / "speed.svg").write_text(_speed_chart(record["systems"]), encoding="utf-8")
    (CHARTS / "times.svg").write_text(_times_chart(record), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    parts = [
        "![Words a second of fastw2v, gensim and fastText](benchmarks/charts/speed.svg)",
        _training_table(_by_setting(record["training"])),
        _caption(record["training"]),
        "![How many times faster than gensim, by job](benchmarks/charts/times.svg)",
        _quality_table(record["quality"], _last_of(record)),
        _quality_caption(record["quality"]),
    ]
    README.write_text(f"{before}{BEGIN}\n{chr(10).join(_spaced(parts))}\n{END}{after}", "utf-8")


def _spaced(parts: Sequence[str]) -> list[str]:
    return "\n\n".join(parts).split("\n")


def _by_setting(record: dict[str, Any]) -> Summary:
    return {(one["mode"], one["threads"], one["system"]): one for one in record["summary"]}


def _last_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return the quality record with the most threads on this machine's cores."""
    cores = record["training"]["machine"]["cores"]
    found: dict[str, Any] = record[f"quality-{cores}-threads"]
    return found


# --------------------------------------------------------------------------------------- charts


def _speed_chart(record: dict[str, Any]) -> str:
    """Words a second from the text file to saved vectors: the one figure that all systems have."""
    words, summary = record["corpus"]["words"], record["summary"]
    threads = max(one["threads"] for one in summary)
    groups = []
    for mode, name in NAMES.items():
        rates = [
            (one["system"], words / one["total_seconds"])
            for one in summary
            if (one["mode"], one["threads"]) == (mode, threads)
        ]
        bars = [
            Bar(SYSTEMS[system], rate, f"{rate / 1e6:.2f} M words/s", system == "fastw2v")
            for system, rate in rates
        ]
        groups.append((name, bars))
    note = (
        f"{words / 1e6:.0f} M words of English Wikipedia, 1 epoch, {threads} threads, "
        f"vector_size {record['parameters']['vector_size']}; medians of runs in turn"
    )
    return bar_chart("Text file to saved vectors", groups, note)


def _times_chart(record: dict[str, Any]) -> str:
    jobs = []
    for (mode, threads, system), one in _by_setting(record["training"]).items():
        if system == "gensim":
            label = f"{NAMES[mode]}, {_threads(threads)}"
            jobs.append(_times_bar(label, one["fastw2v_times_faster"]["train"]["median"]))
    others = []
    for scenario, part, label in JOBS:
        for one in record[scenario]["summary"]:
            if one["system"] == "gensim":
                others.append(_times_bar(label, one["fastw2v_times_faster"][part]["median"]))
    note = "corpus_file where gensim has it; one machine, see benchmarks/README.md for the limits"
    groups = [("Training, 100 dimensions", jobs), ("Skip-gram, and other jobs", others)]
    return bar_chart("Times as fast as gensim", groups, note)


def _times_bar(label: str, times: float) -> Bar:
    return Bar(label, times, f"{times:.1f} ×", ours=True)


# --------------------------------------------------------------------------------------- tables


def _training_table(summary: Summary) -> str:
    rows = []
    for mode, threads, system in summary:
        if system != "gensim":
            continue
        ours, theirs = summary[mode, threads, "fastw2v"], summary[mode, threads, "gensim"]
        times = theirs["fastw2v_times_faster"]
        rows.append(
            (
                f"{NAMES[mode]}, {_threads(threads)}",
                _rate(ours, "train_words_per_second"),
                _rate(theirs, "train_words_per_second"),
                f"**{times['train']['median']:.1f} ×**",
                f"{times['scan']['median']:.1f} ×",
                f"{ours['peak_mib']:.0f} / {theirs['peak_mib']:.0f} MiB",
            )
        )
    header = ("", "fastw2v", "gensim", "training faster by", "reading by", "peak memory")
    return _bench.markdown_table(header, rows)


def _threads(n: int) -> str:
    return f"{n} thread{'s' if n > 1 else ''}"


def _rate(summary: dict[str, Any], name: str) -> str:
    return f"{summary[name]['median'] / 1e6:.2f} M words/s"


def _caption(record: dict[str, Any]) -> str:
    corpus, machine, settings = record["corpus"], record["machine"], record["parameters"]
    version = record["systems"]["gensim"]["version"]
    return (
        f"Medians of runs in turn, on {machine['cores']} cores of an {machine['cpu']}, gensim "
        f"{version} with `corpus_file`; {corpus['words'] / 1e6:.1f} M words of English "
        f"Wikipedia, vector_size {settings['vector_size']}, window {settings['window']}, negative "
        f"{settings['negative']}. [benchmarks/](benchmarks/README.md) has the method, the limits "
        "and the scripts."
    )


def _quality_table(alone: dict[str, Any], together: dict[str, Any]) -> str:
    """Return a line for each mode, system and number of threads: means over the seeds."""
    scores: dict[tuple[str, str, int], list[dict[str, float]]] = {}
    for run in [*alone["runs"], *together["runs"]]:
        key = run["mode"], run["system"], run["threads"]
        scores.setdefault(key, []).append(_scores(run["scores"]))
    columns = list(next(iter(scores.values()))[0])
    rows = [
        (
            f"{NAMES[mode]}, {system}, {_threads(threads)}",
            *(f"{mean(one[name] for one in seeds):.3f}" for name in columns),
        )
        for (mode, system, threads), seeds in sorted(
            scores.items(), key=lambda one: (one[0][0] != "sg", *one[0])
        )
    ]
    return _bench.markdown_table(("", *columns), rows)


def _scores(scores: dict[str, Any]) -> dict[str, float]:
    found = {}
    for name, result in scores["analogies"].items():
        right = result["groups"]["all"]
        found[f"analogies ({Path(name).stem})"] = right["correct"] / right["total"]
    return found | {Path(name).stem: one["spearman"] for name, one in scores["pairs"].items()}


def _quality_caption(record: dict[str, Any]) -> str:
    settings = record["parameters"]
    seeds = sorted({run["seed"] for run in record["runs"]})
    return (
        f"Quality at the same settings and learning rate ({settings['alpha']} for all), "
        f"{settings['epochs']} epochs, means of {len(seeds)} seeds; another seed moves each "
        "figure by about 0.01."
    )


if __name__ == "__main__":
    main()
