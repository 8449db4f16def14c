"""Typed errors: what went wrong with which file, so that a caller can act on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v._typing import StrPath


class FormatError(ValueError):
    """A file does not hold what its format promises.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    message : str
        What is wrong, and where in the file (line or byte).

    Attributes
    ----------
    path : str
        The file, as given.

    Examples
    --------
    >>> raise FormatError("vectors.txt", "line 3: expected 100 numbers, found 99")
    Traceback (most recent call last):
        ...
    fastw2v.errors.FormatError: vectors.txt: line 3: expected 100 numbers, found 99
    """

    def __init__(self, path: StrPath, message: str) -> None:
        super().__init__(path, message)
        self.path = os.fspath(path)
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class CorpusError(FormatError):
    """A corpus file cannot be read as text: truncated, corrupt, or not UTF-8."""


class TruncatedError(FormatError, EOFError):
    """A file ends before it holds everything that it promises."""


@contextmanager
def blame(path: StrPath, what: str) -> Iterator[None]:
    """Turn an error over what a file holds into a FormatError that names it."""
    try:
        yield
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(path, f"{what}: {error}") from error
