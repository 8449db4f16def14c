"""What the source of a corpus stands for: files, ids, or sentences; and how to know it again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence, Sized
from types import ModuleType
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v import tokenfile
from fastw2v._checks import shorten
from fastw2v._typing import StrPath
from fastw2v.encoding import Tokenizer
from fastw2v.readers import SentenceReader
from fastw2v.sources import STDIN, find_files
from fastw2v.tokenfile import Cut, TokenFile

# Sentences of a list that are looked at to know it again.
_LOOKED_AT = 1 << 12


class TextFiles(NamedTuple):
    """The files that hold a corpus, and how its sentences are cut."""

    files: list[str]
    cut: Cut | None


class MakesCorpus(Protocol):
    """What knows a better way to become a corpus than to be iterated over."""

    def make_corpus(self, workers: int, progress: bool | None) -> TokenFile:
        """Return the corpus that iterating over this would give."""


def text_files(source: object, tokenizer: Tokenizer | None) -> TextFiles | None:
    """Return the files that a source names; None if it is the corpus itself."""
    if isinstance(source, (str, os.PathLike)):
        try:
            return TextFiles(find_files(source), None)
        except FileNotFoundError:
            if isinstance(source, str) and len(source.split()) > 1 and not os.path.exists(source):
                _refuse_text(source)
            raise
    if isinstance(source, (bytes, bytearray)):
        raise TypeError(
            f"source must be a path or sentences, got {type(source).__name__}; decode it first"
        )
    if isinstance(source, SentenceReader) and tokenizer is None:
        files = source.files()
        return None if files is None else TextFiles(files, source.cut)
    if (
        isinstance(source, (list, tuple))
        and source
        and all(isinstance(entry, (str, os.PathLike)) for entry in source)
    ):
        if _has_paths(source):
            return TextFiles(_find_all(source), None)
        if tokenizer is None:
            _refuse_text(source)
    if hasattr(source, "columns") and hasattr(source, "dtypes"):
        raise TypeError(
            f"source must be a path or sentences, got a table, {type(source).__name__}: pass the "
            "column that holds them, table[name]"
        )
    if not isinstance(source, Iterable):
        raise TypeError(
            f"source must be a path or an iterable of sentences, got {type(source).__name__}"
        )
    return None


def _has_paths(entries: Sequence[StrPath]) -> bool:
    """Tell a list of paths from one of texts: it has a Path, or a name of something there."""
    if any(isinstance(entry, os.PathLike) or os.path.exists(entry) for entry in entries):
        return True
    # Only the first may be a pattern: to look for what matches takes long.
    try:
        return bool(find_files(entries[0]))
    except (OSError, ValueError):
        return False


def _find_all(entries: Sequence[StrPath]) -> list[str]:
    try:
        return find_files(entries)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{error}; yet others in the list exist. If they are sentences, not names of files, "
            "pass iter(sentences), with tokenizer="
        ) from None


def _refuse_text(source: object) -> None:
    raise TypeError(
        f"got text, {shorten(source)}, and no such file: a corpus "
        "is a path, or a list of sentences that are lists of tokens. For text in memory pass "
        "[s.split() for s in sentences], or Corpus(sentences, tokenizer=str.split)"
    )


def sentence_offsets(ids: NDArray[np.integer], offsets: ArrayLike | None) -> NDArray[np.int64]:
    if offsets is None:
        if ids.ndim != 2:
            raise ValueError(
                f"an array of ids of shape {ids.shape} needs offsets= to tell its sentences apart"
            )
        return np.arange(len(ids) + 1, dtype=np.int64) * int(ids.shape[1])
    if ids.ndim != 1:
        raise ValueError(f"offsets= goes with a 1-D array of ids, got shape {ids.shape}")
    array = np.asarray(offsets)
    if array.ndim != 1 or not len(array) or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"offsets must be a 1-D array of integers, got {offsets!r}")
    array = array.astype(np.int64)
    if array[0] != 0 or array[-1] != len(ids) or (np.diff(array) < 0).any():
        raise ValueError(
            f"offsets must rise from 0 to {len(ids)}, the number of ids; they start with "
            f"{array[0]}, end with "
            f"{array[-1]}" + (", and fall in between" if (np.diff(array) < 0).any() else "")
        )
    return array


def state_of(source: object) -> object:
    """Return what tells that a source in memory has changed: how many sentences it has, and which.

    Of a long list only some sentences are looked at, and of those how long they are: a change of a
    few, or of words within sentences, is not seen.
    """
    try:
        n = len(cast(Sized, source))
    except TypeError:  # a generator, or an array without dimensions
        return None
    if not isinstance(source, (list, tuple)):
        return n
    some = source[:: 1 + n // _LOOKED_AT]
    return n, [(id(sentence), len(sentence)) for sentence in some if isinstance(sentence, Sized)]


def stamp_of(files: Sequence[str]) -> list[tuple[str, int, int]]:
    """Path, size and time of each file: what tells that it is still the same."""
    stamps = []
    for file in files:
        if file == STDIN:
            stamps.append((file, 0, 0))
        else:
            status = os.stat(file)
            stamps.append((os.path.realpath(file), status.st_size, status.st_mtime_ns))
    return stamps


def cache_name(
    text: TextFiles,
    tokenizer: Tokenizer | None,
    lowercase: bool,
    errors: str,
    max_distinct: int | None,
) -> str:
    """Name of the token file of these files with these options."""
    name = None
    if tokenizer is not None:
        name = getattr(tokenizer, "__qualname__", None)
        # One method may belong to many objects, and a function within another may be many.
        owner = getattr(tokenizer, "__self__", None)
        owned = not (owner is None or isinstance(owner, (type, ModuleType)))
        if name is None or owned or "<lambda>" in name or "<locals>" in name:
            raise ValueError(
                "cache_dir= needs a tokenizer that its name tells from all others, a function of a "
                f"module; got {tokenizer!r}"
            )
        name = f"{getattr(tokenizer, '__module__', None)}.{name}"
    paths = [os.path.realpath(file) for file in text.files]
    options = [tokenfile.VERSION, paths, text.cut, name, lowercase, errors, max_distinct]
    return hashlib.sha256(json.dumps(options).encode()).hexdigest()[:24]
