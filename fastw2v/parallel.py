"""Threads that end: errors and Ctrl-C reach the caller at once, and no thread is left behind."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

# How often the calling thread looks up while it waits, in seconds.
INTERVAL = 0.1
# How long a helper of `share` waits for more, in seconds.
LINGER = 1.0


def taken_from(todo: deque[T]) -> Iterator[T]:
    """Take what is left to do, item by item, until nothing is; any number of threads may."""
    while True:
        try:
            item = todo.popleft()
        except IndexError:
            return
        yield item


def map_in_order(
    function: Callable[[T], R],
    items: Iterable[T],
    n_threads: int,
    stop: Callable[[], object] = lambda: None,
) -> Generator[R]:
    """Yield ``function(item)`` of each item, in order, while threads are at work on the next ones.

    The calling thread takes the items, at most two a thread ahead. An error, be it of the function
    or in taking an item, is raised when its turn has come. Close the iterator to end early; `stop`
    is called then, and may make calls of the function end soon.
    """
    if n_threads == 1:
        yield from map(function, items)
        return
    todo: queue.SimpleQueue[tuple[int, T] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, R | BaseException]] = queue.SimpleQueue()
    early: dict[int, R | BaseException] = {}
    source = iter(items)
    n_taken = n_given = 0
    more = True

    def work() -> None:
        while (task := todo.get()) is not None:
            number, item = task
            try:
                done.put((number, function(item)))
            except BaseException as error:  # handed to the calling thread
                done.put((number, error))

    def finish() -> None:
        for _ in range(n_threads):
            todo.put(None)

    def give_up() -> None:
        stop()
        finish()

    with Crew([work] * n_threads, give_up):
        while more or n_given < n_taken:
            if more and n_taken - n_given < 2 * n_threads:
                try:
                    todo.put((n_taken, next(source)))
                except StopIteration:
                    more = False
                except Exception as error:
                    more = False
                    early[n_taken] = error
                    n_taken += 1
                else:
                    n_taken += 1
                continue
            while n_given not in early:
                early.update([done.get()])
            # This frame must hold no error that is raised, for the error holds this frame.
            if isinstance(early[n_given], BaseException):
                raise cast("BaseException", early.pop(n_given))
            yield cast("R", early.pop(n_given))
            n_given += 1
        finish()


def share(job: Callable[[int], object], n_threads: int) -> None:
    """Call ``job(0)`` in this thread and, as far as there is time, ``job(1)`` and so on in others.

    For work of a millisecond: the others are there already, and stay for a second in case there is
    more. Each job takes parts of the work until there are none left; so one that has not begun by
    the time that ``job(0)`` returns is not needed any more. When this returns, none runs.
    """
    if n_threads == 1:
        job(0)
        return
    todo = deque(range(1, n_threads))
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def help_out() -> None:
        for number in taken_from(todo):
            error: BaseException | None = None
            try:
                job(number)
            except BaseException as raised:  # handed to the calling thread
                error = raised
            ended.put(error)

    _helpers.ask(help_out, n_threads - 1)
    try:
        job(0)
    finally:
        n_begun = n_threads - 1 - sum(1 for _ in taken_from(todo))
        errors: list[BaseException | None] = []
        while len(errors) < n_begun:
            try:
                errors.append(ended.get())
            except KeyboardInterrupt as interrupt:  # raised when the others have ended
                errors.append(interrupt)
                n_begun += 1
    for error in errors:
        if error is not None:
            raise error


def work_off(
    todo: deque[T],
    job: Callable[[Iterator[T]], object],
    n_threads: int,
    tell: Callable[[int], object] = lambda left: None,
) -> None:
    """Let threads take items until none is left; at most as many threads as there are items.

    Each thread calls ``job(items)`` once; where there is but one, it is this one. `tell` is called
    now and then with how many items are left to be taken.
    """
    n_threads = min(n_threads, len(todo))

    def taken_and_told() -> Iterator[T]:
        for item in taken_from(todo):
            yield item
            tell(len(todo))

    if n_threads < 2:
        job(taken_and_told())
        return
    with Crew([lambda: job(taken_from(todo))] * n_threads, todo.clear) as crew:
        crew.wait(lambda: tell(len(todo)))


class _Helpers:
    """Threads that wait a while for calls to make."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._count = 0

    def ask(self, call: Callable[[], object], times: int) -> None:
        """Let threads make a call so many times, each as soon as it is free."""
        with self._lock:
            while self._count < times:
                threading.Thread(target=self._run, name="fastw2v helper", daemon=True).start()
                self._count += 1
            for _ in range(times):
                self._calls.put(call)

    def _run(self) -> None:
        while True:
            try:
                self._calls.get(timeout=LINGER)()
            except queue.Empty:
                with self._lock:
                    if self._calls.empty():
                        self._count -= 1
                        return


