"""W and W', made and started; and the matrix of a tree's inner nodes."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.train import matrix
from fastw2v.parallel import Crew, taken_from

# Numbers of W that a thread draws at a time: 4 MiB.
_BLOCK_NUMBERS = 1 << 20


def new_matrices(rows: int, vector_size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make room for W and W', all zero."""
    try:
        return matrix(rows, vector_size), matrix(rows, vector_size)
    except (MemoryError, OverflowError):
        raise MemoryError(
            f"no memory for two matrices of {rows:,} x {vector_size:,} numbers; lower vector_size, "
            "or have fewer words (min_count, max_final_vocab)"
        ) from None


def start_matrices(
    rows: int, vector_size: int, seed: int, threads: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make W, uniform in +-1 / vector_size, and W', zero, as gensim does.

    All threads draw, which spreads W over the memory of their cores; those that train touch W'
    first, and spread that.
    """
    inputs, outputs = new_matrices(rows, vector_size)
    # By vector_size alone, for a block has a seed of its own.
    block_rows = max(1, _BLOCK_NUMBERS // vector_size)
    todo = deque(range(0, rows, block_rows))

    def work() -> None:
        room = np.empty((min(block_rows, rows), vector_size), dtype=np.float32)
        for start in taken_from(todo):
            # The same numbers, whichever thread draws them.
            random = np.random.default_rng([seed, start])
            block = inputs[start : start + block_rows, :vector_size]
            drawn = random.random(dtype=np.float32, out=room[: len(block)])
            drawn -= 0.5
            np.multiply(drawn, 2 / vector_size, out=block)

    with Crew([work] * min(threads, len(todo)), todo.clear) as crew:
        crew.wait(lambda: None)
    return inputs, outputs


def node_matrix(rows: int, vector_size: int) -> NDArray[np.float32]:
    """Make room for the inner nodes of a Huffman tree of so many words, all zero."""
    return new_matrices(rows - 1, vector_size)[0]
