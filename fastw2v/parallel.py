"""Threads that end: errors and Ctrl-C reach the caller at once, and no thread is left behind."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from types import TracebackType

# How often the calling thread looks up while it waits, in seconds.
INTERVAL = 0.1


class Crew:
    """Run jobs in threads of their own while the calling thread does something else.

    Used as a context manager: the threads start on entry and have all ended on exit. When a job
    raises, or the calling thread does (Ctrl-C above all), `stop` is called, the other jobs are
    waited for, and the first exception is raised.

    Parameters
    ----------
    jobs : iterable of callable
        Each runs once, in one thread.
    stop : callable
        Makes all jobs return soon; may be called more than once, from the calling thread.
    """

    def __init__(self, jobs: Iterable[Callable[[], object]], stop: Callable[[], object]) -> None:
        self._jobs = list(jobs)
        self._stop = stop
        self._running = 0
        self._error: BaseException | None = None
        # Waiting on a queue, never in Thread.join(timeout): an interrupt inside that marks a
        # running thread as finished in CPython 3.11.
        self._ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(job,), daemon=True) for job in self._jobs
        ]

    def __enter__(self) -> Crew:
        for thread in self._threads:
            thread.start()
            self._running += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                self._stop()
            while self._running:
                self._collect(timeout=None)
        except BaseException:
            # A second Ctrl-C: still no thread may outlive this.
            self._stop()
            while self._running:
                self._collect(timeout=None)
            raise
        finally:
            for thread in self._threads:
                if thread.ident is not None:
                    thread.join()
        if error is None and self._error is not None:
            raise self._error

    def wait(self, tick: Callable[[], object]) -> None:
        """Wait until every job has ended, calling `tick` now and then; raise what a job raised."""
        while self._running:
            self._collect(timeout=INTERVAL)
            tick()
        self.check()

    def check(self) -> None:
        """Raise what a job has raised so far."""
        while not self._ended.empty():
            self._collect(timeout=None)
        if self._error is not None:
            raise self._error

    def _run(self, job: Callable[[], object]) -> None:
        error: BaseException | None = None
        try:
            job()
        except BaseException as raised:  # handed to the calling thread
            error = raised
        finally:
            self._ended.put(error)

    def _collect(self, timeout: float | None) -> None:
        """Take note of one ended job, if one ends in time."""
        try:
            error = self._ended.get(timeout=timeout)
        except queue.Empty:
            return
        self._running -= 1
        if error is not None:
            self._error = self._error or error
            self._stop()
