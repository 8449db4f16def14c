"""What the benchmarks share: arguments, the corpus, fresh processes, the record, tables."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from _arguments import number, whole, writable_file
from _systems import Job

from fastw2v import cpu
from fastw2v._native.train import NEGATIVE_MAX, WINDOW_MAX
from fastw2v.cpu import WORKERS_MAX

THREADS = whole(1, WORKERS_MAX)

# The systems, and the package of each.
SYSTEMS = {
    "fastw2v": "fastw2v",
    "gensim": "gensim",
    "gensim-iterable": "gensim",
    "fasttext": "fasttext",
}


def add_training_arguments(parser: argparse.ArgumentParser, *, epochs: int) -> None:
    """Add the arguments that say what is trained, by whom, and where the record goes."""
    add = parser.add_argument
    add("--modes", nargs="+", choices=("sg", "cbow"), default=["sg", "cbow"])
    add("--systems", nargs="+", choices=list(SYSTEMS), help="default: those that are installed")
    add("--max-words", type=whole(), help="take only the corpus' first words")
    add("--vector-size", type=whole(), default=100)
    add("--window", type=whole(1, WINDOW_MAX), default=5)
    add("--negative", type=whole(1, NEGATIVE_MAX), default=5)
    add("--hs", action="store_true", help="hierarchical softmax in place of noise words")
    add("--cbow-gradient", choices=("word2vec", "exact"), default="word2vec", help="of fastw2v")
    add("--sample", type=number(0, 1), default=1e-3)
    add("--min-count", type=whole(), default=5)
    add("--epochs", type=whole(), default=epochs)
    alpha = number(0, above=True)
    add("--alpha", type=alpha, default=0.025, help="of every system and mode")
    isa = "instruction set forced on fastw2v (FASTW2V_ISA)"
    add("--isa", choices=cpu.available(), help=isa)
    add("--json", type=writable_file, metavar="OUT", help="record every run here")


def job_parameters(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters that all jobs of a benchmark have in common."""
    names = ("vector_size", "window", "negative", "sample", "min_count", "epochs", "alpha")
    names += ("cbow_gradient",)
    parameters = {name: getattr(arguments, name) for name in names} | {"hs": int(arguments.hs)}
    return parameters | ({"negative": 0} if arguments.hs else {})


def chosen_systems(wanted: Sequence[str] | None, default: Iterable[str] = SYSTEMS) -> list[str]:
    """Return the systems to compare: those asked for, which must be there, or what is there."""
    installed = [name for name, package in SYSTEMS.items() if importlib.util.find_spec(package)]
    missing = [name for name in wanted or default if name not in installed]
    if missing and wanted:
        sys.exit(f"not installed: {', '.join(missing)}; install them or shorten --systems")
    if missing:
        print(f"not installed, left out: {', '.join(missing)}", file=sys.stderr)
    return [name for name in wanted or default if name in installed]


# ------------------------------------------------------------------------------------ the corpus


