"""Files that vectors are evaluated on: analogy questions, and word pairs judged by people."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from fastw2v._typing import StrPath
from fastw2v.errors import FormatError
from fastw2v.sources import read_bytes

_SHOWN = 5  # of the lines that a warning names


class Question(NamedTuple):
    """An analogy a : b = c : d, and the place of the section that it stands in."""

    section: int
    words: tuple[str, ...]


class Pair(NamedTuple):
    """Two words, and how alike people find them."""

    first: str
    second: str
    score: float


def read_analogies(path: StrPath, encoding: str) -> tuple[list[str], list[Question]]:
    """Read questions of four words a line, after a line ``: section`` each.

    Parameters
    ----------
    path : str or os.PathLike
        The file, plain or compressed.
    encoding : str
        Of its text; a byte order mark is left out.

    Returns
    -------
    sections : list of str
        All of the file, in order, those without questions too.
    questions : list of Question
        In file order.

    Raises
    ------
    FormatError
        There is no question, one stands before the first section, or the text is not in the
        encoding.

    Warns
    -----
    UserWarning
        Lines that hold no four words are left out.
    """
    sections: list[str] = []
    questions = []
    wrong = []
    for number, line in _lines(path, encoding):
        words = line.split()
        if line.startswith(":"):
            sections.append(line[1:].strip())
        elif len(words) != 4:
            wrong.append(number)
        elif not sections:
            raise FormatError(
                path, f"line {number}: a question before the first section; begin with ': name'"
            )
        else:
            questions.append(Question(len(sections) - 1, tuple(words)))
    if not questions:
        raise FormatError(path, "no line holds the four words of a question")
    _warn_of(path, wrong, "four words", stacklevel=5)
    return sections, questions


def read_pairs(path: StrPath, delimiter: str, encoding: str) -> list[Pair]:
    """Read two words and a number a line; lines that start with ``#`` are comments.

    A first line without a number is a heading.

    Parameters
    ----------
    path : str or os.PathLike
        The file, plain or compressed.
    delimiter : str
        What stands between the three; blanks round them are left out.
    encoding : str
        Of its text; a byte order mark is left out.

    Returns
    -------
    list of Pair
        In file order.

    Raises
    ------
    FormatError
        There is no pair, or the text is not in the encoding.

    Warns
    -----
    UserWarning
        Lines that are something else are left out.
    """
    pairs = []
    wrong = []
    lines = ((number, line) for number, line in _lines(path, encoding) if not line.startswith("#"))
    for place, (number, line) in enumerate(lines):
        cells = [cell.strip() for cell in line.split(delimiter)]
        score = _number(cells[-1])
        if len(cells) == 3 and score is not None:
            pairs.append(Pair(cells[0], cells[1], score))
        elif place > 0 or score is not None:
            wrong.append(number)
    if not pairs:
        raise FormatError(
            path,
            f"no line holds two words and a number between delimiters {delimiter!r}; "
            "pass delimiter= as the file has it",
        )
    wanted = f"two words and a number between delimiters {delimiter!r}"
    _warn_of(path, wrong, wanted, stacklevel=4)
    return pairs


def _lines(path: StrPath, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are not blank."""
    content = read_bytes(os.fspath(path))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise FormatError(
            path, f"line {number}: not {encoding} (byte {error.start}); pass encoding= as it has it"
        ) from None
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r")


def _number(text: str) -> float | None:
    """Return the finite number that a text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _warn_of(path: StrPath, lines: list[int], wanted: str, stacklevel: int) -> None:
    """Tell of the lines that were left out."""
    if lines:
        shown = ", ".join(map(str, lines[:_SHOWN])) + (", ..." if len(lines) > _SHOWN else "")
        plural = "s" if len(lines) > 1 else ""
        warnings.warn(
            f"{os.fspath(path)}: left out {len(lines):,} line{plural} without {wanted}: "
            f"line{plural} {shown}",
            stacklevel=stacklevel,
        )
