"""Checkpoints: a run is written to a file now and then, while its training goes on."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from fastw2v._checks import check_float, check_int
from fastw2v._files import check_writable
from fastw2v._typing import StrPath
from fastw2v.corpus import Corpus
from fastw2v.parallel import Crew
from fastw2v.parameters import Parameters
from fastw2v.tokenfile import checksum
from fastw2v.training import Place
from fastw2v.vocabulary import Vocabulary

# What a corpus is told by, besides a checksum.
_NUMBERS = ("words", "sentences", "distinct words")

# Writes what was copied, and calls what it is given between two blocks.
Write = Callable[[Callable[[], object]], object]


class _Abandoned(Exception):
    """The run has ended in an error, and its checkpoint is not to be completed."""


class Checkpoints:
    """The checkpoints of one run: a context manager around it.

    A thread of its own writes the file, from a copy, so that training waits only for the copy. A
    file that cannot be written, or want of memory for the copy, is told in a warning, and training
    goes on.

    Parameters
    ----------
    path : str or Path
        The file. It is replaced only once the new one is complete.
    seconds : float
        From the end of one checkpoint to the beginning of the next.
    copy : callable
        Given the place of the run, copies what a checkpoint holds, and returns what writes it.
    """

    def __init__(self, path: StrPath, seconds: float, copy: Callable[[Place], Write]) -> None:
        self._path, self._seconds, self._copy = path, seconds, copy
        self._writer = ExitStack()
        self._is_writing = self._is_over = False
        self._failure: OSError | MemoryError | None = None
        self._next = 0.0

    def __enter__(self) -> Checkpoints:
        check_writable(self._path)
        self._next = time.monotonic() + self._seconds
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = error is not None
        self._writer.__exit__(kind, error, trace)
        self._tell()

    def are_due(self) -> bool:
        """Tell whether it is time for the next one."""
        self._tell()
        return not self._is_writing and time.monotonic() >= self._next

    def take(self, place: Place) -> None:
        """Copy the run, and begin to write the copy."""
        self._writer.close()  # waits for the last one
        try:
            write = self._copy(place)
        except MemoryError as error:
            self._failure = error
            self._next = time.monotonic() + self._seconds
            return
        self._is_writing = True
        self._writer.enter_context(Crew([lambda: self._write(write)], self._abandon))

    def _write(self, write: Write) -> None:
        try:
            write(self._tick)
        except OSError as error:
            self._failure = error
        except _Abandoned:
            pass
        finally:
            self._next = time.monotonic() + self._seconds
            self._is_writing = False

    def _tick(self) -> None:
        if self._is_over:
            raise _Abandoned

    def _abandon(self) -> None:
        self._is_over = True

    def _tell(self) -> None:
        if self._failure is not None:
            error, self._failure = self._failure, None
            why = str(error) or "for want of memory"
            warnings.warn(
                f"no checkpoint was written, {why}; an older one is unharmed, and training goes "
                f"on, to try again after {self._seconds:g} s",
                RuntimeWarning,
                stacklevel=2,
            )


def read_place(saved: dict[str, Any]) -> Place:
    """Return the place that a file tells; TypeError or ValueError if it is none."""
    place = Place(**saved)
    for name, value in place._asdict().items():
        if name.startswith("loss"):
            check_float(name, value, 0.0)
        else:
            check_int(name, value, 0, 2**63 - 1)
    return place


def read_fingerprint(saved: dict[str, Any]) -> dict[str, Any]:
    """Return the fingerprint that a file tells; KeyError, TypeError or ValueError if it is none."""
    numbers = {name: check_int(name, saved[name], 0) for name in _NUMBERS}
    return numbers | {"checksum": saved["checksum"]}


def describe_run(
    parameters: Parameters, seconds: float, files: list[str] | None, corpus: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a checkpoint tells of its run beside the place, fit for JSON.

    `files` are those of the corpus, if it is of files; `corpus` is its `fingerprint`.
    """
    return {
        "parameters": dataclasses.asdict(parameters),
        "checkpoint_every": seconds,
        "files": files,
        "corpus": dict(corpus),
    }


def fingerprint(corpus: Corpus, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return what tells a corpus, as a vocabulary sees it, from all others."""
    numbers = corpus.total_words, len(corpus), len(corpus.counts)
    found: dict[str, Any] = dict(zip(_NUMBERS, numbers, strict=True))
    found["checksum"] = checksum(corpus.tokens, corpus.offsets, vocabulary.rows_of(corpus))
    return found
