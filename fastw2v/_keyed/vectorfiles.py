"""Vectors in files of every format, told by the name of the file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fastw2v._checks import check_limit
from fastw2v._corpus.streams import COMPRESSIONS, compression_of
from fastw2v.errors import FormatError

if TYPE_CHECKING:
    from fastw2v.keyedvectors import KeyedVectors

FORMATS = {
    "text": (".txt", ".vec"),
    "binary": (".bin",),
    "glove": (".glove.txt",),
    "native": (".safetensors",),
    "npz": (".npz",),
    "tsv": (".tsv",),
}
_COMPRESSED = ("text", "binary", "glove")  # those that may have a suffix of compression as well

# What the reader of the word2vec formats advises in Python, and what to do from a shell instead.
_ADVICE = (
    ("pass no_header=True", "pass {option} glove"),
    ("pass no_header=False", "pass {option} text"),
    ("pass binary=True", "pass {option} binary"),
    ("pass binary=False", "pass {option} text"),
    ("pass limit=", "convert it with --limit "),
    ("pass its encoding, or unicode_errors='replace'", "convert the file to UTF-8"),
)


def format_of(path: str, chosen: str | None, option: str) -> str:
    """Return the format chosen, or the one that the name of `path` tells.

    GloVe's own files, such as ``glove.6B.100d.txt``, are told by how their names begin.

    >>> format_of("glove.6B.50d.txt", None, "--from"), format_of("한국어.vec.gz", None, "--from")
    ('glove', 'text')
    """
    name = os.path.basename(path).lower()
    compressed = compression_of(name) is not None
    stem = os.path.splitext(name)[0] if compressed else name
    if stem.startswith("glove.") and stem.endswith(".txt"):
        by_name = "glove"
    else:
        # The longest suffix that fits: .glove.txt rather than .txt.
        fitting = ((e, f) for f, ends in FORMATS.items() for e in ends if stem.endswith(e))
        by_name = max(fitting, key=lambda one: len(one[0]), default=("", ""))[1]
    found = chosen or (by_name if by_name in _COMPRESSED or not compressed else None)
    if not found:
        known = ", ".join(end for ends in FORMATS.values() for end in ends)
        packed = ", ".join(COMPRESSIONS)
        raise ValueError(
            f"{path}: unknown suffix; use {known} ({packed} behind it for {', '.join(_COMPRESSED)})"
            f", or {option} {'|'.join(FORMATS)}"
        )
    return found


def load_vectors(
    path: str, format_name: str, option: str | None = None, limit: int | None = None
) -> KeyedVectors:
    """Load at most `limit` vectors from a file of the format named.

    `option` is what names formats in a shell, where errors shall advise it.
    """
    from fastw2v.keyedvectors import KeyedVectors

    if format_name in ("native", "npz"):
        return _first(KeyedVectors.load(path), limit)
    if format_name == "tsv":
        return _first(KeyedVectors.load_projector(path), limit)
    binary, no_header = format_name == "binary", format_name == "glove"
    try:
        return KeyedVectors.load_word2vec_format(
            path, binary=binary, limit=limit, no_header=no_header
        )
    except FormatError as error:
        if option is None:
            raise
        message = error.message
        for python, shell in _ADVICE:
            message = message.replace(python, shell.format(option=option))
        raise type(error)(path, message) from None


def _first(vectors: KeyedVectors, limit: int | None) -> KeyedVectors:
    """Return the first vectors alone, with all that belongs to their keys."""
    limit = check_limit("limit", limit)
    return vectors if limit is None else vectors.subset(vectors.index_to_key[:limit])


def save_vectors(vectors: KeyedVectors, path: str, format_name: str) -> None:
    """Write vectors in the format named, rows in their order."""
    if format_name in ("native", "npz"):
        vectors._write(path, as_npz=format_name == "npz")
    elif format_name == "tsv":
        vectors.save_projector(path)
    else:
        vectors.save_word2vec_format(
            path,
            binary=format_name == "binary",
            write_header=format_name != "glove",
            sort_attr=None,
        )
