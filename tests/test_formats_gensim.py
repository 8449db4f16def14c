"""The word2vec methods of KeyedVectors, as programs written for gensim use them."""

from __future__ import annotations

import gzip
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v._formats.word2vec_reader as reader
from fastw2v import KeyedVectors
from fastw2v.errors import FormatError, TruncatedError
from fastw2v.formats import read_word2vec

WORDS = ["왕", "king", "여왕", "queen", "서울", "도쿄"]
COUNTS = [3, 50, 7, 7, 1, 20]
BY_COUNT = ["king", "도쿄", "여왕", "queen", "왕", "서울"]
both = pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])


def made(dims: int = 5, seed: int = 0, dtype: Any = np.float32) -> KeyedVectors:
    vectors = np.random.default_rng(seed).normal(size=(len(WORDS), dims)).astype(dtype)
    return KeyedVectors.from_arrays(WORDS, vectors, COUNTS)


def assert_same(found: KeyedVectors, keys: list[str], wv: KeyedVectors) -> None:
    assert found.index_to_key == keys
    np.testing.assert_array_equal(found.vectors, wv[keys])


# Parameters


@both
def test_rows_are_sorted_by_count_as_gensim_does(tmp_path: Path, binary: bool) -> None:
    wv = made()
    wv.save_word2vec_format(tmp_path / "v", binary=binary)
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary), BY_COUNT, wv)
    wv.save_word2vec_format(tmp_path / "v", binary=binary, sort_attr=None)
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary), WORDS, wv)
    wv.set_vecattr("왕", "종류", "사람")
    with pytest.raises(TypeError, match="sort_attr='종류' must hold numbers"):
        wv.save_word2vec_format(tmp_path / "x", sort_attr="종류")
    with pytest.raises(KeyError, match="sort_attr='size' is unknown; there is 'count'"):
        wv.save_word2vec_format(tmp_path / "v", sort_attr="size")
    wv.expandos["size"] = np.arange(6)
    wv.save_word2vec_format(tmp_path / "v", binary=binary, sort_attr="size")
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary), WORDS[::-1], wv)


@both
def test_gensim_writes_the_same_order(tmp_path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    wv = made()
    other = models.KeyedVectors(5)
    other.add_vectors(WORDS, wv.vectors)
    for word, count in zip(WORDS, COUNTS, strict=True):
        other.set_vecattr(word, "count", count)
    other.save_word2vec_format(
        str(tmp_path / "theirs"), fvocab=str(tmp_path / "their counts"), binary=binary
    )
    wv.save_word2vec_format(tmp_path / "ours", fvocab=tmp_path / "our counts", binary=binary)
    assert (tmp_path / "our counts").read_bytes() == (tmp_path / "their counts").read_bytes()
    for name in ("theirs", "ours"):
        found = KeyedVectors.load_word2vec_format(
            tmp_path / name, fvocab=tmp_path / "their counts", binary=binary
        )
        assert_same(found, BY_COUNT, wv)
        back = models.KeyedVectors.load_word2vec_format(
            str(tmp_path / name), fvocab=str(tmp_path / "our counts"), binary=binary
        )
        assert back.index_to_key == BY_COUNT
        assert [back.get_vecattr(word, "count") for word in WORDS] == COUNTS
        np.testing.assert_array_equal(back.vectors, found.vectors)


def test_arguments_may_be_given_in_gensims_order_and_by_name(tmp_path: Path) -> None:
    wv = made()
    wv.save_word2vec_format(str(tmp_path / "v"), str(tmp_path / "c"), True, None, True, "", False)
    found = KeyedVectors.load_word2vec_format(
        str(tmp_path / "v"), str(tmp_path / "c"), True, "utf8", "strict", 4, np.float64, False
    )
    assert_same(found, BY_COUNT[:4], wv)
    assert found.vectors.dtype == np.float64
    wv.save_word2vec_format(fname=tmp_path / "w", fvocab=None, binary=False, prefix="ko/")
    found = KeyedVectors.load_word2vec_format(fname=tmp_path / "w", encoding="utf8")
    assert found.index_to_key == [f"ko/{word}" for word in BY_COUNT]
    wv.save(fname=tmp_path / "n", separately=None, sep_limit=1, ignore=frozenset())
    assert_same(KeyedVectors.load(fname=str(tmp_path / "n"), mmap="r"), WORDS, wv)
    with pytest.raises(ValueError, match="mmap must be 'r' or None"):
        KeyedVectors.load(tmp_path / "n", mmap="w+")


@both
def test_progress_is_shown_where_it_is_asked_for(
    tmp_path: Path, binary: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    for progress in (False, None, True):
        made().save_word2vec_format(tmp_path / "v", binary=binary, progress=progress)
        KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary, progress=progress)
        shown = capsys.readouterr().err
        assert ("writing" in shown and "reading" in shown) == bool(progress)


# Counts


@both
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_counts_survive_in_a_vocabulary_file(tmp_path: Path, binary: bool, suffix: str) -> None:
    wv, vocab = made(), tmp_path / f"vocab{suffix}"
    wv.save_word2vec_format(tmp_path / "v", fvocab=vocab, binary=binary)
    found = KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=vocab, binary=binary)
    assert [found.get_vecattr(word, "count") for word in WORDS] == COUNTS
    few = KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=vocab, binary=binary, limit=2)
    assert few.counts is not None and few.counts.tolist() == [50, 20]


