"""Scores of pairs of words: which of them are phrases."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v._checks import check_float
from fastw2v._phrases.counts import PairCounts

Scorer = Callable[..., Any]

_ARGUMENTS = (
    *("worda_count", "wordb_count", "bigram_count"),
    *("len_vocab", "min_count", "corpus_word_count"),
)


def original_scorer(
    worda_count: ArrayLike,
    wordb_count: ArrayLike,
    bigram_count: ArrayLike,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> Any:
    """Score pairs of words by how much more often they meet than chance has it.

    Parameters
    ----------
    worda_count, wordb_count : int, or array of int
        How often the first and the last word occur.
    bigram_count : int, or array of int
        How often the pair occurs.
    len_vocab : int
        How many distinct words and pairs there are.
    min_count : float
        Taken off the count of the pair, so that rare pairs score low.
    corpus_word_count : int
        Not used.

    Returns
    -------
    float, or array of float64
        (bigram_count - min_count) * len_vocab / (worda_count * wordb_count); -inf where a word has
        no count.

    Notes
    -----
    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", equation 6, times the size of the vocabulary.

    Examples
    --------
    >>> original_scorer(3, 3, 3, len_vocab=40, min_count=1, corpus_word_count=60).round(3)
    np.float64(8.889)
    """
    product = np.multiply(worda_count, wordb_count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.subtract(bigram_count, min_count) / product * len_vocab
    return np.where(product == 0, -np.inf, score)[()]


def npmi_scorer(
    worda_count: ArrayLike,
    wordb_count: ArrayLike,
    bigram_count: ArrayLike,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> Any:
    """Score pairs of words by their normalized pointwise mutual information, from -1 to 1.

    Parameters
    ----------
    worda_count, wordb_count : int, or array of int
        How often the first and the last word occur.
    bigram_count : int, or array of int
        How often the pair occurs.
    len_vocab : int
        Not used.
    min_count : float
        Pairs that occur less often get -inf.
    corpus_word_count : int
        How many words the corpus has.

    Returns
    -------
    float, or array of float64
        log(p(ab) / (p(a) p(b))) / -log p(ab), where p is a count over `corpus_word_count`.

    Notes
    -----
    Bouma 2009, "Normalized (Pointwise) Mutual Information in Collocation Extraction".

    Examples
    --------
    >>> npmi_scorer(3, 3, 3, len_vocab=40, min_count=1, corpus_word_count=60).round(3)
    np.float64(1.0)
    """
    a, b, ab = (
        np.divide(count, corpus_word_count) for count in (worda_count, wordb_count, bigram_count)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(ab / (a * b)) / -np.log(ab)
    rare = np.less(bigram_count, min_count) | (a * b * ab == 0)
    return np.where(rare, -np.inf, score)[()]


SCORERS: dict[str, Scorer] = {"default": original_scorer, "npmi": npmi_scorer}


def check_scoring(scoring: object) -> Scorer:
    """Return the scorer that a name or a function stands for."""
    if isinstance(scoring, str):
        if scoring not in SCORERS:
            raise ValueError(
                f"scoring must be one of {', '.join(map(repr, SCORERS))}, or a function; got "
                f"{scoring!r}"
            )
        return SCORERS[scoring]
    if not callable(scoring):
        raise TypeError(f"scoring must be a name or a function, got {scoring!r}")
    parameters = inspect.signature(scoring).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    missing = [name for name in _ARGUMENTS if name not in parameters]
    if missing and not takes_all:
        raise ValueError(
            f"scoring must be a function of {', '.join(_ARGUMENTS)}; {scoring!r} does not take "
            f"{', '.join(missing)}"
        )
    return scoring


def scorer_name(scorer: Scorer | None) -> str:
    """Return the name by which a file calls a scorer."""
    for name, known in SCORERS.items():
        if scorer is known:
            return name
    return f"{getattr(scorer, '__module__', '?')}.{getattr(scorer, '__qualname__', '?')}"


def check_threshold(threshold: object, scorer: Scorer | None) -> float:
    """Return the score above which a pair is a phrase, if it makes sense for the scorer."""
    if scorer is original_scorer:
        return check_float("threshold", threshold, 0.0, exclusive=True)
    if scorer is npmi_scorer:
        return check_float("threshold", threshold, -1.0, 1.0)
    return check_float("threshold", threshold, -math.inf)


def score_pairs(
    known: PairCounts, scorer: Scorer, min_count: float, corpus_word_count: int
) -> NDArray[np.float64]:
    """Score all pairs; a scorer that is not ours gets the counts of one pair at a time."""
    counts = {
        "worda_count": known.word_counts[known.first],
        "wordb_count": known.word_counts[known.last],
        "bigram_count": known.counts,
    }
    of_all = {
        "len_vocab": len(known.words) + len(known.counts),
        "min_count": min_count,
        "corpus_word_count": corpus_word_count,
    }
    if scorer in SCORERS.values():
        scores: NDArray[np.float64] = scorer(**counts, **of_all)
        return scores
    rows = zip(*(column.tolist() for column in counts.values()), strict=True)
    each = (scorer(**dict(zip(counts, row, strict=True)), **of_all) for row in rows)
    return np.fromiter(each, dtype=np.float64, count=len(known.counts))
