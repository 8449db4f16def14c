/* Weighted sums of rows of a matrix: what the vector of a document is made of.
 *
 * Purpose: sum over k of weights[rows[k]] * matrix[rows[k]], at the speed at which the rows arrive.
 *
 * Invariants: sums are of float for FW2V_SUM_ROWS rows at most, and of double from there on, so that the length
 * of a document costs no digit. Rows are added in order: the result does not depend on threads. Nothing here
 * allocates.
 */
#ifndef FW2V_DOCUMENTS_H
#define FW2V_DOCUMENTS_H

#include <stdint.h>

enum { FW2V_SUM_ROWS = 64 };

/* `sum` becomes the sum of n rows of d numbers, which lie `stride` numbers apart; returns that of their weights,
 * which are all 1 where `weights` is NULL. `part` is room for d numbers. */
double fw2v_sum_rows(const float *matrix, int64_t stride, int64_t d, const float *weights, const int32_t *rows,
                     int64_t n, float *part, double *sum);

#endif
