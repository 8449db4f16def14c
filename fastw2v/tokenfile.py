"""The token file: a corpus as int32 ids on disk, written once, mapped into memory ever after."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import platform
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors

# Of the token file; to be raised when it changes.
VERSION = 2

_CHUNK = 1 << 22
_AROUND = 1 << 17
_TOKENS, _OFFSETS, _WORDS = "tokens.i32", "offsets.i64", "words.safetensors"


class TokenFile(NamedTuple):
    """A corpus, mapped: ids of its words by position, where its sentences begin, and its words."""

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]  # one more than there are sentences
    counts: NDArray[np.int64]
    keys: dict[str, NDArray[np.generic]]  # as safetensors.pack_keys makes them
    count_error: int = 0  # the most that a count may be short by
    n_forgotten: int = 0  # tokens whose words are gone


class Cut(NamedTuple):
    """Where sentences end besides where they say so: none is empty, none longer than `length`."""

    length: int
    by_line: bool  # False: nowhere else


class Writer:
    """Write a token file, sentence after sentence; a context manager that leaves nothing
    half-written.

    Parameters
    ----------
    directory : Path or None
        Where the token file stays. None: a temporary place, gone when the last map of it is.
    stamp : str
        What `open_cached` must be given to find it again.
    cut : Cut or None
        None: sentences stay as they are.
    """

    def __init__(self, directory: Path | None, stamp: str = "", cut: Cut | None = None) -> None:
        self._target = directory
        self._stamp = stamp
        self._cut = cut
        self._last_end = 0
        self._directory: Path | None = None
        self.n_tokens = 0
        self._n_forgotten = 0

    def __enter__(self) -> Writer:
        with ExitStack() as stack:
            if self._target is not None:
                self._directory = _make_directory(self._target.parent, stack)
            self._tokens = stack.enter_context(self._new_file(_TOKENS))
            self._offsets = stack.enter_context(self._new_file(_OFFSETS))
            self._write(self._offsets, np.zeros(1, dtype=np.int64))
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def append(self, tokens: NDArray[np.int32], sentence_ends: NDArray[np.int64]) -> None:
        """Add tokens; `sentence_ends` tells how many of them precede the end of each sentence."""
        self._write(self._tokens, tokens)
        self._end_sentences(sentence_ends + self.n_tokens)
        self.n_tokens += len(tokens)

    def map_tokens(self) -> NDArray[np.int32]:
        """Map the tokens written so far, at least one, to be changed in place."""
        return _map(self._tokens, np.int32, "r+")

    def keep_tokens(
        self, regions: Iterable[tuple[int, int, int]], tables: Sequence[NDArray[np.int32]]
    ) -> None:
        """Replace tokens by table[token]; those that have -1 there go, and the file gets shorter.

        `regions` are (table, start, end), in order, and all the tokens.
        """
        if not self.n_tokens:
            return
        tokens = self.map_tokens()
        offsets = np.memmap(self._offsets, dtype=np.int64, mode="r+")
        n_kept, next_offset = 0, 1
        for table, region_start, region_end in regions:
            for start in range(region_start, region_end, _CHUNK):
                end = min(start + _CHUNK, region_end)
                new = tables[table][tokens[start:end]]
                stays = new >= 0
                # Offsets that are done already are smaller still, so all of them remain sorted.
                last = int(np.searchsorted(offsets, end, side="right"))
                place = np.concatenate(([n_kept], n_kept + np.cumsum(stays)))
                offsets[next_offset:last] = place[offsets[next_offset:last] - start]
                new = new[stays]
                tokens[n_kept : n_kept + len(new)] = new
                release(tokens, n_kept, end)
                n_kept, next_offset = n_kept + len(new), max(last, next_offset)
        del tokens
        self._tokens.truncate(4 * n_kept)
        self._n_forgotten, self.n_tokens = self.n_tokens - n_kept, n_kept

    def finish(
        self,
        counts: NDArray[np.int64],
        keys: dict[str, NDArray[np.generic]],
        count_error: int = 0,
    ) -> TokenFile:
        """Give the words, and open what has been written."""
        if self._cut is not None and not self._cut.by_line and self.n_tokens:
            self._write(self._offsets, _cut_ends(0, np.array([self.n_tokens]), self._cut.length))
        tokens, offsets = _map(self._tokens, np.int32), _map(self._offsets, np.int64)
        if self._target is not None and self._directory is not None:
            words = {"counts": counts, **keys}
            metadata = {
                "stamp": self._stamp,
                "checksum": checksum(tokens, offsets, *words.values()),
                "count_error": str(count_error),
                "n_forgotten": str(self._n_forgotten),
            }
            safetensors.write_arrays(self._directory / _WORDS, words, metadata)
            os.fsync(self._tokens.fileno())
            os.fsync(self._offsets.fileno())
            _replace(self._directory, self._target)
        return TokenFile(tokens, offsets, counts, keys, count_error, self._n_forgotten)

    def _end_sentences(self, ends: NDArray[np.int64]) -> None:
        if self._cut is None:
            self._write(self._offsets, ends)
        elif self._cut.by_line and len(ends):
            self._write(self._offsets, _cut_ends(self._last_end, ends, self._cut.length))
            self._last_end = int(ends[-1])

    def _new_file(self, name: str) -> FileIO:
        """Open a file without a buffer, so that no byte is left for close() to find no room for."""
        if self._directory is None:  # a file without a name, which not even a crash leaves behind
            return tempfile.TemporaryFile(buffering=0)
        return open(self._directory / name, "w+b", buffering=0)

    def _write(self, file: FileIO, array: NDArray[Any]) -> None:
        rest = array.view(np.uint8).data
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            if error.errno == errno.ENOSPC:
                message = "no space for the token file; set cache_dir= or TMPDIR elsewhere"
                place = tempfile.gettempdir() if self._target is None else self._target.parent
                raise OSError(errno.ENOSPC, message, str(place)) from None
            raise


def open_cached(directory: Path, stamp: str) -> TokenFile | None:
    """Open the token file that was written there with this stamp; None if there is none, unhurt."""
    for place in (directory / name for name in (_TOKENS, _OFFSETS, _WORDS)):
        if place.is_dir():
            message = "cache_dir= needs a file here; remove the folder, or give another cache_dir="
            raise IsADirectoryError(errno.EISDIR, message, str(place))
    try:
        words, metadata = safetensors.read_arrays(directory / _WORDS)
        if metadata.get("stamp") != stamp:
            return None
        tokens = _map(directory / _TOKENS, np.int32)
        offsets = _map(directory / _OFFSETS, np.int64)
        # Training would take wrong tokens for places in memory; and it reads far slower than this.
        if metadata.get("checksum") != checksum(tokens, offsets, *words.values()):
            return None
        missing = int(metadata["count_error"]), int(metadata["n_forgotten"])
        return TokenFile(tokens, offsets, words.pop("counts"), words, *missing)
    except (FileNotFoundError, KeyError, ValueError):  # gone, or damaged beyond reading
        return None
    except NotADirectoryError:
        place = next(place for place in (directory, *directory.parents) if place.exists())
        message = "cache_dir= needs a directory here; remove the file, or give another cache_dir="
        raise NotADirectoryError(errno.ENOTDIR, message, str(place)) from None


def release(tokens: NDArray[Any], start: int, end: int) -> None:
    """Let go of the memory that holds tokens[start:end] of a mapped file; the file keeps them."""
    # A page fault maps its neighbours too, among them what was released before.
    _advise("MADV_DONTNEED", tokens, start, end, _AROUND)


def fetch(tokens: NDArray[np.int32], start: int, end: int) -> None:
    """Have the disk read tokens[start:end] of a mapped file, without waiting for it."""
    _advise("MADV_WILLNEED", tokens, start, end)


def _advise(advice: str, tokens: NDArray[Any], start: int, end: int, before: int = 0) -> None:
    """Say what becomes of tokens[start:end] and so many bytes before; it may fall on deaf ears."""
    mapped: mmap.mmap | None = getattr(tokens, "_mmap", None)  # a copy is not mapped
    end = min(end, len(tokens))
    if mapped is not None and start < end and hasattr(mmap, advice):
        first = max(0, start * tokens.itemsize - before) // mmap.PAGESIZE * mmap.PAGESIZE
        with suppress(OSError):  # locked memory, or a file system that takes no advice
            mapped.madvise(getattr(mmap, advice), first, end * tokens.itemsize - first)


def _cut_ends(start: int, ends: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Return the ends of sentences cut into pieces, without the empty ones; `start` is the first's.

    >>> _cut_ends(2, np.array([2, 5, 14]), 4)
    array([ 5,  9, 13, 14])
    """
    starts = np.concatenate(([start], ends[:-1]))
    n_pieces = -((starts - ends) // length)
    before = np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    nth = np.arange(1, len(before) + 1) - before
    cut: NDArray[np.int64] = np.minimum(
        np.repeat(starts, n_pieces) + nth * length, np.repeat(ends, n_pieces)
    )
    return cut


def remove_abandoned(parent: Path) -> None:
    """Remove what processes of this machine, now dead, have left while they wrote a token file."""
    names: list[str] = []
    with suppress(OSError):  # it is not there yet, or nobody's to read
        names = [name for name in os.listdir(parent) if name.startswith(_prefix())]
    for place in (parent / name for name in names):
        with suppress(OSError), ExitStack() as stack:
            lock = os.open(place, os.O_RDONLY)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its owner lives
            shutil.rmtree(place, ignore_errors=True)


def _prefix() -> str:
    # Locks do not reach every machine that shares a file system.
    return f".fastw2v-{platform.node()}-"


def _make_directory(parent: Path, stack: ExitStack) -> Path:
    """Make a directory for a new token file, beside the place where it will stay."""
    parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=_prefix(), dir=parent))
    stack.callback(shutil.rmtree, place, ignore_errors=True)
    while not _lock(place, stack):  # taken for abandoned by another process, just before
        place.mkdir(0o700, exist_ok=True)
    # Within, for a temporary directory is open to its owner alone, and what stays need not be.
    directory = place / "corpus"
    directory.mkdir()
    return directory


