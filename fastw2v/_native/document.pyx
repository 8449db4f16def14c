"""The vectors of documents, whose words are rows of a matrix."""

from libc.stdint cimport int32_t, int64_t

import numpy as np


cdef extern from "kernels/documents.h" nogil:
    double fw2v_sum_rows(
        const float *matrix, int64_t stride, int64_t d, const float *weights, const int32_t *rows,
        int64_t n, float *part, double *sum,
    ) noexcept


def write_means(
    const float[:, :] vectors,         # IN: each row in one piece
    const float[::1] weights,          # IN: of each row; empty: all are 1
    const int32_t[::1] rows,           # IN: those of all documents
    const int64_t[::1] document_ends,  # IN: where each document ends in `rows`
    bint by_weight,                    # divide by the sum of the weights; else by the number of rows
    float[:, ::1] out,                 # OUT
):
    """Write the weighted mean of each document's rows; zeros where it has none."""
    cdef int64_t d = vectors.shape[1], stride = vectors.strides[0] // <int64_t>sizeof(float)
    cdef int64_t n = document_ends.shape[0], document, start = 0, end, j
    cdef double divisor, factor
    cdef float *part
    cdef double *total
    cdef const float *weight = &weights[0] if len(weights) else NULL
    if out.shape[0] < n or out.shape[1] != d or 0 < len(weights) < len(vectors):
        raise ValueError(f"out or weights do not fit {n} documents of {d} dimensions")
    if vectors.strides[1] != sizeof(float) or vectors.strides[0] % <int64_t>sizeof(float):
        raise ValueError("each row of vectors must be in one piece")
    if not d or not len(vectors):
        out[:n] = 0
        return
    cdef float[::1] part_room = np.empty(d, dtype=np.float32)
    cdef double[::1] total_room = np.empty(d, dtype=np.float64)
    part, total = &part_room[0], &total_room[0]
    with nogil:
        for document in range(n):
            end = document_ends[document]
            if end == start:
                for j in range(d):
                    out[document, j] = 0
                continue
            divisor = fw2v_sum_rows(
                &vectors[0, 0], stride, d, weight, &rows[start], end - start, part, total
            )
            factor = 1 / divisor if by_weight else 1 / <double>(end - start)
            for j in range(d):
                out[document, j] = <float>(total[j] * factor)
            start = end


def count_documents(
    const int32_t[::1] rows,           # IN: those of all documents
    const int64_t[::1] document_ends,  # IN
    int64_t first,                     # number of the first document, counted from 1
    int64_t[::1] last_seen,            # INOUT: by row, the last document that had it
    int64_t[::1] counts,               # INOUT: by row, how many documents have had it
):
    """Count in how many documents each row stands; their numbers must grow from call to call."""
    cdef Py_ssize_t document, k = 0
    with nogil:
        for document in range(document_ends.shape[0]):
            while k < document_ends[document]:
                if last_seen[rows[k]] != first + document:
                    last_seen[rows[k]] = first + document
                    counts[rows[k]] += 1
                k += 1
