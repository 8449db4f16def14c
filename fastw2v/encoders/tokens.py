"""Tokens of any arrangement, and the words that an encoder gives rows to."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, NamedTuple, cast

import numpy as np

from fastw2v._checks import check_int, shorten
from fastw2v._keys import as_index, as_keys, is_key
from fastw2v._typing import Array
from fastw2v.corpus import Corpus
from fastw2v.errors import NoWordsError
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.vocabulary import Vocabulary

_SHOWN = 5  # of the words that an error names


class Tokens(NamedTuple):
    """Tokens, one after the other.

    Attributes
    ----------
    words : list of str, list of int, or ndarray of int
        The tokens; or, where there are `ids`, the distinct ones.
    ids : ndarray or None
        The place in `words` of each token.
    shape : tuple of int or None
        How they are arranged; None where sentences differ in length.
    """

    words: list[Any] | Array
    ids: Array | None
    shape: tuple[int, ...] | None

    def __len__(self) -> int:
        return len(self.words if self.ids is None else self.ids)


def as_tokens(source: object) -> Tokens:
    """Read tokens from a list of them, a list of sentences, an array of any shape, or a Corpus.

    Raises
    ------
    TypeError
        Tokens are neither all str nor all int, or this holds no tokens at all.
    ValueError
        This is one string, or an array without dimensions.

    Examples
    --------
    >>> as_tokens(["사과", "배"])
    Tokens(words=['사과', '배'], ids=None, shape=(2,))
    >>> as_tokens([["나는", "사과를"], ["배를"]]).shape is None
    True
    """
    if isinstance(source, Tokens):
        return source
    if isinstance(source, str | bytes):
        raise ValueError(f"expected tokens, got one string, {shorten(source)}; write [token]")
    if isinstance(source, Corpus):
        return Tokens(source.words, source.tokens, (source.total_words,))
    if hasattr(source, "__array__"):  # a column of pandas too
        return _of_array(np.asarray(source))
    if not isinstance(source, Iterable) or isinstance(source, Mapping):
        raise TypeError(
            f"expected a list of tokens or of sentences, an array or a Corpus, got "
            f"{shorten(source)}"
        )
    listed = list(source)
    if not listed or is_key(listed[0]) or not isinstance(listed[0], Iterable):
        return Tokens(as_keys("token", listed), None, (len(listed),))
    for number, sentence in enumerate(listed):
        if isinstance(sentence, str | bytes | Mapping) or not isinstance(sentence, Iterable):
            raise TypeError(
                f"sentence {number} must be a list of tokens like the first one, got "
                f"{shorten(sentence)}"
            )
    sentences = [s.tolist() if isinstance(s, np.ndarray) else list(s) for s in listed]
    lengths = set(map(len, sentences))
    flat = as_keys("token", [token for sentence in sentences for token in sentence])
    shape = (len(sentences), lengths.pop()) if len(lengths) == 1 else None
    return Tokens(flat, None, shape)


def _of_array(array: Array) -> Tokens:
    if not array.ndim:
        raise ValueError(f"expected an array of tokens, got one token, {array!r}; write [token]")
    if array.dtype.kind in "iu":
        return Tokens(array.ravel(), None, array.shape)
    if array.dtype.kind not in "OUT" and array.size:  # np.array([]) is of float64
        raise TypeError(
            f"tokens must be str, or integers that are ids or words, got an array of {array.dtype}"
        )
    return Tokens(as_keys("token", array.ravel().tolist()), None, array.shape)


class Ids(Mapping[int, int]):
    """What a dict of the ids from 0 to n - 1 to themselves would be, without its memory.

    Examples
    --------
    >>> ids = Ids(10**9)
    >>> ids[7], 10**9 in ids, len(ids)
    (7, False, 1000000000)
    """

    def __init__(self, n: int) -> None:
        self.ids = range(n)

    def __getitem__(self, number: int) -> int:
        if number not in self.ids:
            raise KeyError(number)
        return int(number)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


class WordIndex:
    """Words, and the row that each has.

    Parameters
    ----------
    words : list of str, list of int, or range
        The word of each row.
    index : dict or Ids
        The row of each word.
    counts : ndarray, optional
        How often each occurred.

    Examples
    --------
    >>> words = WordIndex.of(["사과", "배"])
    >>> words.rows(as_tokens(["배", "감", "사과"])), words.rows(as_tokens([1, 0]))
    (array([ 1, -1,  0]), array([1, 0]))
    """

    def __init__(
        self, words: Sequence[Any], index: Mapping[Any, int], counts: Array | None = None
    ) -> None:
        self.words, self.index, self.counts = words, index, counts

    @classmethod
    def of(cls, vocabulary: object) -> WordIndex:
        """Take the words of a Vocabulary or KeyedVectors, of a list or mapping, or the ids below n.

        Raises
        ------
        TypeError, ValueError
            It is none of these, is empty, or has a word twice; or a mapping's values are not the
            numbers from 0 on.
        """
        words: Sequence[Any]
        if isinstance(vocabulary, Vocabulary | KeyedVectors):
            words, index = vocabulary.index_to_key, vocabulary.key_to_index
            _check_some(words)
            return cls(words, index, vocabulary.counts)
        if isinstance(vocabulary, Integral) and not isinstance(vocabulary, bool):
            ids = Ids(check_int("vocabulary", vocabulary, 0, sys.maxsize))
            _check_some(ids.ids)
            return cls(ids.ids, ids)
        elif isinstance(vocabulary, Mapping):
            words = as_keys("word", sorted(vocabulary, key=vocabulary.__getitem__))
            if sorted(vocabulary.values()) != list(range(len(words))):
                raise ValueError(
                    f"the values of vocabulary must be the numbers from 0 to {len(words) - 1}, "
                    "each once"
                )
        elif isinstance(vocabulary, set | frozenset):
            words = as_keys("word", sorted(vocabulary))
        elif isinstance(vocabulary, Iterable) and not isinstance(vocabulary, str | bytes):
            words = as_keys("word", cast("Iterable[str]", vocabulary))
        else:
            raise TypeError(
                "vocabulary must be a Vocabulary, KeyedVectors, a list of words, a mapping to "
                f"rows, or the number of ids, got {shorten(vocabulary)}"
            )
        _check_some(words)
        return cls(words, as_index("the words of vocabulary must differ", words))

    @classmethod
    def learned(cls, tokens: Tokens) -> WordIndex:
        """Take the distinct words of tokens, in the order of a Vocabulary: most frequent first."""
        if not len(tokens):
            raise NoWordsError("empty vocabulary: there are no tokens to learn words from")
        if tokens.ids is not None:
            words, counts = tokens.words, np.bincount(tokens.ids)
        elif isinstance(tokens.words, np.ndarray):
            words, counts = np.unique(tokens.words, return_counts=True)
        else:
            counted = Counter(tokens.words)
            words, counts = list(counted), np.array(list(counted.values()))
        return cls.of(Vocabulary(cast("Sequence[int]", words), counts))

    def __len__(self) -> int:
        return len(self.words)

    def takes_as_ids(self, tokens: Tokens) -> bool:
        """Tell whether tokens are numbers of rows, as integers are where the words are not."""
        return _are_integers(tokens) and isinstance(self.words[0], str)

    def rows(self, tokens: Tokens) -> Array:
        """Return the row of each token, -1 for what is not in the vocabulary."""
        if self.takes_as_ids(tokens) or (isinstance(self.words, range) and _are_integers(tokens)):
            rows = np.asarray(tokens.words)
            inside = (rows >= 0) & (rows < len(self))
            rows = np.where(inside, rows, 0).astype(np.intp)  # of unsigned numbers none is -1
            rows[~inside] = -1
        else:
            words, inverse = tokens.words, None
            if isinstance(words, np.ndarray):
                distinct, inverse = np.unique(words, return_inverse=True)
                words = distinct.tolist()
            get = self.index.get
            rows = np.fromiter((get(word, -1) for word in words), np.intp, len(words))
            if inverse is not None:
                rows = rows[inverse]
        return rows if tokens.ids is None else rows[tokens.ids]

    def unknown(self, tokens: Tokens, rows: Array) -> ValueError:
        """Return the error that names tokens without a row."""
        some: dict[Any, None] = {}
        for place in np.flatnonzero(rows < 0).tolist():
            word = tokens.words[place if tokens.ids is None else tokens.ids[place]]
            some[word.item() if isinstance(word, np.generic) else word] = None
            if len(some) > _SHOWN:
                break
        named = ", ".join(map(repr, list(some)[:_SHOWN])) + (", ..." if len(some) > _SHOWN else "")
        if self.takes_as_ids(tokens):
            return ValueError(
                f"Found unknown ids [{named}]: they must be from 0 to {len(self) - 1}"
            )
        return ValueError(
            f"Found unknown words [{named}] during transform: fit with them, or pass "
            "handle_unknown='ignore'"
        )


def _are_integers(tokens: Tokens) -> bool:
    return len(tokens) > 0 and not isinstance(tokens.words[0], str)


def _check_some(words: Sequence[Any]) -> None:
    if not words:
        raise NoWordsError("empty vocabulary: vocabulary must hold at least one word")
