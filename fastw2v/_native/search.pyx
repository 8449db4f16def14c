"""Exact search over the rows of a matrix; fastw2v/_keyed/search.py deals the rows to threads."""

cimport cython
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uintptr_t
from libc.stdlib cimport calloc, free

import numpy as np

from fastw2v._native.search cimport (
    FW2V_DOUBLE,
    FW2V_FLOAT,
    FW2V_HALF,
    FW2V_SEARCH_LANES_MAX,
    fw2v_batch,
    fw2v_batch_floats,
    fw2v_exact_cosine,
    fw2v_found,
    fw2v_length,
    fw2v_margin,
    fw2v_matrix,
    fw2v_offer_all,
    fw2v_search_isa,
    fw2v_search_isa_count,
    fw2v_search_isas,
    fw2v_top,
)

@cython.final
cdef class Matrix:
    """The rows of a matrix, all of them or those chosen, as the kernels of an instruction set see them.

    Parameters
    ----------
    isa : str
    vectors : ndarray of shape (n, d)
        float16, float32 or float64; native, aligned, each row contiguous.
    chosen : ndarray of int64, contiguous, or None
        The rows to search, each below n; row i is then vectors[chosen[i]].
    """

    cdef fw2v_matrix matrix
    cdef const fw2v_search_isa *isa
    cdef object kept      # what the pointers point into
    cdef int64_t n_rows

    def __cinit__(self, str isa, vectors, chosen=None):
        cdef const int64_t[::1] rows
        precisions = {"float16": FW2V_HALF, "float32": FW2V_FLOAT, "float64": FW2V_DOUBLE}
        if not is_plain(vectors):
            raise ValueError("vectors must be native and aligned, each row contiguous")
        self.isa = find_isa(isa)
        self.kept = (vectors, chosen)
        self.matrix.rows = <const char *><uintptr_t>vectors.__array_interface__["data"][0]
        self.matrix.stride = vectors.strides[0]
        self.matrix.n_columns = vectors.shape[1]
        self.matrix.precision = precisions[vectors.dtype.name]
        self.matrix.chosen = NULL
        self.n_rows = vectors.shape[0]
        if chosen is not None:
            rows = chosen
            if len(rows) and not 0 <= chosen.min() <= chosen.max() < self.n_rows:
                raise ValueError(f"chosen rows must be below {self.n_rows}")
            self.n_rows = len(rows)
            if len(rows):
                self.matrix.chosen = &rows[0]

    def __len__(self):
        return self.n_rows

    @property
    def margin(self):
        """How far the cosines of `cosines` and `Batch` may be from the true ones."""
        return fw2v_margin(self.matrix.n_columns)

    def cosines(self, const double[::1] query, int64_t start, int64_t stop, float[::1] out):
        """Write to out[i] the cosine of row i, start <= i < stop, with a query of length 1.

        Returns
        -------
        int
            The first row that is not finite, or -1.
        """
        cdef int64_t bad
        cdef float[::1] rounded
        self.check(query, start, stop)
        if len(out) < stop:
            raise ValueError(f"out has room for {len(out)} cosines, not {stop}")
        if start >= stop:
            return -1
        rounded = np.concatenate([np.asarray(query, np.float32), np.zeros(FW2V_SEARCH_LANES_MAX, np.float32)])
        with nogil:
            bad = self.isa.cosines(&self.matrix, &query[0], &rounded[0], start, stop, &out[0])
        return bad

    def exact_cosines(self, const double[::1] query, const int64_t[::1] rows):
        """Return the cosines of some rows with a query of length 1, worked out in double."""
        cdef int64_t i, n = len(rows)
        cdef double[::1] out = np.empty(n)
        self.check(query, 0, 0)
        for i in range(n):
            self.check(query, rows[i], rows[i] + 1)
        with nogil:
            for i in range(n):
                out[i] = fw2v_exact_cosine(&self.matrix, &query[0], rows[i])
        return np.asarray(out)

    def lengths(self, int64_t start, int64_t stop, double[::1] out):
        """Write to out[i] the length of row i, start <= i < stop.

        It is infinity where double cannot hold it.

        Returns
        -------
        int
            The first row that is not finite, or -1.
        """
        cdef int64_t i, bad = -1
        if not 0 <= start <= stop <= min(self.n_rows, len(out)):
            raise ValueError(f"rows {start} to {stop} of {self.n_rows}, room for {len(out)}")
        with nogil:
            for i in range(start, stop):
                out[i] = fw2v_length(&self.matrix, i)
                if out[i] != out[i]:
                    bad = i
                    break
        return bad

    cdef int check(self, const double[::1] query, int64_t start, int64_t stop) except -1:
        if len(query) != self.matrix.n_columns:
            raise ValueError(f"a query has {self.matrix.n_columns} numbers, got {len(query)}")
        if not 0 <= start <= stop <= self.n_rows:
            raise ValueError(f"rows {start} to {stop} of {self.n_rows}")
        return 0


