"""Fixtures that several files of tests share."""

from __future__ import annotations

import shlex
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from commandline import WORDS, Cli, Result, make_text

from fastw2v import KeyedVectors
from fastw2v.cli import main

# A shell starts what runs in its background with Ctrl-C ignored; the tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a temporary file or a thread behind."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    threads = set(threading.enumerate())
    yield
    assert sorted(place.iterdir()) == []
    assert set(threading.enumerate()) - threads == set()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process, in a directory that holds 말뭉치.txt alone."""
    monkeypatch.chdir(tmp_path)
    Path("말뭉치.txt").write_text(make_text(), encoding="utf-8")

    def run(line: str) -> Result:
        code = main(shlex.split(line))
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def vectors(cli: Cli) -> KeyedVectors:
    """Write vectors.bin, in which 한국 - 서울 + 도쿄 is 일본 exactly."""
    rows = np.random.default_rng(7).standard_normal((len(WORDS), 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[2] = rows[0] - rows[1] + rows[3]
    made = KeyedVectors.from_arrays(WORDS, rows)
    made.save_word2vec_format("vectors.bin", binary=True)
    return made
