"""Running the command `fastw2v`, in this process or in one of its own."""

from __future__ import annotations

import os
import random
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import fastw2v
from fastw2v import KeyedVectors

WORDS = ["한국", "서울", "일본", "도쿄", "중국", "왕", "king", "queen", "man", "woman", "e-mail"]
QUICK = "--vector-size 8 --epochs 2 --min-count 1 --threads 1"


class Result(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The columns of every line of stdout."""
        return [line.split("\t") for line in self.out.splitlines()]


Cli = Callable[[str], Result]


def make_text() -> str:
    """Return 300 sentences of ten words drawn at random."""
    rng = random.Random(3)
    return "".join(" ".join(rng.choices(WORDS, k=10)) + "\n" for _ in range(300))


def environment(encoding: str) -> dict[str, str]:
    """Return the environment of a process that finds this package."""
    package = str(Path(fastw2v.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": encoding}


def run_shell(line: str) -> Result:
    """Run a line of the shell in which `fastw2v` is the command."""
    line = line.replace("fastw2v ", f"{shlex.quote(sys.executable)} -m fastw2v ")
    done = subprocess.run(
        line, shell=True, env=environment("utf-8"), capture_output=True, encoding="utf-8"
    )
    return Result(done.returncode, done.stdout, done.stderr)


def start(line: str, encoding: str = "utf-8") -> subprocess.Popen[str]:
    """Start `python -m fastw2v` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "fastw2v", *shlex.split(line)],
        env=environment(encoding),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def run_process(line: str, stdin: str = "", encoding: str = "utf-8") -> Result:
    """Run `python -m fastw2v` to its end."""
    with start(line, encoding) as process:
        out, err = process.communicate(stdin, timeout=120)
    return Result(process.returncode, out, err)


def load(name: str) -> KeyedVectors:
    """Load vectors by what the name of their file promises."""
    if name.endswith(".safetensors"):
        return KeyedVectors.load(name)
    return KeyedVectors.load_word2vec_format(name, binary=".bin" in name)


def show(found: object) -> list[list[str]]:
    """Return what `similar` prints for what `most_similar` returns."""
    assert isinstance(found, list)
    return [[word, f"{similarity:.4f}"] for word, similarity in found]


def assert_error(result: Result, code: int, *parts: str) -> None:
    """Assert the exit code, and one error of one line that names each part."""
    assert result.code == code, result
    assert result.err.startswith("fastw2v: error: "), result.err
    assert result.err.count("\n") == 1, result.err
    for part in parts:
        assert part in result.err
