"""What encoders of single words have in common: a vocabulary, given or learned."""

from __future__ import annotations

from typing import Any, TypeVar

from fastw2v._typing import Array
from fastw2v.encoders._base import Encoder
from fastw2v.encoders.tokens import Tokens, WordIndex, as_tokens

Self = TypeVar("Self", bound="WordEncoder")


class WordEncoder(Encoder):
    """An encoder with the parameters `vocabulary` and `handle_unknown`."""

    vocabulary: object
    handle_unknown: str
    _UNKNOWN: tuple[str, ...]  # what handle_unknown may be
    _words: WordIndex

    def fit(self: Self, X: object = None, y: object = None) -> Self:
        """Take the vocabulary that was given, or learn it.

        Parameters
        ----------
        X : list of tokens, list of sentences, array, or Corpus, optional
            Where the words come from, most frequent first; not looked at where there is a
            `vocabulary`.
        y : object
            Not looked at.

        Returns
        -------
        WordEncoder
            This one.

        Raises
        ------
        TypeError, ValueError
            A parameter is out of range, `X` holds no tokens, or the vocabulary is empty.
        """
        self._check_parameters()
        self._keep(self._given() or self._learned(X))
        return self

    def fit_transform(self, X: object, y: object = None) -> Any:
        """Learn the words of tokens, and return their vectors: ``fit(X).transform(X)``.

        Parameters
        ----------
        X : list of tokens, list of sentences, array, or Corpus
            As for ``transform``. An iterator is read once.
        y : object
            Not looked at.

        Returns
        -------
        csr_matrix or ndarray
            As of ``transform``.

        Raises
        ------
        TypeError, ValueError
            As of `fit` and ``transform``.
        """
        tokens = as_tokens(X)
        return self.fit(tokens).transform(tokens)

    def transform(self, X: object) -> Any:
        """Return the vectors of tokens; a subclass says how."""
        raise NotImplementedError

    def _needs_fit(self) -> bool:
        return self.vocabulary is None

    def _check_parameters(self) -> None:
        if self.handle_unknown not in self._UNKNOWN:
            raise ValueError(
                f"handle_unknown must be one of {self._UNKNOWN}, got {self.handle_unknown!r}"
            )

    def _keep(self, words: WordIndex) -> None:
        self._words = words
        self.vocabulary_ = words.index

    def _given(self) -> WordIndex | None:
        return None if self.vocabulary is None else WordIndex.of(self.vocabulary)

    def _learned(self, X: object) -> WordIndex:
        if X is None:
            raise ValueError("fit needs tokens to learn words from, or pass vocabulary=")
        return WordIndex.learned(as_tokens(X))

    def _index(self) -> WordIndex:
        """Return the words: those of ``fit``, or the given ones, for which no ``fit`` is needed."""
        words = self._words if hasattr(self, "vocabulary_") else self._given()
        if words is None:
            raise self._not_fitted()
        self._check_parameters()
        return words

    def _rows(self, tokens: Tokens, words: WordIndex) -> Array:
        """Return the row of each token; unknown ones raise ValueError, or have -1."""
        rows = words.rows(tokens)
        is_wrong = self.handle_unknown == "error" or (
            self.handle_unknown == "hash" and words.takes_as_ids(tokens)
        )
        if is_wrong and (rows < 0).any():
            raise words.unknown(tokens, rows)
        return rows
