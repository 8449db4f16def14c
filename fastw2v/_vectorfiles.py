"""Vectors in files of every format, told by the suffix of the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastw2v.errors import FormatError

if TYPE_CHECKING:
    from fastw2v import KeyedVectors

FORMATS = {
    "text": (".txt", ".vec", ".txt.gz", ".vec.gz"),
    "binary": (".bin", ".bin.gz"),
    "native": (".safetensors",),
}

# What the reader of the word2vec formats advises in Python, and what to do from a shell instead.
_ADVICE = (
    ("pass no_header=True for a file without them", "write them there, or pass {option} FORMAT"),
    ("pass binary=True", "pass {option} binary"),
    ("pass binary=False", "pass {option} text"),
    ("pass limit=", "convert it with --limit "),
    ("pass its encoding, or unicode_errors='replace'", "convert the file to UTF-8"),
)


def format_of(path: str, chosen: str | None, option: str) -> str:
    """Return the format chosen, or the one that the suffix of `path` tells."""
    by_suffix = (name for name, ends in FORMATS.items() if path.lower().endswith(ends))
    found = chosen or next(by_suffix, None)
    if found is None:
        known = ", ".join(end for ends in FORMATS.values() for end in ends)
        raise ValueError(f"{path}: unknown suffix; use {known}, or {option} {'|'.join(FORMATS)}")
    return found


def load_vectors(
    path: str, format_name: str, option: str, limit: int | None = None
) -> KeyedVectors:
    """Load at most `limit` vectors from a file of the format named, with `option` or otherwise."""
    from fastw2v import KeyedVectors

    if format_name == "native":
        vectors = KeyedVectors.load(path)
        if limit is None:
            return vectors
        counts = None if vectors.counts is None else vectors.counts[:limit]
        return KeyedVectors.from_arrays(
            vectors.index_to_key[:limit], vectors.vectors[:limit], counts
        )
    binary = format_name == "binary"
    try:
        return KeyedVectors.load_word2vec_format(path, binary=binary, limit=limit)
    except FormatError as error:
        message = error.message
        for python, shell in _ADVICE:
            message = message.replace(python, shell.format(option=option))
        raise FormatError(path, message) from None


def save_vectors(vectors: KeyedVectors, path: str, format_name: str) -> None:
    """Write vectors in the format named."""
    if format_name == "native":
        vectors.save(path)
    else:
        vectors.save_word2vec_format(path, binary=format_name == "binary")
