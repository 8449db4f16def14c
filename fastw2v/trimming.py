"""Which of the words that were counted stay: least count, limits on their number, trim rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import check_int, shorten
from fastw2v._keys import as_keys
from fastw2v.errors import NoWordsError

MAX_COUNT = np.iinfo(np.int64).max

# What a trim rule answers; gensim's names and values.
RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2

# (word, count, min_count) -> one of the above; None is RULE_DEFAULT.
TrimRule = Callable[[Any, int, int], int | None]


class Counted(Protocol):
    """Words that were counted, most frequent first, ties by themselves; a `Corpus` is that."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each word occurs."""

    def top_words(self, n: int) -> list[Any]:
        """Return the `n` most frequent words."""


class WordCounts:
    """Words with their counts, in the order that `Counted` asks for.

    Parameters
    ----------
    words : list of str or list of int
        The words.
    counts : ndarray of int64
        How often each occurs.
    """

    def __init__(self, words: list[Any], counts: NDArray[np.int64]) -> None:
        self.words, self.counts = words, counts

    @classmethod
    def from_mapping(cls, word_counts: Mapping[Any, int]) -> WordCounts:
        """Sort the words of a mapping; those that occur 0 times are left out.

        Examples
        --------
        >>> WordCounts.from_mapping({"배": 2, "감": 0, "한국": 7}).words
        ['한국', '배']
        """
        if not isinstance(word_counts, Mapping):
            raise TypeError(
                f"words and counts must be a mapping, got {type(word_counts).__name__}; "
                "write {word: count, ...}"
            )
        words = as_keys("word", word_counts)
        counts = as_counts(list(word_counts.values()))
        if counts.min(initial=0) < 0:
            row = int(counts.argmin())
            raise ValueError(f"counts must be at least 0, got {counts[row]} for {words[row]!r}")
        pairs = [pair for pair in zip(words, counts.tolist(), strict=True) if pair[1]]
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
        sorted_counts = np.array([count for _, count in pairs], dtype=np.int64)
        return cls([word for word, _ in pairs], sorted_counts)

    def top_words(self, n: int) -> list[Any]:
        """Return the `n` most frequent words."""
        return self.words[:n]


class Choice(NamedTuple):
    """The words that stay, most frequent first, and the count that a word needed."""

    words: list[Any]
    counts: NDArray[np.int64]
    min_count: int


def choose_words(
    counted: Counted,
    min_count: int,
    max_final_vocab: int | None = None,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
) -> Choice:
    """Choose the words that stay.

    Parameters
    ----------
    counted : Counted
        All words.
    min_count : int
        Leave out words that occur less often.
    max_final_vocab : int, optional
        Keep at most so many words, by raising `min_count` as far as it takes; words that are tied
        at the limit are left out together.
    max_vocab_size : int, optional
        Before all else, leave out all words but so many of the most frequent; of words that are
        tied at the limit, the first ones in their own order stay.
    trim_rule : callable, optional
        Called with each word, its count and the raised `min_count`; it answers RULE_KEEP,
        RULE_DISCARD, or RULE_DEFAULT (or None), which leaves the decision to the count.

    Returns
    -------
    Choice
        `min_count` is the raised one.

    Raises
    ------
    TypeError
        `min_count`, `max_final_vocab` or `max_vocab_size` is no integer.
    ValueError
        No word is left, an argument is below 1, or the rule answers something else.

    Examples
    --------
    >>> counted = WordCounts.from_mapping({"나는": 9, "사과를": 4, "달린다": 1})
    >>> choose_words(counted, 2).words
    ['나는', '사과를']
    >>> choose_words(counted, 2, trim_rule=lambda word, *_: RULE_KEEP * (word == "달린다")).words
    ['나는', '사과를', '달린다']
    """
    counts = counted.counts
    if max_vocab_size is not None:
        counts = counts[: check_int("max_vocab_size", max_vocab_size, 1)]
    limit = _raised(counts, min_count, max_final_vocab)
    enough = int(np.searchsorted(-counts, -limit, side="right"))
    if trim_rule is None:
        words, counts_left = counted.top_words(enough), counts[:enough]
    else:
        everything = counted.top_words(len(counts))
        kept = [
            _is_kept(trim_rule, word, count, limit)
            for word, count in zip(everything, counts.tolist(), strict=True)
        ]
        words = [word for word, keep in zip(everything, kept, strict=True) if keep]
        counts_left = counts[np.array(kept, dtype=bool)]
    if not len(words):
        highest = int(counts[0]) if len(counts) else 0
        raise NoWordsError(
            f"no word is left: of {len(counts):,} distinct words ({int(counts.sum()):,} "
            f"occurrences) the most frequent occurs {highest:,} times, and words need {limit:,} "
            f"(min_count={min_count}, max_final_vocab={max_final_vocab})"
            + (f" or the favour of trim_rule={trim_rule!r}" if trim_rule else "")
            + "; lower min_count, or give more text"
        )
    return Choice(words, counts_left, limit)


def check_rule(trim_rule: TrimRule | None) -> TrimRule | None:
    """Return the trim rule, or raise TypeError for what could not be one."""
    if trim_rule is not None and not callable(trim_rule):
        raise TypeError(
            f"trim_rule must be a function of (word, count, min_count), got {trim_rule!r}"
        )
    return trim_rule


def as_counts(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return counts as an array; numpy's own conversion would round them, or let them wrap."""
    numbers = np.asarray(counts)
    is_integer = numbers.dtype.kind in "iu" or not numbers.size
    if numbers.ndim != 1 or not is_integer or int(numbers.max(initial=0)) > MAX_COUNT:
        raise TypeError(f"counts must be a sequence of 64-bit integers, got {shorten(counts)}")
    return numbers.astype(np.int64)


def _raised(counts: NDArray[np.int64], min_count: int, max_final_vocab: int | None) -> int:
    """Return the count that a word needs to stay; `counts` are in descending order."""
    limit = check_int("min_count", min_count, 1)
    if max_final_vocab is not None:
        n_words = check_int("max_final_vocab", max_final_vocab, 1)
        if len(counts) > n_words:
            limit = max(limit, int(counts[n_words]) + 1)
    return limit


def _is_kept(trim_rule: TrimRule, word: object, count: int, limit: int) -> bool:
    answer = trim_rule(word, count, limit)
    if answer is None or (answer == RULE_DEFAULT and not isinstance(answer, bool)):
        return count >= limit
    if answer not in (RULE_DISCARD, RULE_KEEP) or isinstance(answer, bool):
        raise ValueError(
            f"trim_rule must return RULE_DEFAULT ({RULE_DEFAULT}), RULE_DISCARD ({RULE_DISCARD}) "
            f"or RULE_KEEP ({RULE_KEEP}), got {answer!r} for {word!r}"
        )
    return answer == RULE_KEEP
