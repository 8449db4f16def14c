/* Rows of vector files: a word and its numbers, as text or as bytes, to arrays and back.
 *
 * Purpose: the loops over the rows of a block of a file, for fastw2v/formats.py, which describes the formats.
 *
 * Invariants: nothing allocates; a row that is not as it should be stops the reading in front of itself, and what is
 * wrong with it is found out elsewhere. Words are told by where they begin and end in the text.
 */
#ifndef FW2V_ROWFILES_H
#define FW2V_ROWFILES_H

#include "decimal.h"

/* Some rows of a file. Of each there are `dims` values, of `kind`, and, if `words` is not NULL, a word. */
typedef struct {
    fw2v_float_kind kind;
    int64_t dims;
    uint8_t separator;       /* in text, between word and numbers */
    const fw2v_power *powers;
    void *values;
    int64_t *words;          /* reading: pairs of first byte and end; writing: the end of each */
    int64_t n_rows;          /* reading: those that `values` has room for; after it, those read */
    int64_t not_finite;      /* reading: the first row that holds NaN or infinity, or -1 */
} fw2v_rows;

/* Read rows of text, each a line; fields are single separators apart, white space at the end of a line is none. A word
 * may hold separators: the numbers are the last fields. Returns where the reading stopped: at n_text, behind the last
 * row that there was room for, or at a line that is no such row. */
int64_t fw2v_read_text_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text);

/* Read rows of the binary format: newlines that do not count, a word, a space, float32 values. Returns where the
 * reading stopped: behind the last row that is there as a whole. */
int64_t fw2v_read_binary_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text);

/* Write rows whose words stand one after the other, the first at `bytes`. Returns the number of bytes written: for a
 * row of text at most its word and dims * (FW2V_NUMBER_MAX + 1) + 1 bytes. */
int64_t fw2v_write_text_rows(const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out);
int64_t fw2v_write_binary_rows(const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out);

/* The first of n keys that is equal to an earlier one, or -1. They stand one after the other in `bytes`, each up to its
 * end; n fits in 31 bits. `places` has n_places elements, a power of two and more than n, all 0. */
int64_t fw2v_first_repeated(const uint8_t *bytes, const int64_t *ends, int64_t n, uint64_t *places, int64_t n_places,
                            uint64_t seed);

#endif
