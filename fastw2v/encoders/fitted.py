"""What a fit of the vectorizers learns: one object that never changes, so threads can share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._typing import Array
from fastw2v.encoders.counted import Counted, Weighting
from fastw2v.encoders.reduction import Reduction
from fastw2v.encoders.termlist import TermList

if TYPE_CHECKING:
    from fastw2v.encoders.count import CountVectorizer

__all__ = ["Fitted", "check_weights", "choose_terms", "idf_of"]


@dataclass(frozen=True)
class Fitted:
    """What a vectorizer knows.

    A `fit` puts another in its place, in one step: who transforms meanwhile goes on with this one.

    Parameters
    ----------
    terms : TermList, optional
        Those of the columns; None if only weights have been set.
    is_given : bool
        Whether the terms were given.
    weighting : Weighting, optional
        How counts become TF-IDF; None if that has not been learned.
    is_finite : bool
        Whether all weights are.
    reduces : bool
        Whether `transform` reduces what it returns.
    reduction : Reduction, optional
        The SVD, if there has been one.
    last : callable, optional
        Returns the matrix that `fit_transform` made, None if nobody has it any more.
    """

    terms: TermList | None = None
    is_given: bool = False
    weighting: Weighting | None = None
    is_finite: bool = True
    reduces: bool = False
    reduction: Reduction | None = None
    last: Callable[[], Any] | None = None

    def weighed(self, weighting: Weighting) -> Fitted:
        """Return the same with other weights."""
        idf = weighting.idf
        is_finite = idf is None or bool(np.isfinite(idf).all())
        return replace(self, weighting=weighting, is_finite=is_finite)


def choose_terms(
    vectorizer: CountVectorizer, counted: Counted
) -> tuple[TermList, NDArray[np.int64]]:
    """Return the terms that the parameters leave, and in how many documents each is."""
    if not counted.has_terms:
        raise ValueError(
            "empty vocabulary; perhaps the documents only contain stop words. Check "
            "token_pattern= and stop_words="
        )
    n, max_df, min_df = counted.n_documents, vectorizer.max_df, vectorizer.min_df
    most = max_df if isinstance(max_df, Integral) else max_df * n
    least = min_df if isinstance(min_df, Integral) else min_df * n
    if most < least:
        raise ValueError(
            f"max_df corresponds to < documents than min_df: at most {most:g}, at least "
            f"{least:g} of {n}. Raise max_df={max_df!r}, or lower min_df={min_df!r}"
        )
    # What is compared for max_features is the sum of a matrix of that dtype.
    kind = np.dtype(vectorizer.dtype)
    terms, frequencies = counted.choose(
        least,
        most,
        vectorizer.max_features,
        lambda totals: totals.astype(kind) if kind.kind == "f" else totals,
        bool(vectorizer.binary) or kind.kind == "b",
    )
    if not len(terms):
        raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
    return terms, frequencies


def idf_of(
    frequencies: NDArray[np.int64], n_documents: int, smooth: bool, dtype: type[np.generic]
) -> Array:
    """Return ln(n / df) + 1 of each term, with one more document that has all terms if `smooth`.

    Examples
    --------
    >>> idf_of(np.array([2, 0]), 2, False, np.float64)
    array([ 1., inf])
    """
    df = frequencies.astype(dtype) + int(smooth)
    with np.errstate(divide="ignore"):  # a term given in advance may be in no document
        idf: Array = np.log(np.asarray(n_documents + int(smooth), dtype=df.dtype) / df) + 1
    return idf


def check_weights(fitted: Fitted, X: Any) -> None:
    """Raise ValueError if a document has a term of infinite weight."""
    idf = None if fitted.weighting is None else fitted.weighting.idf
    if fitted.is_finite or fitted.terms is None or idf is None or np.isfinite(X.data).all():
        return
    place = int((~np.isfinite(idf))[X.indices].argmax())
    term = fitted.terms.names[X.indices[place]]
    document = int(np.searchsorted(X.indptr, place, side="right")) - 1
    raise ValueError(
        f"document {document} has the term {term!r}, whose weight is infinite: with "
        "smooth_idf=False it has been in no document of fit. Set smooth_idf=True, or leave it out "
        "of vocabulary="
    )
