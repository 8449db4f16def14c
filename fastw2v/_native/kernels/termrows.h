/* Counted terms to the rows of a sparse matrix: columns in order, counts weighted and scaled.
 *
 * Purpose: the second pass of the vectorizers, once it is known which terms have columns.
 *
 * Invariants: nothing here allocates. Entries are those that fw2v_end_document writes. Rows come out sorted by
 * column, each column once.
 */
#ifndef FW2V_TERMROWS_H
#define FW2V_TERMROWS_H

#include <stdint.h>

typedef enum { FW2V_NO_NORM, FW2V_L1_NORM, FW2V_L2_NORM } fw2v_norm;

typedef struct {
    const int32_t *columns;   /* of each term; -1: it has none */
    const double *idf;        /* of each column; NULL: all are 1 */
    int32_t binary;           /* every count is 1 */
    int32_t sublinear;        /* a count is 1 + its logarithm */
    fw2v_norm norm;
} fw2v_weighting;

/* How many of n terms have columns; *entries moves on to the next row. */
int64_t fw2v_count_columns(const int32_t *columns, const uint32_t **entries, int64_t n);

/* Add the counts of n terms to `totals`, by term; *entries moves on to the next row. */
void fw2v_add_counts(const uint32_t **entries, int64_t n, int32_t binary, int64_t *totals);

/* Read a row of n terms: (column << 32 | count) of those that have columns, sorted. `row` and `spare` have room
 * for n each. Returns how many there are; *entries moves on to the next row. */
int64_t fw2v_read_row(const fw2v_weighting *weighting, const uint32_t **entries, int64_t n, uint64_t *row,
                      uint64_t *spare);

/* The weights of a row's n counts. */
void fw2v_weigh_row(const fw2v_weighting *weighting, const uint64_t *row, int64_t n, double *weights);

#endif
