"""Write the figures of speed.py into the README.md of the project, between its markers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import _bench

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- figures: benchmarks/readme.py -->", "<!-- end of figures -->"
NAMES = {"sg": "skip-gram", "cbow": "CBOW"}


def main() -> None:
    """Read the records, and replace what stands between the markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speed", type=Path, help="JSON of speed.py, with gensim in it")
    arguments = parser.parse_args()
    speed = json.loads(arguments.speed.read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    figures = f"{BEGIN}\n{_table(speed['summary'])}\n\n{_caption(speed)}\n{END}"
    README.write_text(before + figures + after, encoding="utf-8")


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


if __name__ == "__main__":
    main()
