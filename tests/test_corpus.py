"""Text to tokens: line by line and byte by byte what Python's str.split() makes of it."""

from __future__ import annotations

import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora import assert_holds, sentences_of

from fastw2v import Corpus, CorpusError, encoding, sources

pytestmark = pytest.mark.usefixtures("nothing_left")

SPACES = "".join(c for c in map(chr, range(0x110000)) if c.isspace())
NEAR_SPACES = "\x00\x08\x0e\x1b\x7f\x84\x86\x9f\xa1\u180e\u200b\u200d\u2027\u202a\u2060\u3001\ufeff"
LETTERS = "aB7한글가각e\u0301\u1100\u1161éß漢😀𝒜\U0010ffff" + NEAR_SPACES
PIECES = [
    *SPACES,
    *LETTERS,
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "한국",
    "korea",
    "x" * 7,
    "x" * 8,
    "x" * 15,
    "x" * 16,
    "x" * 17,
    "x" * 8 + "한국어",
]
TEXTS = {
    "words": "the cat\nsat on\nthe mat\n",
    "no newline at the end": "한국 서울\n일본 도쿄",
    "blank at the end": "ab c de ",
    "tab at the end": "ab\tc\tde\t",
    "blank line at the end": "ab\n c\n  ",
    "one long line": "가 나다 a bc 라마바사 d 아 efghij k",
    "empty lines": "\n\na\n\n\nb\n\n",
    "windows": "a b\r\n\r\nc\r\n d \r\n",
    "marked": "\ufeff한국 seoul\n\ufeff x\ufeffy\n",
    "marked without newline": "\ufeffa ",
    "only a mark": "\ufeff\n",
    "wide blanks": "가\u3000나\u00a0다\u2003라\u1680마\u0085바\u2028사\u205f아\n",
    "NUL": "a\0 \0 a\0\0\nab\0c\n",
}


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def random_text(seed: int, pieces: int) -> str:
    return "".join(random.Random(seed).choices(PIECES, k=pieces))


def test_every_character_of_unicode(tmp_path: Path) -> None:
    characters = [*map(chr, range(0xD800)), *map(chr, range(0xE000, 0x110000))]
    text = "\n".join("a" + "b".join(characters[k::1000]) + "c" for k in range(1000))
    assert list(Corpus(write(tmp_path / "text", text))) == sentences_of(text)


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_white_space_alone_and_in_rows(space: str, tmp_path: Path) -> None:
    text = f"{space}a{space}{space}한{space}\n{space}\n{space}😀\n{space}"
    assert_holds(Corpus(write(tmp_path / "text", text)), sentences_of(text))


def test_words_of_every_length(tmp_path: Path) -> None:
    words = [
        (stem * 41).encode()[:n].decode("utf-8", "ignore") + end
        for n in range(1, 41)
        for stem in ("a", "ab", "한", "é", "😀")
        for end in ("", "z", "\0", "\0\0")
    ]
    words += [f"{'p' * n}{c}{'s' * m}" for n in range(20) for m in range(20) for c in "xy"]
    text = " ".join(words + words[::2] + words[::3])
    assert_holds(Corpus(write(tmp_path / "text", text), workers=1), sentences_of(text))


def test_more_words_than_the_table_starts_with(tmp_path: Path) -> None:
    rng = random.Random(5)
    words = [f"{'낱말' * (k % 5)}{rng.randrange(30_000)}" for k in range(60_000)]
    text = "\n".join(" ".join(words[k : k + 9]) for k in range(0, len(words), 9))
    for workers in (1, 3):
        assert_holds(Corpus(write(tmp_path / "text", text), workers=workers), sentences_of(text))


def test_words_and_lines_longer_than_a_block(tmp_path: Path) -> None:
    long = "한" * 1_000_000
    text = f"a {long} b\n{long} {long}x\n" + "c d " * 800_000 + "\nend"
    assert_holds(Corpus(write(tmp_path / "text", text), workers=2), sentences_of(text))