@contextmanager
def open_corpus(path: Path, max_words: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the path of the corpus, or of a copy of its first words, and what it holds.

    The reading also brings the file into the page cache, for all systems alike.
    """
    with tempfile.TemporaryDirectory() as folder:
        if max_words is not None:
            path = _first_words(path, max_words, Path(folder) / f"first-words-of-{path.name}")
        yield str(path.resolve()), facts_of(path)


def facts_of(path: Path) -> dict[str, Any]:
    """Return what a record tells of a corpus, or exit if it is none."""
    digest, lines, words = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        for line in file:
            digest.update(line)
            lines += 1
            try:
                words += len(line.decode().split())
            except UnicodeDecodeError as error:
                sys.exit(f"{path}, line {lines}: not UTF-8 ({error.reason})")
    if not words:
        sys.exit(f"{path} has no words")
    return {
        "name": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest.hexdigest(),
        "lines": lines,
        "words": words,
    }


def _first_words(whole: Path, count: int, first: Path) -> Path:
    """Write the first `count` words of a text, its lines kept, to a file."""
    options = {"encoding": "utf-8", "errors": "surrogateescape"}  # facts_of says what is no text
    with whole.open(**options) as lines, first.open("w", **options) as out:
        for line in lines:
            words = line.split()[:count]
            out.write(" ".join(words) + "\n")
            count -= len(words)
            if count == 0:
                return first
    sys.exit(f"{whole} has fewer words than --max-words asks for, by {count}; lower it")


# ------------------------------------------------------------------------------- fresh processes


def run_job(script: str, job: Job, isa: str | None, **extra: Any) -> dict[str, Any]:
    """Run `job` by `script --worker` in a fresh process and return what it reports."""
    environment = dict(os.environ)
    if isa is not None:
        environment["FASTW2V_ISA"] = isa
    # A folder of its own for temporary and cached files: no run can live off an earlier one.
    with tempfile.TemporaryDirectory() as folder:
        environment |= {"TMPDIR": folder, "XDG_CACHE_HOME": folder}
        done = subprocess.run(
            [sys.executable, script, "--worker", json.dumps({"job": asdict(job), **extra})],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        sys.exit(f"{job.system} failed with status {done.returncode} (see above) in {job}")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    used = report["system"].get("isa", isa)
    if isa is not None and used != isa:
        sys.exit(f"FASTW2V_ISA={isa} was asked for, but fastw2v used {used}")
    return report


def is_worker() -> bool:
    """Tell whether this process was started by `run_job`."""
    return sys.argv[1:2] == ["--worker"]


def worker_order() -> tuple[Job, dict[str, Any]]:
    """Return the job of this worker, and the extra values given with it."""
    order = json.loads(sys.argv[2])
    return Job(**order.pop("job")), order


# ------------------------------------------------------------------------- the record and tables


class Record:
    """All that was measured; written after each run, so that a crash loses one run at most."""

    def __init__(self, benchmark: str, path: Path | None, parameters: dict[str, Any]) -> None:
        self.path = path
        self.runs: list[dict[str, Any]] = []
        self.content: dict[str, Any] = {
            "benchmark": benchmark,
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "machine": _machine(),
            "parameters": parameters,
            "systems": {},
            "runs": self.runs,
        }
        self.write()

    def add(self, job: Job, report: dict[str, Any]) -> None:
        """Add the report of one run, and show that it is done."""
        self.content["systems"][job.system] = report.pop("system")
        setting = {"system": job.system, "mode": job.mode, "threads": job.threads, "seed": job.seed}
        self.runs.append(setting | report)
        self.write()
        shown = ", ".join(f"{name} {value}" for name, value in setting.items())
        print(f"{shown}: {report['seconds']['total']:.2f} s", file=sys.stderr)

    def write(self) -> None:
        """Write the record, whole or not at all."""
        if self.path is not None:
            beside = self.path.with_name(f"{self.path.name}.tmp")
            text = json.dumps(self.content, indent=1, ensure_ascii=False)
            beside.write_text(text + "\n", encoding="utf-8")
            beside.replace(self.path)

    def heading(self) -> str:
        """Return the lines that belong above every table: corpus, machine, versions."""
        content, machine = self.content, self.content["machine"]
        corpus, numbers = content["corpus"], content["parameters"]
        systems = [
            f"{name} {facts['version']}" + (f" ({facts['isa']})" if "isa" in facts else "")
            for name, facts in content["systems"].items()
        ]
        return "\n".join(
            [
                f"{content['date']}; {corpus['name']}: {corpus['words']:,} words; "
                + ", ".join(f"{name} {value}" for name, value in numbers.items()),
                f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores; "
                f"Python {machine['python']}, numpy {machine['numpy']}; " + ", ".join(systems),
            ]
        )


def _machine() -> dict[str, Any]:
    """Return what a reader needs in order to judge a time."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable,
        "system": platform.platform(),
        "python": platform.python_version(),
        "python_compiler": platform.python_compiler(),
        "numpy": version("numpy"),
        "load_average_at_start": os.getloadavg()[0],
    }


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
