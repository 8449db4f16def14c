"""Where text comes from: files of every kind, as plain bytes, cut into blocks of whole lines."""

from __future__ import annotations

import bz2
import glob
import gzip
import importlib
import lzma
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from fastw2v._native.text import TEXT_PADDING
from fastw2v.errors import CorpusError

StrPath = str | os.PathLike[str]

STDIN = "-"
BLOCK_BYTES = 1 << 20

# One byte more than the scanner wants: the first may become the newline that a file lacks at its
# end.
_PADDING = b"\n" * (TEXT_PADDING + 1)
_BZ2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # the first block of data, the end of an empty file
_BOM = b"\xef\xbb\xbf"


def _find_zstd() -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


_ZSTD = _find_zstd()
_CORRUPT: tuple[type[Exception], ...] = (zlib.error, lzma.LZMAError, gzip.BadGzipFile)
if _ZSTD is not None:
    _CORRUPT += (_ZSTD.ZstdError,)


class Block(NamedTuple):
    """Whole lines of one file: text[start:end], with padding behind it."""

    path: str
    text: bytearray
    start: int
    end: int
    offset: int  # of text[0] in the decompressed file


def find_files(source: StrPath | Sequence[StrPath]) -> list[str]:
    """List the files that a path, a glob pattern, a directory, ``-``, or a list of them stands for.

    Raises
    ------
    FileNotFoundError
        A file is not there, or a pattern or directory holds none.
    """
    if not isinstance(source, (str, os.PathLike)):
        return [file for entry in source for file in find_files(entry)]
    path = os.fspath(source)
    if path == STDIN or os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        files = sorted(
            str(entry)
            for entry in Path(path).iterdir()
            if entry.is_file() and not entry.name.startswith(".")
        )
        if not files:
            raise FileNotFoundError(f"no files in the directory {path!r}")
        return files
    if os.path.exists(path):  # a pipe or another thing that can be read
        return [path]
    if glob.has_magic(path):
        files = sorted(filter(os.path.isfile, glob.glob(path, recursive=True)))
        if not files:
            raise FileNotFoundError(f"no file matches {path!r}")
        return files
    raise FileNotFoundError(f"no such file: {path!r}")


def read_blocks(files: Sequence[str]) -> Iterator[Block]:
    """Read files, one after the other, as blocks of whole lines.

    A line longer than a block is cut between two words (and goes on in the next block); only a word
    that is longer than a block makes the block grow. Every file ends with a newline, whether it has
    one or not.

    Raises
    ------
    CorpusError
        A compressed file is truncated or corrupt.
    """
    for path in files:
        with _open(path) as file:
            yield from _blocks_of(path, file)


def _blocks_of(path: str, file: BinaryIO) -> Iterator[Block]:
    rest = b""
    offset = 0
    at_start = True
    while True:
        text = bytearray(len(rest) + BLOCK_BYTES + len(_PADDING))
        text[: len(rest)] = rest
        n_read = _fill(path, file, memoryview(text)[len(rest) : len(rest) + BLOCK_BYTES])
        size = len(rest) + n_read
        at_end = n_read < BLOCK_BYTES
        end = size if at_end else _last_break(text, size)
        if not end and not at_end:
            rest = bytes(memoryview(text)[:size])
            continue
        rest = bytes(memoryview(text)[end:size])
        text[end : end + len(_PADDING)] = _PADDING
        # The padding starts with the newline that the last line of the file may lack.
        lacks_newline = at_end and end > 0 and text[end - 1] != ord("\n")
        start = len(_BOM) if at_start and text.startswith(_BOM) else 0
        if end > start:
            yield Block(path, text, start, end + lacks_newline, offset)
        if at_end:
            return
        offset += end
        at_start = False


def _last_break(text: bytearray, size: int) -> int:
    """Position behind the last newline, else behind the last blank, else 0."""
    return (
        text.rfind(b"\n", 0, size) + 1
        or max(text.rfind(b" ", 0, size), text.rfind(b"\t", 0, size)) + 1
    )


def _fill(path: str, file: BinaryIO, view: memoryview) -> int:
    """Read until the view is full or the file ends; return the number of bytes."""
    done = 0
    try:
        while done < len(view):
            n = file.readinto(view[done:])  # type: ignore[attr-defined]
            if not n:
                break
            done += n
    except EOFError:
        raise CorpusError(path, "the compressed data ends too early: a truncated file") from None
    except _CORRUPT as error:
        raise CorpusError(path, f"the compressed data is corrupt ({error})") from None
    except OSError as error:
        if error.errno is None:  # how bz2 says it
            raise CorpusError(path, f"the compressed data is corrupt ({error})") from None
        raise
    return done


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input, and see through its compression, whatever its name."""
    with ExitStack() as stack:
        raw = stack.enter_context(
            open(0, "rb", closefd=False) if path == STDIN else open(path, "rb")  # noqa: SIM115
        )
        head = raw.peek(10)
        file: object = raw
        if head.startswith(b"\x1f\x8b"):
            file = stack.enter_context(gzip.GzipFile(fileobj=raw))
        elif head.startswith(b"BZh") and head[4:10] in _BZ2_BLOCKS:
            file = stack.enter_context(bz2.BZ2File(raw))
        elif head.startswith(b"\xfd7zXZ\x00"):
            file = stack.enter_context(lzma.LZMAFile(raw))
        elif head.startswith(b"\x28\xb5\x2f\xfd"):
            file = stack.enter_context(_zstd(path).ZstdFile(raw))
        yield cast(BinaryIO, file)


def _zstd(path: str) -> Any:
    """Return the zstd module of Python 3.14, or its backport."""
    if _ZSTD is None:
        raise ImportError(
            f"{path} is compressed with zstd: run pip install 'fastw2v[zstd]' (or use Python 3.14)"
        )
    return _ZSTD


def read_lines(files: Sequence[str], errors: str) -> Iterator[str]:
    """Read files as decoded lines, without their ends.

    Raises
    ------
    CorpusError
        A file is truncated, corrupt or, where `errors` is "strict", not UTF-8.
    """
    pending: list[bytes] = []
    for block in read_blocks(files):
        text = bytes(memoryview(block.text)[block.start : block.end])
        offset = block.offset + block.start - sum(map(len, pending))
        *lines, rest = text.split(b"\n")
        if lines:
            lines[0] = b"".join([*pending, lines[0]])
            pending.clear()
        if rest:
            pending.append(rest)
        for line in lines:
            try:
                yield line.decode("utf-8", errors)
            except UnicodeDecodeError as error:
                raise CorpusError(
                    block.path,
                    f"byte {offset + error.start}: not UTF-8 (0x{line[error.start]:02x})",
                ) from None
            offset += len(line) + 1
