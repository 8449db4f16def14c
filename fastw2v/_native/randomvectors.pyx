"""Random vectors of words, which the words and a seed alone determine."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

cdef extern from "kernels/randomvectors.h" nogil:
    ctypedef enum fw2v_distribution:
        FW2V_UNIFORM
        FW2V_NORMAL
        FW2V_TERNARY

    uint64_t fw2v_word_key(const uint8_t *word, int64_t n_bytes) noexcept
    void fw2v_random_vector(
        uint64_t key, uint64_t seed, fw2v_distribution distribution, double scale, uint64_t n_ones,
        float *out, int64_t d,
    ) noexcept

UNIFORM, NORMAL, TERNARY = FW2V_UNIFORM, FW2V_NORMAL, FW2V_TERNARY


def write_random_vectors(
    const uint8_t[::1] words,   # IN: the words, one after the other
    const int64_t[::1] ends,    # IN: where each ends
    Py_ssize_t first,           # which of them
    Py_ssize_t last,
    uint64_t seed,
    int distribution,
    double scale,
    uint64_t n_ones,            # of 2**32 numbers, how many are 1, and how many -1; for TERNARY
    float[:, ::1] out,          # OUT
):
    """Write the vectors of words[first:last] to the same rows of `out`."""
    cdef Py_ssize_t k
    cdef int64_t start
    cdef const uint8_t *word
    if not 0 <= first <= last <= min(len(ends), len(out)) or not out.shape[1]:
        raise ValueError(f"there are {len(ends)} words and {len(out)} rows, not {first} to {last}")
    start = ends[first - 1] if first else 0
    with nogil:
        for k in range(first, last):
            # Of nothing but empty words there are no bytes to point at.
            word = &words[start] if ends[k] > start else NULL
            fw2v_random_vector(
                fw2v_word_key(word, ends[k] - start), seed, <fw2v_distribution>distribution, scale,
                n_ones, &out[k, 0], out.shape[1],
            )
            start = ends[k]
