"""Compressed files: how their names tell, and the streams of data of bzip2 and xz."""

from __future__ import annotations

import bz2
import io
import lzma
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastw2v._typing import StrPath

COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
_READ_BYTES = 1 << 16
_XZ_PADDING = 4  # the zero bytes between streams come by so many


def compression_of(path: StrPath) -> str | None:
    """Return the compression that the suffix of a name tells, or None.

    >>> compression_of("말뭉치.vec.GZ"), compression_of("말뭉치.vec")
    ('gzip', None)
    """
    return COMPRESSIONS.get(os.path.splitext(os.fspath(path))[1].lower())


class StreamReader(io.RawIOBase):
    """Decompresses every stream of a file, and takes nothing else for the end of it.

    `bz2.BZ2File` and `lzma.LZMAFile` end at the first stream that they cannot read, without a word.

    Parameters
    ----------
    raw : RawIOBase
        The file. It stays open.
    make_stream : callable
        Makes what decompresses one stream.
    """

    def __init__(
        self,
        raw: io.RawIOBase,
        make_stream: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    ) -> None:
        self._raw = raw
        self._make_stream = make_stream
        self._stream = make_stream()
        self._ahead = b""
        self._n_given = 0

    def close(self) -> None:
        # An error that outlives the reading may hold this, and need not hold megabytes.
        vars(self).pop("_stream", None)
        super().close()

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._n_given

    def readinto(self, view: Any) -> int:
        text = b""
        while not text:
            if self._stream.eof and not self._start_stream():
                return 0
            data = b""
            if self._stream.needs_input:
                data = self._ahead or self._read()
                if not data:
                    raise EOFError
                self._ahead = b""
            text = self._stream.decompress(data, len(view))
            if self._stream.eof:
                self._ahead = self._stream.unused_data
        view[: len(text)] = text
        self._n_given += len(text)
        return len(text)

    def _start_stream(self) -> bool:
        """Start the stream that follows the last one, if any does."""
        if isinstance(self._stream, lzma.LZMADecompressor):
            self._skip_padding()
        self._ahead = self._ahead or self._read()
        if self._ahead:
            self._stream = self._make_stream()
        return bool(self._ahead)

    def _skip_padding(self) -> None:
        n_zeros = 0
        while data := self._ahead or self._read():
            self._ahead = data.lstrip(b"\0")
            n_zeros += len(data) - len(self._ahead)
            if self._ahead:
                break
        if n_zeros % _XZ_PADDING:
            raise lzma.LZMAError(f"{n_zeros} zero bytes between streams")

    def _read(self) -> bytes:
        return self._raw.read(_READ_BYTES) or b""