def test_without_a_vocabulary_file_no_counts_are_made_up(tmp_path: Path) -> None:
    made().save_word2vec_format(tmp_path / "v")
    assert KeyedVectors.load_word2vec_format(tmp_path / "v").counts is None
    with pytest.raises(ValueError, match="no counts for fvocab"):
        KeyedVectors.load_word2vec_format(tmp_path / "v").save_word2vec_format(
            tmp_path / "w", fvocab=tmp_path / "c"
        )
    with pytest.raises(ValueError, match="counts for fvocab must be integers, got float64"):
        KeyedVectors.from_arrays(["a"], np.eye(1), [1.5]).save_word2vec_format(
            tmp_path / "w", fvocab=tmp_path / "c"
        )
    assert sorted(os.listdir(tmp_path)) == ["v"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a 1\nb\n", "line 2: expected a word, a space and a count, found b'b"),
        (b"a 1\nb x\n", "line 2: expected a word"),
        (b"a 1\nb -1\n", "line 2: expected a word"),
        (b"a 1\nb 1.5\n", "line 2: expected a word"),
        (b"a 1\n\nb 1\n", "line 2: expected a word"),
        (b"a 1\nb 99999999999999999999\n", "line 2: expected a word"),
        (b"a 1\nb 9223372036854775808\n", "line 2: expected a word"),
        (b"a 1\na 2\n", "line 2: the word 'a' is there twice"),
        (b"a 1\n\xff 2\n", "line 2: the word .* is not utf8"),
        (b"a 1\n", "no count of 'b', which has a vector"),
        (b"", "no count of 'a'"),
    ],
)
def test_bad_vocabulary_files(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "v").write_text("2 1\na 1\nb 2\n")
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(FormatError, match=problem) as caught:
        KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=tmp_path / "c")
    assert caught.value.path == str(tmp_path / "c")


def test_vocabulary_files_of_other_programs(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("2 1\nNew York 1\n나 2\n")
    (tmp_path / "c").write_bytes("나 2\r\nNew York 9\r\n</s> 5\r\n".encode())
    found = KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=tmp_path / "c")
    assert found.counts is not None and found.counts.tolist() == [9, 2]


# Appending


@both
@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_appended_rows_are_counted_in_the_header(tmp_path: Path, binary: bool, suffix: str) -> None:
    path, wv, others = tmp_path / f"v{suffix}", made(), made(seed=1)
    wv.save_word2vec_format(path, binary=binary, append=True)  # there is no file yet
    others.save_word2vec_format(path, binary=binary, prefix="*", append=True)
    found = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert found.index_to_key == [*BY_COUNT, *(f"*{word}" for word in BY_COUNT)]
    np.testing.assert_array_equal(found.vectors[6:], others[BY_COUNT])
    assert os.listdir(tmp_path) == [path.name]


@both
def test_a_header_may_promise_what_is_appended_later(tmp_path: Path, binary: bool) -> None:
    path = tmp_path / "v"
    made().save_word2vec_format(path, binary=binary, total_vec=12)
    with pytest.raises(TruncatedError, match="promises 12 rows, the file ends after 6"):
        KeyedVectors.load_word2vec_format(path, binary=binary)
    made().save_word2vec_format(path, None, binary, None, False, "*", True)
    assert len(KeyedVectors.load_word2vec_format(path, binary=binary)) == 12
    with pytest.raises(ValueError, match="total_vec must be an integer of at least 6, got 5"):
        made().save_word2vec_format(path, total_vec=5)


def test_appending_to_a_file_without_a_header_or_a_last_newline(tmp_path: Path) -> None:
    path = tmp_path / "glove"
    path.write_text("a 1 2 3 4 5")
    made().save_word2vec_format(path, write_header=False, append=True)
    assert KeyedVectors.load_word2vec_format(path, no_header=True).index_to_key == ["a", *BY_COUNT]
    (tmp_path / "v.gz").write_bytes(gzip.compress(b""))
    made().save_word2vec_format(tmp_path / "v.gz", write_header=False, append=True)
    found = KeyedVectors.load_word2vec_format(tmp_path / "v.gz", no_header=True)
    assert found.index_to_key == BY_COUNT


