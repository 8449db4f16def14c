"""What kernels/terms.h declares, and what other compiled modules take from terms.pyx."""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t, uint8_t

from fastw2v._native.scan cimport fw2v_span
from fastw2v._native.text cimport WordTable


cdef extern from "kernels/terms.h" nogil:
    enum:
        FW2V_RANGES
        FW2V_STRIDE
        FW2V_IN_TOKEN
        FW2V_SPECIAL
        FW2V_SURROGATE

    ctypedef struct fw2v_characters:
        const uint16_t *pages
        const uint32_t *entries
        int64_t min_length
        uint8_t *firsts
        uint8_t *widths
        uint8_t upper_step

    ctypedef struct fw2v_document:
        const void *data
        int64_t length
        int32_t kind

    ctypedef struct fw2v_tokens:
        uint8_t *bytes
        fw2v_span *spans
        int64_t n_bytes, n_tokens

    ctypedef struct fw2v_node_place:
        pass

    ctypedef struct fw2v_node_table:
        fw2v_node_place *places
        uint64_t n_places
        uint64_t *keys
        int64_t n_nodes, max_nodes

    ctypedef struct fw2v_term_state:
        uint32_t document, slot, n_documents

    ctypedef struct fw2v_tally:
        fw2v_term_state *states
        uint32_t document
        uint32_t *terms
        uint32_t *counts
        int64_t n_terms

    int64_t fw2v_cut_document(
        const fw2v_characters *characters, const fw2v_document *document, fw2v_tokens *tokens
    ) noexcept
    void fw2v_enter_nodes(
        fw2v_node_table *table, const uint64_t *keys, int64_t n, int32_t *nodes
    ) noexcept
    int32_t fw2v_find_node(const fw2v_node_table *table, uint64_t key) noexcept
    void fw2v_rehash_nodes(fw2v_node_table *table) noexcept
    void fw2v_tally_terms(fw2v_tally *tally, const int32_t *terms, int64_t n) noexcept
    void fw2v_call_terms(const fw2v_tally *tally, const int32_t *terms, int64_t n) noexcept
    int64_t fw2v_end_document(fw2v_tally *tally, uint32_t *entries) noexcept


cdef class Characters:
    cdef fw2v_characters table
    cdef const uint16_t[::1] pages
    cdef const uint32_t[::1] entries

    cdef int set_ranges(self) except -1


cdef class Documents:
    cdef list texts
    cdef fw2v_document *items
    cdef readonly int64_t n_characters


cdef int heed_signals() except -1 with gil


cdef inline int look_up(int64_t step) except -1 nogil:
    """Raise, now and then, at Ctrl-C; in the main thread alone."""
    if step & 0xffff == 0xffff:
        heed_signals()
    return 0


cdef int64_t describe(text, fw2v_document *item) except -1


cdef class Terms:
    cdef readonly WordTable words
    cdef readonly int max_n
    cdef fw2v_node_table nodes

    cdef bint grow_nodes(self, int64_t n) noexcept nogil
