"""Files that are replaced whole, or not at all."""

from __future__ import annotations

import os
import resource
import stat

import pytest

from fastw2v._files import atomic_write, check_writable


def write(path):
    with atomic_write(path) as file:
        file.write(b"new")


both = pytest.mark.parametrize("attempt", [write, check_writable])


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


@both
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path, attempt):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        attempt(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(IsADirectoryError, match="name a file"):
        attempt(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


@both
def test_an_open_file_is_not_replaced_by_way_of_its_device(tmp_path, attempt):
    (tmp_path / "log").write_bytes(b"old")
    with open(tmp_path / "log", "ab") as log:
        device = f"/dev/fd/{log.fileno()}"
        (tmp_path / "link").symlink_to(device)
        (tmp_path / "devices").symlink_to("/dev/fd")
        for path in (device, tmp_path / "link", tmp_path / "devices" / str(log.fileno())):
            with pytest.raises(OSError, match="not a regular file"):
                attempt(path)
    assert (tmp_path / "log").read_bytes() == b"old"


@both
@pytest.mark.parametrize("length", [242, 255])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path, attempt, length):
    attempt(tmp_path / ("v" * length))
    with pytest.raises(OSError, match="too long"):
        attempt(tmp_path / ("v" * 256))
    assert all(len(entry.name) == length for entry in tmp_path.iterdir())


@both
def test_paths_that_name_nothing_are_refused_by_name(tmp_path, attempt, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"path ''.*name a file"):
        attempt("")
    with pytest.raises(ValueError, match=r"'v\\x00\.bin'.*NUL"):
        attempt("v\0.bin")
    with pytest.raises(FileNotFoundError, match=r"cannot write: .*gone/v\.bin"):
        attempt("gone/v.bin")


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    (tmp_path / "v.bin").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with (
            pytest.raises(OSError, match=r"cannot write: .*v\.bin"),
            atomic_write(tmp_path / "v.bin") as file,
        ):
            file.write(bytes(1 << 21))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"old"]


def test_ctrl_c_while_a_path_is_checked_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*args):
        os.close(really_open(*args))
        raise KeyboardInterrupt

    really_open = os.open
    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check_writable(tmp_path / "v.bin")
    assert list(tmp_path.iterdir()) == []
