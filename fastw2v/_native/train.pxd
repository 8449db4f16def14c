"""What other compiled modules have of train.pyx."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from fastw2v._native.kernels cimport fw2v_isa


cdef struct Word:
    # What becomes of a word of the corpus. One that is not in the vocabulary is never kept.
    int32_t row
    uint32_t keep                   # subsampling: kept when 31 random bits are below this


cdef struct Text:
    # A corpus.
    const int32_t *tokens           # index of the word at each position
    const int64_t *offsets          # position of the first word of each sentence, and of the end
    int64_t n_sentences
    const Word *words               # by index


cdef const fw2v_isa *find_isa(str name) except NULL
cdef check_rows(float[:, ::1] rows)
cdef float *first_row(float[:, ::1] rows) except? NULL
cdef int64_t keep_words(
    const Text *text,
    int64_t start,
    int64_t end,
    uint64_t *random,
    int32_t *kept,
    int64_t *ends,
    int64_t *n_sentences,
) noexcept nogil
