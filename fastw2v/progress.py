"""Progress of long work: one line on stderr, with rate and time left."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

# Work shorter than this shows nothing; a shown line changes at most this often. In seconds.
_QUIET_TIME = 2.0
_TERMINAL_INTERVAL = 0.2
_PLAIN_INTERVAL = 10.0


class Progress:
    """A line that says how far a piece of work is.

    Parameters
    ----------
    title : str
        What is being done.
    total : int or None
        How many units there are; None where nobody knows.
    unit : str
        Name of the units; empty where only the time is known.
    show : bool or None
        None shows the line on a terminal and in a notebook once the work has taken two seconds,
        True always, False never.
    """

    def __init__(self, title: str, total: int | None, unit: str, show: bool | None) -> None:
        self._title, self._total, self._unit = title, total, unit
        self._stream = sys.stderr
        self._live = _is_live(self._stream)
        self._show = show if show is not None else self._live
        self._start = time.perf_counter()
        # Asked for explicitly, it shows at once.
        self._next = self._start + (0.0 if show else _QUIET_TIME)
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._width and self._live:
            self._write("\n")

    @property
    def is_shown(self) -> bool:
        """Whether there will be a line, if the work takes long enough."""
        return self._show

    def update(self, done: int, note: str = "") -> None:
        """Show that `done` units are done, if it is time to."""
        now = time.perf_counter()
        if not self._show or now < self._next:
            return
        self._next = now + (_TERMINAL_INTERVAL if self._live else _PLAIN_INTERVAL)
        self._show_line(self._line(done, now - self._start, note))

    def finish(self, done: int, note: str = "") -> None:
        """Show the last state, if anything has been shown or was asked for."""
        if self._show and (self._width or time.perf_counter() >= self._next):
            self._show_line(self._line(done, time.perf_counter() - self._start, note))

    def _line(self, done: int, seconds: float, note: str) -> str:
        if not self._unit:
            return f"{self._title}  {clock(seconds)}"
        rate = done / seconds if seconds > 0 else 0.0
        parts = [self._title]
        if self._total:
            parts.append(f"{100 * done / self._total:5.1f} %")
        parts.append(f"{short_number(done)} {self._unit}")
        parts.append(f"{short_number(rate)}/s")
        if self._total and rate and done < self._total:
            parts.append(f"{clock((self._total - done) / rate)} left")
        else:
            parts.append(clock(seconds))
        return "  ".join(parts + ([note] if note else []))

    def _show_line(self, line: str) -> None:
        self._write("\r" + line.ljust(self._width) if self._live else line + "\n")
        self._width = len(line)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (AttributeError, OSError, ValueError):
            # None, closed, or a pipe that nobody reads any more: the work goes on, unseen.
            self._show = False


def short_number(number: float) -> str:
    """Write a number in three or four characters and a unit.

    >>> short_number(950), short_number(3_420_000), short_number(1.2e10)
    ('950', '3.42 M', '12.0 G')
    """
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            value = number / size
            return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f}{unit}"
    return f"{number:.0f}"


def clock(seconds: float) -> str:
    """Write a duration as a clock does.

    >>> clock(75), clock(3_725)
    ('1:15', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _is_live(stream: TextIO) -> bool:
    """Tell whether a stream is looked at as it is written: a terminal, or a notebook's cell."""
    try:
        return stream.isatty() or type(stream).__module__.startswith("ipykernel")
    except (AttributeError, ValueError):  # None, closed, or a stream of the simplest kind
        return False
