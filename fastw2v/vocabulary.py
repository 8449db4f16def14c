"""Vocabulary: the words that are trained, their counts, and what sampling makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import check_float
from fastw2v._files import atomic_write
from fastw2v._keys import as_index, as_keys
from fastw2v._typing import StrPath
from fastw2v.corpus import Corpus
from fastw2v.errors import FormatError, blame
from fastw2v.trimming import MAX_COUNT, WordCounts, as_counts, choose_words

__all__ = ["Vocabulary"]

_FORMAT = "fastw2v-vocabulary"


class Vocabulary:
    """Words with their counts, by count descending, then by themselves; a word's row is its place.

    Parameters
    ----------
    words : sequence of str or of int
        The words, each once, in any order.
    counts : sequence of int
        How often each occurs, at least 1.

    Attributes
    ----------
    index_to_key : list of str or list of int
        The word of each row.
    key_to_index : dict
        The row of each word.
    counts : ndarray of int64
        The count of each row.
    total_words : int
        Sum of the counts.

    Raises
    ------
    TypeError
        A word is neither str nor int, or not of the kind of the others; or a count is no integer.
    ValueError
        There are no words, a word stands twice, a count is below 1, or their sum is 2**63 or more.

    Examples
    --------
    >>> vocabulary = Vocabulary(["사과", "한국", "배"], [2, 7, 2])
    >>> vocabulary.index_to_key
    ['한국', '배', '사과']
    >>> vocabulary.key_to_index["사과"], len(vocabulary), "감" in vocabulary
    (2, 3, False)
    """

    def __init__(
        self, words: Sequence[str] | Sequence[int], counts: Sequence[int] | NDArray[np.int64]
    ) -> None:
        numbers = as_counts(counts)
        if isinstance(words, (str, bytes, Mapping)):
            raise TypeError(f"words must be a sequence of words, got {type(words).__name__}")
        words = as_keys("word", words)
        if not words:
            raise ValueError("a vocabulary needs at least one word, got none")
        if len(words) != len(numbers):
            raise ValueError(
                f"words and counts must be as many, got {len(words)} and {len(numbers)}"
            )
        if numbers.min() < 1:
            raise ValueError(
                f"counts must be at least 1, got {numbers.min()} for "
                f"{words[int(numbers.argmin())]!r}"
            )
        pairs = cast("list[tuple[Any, int]]", list(zip(words, numbers.tolist(), strict=True)))
        pairs.sort(key=lambda pair: (-pair[1], pair[0]))
        total = sum(count for _, count in pairs)
        if total > MAX_COUNT:
            raise ValueError(f"counts must add up to at most {MAX_COUNT}, got {total}")
        self.index_to_key: list[Any] = [word for word, _ in pairs]
        self.counts: NDArray[np.int64] = np.array([count for _, count in pairs], dtype=np.int64)
        self.key_to_index: dict[Any, int] = as_index("words must differ", self.index_to_key)

    @classmethod
    def from_counts(
        cls, word_counts: Mapping[Any, int], min_count: int = 5, max_final_vocab: int | None = None
    ) -> Vocabulary:
        """Choose words by their counts.

        Parameters
        ----------
        word_counts : mapping of str (or int) to int
            How often each word occurs.
        min_count : int, default 5
            Leave out words that occur less often.
        max_final_vocab : int, optional
            Keep at most so many words, by raising `min_count` as far as it takes; words that are
            tied at the limit are left out together.

        Returns
        -------
        Vocabulary

        Raises
        ------
        TypeError
            A word is neither str nor int, or not of the kind of the others; or a count is no
            integer.
        ValueError
            No word is left, or an argument is below 1.

        Examples
        --------
        >>> Vocabulary.from_counts({"the": 50, "cat": 9, "sat": 3}, min_count=5).index_to_key
        ['the', 'cat']
        """
        chosen = choose_words(WordCounts.from_mapping(word_counts), min_count, max_final_vocab)
        return cls(chosen.words, chosen.counts)

    @classmethod
    def from_corpus(
        cls, corpus: Corpus, min_count: int = 5, max_final_vocab: int | None = None
    ) -> Vocabulary:
        """Choose the words of a corpus by their counts.

        Parameters
        ----------
        corpus : Corpus
            Where the words come from.
        min_count : int, default 5
            Leave out words that occur less often.
        max_final_vocab : int, optional
            Keep at most so many words; see `from_counts`.

        Returns
        -------
        Vocabulary

        Raises
        ------
        TypeError
            `min_count` or `max_final_vocab` is no integer.
        ValueError
            No word is left, or an argument is below 1.

        Examples
        --------
        >>> corpus = Corpus([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> Vocabulary.from_corpus(corpus, min_count=2).index_to_key
        ['나는']
        """
        chosen = choose_words(corpus, min_count, max_final_vocab)
        return cls(chosen.words, chosen.counts)

    def rows_of(self, corpus: Corpus) -> NDArray[np.int32]:
        """Tell where the words of a corpus stand in this vocabulary.

        Parameters
        ----------
        corpus : Corpus
            Any corpus.

        Returns
        -------
        ndarray of int32, shape (len(corpus.counts),)
            The row of each of `corpus.words`; -1 for words that are not in the vocabulary.

        Examples
        --------
        >>> corpus = Corpus([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> corpus.words
        ['나는', '달린다', '먹었다', '사과를']
        >>> Vocabulary(["나는", "사과를"], [3, 5]).rows_of(corpus)
        array([ 1, -1, -1,  0], dtype=int32)
        """
        n_words, n_rows = len(corpus.counts), len(self)
        rows = np.full(n_words, -1, dtype=np.int32)
        if n_rows <= n_words and corpus.top_words(n_rows) == self.index_to_key:
            rows[:n_rows] = np.arange(n_rows)
        else:
            rows[:] = [self.key_to_index.get(word, -1) for word in corpus.words]
        return rows

    def keep_probabilities(self, sample: float) -> NDArray[np.float64]:
        """Chance of each row's tokens to survive subsampling.

        Parameters
        ----------
        sample : float
            Words whose share of the corpus is above this are thinned out; 0 keeps all. At most 1.

        Returns
        -------
        ndarray of float64, shape (len(vocabulary),)
            min(1, (sqrt(c / t) + 1) * t / c) with c the count and t = sample * total_words.

        Raises
        ------
        TypeError, ValueError
            `sample` is no number, or not from 0 to 1.

        Notes
        -----
        The formula is that of word2vec.c. Mikolov et al. 2013, "Distributed Representations of
        Words and Phrases and their Compositionality", section 2.3, gives a close relative.

        Examples
        --------
        >>> Vocabulary(["the", "cat"], [990, 10]).keep_probabilities(0.001).round(3)
        array([0.033, 0.416])
        """
        if check_float("sample", sample, 0.0, 1.0) == 0:
            return np.ones(len(self))
        ratio = sample * self.total_words / self.counts
        return np.minimum(1.0, np.sqrt(ratio) + ratio)

    def noise_distribution(self, ns_exponent: float = 0.75) -> NDArray[np.float64]:
        """Chance of each row to be drawn as a noise word.

        Parameters
        ----------
        ns_exponent : float, default 0.75
            1 draws words as often as they occur, 0 all alike.

        Returns
        -------
        ndarray of float64, shape (len(vocabulary),)
            counts ** ns_exponent, over their sum.

        Raises
        ------
        TypeError, ValueError
            `ns_exponent` is no finite number.

        Notes
        -----
        0.75 is from Mikolov et al. 2013, "Distributed Representations of Words and Phrases and
        their Compositionality", section 2.2.

        Examples
        --------
        >>> Vocabulary(["the", "cat"], [16, 1]).noise_distribution().round(3)
        array([0.889, 0.111])
        """
        check_float("ns_exponent", ns_exponent, -100, 100)
        powers = ns_exponent * np.log(self.counts)
        # Relative to the largest, so that no power overflows.
        weights = np.exp(powers - powers.max())
        return cast("NDArray[np.float64]", weights / weights.sum())

    @property
    def total_words(self) -> int:
        """Sum of the counts."""
        return int(self.counts.sum())

    def save(self, path: StrPath) -> None:
        """Write the words and counts to a JSON file.

        Parameters
        ----------
        path : str or Path
            The file. It is replaced only once the new one is complete.

        Raises
        ------
        OSError
            The file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> Vocabulary(["사과", "배"], [7, 2]).save(mkdtemp() + "/vocabulary.json")
        """
        content = {"format": _FORMAT, "words": self.index_to_key, "counts": self.counts.tolist()}
        with atomic_write(path) as file:
            file.write(json.dumps(content, ensure_ascii=True).encode())

    @classmethod
    def load(cls, path: StrPath) -> Vocabulary:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Vocabulary

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/vocabulary.json"
        >>> Vocabulary(["사과", "배"], [7, 2]).save(path)
        >>> Vocabulary.load(path)
        <Vocabulary: 2 words, 9 occurrences>
        """
        with open(path, "rb") as file:
            raw = file.read()
        try:
            content = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise FormatError(path, f"not a vocabulary file: {error}") from None
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise FormatError(path, "not a vocabulary file: Vocabulary.save writes them")
        with blame(path, "a damaged vocabulary file"):
            return cls(content["words"], content["counts"])

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        return word in self.key_to_index

    def __repr__(self) -> str:
        return f"<Vocabulary: {len(self):,} words, {self.total_words:,} occurrences>"
