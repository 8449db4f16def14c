"""Phrases: words that stand together more often than chance has it, merged into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np

from fastw2v._checks import check_int
from fastw2v._phrases import files
from fastw2v._phrases.counts import PairCounts, add, count_pairs, no_pairs, prune
from fastw2v._phrases.merger import PhraseMerger
from fastw2v._phrases.phrasing import as_corpus
from fastw2v._phrases.scores import SCORERS, Scorer, npmi_scorer, original_scorer, score_pairs
from fastw2v._typing import StrPath
from fastw2v.cpu import thread_count
from fastw2v.errors import NoWordsError, blame

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]

#: Articles, prepositions and conjunctions that may stand within an English phrase.
ENGLISH_CONNECTOR_WORDS = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in"]
    + ["of", "on", "or", "the", "to", "with", "without"]
)

# What a file of counts keeps besides what all mergers have.
_COUNT_SETTINGS = ("max_vocab_size", "progress_per")


class Phrases(PhraseMerger):
    """Count words and pairs of words, and find the pairs that are phrases.

    Parameters
    ----------
    sentences : Corpus, or any source of one, optional
        What to count; a path will do, and a generator is read once. See `Corpus`.
    min_count : float, default 5
        Pairs that occur less often are no phrases.
    threshold : float, default 10.0
        A pair is a phrase if its score is above this. Above 0 for the default scoring, from -1 to 1
        for ``"npmi"``.
    max_vocab_size : int, default 40_000_000
        Keep at most so many distinct words and pairs: those that occur more than c times, c as low
        as can be, whatever the order of the sentences and the number of threads. While a corpus is
        read, twice as many (two million if that is more) are in memory, at up to 100 bytes each; if
        there are more, the token file is read several times.
    delimiter : str, default "_"
        Stands between the words of a phrase.
    progress_per : int, default 10000
        Accepted for gensim's sake; `progress` shows progress.
    scoring : {"default", "npmi"} or callable, default "default"
        `original_scorer`, `npmi_scorer`, or a function of ``worda_count``, ``wordb_count``,
        ``bigram_count``, ``len_vocab``, ``min_count`` and ``corpus_word_count``, which are passed
        by name.
    connector_words : set of str, default frozenset()
        Words that no phrase begins or ends with, any number of which may stand within one;
        `ENGLISH_CONNECTOR_WORDS` for English.
    workers : int, optional
        Threads. Default: the cores this process may use.
    progress : bool, optional
        As for `Corpus`.

    Attributes
    ----------
    vocab : dict of str to int
        The count of each word and, joined, of each pair; made anew after `add_vocab`.
    corpus_word_count : int
        Words read, connector words included.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it should be; raised before anything is read.
    FileNotFoundError, CorpusError
        As from `Corpus`.

    Notes
    -----
    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", section 4. A pair is counted by its two words, however they are spelled: the
    word "new_york" does not count as the pair "new", "york".

    Examples
    --------
    >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
    >>> phrases = Phrases(sentences, min_count=1, threshold=1)
    >>> phrases.export_phrases()
    {'대한_민국': 1.25}
    >>> phrases[["우리", "대한", "민국"]]
    ['우리', '대한_민국']

    Phrases of three and four words come from a second pass: ``Phrases(phrases[corpus])``.
    """

    def __init__(
        self,
        sentences: object = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40_000_000,
        delimiter: str = "_",
        progress_per: int = 10_000,
        scoring: str | Scorer = "default",
        connector_words: Iterable[str] = frozenset(),
        *,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> None:
        super().__init__(min_count, threshold, delimiter, scoring, connector_words)
        self.max_vocab_size = check_int("max_vocab_size", max_vocab_size, 1)
        self.progress_per = check_int("progress_per", progress_per, 1)
        self.workers = thread_count(workers)
        self.progress = progress
        self.corpus_word_count = 0
        self._set_known(no_pairs())
        if sentences is not None:
            self.add_vocab(sentences)

    def add_vocab(self, sentences: object) -> None:
        """Count more sentences.

        Parameters
        ----------
        sentences : Corpus, or any source of one
            What to count. Sentences without any word add nothing.

        Raises
        ------
        TypeError, FileNotFoundError, CorpusError
            As from `Corpus`.

        Examples
        --------
        >>> phrases = Phrases([["대한", "민국", "만세"]], min_count=1, threshold=1)
        >>> phrases.add_vocab([["대한", "민국"], ["만세"]])
        >>> phrases.vocab["대한_민국"]
        2
        """
        try:
            corpus = as_corpus(sentences, self.workers, self.progress)
        except NoWordsError:
            return
        limit = self.max_vocab_size
        new = count_pairs(corpus, self.connector_words, limit, self.workers, self.progress)
        self._set_known(prune(add(self._known, new), limit))
        self.corpus_word_count += corpus.total_words

    def _set_known(self, known: PairCounts) -> None:
        self._known = known
        # What follows from the counts.
        self._vocab: dict[str, int] | None = None
        self._scored: tuple[Any, dict[str, float]] | None = None

    @property
    def vocab(self) -> dict[str, int]:
        """The count of each word and, joined, of each pair."""
        if self._vocab is None:
            known = self._known
            vocab = dict(zip(known.words, known.word_counts.tolist(), strict=True))
            pairs = self._spelled(np.arange(len(known.counts)))
            for phrase, count in zip(pairs, known.counts.tolist(), strict=True):
                vocab[phrase] = vocab.get(phrase, 0) + count
            self._vocab = vocab
        return self._vocab

    def freeze(self) -> FrozenPhrases:
        """Return the phrases alone, without the counts.

        Returns
        -------
        FrozenPhrases
            Smaller; it merges what this does, and cannot learn any more.

        Examples
        --------
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> Phrases(sentences, min_count=1, threshold=1).freeze()
        <FrozenPhrases: 1 phrases, min_count=1, threshold=1.0>
        """
        return FrozenPhrases(self)

    def save(self, path: StrPath) -> None:
        """Write the counts to one file (safetensors; no pickle).

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
        >>> Phrases([["대한", "민국"]], min_count=1, threshold=1).save(mkdtemp() + "/phrases")
        """
        settings = self._settings() | {name: getattr(self, name) for name in _COUNT_SETTINGS}
        files.write_counts(path, settings, self.corpus_word_count, self._known)

    @classmethod
    def load(cls, path: StrPath, *, scoring: Scorer | None = None) -> Phrases:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or Path
            The file.
        scoring : callable, optional
            The function that scored, if it was not one of this module: files hold no code.

        Returns
        -------
        Phrases

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        TypeError
            `scoring` is missing.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/phrases.safetensors"
        >>> Phrases([["대한", "민국"]], min_count=1, threshold=1).save(path)
        >>> Phrases.load(path)
        <Phrases: 2 words, 1 pairs, min_count=1, threshold=1.0>
        """
        saved = files.read_counts(path)
        settings = saved.settings
        if scoring is not None:
            settings["scoring"] = scoring
        elif settings.get("scoring") not in SCORERS:
            raise TypeError(
                f"{path}: the scores are those of {settings.get('scoring')}; pass it as scoring="
            )
        with blame(path, files.DAMAGED):
            phrases = cls(**settings)
        phrases._set_known(saved.known)
        phrases.corpus_word_count = saved.corpus_word_count
        return phrases

    def _scores(self) -> dict[str, float]:
        # All that the scores depend on may be changed by hand.
        state = self.threshold, self.min_count, self.scoring, self.delimiter
        if self._scored is None or self._scored[0] != state:
            known = self._known
            scorer = cast(Scorer, self.scoring)
            scores = score_pairs(known, scorer, self.min_count, self.corpus_word_count)
            chosen = np.flatnonzero(scores > self.threshold)
            found: dict[str, float] = {}
            for phrase, score in zip(self._spelled(chosen), scores[chosen].tolist(), strict=True):
                found[phrase] = max(score, found.get(phrase, score))
            self._scored = state, found
        return self._scored[1]

    def _spelled(self, pairs: Any) -> Iterator[str]:
        known, join = self._known, self.delimiter.join
        columns = (column[pairs].tolist() for column in (known.first, known.chain, known.last))
        for first, between, last in zip(*columns, strict=True):
            yield join([known.words[first], *known.chains[between], known.words[last]])

    def __repr__(self) -> str:
        return (
            f"<Phrases: {len(self._known.words):,} words, {len(self._known.counts):,} pairs, "
            f"min_count={self.min_count}, threshold={self.threshold}>"
        )


