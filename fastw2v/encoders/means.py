"""What vectors of documents are computed by: weighted means, counts, and common components."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from fastw2v import cpu
from fastw2v._keys import check_finite
from fastw2v._native.document import count_documents, write_means
from fastw2v._typing import Array
from fastw2v.encoders.rows import Block
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parallel import work_off
from fastw2v.progress import Progress

_GROUP = 1 << 16  # documents whose vectors are in memory at a time while a component is looked for
_PIECE = 1 << 13  # vectors that are multiplied before they are added up in float64
_SQUARES = (1e-12, 1e12)  # of numbers between them, sums of squares are precise in float32
_NEGLIGIBLE = 1e-6  # such a share of the largest singular value may come of rounding to float32


def weighted_means(
    wv: KeyedVectors,
    blocks: list[Block],
    weights: Array,
    by_weight: bool,
    n_threads: int,
    progress: bool | None = False,
) -> Array:
    """Return the weighted mean of each document, (n, d) of float32; zeros where it has no row.

    The sum is divided by that of the weights, or, unless `by_weight`, by the number of rows.
    `weights` are of float32, one for each row of the vectors, or none if all are 1.

    Raises
    ------
    ValueError
        A vector that is used is not finite, a mean is too long for float32, or a row has no vector
        or no weight.

    Examples
    --------
    >>> wv = KeyedVectors.from_arrays(["사과", "배"], np.eye(2))
    >>> block = Block(0, np.array([0, 1, 1, 1], np.int32), np.array([1, 4]))
    >>> weighted_means(wv, [block], np.array([2, 1], np.float32), False, n_threads=1)
    array([[2., 0.],
           [0., 1.]], dtype=float32)
    """
    matrix = np.asarray(wv.vectors, np.float32)
    if matrix.strides[1] != matrix.itemsize or matrix.strides[0] % matrix.itemsize:
        matrix = np.ascontiguousarray(matrix)
    if len(weights):
        matrix = matrix[: len(weights)]
    check_rows(blocks, len(matrix))
    isa = cpu.isa()
    first = blocks[0].first if blocks else 0
    n_documents = sum(len(block.ends) for block in blocks)
    means = np.empty((n_documents, wv.vector_size), np.float32)
    todo = deque(blocks)
    wrong: list[int] = []

    def work(taken: Iterator[Block]) -> None:
        for block in taken:
            start = block.first - first
            out = means[start : start + len(block.ends)]
            bad = write_means(isa, matrix, weights, by_weight, block.rows, block.ends, out)
            if bad >= 0:
                wrong.append(block.first + bad)

    with Progress("averaging", n_documents, "documents", progress) as line:
        n_blocks = len(blocks)
        work_off(
            todo,
            work,
            n_threads,
            lambda left: line.update(round(n_documents * (1 - left / n_blocks))),
        )
        line.finish(n_documents)
    if wrong:
        check_finite(wv.index_to_key, wv.vectors)
        raise ValueError(f"the vector of document {min(wrong)} is too long for float32")
    return means


def check_rows(blocks: list[Block], n_rows: int) -> None:
    """Raise ValueError if a word has a row that is not there: its keys have changed since.

    Examples
    --------
    >>> check_rows([Block(0, np.array([0, 2], np.int32), np.array([2]))], 3)
    """
    last = max((int(block.rows.max(initial=-1)) for block in blocks), default=-1)
    if last >= n_rows:
        raise ValueError(
            f"a word has row {last} of keyed_vectors, which has {n_rows:,}: its keys have changed "
            "without its vectors, or while documents were read; mend it, and read them again"
        )


def document_frequencies(blocks: list[Block], n_rows: int, n_threads: int) -> Array:
    """Count in how many documents each row stands.

    Examples
    --------
    >>> block = Block(0, np.array([0, 0, 1, 0], np.int32), np.array([3, 4]))
    >>> document_frequencies([block], 3, n_threads=1)
    array([2, 1, 0])
    """
    check_rows(blocks, n_rows)
    todo = deque(blocks)
    counted: list[Array] = []

    def work(taken: Iterator[Block]) -> None:
        seen, counts = np.zeros(n_rows, np.int64), np.zeros(n_rows, np.int64)
        for block in taken:
            count_documents(block.rows, block.ends, block.first + 1, seen, counts)
        counted.append(counts)

    work_off(todo, work, n_threads)
    total: Array = np.sum(counted, axis=0)
    return total


def row_counts(blocks: list[Block], n_rows: int) -> Array:
    """Count how often each row stands in documents.

    Examples
    --------
    >>> row_counts([Block(0, np.array([0, 0, 1, 0], np.int32), np.array([3, 4]))], 3)
    array([3, 1, 0])
    """
    check_rows(blocks, n_rows)
    counts = np.zeros(n_rows, np.int64)
    for block in blocks:
        counts += np.bincount(block.rows, minlength=n_rows)
    return counts


def common_components(groups: Iterable[Array], size: int, n_components: int) -> Array:
    """Return the first right singular vectors of all vectors, which come in groups of rows.

    They are those of the Gram matrix, (size, size), so that the vectors need not be there at once;
    of the two signs, the one by which the largest number is positive. They are fewer than
    `n_components` where the vectors have none in other directions.

    Examples
    --------
    >>> common_components([np.array([[3.0, 3], [1, 1]]), np.array([[1.0, -1]])], 2, 1).round(3)
    array([[0.707, 0.707]], dtype=float32)
    >>> common_components([np.array([[3.0, 3], [1, 1]])], 2, 2).shape
    (1, 2)
    """
    gram = np.zeros((size, size))
    for vectors in groups:
        for start in range(0, len(vectors) if n_components else 0, _PIECE):
            piece = vectors[start : start + _PIECE]
            # For the first singular vector float32 will do, at half the time.
            if n_components > 1 or not _SQUARES[0] < np.abs(piece).max() < _SQUARES[1]:
                piece = piece.astype(np.float64)
            gram += piece.T @ piece
    squares, singular = np.linalg.eigh(gram)
    rank = int((squares > _NEGLIGIBLE**2 * squares[-1]).sum())
    components = singular[:, ::-1].T[: min(n_components, rank)]
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    found: Array = (components * signs[:, np.newaxis]).astype(np.float32)
    return found


def take_out(components: Array, vectors: Array) -> None:
    """Subtract from vectors, in place, their projections on orthonormal components.

    Examples
    --------
    >>> vectors = np.array([[3.0, 4], [0, 1]])
    >>> take_out(np.array([[1.0, 0]]), vectors)
    >>> vectors
    array([[0., 4.],
           [0., 1.]])
    """
    components = components.astype(np.float64)
    for start in range(0, len(vectors) if len(components) else 0, _PIECE):
        # In double: what a product in single precision rounds to depends on a row's neighbours.
        piece = vectors[start : start + _PIECE].astype(np.float64)
        vectors[start : start + _PIECE] = piece - (piece @ components.T) @ components


def in_groups(blocks: list[Block]) -> Iterator[list[Block]]:
    """Divide blocks into groups of so many documents that their vectors take little memory."""
    group: list[Block] = []
    n_documents = 0
    for block in blocks:
        group.append(block)
        n_documents += len(block.ends)
        if n_documents >= _GROUP:
            yield group
            group, n_documents = [], 0
    if group:
        yield group