@pytest.mark.parametrize("name", TEXTS)
def test_blocks_that_end_anywhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEXTS[name]
    files = [write(tmp_path / "1", "first\n"), write(tmp_path / "2", text)]
    files.append(write(tmp_path / "3", "last"))
    expected = [["first"], *sentences_of(text), ["last"]]
    for size in range(1, len(text.encode()) + 2):
        monkeypatch.setattr(sources, "BLOCK_BYTES", size)
        assert_holds(Corpus(files, workers=1), expected, f"BLOCK_BYTES={size}")
        lines = sources.read_lines(list(map(str, files)), "strict")  # which a tokenizer gets
        assert [line.split() for line in lines] == expected, f"BLOCK_BYTES={size}"


def test_a_last_line_that_ends_with_a_block_and_a_blank(tmp_path: Path) -> None:
    path = write(tmp_path / "text", "abc " * (sources.BLOCK_BYTES // 4))
    for tokenizer in (None, str.split):
        corpus = Corpus(path, tokenizer=tokenizer)
        assert corpus.offsets.tolist() == [0, sources.BLOCK_BYTES // 4]


@pytest.mark.parametrize("seed", range(30))
def test_random_text(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(sources, "BLOCK_BYTES", rng.choice([1, 2, 3, 5, 8, 17, 64, 300, 1 << 20]))
    text = "word" + random_text(seed, 10 ** rng.randrange(1, 4))
    path = write(tmp_path / "text", text)
    for tokenizer in (None, str.split):
        corpus = Corpus(path, tokenizer=tokenizer, workers=rng.randrange(1, 5))
        assert_holds(corpus, sentences_of(text), f"seed={seed}, tokenizer={tokenizer}")


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_any_number_of_threads_gives_the_same(
    errors: str, lowercase: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 800)
    data = random_text(11, 10_000).encode()
    path = write(tmp_path / "text", data if errors == "strict" else data.replace(b"k", b"\xed\xa0"))
    one, *others = (
        Corpus(path, workers=workers, errors=errors, lowercase=lowercase)
        for workers in (1, 2, 3, 8)
    )
    assert one.total_words > 2000
    for other in others:
        assert other.words == one.words
        for name in ("tokens", "offsets", "counts"):
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


WORDS_WITH_CASE = "İstanbul ISTANBUL ΟΔΟΣ ΣΑΣ Σ STRASSE Straße ẞ ǅ ﬀ Ā 한국 İi 𐐀 ᏣᎳᎩ Kelvin"


@pytest.mark.parametrize("tokenizer", [None, str.split], ids=["native", "tokenizer"])
def test_lowercase_is_that_of_python_word_by_word(tokenizer: Any, tmp_path: Path) -> None:
    text = f"{WORDS_WITH_CASE}\n{WORDS_WITH_CASE.lower()}\n{WORDS_WITH_CASE.title()} x"
    expected = [[word.lower() for word in sentence] for sentence in sentences_of(text)]
    path = write(tmp_path / "text", text)
    assert_holds(Corpus(path, lowercase=True, tokenizer=tokenizer), expected)
    assert_holds(Corpus(sentences_of(text), lowercase=True), expected)


INVALID = {
    "lone continuation": b"\x80",
    "continuation after a letter": "한".encode() + b"\xbf",
    "0xfe": b"\xfe",
    "0xff": b"\xff",
    "latin-1": "caf\xe9".encode("latin-1"),
    "truncated 2": b"\xc3",
    "truncated 3 after 1": b"\xed",
    "truncated 3 after 2": b"\xed\x95",
    "truncated 4 after 1": b"\xf0",
    "truncated 4 after 2": b"\xf0\x9f",
    "truncated 4 after 3": b"\xf0\x9f\x98",
    "truncated space": b"\xe3\x80",
    "half of a space": b"\xc2",
    "overlong 2": b"\xc0\x80",
    "overlong 2 of space": b"\xc0\xa0",
    "overlong 2 of DEL": b"\xc1\xbf",
    "overlong 3": b"\xe0\x80\xa0",
    "overlong 3 at the limit": b"\xe0\x9f\xbf",
    "overlong 4": b"\xf0\x80\x80\xa0",
    "overlong 4 at the limit": b"\xf0\x8f\xbf\xbf",
    "first surrogate": b"\xed\xa0\x80",
    "last surrogate": b"\xed\xbf\xbf",
    "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80",
    "above U+10FFFF": b"\xf4\x90\x80\x80",
    "0xf5": b"\xf5\x80\x80\x80",
    "5 bytes": b"\xf8\x88\x80\x80\x80",
    "6 bytes": b"\xfc\x84\x80\x80\x80\x80",
    "UTF-16": "한국".encode("utf-16"),
}
SURROUNDINGS = {
    "alone": b"%s",
    "in a word": "가나 한%s국 x\n".encode(),
    "before a space": b"a b %s \n",
    "at the end": b"\na b %s",
    "behind a mark": b"\xef\xbb\xbf%s\n",
    "before a wide space": b"%s\xe3\x80\x80a\n",
    "in the second batch of tokens": b"a\n\n" * 200 + b"b%sc d\n e",
    "twice": b"%sa b\n\xff \xc2",
}


def python_says(data: bytes) -> int:
    """Offset of the first byte that Python's decoder refuses."""
    with pytest.raises(UnicodeDecodeError) as caught:
        data.decode()
    return caught.value.start


@pytest.mark.parametrize("block_bytes", [50, 1 << 20])
@pytest.mark.parametrize("kind", INVALID)
def test_bytes_that_are_not_utf8(
    kind: str, block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", block_bytes)
    files, expected = [], []
    for name, surroundings in SURROUNDINGS.items():
        data = surroundings % INVALID[kind]
        path = write(tmp_path / name, data)
        where = rf"byte {python_says(data)}: not UTF-8"
        with pytest.raises(CorpusError, match=where) as caught:
            Corpus(path, workers=1)
        assert caught.value.path == str(path)
        with pytest.raises(CorpusError, match=where) as caught:
            list(sources.read_lines([str(path)], "strict"))  # which a tokenizer gets
        assert caught.value.path == str(path)
        files.append(path)
        expected += sentences_of(data.decode("utf-8", "replace"))
    for tokenizer in (None, str.split):
        assert_holds(Corpus(files, errors="replace", tokenizer=tokenizer, workers=1), expected)


@pytest.mark.parametrize("seed", range(30))
def test_random_bytes(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(sources, "BLOCK_BYTES", rng.choice([4, 30, 1 << 20]))
    pieces = [piece.encode() for piece in PIECES] + list(INVALID.values())
    data = b"word " + b"".join(rng.choices(pieces, k=600)) + b"\xff"
    path = write(tmp_path / "text", data)
    with pytest.raises(CorpusError, match=rf"byte {python_says(data)}:"):
        Corpus(path, workers=1)
    expected = sentences_of(data.decode("utf-8", "replace"))
    assert_holds(Corpus(path, errors="replace", workers=2), expected, f"seed={seed}")


def test_the_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good", "좋다"), write(tmp_path / "bad", b"ok\n\xff")
    with pytest.raises(CorpusError, match=r"byte 3: .*0xff.*errors=") as caught:
        Corpus([good, bad])
    assert caught.value.path == str(bad)


def test_of_several_bad_bytes_the_first_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowStart:
        """A table whose thread is held up with the first block, as a busy machine may do."""

        def __init__(self) -> None:
            self.table = table()

        def scan(self, text: bytearray, *arguments: Any) -> Any:
            if text.startswith(b"first"):
                time.sleep(0.3)
            return self.table.scan(text, *arguments)

    table = encoding.WordTable
    monkeypatch.setattr(encoding, "WordTable", SlowStart)
    monkeypatch.setattr(sources, "BLOCK_BYTES", 10)
    with pytest.raises(CorpusError, match="byte 6:"):
        Corpus(write(tmp_path / "text", b"first \xff\nother \xff\n" * 9), workers=2)


def test_memory_does_not_grow_with_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak(n_lines: int) -> int:
        path = write(tmp_path / "text", "나는 사과를 먹었다\nthe cat sat\n" * n_lines)
        tracemalloc.start()
        try:
            assert len(Corpus(path, workers=2)) == 2 * n_lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 14)
    # Of the eight blocks that two threads may have in hand, a short text need not fill all.
    assert peak(100_000) - peak(10_000) < 8 * 12 * sources.BLOCK_BYTES
