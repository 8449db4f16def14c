"""What gensim keeps in its utils: trim rules, a tokenizer, and a writer of sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from fastw2v._checks import check_int, shorten
from fastw2v._files import atomic_write
from fastw2v._typing import StrPath
from fastw2v.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP

__all__ = [
    "RULE_DEFAULT",
    "RULE_DISCARD",
    "RULE_KEEP",
    "save_as_line_sentence",
    "simple_preprocess",
]

# The blocks of accents. Marks beyond them are vowels and consonants of other scripts.
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")


def simple_preprocess(
    doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15
) -> list[str]:
    """Split a text into words in lower case: its runs of letters, without digits and punctuation.

    Parameters
    ----------
    doc : str or bytes
        The text; bytes are UTF-8.
    deacc : bool, default False
        Leave out accents.
    min_len, max_len : int, default 2 and 15
        Leave out words of fewer or more characters.

    Returns
    -------
    list of str
        Composed (NFC), so that a word is the same however it was typed. Words that begin with "_"
        are left out.

    Raises
    ------
    TypeError, ValueError
        `doc` is no text, or not UTF-8; or a length is out of range.

    Examples
    --------
    >>> simple_preprocess("나는 사과를 2개 먹었다. Ça c'est très bon!", deacc=True)
    ['나는', '사과를', '먹었다', 'ca', 'est', 'tres', 'bon']
    """
    check_int("min_len", min_len, 0)
    check_int("max_len", max_len, min_len)
    text = doc.decode() if isinstance(doc, bytes) else doc
    if not isinstance(text, str):
        raise TypeError(f"doc must be one text, got {shorten(doc)}; pass its strings one by one")
    text = unicodedata.normalize("NFC", text.lower())
    if deacc:
        bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", bare)
    marks = "" if text.isascii() else "".join(sorted(filter(_is_mark, set(text))))
    words: list[str] = _word_pattern(marks).findall(text)
    return [word for word in words if min_len <= len(word) <= max_len and word[0] != "_"]


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=256)
def _word_pattern(marks: str) -> re.Pattern[str]:
    """Return the pattern of a word: letters, and behind them marks, which are none to `re`."""
    more = f"|[{re.escape(marks)}]" if marks else ""
    return re.compile(rf"(?!\d)\w(?:(?!\d)\w{more})*")


def save_as_line_sentence(corpus: Iterable[Iterable[str]], filename: StrPath) -> None:
    """Write sentences to a text file, a line each, which `LineSentence` and `Corpus` read.

    Parameters
    ----------
    corpus : iterable of iterables of str
        Sentences; a `Corpus` will do.
    filename : str or Path
        The file. It is replaced only once the new one is complete.

    Raises
    ------
    TypeError
        A sentence is a string, or a token is none.
    ValueError
        A token is empty or holds white space, or is not fit for UTF-8: it would not be read back.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "text")
    >>> save_as_line_sentence([["나는", "사과를", "먹었다"], ["나는", "달린다"]], path)
    >>> path.read_text(encoding="utf-8").splitlines()
    ['나는 사과를 먹었다', '나는 달린다']
    """
    with atomic_write(filename) as file:
        for number, sentence in enumerate(corpus):
            file.write(_line_of(number, sentence))


def _line_of(number: int, sentence: Iterable[str]) -> bytes:
    if isinstance(sentence, (str, bytes)):
        raise TypeError(
            f"sentence {number} must be a list of tokens, got {shorten(sentence)}; split it"
        )
    tokens = list(sentence)
    for token in tokens:
        if not isinstance(token, str):
            raise TypeError(f"sentence {number}: a token must be a str, got {token!r}")
    line = " ".join(tokens)
    if line.split() != tokens:
        token = next(token for token in tokens if token.split() != [token])
        raise ValueError(
            f"sentence {number}: the token {token!r} is empty or holds white space, and would not "
            "be read back; replace it"
        )
    try:
        return f"{line}\n".encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"sentence {number}: not fit for UTF-8: {error}") from None
