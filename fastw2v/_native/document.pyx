"""The vectors of documents, whose words are rows of a matrix."""

from libc.stdint cimport int32_t, int64_t

import numpy as np


cdef extern from "kernels/documents.h" nogil:
    ctypedef struct fw2v_word_vectors:
        const float *rows
        int64_t stride, n_columns
        const float *weights
        int by_weight
        float *part
        double *sum

    ctypedef struct fw2v_document_isa:
        const char *name
        int (*mean)(
            const fw2v_word_vectors *vectors, const int32_t *rows, int64_t n, float *mean
        ) noexcept nogil

    const fw2v_document_isa *const *fw2v_document_isas
    const int fw2v_document_isa_count


def write_means(
    str isa,
    const float[:, :] vectors,         # IN: each row in one piece
    const float[::1] weights,          # IN: of each row; empty: all are 1
    bint by_weight,                    # divide by the sum of the weights; else by the number of rows
    const int32_t[::1] rows,           # IN: those of all documents
    const int64_t[::1] document_ends,  # IN: where each document ends in `rows`
    float[:, ::1] out,                 # OUT
):
    """Write the weighted mean of each document's rows; zeros where it has none.

    Returns
    -------
    int
        The first document whose mean is not finite, or -1.
    """
    cdef const fw2v_document_isa *kernels = find_isa(isa)
    cdef fw2v_word_vectors matrix
    cdef int64_t n = document_ends.shape[0], k, start = 0, wrong = -1
    matrix.stride, matrix.n_columns = vectors.strides[0] // <int64_t>sizeof(float), vectors.shape[1]
    matrix.by_weight = by_weight
    if out.shape[0] < n or out.shape[1] != vectors.shape[1] or not vectors.shape[1]:
        raise ValueError(f"out does not fit {n} documents of {vectors.shape[1]} dimensions")
    if not len(vectors) or 0 < len(weights) < len(vectors):
        raise ValueError(f"there are {len(vectors)} rows and {len(weights)} weights")
    if vectors.strides[1] != sizeof(float) or vectors.strides[0] % <int64_t>sizeof(float):
        raise ValueError("each row of vectors must be in one piece")
    cdef float[::1] part = np.empty(vectors.shape[1], dtype=np.float32)
    cdef double[::1] total = np.empty(vectors.shape[1], dtype=np.float64)
    matrix.rows, matrix.weights = &vectors[0, 0], &weights[0] if len(weights) else NULL
    matrix.part, matrix.sum = &part[0], &total[0]
    with nogil:
        for k in range(n):
            if document_ends[k] == start:
                out[k, :] = 0
            elif not kernels.mean(&matrix, &rows[start], document_ends[k] - start, &out[k, 0]):
                wrong = k if wrong < 0 else wrong
            start = document_ends[k]
    return wrong


cdef const fw2v_document_isa *find_isa(str name) except NULL:
    for k in range(fw2v_document_isa_count):
        if fw2v_document_isas[k].name.decode() == name:
            return fw2v_document_isas[k]
    raise ValueError(f"no instruction set {name!r} here")


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
