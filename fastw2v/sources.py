"""Where text comes from: files of every kind, as plain bytes, cut into blocks of whole lines."""

from __future__ import annotations

import bz2
import errno
import glob
import gzip
import importlib
import io
import lzma
import os
import re
import selectors
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

from fastw2v._corpus.streams import StreamReader
from fastw2v._native.text import TEXT_PADDING
from fastw2v._typing import StrPath
from fastw2v.errors import CorpusError
from fastw2v.parallel import INTERVAL

_Readable = io.RawIOBase | io.BufferedIOBase

STDIN = "-"
BLOCK_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16

# One byte more than the scanner wants: the first may become the newline that a file lacks at its
# end.
_PADDING = b"\n" * (TEXT_PADDING + 1)
_NEWLINE = ord("\n")
_HEAD_BYTES = 10  # of a file: they tell how it is compressed
_BZ2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # the first block of data, the end of an empty file
# A frame of data, or one to be skipped, which pzstd starts with.
_ZSTD_FRAMES = (b"\x28\xb5\x2f\xfd", *(bytes([k]) + b"\x2a\x4d\x18" for k in range(0x50, 0x60)))
_BOM = b"\xef\xbb\xbf"


def _find_zstd() -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


_ZSTD = _find_zstd()
CORRUPT: tuple[type[Exception], ...] = (zlib.error, lzma.LZMAError, gzip.BadGzipFile)
if _ZSTD is not None:
    CORRUPT += (_ZSTD.ZstdError,)


class Block(NamedTuple):
    """Whole lines of one file: text[start:end], with padding behind it, and then anything."""

    path: str
    text: bytearray
    start: int
    end: int
    offset: int  # of text[0] in the decompressed file


def find_files(source: StrPath | Sequence[StrPath]) -> list[str]:
    """List the files that a path, a glob pattern, a directory, ``-``, or a list of them stands for.

    Only the str ``-`` is standard input; the Path is a file.

    Raises
    ------
    FileNotFoundError
        A file is not there, or a pattern or directory holds none.
    """
    if not isinstance(source, (str, os.PathLike)):
        return [file for entry in source for file in find_files(entry)]
    if source == STDIN:  # and not Path("-"), which is unequal: that is a file
        return [STDIN]
    path = _as_file(os.fspath(source))
    if os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        files = _only_files(
            str(entry) for entry in Path(path).iterdir() if not entry.name.startswith(".")
        )
        if not files:
            raise FileNotFoundError(f"no files in the directory {path!r}")
        return files
    if os.path.exists(path):  # a pipe or another thing that can be read
        return [path]
    if glob.has_magic(path):
        files = _only_files(glob.glob(path, recursive=True))
        if not files:
            raise FileNotFoundError(f"no file matches {path!r}")
        return files
    raise FileNotFoundError(f"no such file: {path!r}")


def _only_files(paths: Iterable[str]) -> list[str]:
    """Leave out directories and the like; a link to nowhere stays, to be missed by who opens it."""
    return sorted(
        _as_file(path) for path in paths if os.path.isfile(path) or not os.path.exists(path)
    )


def _as_file(path: str) -> str:
    """Return a name for a file that cannot be taken for standard input."""
    return os.path.join(os.curdir, path) if path == STDIN else path


def not_utf8(path: str, position: int, byte: int) -> CorpusError:
    """Return the error that tells of a byte that is not UTF-8."""
    return CorpusError(
        path,
        f'byte {position}: not UTF-8 (0x{byte:02x}); convert the file, or pass errors="replace"',
    )