def candidates(const float[::1] scores, int32_t count, float margin):
    """Return the places of the `count` largest scores and of those within `margin` of the last.

    None if there are so many within the margin that another way is better.
    """
    cdef fw2v_top top
    cdef fw2v_found[::1] found = new_found(count)
    start_top(&top, found, count, margin)
    if len(scores):
        with nogil:
            fw2v_offer_all(&top, &scores[0], len(scores))
    return None if top.is_overrun else np.asarray(found)[: top.n]["row"].astype(np.int64)


@cython.final
cdef class Batch:
    """Many queries of length 1, and the best rows that one thread has found for them.

    Parameters
    ----------
    matrix : Matrix
    queries : ndarray of float32 of shape (q, d)
    counts : sequence of int
        How many rows each query wants.
    """

    cdef Matrix matrix
    cdef fw2v_batch batch
    cdef list found
    cdef tuple kept  # what the pointers point into
    cdef int64_t n_queries

    def __cinit__(self, Matrix matrix, queries, counts):
        cdef int64_t q, n, panel = matrix.isa.panel, n_columns = matrix.matrix.n_columns
        cdef fw2v_found[::1] found
        cdef float[::1] panels, thresholds, scratch
        if queries.shape != (len(counts), n_columns) or not len(counts):
            raise ValueError(f"queries of shape {queries.shape} for {len(counts)} counts")
        self.matrix, self.n_queries = matrix, len(counts)
        n = (self.n_queries + panel - 1) // panel * panel
        filled = np.zeros((n, n_columns), np.float32)
        filled[: self.n_queries] = queries
        panels = aligned_floats(n * n_columns)
        in_panels = np.asarray(panels).reshape(n // panel, n_columns, panel)
        in_panels[:] = filled.reshape(n // panel, panel, n_columns).transpose(0, 2, 1)
        thresholds = np.full(n, -np.inf, np.float32)
        thresholds[self.n_queries :] = np.inf
        scratch = aligned_floats(fw2v_batch_floats(n_columns))
        self.batch.tops = <fw2v_top *>calloc(n, sizeof(fw2v_top))
        if not self.batch.tops:
            raise MemoryError
        self.found = [new_found(count) for count in counts]
        for q in range(self.n_queries):
            found = self.found[q]
            start_top(&self.batch.tops[q], found, counts[q], matrix.margin)
        self.batch.panels, self.batch.n_queries = &panels[0], n
        self.batch.thresholds, self.batch.scratch = &thresholds[0], &scratch[0]
        self.kept = (np.asarray(panels), np.asarray(thresholds), np.asarray(scratch))

    def __dealloc__(self):
        free(self.batch.tops)

    def search(self, int64_t start, int64_t stop):
        """Look at the rows start <= i < stop for all queries; return the first not finite, or -1."""
        cdef int64_t bad
        if not 0 <= start <= stop <= self.matrix.n_rows:
            raise ValueError(f"rows {start} to {stop} of {self.matrix.n_rows}")
        with nogil:
            bad = self.matrix.isa.search(&self.matrix.matrix, &self.batch, start, stop)
        return bad

    def best(self, int64_t q):
        """Return rows and scores found for a query, the `count` best among them, or None.

        None tells that too many scores were within the margin.
        """
        if self.batch.tops[q].is_overrun:
            return None
        return self.found[q][: self.batch.tops[q].n]


def is_plain(vectors):
    """Tell whether a matrix is native and aligned, and each row contiguous."""
    contiguous = vectors.strides[1] == vectors.itemsize or vectors.shape[1] < 2 or not vectors.size
    return contiguous and vectors.flags.aligned and vectors.dtype.isnative


cdef const fw2v_search_isa *find_isa(str name) except NULL:
    for k in range(fw2v_search_isa_count):
        if fw2v_search_isas[k].name.decode() == name:
            return fw2v_search_isas[k]
    raise ValueError(f"this build has no instruction set {name!r}")


cdef int64_t room_of(int64_t count) noexcept:
    """Places for the best, those within the margin and those not looked at yet."""
    return 2 * count + 64


def best_bytes(int64_t count):
    """Return how much memory the `count` best rows for a query take in a Batch."""
    return room_of(count) * sizeof(fw2v_found)


cdef new_found(int64_t count):
    return np.empty(room_of(count), [("score", np.float32), ("row", np.int32)])


cdef void start_top(fw2v_top *top, fw2v_found[::1] found, int64_t count, float margin) noexcept:
    top.found, top.n, top.room, top.count = &found[0], 0, <int32_t>len(found), <int32_t>count
    top.is_overrun, top.margin, top.threshold = 0, margin, -INFINITY


cdef aligned_floats(int64_t n):
    """Return an array that begins on a cache line."""
    room = np.empty(n + 16, np.float32)
    skipped = -room.__array_interface__["data"][0] // 4 % 16
    return room[skipped : skipped + n]