@both
def test_appending_refuses_what_would_not_fit_and_changes_nothing(
    tmp_path: Path, binary: bool
) -> None:
    path = tmp_path / "v"
    for content, problem in (
        (b"2 3\n", "line 1: 3 dimensions; those to append: 5"),
        (b"a 1 2 3 4 5\n", "line 1: expected the numbers of rows .*pass write_header=False"),
    ):
        path.write_bytes(content)
        with pytest.raises(FormatError, match=problem):
            made().save_word2vec_format(path, binary=binary, append=True)
        assert path.read_bytes() == content and os.listdir(tmp_path) == ["v"]


# Intersecting


@both
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_intersect(tmp_path: Path, binary: bool, suffix: str) -> None:
    path, theirs = tmp_path / f"v{suffix}", made(seed=9)
    theirs.save_word2vec_format(path, binary=binary)
    keys = ["새", "king", "도쿄", "말"]
    wv = KeyedVectors.from_arrays(keys, np.full((4, 5), 0.5, np.float32))
    assert wv.intersect_word2vec_format(str(path), 0.0, binary, "utf8", "strict") is None
    np.testing.assert_array_equal(wv.vectors[1:3], theirs[["king", "도쿄"]])
    assert (wv.vectors[[0, 3]] == 0.5).all() and wv.index_to_key == keys
    assert wv.vectors_lockf.dtype == np.float32 and wv.vectors_lockf.tolist() == [1, 0, 0, 1]
    wv.intersect_word2vec_format(path, lockf=0.25, binary=binary)
    assert wv.vectors_lockf.tolist() == [1, 0.25, 0.25, 1]
    assert wv.norms[1] == pytest.approx(np.linalg.norm(theirs["king"]))


def test_intersect_changes_nothing_unless_the_file_is_good(tmp_path: Path) -> None:
    wv = made(2)
    kept = wv.vectors.copy()
    for content, kind, problem in (
        ("1 3\nking 1 2 3\n", ValueError, "vectors of 3 dimensions, these have 2"),
        ("2 2\nking 1 2\n여왕 3 x\n", FormatError, "line 3"),
        ("3 2\nking 1 2\n여왕 3 4\n", TruncatedError, "promises 3 rows"),
    ):
        (tmp_path / "v").write_text(content, encoding="utf-8")
        with pytest.raises(kind, match=problem):
            wv.intersect_word2vec_format(tmp_path / "v")
        np.testing.assert_array_equal(wv.vectors, kept)
        assert wv.vectors_lockf.tolist() == [1]


@pytest.mark.parametrize("lockf", [-1.0, np.nan, 1e7])
def test_intersect_refuses_factors_that_training_would_refuse(tmp_path: Path, lockf: float) -> None:
    with pytest.raises(ValueError, match="lockf must be a number of at least 0 and at most"):
        made(2).intersect_word2vec_format(tmp_path / "not read", lockf=lockf)


def test_intersect_with_vectors_that_are_a_map(tmp_path: Path) -> None:
    made(2).save(tmp_path / "native")
    before = (tmp_path / "native").read_bytes()
    (tmp_path / "v").write_text("3 2\nking 1 2\nking 3 4\nnobody 5 6\n")
    wv = KeyedVectors.load(tmp_path / "native")
    wv.intersect_word2vec_format(tmp_path / "v", lockf=1.0)
    assert wv["king"].tolist() == [1, 2]  # of a repeated word the first row
    assert (tmp_path / "native").read_bytes() == before


# What gensim's own tests say of its files


@both
def test_a_round_trip_is_exact_and_limit_and_datatype_hold(tmp_path: Path, binary: bool) -> None:
    wv, path = made(20), tmp_path / "v"
    wv.save_word2vec_format(path, binary=binary)
    assert_same(KeyedVectors.load_word2vec_format(path, binary=binary), BY_COUNT, wv)
    assert len(KeyedVectors.load_word2vec_format(path, binary=binary, limit=3)) == 3
    sizes = {}
    for dtype in (np.float16, np.float32, np.float64):
        found = KeyedVectors.load_word2vec_format(path, binary=binary, datatype=dtype)
        assert found.vectors.dtype == dtype
        # Text has the digits that tell float32 apart, and no more.
        np.testing.assert_allclose(found.vectors, wv[BY_COUNT].astype(dtype), rtol=1e-7)
        sizes[dtype] = found.vectors.nbytes
    assert sizes[np.float16] * 4 == sizes[np.float32] * 2 == sizes[np.float64]


