"""Phrases in files: counts in safetensors, phrases alone in JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
from fastw2v._checks import check_int
from fastw2v._files import atomic_write
from fastw2v._phrases.counts import PairCounts
from fastw2v._typing import StrPath
from fastw2v.errors import FormatError, blame

DAMAGED = "a damaged file of phrases"
_COUNTS, _PHRASES = "fastw2v-phrases-1", "fastw2v-frozen-phrases-1"
_COLUMNS = ("word_counts", "counts", "first", "last", "chain")


class SavedCounts(NamedTuple):
    """What a file of counts holds."""

    settings: dict[str, Any]
    corpus_word_count: int
    known: PairCounts


def write_counts(
    path: StrPath, settings: Mapping[str, Any], corpus_word_count: int, known: PairCounts
) -> None:
    """Write what `Phrases` knows; `settings` must be fit for JSON."""
    metadata = {
        "format": _COUNTS,
        "settings": json.dumps(dict(settings)),
        "corpus_word_count": json.dumps(corpus_word_count),
        "chains": json.dumps(known.chains),
    }
    columns = {name: getattr(known, name) for name in _COLUMNS}
    safetensors.write_arrays(path, columns | safetensors.pack_keys(known.words), metadata)


def read_counts(path: StrPath) -> SavedCounts:
    """Read what `write_counts` wrote; FormatError for anything else."""
    arrays, metadata = safetensors.read_arrays(path)
    if metadata.get("format") != _COUNTS:
        raise FormatError(path, "not a file that Phrases.save wrote")
    with blame(path, DAMAGED):
        words = cast("list[str]", safetensors.unpack_keys(arrays))
        chains = [tuple(map(str, chain)) for chain in json.loads(metadata["chains"])]
        columns = {name: arrays[name] for name in _COLUMNS}
        known = PairCounts(words=words, chains=chains, **columns)
        _check(known)
        settings = _settings(metadata["settings"])
        number = check_int("corpus_word_count", json.loads(metadata["corpus_word_count"]), 0)
        return SavedCounts(settings, number, known)


def write_phrases(
    path: StrPath, settings: Mapping[str, Any], phrasegrams: Mapping[str, float]
) -> None:
    """Write phrases and their scores."""
    content = {"format": _PHRASES, "settings": dict(settings), "phrases": dict(phrasegrams)}
    with atomic_write(path) as file:
        file.write(json.dumps(content, ensure_ascii=True, indent=0).encode())


def read_phrases(path: StrPath) -> tuple[dict[str, Any], dict[str, float]]:
    """Read what `write_phrases` wrote; FormatError for anything else."""
    with open(path, "rb") as file:
        raw = file.read()
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, f"not a file of phrases: {error}") from None
    if not isinstance(content, dict) or content.get("format") != _PHRASES:
        raise FormatError(path, "not a file that FrozenPhrases.save wrote")
    with blame(path, DAMAGED):
        scores = {phrase: float(score) for phrase, score in dict(content["phrases"]).items()}
        if any(map(math.isnan, scores.values())):
            raise ValueError("a score is NaN")
        return _settings(json.dumps(content["settings"])), scores


def _settings(text: str) -> dict[str, Any]:
    settings = json.loads(text)
    if not isinstance(settings, dict):
        raise ValueError(f"the settings are {settings!r}")
    return settings


def _check(known: PairCounts) -> None:
    """Raise ValueError if the arrays do not fit together."""
    n_words, n_pairs = len(known.words), len(known.counts)
    if known.words and not isinstance(known.words[0], str):
        raise ValueError("the words are numbers")
    wanted = {
        "word_counts": (n_words, np.dtype("i8"), 1, np.inf),
        "counts": (n_pairs, np.dtype("i8"), 1, np.inf),
        "first": (n_pairs, np.dtype("i4"), 0, n_words - 1),
        "last": (n_pairs, np.dtype("i4"), 0, n_words - 1),
        "chain": (n_pairs, np.dtype("i4"), 0, len(known.chains) - 1),
    }
    for name, (length, dtype, low, high) in wanted.items():
        array: NDArray[Any] = getattr(known, name)
        if array.shape != (length,) or array.dtype != dtype:
            raise ValueError(f"{name} must be {dtype} of shape ({length},)")
        if length and not low <= array.min() <= array.max() <= high:
            raise ValueError(f"{name} must be from {low} to {high}")
