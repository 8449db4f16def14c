"""Vectors in files of every format, told by the suffix of the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v import KeyedVectors

FORMATS = {
    "text": (".txt", ".vec", ".txt.gz", ".vec.gz"),
    "binary": (".bin", ".bin.gz"),
    "native": (".safetensors",),
}


def format_of(path: str, chosen: str | None, option: str) -> str:
    """Return the format chosen, or the one that the suffix of `path` tells."""
    by_suffix = (name for name, ends in FORMATS.items() if path.lower().endswith(ends))
    found = chosen or next(by_suffix, None)
    if found is None:
        known = ", ".join(end for ends in FORMATS.values() for end in ends)
        raise ValueError(f"{path}: unknown suffix; use {known}, or {option} {'|'.join(FORMATS)}")
    return found


def load_vectors(path: str, format_name: str, limit: int | None = None) -> KeyedVectors:
    """Load at most `limit` vectors from a file of the format named."""
    from fastw2v import KeyedVectors

    if format_name != "native":
        return KeyedVectors.load_word2vec_format(path, binary=format_name == "binary", limit=limit)
    vectors = KeyedVectors.load(path)
    counts = None if vectors.counts is None else vectors.counts[:limit]
    return KeyedVectors.from_arrays(vectors.index_to_key[:limit], vectors.vectors[:limit], counts)


def save_vectors(vectors: KeyedVectors, path: str, format_name: str) -> None:
    """Write vectors in the format named."""
    if format_name == "native":
        vectors.save(path)
    else:
        vectors.save_word2vec_format(path, binary=format_name == "binary")
