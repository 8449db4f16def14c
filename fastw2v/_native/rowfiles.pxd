"""What kernels/rowfiles.h and kernels/decimal.h declare."""

from libc.stdint cimport int64_t, uint8_t, uint64_t


cdef extern from "kernels/rowfiles.h" nogil:
    enum:
        FW2V_POWER_MIN
        FW2V_POWER_MAX
        FW2V_NUMBER_MAX

    ctypedef enum fw2v_float_kind:
        FW2V_FLOAT32
        FW2V_FLOAT64

    ctypedef struct fw2v_power:
        uint64_t high, low

    ctypedef struct fw2v_rows:
        fw2v_float_kind kind
        int64_t dims
        uint8_t separator
        const fw2v_power *powers
        void *values
        int64_t *words
        int64_t n_rows
        int64_t not_finite

    int64_t fw2v_read_text_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text) noexcept
    int64_t fw2v_read_binary_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text) noexcept
    int64_t fw2v_write_text_rows(
        const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out
    ) noexcept
    int64_t fw2v_write_binary_rows(
        const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out
    ) noexcept
    int64_t fw2v_first_repeated(
        const uint8_t *bytes, const int64_t *ends, int64_t n, uint64_t *places, int64_t n_places,
        uint64_t seed
    ) noexcept
