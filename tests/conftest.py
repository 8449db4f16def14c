"""Fixtures for tests that make temporary files and threads."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a temporary file or a thread behind."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    threads = set(threading.enumerate())
    yield
    assert sorted(place.iterdir()) == []
    assert set(threading.enumerate()) - threads == set()
