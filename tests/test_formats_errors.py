"""Bad word2vec files, and data that the formats cannot carry: nothing passes in silence."""

from __future__ import annotations

import errno
import gzip
import os
import re
import tracemalloc
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v._formats.word2vec_reader as reader
from fastw2v.errors import FormatError, TruncatedError
from fastw2v.formats import read_word2vec, write_word2vec

FORMATS = [
    pytest.param({"binary": True}, "v.bin", id="binary"),
    pytest.param({"binary": True}, "v.bin.gz", id="binary-gz"),
    pytest.param({}, "v.txt", id="text"),
    pytest.param({}, "v.txt.gz", id="text-gz"),
    pytest.param({"no_header": True}, "v.vec", id="glove"),
    pytest.param({"no_header": True}, "v.vec.gz", id="glove-gz"),
]


def made_vectors(rows: int, dims: int, seed: int = 0, dtype: Any = np.float32) -> Any:
    """Values of every size, as training never makes them but files may hold them."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, dims)) * 10.0 ** rng.integers(-6, 4, (rows, dims))
    return values.astype(dtype)


def write(path: Path, keys: Any, vectors: Any, options: dict[str, bool]) -> None:
    header = not options.get("no_header", False)
    write_word2vec(path, keys, vectors, binary=options.get("binary", False), write_header=header)


def binary_file(path: Path, rows: Sequence[tuple[bytes, Any]], header: bytes, end: bytes) -> Path:
    body = b"".join(word + b" " + np.asarray(v, "<f4").tobytes() + end for word, v in rows)
    path.write_bytes(header + body)
    return path


def text_file(path: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def assert_same(found: tuple[list[str], Any], words: Sequence[Any], vectors: Any) -> None:
    assert found[0] == list(words)
    assert found[1].dtype == vectors.dtype and found[1].shape == vectors.shape
    assert found[1].tobytes() == np.ascontiguousarray(vectors).tobytes()


# Bad files


@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_a_file_cut_at_any_byte_is_refused(tmp_path: Path, options: Any, name: str) -> None:
    vectors = np.array([[0.5, -1.25], [3.0, 0.1], [7.0, 8.5]], np.float32)
    write(tmp_path / name, ["왕", "b", "여왕"], vectors, options)
    content = (tmp_path / name).read_bytes()
    path = tmp_path / f"cut{name}"
    for size in range(len(content)):
        path.write_bytes(content[:size])
        try:
            words, found = read_word2vec(path, **options)
        except FormatError as error:
            assert re.search(r"(line|byte) \d+", str(error)), size
            assert error.path == str(path)
        else:
            # Cut digits are still a number, and without a header whole rows are never missed.
            assert not options.get("binary") and not name.endswith(".gz"), size
            assert words == ["왕", "b", "여왕"][: len(words)], size
            assert options or len(words) == 3, size
            assert found[:-1].tobytes() == vectors[: len(words) - 1].tobytes(), size


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("binary", [False, True])
def test_missing_rows_say_both_counts_and_where(tmp_path: Path, binary: bool, suffix: str) -> None:
    path = tmp_path / f"v{suffix}"
    body = b"a \0\0\0\0b \0\0\0\0" if binary else b"a 0\nb 0\n"
    text_file(path, b"5 1\n" + body)
    where = "byte 16" if binary else "line 4"
    message = f"{where}: the header promises 5 rows, the file ends after 2; .*limit=2"
    with pytest.raises(TruncatedError, match=message):
        read_word2vec(path, binary=binary)
    with pytest.raises(EOFError):
        read_word2vec(path, binary=binary, limit=3)
    assert read_word2vec(path, binary=binary, limit=2)[0] == ["a", "b"]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("promised", [0, 1])
def test_more_rows_than_promised_are_not_dropped(
    tmp_path: Path, binary: bool, suffix: str, promised: int
) -> None:
    path = tmp_path / f"v{suffix}"
    body = b"a \0\0\0\0b \0\0\0\0" if binary else b"a 0\nb 0\n"
    text_file(path, b"%d 1\n" % promised + body)
    where = f"byte {4 + 6 * promised}" if binary else f"line {2 + promised}"
    with pytest.raises(
        FormatError, match=f"{where}: the header promises {promised} rows, the file"
    ):
        read_word2vec(path, binary=binary)
    if promised:
        assert read_word2vec(path, binary=binary, limit=1)[0] == ["a"]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("header", [b"999999999999999999 300", b"100000 1000000", b"9 999999999"])
def test_a_lying_header_allocates_nothing(
    tmp_path: Path, header: bytes, binary: bool, suffix: str
) -> None:
    path = text_file(tmp_path / f"v{suffix}", header + b"\na 1.0 2.0 3.0\n")
    tracemalloc.start()
    with pytest.raises(FormatError):
        read_word2vec(path, binary=binary)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6


@pytest.mark.parametrize(
    "header", ["", "\n", "3\n", "a b\n", "3 0\n", "-1 3\n", "3 4 5\n", "3 2.5\n"]
)
@pytest.mark.parametrize("binary", [False, True])
def test_bad_headers(tmp_path: Path, header: str, binary: bool) -> None:
    path = text_file(tmp_path / "v", header)
    with pytest.raises(FormatError, match=r"line 1: (the file is empty|.*pass no_header=True)"):
        read_word2vec(path, binary=binary)


def test_empty_files(tmp_path: Path) -> None:
    for name in ("v", "v.gz"):
        path = text_file(tmp_path / name, "")
        for options in ({}, {"binary": True}, {"no_header": True}):
            with pytest.raises(FormatError, match="line 1: the file is empty"):
                read_word2vec(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("b 1 x 3", "b'x' is not a number"),
        ("b 1 2 3,5", "b'3,5' is not a number"),
        ("b 1 0x10 3", "b'0x10' is not a number"),
        ("b 1 1_0 3", "b'1_0' is not a number"),
        ("b 1 2", "expected 3 numbers after the word, found 2"),
        ("b", "expected 3 numbers after the word, found 0"),
        ("", "the line is empty"),
        ("New York 1 2", "b'York' is not a number"),
        ("b 1  3", "b'' is not a number"),
        ("b 1\t2 3", "expected 3 numbers after the word, found 2"),
        ("b 1\t2 3 4", "b'1.t2' is not a number"),
        ("b 1 nan 3", "the vector of 'b' holds NaN or infinity"),
        ("b 1 -inf 3", "the vector of 'b' holds NaN or infinity"),
        ("b 1 1e39 3", "the vector of 'b' holds NaN or infinity as float32"),
    ],
)
@pytest.mark.parametrize("no_header", [False, True])
@pytest.mark.parametrize("block", [4, 1 << 22])
def test_malformed_rows_are_named_by_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    row: str,
    problem: str,
    no_header: bool,
    block: int,
) -> None:
    monkeypatch.setattr(reader, "_BLOCK", block)
    text = ("" if no_header else "4 3\n") + f"왕 1 2 3\nc 4 5 6\n{row}\nd 7 8 9\n"
    line = 3 if no_header else 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FormatError, match=f"line {line}: .*{problem}"):
            read_word2vec(text_file(tmp_path / "v", text), no_header=no_header)


def test_numbers_that_make_up_for_each_other_are_still_wrong(tmp_path: Path) -> None:
    path = text_file(tmp_path / "v", "2 3\na 1 2\t9 3\nb 4  6\n")
    with pytest.raises(FormatError, match="line 2"):
        read_word2vec(path)


def test_dimensions_must_fit_the_rows(tmp_path: Path) -> None:
    for promised in (2, 4):
        path = text_file(tmp_path / "v", f"2 {promised}\n왕 1 2 3\nb 4 5 6\n")
        message = f"line 2: expected {promised} numbers after the word, found 3"
        with pytest.raises(FormatError, match=message):
            read_word2vec(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_binary_nan_and_infinity_are_named_by_word_and_byte(tmp_path: Path, value: float) -> None:
    rows = [(b"a", [1, 2]), ("왕".encode(), [3, value]), (b"c", [5, 6])]
    path = binary_file(tmp_path / "v", rows, b"3 2\n", b"\n")
    with pytest.raises(FormatError, match="byte 14: the vector of '왕' holds NaN or infinity"):
        read_word2vec(path, binary=True)


def test_values_too_large_for_float16(tmp_path: Path) -> None:
    write_word2vec(tmp_path / "v", ["a"], np.array([[1e6]], np.float32), binary=True)
    with pytest.raises(FormatError, match="'a' holds NaN or infinity as float16"):
        read_word2vec(tmp_path / "v", binary=True, datatype=np.float16)


@pytest.mark.parametrize("dims", [1, 2, 100])
@pytest.mark.parametrize("rows", [1, 3, 50])
def test_text_and_binary_are_told_apart(tmp_path: Path, rows: int, dims: int) -> None:
    words = [f"w{row}" for row in range(rows)]
    vectors = np.random.default_rng(2).normal(size=(rows, dims)).astype(np.float32)
    write_word2vec(tmp_path / "t", words, vectors)
    write_word2vec(tmp_path / "b", words, vectors, binary=True)
    with pytest.raises(FormatError, match=r"byte .* is text: pass binary=False"):
        read_word2vec(tmp_path / "t", binary=True)
    if dims > 1:  # one value alone may happen to look like anything
        with pytest.raises(FormatError, match=r"line 2.*pass binary=True"):
            read_word2vec(tmp_path / "b")


def test_a_header_where_none_is_expected_and_the_reverse(tmp_path: Path) -> None:
    path = text_file(tmp_path / "v", "2 3\n왕 1 2 3\nb 4 5 6\n")
    with pytest.raises(FormatError, match=r"line 1: .* is a header: pass no_header=False"):
        read_word2vec(path, no_header=True)
    path = text_file(tmp_path / "v", "왕 1 2 3\nb 4 5 6\n")
    with pytest.raises(FormatError, match=r"line 1: .*pass no_header=True"):
        read_word2vec(path)


def test_damaged_gzip_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "v.bin.gz"
    write_word2vec(path, [f"w{row}" for row in range(500)], made_vectors(500, 20), binary=True)
    content = path.read_bytes()
    for damaged in (
        b"not gzip at all",
        content[: len(content) // 2],
        content[:-4],
        content[:-8] + b"\0" * 8,
        content[: len(content) // 2] + b"\xff" * 200 + content[len(content) // 2 + 200 :],
    ):
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match=r"v\.bin\.gz: byte \d+") as caught:
            read_word2vec(path, binary=True)
        assert "gzip" in str(caught.value) or "NaN" in str(caught.value)
    (tmp_path / "v.bin").write_bytes(content)
    with pytest.raises(FormatError, match=r"gzip file end in .gz"):
        read_word2vec(tmp_path / "v.bin", binary=True)


def test_missing_files_and_directories(tmp_path: Path) -> None:
    for name in ("nothing", "nothing.gz"):
        with pytest.raises(FileNotFoundError, match=name):
            read_word2vec(tmp_path / name)
    for name in ("folder", "folder.gz"):
        (tmp_path / name).mkdir()
        with pytest.raises(IsADirectoryError, match=name):
            read_word2vec(tmp_path / name)
        with pytest.raises(IsADirectoryError, match=name):
            write_word2vec(tmp_path / name, ["a"], made_vectors(1, 2))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_word2vec(tmp_path / "nowhere" / "v", ["a"], made_vectors(1, 2))


def test_wrong_arguments(tmp_path: Path) -> None:
    path = text_file(tmp_path / "v", "1 2\na 1 2\n")
    with pytest.raises(ValueError, match="limit must be an integer of at least 1, got 0"):
        read_word2vec(path, limit=0)
    with pytest.raises(TypeError, match="limit"):
        read_word2vec(path, limit=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no_header=True needs binary=False"):
        read_word2vec(path, binary=True, no_header=True)
    for datatype in (np.int32, "complex64"):
        with pytest.raises(ValueError, match="datatype must be one of float16, float32, float64"):
            read_word2vec(path, datatype=datatype)


# Refusals to write


@pytest.mark.parametrize(
    ("key", "text", "binary"),
    [
        ("New York", "space", "space"),
        (" ", "space", "space"),
        ("a\nb", "newline", None),
        ("\na", "newline", "begins with a newline"),
        ("\udc80", "valid Unicode", "valid Unicode"),
        ("왕", "twice", "twice"),
        ("a\tb", None, None),
        ("\r", None, None),
        ("", None, None),
        ("\u00a0", None, None),
        ("\u2028", None, None),
        ("\0", None, None),
    ],
)
def test_keys_are_refused_exactly_where_readers_would_lose_them(
    tmp_path: Path, key: str, text: str | None, binary: str | None
) -> None:
    words, vectors = ["왕", key, "c"], made_vectors(3, 4)
    for problem, is_binary in ((text, False), (binary, True)):
        path = tmp_path / f"v{is_binary}"
        if problem is None:
            write_word2vec(path, words, vectors, binary=is_binary)
            assert_same(read_word2vec(path, binary=is_binary), words, vectors)
        else:
            with pytest.raises(ValueError, match=f"key {re.escape(repr(key))} .*{problem}"):
                write_word2vec(path, words, vectors, binary=is_binary)
            assert not path.exists()


@pytest.mark.parametrize("binary", [False, True])
def test_nan_is_not_written_and_the_old_file_stays(tmp_path: Path, binary: bool) -> None:
    path = tmp_path / "v"
    path.write_text("old")
    vectors = made_vectors(3000, 400)
    vectors[-1, 7] = np.nan
    with pytest.raises(ValueError, match="the vector of key 'w2999' holds NaN or infinity"):
        write_word2vec(path, [f"w{row}" for row in range(3000)], vectors, binary=binary)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["v"]


def test_binary_values_beyond_float32_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'a' holds NaN or infinity as float32"):
        write_word2vec(tmp_path / "v", ["a"], np.array([[1e300]]), binary=True)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for name in ("v", "v.gz"):
        with pytest.raises(OSError, match="No space left"):
            write_word2vec(tmp_path / name, ["a"], made_vectors(1, 2))
    assert os.listdir(tmp_path) == []


def test_shapes_that_do_not_fit(tmp_path: Path) -> None:
    for vectors in (made_vectors(3, 2), made_vectors(1, 2)[0], np.zeros((2, 2), int)):
        with pytest.raises(ValueError, match=r"vectors must be floats of shape \(2, d\)"):
            write_word2vec(tmp_path / "v", ["a", "b"], vectors)
    with pytest.raises(ValueError, match="write_header=False needs"):
        write_word2vec(tmp_path / "v", ["a"], made_vectors(1, 2), binary=True, write_header=False)
    with pytest.raises(ValueError, match="write_header=False needs"):
        write_word2vec(tmp_path / "v", [], made_vectors(0, 2), write_header=False)
    assert os.listdir(tmp_path) == []
