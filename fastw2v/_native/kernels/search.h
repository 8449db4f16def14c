/* Cosines between the rows of a matrix and query vectors, and the rows with the largest.
 *
 * Purpose: exact search. One query is bound by memory, so lengths and products come from one read of the rows
 * and no length is ever stored. Many queries are one blocked matrix product over rows scaled to length 1.
 *
 * Invariants: rows are half, float or double numbers, next to each other, on addresses that their type asks
 * for, any number of bytes apart. Any finite row will do, however long or short; the cosine with a row of
 * zeros is 0. Nothing here allocates, fails, or knows of Python. A cosine depends on its row and its query
 * alone, not on how the rows are split among threads.
 *
 * fw2v_cosines works in float; its error is below fw2v_margin. fw2v_exact_cosine works in double, the same
 * on every instruction set: it says which of the rows within the margin are the nearest.
 */
#ifndef FW2V_SEARCH_H
#define FW2V_SEARCH_H

#include <stdint.h>

enum { FW2V_TILE_ROWS_MAX = 16, FW2V_PANEL_MAX = 32, FW2V_SEARCH_LANES_MAX = 16 };

typedef enum { FW2V_HALF, FW2V_FLOAT, FW2V_DOUBLE } fw2v_precision;

typedef struct {
    const char *rows;        /* the first row */
    int64_t stride;          /* bytes from a row to the next */
    const int64_t *chosen;   /* NULL, or the rows to search, and then row i is chosen[i] */
    int64_t n_columns;
    fw2v_precision precision;
} fw2v_matrix;

typedef struct {
    float score;
    int32_t row;
} fw2v_found;

/* The rows with the largest scores so far: the `count` best, and those within `margin` of the last of them. */
typedef struct {
    fw2v_found *found;       /* `room` places, more than `count` */
    int32_t n, room, count;
    int32_t is_overrun;      /* too many rows were within the margin: they are lost */
    float margin;
    float threshold;         /* what is not above it does not count any more; begins as -infinity */
} fw2v_top;

typedef struct {
    const float *panels;     /* queries of length 1: [query / panel][column][query % panel] */
    int64_t n_queries;       /* a multiple of `panel`, those that fill up included */
    fw2v_top *tops;          /* one for each query */
    float *thresholds;       /* of the tops; infinity for queries that fill up */
    float *scratch;          /* fw2v_batch_floats(), aligned to 64 bytes */
} fw2v_batch;

/* Functions return the first row that is not finite, or -1. */
typedef struct {
    const char *name;
    int panel;               /* queries in a panel */
    /* cosines[i] = that of row i, start <= i < stop, with the query of length 1 */
    int64_t (*cosines)(const fw2v_matrix *matrix, const double *query, const float *rounded, int64_t start,
                       int64_t stop, float *cosines);
    /* offers the rows to the top of each query of the batch */
    int64_t (*search)(const fw2v_matrix *matrix, const fw2v_batch *batch, int64_t start, int64_t stop);
} fw2v_search_isa;

extern const fw2v_search_isa *const fw2v_search_isas[];
extern const int fw2v_search_isa_count;

extern const fw2v_search_isa fw2v_search_scalar;
extern const fw2v_search_isa fw2v_search_avx2;
extern const fw2v_search_isa fw2v_search_avx512;
extern const fw2v_search_isa fw2v_search_neon;

/* The cosine of row i with a query of length 1, from -1 to 1; NaN where the row is not finite. */
double fw2v_exact_cosine(const fw2v_matrix *matrix, const double *query, int64_t i);

/* The length of row i; infinity where double cannot hold it, NaN where the row is not finite. */
double fw2v_length(const fw2v_matrix *matrix, int64_t i);

/* Writes row i scaled to length 1 in double; tells whether the row is finite. */
int fw2v_write_unit(const fw2v_matrix *matrix, int64_t i, float *unit);

void fw2v_offer(fw2v_top *top, float score, int32_t row);
void fw2v_offer_all(fw2v_top *top, const float *scores, int64_t n);

static inline const char *fw2v_row(const fw2v_matrix *matrix, int64_t i)
{
    return matrix->rows + matrix->stride * (matrix->chosen ? matrix->chosen[i] : i);
}

/* How far a cosine in float may be from the true one: a rounding for each number of a row, twice. */
static inline float fw2v_margin(int64_t n_columns) { return (float)(n_columns + 32) * 0x1p-23f; }

/* Columns of a row of unit length in scratch. */
static inline int64_t fw2v_unit_stride(int64_t n_columns)
{
    return (n_columns + FW2V_SEARCH_LANES_MAX - 1) / FW2V_SEARCH_LANES_MAX * FW2V_SEARCH_LANES_MAX;
}

static inline int64_t fw2v_batch_floats(int64_t n_columns)
{
    return FW2V_TILE_ROWS_MAX * (fw2v_unit_stride(n_columns) + FW2V_PANEL_MAX);
}

/* IEEE half to float, without a step through subnormal floats, which a process may have set to flush. */
static inline float fw2v_from_half(uint16_t half)
{
    union { uint32_t bits; float value; } x = {(uint32_t)(half & 0x7fff) << 13}, least = {113u << 23};
    uint32_t exponent = x.bits & 0x0f800000;
    x.bits += 112u << 23;
    if (exponent == 0x0f800000) /* infinity or NaN */
        x.bits += 112u << 23;
    else if (exponent == 0) {   /* zero or subnormal */
        x.bits += 1u << 23;
        x.value -= least.value;
    }
    x.bits |= (uint32_t)(half & 0x8000) << 16;
    return x.value;
}

#endif
