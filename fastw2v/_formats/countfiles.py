"""Vocabulary files as word2vec.c writes them: on each line a word, a space and its count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastw2v._files import atomic_write
from fastw2v._formats.compressed import open_reading, open_writing
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError

_LARGEST = 2**63 - 1
_COUNT = re.compile(rb"\d{1,19}")


def write_counts(path: StrPath, keys: Sequence[Any], counts: Array) -> None:
    """Write a vocabulary file; the caller has seen to it that no key holds a space or a newline.

    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/vocab.txt"
    >>> write_counts(path, ["왕", "king"], np.array([12, 3]))
    >>> read_counts(path)
    {'왕': 12, 'king': 3}
    """
    with atomic_write(path) as raw, open_writing(path, raw) as file:
        for key, count in zip(keys, counts.tolist(), strict=True):
            file.write(f"{key} {count}\n".encode())


def read_counts(
    path: StrPath, encoding: str = "utf8", unicode_errors: str = "strict"
) -> dict[str, int]:
    """Read a vocabulary file; FormatError names the line that is none of it."""
    counts: dict[str, int] = {}
    with open_reading(path) as file:
        for number, line in enumerate(file, start=1):
            word, space, count = line.rstrip().rpartition(b" ")
            if not space or not _COUNT.fullmatch(count) or int(count) > _LARGEST:
                raise FormatError(
                    path,
                    f"line {number}: expected a word, a space and a count, found {line[:40]!r}",
                )
            try:
                key = word.decode(encoding, unicode_errors)
            except UnicodeDecodeError as error:
                raise FormatError(
                    path,
                    f"line {number}: the word {word[:40]!r} is not {encoding} ({error.reason}); "
                    "pass its encoding, or unicode_errors='replace'",
                ) from error
            if key in counts:
                raise FormatError(path, f"line {number}: the word {key!r} is there twice")
            counts[key] = int(count)
    return counts


def counts_of(path: StrPath, words: Sequence[str], encoding: str, unicode_errors: str) -> Array:
    """Return the counts of words from a vocabulary file, which must have them all."""
    counts = read_counts(path, encoding, unicode_errors)
    missing = next((word for word in words if word not in counts), None)
    if missing is not None:
        raise FormatError(path, f"there is no count of {missing!r}, which has a vector; add a line")
    return np.fromiter((counts[word] for word in words), np.int64, len(words))
