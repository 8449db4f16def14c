"""Huffman trees: how they are built, and the way from the root to each leaf."""

from libc.stdint cimport int64_t, uint32_t

import numpy as np


def paths(const int64_t[::1] counts):  # IN
    """Return `starts` and `steps` of a tree whose leaves have these counts, in descending order.

    `steps[starts[k]:starts[k + 1]]` leads from the root to leaf k: twice the inner node, and 1 more
    where the right branch is taken. Node 0 is the root; a node's number grows as its count falls.
    """
    cdef Py_ssize_t n = counts.shape[0], n_inner = n - 1, leaf = n - 1, inner = 0, made, child, node
    cdef int side
    cdef int64_t at
    # Leaves come first, then inner nodes as they are made. Both get ever larger: no heap is needed.
    cdef int64_t[::1] weights = np.zeros(n_inner + 1, dtype=np.int64)
    cdef int64_t[::1] parents = np.zeros(2 * n, dtype=np.int64)
    cdef unsigned char[::1] is_right = np.zeros(2 * n, dtype=np.uint8)
    cdef int64_t[::1] depths = np.zeros(n_inner + 1, dtype=np.int64)
    with nogil:
        for made in range(n_inner):
            for side in range(2):
                # Of equals an inner node is taken, as word2vec.c does.
                if leaf >= 0 and (inner >= made or counts[leaf] < weights[inner]):
                    child = leaf
                    weights[made] += counts[leaf]
                    leaf -= 1
                else:
                    child = n + inner
                    weights[made] += weights[inner]
                    inner += 1
                parents[child], is_right[child] = made, side
        for node in range(n_inner - 2, -1, -1):
            depths[node] = depths[parents[n + node]] + 1
    starts = np.zeros(n + 1, dtype=np.int64)
    if n_inner:
        np.cumsum(np.asarray(depths)[np.asarray(parents)[:n]] + 1, out=starts[1:])
    steps = np.zeros(starts[n], dtype=np.uint32)
    cdef const int64_t[::1] ends = starts[1:]
    cdef uint32_t[::1] steps_out = steps
    with nogil:
        for leaf in range(n if n_inner else 0):
            at, child = ends[leaf], leaf
            while True:
                at -= 1
                node = parents[child]
                steps_out[at] = <uint32_t>(2 * (n_inner - 1 - node) + is_right[child])
                if node == n_inner - 1:
                    break
                child = n + node
    return starts, steps


def sums_beneath(
    const int64_t[::1] starts,   # IN
    const uint32_t[::1] steps,   # IN
    const double[::1] values,    # IN, of each leaf
):
    """Return the sum of the values of the leaves beneath each inner node."""
    cdef Py_ssize_t leaf, at
    sums = np.zeros(max(values.shape[0] - 1, 0))
    cdef double[::1] out = sums
    with nogil:
        for leaf in range(values.shape[0]):
            for at in range(starts[leaf], starts[leaf + 1]):
                out[steps[at] >> 1] += values[leaf]
    return sums