def _begin_anew() -> None:
    """Have no helpers in a process that was forked: the threads stayed with its parent."""
    global _helpers
    _helpers = _Helpers()


_helpers = _Helpers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


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
        Makes all jobs return soon; called from the calling thread, again until they have.
    """

    def __init__(self, jobs: Iterable[Callable[[], object]], stop: Callable[[], object]) -> None:
        self._stop = stop
        # An interrupt may strike between any two steps of the calling thread. So the threads alone
        # keep these; it only looks at them, and takes out jobs that shall not run any more.
        self._todo = dict(enumerate(jobs))
        self._begun: list[int] = []
        self._ended: list[BaseException | None] = []
        # Wakes the calling thread, no more. Never Thread.join(timeout): an interrupt inside that
        # marks a running thread as finished in CPython 3.11.
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), daemon=True) for number in self._todo
        ]

    def __enter__(self) -> Crew:
        n_started = 0
        try:
            for thread in self._threads:
                thread.start()
                n_started += 1
        except BaseException as error:
            self._end(stop=True)
            if isinstance(error, RuntimeError):  # of the system, which has no more of them
                raise RuntimeError(
                    f"{error} after {n_started} of {len(self._threads)}; lower workers, or raise "
                    "the limits of threads (ulimit -u) and memory (ulimit -v)"
                ) from None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(stop=error is not None)
        if error is None:
            self.check()

    def wait(self, tick: Callable[[], object]) -> None:
        """Wait until every job has ended, calling `tick` now and then; raise what a job raised."""
        while self._is_running():
            self._pause()
            tick()
            self.check()
        self.check()

    def check(self) -> None:
        """Raise what a job has raised so far."""
        error = self._first_error()
        if error is not None:
            raise error

    def _run(self, number: int) -> None:
        error: BaseException | None = None
        self._begun.append(number)
        try:
            job = self._todo.pop(number, None)
            if job is not None:
                job()
        except BaseException as raised:  # handed to the calling thread
            error = raised
        finally:
            self._ended.append(error)
            self._wake.put(None)

    def _end(self, stop: bool) -> None:
        """Return when no job runs any more, whatever comes in between."""
        try:
            while self._is_running():
                if stop or self._first_error() is not None:
                    self._stop_all()
                self._pause()
            for thread in self._threads:
                if thread.is_alive():
                    thread.join()
        except BaseException:
            # A second Ctrl-C: still no thread may outlive this.
            self._end(stop=True)
            raise

    def _stop_all(self) -> None:
        for number, thread in enumerate(self._threads):
            # Not started; or just being started, and then it takes its job first, or none.
            if thread.ident is None:
                self._todo.pop(number, None)
        self._stop()

    def _is_running(self) -> bool:
        # In this order: a job is noted as begun before it is taken, and as ended afterwards.
        return bool(self._todo) or len(self._ended) < len(self._begun)

    def _pause(self) -> None:
        """Wait until a job ends, but not for long."""
        with suppress(queue.Empty):
            self._wake.get(timeout=INTERVAL)

    def _first_error(self) -> BaseException | None:
        return next((error for error in self._ended if error is not None), None)
