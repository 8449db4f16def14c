"""Which instruction set the kernels use on this CPU, and why."""

from __future__ import annotations

import os

from fastw2v._checks import check_int
from fastw2v._native.train import isa_names

# More than any machine has cores; each thread has a stack, and memory of its own.
WORKERS_MAX = 1024

__all__ = ["available", "isa", "reason", "thread_count", "usable_cores"]


def available() -> tuple[str, ...]:
    """Instruction sets of this build that this CPU has, best first.

    Returns
    -------
    tuple of str
        Names out of ``"avx512"``, ``"avx2"``, ``"neon"`` and ``"scalar"``; the last is always
        there.

    Examples
    --------
    >>> "scalar" in available()
    True
    """
    return isa_names()


def isa() -> str:
    """Name the instruction set in use: the best, or the one that ``FASTW2V_ISA`` forces.

    Returns
    -------
    str
        One of `available`.
    """
    return _chosen[0]


def reason() -> str:
    """Say why `isa` is the instruction set in use.

    Returns
    -------
    str
        A phrase to show to a user.
    """
    return _chosen[1]


def usable_cores() -> int:
    """Count the cores this process may run on (its affinity mask, not the machine's size).

    Returns
    -------
    int
        At least 1.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(workers: int | None) -> int:
    """Return how many threads `workers` asks for; None is for as many as there are cores.

    Parameters
    ----------
    workers : int or None

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        It is no integer from 1 to 1,024.

    Examples
    --------
    >>> thread_count(3), thread_count(None) == usable_cores()
    (3, True)
    """
    return usable_cores() if workers is None else check_int("workers", workers, 1, WORKERS_MAX)


def _choose() -> tuple[str, str]:
    names = available()
    forced = os.environ.get("FASTW2V_ISA", "")
    if not forced:
        return names[0], "the best that this CPU has"
    if forced not in names:
        raise ImportError(
            f"FASTW2V_ISA={forced!r}: this CPU and build have {', '.join(names)}; "
            "unset the variable to take the best"
        )
    return forced, "forced by FASTW2V_ISA"


_chosen = _choose()
