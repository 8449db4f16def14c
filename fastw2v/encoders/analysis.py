"""From a document to its terms, step by step; names and order of the steps are scikit-learn's."""

from __future__ import annotations

import os
import re
import unicodedata
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, cast

from fastw2v._checks import shorten
from fastw2v.encoders.characters import WHITESPACE, Cut, cut_of_pattern
from fastw2v.encoders.reading import UnnumberedError, check_iterable, check_present

__all__ = ["TextAnalysis", "strip_accents_ascii", "strip_accents_unicode"]

_SPACES = re.compile(r"\s\s+")
_DEFAULT_PATTERN = r"(?u)\b\w\w+\b"


def strip_accents_unicode(text: str) -> str:
    """Take the marks off letters, as far as Unicode (NFKD) takes letters apart.

    Examples
    --------
    >>> strip_accents_unicode("crème brûlée")
    'creme brulee'
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart if not unicodedata.combining(character))


def strip_accents_ascii(text: str) -> str:
    """Take the marks off letters, and leave out what is not ASCII then.

    Examples
    --------
    >>> strip_accents_ascii("crème 사과")
    'creme '
    """
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


class TextAnalysis:
    """The steps from a document to its terms, and which of them native code can take."""

    input: str
    encoding: str
    decode_error: str
    strip_accents: str | Callable[[str], str] | None
    lowercase: bool
    preprocessor: Callable[[Any], Any] | None
    tokenizer: Callable[[str], Iterable[str]] | None
    stop_words: str | Collection[str] | None
    token_pattern: str | None
    ngram_range: tuple[int, int]
    analyzer: str | Callable[[Any], Iterable[Any]]
    _has_told = False  # that these steps run in Python
    _checked_stop_words: object = None

    def decode(self, doc: Any) -> Any:
        """Return the text of a document: of a file, or of bytes, if that is what it is.

        Parameters
        ----------
        doc : str, bytes, path or file
            As `input` says.

        Returns
        -------
        str
            Anything else is returned as it is.

        Raises
        ------
        UnicodeDecodeError
            Bytes are not in `encoding`, and `decode_error` is "strict".
        ValueError
            It is a number that stands for "missing" (NaN).
        TypeError
            It is no path or open file, where `input` says so.
        """
        if self.input == "filename":
            if not isinstance(doc, (str, bytes, os.PathLike)):
                raise UnnumberedError(
                    f"with input='filename' a document is a path, got {shorten(doc)}"
                )
            with open(doc, "rb") as file:
                doc = file.read()
        elif self.input == "file":
            if not hasattr(doc, "read"):
                raise UnnumberedError(
                    f"with input='file' a document is an open file, got {shorten(doc)}"
                )
            doc = doc.read()
        if isinstance(doc, bytes):
            return doc.decode(self.encoding, self.decode_error)
        check_present(doc)
        return doc

    def build_preprocessor(self) -> Callable[[Any], Any]:
        """Return the function that is applied to a text before it is cut into tokens.

        Returns
        -------
        callable
            `preprocessor`, or lower case and accents as the parameters say.
        """
        if self.preprocessor is not None:
            return self.preprocessor
        strip, lowercase = self._accents(), self.lowercase

        def preprocess(text: str) -> str:
            text = text.lower() if lowercase else text
            return text if strip is None else strip(text)

        return preprocess

    def build_tokenizer(self) -> Callable[[str], Iterable[str]]:
        """Return the function that cuts a text into tokens.

        Returns
        -------
        callable
            `tokenizer`, or one that finds `token_pattern`.

        Raises
        ------
        ValueError
            The pattern has more than one group, or is no regular expression.
        """
        if self.tokenizer is not None:
            return self.tokenizer
        try:
            pattern = re.compile(cast("str", self.token_pattern))
        except re.error as error:
            raise ValueError(
                f"token_pattern must be a regular expression, got {self.token_pattern!r}: {error}"
            ) from None
        if pattern.groups > 1:
            raise ValueError(
                "More than 1 capturing group in token pattern. Only a single group should be "
                f"captured: write (?:...) for the others in {self.token_pattern!r}"
            )
        return pattern.findall

    def get_stop_words(self) -> frozenset[str] | None:
        """Return the words that are left out.

        Returns
        -------
        frozenset of str or None
            None if no word is.

        Raises
        ------
        ImportError
            "english" is scikit-learn's list, and scikit-learn is not installed.
        ValueError
            There is no list of that name.
        """
        if self.stop_words is None:
            return None
        if isinstance(self.stop_words, str):
            if self.stop_words != "english":
                raise ValueError(
                    f"not a built-in stop list: {self.stop_words}. Pass a list of words, or "
                    "'english'"
                )
            try:
                from sklearn.feature_extraction.text import (  # type: ignore[import-untyped]
                    ENGLISH_STOP_WORDS,
                )
            except ImportError:
                raise ImportError(
                    "stop_words='english' is a list of scikit-learn's: pip install "
                    "'fastw2v[encoders]', or pass a list of words"
                ) from None
            return cast("frozenset[str]", ENGLISH_STOP_WORDS)
        return frozenset(self.stop_words)

    def build_analyzer(self) -> Callable[[Any], Iterable[Any]]:
        """Return the function that makes terms of a document, in all steps.

        Returns
        -------
        callable
            What native code does at once, in Python.

        Examples
        --------
        >>> from fastw2v.encoders import CountVectorizer
        >>> CountVectorizer(ngram_range=(1, 2)).build_analyzer()("Fresh red apples")
        ['fresh', 'red', 'apples', 'fresh red', 'red apples']
        """
        decode, analyzer = self.decode, self.analyzer
        if callable(analyzer):
            return lambda doc: analyzer(decode(doc))
        preprocess = self.build_preprocessor()
        low, high = self.ngram_range
        if analyzer != "word":
            grams = _char_ngrams if analyzer == "char" else _char_wb_ngrams
            return lambda doc: grams(preprocess(decode(doc)), low, high)
        tokenize, left_out = self.build_tokenizer(), self.get_stop_words()

        def analyze(doc: Any) -> list[str]:
            tokens = tokenize(preprocess(decode(doc)))
            check_iterable("tokenizer", "tokens", tokens)
            return word_ngrams(tokens, left_out, low, high)

        return analyze

    def _replaces(self, *methods: str) -> bool:
        """Tell whether a subclass, or this object, has other methods in place of some of these.

        Parameters
        ----------
        *methods : str
            Names of methods of this class.

        Returns
        -------
        bool
            Native code knows nothing of such methods.
        """
        for name in methods:
            if name in vars(self) or getattr(type(self), name) is not getattr(TextAnalysis, name):
                return True
        return False

    def _accents(self) -> Callable[[str], str] | None:
        if callable(self.strip_accents) or self.strip_accents is None:
            return self.strip_accents
        return strip_accents_ascii if self.strip_accents == "ascii" else strip_accents_unicode

    def _native_cut(self) -> Cut | None:
        """Return how native code cuts the texts into tokens; None if it takes Python."""
        if self.analyzer != "word" or self._replaces("build_analyzer", "build_tokenizer"):
            return None
        if self.tokenizer is not None:
            return WHITESPACE if self.tokenizer is str.split else None
        return cut_of_pattern(cast("str", self.token_pattern))

    def _warn_of_stop_words(self) -> None:
        """Warn of stop words that texts are never cut into, for others stand in their place.

        Once for the same stop words, since it takes longer than a short document.
        """
        stop_words = self.get_stop_words() if self.analyzer == "word" else None
        if not stop_words or self.stop_words is self._checked_stop_words:
            return
        self._checked_stop_words = self.stop_words
        preprocess, tokenize = self.build_preprocessor(), self.build_tokenizer()
        try:
            cut = {token for word in stop_words for token in tokenize(preprocess(word))}
        except Exception:  # made for documents of another kind; then nothing can be said
            return
        others = sorted(cut - stop_words)
        if others:
            warnings.warn(
                "Your stop_words may be inconsistent with your preprocessing. Tokenizing the stop "
                f"words generated tokens {others} not in stop_words.",
                UserWarning,
                stacklevel=5,
            )

    def _warn_of_unused(self) -> None:
        """Warn of parameters that have no effect beside the others."""
        unused = []
        if self.tokenizer is not None and self.token_pattern is not None:
            unused.append(("token_pattern", "'tokenizer' is not None"))
        if callable(self.analyzer):
            if self.preprocessor is not None:
                unused.append(("preprocessor", "'analyzer' is callable"))
            if self.ngram_range != (1, 1):
                unused.append(("ngram_range", "'analyzer' is callable"))
        if self.analyzer != "word":
            if self.stop_words is not None:
                unused.append(("stop_words", "'analyzer' != 'word'"))
            if self.token_pattern not in (None, _DEFAULT_PATTERN):
                unused.append(("token_pattern", "'analyzer' != 'word'"))
            if self.tokenizer is not None:
                unused.append(("tokenizer", "'analyzer' != 'word'"))
        for name, reason in unused:
            warnings.warn(
                f"The parameter '{name}' will not be used since {reason}", UserWarning, stacklevel=4
            )


def word_ngrams(
    tokens: Iterable[str], left_out: Collection[str] | None, low: int, high: int
) -> list[str]:
    """Return the n-grams of `low` to `high` words, with a space between the words.

    Examples
    --------
    >>> word_ngrams(["나는", "정말", "사과를"], ["정말"], 1, 2)
    ['나는', '사과를', '나는 사과를']
    """
    words = list(tokens) if left_out is None else [word for word in tokens if word not in left_out]
    if high == 1:
        return words
    longest = min(high, len(words))
    return [gram for n in range(low, longest + 1) for gram in _runs(words, n)]


def _runs(words: Sequence[str], n: int) -> list[str]:
    if n == 1:
        return list(words)
    return [" ".join(words[start : start + n]) for start in range(len(words) - n + 1)]


def _char_ngrams(text: str, low: int, high: int) -> list[str]:
    """Return the n-grams of characters; white space counts as one space."""
    text = _SPACES.sub(" ", text)
    return [
        text[start : start + n]
        for n in range(low, min(high, len(text)) + 1)
        for start in range(len(text) - n + 1)
    ]


def _char_wb_ngrams(text: str, low: int, high: int) -> list[str]:
    """Return the n-grams of characters within words, each with a space before and behind it.

    A word shorter than the n-grams counts once, whole.
    """
    grams = []
    for word in text.split():
        padded = f" {word} "
        for n in range(low, high + 1):
            if n >= len(padded):
                grams.append(padded)
                break
            grams += [padded[start : start + n] for start in range(len(padded) - n + 1)]
    return grams
