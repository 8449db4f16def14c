"""Writing files so that a crash never leaves half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v._typing import StrPath


@contextmanager
def atomic_write(path: StrPath) -> Iterator[IO[bytes]]:
    """Open a binary file beside `path`; it takes the name `path` only when the block ends well."""
    target = _replaceable(path)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _adopt_mode(name, target)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def check_writable(path: StrPath) -> None:
    """Raise now the OSError that writing `path` would raise after hours of work."""
    target = _replaceable(path)
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise type(error)(error.errno, f"cannot write: {error.strerror}", str(target)) from None
    os.close(descriptor)
    os.unlink(name)


def _replaceable(path: StrPath) -> Path:
    """Return the file that `path` means, through symbolic links, or raise OSError."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a directory; name a file")
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "cannot replace what is not a regular file", str(path))
    return target


def _adopt_mode(name: str, target: Path) -> None:
    """Give the new file the mode of the one it replaces, or the usual one for new files."""
    try:
        mode = target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.chmod(name, mode)
