"""Vectors for TensorBoard's Embedding Projector (https://projector.tensorflow.org): two TSV files.

One holds the numbers, a row a line, between tabs; the other, in the same order, the words: alone
on their lines, or, with counts, below a line ``word`` tab ``count``. The path of the first names
both: ``vectors`` in the file's name becomes ``metadata``, and a name without it gets ``.metadata``
in front of its suffix.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing

import numpy as np

from fastw2v._files import atomic_write
from fastw2v._formats.textrows import (
    LONGEST_LINE,
    Layout,
    LineTooLong,
    first_line,
    parsed_blocks,
    why_malformed,
    write_rows,
)
from fastw2v._keys import check_finite, check_shape
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError
from fastw2v.progress import Progress

_BLOCK = 1 << 20
_HEADER = "word\tcount"


def metadata_path(path: StrPath) -> str:
    """Return the path of the words that belong to the vectors at `path`.

    >>> metadata_path("logs/vectors.tsv"), metadata_path("한국어.tsv")
    ('logs/metadata.tsv', '한국어.metadata.tsv')
    """
    folder, name = os.path.split(os.fspath(path))
    stem, suffix = os.path.splitext(name)
    before, found, after = stem.rpartition("vectors")
    stem = f"{before}metadata{after}" if found else f"{stem}.metadata"
    return os.path.join(folder, stem + suffix)


def write_projector(
    path: StrPath,
    keys: Sequence[str] | Sequence[int],
    vectors: Array,
    counts: Array | None = None,
    *,
    progress: bool | None = None,
) -> None:
    r"""Write the two files.

    Parameters
    ----------
    path : str or os.PathLike
        The file of the vectors; `metadata_path` tells that of the words. Both are complete before
        either is replaced.
    keys : sequence of str or int
        One for each row.
    vectors : ndarray of shape (len(keys), d)
    counts : ndarray of int of shape (len(keys),), optional
    progress : bool, optional
        Whether to show how far the writing is; by default on a terminal, after two seconds.

    Raises
    ------
    ValueError
        Before anything is written: a key is empty or holds a tab or the end of a line, or the
        shapes do not fit. While writing, with no file left: a vector holds NaN or infinity.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "vectors.tsv")
    >>> write_projector(path, ["두 낱말", "king"], np.array([[0.5, 1], [-2, 0]]), np.array([3, 1]))
    >>> path.read_text(), Path(metadata_path(path)).read_text(encoding="utf-8")
    ('0.5\t1\n-2\t0\n', 'word\tcount\n두 낱말\t3\nking\t1\n')
    """
    check_shape(len(keys), vectors)
    if counts is not None and counts.shape != (len(keys),):
        raise ValueError(f"counts must have shape ({len(keys)},), got {counts.shape}")
    lines = [] if counts is None else [_HEADER]
    for row, key in enumerate(keys):
        word = str(key)
        if not word.strip() or len(f"{word}.".splitlines()) > 1 or "\t" in word:
            raise ValueError(
                f"key {key!r} is empty or holds a tab or the end of a line, which the projector "
                "cannot read; replace it"
            )
        lines.append(word if counts is None else f"{word}\t{counts[row]}")
    metadata = "".join(f"{line}\n" for line in lines).encode()

    def rows(start: int, stop: int) -> tuple[None, None, Array]:
        block = vectors[start:stop]
        check_finite(keys[start:stop], block)
        double = block.dtype == np.float64
        return None, None, np.ascontiguousarray(block, np.float64 if double else np.float32)

    with (
        atomic_write(path) as file,
        atomic_write(metadata_path(path)) as words,
        Progress("writing", len(keys), "vectors", progress) as line,
    ):
        write_rows(file, rows, len(keys), 4 * vectors.shape[1], b"\t", line.update)
        words.write(metadata)
        line.finish(len(keys))


def read_projector(
    path: StrPath, *, progress: bool | None = None
) -> tuple[list[str], Array, Array | None]:
    """Read the two files.

    Parameters
    ----------
    path : str or os.PathLike
        The file of the vectors; `metadata_path` tells that of the words. If these have columns, the
        first line names them: the words are in ``word`` or else the first, counts in ``count``.
    progress : bool, optional
        Whether to show how far the reading is; by default on a terminal, after two seconds.

    Returns
    -------
    words : list of str
    vectors : ndarray of float32 of shape (len(words), d)
    counts : ndarray of int64 of shape (len(words),), or None

    Raises
    ------
    FormatError
        With the line: a file is damaged, or they do not have equally many rows.
    OSError
        A file cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/vectors.tsv"
    >>> write_projector(path, ["왕"], np.array([[0.5, 1]]))
    >>> read_projector(path)
    (['왕'], array([[0.5, 1. ]], dtype=float32), None)
    """
    with Progress("reading", None, "vectors", progress) as line:
        vectors = _read_vectors(path, line)
    words, counts = _read_words(metadata_path(path))
    if len(words) != len(vectors):
        raise FormatError(
            metadata_path(path),
            f"line {len(words) + (counts is not None)}: the file ends after {len(words)} words, "
            f"{os.fspath(path)} has {len(vectors)} vectors; the two do not belong together",
        )
    return words, vectors, counts


def _read_vectors(path: StrPath, line: Progress) -> Array:
    with open(path, "rb") as file:
        head = file.readline(LONGEST_LINE)
        dims = head.count(b"\t") + 1
        layout = Layout(dims, np.dtype(np.float32), b"\t", has_word=False)
        parts, count, blank = [np.empty((0, dims), np.float32)], 0, False
        try:
            with closing(parsed_blocks(file, head, layout, _BLOCK)) as blocks:
                for block in blocks:
                    n_rows = len(block.values)
                    if 0 <= block.not_finite < n_rows:
                        row = count + block.not_finite
                        raise FormatError(path, f"line {row + 1}: the vector holds NaN or infinity")
                    if block.block[block.stop :].strip() or (blank and n_rows):
                        bad = first_line(block.block, block.stop)
                        empty = blank or not bad.strip()
                        problem = "the line is empty" if empty else why_malformed(bad, layout)
                        raise FormatError(
                            path, f"line {count + n_rows * (not blank) + 1}: {problem}"
                        )
                    blank |= block.stop < len(block.block)
                    parts.append(block.values)
                    count += n_rows
                    line.update(count)
        except LineTooLong as error:
            raise FormatError(path, f"line {count + 1}: {error}: it is no vector") from None
        line.finish(count)
    if not count:
        raise FormatError(path, "line 1: the file has no vectors")
    return np.concatenate(parts)


def _read_words(path: StrPath) -> tuple[list[str], Array | None]:
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    if not lines[-1]:
        lines.pop()
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(line.removesuffix(b"\r").decode().split("\t"))
        except UnicodeDecodeError as error:
            raise FormatError(path, f"line {number}: not UTF-8 ({error.reason})") from error
        if len(rows[-1]) != len(rows[0]):
            problem = f"{len(rows[-1])} columns, line 1 has {len(rows[0])}"
            raise FormatError(path, f"line {number}: {problem}")
    if not rows or len(rows[0]) == 1:
        return [word for (word,) in rows], None
    header = [name.lower() for name in rows.pop(0)]
    column = header.index("word") if "word" in header else 0
    words = [row[column] for row in rows]
    if "count" not in header:
        return words, None
    counts = [row[header.index("count")] for row in rows]
    for number, count in enumerate(counts, start=2):
        if not (count.isascii() and count.isdigit() and len(count) < 19):
            raise FormatError(path, f"line {number}: {count!r} is not a count")
    return words, np.array(counts, np.int64)
