"""What the running Python takes for a letter, for white space, and for lower case, as tables."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.terms import IN_TOKEN, SPECIAL, SURROGATE, Characters

__all__ = ["Cut", "cut_of_pattern", "table"]

_N = 0x110000
_SIGMA = 0x3A3
# As many characters are made lower case together; where one becomes several, fewer.
_STRETCH = 0x1000


class Cut(NamedTuple):
    r"""How a string is cut: tokens are the longest runs of what `inside`, \w or \S, matches."""

    inside: str
    min_length: int


_WORDS, _WORDS_OF_2 = Cut(r"\w", 1), Cut(r"\w", 2)
WHITESPACE = Cut(r"\S", 1)

# The patterns that are nothing but such runs, for \b stands between \w and what is not.
_CUT_OF_PATTERN = {
    r"\b\w\w+\b": _WORDS_OF_2,
    r"\w\w+": _WORDS_OF_2,
    r"\b\w{2,}\b": _WORDS_OF_2,
    r"\b\w+\b": _WORDS,
    r"\w+": _WORDS,
    r"\S+": WHITESPACE,
}


def cut_of_pattern(pattern: str) -> Cut | None:
    r"""Return the cut that is the same as a regular expression, None where there is none.

    Examples
    --------
    >>> cut_of_pattern(r"(?u)\b\w\w+\b")
    Cut(inside='\\w', min_length=2)
    >>> cut_of_pattern("[a-z]+") is None
    True
    """
    return _CUT_OF_PATTERN.get(pattern.removeprefix("(?u)"))


@lru_cache(maxsize=8)
def table(cut: Cut, lowercase: bool) -> Characters:
    """Return the table of characters for a cut, with lower case as str.lower() makes it, or none.

    Made once a process from what Python says itself, so that it knows Python's own Unicode version.

    Examples
    --------
    >>> table(WHITESPACE, True) is table(WHITESPACE, True)
    True
    """
    text = _all_characters()
    flags = np.zeros(_N, dtype=np.uint32)
    # What is outside matches as well, for to search it in vain takes longer.
    for run in re.finditer(f"({cut.inside}+)|{cut.inside.swapcase()}+", text):
        if run.lastindex:
            flags[run.start() : run.end()] = IN_TOKEN
    entries: NDArray[np.uint32] = flags
    if lowercase:
        lower, special = _lower_case()
        steps = np.subtract(lower, np.arange(_N), dtype=np.uint32, casting="unsafe")
        entries = flags[lower] | (steps & np.uint32(0x1FFFFF))
        entries[special] |= SPECIAL
    entries[0xD800:0xE000] |= SURROGATE
    # Most of the 4352 stretches of 256 characters are alike.
    pages: list[NDArray[np.uint32]] = []
    numbers = np.empty(_N >> 8, dtype=np.uint16)
    number_of: dict[bytes, int] = {}
    for k, page in enumerate(entries.reshape(-1, 256)):
        number = numbers[k] = number_of.setdefault(page.tobytes(), len(pages))
        if number == len(pages):
            pages.append(page)
    return Characters(numbers, np.concatenate(pages), cut.min_length)


@lru_cache(maxsize=1)
def _lower_case() -> tuple[NDArray[np.uint32], list[int]]:
    """Return the lower case of each character, and those that have none, or several characters.

    The capital sigma has two, and its neighbours decide.
    """
    text = _all_characters().replace(chr(_SIGMA), "\0")
    lower = np.arange(_N, dtype=np.uint32)
    special = [_SIGMA]
    stretches = [(start, start + _STRETCH) for start in range(0, _N, _STRETCH)]
    while stretches:
        start, end = stretches.pop()
        lowered = text[start:end].lower()
        if len(lowered) == end - start:  # one for one: no character has fewer than one
            codes = lowered.encode("utf-32-le", "surrogatepass")
            lower[start:end] = np.frombuffer(codes, dtype="<u4")
        elif end - start == 1:
            special.append(start)
        else:
            middle = (start + end) // 2
            stretches += [(start, middle), (middle, end)]
    return lower, special


def _all_characters() -> str:
    return np.arange(_N, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
