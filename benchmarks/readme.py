"""Write figures of speed.py and quality.py into the project's README.md, between its markers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean
from typing import Any

import _bench

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- figures: benchmarks/readme.py -->", "<!-- end of figures -->"
NAMES = {"sg": "skip-gram", "cbow": "CBOW"}


def main() -> None:
    """Read the records, and replace what stands between the markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speed", type=Path, help="JSON of speed.py, with gensim in it")
    parser.add_argument(
        "quality", type=Path, nargs="+", help="JSON of quality.py, with gensim in it"
    )
    arguments = parser.parse_args()
    speed = _read(arguments.speed)
    quality = [_read(path) for path in arguments.quality]
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    parts = [_table(speed["summary"]), _caption(speed), _quality(quality), _settings(quality)]
    README.write_text(before + BEGIN + "\n" + "\n\n".join(parts) + "\n" + END + after, "utf-8")


def _read(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _table(summary: list[dict[str, Any]]) -> str:
    of = {(one["mode"], one["threads"], one["system"]): one for one in summary}
    rows = []
    for mode, threads, system in of:
        if system != "gensim":
            continue
        ours, theirs = of[mode, threads, "fastw2v"], of[mode, threads, "gensim"]
        times = theirs["fastw2v_times_faster"]
        rows.append(
            (
                f"{NAMES[mode]}, {threads} thread{'s' if threads > 1 else ''}",
                _rate(ours, "train_words_per_second"),
                _rate(theirs, "train_words_per_second"),
                f"**{times['train']['median']:.1f} ×**",
                f"{times['scan']['median']:.1f} ×",
                f"{ours['peak_mib']:.0f} / {theirs['peak_mib']:.0f} MiB",
            )
        )
    header = ("", "fastw2v", "gensim", "training faster by", "reading by", "peak memory")
    return _bench.markdown_table(header, rows)


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


def _quality(records: list[dict[str, Any]]) -> str:
    """Return a line a system and mode: mean over the seeds of what `quality.py` scored."""
    scores: dict[tuple[str, str], list[dict[str, float]]] = {}
    for run in (run for record in records for run in record["runs"]):
        scores.setdefault((run["mode"], run["system"]), []).append(_scores(run["scores"]))
    columns = list(next(iter(scores.values()))[0])
    rows = [
        (
            f"{NAMES[mode]}, {system}",
            *(f"{mean(one[name] for one in seeds):.3f}" for name in columns),
        )
        for (mode, system), seeds in scores.items()
    ]
    return _bench.markdown_table(("", *columns), rows)


def _scores(scores: dict[str, Any]) -> dict[str, float]:
    found = {}
    for name, result in scores["analogies"].items():
        right = result["groups"]["all"]
        found[f"analogies ({Path(name).stem})"] = right["correct"] / right["total"]
    return found | {Path(name).stem: one["spearman"] for name, one in scores["pairs"].items()}


def _settings(records: list[dict[str, Any]]) -> str:
    """Say how the vectors of `_quality` were trained, which is alike in all records."""
    settings = records[0]["parameters"]
    if any(record["parameters"] != settings for record in records):
        raise SystemExit("the quality records have different parameters: run them alike")
    seeds = sorted({run["seed"] for record in records for run in record["runs"]})
    threads = settings["threads"]
    return (
        f"Quality at the same settings and learning rate ({settings['alpha']} for all), "
        f"{settings['epochs']} epochs, {threads} thread{'s' if threads > 1 else ''}, "
        f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}; another seed moves "
        "each figure by about 0.01."
    )


if __name__ == "__main__":
    main()
