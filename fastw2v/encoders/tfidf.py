"""TfidfVectorizer: counts weighted by how rare a term is; dense vectors on request."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from fastw2v._typing import Array
from fastw2v.encoders._base import not_fitted_error, scipy_sparse
from fastw2v.encoders.count import CountVectorizer
from fastw2v.encoders.counted import Counted, Weighting
from fastw2v.encoders.fitted import Fitted, check_weights, idf_of
from fastw2v.encoders.phase import phase
from fastw2v.encoders.reduction import Reduction
from fastw2v.encoders.termlist import TermList
from fastw2v.keyedvectors import KeyedVectors

__all__ = ["TfidfVectorizer"]

Self = TypeVar("Self", bound="TfidfVectorizer")


class TfidfVectorizer(CountVectorizer):
    r"""TF-IDF vectors of documents, as scikit-learn's class of the same name, counted natively.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, analyzer, \
stop_words, token_pattern, ngram_range, max_df, min_df, max_features, vocabulary, binary
        As for `CountVectorizer`.
    dtype : dtype, default float64
        Of the values: float64 or float32.
    norm : {"l2", "l1"}, optional
        Scale rows to length 1 ("l2", the default), or to a sum of 1 ("l1"); None leaves them.
    use_idf : bool, default True
        Weight counts by idf(t), see the notes.
    smooth_idf : bool, default True
        Count one more document, which has all terms.
    sublinear_tf : bool, default False
        Take 1 + ln(count) for a count.
    n_components : int, optional
        Reduce the vectors to so many dimensions by truncated SVD (latent semantic analysis).
        `fit_transform` and `transform` return dense arrays then. Needs ``fastw2v[encoders]``.
    random_state : int, default 0
        Seed of the SVD.
    workers, progress
        As for `CountVectorizer`.

    Attributes
    ----------
    vocabulary_, fixed_vocabulary_
        As of `CountVectorizer`.
    idf_ : ndarray, shape (terms,)
        The weight of each term, where `use_idf` is True.
    reduction_ : Reduction
        The SVD, with its explained variance, after `reduce` or with `n_components`.

    Notes
    -----
    With n documents, of which df(t) have the term t, idf(t) = ln(n / df(t)) + 1, and
    ln((n + 1) / (df(t) + 1)) + 1 with `smooth_idf`. The weight of t in a document is its count
    there times idf(t).

    References
    ----------
    Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval"; Deerwester et
    al. 1990, "Indexing by latent semantic analysis".

    Examples
    --------
    >>> vectorizer = TfidfVectorizer()
    >>> vectorizer.fit_transform(["빨간 사과", "빨간 딸기"]).toarray().round(3)
    array([[0.   , 0.58 , 0.815],
           [0.815, 0.58 , 0.   ]])
    >>> vectorizer.get_feature_names_out().tolist(), vectorizer.idf_.round(3).tolist()
    (['딸기', '빨간', '사과'], [1.405, 1.0, 1.405])
    """

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
        analyzer: str | Callable[[Any], Iterable[Any]] = "word",
        stop_words: str | Collection[str] | None = None,
        token_pattern: str | None = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        n_components: int | None = None,
        random_state: int = 0,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> None:
        super().__init__(
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            analyzer=analyzer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
            workers=workers,
            progress=progress,
        )
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.n_components = n_components
        self.random_state = random_state

    def fit(self: Self, raw_documents: Iterable[Any], y: object = None) -> Self:
        """Learn the terms and their weights, and with `n_components` the reduction.

        Parameters and errors are those of `CountVectorizer.fit`.

        Returns
        -------
        TfidfVectorizer
            This one.
        """
        if self.n_components is not None:
            self.fit_transform(raw_documents)
        else:
            self._fitted = self._learn_weights(raw_documents, self.max_features is not None)[1]
        return self

    def fit_transform(self, raw_documents: Iterable[Any], y: object = None) -> Any:
        """Learn the terms and their weights, and return the documents' vectors.

        Parameters and errors are those of `CountVectorizer.fit_transform`.

        Returns
        -------
        scipy.sparse.csr_matrix, shape (documents, terms)
            With `n_components` an ndarray, shape (documents, n_components).
        """
        scipy_sparse()
        n_components = self.n_components
        counted, fitted = self._learn_weights(raw_documents, keep=True)
        X = self._weighted(counted, fitted)
        # Known for reduce(), but not kept alive for it.
        fitted = replace(fitted, last=weakref.ref(X))
        if n_components is not None:
            reduction, X = self._reduced(n_components, X)
            fitted = replace(fitted, reduces=True, reduction=reduction)
        self._fitted = fitted
        return X

    def transform(self, raw_documents: Iterable[Any]) -> Any:
        """Return the vectors of documents.

        Parameters and errors are those of `CountVectorizer.transform`.

        Returns
        -------
        scipy.sparse.csr_matrix, shape (documents, terms)
            With `n_components` an ndarray, shape (documents, n_components).
        """
        fitted, terms = self._known_weights()
        if fitted.reduces and fitted.reduction is None:
            raise self._not_fitted()
        X = self._weighted(self._find(raw_documents, terms), fitted)
        return fitted.reduction.transform(X) if fitted.reduces and fitted.reduction else X

    def reduce(self, n_components: int, X: Any = None) -> Array:
        """Reduce vectors to few dimensions by truncated SVD (latent semantic analysis).

        Parameters
        ----------
        n_components : int
            Dimensions.
        X : sparse matrix or array, optional
            Vectors of documents, as `fit_transform` or `transform` returns them. Default: what
            `fit_transform` returned last, as long as the caller still has it.

        Returns
        -------
        ndarray, shape (documents, n_components)
            The reduced vectors. `reduction_` holds the SVD, and reduces others.

        Raises
        ------
        ImportError
            Neither scikit-learn nor scipy is installed.
        ValueError
            There are fewer terms or documents than dimensions, there is nothing to reduce, or `X`
            has not as many columns as there are terms.

        Examples
        --------
        >>> vectorizer = TfidfVectorizer()
        >>> X = vectorizer.fit_transform(["빨간 사과", "빨간 딸기", "파란 하늘", "하늘 바다"])
        >>> vectorizer.reduce(2).shape
        (4, 2)
        >>> vectorizer.reduction_.explained_variance_ratio_.shape
        (2,)
        >>> vectorizer.lsa_vectors()["사과"].shape
        (2,)
        """
        fitted = self._fitted or Fitted()
        if X is None:
            X = None if fitted.last is None else fitted.last()
            if X is None:
                raise ValueError(
                    "there is nothing to reduce: what fit_transform returned is gone; pass X="
                )
        if not scipy_sparse().issparse(X):
            X = scipy_sparse().csr_matrix(X)
        if fitted.terms is not None and X.shape[1] != len(fitted.terms):
            raise ValueError(
                f"X must have a column for each of the {len(fitted.terms)} terms, got shape "
                f"{X.shape}"
            )
        reduction, reduced = self._reduced(n_components, X)
        self._fitted = replace(fitted, reduction=reduction)
        return reduced

    def lsa_vectors(self) -> KeyedVectors:
        """Return word vectors from the reduction: the rows of V, times the singular values.

        Their dot products are those of the columns of the documents' matrix, as far as so few
        dimensions can tell them: terms that occur in the same documents are alike.

        Returns
        -------
        KeyedVectors
            A vector for each term, of as many dimensions as the reduction has.

        Raises
        ------
        NotFittedError
            Nothing has been reduced.

        Examples
        --------
        >>> vectorizer = TfidfVectorizer(n_components=2)
        >>> vectorizer.fit(["빨간 사과", "빨간 딸기", "푸른 바다"]).lsa_vectors().vector_size
        2
        """
        reduction = self.reduction_
        vectors = reduction.components_.T * reduction.singular_values_
        return KeyedVectors.from_arrays(self._known_terms().names, vectors.astype(np.float32))

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Return the term of each column; numbered names where `transform` reduces.

        Parameters
        ----------
        input_features : object
            Not used.

        Returns
        -------
        ndarray of object
        """
        fitted, terms = self._known()
        if fitted.weighting is None:  # the terms are given, and there has been no fit
            width = self.n_components
        elif fitted.reduces:
            width = fitted.reduction.n_components if fitted.reduction else self.n_components
        else:
            width = None
        return terms.as_array() if width is None else self._numbered_names(width)

    @property
    def idf_(self) -> Array:
        """The weight of each term."""
        weighting = None if self._fitted is None else self._fitted.weighting
        if weighting is None or weighting.idf is None:
            raise self._no_idf()
        return weighting.idf

    @idf_.setter
    def idf_(self, value: Any) -> None:
        if not self.use_idf:
            raise ValueError("idf_ cannot be set with use_idf=False; set use_idf=True first")
        idf = np.asarray(value, dtype=self._float())
        fitted = self._fitted or Fitted()
        if fitted.terms is not None or self.vocabulary is not None:
            fitted, terms = self._known()
            if idf.shape != (len(terms),):
                raise ValueError(
                    f"idf length = {idf.shape} must be equal to vocabulary size = {len(terms)}"
                )
        weighting = fitted.weighting
        if weighting is None:
            fitted = replace(fitted, reduces=self.n_components is not None)
            weighting = self._weighting(None)
        self._fitted = fitted.weighed(weighting._replace(idf=idf))

    @property
    def reduction_(self) -> Reduction:
        """The SVD."""
        reduction = None if self._fitted is None else self._fitted.reduction
        if reduction is None:
            raise not_fitted_error()(
                f"This {type(self).__name__} has reduced nothing yet. Call 'reduce', or fit with "
                "n_components="
            )
        return reduction

    def _learn_weights(self, raw_documents: Iterable[Any], keep: bool) -> tuple[Counted, Fitted]:
        """Count documents, and learn the terms and weights; the caller keeps what is learned."""
        if np.dtype(self.dtype) not in (np.float64, np.float32, np.float16):
            warnings.warn(
                f"Only float 'dtype' should be used. {self.dtype} 'dtype' will be converted to "
                "np.float64.",
                UserWarning,
                stacklevel=3,
            )
        counted, fitted, frequencies = self._learn(raw_documents, keep)
        idf = None
        if self.use_idf:
            smooth = bool(self.smooth_idf)
            idf = idf_of(frequencies, counted.n_documents, smooth, self._float())
        return counted, fitted.weighed(self._weighting(idf))

    def _weighting(self, idf: Array | None) -> Weighting:
        return Weighting(bool(self.binary), bool(self.sublinear_tf), idf, self.norm)

    def _weighted(self, counted: Counted, fitted: Fitted) -> Any:
        weighting = fitted.weighting or self._weighting(None)
        idf = weighting.idf
        if idf is not None and idf.shape != (counted.n_columns,):
            raise ValueError(
                f"idf_ has {len(idf)} weights for {counted.n_columns} terms; set both, or call "
                "'fit'"
            )
        # As scikit-learn has it: this alone counts at once.
        X = self._csr(counted, self._float(), weighting._replace(binary=bool(self.binary)))
        check_weights(fitted, X)
        return X

    def _reduced(self, n_components: int, X: Any) -> tuple[Reduction, Array]:
        reduction = Reduction(n_components, self.random_state)
        with phase("factorizing", self.progress):
            return reduction, reduction.fit_transform(X)

    def _known_weights(self) -> tuple[Fitted, TermList]:
        """Return what is known, and its terms; there may be nothing to learn about given ones."""
        if self._fitted is None or self._fitted.weighting is None:
            if self.use_idf:
                raise self._no_idf()
            if self.n_components is not None:
                raise self._not_fitted()
        return self._known()

    def _float(self) -> type[np.generic]:
        return np.float32 if np.dtype(self.dtype) == np.float32 else np.float64

    def _needs_fit(self) -> bool:
        return super()._needs_fit() or self.use_idf or self.n_components is not None

    def __sklearn_is_fitted__(self) -> bool:
        fitted = self._fitted
        if fitted is None or fitted.weighting is None:
            return not self._needs_fit()
        return fitted.terms is not None and not (fitted.reduces and fitted.reduction is None)

    def _no_idf(self) -> ValueError:
        return not_fitted_error()(
            f"This {type(self).__name__} is not fitted yet: the idf vector is not fitted. Call "
            "'fit' with documents, or set idf_"
        )

    def __getstate__(self) -> dict[str, Any]:
        state = dict(vars(self))
        if self._fitted is not None:
            state["_fitted"] = replace(self._fitted, last=None)
        return state