def _lock(place: Path, stack: ExitStack) -> bool:
    """Own a directory as long as this process lives; False if it is gone."""
    try:
        lock = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return False
    stack.callback(os.close, lock)
    with suppress(OSError):  # no locks here: then none can be had by who would remove it either
        fcntl.flock(lock, fcntl.LOCK_EX)
    return place.exists()


def _replace(directory: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    try:
        os.rename(directory, target)
    except OSError as error:
        # Another process was quicker; its token file is as good.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def checksum(*arrays: NDArray[Any]) -> str:
    """Return the CRC-32 of arrays, one after the other, in hexadecimal digits."""
    found = 0
    for array in arrays:
        for start in range(0, len(array), _CHUNK):  # Ctrl-C gets through in between
            found = zlib.crc32(array[start : start + _CHUNK].view(np.uint8).data, found)
            release(array, start, start + _CHUNK)
    return f"{found:08x}"


def _map(
    file: FileIO | Path, dtype: type[np.generic], mode: Literal["r", "r+"] = "r"
) -> NDArray[Any]:
    """Map a file, which may be empty."""
    size = os.stat(file if isinstance(file, Path) else file.fileno()).st_size
    try:
        return np.memmap(file, dtype=dtype, mode=mode) if size else np.empty(0, dtype=dtype)
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        raise MemoryError(
            f"no room among the addresses for a token file of {size / 2**20:,.0f} MiB; it takes no "
            "memory, so raise the limit (ulimit -v)"
        ) from None
