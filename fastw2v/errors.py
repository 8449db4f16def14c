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
    message : str
        What is wrong.

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
    """A corpus file cannot be read as text: truncated, corrupt, or not UTF-8.

    Parameters and attributes are those of `FormatError`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from fastw2v.corpus import Corpus
    >>> path = Path(mkdtemp(), "euc-kr.txt")
    >>> _ = path.write_bytes("a 나".encode("euc-kr"))
    >>> try:
    ...     Corpus(path)
    ... except CorpusError as error:
    ...     print(error.message.split(";")[0])
    byte 2: not UTF-8 (0xb3)
    """


class NoWordsError(ValueError):
    """There is nothing to learn from: a corpus has no words, or a vocabulary keeps none.

    Examples
    --------
    >>> from fastw2v.vocabulary import Vocabulary
    >>> try:
    ...     Vocabulary.from_counts({"한국": 3}, min_count=5)
    ... except NoWordsError as error:
    ...     print(str(error).split(":")[0])
    no word is left
    """


class TruncatedError(FormatError, EOFError):
    r"""A file ends before it holds everything that it promises.

    Parameters and attributes are those of `FormatError`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from fastw2v.formats import read_word2vec
    >>> path = Path(mkdtemp(), "vectors.txt")
    >>> _ = path.write_text("2 3\na 1 2 3\n")
    >>> try:
    ...     read_word2vec(path)
    ... except TruncatedError as error:
    ...     print(error.message.split(";")[0])
    line 3: the header promises 2 rows, the file ends after 1
    """


@contextmanager
def blame(path: StrPath, what: str) -> Iterator[None]:
    """Turn an error over what a file holds into a FormatError that names it.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    what : str
        What is wrong with the file, if the block fails.

    Raises
    ------
    FormatError
        Where the block raises KeyError, TypeError or ValueError; a FormatError passes as it is.

    Examples
    --------
    >>> with blame("words.json", "a damaged vocabulary file"):
    ...     raise ValueError("there are no counts")
    Traceback (most recent call last):
        ...
    fastw2v.errors.FormatError: words.json: a damaged vocabulary file: there are no counts
    """
    try:
        yield
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(path, f"{what}: {error}") from error