class BlockReader:
    """Reads files, one after the other, as blocks of whole lines.

    A line longer than a block is cut between two words (and goes on in the next block); only a word
    that is longer than a block makes the block grow. Every file ends with a newline, whether it has
    one or not. `is_stopped` is asked while a pipe has nothing to give.
    """

    def __init__(self, files: Sequence[str], is_stopped: Callable[[], bool]) -> None:
        self.n_read = 0  # bytes of all files so far, as they are on the disk
        self._is_stopped = is_stopped
        self._buffer = bytearray()
        self._blocks = self._all_blocks(files)

    def read(self, buffer: bytearray) -> Block | None:
        """Read the next block, into the buffer if that is large enough; None at the end.

        Raises
        ------
        CorpusError
            A compressed file is truncated or corrupt.
        """
        self._buffer = buffer
        return next(self._blocks, None)

    def _all_blocks(self, files: Sequence[str]) -> Iterator[Block]:
        for path in files:
            n_before = self.n_read
            with ExitStack() as stack:
                raw = _Raw(stack.enter_context(_open(path)), self._is_stopped)
                file = _decompressed(path, raw, stack)
                for block in self._whole_lines(path, file):
                    self.n_read = n_before + raw.n_read
                    yield block
                self.n_read = n_before + raw.n_read

    def _whole_lines(self, path: str, file: _Readable) -> Iterator[Block]:
        rest = b""
        offset = 0
        last = _NEWLINE
        while True:
            # A word that is longer still makes it double: its start is not copied all too often.
            wanted = max(BLOCK_BYTES, len(rest))
            text = self._buffer
            if len(text) < len(rest) + wanted + len(_PADDING):
                text = bytearray(len(rest) + wanted + len(_PADDING))
            text[: len(rest)] = rest
            n_read = _fill(path, file, memoryview(text)[len(rest) : len(rest) + wanted])
            size = len(rest) + n_read
            at_end = n_read < wanted
            end = size if at_end else _last_break(text, size)
            rest = bytes(memoryview(text)[end:size])
            text[end : end + len(_PADDING)] = _PADDING
            start = len(_BOM) if not offset and text.startswith(_BOM) else 0
            if end > start:
                last = text[end - 1]
            # The padding starts with the newline that the last line of the file may lack.
            past_end = end + 1 if at_end and last != _NEWLINE else end
            if past_end > start:
                yield Block(path, text, start, past_end, offset)
            if at_end:
                return
            offset += end


def _last_break(text: bytearray, size: int) -> int:
    """Position behind the last newline, else behind the last blank, else 0."""
    return (
        text.rfind(b"\n", 0, size) + 1
        or max(text.rfind(b" ", 0, size), text.rfind(b"\t", 0, size)) + 1
    )


def _fill(path: str, file: _Readable, view: memoryview) -> int:
    """Read until the view is full or the file ends; return the number of bytes."""
    done = 0
    try:
        while done < len(view):
            n = file.readinto(view[done:])
            if not n:
                break
            done += n
    except EOFError:
        raise CorpusError(path, "the compressed data ends too early: a truncated file") from None
    except CORRUPT as error:
        raise CorpusError(path, f"the compressed data is corrupt ({error})") from None
    except InterruptedError:
        raise
    except OSError as error:
        if error.errno is None:  # how bz2 says it
            raise CorpusError(path, f"the compressed data is corrupt ({error})") from None
        raise
    return done


