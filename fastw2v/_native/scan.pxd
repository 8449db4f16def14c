"""What kernels/scan.h declares."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "kernels/scan.h" nogil:
    enum:
        FW2V_TEXT_PADDING
        FW2V_SCAN_BATCH

    ctypedef struct fw2v_place:
        pass

    ctypedef struct fw2v_word_table:
        fw2v_place *places
        uint64_t n_places
        uint8_t *bytes
        int64_t *ends
        int64_t n_words, max_words, n_bytes, max_bytes
        uint64_t seed

    ctypedef struct fw2v_scan:
        const uint8_t *text
        int64_t n_text, position, invalid
        int32_t *tokens
        int64_t n_tokens
        int64_t *line_ends
        int64_t n_lines

    ctypedef enum fw2v_scan_status:
        FW2V_SCAN_DONE
        FW2V_SCAN_GROW
        FW2V_SCAN_INVALID

    ctypedef struct fw2v_counted_word:
        uint64_t prefix, count
        const uint8_t *word
        uint32_t length
        int32_t id

    fw2v_scan_status fw2v_scan_text(
        fw2v_word_table *table, fw2v_scan *scan, int64_t *bytes_wanted
    ) noexcept
    void fw2v_enter_words(
        fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids
    ) noexcept
    ctypedef struct fw2v_span:
        int64_t start, end

    void fw2v_enter_spans(
        fw2v_word_table *table, const uint8_t *bytes, const fw2v_span *spans, int64_t n, int32_t *ids
    ) noexcept
    fw2v_scan_status fw2v_find_text(const fw2v_word_table *table, fw2v_scan *scan) noexcept
    void fw2v_find_words(
        const fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids
    ) noexcept
    void fw2v_free_places(fw2v_place *places, uint64_t n_places) noexcept
    int32_t fw2v_enter_word(
        fw2v_word_table *table, const uint8_t *word, uint32_t length, uint64_t count
    ) noexcept
    void fw2v_rehash(fw2v_word_table *table, const fw2v_place *places, uint64_t n_places) noexcept
    void fw2v_count_words(const fw2v_word_table *table, fw2v_counted_word *counted) noexcept
    void fw2v_sort_words(fw2v_counted_word *counted, int64_t n) noexcept
