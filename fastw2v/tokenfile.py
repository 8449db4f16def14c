"""The token file: a corpus as int32 ids on disk, written once, mapped into memory ever after."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors

_TOKENS, _OFFSETS, _WORDS = "tokens.i32", "offsets.i64", "words.safetensors"


class TokenFile(NamedTuple):
    """A corpus, mapped: ids of its words by position, where its sentences begin, and its words."""

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]  # one more than there are sentences
    counts: NDArray[np.int64]
    keys: dict[str, NDArray[np.generic]]  # as safetensors.pack_keys makes them


class Writer:
    """Write a token file, sentence after sentence; a context manager that leaves nothing
    half-written.

    Parameters
    ----------
    directory : Path or None
        Where the token file stays. None: a temporary place, gone when the last map of it is.
    stamp : str
        What `open_cached` must be given to find it again.
    """

    def __init__(self, directory: Path | None, stamp: str = "") -> None:
        self._target = directory
        self._stamp = stamp
        parent = None
        if directory is not None:
            directory.parent.mkdir(parents=True, exist_ok=True)
            parent = directory.parent
        self._directory = Path(tempfile.mkdtemp(prefix=".fastw2v-", dir=parent))
        self._tokens = open(self._directory / _TOKENS, "wb")  # noqa: SIM115
        self._offsets = open(self._directory / _OFFSETS, "wb")  # noqa: SIM115
        self._offsets.write(bytes(8))
        self.n_tokens = 0
        self.n_sentences = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tokens.close()
        self._offsets.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def append(self, tokens: NDArray[np.int32], sentence_ends: NDArray[np.int64]) -> None:
        """Add tokens; `sentence_ends` tells how many of them precede the end of each sentence."""
        try:
            self._tokens.write(tokens.data)
            self._offsets.write((sentence_ends + self.n_tokens).data)
        except OSError as error:
            self._explain(error)
        self.n_tokens += len(tokens)
        self.n_sentences += len(sentence_ends)

    def map_tokens(self) -> NDArray[np.int32]:
        """Map the tokens written so far, at least one, to be changed in place."""
        self._flush()
        return np.memmap(self._directory / _TOKENS, dtype=np.int32, mode="r+")

    def finish(self, counts: NDArray[np.int64], keys: dict[str, NDArray[np.generic]]) -> TokenFile:
        """Give the words, and open what has been written."""
        self._flush()
        if self._target is None:
            # The maps outlive the names of the files, so that not even a crash leaves them behind.
            return TokenFile(*_map_tokens(self._directory), counts, keys)
        arrays = {"counts": counts, **keys}
        safetensors.write_arrays(self._directory / _WORDS, arrays, {"stamp": self._stamp})
        shutil.rmtree(self._target, ignore_errors=True)
        try:
            os.rename(self._directory, self._target)
        except OSError as error:
            # Another process was quicker; its token file is as good.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        cached = open_cached(self._target, self._stamp)
        if cached is None:
            raise OSError(
                f"the token file {str(self._target)!r} was replaced while it was being opened"
            )
        return cached

    def _flush(self) -> None:
        try:
            self._tokens.flush()
            self._offsets.flush()
        except OSError as error:
            self._explain(error)

    def _explain(self, error: OSError) -> None:
        if error.errno == errno.ENOSPC:
            message = "no space for the token file; set cache_dir= or TMPDIR to a place with more"
            raise OSError(errno.ENOSPC, message, str(self._directory.parent)) from None
        raise error


def open_cached(directory: Path, stamp: str) -> TokenFile | None:
    """Open the token file that was written there with this stamp; None if there is none."""
    try:
        arrays, metadata = safetensors.read_arrays(directory / _WORDS)
        if metadata.get("stamp") != stamp:
            return None
        return TokenFile(*_map_tokens(directory), arrays.pop("counts"), arrays)
    except FileNotFoundError:
        return None


def _map_tokens(directory: Path) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    tokens_path = directory / _TOKENS
    tokens = (
        np.memmap(tokens_path, dtype=np.int32, mode="r")
        if tokens_path.stat().st_size
        else np.empty(0, dtype=np.int32)
    )
    return tokens, np.memmap(directory / _OFFSETS, dtype=np.int64, mode="r")
