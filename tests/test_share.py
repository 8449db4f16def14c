"""Work of a millisecond, shared with threads that stay for a while."""

from __future__ import annotations

import signal
import threading
import time
from collections import deque

import pytest

from fastw2v import parallel
from fastw2v.parallel import share, taken_from


def test_shared_work_is_done_once_by_whoever_comes():
    for n_threads in (1, 2, 5):
        for _ in range(50):
            todo, done = deque(range(100)), []
            share(lambda _, todo=todo, done=done: done.extend(taken_from(todo)), n_threads)
            assert sorted(done) == list(range(100))


def test_helpers_of_shared_work_end_after_a_while(monkeypatch):
    monkeypatch.setattr(parallel, "LINGER", 0.05)
    monkeypatch.setattr(parallel, "_helpers", parallel._Helpers())
    before = set(threading.enumerate())
    share(lambda _: None, 4)
    deadline = time.monotonic() + 20
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) - before == set()
    share(lambda _: None, 4)  # and begin anew


@pytest.fixture
def ctrl_c():
    """Return what sends Ctrl-C, as Python has it whatever the tests were started from."""
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident
    yield lambda: signal.pthread_kill(main, signal.SIGINT)
    signal.signal(signal.SIGINT, old)


def test_ctrl_c_comes_when_no_job_runs_any_more(ctrl_c):
    begun, ended = threading.Event(), []

    def job(number):
        if number == 0:
            assert begun.wait(timeout=20)
            return
        begun.set()
        time.sleep(0.05)
        ctrl_c()  # while the other one waits for this one
        time.sleep(0.2)
        ended.append(number)

    with pytest.raises(KeyboardInterrupt):
        share(job, 2)
    assert ended == [1]


@pytest.mark.parametrize("number", (0, 1))
def test_error_in_shared_work_is_raised(number):
    begun = threading.Barrier(2)

    def job(own):
        begun.wait(timeout=20)
        if own == number:
            raise ValueError("세다 틀림")

    with pytest.raises(ValueError, match="세다 틀림"):
        share(job, 2)
