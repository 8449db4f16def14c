"""The native search of every instruction set, against float64; results on any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastw2v import cpu
from fastw2v._keyed import search
from fastw2v._keyed.search import NotFinite, Rows
from fastw2v._native.search import Batch, Matrix, candidates

DIMENSIONS = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 100, 300)

each_isa = pytest.mark.parametrize("isa", cpu.available())
each_dtype = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])


def rows_of(n: int, dims: int, dtype: Any, seed: int = 0) -> Any:
    """Rows with a zero one among them, in a table whose rest would be noticed."""
    table = np.full((n, dims + 9), np.nan, dtype)
    table[:, 4 : 4 + dims] = np.random.default_rng(seed).normal(size=(n, dims))
    table[n // 2, 4 : 4 + dims] = 0
    return table[:, 4 : 4 + dims]


def query_of(dims: int, seed: int = 1) -> Any:
    query = np.random.default_rng(seed).normal(size=dims)
    return query / np.linalg.norm(query)


def true_cosines(vectors: Any, query: Any) -> Any:
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    return wide @ query / np.where(lengths > 0, lengths, 1)


@each_isa
@each_dtype
@pytest.mark.parametrize("dims", DIMENSIONS)
def test_cosines_are_those_of_float64(isa: str, dtype: Any, dims: int) -> None:
    vectors, query = rows_of(23, dims, dtype), query_of(dims)
    matrix, found = Matrix(isa, vectors), np.full(23, 7, np.float32)
    assert matrix.cosines(query, 2, 22, found) == -1
    np.testing.assert_allclose(found[2:22], true_cosines(vectors, query)[2:22], atol=5e-7)
    assert found[[0, 1, 22]].tolist() == [7, 7, 7] and found[11] == 0
    exact = matrix.exact_cosines(query, np.arange(23))
    np.testing.assert_allclose(exact, true_cosines(vectors, query), atol=1e-14)
    lengths = np.empty(23)
    assert matrix.lengths(0, 23, lengths) == -1
    np.testing.assert_allclose(lengths, np.linalg.norm(vectors.astype(float), axis=1), rtol=1e-14)


@each_isa
@each_dtype
@pytest.mark.parametrize("dims", DIMENSIONS)
def test_a_batch_finds_the_best_of_each_query(isa: str, dtype: Any, dims: int) -> None:
    vectors = rows_of(61, dims, dtype)
    queries = np.array([query_of(dims, seed) for seed in range(35)])
    matrix = Matrix(isa, vectors)
    batch = Batch(matrix, queries.astype(np.float32), [3] * 35)
    assert batch.search(0, 40) == batch.search(40, 61) == -1
    for q, query in enumerate(queries):
        found, expected = batch.best(q), true_cosines(vectors, query)
        assert found is not None
        np.testing.assert_allclose(found["score"], expected[found["row"]], atol=matrix.margin)
        third = np.sort(expected)[-3]
        assert set(np.flatnonzero(expected >= third)) <= set(found["row"].tolist())


@each_isa
def test_rows_of_any_length(isa: str) -> None:
    """Squares of these leave the range of float32, or of float64."""
    query = query_of(5)
    extremes: Any = {np.float32: (1e-42, 1e-30, 1e-12, 1e18, 1e38), np.float64: (1e-320, 1e307)}
    for dtype, factors in extremes.items():
        for factor in factors:
            vectors = (rows_of(9, 5, float) * factor).astype(dtype)
            matrix, found = Matrix(isa, vectors), np.empty(9, np.float32)
            scaled = vectors.astype(np.float64) / factor
            assert matrix.cosines(query, 0, 9, found) == -1
            np.testing.assert_allclose(found, true_cosines(scaled, query), atol=1e-6)
            batch = Batch(matrix, query[np.newaxis].astype(np.float32), [8])
            assert batch.search(0, 9) == -1
            best = batch.best(0)
            assert best is not None
            np.testing.assert_allclose(best["score"], found[best["row"]], atol=1e-6)


def test_every_half_is_read_right() -> None:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    vectors = np.column_stack([halves, np.ones(len(halves), np.float16)])
    for isa in cpu.available():
        found = np.empty(len(halves), np.float32)
        assert Matrix(isa, vectors).cosines(np.array([0.6, 0.8]), 0, len(halves), found) == -1
        np.testing.assert_allclose(found, true_cosines(vectors, np.array([0.6, 0.8])), atol=5e-7)


@each_isa
@each_dtype
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dims", [1, 5, 16, 37])
def test_the_first_row_that_is_not_finite(isa: str, dtype: Any, bad: float, dims: int) -> None:
    vectors, query = rows_of(20, dims, dtype), query_of(dims)
    vectors[[13, 17], dims - 1] = bad
    matrix = Matrix(isa, vectors)
    assert matrix.cosines(query, 0, 20, np.empty(20, np.float32)) == 13
    assert matrix.lengths(0, 20, np.empty(20)) in (-1, 13)  # an infinite length may be told as such
    assert Batch(matrix, query[np.newaxis].astype(np.float32), [1]).search(0, 20) == 13
    with pytest.raises(NotFinite) as caught:
        Rows(vectors, np.array([4, 17, 2])).cosines(query)
    assert caught.value.row == 17


@each_dtype
@pytest.mark.parametrize("seed", range(2))
def test_threads_and_instruction_sets_change_nothing(
    dtype: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_BYTES_FOR_A_THREAD", 1)
    monkeypatch.setattr(search, "_PRODUCTS_FOR_A_THREAD", 1)
    vectors = rows_of(3000, 24, dtype, seed)
    vectors[1000:1100] = vectors[:100]  # ties
    queries = np.array([query_of(24, seed) for seed in range(40)])
    excluded = [[q, 1000 + q] for q in range(40)]
    answers = []
    for isa in cpu.available():
        monkeypatch.setattr(cpu, "isa", lambda isa=isa: isa)
        for workers in (1, 2, 7):
            rows = Rows(vectors, workers=workers)
            one_by_one = [
                rows.nearest(query, 15, some) for query, some in zip(queries, excluded, strict=True)
            ]
            for found in (one_by_one, rows.nearest_to_each(queries, 15, excluded)):
                answers.append([[part.tolist() for part in one] for one in found])
    assert all(answer == answers[0] for answer in answers)
    for q, (rows_found, cosines) in enumerate(answers[0]):
        expected = true_cosines(vectors, queries[q])
        expected[excluded[q]] = -2
        assert rows_found == np.argsort(-expected.round(12), kind="stable")[:15].tolist()
        np.testing.assert_allclose(cosines, expected[rows_found], atol=1e-12)


def test_many_rows_that_are_as_good() -> None:
    """More ties than there is room for: still in row order."""
    vectors = np.tile(np.array([[1, 2], [3, 6], [-1, 0]], np.float32), (500, 1))
    queries = np.array([[1.0, 2.0], [2.0, 1.0]]) / 5**0.5
    rows = Rows(vectors)
    for found in (*rows.nearest_to_each(queries, 40, [[], [1]]), rows.nearest(queries[0], 40)):
        expected = [row for row in range(61) if row % 3 != 2]
        assert found.rows.tolist() in (expected[:40], [0, *expected[2:41]])
    assert candidates(np.zeros(1000, np.float32), 3, 1e-6) is None


@pytest.mark.parametrize("count", [1, 2, 10, 300])
@pytest.mark.parametrize("order", ["random", "up", "down"])
def test_candidates_hold_the_best(count: int, order: str) -> None:
    scores = np.random.default_rng(3).normal(size=2001).astype(np.float32)
    scores = {"random": scores, "up": np.sort(scores), "down": -np.sort(-scores)}[order]
    found = candidates(scores, count, 1e-5)
    assert found is not None and len(found) <= 2 * count + 64
    assert set(np.argsort(-scores)[:count]) <= set(found.tolist())


@each_dtype
def test_layouts_that_the_kernels_cannot_read(dtype: Any) -> None:
    plain = np.ascontiguousarray(rows_of(50, 6, dtype))
    query = query_of(6)
    expected = Rows(plain).cosines(query)
    packed = np.zeros(50 * 6 * plain.itemsize + 1, np.uint8)
    unaligned = packed[1:].view(dtype).reshape(50, 6)
    unaligned[:] = plain
    reversed_rows = np.ascontiguousarray(plain[::-1])[::-1]
    others = (np.asfortranarray(plain), plain.astype(plain.dtype.newbyteorder()), unaligned)
    wide = np.repeat(plain, 2, axis=1)[:, ::2]
    for vectors in (*others, reversed_rows, wide):
        np.testing.assert_array_equal(Rows(vectors).cosines(query), expected)
    read_only = plain.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(Rows(read_only).cosines(query), expected)


def test_wrong_calls_of_the_kernels() -> None:
    vectors, query = rows_of(5, 4, np.float32), query_of(4)
    matrix = Matrix("scalar", vectors)
    wrongs: list[Any] = [
        lambda: Matrix("mmx", vectors),
        lambda: Matrix("scalar", np.asfortranarray(vectors)),
        lambda: Matrix("scalar", vectors, np.array([0, 5])),
        lambda: Matrix("scalar", vectors, np.array([-1])),
        lambda: matrix.cosines(query[:3], 0, 5, np.empty(5, np.float32)),
        lambda: matrix.cosines(query, 0, 6, np.empty(6, np.float32)),
        lambda: matrix.cosines(query, 0, 5, np.empty(4, np.float32)),
        lambda: matrix.exact_cosines(query, np.array([5])),
        lambda: matrix.lengths(0, 5, np.empty(4)),
        lambda: Batch(matrix, np.zeros((2, 3), np.float32), [1, 1]),
        lambda: Batch(matrix, np.zeros((0, 4), np.float32), []),
        lambda: Batch(matrix, np.zeros((1, 4), np.float32), [1]).search(3, 6),
    ]
    for call in wrongs:
        with pytest.raises(ValueError):
            call()
    assert len(matrix) == 5 and len(Rows(vectors, np.array([4, 2]))) == 2
    assert Rows(vectors, np.empty(0, np.int64)).cosines(query).shape == (0,)
