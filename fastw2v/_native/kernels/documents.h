/* Weighted means of rows of a matrix: the vectors of documents.
 *
 * Purpose: the mean of the rows that a document's words have, at the speed at which the rows arrive.
 *
 * Invariants: sums are of float for FW2V_SUM_ROWS rows at most, and of double beyond, so that the length of
 * a document costs no digit. Rows are added in an order that they alone decide. Nothing here allocates.
 */
#ifndef FW2V_DOCUMENTS_H
#define FW2V_DOCUMENTS_H

#include <stdint.h>

enum { FW2V_SUM_ROWS = 64 };

typedef struct {
    const float *rows;       /* the first row */
    int64_t stride;          /* floats from a row to the next */
    int64_t n_columns;
    const float *weights;    /* one for each row; NULL: all are 1 */
    int by_weight;           /* a sum is divided by that of the weights; else by the number of rows */
    float *part;             /* room for n_columns */
    double *sum;             /* room for n_columns */
} fw2v_word_vectors;

typedef struct {
    const char *name;
    /* mean = that of n rows, at least one; returns whether all of it is finite */
    int (*mean)(const fw2v_word_vectors *vectors, const int32_t *rows, int64_t n, float *mean);
} fw2v_document_isa;

extern const fw2v_document_isa *const fw2v_document_isas[];
extern const int fw2v_document_isa_count;

extern const fw2v_document_isa fw2v_document_scalar;
extern const fw2v_document_isa fw2v_document_avx2;
extern const fw2v_document_isa fw2v_document_avx512;
extern const fw2v_document_isa fw2v_document_neon;

#endif
