"""Truncated SVD of sparse vectors: latent semantic analysis."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastw2v._checks import check_int
from fastw2v._typing import Array
from fastw2v.encoders._base import scipy_sparse

__all__ = ["Reduction"]


class Reduction:
    """Sparse vectors to few dimensions: X is about U S V', and X V is what comes out.

    scikit-learn's randomized SVD does the work where it is installed, else ARPACK by way of scipy.

    Parameters
    ----------
    n_components : int
        Dimensions.
    random_state : int, default 0
        Seed; the same seed gives the same vectors.

    Attributes
    ----------
    components_ : ndarray, shape (n_components, columns)
        V'. The sign of each row is such that its largest entry, by magnitude, is positive.
    singular_values_ : ndarray, shape (n_components,)
        S, in descending order.
    explained_variance_, explained_variance_ratio_ : ndarray, shape (n_components,)
        The variance of each dimension, and its share of that of all columns.

    References
    ----------
    Deerwester et al. 1990, "Indexing by latent semantic analysis"; Halko, Martinsson and Tropp
    2011, "Finding structure with randomness".

    Examples
    --------
    >>> X = scipy_sparse().csr_matrix(np.diag([3.0, 2.0, 1.0, 0.5]))
    >>> reduction = Reduction(2)
    >>> reduction.fit_transform(X)[:2].round(6) + 0.0
    array([[3., 0.],
           [0., 2.]])
    >>> reduction.singular_values_.round(6)
    array([3., 2.])
    """

    components_: Array
    singular_values_: Array
    explained_variance_: Array
    explained_variance_ratio_: Array

    def __init__(self, n_components: int, random_state: int = 0) -> None:
        self.n_components = check_int("n_components", n_components, 1)
        self.random_state = random_state

    def fit_transform(self, X: Any) -> Array:
        """Work out the SVD, and reduce the vectors.

        Parameters
        ----------
        X : sparse matrix, shape (documents, columns)
            The vectors.

        Returns
        -------
        ndarray, shape (documents, n_components)

        Raises
        ------
        ImportError
            Neither scikit-learn nor scipy is installed.
        ValueError
            There are fewer columns or documents than dimensions.
        """
        if self.n_components > min(X.shape):
            raise ValueError(
                "n_components must be at most the number of documents and of terms, got "
                f"{self.n_components} for n_samples={X.shape[0]} and n_features={X.shape[1]}"
            )
        X = X.astype(np.result_type(X.dtype, np.float32), copy=False)  # counts are integers
        self.singular_values_, components = self._svd(X)
        largest = np.abs(components).argmax(axis=1)
        signs = np.sign(components[np.arange(len(components)), largest])
        self.components_ = components * signs[:, np.newaxis]
        reduced = self.transform(X)
        self.explained_variance_ = reduced.var(axis=0)
        squares = np.asarray(X.multiply(X).mean(axis=0), dtype=np.float64)
        means = np.asarray(X.mean(axis=0), dtype=np.float64)
        with np.errstate(invalid="ignore"):  # of vectors that are all alike
            total = (squares - means**2).sum()
            self.explained_variance_ratio_ = self.explained_variance_ / total
        return reduced

    def transform(self, X: Any) -> Array:
        """Reduce vectors.

        Parameters
        ----------
        X : sparse matrix, shape (documents, columns)
            The vectors.

        Returns
        -------
        ndarray, shape (documents, n_components)
        """
        return np.asarray(X @ self.components_.T)

    def _svd(self, X: Any) -> tuple[Array, Array]:
        """Return S, descending, and V'."""
        if not X.count_nonzero():  # ARPACK fails at that
            directions = np.eye(self.n_components, X.shape[1], dtype=X.dtype)
            return np.zeros(self.n_components, X.dtype), directions
        try:
            from sklearn.decomposition import TruncatedSVD  # type: ignore[import-untyped]
        except ImportError:
            scipy_sparse()
            if self.n_components == min(X.shape):  # ARPACK finds all but one
                return np.linalg.svd(X.toarray(), full_matrices=False)[1:]
            from scipy.sparse.linalg import svds  # type: ignore[import-untyped]

            start = np.random.default_rng(self.random_state).uniform(-1, 1, min(X.shape))
            values, components = svds(
                X, self.n_components, v0=start.astype(X.dtype), return_singular_vectors="vh"
            )[1:]
            return values[::-1].copy(), components[::-1]
        svd = TruncatedSVD(self.n_components, random_state=self.random_state).fit(X)
        return svd.singular_values_, svd.components_
