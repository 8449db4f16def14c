"""Correlation of two lists of numbers, and the chance that it is none: Pearson and Spearman."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fastw2v._keyed.similarity import cosine
from fastw2v._typing import Array

_SMALLEST = 1e-300  # stands for zero where a fraction would divide by it
_MAX_TERMS = 1_000_000


class Correlation(NamedTuple):
    """A correlation coefficient, and the two-sided p-value of there being none."""

    statistic: float
    pvalue: float


def pearson(first: Array, second: Array) -> Correlation:
    """Return Pearson's correlation; NaN where either list is constant.

    Parameters
    ----------
    first, second : ndarray of shape (n,)
        At least two finite numbers each.

    Returns
    -------
    Correlation
        The p-value is that of Student's t with n - 2 degrees of freedom, for numbers drawn from
        normal distributions; for n = 2 it is 1.

    Examples
    --------
    >>> found = pearson(np.array([1.0, 2, 3, 4]), np.array([2.0, 1, 4, 3]))
    >>> found.statistic, round(found.pvalue, 6)
    (0.6, 0.4)
    """
    left, right = (np.asarray(values, np.float64) for values in (first, second))
    if not (np.ptp(left) and np.ptp(right)):
        return Correlation(math.nan, math.nan)
    statistic = cosine(left - left.mean(), right - right.mean())
    return Correlation(statistic, _two_sided(statistic, len(left) - 2))


def spearman(first: Array, second: Array) -> Correlation:
    """Return Spearman's correlation, which is Pearson's of the ranks.

    Parameters
    ----------
    first, second : ndarray of shape (n,)
        At least two finite numbers each.

    Returns
    -------
    Correlation
        The p-value is as in `pearson`.

    Examples
    --------
    >>> spearman(np.array([1.0, 2, 3, 4]), np.array([1.0, 10, 100, 1000])).statistic
    1.0
    """
    return pearson(_ranks(np.asarray(first)), _ranks(np.asarray(second)))


def _ranks(values: Array) -> Array:
    """Return ranks from 1 up; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[inverse]
    return ranks


def _two_sided(statistic: float, freedom: int) -> float:
    """Return the chance of a correlation at least as far from 0, if there is none."""
    if freedom == 0:
        return 1.0
    return _beta_share(freedom / 2, 0.5, (1 - statistic) * (1 + statistic))


def _beta_share(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function I_x(a, b).

    Student's t with n degrees of freedom is beyond ±t with the chance I_x(n / 2, 1 / 2), where
    x = n / (n + t²), which for a correlation r is 1 - r² (NIST Digital Library of Mathematical
    Functions, 8.17; the continued fraction is 8.17.22).

    >>> _beta_share(1, 1, 0.25), round(_beta_share(2, 0.5, 0.5), 6)
    (0.25, 0.116117)
    """
    if x <= 0 or x >= 1:
        return float(x > 0)
    if x > (a + 1) / (a + b + 2):  # where the fraction would converge slowly
        return 1.0 - _beta_share(b, a, 1.0 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    log_front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """Return 1 + d1 / (1 + d2 / (1 + ...)), evaluated from its front (Lentz's method)."""
    value = front = 1.0
    rear = 0.0
    for m in range(1, _MAX_TERMS):
        half = m // 2
        if m % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        rear = 1.0 / (1.0 + term * rear or _SMALLEST)
        front = 1.0 + term / front or _SMALLEST
        value *= front * rear
        if abs(front * rear - 1.0) < 1e-15:
            break
    return value
