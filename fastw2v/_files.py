"""Writing files so that a crash never leaves half of one."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v._typing import StrPath

_DEVICES = ("/dev/", "/proc/")
_SHARED_MEMORY = "/dev/shm/"  # holds files like any other place


@contextmanager
def atomic_write(path: StrPath) -> Iterator[IO[bytes]]:
    """Open a binary file beside `path`; it takes the name `path` only when the block ends well."""
    with _file_beside(path) as (target, file):
        yield file
        file.flush()
        os.fsync(file.fileno())
        _adopt_mode(file, target)
        os.replace(file.name, target)


def check_writable(path: StrPath) -> None:
    """Raise now the OSError that writing `path` would raise after hours of work."""
    with _file_beside(path):
        pass


@contextmanager
def _file_beside(path: StrPath) -> Iterator[tuple[Path, IO[bytes]]]:
    """Give the file that `path` means, and a new one beside it, which is gone in the end."""
    target = _replaceable(path)
    # Short, for the target's name may be as long as names can be; and known before the file is
    # there, so that no Ctrl-C comes between the two.
    name = target.parent / f".fastw2v-{secrets.token_hex(8)}.tmp"
    try:
        with open(name, "xb", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
            yield target, file
    except OSError as error:
        if error.errno is None:
            raise
        message = f"cannot write: {error.strerror}"
        raise type(error)(error.errno, message, os.fspath(path)) from error
    finally:
        with suppress(OSError):
            name.unlink()


def _replaceable(path: StrPath) -> Path:
    """Return the file that `path` means, through symbolic links, or raise OSError."""
    name = os.fspath(path)
    if not name:
        raise FileNotFoundError(f"cannot write to the path {name!r}: it is empty; name a file")
    if "\0" in name:
        raise ValueError(f"cannot write to the path {name!r}: no name holds a NUL; leave it out")
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"cannot write {name}: it is a directory; name a file")
    if not stat.S_ISREG(mode) or _leads_to_devices(name):
        raise OSError(errno.EINVAL, "cannot replace what is not a regular file", name)
    return Path(os.path.realpath(name))


def _leads_to_devices(name: str) -> bool:
    """Tell whether this is a thing of /dev or /proc, or a link to one.

    /dev/stdout may be a link to a regular file, which is to be appended to and not replaced.
    """
    directory, base = os.path.split(name)
    place = os.path.join(os.path.realpath(directory), base)
    if place.startswith(_DEVICES) and not place.startswith(_SHARED_MEMORY):
        return True
    if not os.path.islink(place):
        return False
    return _leads_to_devices(os.path.join(os.path.dirname(place), os.readlink(place)))


def _adopt_mode(file: IO[bytes], target: Path) -> None:
    """Give the new file the mode of the one it replaces, or the usual one for new files."""
    try:
        mode = target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.fchmod(file.fileno(), mode)
