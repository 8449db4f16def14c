"""Which rows each thread has a private copy of, and how often the copies merge."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.train import group_limits
from fastw2v.huffman import HuffmanTree
from fastw2v.parameters import Parameters

# Private rows. A visit is a time that a thread comes to a row: the cores pass its cache lines back
# and forth for each, if they share it, and for each merge, if they do not. So a thread merges a row
# after so many visits, and a row that could have fewer is not worth its place. Nor may the threads
# learn much of a row without each other: all together no more than a part of tau
# (kernels/merging.h) or, for the hottest rows, of what they learn of it in the whole run. All
# private rows of one matrix take a megabyte at most, so that they stay in the second-level cache.
MERGE_VISITS = 32
LEAST_VISITS = 3
STALE_TAUS = 0.15
STALE_PART, STALE_PART_MOST = 1 / 1000, 1 / 128
LEAST_WORDS = 64
# Where all rows merge, whether or not they were visited, most have fewer visits than are worth it.
SPARSE_VISITS = 4
SPARSE_PART = 1 / 64
PRIVATE_FLOATS = 1 << 18


class RowRates(NamedTuple):
    """Expected updates, and visits, of each row of a matrix in one trained word."""

    updates: NDArray[np.float64]
    visits: NDArray[np.float64]


_NOTHING = RowRates(np.zeros(0), np.zeros(0))


def windows_together(
    kept_counts: NDArray[np.float64], parameters: Parameters, tree: HuffmanTree | None = None
) -> tuple[int, int]:
    """How many windows share noise words, and how many rows of one are trained at a time."""
    share = kept_counts / kept_counts.sum()
    return group_limits(
        not parameters.sg,
        tree is not None,
        bool(parameters.cbow_mean),
        parameters.mean_window,
        math.ceil(_outputs(share, parameters, tree)),
        parameters.alpha,
        float(share.max()),
    )


def row_rates(
    kept_counts: NDArray[np.float64],
    noise: NDArray[np.float64],
    parameters: Parameters,
    n_streams: int,
    tree: HuffmanTree | None = None,
) -> tuple[RowRates, RowRates, RowRates]:
    """Rates of the rows of W, of W' and of the tree's inner nodes; none of what is not trained.

    Updates are counted in pairs of a vector and an output. A row of W is visited when its word
    comes into sight, and learns from every window that it stands in (in CBOW a share of what that
    window learns); a row of W' learns at a visit from all vectors of the windows at hand, of which
    `n_streams` share noise words, and a node from those around every word beneath it.
    """
    share = kept_counts / kept_counts.sum()
    window = parameters.mean_window
    vectors = window if parameters.sg else 1
    noise_rates = node_rates = _NOTHING
    if parameters.negative:
        drawn = parameters.negative * noise
        noise_rates = RowRates((share + drawn) * vectors, share + drawn / n_streams)
    if tree:
        beneath = tree.sums_beneath(share)
        node_rates = RowRates(beneath * vectors, beneath)
    learned = share * window * (_outputs(share, parameters, tree) if parameters.sg else 1)
    return RowRates(learned, share), noise_rates, node_rates


def _outputs(share: NDArray[np.float64], parameters: Parameters, tree: HuffmanTree | None) -> float:
    """Rows that a vector meets for one word, on average."""
    noise = 1 + parameters.negative if parameters.negative else 0
    return noise + (float((share * tree.lengths).sum()) if tree else 0.0)


def merge_schedule(
    updates: NDArray[np.float64],
    visits: NDArray[np.float64],
    trained_words: int,
    tau: float,
    threads: int,
    stride: int,
) -> NDArray[np.int64]:
    """Say which rows of a matrix the threads keep private copies of, and how often each merges.

    Parameters
    ----------
    updates, visits : ndarray of float64
        As `row_rates` has them for one matrix; most frequent rows first, or nearly so.
    trained_words : int
        Of the whole run.
    tau : float
        Updates that bring a row near its optimum; see kernels/merging.h.
    threads : int
        How many there are.
    stride : int
        Floats in a row.

    Returns
    -------
    ndarray of int64, shape (2, n)
        The private rows, which are the first ones, in n blocks: the row behind each, and the
        trained words between two merges of its rows. These are rising powers of two.
    """
    if threads == 1 or not len(updates):
        return np.zeros((2, 0), dtype=np.int64)
    n_rows = PRIVATE_FLOATS // stride
    updates, visits = _falling(updates[:n_rows]), _falling(visits[:n_rows])
    every = _words_between_merges(updates, visits, trained_words, tau, threads)
    every = 2 ** np.floor(np.log2(np.maximum(every, LEAST_WORDS)))
    worth = every * visits >= LEAST_VISITS
    return _blocks(every[: len(worth) if worth.all() else int(worth.argmin())])


def round_schedule(
    updates: NDArray[np.float64],
    visits: NDArray[np.float64],
    trained_words: int,
    tau: float,
    threads: int,
    round_words: float,
    most: int,
) -> NDArray[np.int64]:
    """Say how often each row merges, where every thread has copies of all rows and all wait.

    Parameters
    ----------
    updates, visits, trained_words, tau, threads
        As for `merge_schedule`.
    round_words : float
        Trained words of one thread from one waiting to the next.
    most : int
        Rounds after which all rows merge; a power of two.

    Returns
    -------
    ndarray of int64, shape (2, n)
        All rows, in n blocks: the row behind each, and the rounds between two merges of its rows.
        These are rising powers of two.
    """
    updates, visits = _falling(updates), _falling(visits)
    every = _words_between_merges(updates, visits, trained_words, tau, threads)
    every = np.maximum(
        every, np.minimum(SPARSE_VISITS / visits, SPARSE_PART * trained_words / threads)
    )
    return _blocks(2 ** np.floor(np.log2(np.clip(every / round_words, 1, most))))


def _falling(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let a rarer row among more frequent ones merge as often as they do."""
    return np.maximum.accumulate(rates[::-1])[::-1]


def _words_between_merges(
    updates: NDArray[np.float64],
    visits: NDArray[np.float64],
    trained_words: int,
    tau: float,
    threads: int,
) -> NDArray[np.float64]:
    """Return after how many trained words of a thread each row has learned enough to merge."""
    stale = np.maximum(STALE_TAUS * tau / updates, STALE_PART * trained_words)
    stale = np.minimum(stale, STALE_PART_MOST * trained_words)
    return np.maximum.accumulate(np.minimum(MERGE_VISITS / visits, stale / threads))


def _blocks(periods: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row behind each block of rows of the same period, and the period."""
    values, sizes = np.unique(periods, return_counts=True)
    return np.stack([np.cumsum(sizes), values]).astype(np.int64)
