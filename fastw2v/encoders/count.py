"""CountVectorizer: how often each term occurs in each document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastw2v._typing import Array
from fastw2v.encoders._base import (
    Encoder,
    check_documents,
    csr,
    not_fitted_error,
    scipy_sparse,
)
from fastw2v.encoders.analysis import TextAnalysis
from fastw2v.encoders.arguments import check_parameters, warn_of_upper_case
from fastw2v.encoders.counted import Counted, Weighting
from fastw2v.encoders.counting import count
from fastw2v.encoders.fitted import Fitted, choose_terms
from fastw2v.encoders.termlist import TermList
from fastw2v.encoders.work import Work

__all__ = ["CountVectorizer"]

Self = TypeVar("Self", bound="CountVectorizer")


class CountVectorizer(TextAnalysis, Encoder):
    r"""Term counts of documents, as scikit-learn's class of the same name, counted natively.

    Parameters, defaults and results are scikit-learn's. Documents are strings, or bytes; or lists
    of tokens, or a `fastw2v.Corpus`, whose tokens are taken as they are: `lowercase`,
    `strip_accents` and `token_pattern` concern strings alone.

    Parameters
    ----------
    input : {"content", "filename", "file"}, default "content"
        What a document is: the text itself, the path of a file, or an open file.
    encoding : str, default "utf-8"
        Of bytes and files.
    decode_error : {"strict", "ignore", "replace"}, default "strict"
        What becomes of bytes that are not in `encoding`.
    strip_accents : {"ascii", "unicode"} or callable, optional
        Take the marks off letters.
    lowercase : bool, default True
        Make texts lower case, as ``str.lower()`` does.
    preprocessor : callable, optional
        Applied to each text in place of `lowercase` and `strip_accents`.
    tokenizer : callable, optional
        Makes tokens of a text in place of `token_pattern`. ``str.split`` runs natively.
    stop_words : "english" or collection of str, optional
        Words to leave out; "english" is scikit-learn's list, and needs it.
    token_pattern : str, default ``r"(?u)\b\w\w+\b"``
        What a token is. The default, ``r"(?u)\b\w+\b"`` and ``r"\S+"`` run natively.
    ngram_range : tuple of two int, default (1, 1)
        Lengths of the n-grams that are terms, least and greatest.
    analyzer : {"word", "char", "char_wb"} or callable, default "word"
        What n-grams consist of, or what makes terms of a document. Only "word" runs natively.
    max_df, min_df : float or int, default 1.0 and 1
        Leave out terms in more, or fewer, documents: a share of them from 0 to 1, or a number.
    max_features : int, optional
        Keep only so many terms, the most frequent ones.
    vocabulary : mapping, iterable or Vocabulary, optional
        The terms of the columns, in place of those found in the documents.
    binary : bool, default False
        A term counts once a document.
    dtype : dtype, default int64
        Of the values.
    workers : int, optional
        Threads. Default: the cores this process may use.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or when it is a terminal or notebook
        and the work takes over two seconds (None, the default).

    Attributes
    ----------
    vocabulary_ : dict
        The column of each term; made when it is first asked for.
    fixed_vocabulary_ : bool
        Whether the terms were given.

    See Also
    --------
    TfidfVectorizer : Counts weighted by how rare a term is.

    Notes
    -----
    What runs natively is the same for any number of threads. Anything else runs in Python, in one
    thread; the logger "fastw2v" says so at level DEBUG, once a vectorizer. Rows are sorted by
    column, always, which scikit-learn's are after `transform` but not after `fit_transform`.

    Examples
    --------
    >>> words = ["나는", "정말", "맛있는", "사과를", "딸기를", "먹었다"]
    >>> vectorizer = CountVectorizer(vocabulary=words)
    >>> vectorizer.fit_transform(["나는 정말 정말 맛있는 사과를 먹었다"]).toarray()
    array([[1, 2, 1, 1, 0, 1]])

    >>> vectorizer = CountVectorizer().fit(["Fresh red apples", "fresh pears"])
    >>> vectorizer.get_feature_names_out()
    array(['apples', 'fresh', 'pears', 'red'], dtype=object)
    """

    _fitted: Fitted | None = None

    def __init__(
        self,
        *,
        input: str = "content",
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: str | Callable[[str], str] | None = None,
        lowercase: bool = True,
        preprocessor: Callable[[Any], Any] | None = None,
        tokenizer: Callable[[str], Iterable[str]] | None = None,
        stop_words: str | Collection[str] | None = None,
        token_pattern: str | None = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: str | Callable[[Any], Iterable[Any]] = "word",
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.int64,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> None:
        self.input = input
        self.encoding = encoding
        self.decode_error = decode_error
        self.strip_accents = strip_accents
        self.lowercase = lowercase
        self.preprocessor = preprocessor
        self.tokenizer = tokenizer
        self.stop_words = stop_words
        self.token_pattern = token_pattern
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.max_df = max_df
        self.min_df = min_df
        self.max_features = max_features
        self.vocabulary = vocabulary
        self.binary = binary
        self.dtype = dtype
        self.workers = workers
        self.progress = progress

    def fit(self: Self, raw_documents: Iterable[Any], y: object = None) -> Self:
        """Learn the terms.

        Parameters
        ----------
        raw_documents : iterable of str, bytes or list of str, or Corpus
            The documents; they are read once, so a generator will do.
        y : object
            Not used.

        Returns
        -------
        CountVectorizer
            This one.

        Raises
        ------
        TypeError, AttributeError
            A document is no text; the message has its number.
        ValueError
            A single string stands in place of the documents, there are no terms, a parameter is
            out of range, or text is not UTF-8 (the message has the document's number).
        """
        self._fitted = self._learn(raw_documents, keep=self.max_features is not None)[1]
        return self

    def fit_transform(self, raw_documents: Iterable[Any], y: object = None) -> Any:
        """Learn the terms, and count them.

        Parameters
        ----------
        raw_documents : iterable of str, bytes or list of str, or Corpus
            As for `fit`.
        y : object
            Not used.

        Returns
        -------
        scipy.sparse.csr_matrix, shape (documents, terms)
            How often each term occurs in each document.

        Raises
        ------
        TypeError, AttributeError, ValueError
            As `fit` does.
        ImportError
            scipy is not installed.
        """
        scipy_sparse()
        counted, fitted, _ = self._learn(raw_documents, keep=True)
        X = self._matrix(counted)
        self._fitted = fitted
        return X

    def transform(self, raw_documents: Iterable[Any]) -> Any:
        """Count the known terms in documents.

        Parameters
        ----------
        raw_documents : iterable of str, bytes or list of str, or Corpus
            As for `fit`.

        Returns
        -------
        scipy.sparse.csr_matrix, shape (documents, terms)
            How often each term occurs in each document; unknown ones are passed over.

        Raises
        ------
        NotFittedError
            There has been no `fit`, and no vocabulary is given.
        TypeError, AttributeError, ValueError
            As `fit` does.
        ImportError
            scipy is not installed.

        Examples
        --------
        >>> CountVectorizer().fit(["사과 딸기"]).transform(["사과 수박 사과"]).toarray()
        array([[0, 2]])
        """
        return self._matrix(self._find(raw_documents, self._known_terms()))

    def inverse_transform(self, X: Any) -> list[NDArray[np.object_]]:
        """Return the terms of each document.

        Parameters
        ----------
        X : sparse matrix or array, shape (documents, terms)
            As `transform` returns it.

        Returns
        -------
        list of ndarray of object
            The terms whose values are not zero.

        Raises
        ------
        NotFittedError
            There has been no `fit`, and no vocabulary is given.
        ValueError
            `X` has not as many columns as there are terms.

        Examples
        --------
        >>> CountVectorizer().fit(["사과 딸기"]).inverse_transform([[0, 2]])
        [array(['사과'], dtype=object)]
        """
        names = self._known_terms().as_array()
        rows = scipy_sparse().csr_matrix(X)
        if rows.shape[1] != len(names):
            raise ValueError(
                f"X must have a column for each of the {len(names)} terms, got shape {rows.shape}"
            )
        kept, starts = rows.indices, rows.indptr
        if (rows.data == 0).any():
            present = rows.data != 0
            kept = kept[present]
            starts = np.concatenate(([0], np.cumsum(present)))[starts]
        return [names[part] for part in np.split(kept, starts[1:-1])] if rows.shape[0] else []

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Return the term of each column.

        Parameters
        ----------
        input_features : object
            Not used.

        Returns
        -------
        ndarray of object, shape (terms,)

        Raises
        ------
        NotFittedError
            There has been no `fit`, and no vocabulary is given.
        """
        return self._known_terms().as_array()

    @property
    def vocabulary_(self) -> dict[Any, int]:
        """The column of each term."""
        return self._known_terms(fitted=True).index

    @vocabulary_.setter
    def vocabulary_(self, vocabulary: Any) -> None:
        terms = TermList.from_vocabulary(vocabulary)
        self._fitted = replace(self._fitted or Fitted(), terms=terms)

    @property
    def fixed_vocabulary_(self) -> bool:
        """Whether the terms were given."""
        return self._known(fitted=True)[0].is_given

    def _needs_fit(self) -> bool:
        return self.vocabulary is None

    def __sklearn_is_fitted__(self) -> bool:
        has_terms = self._fitted is not None and self._fitted.terms is not None
        return has_terms or not self._needs_fit()

    def _known(self, fitted: bool = False) -> tuple[Fitted, TermList]:
        """Return what is known, and the terms of it.

        Terms that are given need no `fit`, unless it is asked for.
        """
        known = self._fitted or Fitted()
        terms = known.terms
        if terms is None:
            if self.vocabulary is None or fitted:
                raise not_fitted_error()(
                    f"This {type(self).__name__} is not fitted yet: Vocabulary not fitted or "
                    "provided. Call 'fit' with documents, or set vocabulary="
                )
            terms = TermList.from_vocabulary(self.vocabulary)
            self._fitted = known = replace(known, terms=terms, is_given=True)
        return known, terms

    def _known_terms(self, fitted: bool = False) -> TermList:
        return self._known(fitted)[1]

    def _find(self, raw_documents: Iterable[Any], terms: TermList) -> Counted:
        """Count documents, and find the known terms."""
        scipy_sparse()
        check_parameters(self)
        check_documents("raw_documents", raw_documents)
        counted = count(self, raw_documents, Work(self.workers, self.progress, keep=True))
        counted.find(terms)
        return counted

    def _learn(
        self, raw_documents: Iterable[Any], keep: bool
    ) -> tuple[Counted, Fitted, NDArray[np.int64]]:
        """Count documents, and choose the terms, or find those that were given.

        Also returns in how many documents each term is. What an earlier `fit` has learned stays as
        it is: the caller replaces it when all has gone well.
        """
        check_documents("raw_documents", raw_documents)
        check_parameters(self)
        self._warn_of_unused()
        given = None
        if self.vocabulary is not None:
            given = TermList.from_vocabulary(self.vocabulary)
            if self.lowercase:
                warn_of_upper_case(given.names)
        counted = count(self, raw_documents, Work(self.workers, self.progress, keep))
        if given is None:
            terms, frequencies = choose_terms(self, counted)
        else:
            terms = given
            counted.find(terms)
            frequencies = counted.frequencies()
        return counted, Fitted(terms, is_given=given is not None), frequencies

    def _matrix(self, counted: Counted) -> Any:
        kind = np.dtype(self.dtype)
        native = kind.type if kind in (np.float32, np.float64) else np.int64
        return self._csr(counted, native, Weighting(bool(self.binary))).astype(kind, copy=False)

    def _csr(self, counted: Counted, dtype: type[np.generic], weighting: Weighting) -> Any:
        data, indices, indptr = counted.rows(dtype, weighting)
        made = csr(data, indices, indptr, (counted.n_documents, counted.n_columns))
        made.has_sorted_indices = made.has_canonical_format = True
        return made
