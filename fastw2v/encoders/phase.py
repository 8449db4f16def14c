"""Long work of which nobody knows how far it is: a line says that it goes on."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from fastw2v.parallel import INTERVAL, Crew
from fastw2v.progress import Progress

__all__ = ["phase"]


@contextmanager
def phase(title: str, show: bool | None) -> Iterator[None]:
    """Show a line with the time for as long as the block takes.

    The work stays in the calling thread, where Ctrl-C reaches it; another keeps the line alive.

    Examples
    --------
    >>> with phase("sorting terms", show=False):
    ...     sorted(["사과", "배"])
    ['배', '사과']
    """
    with Progress(title, None, "", show) as line:
        if not line.is_shown:
            yield
            return
        done: queue.SimpleQueue[None] = queue.SimpleQueue()

        def finish() -> None:
            done.put(None)

        def tick() -> None:
            while True:
                try:
                    return done.get(timeout=INTERVAL)
                except queue.Empty:
                    line.update(0)

        with Crew([tick], finish):
            yield
            finish()
        line.finish(0)
