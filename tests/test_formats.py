"""word2vec files: exchange with gensim bit by bit, and every way in which a file can be bad."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v._formats.word2vec_reader as reader
from fastw2v.errors import FormatError
from fastw2v.formats import read_word2vec, write_word2vec

WORDS = ["왕", "king", "여왕", "a\tb", "#", "1", "-0.5", "nan", "\u00a0", "\u3000", "e\u0301", "😀"]
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


# Round trips


@pytest.mark.parametrize("dims", [1, 2, 7, 100])
@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_every_bit_comes_back(tmp_path: Path, options: Any, name: str, dims: int) -> None:
    vectors = made_vectors(len(WORDS), dims)
    write(tmp_path / name, WORDS, vectors, options)
    assert_same(read_word2vec(tmp_path / name, **options), WORDS, vectors)
    assert_same(read_word2vec(str(tmp_path / name), **options), WORDS, vectors)


@pytest.mark.parametrize("options", [{"binary": True}, {}], ids=["binary", "text"])
def test_extreme_floats_come_back(tmp_path: Path, options: Any) -> None:
    limits = np.finfo(np.float32)
    values = [0.0, -0.0, limits.max, limits.min, limits.tiny, limits.smallest_subnormal, 1 / 3]
    bits = np.random.default_rng(5).integers(0, 2**32, 20_000, dtype=np.uint32)
    floats = bits.view(np.float32)
    vectors = np.concatenate([np.array(values, np.float32), floats[np.isfinite(floats)]])[:, None]
    words = [f"w{row}" for row in range(len(vectors))]
    write_word2vec(tmp_path / "v", words, vectors, **options)
    assert_same(read_word2vec(tmp_path / "v", **options), words, vectors)


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_text_carries_other_dtypes_exactly(tmp_path: Path, dtype: Any) -> None:
    vectors = np.random.default_rng(1).normal(size=(9, 5)).astype(dtype)
    write_word2vec(tmp_path / "v", list("abcdefghi"), vectors)
    assert_same(read_word2vec(tmp_path / "v", datatype=dtype), list("abcdefghi"), vectors)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_binary_holds_float32(tmp_path: Path, dtype: Any) -> None:
    vectors = made_vectors(3, 4, dtype=np.float64)
    write_word2vec(tmp_path / "v", ["a", "b", "c"], vectors, binary=True)
    expected = vectors.astype(np.float32).astype(dtype)
    assert_same(read_word2vec(tmp_path / "v", binary=True, datatype=dtype), "abc", expected)


@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_padded_rows_and_blocks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Any, name: str
) -> None:
    vectors = made_vectors(40, 16)[:, :11]
    words = [f"낱말{row}" * (row % 5 + 1) for row in range(40)]
    write(tmp_path / name, words, vectors, options)
    for block in (1, 2, 3, 5, 64, 1000):
        monkeypatch.setattr(reader, "_BLOCK", block)
        assert_same(read_word2vec(tmp_path / name, **options), words, vectors)


@pytest.mark.parametrize(("options", "name"), FORMATS)
@pytest.mark.parametrize("limit", [1, 2, 11, 12, 13, np.int64(5)])
def test_limit(tmp_path: Path, options: Any, name: str, limit: int) -> None:
    vectors = made_vectors(len(WORDS), 3)
    write(tmp_path / name, WORDS, vectors, options)
    found = read_word2vec(tmp_path / name, limit=limit, **options)
    assert_same(found, WORDS[:limit], vectors[:limit])


@pytest.mark.parametrize("options", [{"binary": True}, {}], ids=["binary", "text"])
def test_no_rows_but_dimensions(tmp_path: Path, options: Any) -> None:
    write_word2vec(tmp_path / "v", [], np.empty((0, 7), np.float32), **options)
    assert_same(read_word2vec(tmp_path / "v", **options), [], np.empty((0, 7), np.float32))


def test_integer_keys_come_back_as_strings(tmp_path: Path) -> None:
    write_word2vec(tmp_path / "v", [10, -3], made_vectors(2, 3))
    assert read_word2vec(tmp_path / "v")[0] == ["10", "-3"]


def test_gzip_files_are_gzip_files_and_repeat_exactly(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.gz", "a.txt"):
        write_word2vec(tmp_path / name, WORDS, made_vectors(len(WORDS), 3))
    compressed = (tmp_path / "a.txt.gz").read_bytes()
    assert gzip.decompress(compressed) == (tmp_path / "a.txt").read_bytes()
    assert compressed == (tmp_path / "b.txt.gz").read_bytes()


# Spelling of other programs


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"], ids=["none", "newline", "two newlines"])
def test_binary_rows_may_end_in_newlines(tmp_path: Path, end: bytes) -> None:
    vectors = made_vectors(3, 4)
    rows = list(zip([b"a", b"b\n", b"c"], vectors, strict=True))
    path = binary_file(tmp_path / "v", rows, b"3 4\n", end)
    assert_same(read_word2vec(path, binary=True), ["a", "b\n", "c"], vectors)


@pytest.mark.parametrize(
    "text",
    [
        "2 3\n왕 1 2 3\nb 4 5 6\n",
        "2 3\n왕 1 2 3\nb 4 5 6",
        "2 3 \r\n왕 1 2 3\r\nb 4 5 6\r\n",
        "2 3\n왕 1 2 3 \nb 4 5 6 \n",
        "  2\t003\n왕 1e0 +2.0 .3e1\nb 4. 5e+0 600e-2\n",
        "2 3\n왕 1 2 3\nb 4 5 6\n\n \n",
    ],
    ids=["plain", "no last newline", "CRLF", "word2vec.c", "numbers", "blank end"],
)
def test_text_of_other_programs(tmp_path: Path, text: str) -> None:
    expected = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
    assert_same(read_word2vec(text_file(tmp_path / "v", text)), ["왕", "b"], expected)
    rows = text_file(tmp_path / "g", text.partition("\n")[2])
    assert_same(read_word2vec(rows, no_header=True), ["왕", "b"], expected)


@pytest.mark.parametrize("no_header", [False, True])
def test_words_with_spaces_are_read(tmp_path: Path, no_header: bool) -> None:
    words = ["New York", ". . .", "", "at  name@domain.com", " ", "Route 66", "서울 특별시"]
    vectors = made_vectors(len(words), 3)
    lines = [
        f"{w} {a!r} {b!r} {c!r}\n" for w, (a, b, c) in zip(words, vectors.tolist(), strict=True)
    ]
    header = "" if no_header else f"{len(words)} 3\n"
    path = text_file(tmp_path / "v", header + "".join(lines))
    assert_same(read_word2vec(path, no_header=no_header), words, vectors)


def test_a_number_may_be_the_first_word(tmp_path: Path) -> None:
    path = text_file(tmp_path / "v", "3 1 2\n4 5 6\n")
    words, vectors = read_word2vec(path, no_header=True)
    assert words == ["3", "4"] and vectors.tolist() == [[1, 2], [5, 6]]
    path = text_file(tmp_path / "v", "3 1\n4 5\n")
    assert read_word2vec(path, no_header=True)[0] == ["3", "4"]


def test_encodings(tmp_path: Path) -> None:
    path = text_file(tmp_path / "v", "1 2\n한글 1 2\n".encode("euc-kr"))
    assert read_word2vec(path, encoding="euc-kr")[0] == ["한글"]
    with pytest.raises(FormatError, match=r"line 2: the word .* is not utf8 .*unicode_errors="):
        read_word2vec(path)
    for encoding in ("klingon", "hex", "rot13"):  # the last two are no encodings of text
        with pytest.raises(ValueError, match=f"encoding must be one of text .*, got '{encoding}'"):
            read_word2vec(path, encoding=encoding)
    with pytest.raises(ValueError, match=r"unicode_errors must be .*'shrug'"):
        read_word2vec(path, unicode_errors="shrug")


def test_words_cut_inside_a_character(tmp_path: Path) -> None:
    cut = "왕".encode()[:2]
    text = text_file(tmp_path / "t", b"2 1\na 1\nb" + cut + b" 2\n")
    binary = binary_file(tmp_path / "b", [(b"a", [1.0]), (b"b" + cut, [2.0])], b"2 1\n", b"\n")
    for path, is_binary, where in ((text, False, "line 3"), (binary, True, "byte 10")):
        with pytest.raises(FormatError, match=where):
            read_word2vec(path, binary=is_binary)
        for errors, word in (("ignore", "b"), ("replace", "b\ufffd")):
            found = read_word2vec(path, binary=is_binary, unicode_errors=errors)
            assert found[0] == ["a", word]


@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_repeated_words_keep_their_first_row_with_a_warning(
    tmp_path: Path, options: Any, name: str
) -> None:
    vectors = made_vectors(5, 2)
    write(tmp_path / name, ["1", "2", "3", "4", "5"], vectors, options)
    opener: Any = gzip.open if name.endswith(".gz") else open
    with opener(tmp_path / name, "rb") as file:
        content = file.read()
    for old, new in ((b"3 ", b"1 "), (b"5 ", b"1 "), (b"4 ", b"2 ")):
        if "bin" in name:
            where = content.rindex(old + vectors[int(old) - 1].tobytes())
        else:
            where = content.rindex(b"\n" + old) + 1
        content = content[:where] + new + content[where + 2 :]
    with opener(tmp_path / name, "wb") as file:
        file.write(content)
    with pytest.warns(UserWarning, match=r"3 rows repeat an earlier word .* is '1'"):
        found = read_word2vec(tmp_path / name, **options)
    assert_same(found, ["1", "2"], vectors[:2])


# Exchange with gensim


SAFE = [*WORDS, "\r", "\0", "", "\u2028", "#hash", "\x85"]


# gensim leaves the file open that it reads without a header.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_gensim_reads_every_bit(tmp_path: Path, options: Any, name: str) -> None:
    models = pytest.importorskip("gensim.models")
    words = [*SAFE, "a\nb"] if options.get("binary") else SAFE
    vectors = made_vectors(len(words), 25, seed=3)
    write(tmp_path / name, words, vectors, options)
    found = models.KeyedVectors.load_word2vec_format(str(tmp_path / name), **options)
    assert_same((found.index_to_key, found.vectors), words, vectors)


@pytest.mark.parametrize(("options", "name"), FORMATS)
def test_every_bit_of_gensim_is_read(tmp_path: Path, options: Any, name: str) -> None:
    models = pytest.importorskip("gensim.models")
    words = [*SAFE, "a\nb"] if options.get("binary") else SAFE
    vectors = made_vectors(len(words), 25, seed=4)
    other = models.KeyedVectors(25)
    other.add_vectors(words, vectors)
    other.save_word2vec_format(
        str(tmp_path / name),
        binary=options.get("binary", False),
        write_header="no_header" not in options,
    )
    assert_same(read_word2vec(tmp_path / name, **options), words, vectors)
    if options.get("binary"):
        write_word2vec(tmp_path / f"own{name}", words, vectors, binary=True)
        opener: Any = gzip.open if name.endswith(".gz") else open
        with opener(tmp_path / name, "rb") as theirs, opener(tmp_path / f"own{name}", "rb") as ours:
            assert theirs.read() == ours.read()


@pytest.mark.parametrize("binary", [False, True])
def test_keys_that_are_refused_are_those_gensim_loses(tmp_path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    vectors = made_vectors(2, 3)
    for key in ["New York", " ", "\na", *([] if binary else ["a\nb"])]:
        other = models.KeyedVectors(3)
        other.add_vectors(["왕", key], vectors)
        path = str(tmp_path / "v")
        other.save_word2vec_format(path, binary=binary)
        try:
            found = models.KeyedVectors.load_word2vec_format(path, binary=binary).index_to_key
        except (ValueError, EOFError):
            found = None
        assert found != ["왕", key]
        with pytest.raises(ValueError, match="key"):
            write_word2vec(path, ["왕", key], vectors, binary=binary)