def test_values_of_every_datatype(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("1 3\nkangaroo 0.33333333333333331 -0.0008 1e-5\n")
    for dtype in (np.float16, np.float32, np.float64):
        found = KeyedVectors.load_word2vec_format(tmp_path / "v", datatype=dtype)["kangaroo"]
        assert found.tolist() == [dtype(text) for text in (1 / 3, -0.0008, 1e-5)]


@both
def test_a_header_that_promises_too_much_is_an_eof_error(tmp_path: Path, binary: bool) -> None:
    made().save_word2vec_format(tmp_path / "v", binary=binary)
    content = (tmp_path / "v").read_bytes()
    (tmp_path / "v").write_bytes(content.replace(b"6 5\n", b"7 5\n"))
    with pytest.raises(EOFError):
        KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary)


@both
def test_keys_cut_inside_a_character(tmp_path: Path, binary: bool) -> None:
    row = np.float32([1, 2]).tobytes() if binary else b"1 2\n"
    cut = "도서관".encode()[:-1]
    (tmp_path / "v").write_bytes(b"2 2\na " + row + cut + b" " + row)
    with pytest.raises(FormatError, match="not utf8"):
        KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary)
    for errors, key in (("ignore", "도서"), ("replace", "도서\ufffd")):
        found = KeyedVectors.load_word2vec_format(
            tmp_path / "v", binary=binary, unicode_errors=errors
        )
        assert found.index_to_key == ["a", key]


@pytest.mark.parametrize("block", [5, 16, 1024])
@pytest.mark.parametrize("limit", [None, 1, 2])
def test_binary_files_read_in_pieces_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, limit: int | None
) -> None:
    monkeypatch.setattr(reader, "_BLOCK", block)
    rows = {"token1": [1.5, 2.5], "\n토큰2": [3.0, math.pi], "\n\ntoken3": [0.0, -1.0]}
    body = b"".join(k.encode() + b" " + np.float32(v).tobytes() for k, v in rows.items())
    (tmp_path / "v").write_bytes(b"3 2\n" + body)
    found = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=True, limit=limit)
    assert found.index_to_key == ["token1", "토큰2", "token3"][:limit]
    np.testing.assert_array_equal(found.vectors, np.float32([*rows.values()])[:limit])


def test_glove_files(tmp_path: Path) -> None:
    (tmp_path / "glove.txt.gz").write_bytes(gzip.compress("the 0.4 -0.2\n한국 1 2\n".encode()))
    found = KeyedVectors.load_word2vec_format(tmp_path / "glove.txt.gz", no_header=True)
    assert found.index_to_key == ["the", "한국"] and found["한국"].tolist() == [1, 2]


# Exchange


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz"])
@both
def test_gensim_reads_and_writes_compressed_files_as_we_do(
    tmp_path: Path, binary: bool, suffix: str
) -> None:
    models = pytest.importorskip("gensim.models")
    wv, path = made(), str(tmp_path / f"v{suffix}")
    wv.save_word2vec_format(path, binary=binary)
    other = models.KeyedVectors.load_word2vec_format(path, binary=binary)
    assert other.index_to_key == BY_COUNT
    np.testing.assert_array_equal(other.vectors, wv[BY_COUNT])
    other.save_word2vec_format(path, binary=binary)
    assert_same(KeyedVectors.load_word2vec_format(path, binary=binary), BY_COUNT, wv)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gensims_text_of_every_dtype(tmp_path: Path, dtype: str) -> None:
    models = pytest.importorskip("gensim.models")
    wv, path = made(30, dtype=dtype), str(tmp_path / "v")
    other = models.KeyedVectors(30, dtype=np.dtype(dtype))
    other.add_vectors(WORDS, wv.vectors)
    other.save_word2vec_format(path)
    words, vectors = read_word2vec(path, datatype=dtype)
    assert (words, vectors.tobytes()) == (WORDS, wv.vectors.tobytes())
    wv.save_word2vec_format(path, sort_attr=None)
    back = models.KeyedVectors.load_word2vec_format(path, datatype=np.dtype(dtype).type)
    assert back.vectors.tobytes() == wv.vectors.tobytes()


def test_words_with_spaces_are_read_but_not_written(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("2 2\nNew York 1 2\n서울 특별시 3 4\n", encoding="utf-8")
    wv = KeyedVectors.load_word2vec_format(tmp_path / "v")
    assert wv.index_to_key == ["New York", "서울 특별시"]
    for binary in (False, True):
        with pytest.raises(ValueError, match="key 'New York' holds a space"):
            wv.save_word2vec_format(tmp_path / "w", binary=binary)
    assert not (tmp_path / "w").exists()
