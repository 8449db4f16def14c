"""Typed errors: what went wrong with which file, so that a caller can act on it."""

from __future__ import annotations

import os


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

    def __init__(self, path: str | os.PathLike[str], message: str) -> None:
        super().__init__(path, message)
        self.path = os.fspath(path)
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class CorpusError(FormatError):
    """A corpus file cannot be read as text: truncated, corrupt, or not UTF-8."""


class TruncatedError(FormatError, EOFError):
    """A file ends before it holds everything that it promises."""
