"""The two files of TensorBoard's Embedding Projector."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v.projector as projector
from fastw2v import KeyedVectors
from fastw2v.errors import FormatError

WORDS = ["왕", "두 낱말", "king"]
VECTORS = np.array([[0.5, -1e-7, 3], [1, 2, 1e10], [0.1, 0.2, 0.3]], np.float32)


@pytest.mark.parametrize("counts", [None, [9, 5, 1]])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_there_and_back(tmp_path: Path, counts: Any, dtype: str) -> None:
    vectors = np.minimum(VECTORS, 1000).astype(dtype)
    wv = KeyedVectors.from_arrays(WORDS, vectors, counts)
    wv.save_projector(tmp_path / "vectors.tsv")
    assert sorted(os.listdir(tmp_path)) == ["metadata.tsv", "vectors.tsv"]
    found = KeyedVectors.load_projector(str(tmp_path / "vectors.tsv"))
    assert found.index_to_key == WORDS
    assert (found.counts is None) if counts is None else found.counts.tolist() == counts  # type: ignore[union-attr]
    np.testing.assert_array_equal(found.vectors, vectors.astype(np.float32))


def test_the_files_are_as_the_projector_wants_them(tmp_path: Path) -> None:
    KeyedVectors.from_arrays(WORDS, VECTORS).save_projector(tmp_path / "ko.tsv")
    assert (tmp_path / "ko.tsv").read_text().split("\n")[0] == "0.5\t-1e-07\t3"
    assert (tmp_path / "ko.metadata.tsv").read_text(encoding="utf-8") == "왕\n두 낱말\nking\n"


@pytest.mark.parametrize(
    "metadata",
    ["왕\nking", "왕\r\nking\r\n", "word\tcount\n왕\t1\nking\t2\n", "pos\tWord\nn\t왕\nn\tking\n"],
)
def test_metadata_of_other_programs(tmp_path: Path, metadata: str) -> None:
    (tmp_path / "vectors.tsv").write_text("1\t2\r\n3\t4")
    (tmp_path / "metadata.tsv").write_text(metadata, encoding="utf-8", newline="")
    found = KeyedVectors.load_projector(tmp_path / "vectors.tsv")
    assert found.index_to_key == ["왕", "king"] and found["king"].tolist() == [3, 4]


@pytest.mark.parametrize("key", ["a\tb", "a\nb", "a\rb", "a\u2028b", "", " "])
def test_keys_that_the_projector_would_lose_are_refused(tmp_path: Path, key: str) -> None:
    wv = KeyedVectors.from_arrays(["a", key], np.zeros((2, 2), np.float32))
    with pytest.raises(ValueError, match="is empty or holds a tab or the end of a line"):
        wv.save_projector(tmp_path / "vectors.tsv")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("vectors", "counts", "problem"),
    [
        (np.eye(1), None, r"vectors must have shape \(n, d\) with n = 2"),
        (np.ones(2), None, r"vectors must have shape \(n, d\) with n = 2"),
        (np.eye(2), np.ones(3, int), r"counts must have shape \(2,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    tmp_path: Path, vectors: Any, counts: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        projector.write_projector(tmp_path / "vectors.tsv", ["왕", "king"], vectors, counts)
    assert os.listdir(tmp_path) == []


def test_progress_is_shown_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    KeyedVectors.from_arrays(WORDS, VECTORS).save_projector(tmp_path / "v.tsv", progress=True)
    assert "writing  100.0 %  3 vectors" in capsys.readouterr().err
    KeyedVectors.load_projector(tmp_path / "v.tsv", progress=True)
    assert "reading  3 vectors" in capsys.readouterr().err


def test_neither_file_is_touched_by_a_failure(tmp_path: Path) -> None:
    for name in ("vectors.tsv", "metadata.tsv"):
        (tmp_path / name).write_text("old")
    wv = KeyedVectors.from_arrays(["a", "b"], np.array([[1, 2], [3, np.nan]], np.float32))
    with pytest.raises(ValueError, match="the vector of key 'b' holds NaN"):
        wv.save_projector(tmp_path / "vectors.tsv")
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("vectors", "metadata", "problem"),
    [
        ("", "", "vectors.tsv: line 1: the file has no vectors"),
        ("\n\n", "", "vectors.tsv: line 1: the file has no vectors"),
        ("1\t2\n3\n", "a\nb\n", "vectors.tsv: line 2: expected 2 numbers, found 1"),
        ("1\t2\n3\t4\t5\n", "a\nb\n", "vectors.tsv: line 2: expected 2 numbers, found 3"),
        ("1\t2\n3\tx\n", "a\nb\n", "vectors.tsv: line 2: b'x' is not a number"),
        ("1\t2\n\n3\t4\n", "a\nb\n", "vectors.tsv: line 2: the line is empty"),
        ("1\t2\n3\tnan\n", "a\nb\n", "vectors.tsv: line 2: the vector holds NaN or infinity"),
        ("1\t2\n3\t1e39\n", "a\nb\n", "vectors.tsv: line 2: the vector holds NaN or infinity"),
        ("1\t2\n3\t4\n", "a\n", "metadata.tsv: line 1: the file ends after 1 words"),
        ("1\t2\n", "a\nb\n", "metadata.tsv: line 2: the file ends after 2 words"),
        ("1\t2\n3\t4\n", "a\na\n", "metadata.tsv: keys must be distinct, got 'a' twice"),
        ("1\t2\n3\t4\n", "w\tcount\na\t1\nb\tx\n", "metadata.tsv: line 3: 'x' is not a count"),
        ("1\t2\n3\t4\n", "w\tcount\na\t1\nb\n", "metadata.tsv: line 3: 1 columns, line 1 has 2"),
        ("1\t2\n3\t4\n", b"a\n\xff\n", "metadata.tsv: line 2: not UTF-8"),
    ],
)
@pytest.mark.parametrize("block", [1, 5, 1 << 20])
def test_bad_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    vectors: str,
    metadata: str | bytes,
    problem: str,
    block: int,
) -> None:
    monkeypatch.setattr(projector, "_BLOCK", block)
    (tmp_path / "vectors.tsv").write_text(vectors)
    data = metadata if isinstance(metadata, bytes) else metadata.encode()
    (tmp_path / "metadata.tsv").write_bytes(data)
    with pytest.raises(FormatError, match=problem):
        KeyedVectors.load_projector(tmp_path / "vectors.tsv")


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"vectors\.tsv"):
        KeyedVectors.load_projector(tmp_path / "vectors.tsv")
    (tmp_path / "vectors.tsv").write_text("1\t2\n")
    with pytest.raises(FileNotFoundError, match=r"metadata\.tsv"):
        KeyedVectors.load_projector(tmp_path / "vectors.tsv")
