"""What other compiled modules have of text.pyx."""

cimport cython
from libc.stdint cimport int64_t, uint8_t

from fastw2v._native.scan cimport fw2v_counted_word, fw2v_scan, fw2v_scan_status, fw2v_word_table


@cython.final
cdef class WordTable:
    cdef fw2v_word_table table
    cdef fw2v_scan_status scan_growing(self, fw2v_scan *scan) noexcept nogil
    cdef bint grow(self, int64_t n_words, int64_t n_bytes) noexcept nogil


cdef int64_t utf8(str token, uint8_t *out) noexcept
cdef fw2v_counted_word *counted_words(WordTable table) except NULL