def check_stdin() -> None:
    """Raise OSError where standard input is closed; its number may by now be that of a file."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed; give it text, or name files", STDIN)


def _open(path: str) -> io.FileIO:
    """Open a file, or standard input, unbuffered: a buffer would sit out a Ctrl-C."""
    if path == STDIN:
        check_stdin()
        return open(0, "rb", buffering=0, closefd=False)
    return open(path, "rb", buffering=0)


class _Raw(io.RawIOBase):
    """A file or pipe as it is, with its head known beforehand and its bytes counted."""

    def __init__(self, file: io.FileIO, is_stopped: Callable[[], bool]) -> None:
        self._file = file
        self._is_stopped = is_stopped
        # Of all selectors it alone takes terminals, devices and any number of open files.
        self._selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            self._selector.register(file, selectors.EVENT_READ)
        self._ahead = b""
        self.n_read = 0
        self.head = b""
        # A pipe may give it byte by byte.
        while len(self.head) < _HEAD_BYTES and (more := self.read(_HEAD_BYTES - len(self.head))):
            self.head += more
        self._ahead = self.head

    def readable(self) -> bool:
        return True

    def readinto(self, view: Any) -> int:
        if self._ahead:
            n = min(len(view), len(self._ahead))
            view[:n], self._ahead = self._ahead[:n], self._ahead[n:]
            return n
        n_new = None
        while n_new is None:  # what a pipe that was made not to block gives when it is empty
            # A read that blocks would sleep through a Ctrl-C that came just before it.
            while self._selector.get_map() and not self._selector.select(INTERVAL):
                if self._is_stopped():
                    raise InterruptedError("reading was stopped")
            n_new = self._file.readinto(view)
        self.n_read += n_new
        return n_new


def _decompressed(path: str, raw: _Raw, stack: ExitStack) -> _Readable:
    """See through the compression of a file, whatever its name."""
    head = raw.head
    buffered = stack.enter_context(io.BufferedReader(raw, _BUFFER_BYTES))
    if head.startswith(b"\x1f\x8b"):
        return stack.enter_context(gzip.GzipFile(fileobj=buffered))
    # The head may be all there is: then the file is truncated.
    if re.match(b"BZh[1-9]", head) and any(block.startswith(head[4:]) for block in _BZ2_BLOCKS):
        return stack.enter_context(StreamReader(raw, bz2.BZ2Decompressor))
    if head.startswith(b"\xfd7zXZ\x00"):
        make_stream = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ)
        return stack.enter_context(StreamReader(raw, make_stream))
    if head.startswith(_ZSTD_FRAMES):
        return cast(_Readable, stack.enter_context(zstd_module(path).ZstdFile(buffered)))
    return raw


def zstd_module(path: str) -> Any:
    """Return the zstd module of Python 3.14, or its backport."""
    if _ZSTD is None:
        raise ImportError(
            f"{path} is compressed with zstd: run pip install 'fastw2v[zstd]' (or use Python 3.14)"
        )
    return _ZSTD


def read_bytes(path: str) -> bytes:
    """Read a whole file, or standard input, seen through its compression.

    Raises
    ------
    CorpusError
        The file is compressed, and truncated or corrupt.
    """
    blocks = []
    with ExitStack() as stack:
        raw = _Raw(stack.enter_context(_open(path)), lambda: False)
        file = _decompressed(path, raw, stack)
        block = bytearray(BLOCK_BYTES)
        while n := _fill(path, file, memoryview(block)):
            blocks.append(bytes(memoryview(block)[:n]))
    return b"".join(blocks)


def read_texts(files: Sequence[str]) -> Iterator[str]:
    """Read files as decoded pieces of whole lines; a long line is cut between two words.

    Raises
    ------
    CorpusError
        A file is truncated, corrupt or not UTF-8.
    """
    reader = BlockReader(files, lambda: False)
    buffer = bytearray()
    while (block := reader.read(buffer)) is not None:
        buffer = block.text
        text = bytes(memoryview(block.text)[block.start : block.end])
        try:
            yield text.decode()
        except UnicodeDecodeError as error:
            position = block.offset + block.start + error.start
            raise not_utf8(block.path, position, text[error.start]) from None


def read_lines(files: Sequence[str], errors: str) -> Iterator[str]:
    """Read files as decoded lines, without their ends.

    Raises
    ------
    CorpusError
        A file is truncated, corrupt or, where `errors` is "strict", not UTF-8.
    """
    pending: list[bytes] = []
    reader = BlockReader(files, lambda: False)
    buffer = bytearray()
    while (block := reader.read(buffer)) is not None:
        buffer = block.text
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
                yield line.removesuffix(b"\r").decode("utf-8", errors)
            except UnicodeDecodeError as error:
                byte = line[error.start]
                raise not_utf8(block.path, offset + error.start, byte) from None
            offset += len(line) + 1
