"""How counting is done, besides what is counted."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastw2v import cpu

__all__ = ["Work", "length_of"]


class Work(NamedTuple):
    """How counting is done, besides what is counted."""

    workers: int | None
    progress: bool | None
    keep: bool  # the documents' terms, and not only in how many documents each is

    @property
    def n_threads(self) -> int:
        """How many threads there may be."""
        return cpu.usable_cores() if self.workers is None else self.workers


def length_of(documents: Any) -> int | None:
    """Return how many documents there are, None where they do not say.

    Examples
    --------
    >>> length_of(["사과", "배"]), length_of(iter([])) is None
    (2, True)
    """
    try:
        return len(documents)
    except Exception:  # of an iterable around a generator, whose own length is not known
        return None
