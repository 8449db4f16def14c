"""Files that are replaced whole, or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from fastw2v._files import atomic_write, check_writable


def write(path):
    with atomic_write(path) as file:
        file.write(b"new")


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


@pytest.mark.parametrize("attempt", [write, check_writable])
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path, attempt):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        attempt(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(IsADirectoryError, match="name a file"):
        attempt(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]
