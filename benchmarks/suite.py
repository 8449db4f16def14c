"""All scenarios of speed.py and quality.py in one command; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _bench
import numpy as np
from _arguments import existing_file, read_record, writable_file
from _evaluation import judged_pairs, questions

from fastw2v import cpu

HERE = Path(__file__).parent
PEERS = "--systems fastw2v gensim"
ZIPF_WORDS, ZIPF_TOKENS, ZIPF_SENTENCE = 1_000_000, 6_000_000, 25


@dataclass(frozen=True)
class Scenario:
    """One run of speed.py or quality.py."""

    name: str
    script: str
    arguments: str
    made_corpus: bool = False


SCENARIOS = (
    Scenario("training", "speed.py", f"{PEERS} --threads 1 THREADS --repeats 5"),
    Scenario("systems", "speed.py", "--threads THREADS --repeats 3 --max-words 5000000"),
    Scenario(
        "d300",
        "speed.py",
        f"{PEERS} --modes sg --threads THREADS --vector-size 300 --max-words 3000000",
    ),
    Scenario(
        "d300-wide",
        "speed.py",
        f"{PEERS} --modes sg --threads THREADS --vector-size 300 --window 10 --negative 10 "
        "--max-words 3000000",
    ),
    *(
        Scenario(isa, "speed.py", f"{PEERS} --modes sg --threads 1 --isa {isa} --max-words 3000000")
        for isa in ("avx2", "scalar")
        if isa in cpu.available()
    ),
    Scenario(
        "million-words",
        "speed.py",
        f"{PEERS} --modes sg --threads THREADS --vector-size 300 --min-count 1 --repeats 3",
        made_corpus=True,
    ),
    Scenario(
        "lists",
        "speed.py",
        f"{PEERS} --modes cbow --threads THREADS --lists --max-words 10000000",
    ),
    Scenario(
        "five-epochs",
        "speed.py",
        f"{PEERS} --modes sg --threads THREADS --epochs 5 --repeats 3",
    ),
    Scenario("quality", "quality.py", f"{PEERS} --threads 1"),
    *(
        Scenario(
            f"quality-{threads}-threads",
            "quality.py",
            f"--systems fastw2v --threads {threads}",
        )
        for threads in (2, 8, 16, 64)
    ),
)


def main() -> None:
    """Run all scenarios, or those asked for, and keep the record of each."""
    arguments = _parse()
    record = read_record(arguments.json) if arguments.json.exists() else {}
    scenarios = [one for one in SCENARIOS if arguments.only is None or one.name in arguments.only]
    _check(scenarios, arguments)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "zipf.txt"
        for scenario in scenarios:
            if scenario.made_corpus and not made.exists():
                _write_zipf(made)
            print(f"== {scenario.name}", flush=True)
            corpus = made if scenario.made_corpus else arguments.corpus
            record[scenario.name] = _run(scenario, corpus, arguments, Path(folder) / "one.json")
            arguments.json.write_text(json.dumps(record, indent=1), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--corpus", type=existing_file, required=True, help="text, one sentence a line")
    add(
        "--json",
        type=writable_file,
        required=True,
        help="the record; scenarios that it has are replaced",
    )
    threads = "where several threads are compared: so many"
    add("--threads", type=_bench.THREADS, default=2, help=threads)
    add("--analogies", action="append", default=[], help="passed on to quality.py")
    add("--pairs", action="append", default=[], help="passed on to quality.py")
    names = [scenario.name for scenario in SCENARIOS]
    add("--only", nargs="+", choices=names, help="these scenarios alone")
    return parser.parse_args()


def _check(scenarios: list[Scenario], arguments: argparse.Namespace) -> None:
    """Exit now for what would end the work after hours."""
    if any(PEERS in scenario.arguments for scenario in scenarios):
        _bench.chosen_systems(["fastw2v", "gensim"])
    try:
        for path in arguments.analogies:
            questions(Path(path))
        for path in arguments.pairs:
            judged_pairs(Path(path))
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    words = _bench.facts_of(arguments.corpus)["words"]
    for scenario in scenarios:
        wanted = re.search(r"--max-words (\d+)", scenario.arguments)
        if wanted and int(wanted[1]) > words:
            sys.exit(
                f"{scenario.name} takes {int(wanted[1]):,} words, and {arguments.corpus} has "
                f"{words:,}; give a longer text, or name other scenarios by --only"
            )


def _run(
    scenario: Scenario, corpus: Path, arguments: argparse.Namespace, result: Path
) -> dict[str, Any]:
    options = scenario.arguments.replace("THREADS", str(arguments.threads)).split()
    if scenario.script == "quality.py":
        for name in ("analogies", "pairs"):
            for path in getattr(arguments, name):
                options += [f"--{name}", path]
    command = [sys.executable, HERE / scenario.script, "--corpus", corpus, "--json", result]
    done = subprocess.run([*map(str, command), *options], check=False)
    if done.returncode:
        sys.exit(f"{scenario.name} failed with status {done.returncode} (see above)")
    record: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return record


def _write_zipf(path: Path) -> None:
    """Write a text of a million words: each once, and then as often as Zipf's law has it."""
    random = np.random.default_rng(1)
    drawn = (float(ZIPF_WORDS) ** random.random(ZIPF_TOKENS - ZIPF_WORDS)).astype(np.int32) - 1
    ids = np.concatenate([random.permutation(ZIPF_WORDS).astype(np.int32), drawn])
    with path.open("w", encoding="utf-8") as out:
        out.writelines(_lines(random.permutation(ids)))


def _lines(ids: np.ndarray) -> Iterator[str]:
    for sentence in ids.reshape(-1, ZIPF_SENTENCE).tolist():
        yield " ".join(f"w{word}" for word in sentence) + "\n"


if __name__ == "__main__":
    main()
