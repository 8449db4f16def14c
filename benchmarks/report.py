"""Turn a record of suite.py into the figures of the project's README.md, and into its charts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import _bench
from _arguments import existing_file, read_record
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
# Scenarios of suite.py, what of them is compared, and what to call that; those that a record has.
JOBS = (
    ("d300", "train", "300 dimensions"),
    ("d300-wide", "train", "300 dimensions, window 10, 10 noise words"),
    ("million-words", "train", "made corpus of a million words, 300 dimensions"),
    ("avx2", "train", "AVX2 kernels forced"),
    ("scalar", "train", "portable kernels forced"),
    ("lists", "scan", "vocabulary of a list of token lists"),
    ("five-epochs", "total", "text file to saved vectors, 5 epochs"),
)

# Scenarios without which there are no figures, and what these are made of.
NEEDED = {"training": "summary", "systems": "summary", "quality": "runs"}

Summary = dict[tuple[str, int, str], dict[str, Any]]
# By mode, system and number of threads: the scores of each seed.
Scores = dict[tuple[str, str, int], list[dict[str, float]]]


def main() -> None:
    """Read the record, write the charts, and replace what stands between the markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", type=existing_file, help="JSON of suite.py, all scenarios")
    parser.add_argument("--corpus-name", help="what to call the corpus; default: its file's name")
    arguments = parser.parse_args()
    record = _checked(read_record(arguments.record), arguments.record)
    corpus = arguments.corpus_name or record["training"]["corpus"]["name"]
    charts = {
        "speed.svg": _speed_chart(record["systems"], corpus),
        "times.svg": _times_chart(record),
    }
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    scores = _scores([record["quality"], *_together(record)])
    parts = [
        "![Words a second of fastw2v, gensim and fastText](benchmarks/charts/speed.svg)",
        _training_table(_by_setting(record["training"])),
        _caption(record["training"], corpus),
        "![How many times faster than gensim, by job](benchmarks/charts/times.svg)",
        _quality_table(scores),
        _quality_caption(record["quality"], scores),
    ]
    figures = "\n\n".join(parts)
    CHARTS.mkdir(exist_ok=True)
    for name, chart in charts.items():
        (CHARTS / name).write_text(chart, encoding="utf-8")
    README.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")


def _checked(record: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a record that has all that the figures are made of, or exit."""
    missing = [name for name, part in NEEDED.items() if not record.get(name, {}).get(part)]
    if missing:
        sys.exit(f"{path} lacks {', '.join(missing)}; run suite.py --only {' '.join(missing)}")
    if "gensim" not in record["training"]["systems"]:
        sys.exit(
            f"{path} has nothing to compare with: no run of gensim; run suite.py --only training"
        )
    return record


def _by_setting(record: dict[str, Any]) -> Summary:
    return {(one["mode"], one["threads"], one["system"]): one for one in record["summary"]}


def _together(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the quality record of the most threads that had a core each, if there is one."""
    cores = record["training"]["machine"]["usable_cores"]
    records = {
        one["parameters"]["threads"]: one
        for name, one in record.items()
        if name.startswith("quality-") and 1 < one["parameters"]["threads"] <= cores
    }
    return [records[max(records)]] if records else []


# --------------------------------------------------------------------------------------- charts


def _speed_chart(record: dict[str, Any], corpus: str) -> str:
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
    settings = record["parameters"]
    note = (
        f"{words / 1e6:.0f} M words of {corpus}, {_count(settings['epochs'], 'epoch')}, "
        f"{_threads(threads)}, vector_size {settings['vector_size']}; medians of runs in turn"
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
        for one in record.get(scenario, {}).get("summary", []):
            if one["system"] == "gensim":
                times = one["fastw2v_times_faster"][part]["median"]
                others.append(_times_bar(f"{label}, {_threads(one['threads'])}", times))
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
    return _count(n, "thread")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''}"


def _rate(summary: dict[str, Any], name: str) -> str:
    return f"{summary[name]['median'] / 1e6:.2f} M words/s"


def _caption(record: dict[str, Any], corpus: str) -> str:
    words, machine, settings = record["corpus"]["words"], record["machine"], record["parameters"]
    version = record["systems"]["gensim"]["version"]
    cores = _count(machine["usable_cores"], "core")
    return (
        f"Medians of runs in turn, on {cores} ({machine['cpu']}), "
        f"gensim {version} with `corpus_file`; {words / 1e6:.1f} M words of {corpus}, "
        f"vector_size {settings['vector_size']}, window {settings['window']}, "
        f"negative {settings['negative']}. [benchmarks/](benchmarks/README.md) has the method, "
        "the limits and the scripts."
    )


def _scores(records: list[dict[str, Any]]) -> Scores:
    scores: Scores = {}
    for run in (run for record in records for run in record["runs"]):
        key = run["mode"], run["system"], run["threads"]
        scores.setdefault(key, []).append(_scores_of_run(run["scores"]))
    return scores


def _quality_table(scores: Scores) -> str:
    """Return a line for each mode, system and number of threads: means over the seeds."""
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


def _scores_of_run(scores: dict[str, Any]) -> dict[str, float]:
    found = {}
    for name, result in scores["analogies"].items():
        right = result["groups"]["all"]
        found[f"analogies ({Path(name).stem})"] = right["correct"] / right["total"]
    return found | {Path(name).stem: one["spearman"] for name, one in scores["pairs"].items()}


def _quality_caption(record: dict[str, Any], scores: Scores) -> str:
    settings = record["parameters"]
    seeds = len({run["seed"] for run in record["runs"]})
    caption = (
        f"Quality at the same settings and learning rate ({settings['alpha']} for all), "
        f"{_count(settings['epochs'], 'epoch')}, "
    )
    if seeds == 1:
        return f"{caption}one seed."
    most = max(
        stdev(one[name] for one in runs)
        for runs in scores.values()
        if len(runs) > 1
        for name in runs[0]
    )
    return (
        f"{caption}means of {seeds} seeds; the standard deviation of a figure over the seeds is "
        f"{most:.3f} at most."
    )


if __name__ == "__main__":
    main()
