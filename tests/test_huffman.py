"""Huffman trees: optimal, as word2vec.c codes them, and never deeper than a path may be."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from fastw2v._native.train import PATH_MAX
from fastw2v.huffman import HuffmanTree


def zipf_counts(n_words):
    return np.sort(np.random.default_rng(n_words).zipf(1.5, n_words) % 10**6 + 1)[::-1].copy()


def optimal_cost(counts):
    """Sum of count x depth of the best tree: what the inner nodes weigh together."""
    heap, cost = sorted(counts.tolist()), 0
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        heapq.heappush(heap, both)
        cost += both
    return cost


@pytest.mark.parametrize("n_words", [2, 3, 4, 5, 17, 1000])
def test_no_tree_is_cheaper(n_words):
    counts = zipf_counts(n_words)
    tree = HuffmanTree.from_counts(counts)
    assert int(counts @ tree.lengths) == optimal_cost(counts)


@pytest.mark.parametrize("n_words", [2, 3, 17, 1000])
def test_paths_make_one_tree(n_words):
    """Each node has one word or node on either side, and the root is on every path."""
    tree = HuffmanTree.from_counts(zipf_counts(n_words))
    children = {}
    for row in range(n_words):
        nodes, codes = tree.path(row)
        assert nodes[0] == 0
        for node, code, child in zip(nodes, codes, [*nodes[1:], f"word {row}"], strict=True):
            assert children.setdefault((node, code), child) == child
    assert len(children) == 2 * tree.n_nodes == 2 * (n_words - 1)
    assert len(set(children.values())) == len(children)


def test_codes_are_those_of_word2vec_c():
    """Of the two rarest, the rarer is on the left; of equals, an inner node is."""
    tree = HuffmanTree.from_counts(np.array([9, 4, 2, 2, 1]))
    codes = [tree.path(row)[1] for row in range(5)]
    assert codes == [[1], [0, 0], [0, 1, 0], [0, 1, 1, 1], [0, 1, 1, 0]]


def test_nodes_that_most_words_pass_come_first():
    counts = zipf_counts(500)
    beneath = HuffmanTree.from_counts(counts).sums_beneath(counts.astype(float))
    assert beneath[0] == counts.sum()
    assert (np.diff(beneath) <= 0).all()


def test_deepest_tree_that_counts_of_64_bits_make():
    counts = [1, 1, 1]
    while sum(counts) + counts[-1] + counts[-2] < 2**63:
        counts.append(counts[-1] + counts[-2])
    tree = HuffmanTree.from_counts(np.array(counts[::-1]))
    assert len(counts) - 1 == tree.lengths.max() <= PATH_MAX


def test_a_tree_of_one_word_has_no_nodes():
    tree = HuffmanTree.from_counts(np.array([7]))
    assert (tree.n_nodes, tree.path(0)) == (0, ([], []))
    assert tree.sums_beneath(np.ones(1)).tolist() == []
