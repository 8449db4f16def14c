"""What kernels/embed.h declares, and what finds an instruction set."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t


cdef extern from "kernels/embed.h" nogil:
    ctypedef uint64_t fw2v_pair

    ctypedef struct fw2v_gradients:
        const float *rows
        const int32_t *bags
        const float *scales
        const int32_t *winners

    ctypedef enum fw2v_rule_kind:
        FW2V_SGD
        FW2V_MOMENTUM
        FW2V_ADAGRAD
        FW2V_RMSPROP
        FW2V_ADAM

    ctypedef struct fw2v_rule:
        fw2v_rule_kind kind
        int32_t nesterov, centered
        float rate, inner_rate, momentum, first, second, inner, outer, root_scale

    enum:
        FW2V_STATES

    ctypedef struct fw2v_step:
        float *table
        float *states[3]
        int64_t n_columns
        const uint8_t *frozen
        const fw2v_pair *pairs
        int64_t n_pairs
        fw2v_gradients gradients
        int32_t by_frequency
        fw2v_rule rule

    ctypedef enum fw2v_reduction:
        FW2V_SUM
        FW2V_MEAN
        FW2V_MAX

    ctypedef struct fw2v_bags:
        const float *table
        int64_t n_columns
        const int32_t *rows
        const int64_t *ends
        const float *weights
        int64_t padding
        int64_t n_positions
        fw2v_reduction reduction
        float *out
        int32_t *winners

    ctypedef struct fw2v_embed_isa:
        const char *name
        void (*gather)(
            const float *table, int64_t n_columns, const int32_t *rows, int64_t n, float *out, int streams
        ) noexcept nogil
        void (*sum)(const fw2v_step *step, int64_t start, int64_t stop, float *out) noexcept nogil
        void (*apply)(const fw2v_step *step, int64_t start, int64_t stop, float *sum) noexcept nogil
        void (*apply_all)(
            const fw2v_step *step, int64_t first, int64_t last, float *sum
        ) noexcept nogil
        void (*reduce)(const fw2v_bags *bags, int64_t first, int64_t last) noexcept nogil

    const fw2v_embed_isa *const *fw2v_embed_isas
    const int fw2v_embed_isa_count

    int64_t fw2v_pair_row(fw2v_pair pair) noexcept
    int64_t fw2v_run_end(const fw2v_pair *pairs, int64_t start, int64_t n) noexcept
    void fw2v_count_rows(
        const int32_t *rows, int64_t n, int shift, int64_t n_counts, int64_t *counts
    ) noexcept
    void fw2v_take_pairs(
        const int32_t *rows, int64_t n, int64_t low, int64_t high, int64_t count, fw2v_pair *out
    ) noexcept
    void fw2v_sort_round(
        const fw2v_pair *pairs,
        int64_t n,
        int64_t low,
        int shift,
        int bits,
        int64_t *places,
        fw2v_pair *out,
    ) noexcept
    void fw2v_shorten(float *row, int64_t n_columns, float max_length) noexcept
    int64_t fw2v_take(int64_t *next) noexcept
    void fw2v_raise(int32_t *flag) noexcept
    int fw2v_is_raised(const int32_t *flag) noexcept


cdef const fw2v_embed_isa *find_isa(str name) except NULL
