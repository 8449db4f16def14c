"""Threads that end: whatever happens, the error arrives, and no thread stays."""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from types import FrameType

import pytest

from fastw2v.parallel import Crew, work_off

pytestmark = pytest.mark.usefixtures("nothing_left")


class Broken(Exception):
    pass


class Work:
    """Jobs that go on until they are told to stop, and a count of those that have."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.stopped = threading.Event()
        self.ended: list[int] = []

    def go_on(self) -> None:
        assert self.stopped.wait(60), "never stopped"
        self.ended.append(threading.get_ident())

    def press_ctrl_c(self) -> None:
        self.entered.wait(60)
        press_ctrl_c()

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.stop()


@pytest.fixture
def ctrl_c(work: Work) -> Iterator[None]:
    """Ctrl-C as Python has it, whatever the tests were started from; none comes after the test."""

    def hang(_: int, frame: FrameType | None) -> None:
        if frame and frame.f_globals["__name__"] == Crew.__module__:
            raise TimeoutError("the crew hangs")

    handlers = [(signal.SIGINT, signal.default_int_handler), (signal.SIGALRM, hang)]
    old = [(number, signal.signal(number, handler)) for number, handler in handlers]
    signal.setitimer(signal.ITIMER_REAL, 10, 0.2)  # again and again, as the crew survives one
    threads = set(threading.enumerate())
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work.stop()
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)
    for number, handler in old:
        signal.signal(number, handler)


def press_ctrl_c() -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def fail() -> None:
    raise Broken


@pytest.mark.parametrize("n_jobs", [0, 1, 2, 20])
@pytest.mark.parametrize("waits", [False, True])
def test_every_job_runs_once_in_a_thread_of_its_own(n_jobs: int, waits: bool) -> None:
    threads: list[threading.Thread] = []
    together = threading.Barrier(max(n_jobs, 1))

    def job() -> None:
        together.wait(60)
        threads.append(threading.current_thread())

    with Crew([job] * n_jobs, list) as crew:
        if waits:
            crew.wait(lambda: None)
            assert len(threads) == n_jobs
    assert len(set(threads)) == n_jobs
    assert threading.main_thread() not in threads


def test_a_system_that_refuses_threads_shows_the_remedy(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_start, started = threading.Thread.start, []

    def start(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        real_start(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match=r"new thread after 2 of 5; .* workers, or .*ulimit"):
        Crew([work.go_on] * 5, work.stop).__enter__()
    assert len(work.ended) == 2


def test_wait_ticks_and_nobody_stops_those_who_end_by_themselves(work: Work) -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            work.stop()

    stops: list[int] = []
    with Crew([work.go_on] * 2, lambda: stops.append(1)) as crew:
        crew.wait(tick)
    assert len(ticks) >= 3
    assert len(work.ended) == 2
    assert not stops


@pytest.mark.parametrize(
    "error", [Broken, SystemExit, KeyboardInterrupt, MemoryError, StopIteration]
)
@pytest.mark.parametrize("where", ["wait", "check", "exit"])
def test_an_error_in_a_job_stops_the_others_and_is_raised(
    where: str, error: type[BaseException], work: Work
) -> None:
    def job() -> None:
        raise error("in a job")

    jobs = [work.go_on, job, work.go_on]
    with pytest.raises(error, match="in a job"), Crew(jobs, work.stop) as crew:
        if where == "wait":
            crew.wait(lambda: None)
        while where == "check":
            crew.check()
    assert len(work.ended) == 2


def test_the_first_of_several_errors_is_raised(work: Work) -> None:
    def second() -> None:
        work.stopped.wait(60)
        raise ValueError("the second")

    with pytest.raises(Broken), Crew([second, fail, second], work.stop) as crew:
        crew.wait(lambda: None)


@pytest.mark.parametrize("job_fails_too", [False, True])
def test_an_error_of_the_caller_stops_all_jobs_and_is_raised(
    job_fails_too: bool, work: Work
) -> None:
    def job() -> None:
        work.go_on()
        if job_fails_too:
            raise ValueError("because it was stopped")

    with pytest.raises(Broken), Crew([job] * 3, work.stop):
        fail()
    assert len(work.ended) == 3


def test_an_error_in_a_tick(work: Work) -> None:
    with pytest.raises(Broken), Crew([work.go_on] * 2, work.stop) as crew:
        crew.wait(fail)
    assert len(work.ended) == 2


@pytest.mark.parametrize("attempt", range(3))  # it strikes where it likes
@pytest.mark.parametrize("waits", [False, True], ids=["leaving", "waiting"])
def test_ctrl_c(waits: bool, attempt: int, work: Work, ctrl_c: None) -> None:
    jobs = [work.go_on, work.go_on, work.press_ctrl_c]
    with pytest.raises(KeyboardInterrupt), Crew(jobs, work.stop) as crew:
        work.entered.set()
        if waits:
            crew.wait(lambda: None)
    assert len(work.ended) == 2


def test_ctrl_c_while_the_caller_works(work: Work, ctrl_c: None) -> None:
    with pytest.raises(KeyboardInterrupt), Crew([work.go_on, work.press_ctrl_c], work.stop):
        work.entered.set()
        while True:
            time.sleep(0.01)
    assert len(work.ended) == 1


def test_ctrl_c_while_threads_are_starting(work: Work, ctrl_c: None) -> None:
    before = set(threading.enumerate())
    jobs = [work.go_on, press_ctrl_c, work.go_on]
    with pytest.raises(KeyboardInterrupt), Crew(jobs, work.stop) as crew:
        crew.wait(lambda: None)
    assert set(threading.enumerate()) - before == set()


def test_a_second_ctrl_c_while_jobs_are_ending(work: Work, ctrl_c: None) -> None:
    def slow_to_end() -> None:
        work.go_on()
        press_ctrl_c()
        time.sleep(0.2)
        work.ended.append(0)

    jobs = [slow_to_end, work.press_ctrl_c]
    with pytest.raises(KeyboardInterrupt), Crew(jobs, work.stop) as crew:
        work.entered.set()
        crew.wait(lambda: None)
    assert len(work.ended) == 2


def test_a_thread_that_cannot_be_started(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        started.append(thread)
        if len(started) == 3:
            raise RuntimeError("can't start new thread")
        real_start(thread)

    started: list[threading.Thread] = []
    real_start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start"), Crew([work.go_on] * 4, work.stop):
        pytest.fail("entered without all its threads")
    assert len(work.ended) == 2


def test_many_crews_leave_no_thread() -> None:
    done: list[int] = []
    for k in range(50):
        with Crew([lambda k=k: done.append(k)] * 3, list):
            pass
    assert sorted(done) == sorted([*range(50)] * 3)


@pytest.mark.parametrize("n_threads", [1, 2, 7])
@pytest.mark.parametrize("n_items", [0, 1, 100])
def test_every_item_is_worked_off_once(n_items: int, n_threads: int) -> None:
    seen: list[int] = []
    threads: set[int] = set()
    told: list[int] = []

    def job(items: Iterator[int]) -> None:
        threads.add(threading.get_ident())
        for item in items:
            time.sleep(0.0001)
            seen.append(item)

    work_off(deque(range(n_items)), job, n_threads, told.append)
    assert sorted(seen) == list(range(n_items))
    assert told == sorted(told, reverse=True)
    if min(n_threads, n_items) < 2:
        assert threads == {threading.get_ident()}
        assert told == list(range(n_items))[::-1]


@pytest.mark.parametrize("n_threads", [1, 3])
def test_an_error_leaves_the_rest_undone(n_threads: int) -> None:
    todo = deque(range(10_000))

    def job(items: Iterator[int]) -> None:
        for item in items:
            time.sleep(0.0001)
            if item == 5:
                raise Broken

    with pytest.raises(Broken):
        work_off(todo, job, n_threads)
    assert n_threads == 1 or not todo
