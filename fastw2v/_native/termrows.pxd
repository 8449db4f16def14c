"""What kernels/termrows.h declares."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef extern from "kernels/termrows.h" nogil:
    ctypedef enum fw2v_norm:
        FW2V_NO_NORM
        FW2V_L1_NORM
        FW2V_L2_NORM

    ctypedef struct fw2v_weighting:
        const int32_t *columns
        const double *idf
        int32_t binary, sublinear
        fw2v_norm norm

    int64_t fw2v_count_columns(
        const int32_t *columns, const uint32_t **entries, int64_t n
    ) noexcept
    void fw2v_add_counts(
        const uint32_t **entries, int64_t n, int32_t binary, int64_t *totals
    ) noexcept
    int64_t fw2v_read_row(
        const fw2v_weighting *weighting,
        const uint32_t **entries,
        int64_t n,
        uint64_t *row,
        uint64_t *spare,
    ) noexcept
    void fw2v_weigh_row(
        const fw2v_weighting *weighting, const uint64_t *row, int64_t n, double *weights
    ) noexcept
