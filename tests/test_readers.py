"""LineSentence, PathLineSentences, Text8Corpus: what they yield, and corpora made of them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpora import assert_holds

import fastw2v
from fastw2v import (
    Corpus,
    CorpusError,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    Word2Vec,
    sources,
)
from fastw2v import readers as readers_module
from fastw2v.errors import NoWordsError

pytestmark = pytest.mark.usefixtures("nothing_left")

TEXT = "나는 사과를 먹었다\n\n  \nthe\u3000cat sat\r\non the mat a b c d\n달린다"
LINES = [line.split() for line in TEXT.split("\n")]
SENTENCES = [line for line in LINES if line]
TOKENS = [token for line in LINES for token in line]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "글"
    path.write_bytes(TEXT.encode())
    return path


def cut(sentences: list[list[str]], length: int) -> list[list[str]]:
    return [s[k : k + length] for s in sentences for k in range(0, len(s), length)]


@pytest.mark.parametrize("length", [1, 2, 3, 6, 7, 8, 10_000])
def test_lines_are_sentences_and_long_ones_are_cut(length: int, path: Path) -> None:
    reader = LineSentence(path, length)
    assert list(reader) == list(reader) == cut(SENTENCES, length)
    assert_holds(Corpus(reader), cut(SENTENCES, length))
    assert_holds(Corpus(reader, lowercase=True, tokenizer=None), cut(SENTENCES, length))


@pytest.mark.parametrize("length", [1, 2, 5, len(TOKENS), len(TOKENS) + 1])
def test_a_text_without_sentences(length: int, path: Path) -> None:
    reader = Text8Corpus(path, length)
    assert list(reader) == list(reader) == cut([TOKENS], length)
    assert_holds(Corpus(reader), cut([TOKENS], length))


@pytest.mark.parametrize("make", [LineSentence, Text8Corpus, PathLineSentences])
@pytest.mark.parametrize("workers", [1, 3])
def test_blocks_that_end_anywhere(
    make: Callable[..., Any], workers: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(make(path, 3))
    for size in range(1, len(TEXT.encode()) + 2, 3):
        monkeypatch.setattr(sources, "BLOCK_BYTES", size)
        assert list(make(path, 3)) == expected, f"BLOCK_BYTES={size}"
        assert_holds(Corpus(make(path, 3), workers=workers), expected, f"BLOCK_BYTES={size}")


@pytest.mark.parametrize("limit", range(len(LINES) + 2))
def test_limit_counts_lines(limit: int, path: Path) -> None:
    expected = [line for line in LINES[:limit] if line]
    for source in (path, io.StringIO(TEXT), io.BytesIO(TEXT.encode())):
        reader = LineSentence(source, limit=limit)
        assert list(reader) == list(reader) == expected
        if expected:
            assert_holds(Corpus(reader), expected)
        else:
            with pytest.raises(NoWordsError):
                Corpus(reader)


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"]
)
def test_compressed_files_whatever_their_names(compress: Any, path: Path) -> None:
    path.write_bytes(compress(TEXT.encode()))
    for reader in (LineSentence(path), PathLineSentences(path.parent)):
        # The fixture's place for temporary files is a directory, and not read.
        assert list(reader) == SENTENCES
        assert_holds(Corpus(reader), SENTENCES)
    assert list(Text8Corpus(path)) == [TOKENS]


def test_open_files(path: Path) -> None:
    compressed = path.parent / "글.bz2"
    compressed.write_bytes(bz2.compress(TEXT.encode()))
    with (
        open(path, encoding="utf-8") as text,
        open(path, "rb") as raw,
        bz2.open(compressed) as unpacked,
    ):
        for file in (text, raw, unpacked, io.StringIO(TEXT)):
            reader = LineSentence(file, max_sentence_length=4)
            assert list(reader) == list(reader) == cut(SENTENCES, 4)
            assert_holds(Corpus(reader), cut(SENTENCES, 4))


def test_files_of_a_directory_in_the_order_of_their_names(tmp_path: Path) -> None:
    directory = tmp_path / "많은 글"
    (directory / "within").mkdir(parents=True)
    (directory / "within" / "글").write_text("not read")
    (directory / "b.txt").write_text("하나 둘 셋\n넷")
    (directory / "a.bz2").write_bytes(bz2.compress("일 이\n삼\n사".encode()))
    (directory / "c").write_bytes(gzip.compress(b""))
    expected = [["일", "이"], ["삼"], ["사"], ["하나", "둘", "셋"], ["넷"]]
    for source in (directory, str(directory), f"{directory}/"):
        reader = PathLineSentences(source)
        assert [Path(file).name for file in reader.input_files] == ["a.bz2", "b.txt", "c"]
        assert list(reader) == expected
        assert_holds(Corpus(reader), expected)
    reader = PathLineSentences(directory, max_sentence_length=2, limit=1)
    assert list(reader) == [["일", "이"], ["하나", "둘"], ["셋"]]
    assert_holds(Corpus(reader), list(reader))
    assert list(PathLineSentences(directory / "b.txt")) == expected[3:]


def test_an_endless_line_takes_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1000)
    path = tmp_path / "글"
    path.write_text("한국 서울 " * 5000)
    for make in (LineSentence, Text8Corpus):
        iterator = iter(make(path, 7))
        assert next(iterator) == ["한국", "서울"] * 3 + ["한국"]
        assert sum(map(len, iterator)) == 10_000 - 7


@pytest.mark.parametrize("make", [LineSentence, Text8Corpus, PathLineSentences])
def test_files_are_read_natively(
    make: Callable[..., Any], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_texts(files: object) -> Any:
        raise AssertionError("read in Python")

    monkeypatch.setattr(readers_module, "read_texts", read_texts)
    assert Corpus(make(path)).total_words == len(TOKENS)
    model = Word2Vec(make(path, 3), min_count=1, vector_size=4, epochs=1, sample=0)
    assert model.corpus_count == len(Corpus(make(path, 3)))
    with pytest.raises(AssertionError):
        Corpus(make(path), tokenizer=str.split)


def test_a_corpus_knows_its_reader(path: Path, tmp_path: Path) -> None:
    corpus = Corpus(LineSentence(path))
    assert corpus.is_from(LineSentence(path))
    assert not corpus.is_from(LineSentence(path, 3))
    assert not corpus.is_from(Text8Corpus(path))
    assert not corpus.is_from(LineSentence(path, limit=2))
    assert not corpus.is_from(path)  # of which an empty line is a sentence
    limited = LineSentence(path, limit=2)
    assert Corpus(limited).is_from(limited)
    path.write_text("other")
    assert not corpus.is_from(LineSentence(path))


def test_token_files_are_kept_for_each_way_to_cut(path: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for _ in range(2):
        for source in (path, LineSentence(path), LineSentence(path, 2), Text8Corpus(path, 2)):
            expected = LINES if source is path else list(source)
            assert_holds(Corpus(source, cache_dir=cache), expected)
    assert len(list(cache.iterdir())) == 4


def test_bytes_that_are_not_utf8(path: Path) -> None:
    path.write_bytes("나는 사과를\n".encode() + "먹었다".encode("euc-kr"))
    for make in (LineSentence, Text8Corpus, PathLineSentences):
        reader = make(path)
        with pytest.raises(CorpusError, match=r"글: byte 17: not UTF-8 \(0xb8\)"):
            list(reader)
        with pytest.raises(CorpusError, match=r"글: byte 17: not UTF-8 \(0xb8\)"):
            Corpus(reader)


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda path: LineSentence(path, 0), ValueError, r"max_sentence_length .* got 0"),
        (lambda path: LineSentence(path, limit=-1), ValueError, r"limit .* got -1"),
        (lambda path: LineSentence(path, limit=1.5), TypeError, r"limit .* got 1\.5"),
        (lambda path: LineSentence(7), TypeError, r"a path or an open file with seek\(\), got int"),
        (lambda path: PathLineSentences(path / "not"), FileNotFoundError, "no such file"),
        (lambda path: list(LineSentence(path / "not")), FileNotFoundError, "no such file"),
        (lambda path: Corpus(Text8Corpus(path / "not")), FileNotFoundError, "no such file"),
        (lambda path: Text8Corpus(path, "3"), TypeError, r"max_sentence_length .* got '3'"),
    ],
)
def test_what_cannot_be_read(make: Any, error: Any, match: str, path: Path) -> None:
    with pytest.raises(error, match=match):
        make(path.parent / "absent")


def test_names() -> None:
    for name in ("LineSentence", "PathLineSentences", "Text8Corpus"):
        assert name in fastw2v.__all__
    assert repr(LineSentence("글")) == "<LineSentence: '글'>"
