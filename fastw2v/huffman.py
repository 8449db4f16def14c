"""Huffman tree: the inner nodes that hierarchical softmax passes on the way to each word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.huffman import paths, sums_beneath


@dataclass(frozen=True, eq=False)
class HuffmanTree:
    """A binary tree with a word at each leaf, frequent words near the root.

    Attributes
    ----------
    starts : ndarray of int64, shape (words + 1,)
        Where in `steps` the path to each word begins, and where the last one ends.
    steps : ndarray of uint32
        The paths, from the root down: at each inner node twice its number, and 1 more where the
        right branch is taken.

    Notes
    -----
    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", section 2.1. The codes are those of word2vec.c; the nodes are numbered from
    the other end, so that node 0 is the root and the nodes that most words pass come first.

    Examples
    --------
    >>> tree = HuffmanTree.from_counts(np.array([5, 2, 2]))
    >>> tree.n_nodes, tree.path(0), tree.path(2)
    (2, ([0], [1]), ([0, 1], [0, 0]))
    """

    starts: NDArray[np.int64]
    steps: NDArray[np.uint32]

    @classmethod
    def from_counts(cls, counts: NDArray[np.int64]) -> HuffmanTree:
        """Build the tree of words with these counts, which are in descending order."""
        return cls(*paths(counts))

    @property
    def n_nodes(self) -> int:
        """Number of inner nodes: one less than there are words."""
        return len(self.starts) - 2

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of inner nodes on the path to each word."""
        return np.diff(self.starts)

    def path(self, row: int) -> tuple[list[int], list[int]]:
        """Return the inner nodes on the way to a word, and its code: 1 where it goes right."""
        steps = self.steps[self.starts[row] : self.starts[row + 1]]
        return (steps >> 1).tolist(), (steps & 1).tolist()

    def sums_beneath(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up, at each inner node, a value of the words beneath it.

        Examples
        --------
        >>> HuffmanTree.from_counts(np.array([5, 2, 2])).sums_beneath(np.array([0.5, 0.3, 0.2]))
        array([1. , 0.5])
        """
        return sums_beneath(self.starts, self.steps, values)
