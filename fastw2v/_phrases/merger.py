"""Merging of phrases: in one sentence, in many, and in a whole corpus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, cast

from fastw2v._checks import check_float
from fastw2v._keys import as_list
from fastw2v._phrases.phrasing import PhrasedSentences, Phrasing, as_corpus, phrases_in
from fastw2v._phrases.scores import Scorer, check_scoring, check_threshold, scorer_name
from fastw2v.corpus import Corpus
from fastw2v.cpu import thread_count
from fastw2v.errors import NoWordsError


class PhraseMerger(ABC):
    """What `Phrases` and `FrozenPhrases` have in common: they merge. Parameters are theirs."""

    def __init__(
        self,
        min_count: float,
        threshold: float,
        delimiter: str,
        scoring: object,
        connector_words: Iterable[str],
    ) -> None:
        self.scoring: Scorer | None = None if scoring is None else check_scoring(scoring)
        number = check_float("min_count", min_count, 0.0, exclusive=True)
        self.min_count = int(number) if number.is_integer() else number
        self.threshold = check_threshold(threshold, self.scoring)
        if not isinstance(delimiter, str) or not delimiter:
            raise ValueError(f"delimiter must be a str that is not empty, got {delimiter!r}")
        self.delimiter = delimiter
        words = as_list("connector_words", connector_words)
        for word in words:
            if not isinstance(word, str) or f"{word}{delimiter}".find(delimiter) < len(word):
                raise ValueError(
                    f"connector_words must be strings without the delimiter, {delimiter!r}; got "
                    f"{word!r}"
                )
        self.connector_words = frozenset(words)

    def _settings(self) -> dict[str, Any]:
        """Return the parameters, fit for a file."""
        return {
            "min_count": self.min_count,
            "threshold": self.threshold,
            "delimiter": self.delimiter,
            "scoring": scorer_name(self.scoring),
            "connector_words": sorted(self.connector_words),
        }

    @abstractmethod
    def _scores(self) -> dict[str, float]:
        """Return the phrases, joined, and their scores."""

    def score_candidate(
        self, word_a: str, word_b: str, in_between: Iterable[str] = ()
    ) -> tuple[str, float] | tuple[None, None]:
        """Tell whether a pair of words is a phrase.

        Parameters
        ----------
        word_a, word_b : str
            The first and the last word.
        in_between : iterable of str, default ()
            The connector words between them.

        Returns
        -------
        phrase : str or None
            The words joined by the delimiter; None if they are no phrase.
        score : float or None

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> Phrases(sentences, min_count=1, threshold=1).score_candidate("대한", "민국")
        ('대한_민국', 1.25)
        """
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self._scores().get(phrase)
        return (None, None) if score is None or not score > self.threshold else (phrase, score)

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, float | None]]:
        """Merge the phrases of a sentence, from left to right.

        Parameters
        ----------
        sentence : iterable of str
            Tokens.

        Yields
        ------
        token : str
            A phrase, or a word that is part of none.
        score : float or None
            None for a word.

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> list(Phrases(sentences, min_count=1, threshold=1).analyze_sentence(sentences[0]))
        [('대한_민국', 1.25), ('만세', None)]
        """
        tokens, scores = self._analyze(sentence)
        yield from zip(tokens, scores, strict=True)

    def _merge(self, sentence: Iterable[str]) -> list[str]:
        return self._analyze(sentence)[0]

    def _analyze(self, sentence: Iterable[str]) -> tuple[list[str], list[float | None]]:
        score_of, threshold = self._scores().get, self.threshold
        delimiter, connectors = self.delimiter, self.connector_words
        tokens: list[str] = []
        scores: list[float | None] = []
        start: str | None = None  # a word that may begin a phrase, and connector words behind it
        between: list[str] = []
        for word in sentence:
            if start is None:
                if word in connectors:
                    tokens.append(word)
                    scores.append(None)
                else:
                    start = word
            elif word in connectors:
                between.append(word)
            else:
                first = delimiter.join([start, *between]) if between else start
                phrase = f"{first}{delimiter}{word}"
                score = score_of(phrase)
                if score is not None and score > threshold:
                    tokens.append(phrase)
                    scores.append(score)
                    start = None
                else:
                    tokens += [start, *between]
                    scores += [None] * (1 + len(between))
                    start = word
                between = []
        if start is not None:
            tokens += [start, *between]
            scores += [None] * (1 + len(between))
        return tokens, scores

    def _phrasing(self) -> Phrasing:
        scores = self._scores().items()
        phrases = [phrase for phrase, score in scores if score > self.threshold]
        return Phrasing(phrases, self.delimiter, self.connector_words)

    def __getitem__(self, sentence: Any) -> Any:
        """Merge the phrases of one sentence, or of many.

        Parameters
        ----------
        sentence : iterable of str, or iterable of them, or Corpus
            Tokens; or sentences; or a corpus.

        Returns
        -------
        list of str, or iterable of them, or Corpus
            For sentences, an iterable that merges them as it goes; `Corpus` and `Word2Vec` read it
            natively.

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> phrases = Phrases(sentences, min_count=1, threshold=1)
        >>> phrases[["우리", "대한", "민국"]]
        ['우리', '대한_민국']
        >>> list(phrases[sentences])
        [['대한_민국', '만세'], ['대한_민국'], ['만세']]
        """
        if isinstance(sentence, Corpus):
            return self.transform(sentence)
        if isinstance(sentence, (str, bytes)) or not isinstance(sentence, Iterable):
            raise TypeError(
                f"a sentence is a list of tokens, got {sentence!r}; of a file, pass Corpus(path)"
            )
        iterator = iter(sentence)
        try:
            first = next(iterator)
        except StopIteration:
            return []
        if isinstance(first, str):
            return self._merge(chain([first], iterator))
        # What can be iterated over once only goes on where it was looked into.
        is_once = iterator is sentence
        return self._phrased(chain([first], iterator) if is_once else sentence)

    def _phrased(self, sentences: object) -> PhrasedSentences:
        return PhrasedSentences(
            self._merge, self._phrasing, cast("Iterable[Iterable[str]]", sentences)
        )

    def transform(
        self, corpus: object, *, workers: int | None = None, progress: bool | None = None
    ) -> Corpus:
        """Merge the phrases of a corpus, natively.

        Parameters
        ----------
        corpus : Corpus, or any source of one
            What to read.
        workers : int, optional
            Threads. Default: the cores this process may use.
        progress : bool, optional
            As for `Corpus`.

        Returns
        -------
        Corpus
            As many sentences, of merged tokens.

        Raises
        ------
        TypeError
            The corpus is of numbers.
        FileNotFoundError, CorpusError, NoWordsError
            As from `Corpus`.

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> corpus = Corpus([["대한", "민국", "만세"], ["대한", "민국"], ["만세"]])
        >>> list(Phrases(corpus, min_count=1, threshold=1).transform(corpus))
        [['대한_민국', '만세'], ['대한_민국'], ['만세']]
        """
        return Corpus(self._phrased(corpus), workers=workers, progress=progress)

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases.

        Returns
        -------
        dict of str to float
            The score of each phrase, those of `Phrases` in order of first appearance.

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> Phrases(sentences, min_count=1, threshold=1).export_phrases()
        {'대한_민국': 1.25}
        """
        return dict(self._scores())

    def find_phrases(
        self, sentences: object, *, workers: int | None = None, progress: bool | None = None
    ) -> dict[str, float]:
        """Find the phrases that `sentences` hold.

        Parameters
        ----------
        sentences : Corpus, or any source of one
            What to read.
        workers : int, optional
            Threads. Default: the cores this process may use.
        progress : bool, optional
            As for `Corpus`.

        Returns
        -------
        dict of str to float
            The score of each phrase, in order of appearance.

        Examples
        --------
        >>> from fastw2v import Phrases
        >>> sentences = [["대한", "민국", "만세"], ["대한", "민국"], ["만세"]]
        >>> Phrases(sentences, min_count=1, threshold=1).find_phrases([["우리", "대한", "민국"]])
        {'대한_민국': 1.25}
        """
        threads = thread_count(workers)
        try:
            corpus = as_corpus(sentences, threads, progress)
        except NoWordsError:
            return {}
        scores = self._scores()
        found = phrases_in(corpus, self._phrasing(), threads, progress)
        return {phrase: scores[phrase] for phrase in found}
