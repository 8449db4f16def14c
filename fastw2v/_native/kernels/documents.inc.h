/* The means of documents.h, written once for every instruction set, whose vectors the compiler makes of the loops.
 *
 * Purpose: included by documents_scalar.c, documents_avx2.c, ..., which define the name.
 *
 * Invariants: four rows are added at a time, for each number of `part` is then loaded and stored once for four;
 * rows are called into the cache eight ahead.
 */
#include <string.h>

enum { CACHE_LINE = 64, AT_ONCE = 4, AHEAD = 8 };

INLINE const float *row_at(const fw2v_word_vectors *vectors, int32_t row)
{
    return vectors->rows + vectors->stride * row;
}

INLINE float weight_of(const fw2v_word_vectors *vectors, int32_t row)
{
    return vectors->weights ? vectors->weights[row] : 1.0f;
}

INLINE void call_row(const fw2v_word_vectors *vectors, int32_t row)
{
    const char *bytes = (const char *)row_at(vectors, row);
    for (int64_t k = 0; k < vectors->n_columns * (int64_t)sizeof(float); k += CACHE_LINE)
        __builtin_prefetch(bytes + k);
}

INLINE void add_four(float *restrict part, const float *const *row, const float *w, int64_t n_columns)
{
    const float *restrict a = row[0], *restrict b = row[1], *restrict c = row[2], *restrict d = row[3];
    float wa = w[0], wb = w[1], wc = w[2], wd = w[3];
    for (int64_t j = 0; j < n_columns; j++)
        part[j] += (wa * a[j] + wb * b[j]) + (wc * c[j] + wd * d[j]);
}

INLINE void add_one(float *restrict part, const float *restrict row, float w, int64_t n_columns)
{
    for (int64_t j = 0; j < n_columns; j++)
        part[j] += w * row[j];
}

/* Part becomes the sum of rows[first] to rows[last - 1]; the rows behind them are called. Adds up the weights. */
INLINE void sum_part(const fw2v_word_vectors *vectors, const int32_t *rows, int64_t first, int64_t last, int64_t n,
                     double *weight)
{
    int64_t k = first, n_columns = vectors->n_columns;
    memset(vectors->part, 0, (size_t)n_columns * sizeof(float));
    for (; k + AT_ONCE <= last; k += AT_ONCE) {
        const float *row[AT_ONCE];
        float w[AT_ONCE];
        for (int64_t i = k + AHEAD; i < n && i < k + AHEAD + AT_ONCE; i++)
            call_row(vectors, rows[i]);
        for (int i = 0; i < AT_ONCE; i++) {
            row[i] = row_at(vectors, rows[k + i]);
            w[i] = weight_of(vectors, rows[k + i]);
            *weight += w[i];
        }
        add_four(vectors->part, row, w, n_columns);
    }
    for (; k < last; k++) {
        float w = weight_of(vectors, rows[k]);
        *weight += w;
        add_one(vectors->part, row_at(vectors, rows[k]), w, n_columns);
    }
}

INLINE int is_finite(const float *numbers, int64_t n)
{
    uint32_t wrong = 0, bits;
    for (int64_t j = 0; j < n; j++) {
        memcpy(&bits, numbers + j, sizeof bits);
        wrong |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return !wrong;
}

static int mean(const fw2v_word_vectors *vectors, const int32_t *rows, int64_t n, float *restrict mean)
{
    double weight = 0, *sum = vectors->sum;
    const float *restrict part = vectors->part;
    int64_t n_columns = vectors->n_columns;
    for (int64_t k = 0; k < n && k < AHEAD; k++)
        call_row(vectors, rows[k]);
    if (n <= FW2V_SUM_ROWS) {
        sum_part(vectors, rows, 0, n, n, &weight);
        float factor = (float)(1 / (vectors->by_weight ? weight : (double)n));
        for (int64_t j = 0; j < n_columns; j++)
            mean[j] = part[j] * factor;
        return is_finite(mean, n_columns);
    }
    memset(sum, 0, (size_t)n_columns * sizeof *sum);
    for (int64_t first = 0; first < n; first += FW2V_SUM_ROWS) {
        sum_part(vectors, rows, first, n - first < FW2V_SUM_ROWS ? n : first + FW2V_SUM_ROWS, n, &weight);
        for (int64_t j = 0; j < n_columns; j++)
            sum[j] += part[j];
    }
    double factor = 1 / (vectors->by_weight ? weight : (double)n);
    for (int64_t j = 0; j < n_columns; j++)
        mean[j] = (float)(sum[j] * factor);
    return is_finite(mean, n_columns);
}

const fw2v_document_isa FW2V_TARGET = {FW2V_TARGET_NAME, mean};
