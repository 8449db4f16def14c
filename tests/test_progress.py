"""Progress: silent where nobody looks, one line where somebody does, and never in the way."""

from __future__ import annotations

import gzip
import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fastw2v import Corpus, progress
from fastw2v.progress import Progress, clock, short_number


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def shown(self) -> list[str]:
        """What stood on the line, one state after the other."""
        return self.getvalue().split("\r")[1:]


class Clock:
    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=terminal))
    return terminal


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    file = io.StringIO()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=file))
    return file


def work(time: Clock, seconds: int, total: int | None = None, show: bool | None = None) -> None:
    """Do ten units of work a tenth of a second apart, for so many seconds."""
    with Progress("reading", total, "words", show) as line:
        for k in range(10 * seconds):
            line.update(10 * k)
            time.now += 0.1
        line.finish(100 * seconds)


def test_a_terminal_sees_it_after_two_seconds(time: Clock, terminal: Terminal) -> None:
    work(time, 1)
    assert terminal.getvalue() == ""
    work(time, 10)
    states = terminal.shown()
    assert 10 <= len(states) <= 45
    assert re.match(r"reading  2\d\d words  100/s", states[0])
    assert "1.00 k words" in states[-1]
    assert terminal.getvalue().count("\n") == 1
    assert states[-1].endswith("\n")


def test_a_notebook_sees_it_too(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    work(time, 5)
    assert "reading" in stream.getvalue()


def test_a_file_sees_it_only_when_asked(time: Clock, file: io.StringIO) -> None:
    work(time, 60)
    assert file.getvalue() == ""
    work(time, 60, show=True)
    lines = file.getvalue().splitlines()
    assert 2 <= len(lines) <= 10
    assert "\r" not in file.getvalue()
    assert "6.00 k words" in lines[-1]


@pytest.mark.parametrize("show", [False, True])
def test_always_and_never(show: bool, time: Clock, terminal: Terminal) -> None:
    with Progress("reading", 10, "words", show) as line:
        time.now += 0.001
        line.finish(10)
    assert ("reading" in terminal.getvalue()) == show


def test_share_rate_and_time_left(time: Clock, terminal: Terminal) -> None:
    with Progress("reading", 40_000_000, "bytes", None) as line:
        time.now += 10
        line.update(10_000_000, "loss 1.23")
        time.now += 10
        line.finish(40_000_000)
    assert terminal.shown() == [
        "reading   25.0 %  10.0 M bytes  1.00 M/s  0:30 left  loss 1.23",
        "reading  100.0 %  40.0 M bytes  2.00 M/s  0:20".ljust(len(terminal.shown()[0])) + "\n",
    ]


def test_an_error_leaves_the_cursor_on_a_line_of_its_own(time: Clock, terminal: Terminal) -> None:
    with pytest.raises(KeyboardInterrupt), Progress("reading", None, "words", True) as line:
        line.update(1)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\n")


def test_a_clock_that_stands_still(time: Clock, terminal: Terminal) -> None:
    with Progress("reading", 10, "words", True) as line:
        line.update(0)
        line.finish(5)
    assert "50.0 %" in terminal.getvalue()


@pytest.mark.parametrize("show", [None, False, True])
@pytest.mark.parametrize("stderr", [None, object(), "closed"], ids=["none", "bare", "closed"])
def test_a_program_without_stderr(
    stderr: object, show: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stderr == "closed":
        stderr = io.StringIO()
        stderr.close()
    monkeypatch.setattr(sys, "stderr", stderr)
    assert Corpus([["a"]], progress=show).words == ["a"]


def test_a_terminal_that_goes_away(
    time: Clock, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_: str) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(terminal, "write", write)
    work(time, 5)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gz"])
def test_reading_ends_at_100_percent(
    compress: type[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").write_bytes(compress("나는 사과를 먹었다\n".encode() * 10_000))
    Corpus(tmp_path / "text", progress=True)
    shares = [float(share) for share in re.findall(r"([\d.]+) %", capsys.readouterr().err)]
    assert max(shares, default=100) == 100


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (999, "999"), (1000, "1.00 k"), (12_345, "12.3 k"), (123_456, "123 k")]
    + [(3_420_000, "3.42 M"), (45_600_000, "45.6 M"), (1.2e10, "12.0 G")],
)
def test_short_numbers(number: float, text: str) -> None:
    assert short_number(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (0.4, "0:00"), (59.6, "1:00"), (75, "1:15"), (3599.7, "1:00:00")]
    + [(3725, "1:02:05"), (360_000, "100:00:00")],
)
def test_clocks(seconds: float, text: str) -> None:
    assert clock(seconds) == text