class FrozenPhrases(PhraseMerger):
    """Phrases without the counts that they come from.

    Parameters
    ----------
    phrases_model : Phrases
        Where they come from.

    Attributes
    ----------
    phrasegrams : dict of str to float
        The phrases, joined, and their scores. It may be changed.

    Examples
    --------
    >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
    >>> frozen = FrozenPhrases(Phrases(sentences, min_count=1, threshold=1))
    >>> frozen.phrasegrams
    {'대한_민국': 1.25}
    >>> frozen[["우리", "대한", "민국"]]
    ['우리', '대한_민국']
    """

    def __init__(self, phrases_model: Phrases) -> None:
        if not isinstance(phrases_model, Phrases):
            raise TypeError(
                f"phrases_model must be a Phrases, got {type(phrases_model).__name__}; pass "
                "Phrases(sentences)"
            )
        of = phrases_model
        super().__init__(of.min_count, of.threshold, of.delimiter, of.scoring, of.connector_words)
        self.phrasegrams = phrases_model.export_phrases()

    def _scores(self) -> dict[str, float]:
        return self.phrasegrams

    def save(self, path: StrPath) -> None:
        """Write the phrases to one file (JSON).

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
        >>> phrases = Phrases([["대한", "민국", "만세"]] * 2, min_count=1, threshold=0.1)
        >>> phrases.freeze().save(mkdtemp() + "/phrases.json")
        """
        files.write_phrases(path, self._settings(), self.phrasegrams)

    @classmethod
    def load(cls, path: StrPath) -> FrozenPhrases:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        FrozenPhrases
            Its `scoring` is None if that was a function of your own: files hold no code.

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/phrases.json"
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> Phrases(sentences, min_count=1, threshold=1).freeze().save(path)
        >>> FrozenPhrases.load(path)[["우리", "대한", "민국"]]
        ['우리', '대한_민국']
        """
        settings, phrasegrams = files.read_phrases(path)
        if settings.get("scoring") not in SCORERS:
            settings["scoring"] = None
        phrases = cls.__new__(cls)
        with blame(path, files.DAMAGED):
            PhraseMerger.__init__(phrases, **settings)
        phrases.phrasegrams = phrasegrams
        return phrases

    def __repr__(self) -> str:
        return (
            f"<FrozenPhrases: {len(self.phrasegrams):,} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )


Phraser = FrozenPhrases
