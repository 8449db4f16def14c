"""One-hot vectors: a column for each word, and a single one in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from fastw2v._checks import check_flag
from fastw2v._typing import Array
from fastw2v.encoders._base import csr
from fastw2v.encoders.tokens import as_tokens
from fastw2v.encoders.words import WordEncoder

__all__ = ["OneHotEncoder"]


class OneHotEncoder(WordEncoder):
    """Tokens or ids to rows that are 1 in the column of their word, and 0 elsewhere.

    Parameters
    ----------
    vocabulary : Vocabulary, KeyedVectors, list of words, mapping of words to columns, or int
        The words, in the order of the columns; an int n stands for the ids from 0 to n - 1. With
        it, no ``fit`` is needed. Default: ``fit`` learns a `Vocabulary`, most frequent word first.
    handle_unknown : {"error", "ignore"}, default "error"
        What becomes of a word that is not in the vocabulary: an error, or a row of zeros.
    sparse_output : bool, default True
        Return a CSR matrix of scipy; otherwise an array.
    dtype : dtype, default float64
        Of the result.

    Attributes
    ----------
    vocabulary_ : dict
        The column of each word; where `vocabulary` is a number of ids, a read-only mapping that
        takes no memory.

    Notes
    -----
    Where the words are strings, integers are ids: numbers of columns. Where they are integers,
    integers are words. A token may be any string, a lone surrogate too, as a key of vectors may.

    It encodes words of texts, wherever they stand, and no tables with a set of categories for each
    column: those are the business of scikit-learn's class of this name.

    Examples
    --------
    >>> encoder = OneHotEncoder(["나는", "사과를", "먹었다"], sparse_output=False, dtype=np.int8)
    >>> encoder.transform(["사과를", "나는"])
    array([[0, 1, 0],
           [1, 0, 0]], dtype=int8)
    >>> encoder.transform(np.array([[0, 1], [0, 2]])).shape
    (2, 2, 3)
    >>> encoder.inverse_transform([[0, 0, 1]]).tolist()
    ['먹었다']
    >>> OneHotEncoder(sparse_output=False).fit_transform(["배", "사과", "사과"])
    array([[0., 1.],
           [1., 0.],
           [1., 0.]])
    """

    _UNKNOWN = ("error", "ignore")

    def __init__(
        self,
        vocabulary: object = None,
        *,
        handle_unknown: str = "error",
        sparse_output: bool = True,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.vocabulary = vocabulary
        self.handle_unknown = handle_unknown
        self.sparse_output = sparse_output
        self.dtype = dtype

    def transform(self, X: object) -> Any:
        """Return the one-hot rows of tokens.

        Parameters
        ----------
        X : list of tokens, list of sentences, array, or Corpus
            Tokens, or ids of words, of shape (n,), (n, t) or any other.

        Returns
        -------
        csr_matrix of shape (N, V)
            A row for each of the N tokens of `X`, in order, whatever its shape.
        ndarray of shape (..., V)
            Where `sparse_output` is False: the shape of `X`, and a last axis for the V words.

        Raises
        ------
        NotFittedError
            There is no `vocabulary`, and there has been no ``fit``.
        ValueError
            A word is unknown, and `handle_unknown` is "error"; or sentences differ in length, and
            the result shall be dense.
        TypeError
            Tokens are neither all str nor all int.
        ImportError
            scipy, which sparse matrices need, is not installed.

        Examples
        --------
        >>> encoder = OneHotEncoder(2, sparse_output=False, handle_unknown="ignore")
        >>> encoder.transform([1, 0, 7])
        array([[0., 1.],
               [1., 0.],
               [0., 0.]])
        """
        words = self._index()
        tokens = as_tokens(X)
        if not self.sparse_output and tokens.shape is None:
            raise ValueError(
                "sentences that differ in length have no dense array: make them equally long, "
                "encode them one by one, or pass sparse_output=True"
            )
        rows = self._rows(tokens, words)
        known = np.flatnonzero(rows >= 0)
        columns = rows[known]
        if self.sparse_output:
            ends = np.zeros(len(rows) + 1, np.int64)
            np.cumsum(rows >= 0, out=ends[1:])
            ones = np.ones(len(columns), self.dtype)
            return csr(ones, columns, ends, (len(rows), len(words)))
        dense = np.zeros((len(rows), len(words)), self.dtype)
        dense[known, columns] = 1
        return dense.reshape(*(tokens.shape or ()), len(words))

    def inverse_transform(self, X: Any) -> Array:
        """Return the words of one-hot rows.

        Parameters
        ----------
        X : sparse matrix of shape (n, V), or array of shape (..., V)
            What `transform` returned.

        Returns
        -------
        ndarray of object, shape (n,) or (...,)
            The word of each row; None for a row of zeros.

        Raises
        ------
        NotFittedError
            There is no `vocabulary`, and there has been no ``fit``.
        ValueError
            There are not V columns, or a row has more than one that is not 0.

        Examples
        --------
        >>> encoder = OneHotEncoder(["사과", "배"], sparse_output=False, handle_unknown="ignore")
        >>> encoder.inverse_transform(encoder.transform([["배", "감"]])).tolist()
        [['배', None]]
        """
        words = self._index()
        if not hasattr(X, "tocsr"):
            X = np.asarray(X)
        if X.ndim < 1 or X.shape[-1] != len(words):
            raise ValueError(
                f"X must have {len(words)} columns, one for each word, got shape {X.shape}"
            )
        shape, n = X.shape[:-1], int(np.prod(X.shape[:-1]))
        if not hasattr(X, "tocsr"):
            X = X.reshape(n, len(words))
        rows, columns = X.nonzero()
        repeated = np.flatnonzero(np.bincount(rows, minlength=n) > 1)
        if len(repeated):
            raise ValueError(
                f"row {repeated[0]} has more than one entry that is not 0; one-hot rows have one"
            )
        decoded = np.full(n, None, dtype=object)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            decoded[row] = words.words[column]
        return decoded.reshape(shape)

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Return the word of each column.

        Parameters
        ----------
        input_features : object
            Not looked at.

        Returns
        -------
        ndarray of str objects, shape (V,)

        Raises
        ------
        NotFittedError
            There is no `vocabulary`, and there has been no ``fit``.

        Examples
        --------
        >>> OneHotEncoder().fit(["배", "사과", "사과"]).get_feature_names_out().tolist()
        ['사과', '배']
        """
        return np.array(list(map(str, self._index().words)), dtype=object)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_flag("sparse_output", self.sparse_output)
        if np.dtype(self.dtype).kind not in "biufc":
            raise ValueError(f"dtype must be one of numbers, got {self.dtype!r}")
