"""What gensim's users find in utils: a tokenizer, a writer of sentences, trim rules."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Corpus, LineSentence, utils
from fastw2v.utils import save_as_line_sentence, simple_preprocess

SENTENCES = [["나는", "사과를", "먹었다"], ["the", "cat\u200b", "😀"], [], ["나는"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat sat on the mat.", ["the", "cat", "sat", "on", "the", "mat"]),
        ("나는 사과를 2개 먹었다!", ["나는", "사과를", "먹었다"]),
        ("한국어(韓國語)와 English, 日本語", ["한국어", "韓國語", "english", "日本語"]),
        ("don't stop_me _private a1bc", ["don", "stop_me", "bc"]),
        ("Šéf STRASSE straße ΣΊΣΥΦΟΣ", ["šéf", "strasse", "straße", "σίσυφος"]),
        ("İstanbul", ["i̇stanbul"]),
        ("हिन्दी में ภาษาไทย", ["हिन्दी", "में", "ภาษาไทย"]),
        ("a I 나", []),
        ("x" * 16 + " " + "y" * 15, ["y" * 15]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert simple_preprocess(text) == words
    assert simple_preprocess(text.encode()) == words
    # However it was typed: macOS gives Hangul in pieces.
    assert simple_preprocess(unicodedata.normalize("NFD", text)) == [
        unicodedata.normalize("NFC", word) for word in words
    ]


def test_accents() -> None:
    text = "Šéf chomutovských, naïve, Ελλάδα; 한국이 がっこう हिन्दी"
    assert simple_preprocess(text, deacc=True) == (
        ["sef", "chomutovskych", "naive", "ελλαδα"] + ["한국이", "がっこう", "हिन्दी"]
    )


def test_lengths() -> None:
    assert simple_preprocess("나 나는 대한민국", min_len=1, max_len=2) == ["나", "나는"]
    for lengths in ({"min_len": -1}, {"min_len": 3, "max_len": 2}):
        with pytest.raises(ValueError, match=r"(min|max)_len must be"):
            simple_preprocess("text", **lengths)
    with pytest.raises(TypeError, match=r"doc must be one text, got \['a'\]"):
        simple_preprocess(["a"])  # type: ignore[arg-type]
    with pytest.raises(UnicodeDecodeError):
        simple_preprocess("한국".encode("euc-kr"))


def test_simple_preprocess_is_gensims_where_that_is_right() -> None:
    theirs = pytest.importorskip("gensim.utils")
    for text in ("The quick brown fox, 12 of them; _x x_y!", "나는 사과를 먹었다", "Ünïcödé Šéf"):
        for deacc in (False, True):
            assert simple_preprocess(text, deacc) == theirs.simple_preprocess(text, deacc)
    for rule in ("RULE_DEFAULT", "RULE_DISCARD", "RULE_KEEP"):
        assert getattr(utils, rule) == getattr(theirs, rule)


@pytest.mark.parametrize("make", [list, iter, lambda s: map(tuple, s), lambda s: Corpus(s)])
def test_what_is_saved_is_read_back(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "글"
    save_as_line_sentence(make(SENTENCES), path)
    assert list(Corpus(path)) == SENTENCES
    assert list(LineSentence(str(path))) == [sentence for sentence in SENTENCES if sentence]
    assert path.read_bytes().endswith("나는\n".encode())
    save_as_line_sentence([np.array(["가", "나"])], str(path))
    assert path.read_text(encoding="utf-8") == "가 나\n"


@pytest.mark.parametrize(
    ("sentence", "error", "match"),
    [
        (["a", "b c"], ValueError, r"sentence 1: the token 'b c' is empty or holds white space"),
        (["a", ""], ValueError, r"sentence 1: the token '' is empty"),
        (["a\n"], ValueError, r"sentence 1: the token 'a\\n'"),
        (["a\u3000b"], ValueError, r"sentence 1: the token 'a\\u3000b'"),
        (["\ud800"], ValueError, r"sentence 1: not fit for UTF-8"),
        ("text", TypeError, r"sentence 1 must be a list of tokens, got 'text'; split it"),
        ([7], TypeError, r"sentence 1: a token must be a str, got 7"),
        ([b"a"], TypeError, r"sentence 1: a token must be a str, got b'a'"),
    ],
)
def test_what_would_not_be_read_back(sentence: Any, error: Any, match: str, tmp_path: Path) -> None:
    path = tmp_path / "글"
    path.write_text("as it was")
    with pytest.raises(error, match=match):
        save_as_line_sentence([["fine"], sentence], path)
    assert path.read_text() == "as it was"
    assert [*tmp_path.iterdir()] == [path]
