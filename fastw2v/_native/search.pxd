"""What kernels/search.h declares."""

from libc.stdint cimport int32_t, int64_t


cdef extern from "kernels/search.h" nogil:
    enum:
        FW2V_SEARCH_LANES_MAX

    ctypedef enum fw2v_precision:
        FW2V_HALF
        FW2V_FLOAT
        FW2V_DOUBLE

    ctypedef struct fw2v_matrix:
        const char *rows
        int64_t stride
        const int64_t *chosen
        int64_t n_columns
        fw2v_precision precision

    ctypedef struct fw2v_found:
        float score
        int32_t row

    ctypedef struct fw2v_top:
        fw2v_found *found
        int32_t n
        int32_t room
        int32_t count
        int32_t is_overrun
        float margin
        float threshold

    ctypedef struct fw2v_batch:
        const float *panels
        int64_t n_queries
        fw2v_top *tops
        float *thresholds
        float *scratch

    ctypedef struct fw2v_search_isa:
        const char *name
        int panel
        int64_t (*cosines)(
            const fw2v_matrix *matrix,
            const double *query,
            const float *rounded,
            int64_t start,
            int64_t stop,
            float *cosines,
        ) noexcept nogil
        int64_t (*search)(
            const fw2v_matrix *matrix, const fw2v_batch *batch, int64_t start, int64_t stop
        ) noexcept nogil

    const fw2v_search_isa *const *fw2v_search_isas
    const int fw2v_search_isa_count

    double fw2v_exact_cosine(const fw2v_matrix *matrix, const double *query, int64_t i) noexcept
    double fw2v_length(const fw2v_matrix *matrix, int64_t i) noexcept
    void fw2v_offer_all(fw2v_top *top, const float *scores, int64_t n) noexcept
    float fw2v_margin(int64_t n_columns) noexcept
    int64_t fw2v_batch_floats(int64_t n_columns) noexcept
