/* See documents.h. Four rows are added at a time, for each number of `part` is then loaded and stored once for
 * four; the next four are called into the cache meanwhile.
 */
#include "documents.h"

#include <string.h>

enum { CACHE_LINE = 64, AT_ONCE = 4 };

static inline void call_row(const float *row, int64_t d)
{
    const char *bytes = (const char *)row;
    for (int64_t k = 0; k < d * (int64_t)sizeof *row; k += CACHE_LINE)
        __builtin_prefetch(bytes + k);
}

static inline float weight_of(const float *weights, int32_t row)
{
    return weights ? weights[row] : 1;
}

static inline void add_four(float *restrict part, const float *restrict a, const float *restrict b,
                            const float *restrict c, const float *restrict e, const float *w, int64_t d)
{
    float wa = w[0], wb = w[1], wc = w[2], we = w[3];
    for (int64_t j = 0; j < d; j++)
        part[j] += (wa * a[j] + wb * b[j]) + (wc * c[j] + we * e[j]);
}

static inline void add_one(float *restrict part, const float *restrict a, float w, int64_t d)
{
    for (int64_t j = 0; j < d; j++)
        part[j] += w * a[j];
}

double fw2v_sum_rows(const float *matrix, int64_t stride, int64_t d, const float *weights, const int32_t *rows,
                     int64_t n, float *part, double *sum)
{
    double total = 0;
    memset(sum, 0, (size_t)d * sizeof *sum);
    for (int64_t k = 0; k < n && k < AT_ONCE; k++)
        call_row(matrix + stride * rows[k], d);
    for (int64_t first = 0; first < n; first += FW2V_SUM_ROWS) {
        int64_t last = n - first < FW2V_SUM_ROWS ? n : first + FW2V_SUM_ROWS, k = first;
        memset(part, 0, (size_t)d * sizeof *part);
        for (; k + AT_ONCE <= last; k += AT_ONCE) {
            const float *row[AT_ONCE];
            float w[AT_ONCE];
            for (int64_t i = k + AT_ONCE; i < n && i < k + 2 * AT_ONCE; i++)
                call_row(matrix + stride * rows[i], d);
            for (int i = 0; i < AT_ONCE; i++) {
                row[i] = matrix + stride * rows[k + i];
                w[i] = weight_of(weights, rows[k + i]);
                total += w[i];
            }
            add_four(part, row[0], row[1], row[2], row[3], w, d);
        }
        for (; k < last; k++) {
            float w = weight_of(weights, rows[k]);
            add_one(part, matrix + stride * rows[k], w, d);
            total += w;
        }
        for (int64_t j = 0; j < d; j++)
            sum[j] += part[j];
    }
    return total;
}
