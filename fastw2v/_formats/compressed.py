"""Files that are compressed if their names say so: gzip, bzip2, xz and zstd."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import IO, Any

from fastw2v._corpus.streams import StreamReader, compression_of
from fastw2v._typing import StrPath
from fastw2v.errors import FormatError, TruncatedError
from fastw2v.sources import CORRUPT, zstd_module

_DAMAGE: tuple[type[Exception], ...] = (EOFError, *CORRUPT)


@contextmanager
def open_reading(path: StrPath) -> Iterator[IO[bytes]]:
    """Open a file, decompressed if its name says so; damaged data raises FormatError."""
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, "expected a file, got a directory", os.fspath(path))
    kind = compression_of(path)
    with ExitStack() as stack:
        file: Any = stack.enter_context(open(path, "rb"))
        if kind == "gzip":
            file = stack.enter_context(gzip.GzipFile(fileobj=file))
        elif kind == "bzip2":
            stream = StreamReader(file, bz2.BZ2Decompressor)
            file = stack.enter_context(io.BufferedReader(stream))
        elif kind == "xz":
            stream = StreamReader(file, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ))
            file = stack.enter_context(io.BufferedReader(stream))
        elif kind == "zstd":
            file = stack.enter_context(zstd_module(os.fspath(path)).ZstdFile(file))
        try:
            yield file
        except FormatError:
            raise
        except _DAMAGE as error:
            raise _damaged(path, file, kind, error) from error
        except OSError as error:
            if error.errno is not None or kind is None:
                raise
            raise _damaged(path, file, kind, error) from error  # how bz2 says it


@contextmanager
def open_writing(path: StrPath, raw: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a file whose bytes reach `raw` in the form that the name `path` says."""
    kind = compression_of(path)
    if kind is None:
        yield raw
        return
    if kind == "gzip":
        # Without name and time, so that the same vectors give the same file.
        stream: Any = gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0)
    elif kind == "zstd":
        stream = zstd_module(os.fspath(path)).ZstdFile(raw, "wb")
    else:
        stream = (bz2.BZ2File if kind == "bzip2" else lzma.LZMAFile)(raw, "wb")
    with stream as file:
        yield file


def _damaged(path: StrPath, file: IO[bytes], kind: str | None, error: Exception) -> FormatError:
    """Return the error for compressed data that ends too early or cannot be decompressed."""
    found = f"damaged {kind} file: {error or 'it ends too early'}"
    message = f"byte {file.tell()} of the decompressed data: {found}"
    return (TruncatedError if isinstance(error, EOFError) else FormatError)(path, message)
