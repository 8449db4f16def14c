/* See search.h: what is the same on every instruction set. Exact cosines, and the best of many scores.
 *
 * Source: quickselect is Hoare's algorithm 65 (Communications of the ACM 4, 1961).
 */
#include "search.h"

#include <math.h>
#include <stddef.h>

const fw2v_search_isa *const fw2v_search_isas[] = {
#if defined(__x86_64__)
    &fw2v_search_avx512,
    &fw2v_search_avx2,
#elif defined(__aarch64__)
    &fw2v_search_neon,
#endif
    &fw2v_search_scalar,
};

const int fw2v_search_isa_count = sizeof fw2v_search_isas / sizeof fw2v_search_isas[0];

enum { SUMS = 8 };

static inline double value_at(const char *row, int64_t column, const fw2v_precision precision)
{
    if (precision == FW2V_HALF)
        return fw2v_from_half(((const uint16_t *)row)[column]);
    return precision == FW2V_FLOAT ? ((const float *)row)[column] : ((const double *)row)[column];
}

typedef struct {
    double product, square;
} sums;

/* Product of a row, divided by `divisor`, with the query, if there is one, and its square. */
static inline sums sums_of(const char *row, const double *query, int64_t n, double divisor,
                           const fw2v_precision precision)
{
    double product[SUMS] = {0}, square[SUMS] = {0};
    int64_t column = 0;
    for (; column + SUMS <= n; column += SUMS)
        for (int k = 0; k < SUMS; k++) {
            double x = value_at(row, column + k, precision) / divisor;
            product[k] += query ? x * query[column + k] : 0.0;
            square[k] += x * x;
        }
    for (; column < n; column++) {
        double x = value_at(row, column, precision) / divisor;
        product[0] += query ? x * query[column] : 0.0;
        square[0] += x * x;
    }
    for (int half = SUMS / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) {
            product[k] += product[k + half];
            square[k] += square[k + half];
        }
    return (sums){product[0], square[0]};
}

static inline double largest_of(const char *row, int64_t n, const fw2v_precision precision)
{
    double largest = 0.0;
    for (int64_t column = 0; column < n; column++) {
        double x = fabs(value_at(row, column, precision));
        if (!isfinite(x))
            return NAN;
        if (x > largest)
            largest = x;
    }
    return largest;
}

/* Sums of a row, scaled where its square leaves the range of double; divisor is what it was divided by. */
static inline sums safe_sums(const char *row, const double *query, int64_t n, double *divisor,
                             const fw2v_precision precision)
{
    *divisor = 1.0;
    sums found = sums_of(row, query, n, 1.0, precision);
    if (found.square > 1e-280 && found.square < 1e280)
        return found;
    *divisor = largest_of(row, n, precision);
    if (*divisor == 0.0) {
        *divisor = 1.0;
        return (sums){0.0, 0.0};
    }
    return sums_of(row, query, n, *divisor, precision);
}

static sums sums_by_precision(const fw2v_matrix *matrix, const double *query, int64_t i, double *divisor)
{
    const char *row = fw2v_row(matrix, i);
    switch (matrix->precision) {
    case FW2V_HALF:
        return safe_sums(row, query, matrix->n_columns, divisor, FW2V_HALF);
    case FW2V_FLOAT:
        return safe_sums(row, query, matrix->n_columns, divisor, FW2V_FLOAT);
    default:
        return safe_sums(row, query, matrix->n_columns, divisor, FW2V_DOUBLE);
    }
}

double fw2v_exact_cosine(const fw2v_matrix *matrix, const double *query, int64_t i)
{
    double divisor;
    sums found = sums_by_precision(matrix, query, i, &divisor);
    if (found.square == 0.0)
        return 0.0;
    double cosine = found.product / sqrt(found.square);
    return cosine > 1.0 ? 1.0 : cosine < -1.0 ? -1.0 : cosine;
}

double fw2v_length(const fw2v_matrix *matrix, int64_t i)
{
    double divisor;
    sums found = sums_by_precision(matrix, NULL, i, &divisor);
    return sqrt(found.square) * divisor;
}

int fw2v_write_unit(const fw2v_matrix *matrix, int64_t i, float *unit)
{
    double divisor;
    sums found = sums_by_precision(matrix, NULL, i, &divisor);
    double length = found.square > 0.0 ? sqrt(found.square) : 1.0;
    for (int64_t column = 0; column < matrix->n_columns; column++)
        unit[column] = (float)(value_at(fw2v_row(matrix, i), column, matrix->precision) / divisor / length);
    return found.square == found.square;
}

static inline void swap(fw2v_found *a, fw2v_found *b)
{
    fw2v_found kept = *a;
    *a = *b;
    *b = kept;
}

/* Reorder so that the first `count` are those with the largest scores. */
static void select_largest(fw2v_found *found, int32_t n, int32_t count)
{
    int32_t left = 0, right = n - 1;
    while (left < right) {
        float pivot = found[left + (right - left) / 2].score;
        int32_t i = left, j = right;
        while (i <= j) {
            while (found[i].score > pivot)
                i++;
            while (found[j].score < pivot)
                j--;
            if (i <= j)
                swap(&found[i++], &found[j--]);
        }
        if (count - 1 <= j)
            right = j;
        else if (count - 1 >= i)
            left = i;
        else
            return;
    }
}

/* Let go of what cannot be among the best any more. */
static void prune(fw2v_top *top)
{
    select_largest(top->found, top->n, top->count);
    float last = top->found[0].score;
    for (int32_t k = 1; k < top->count; k++)
        if (top->found[k].score < last)
            last = top->found[k].score;
    top->threshold = last - top->margin;
    int32_t kept = top->count;
    for (int32_t k = top->count; k < top->n; k++)
        if (top->found[k].score > top->threshold)
            top->found[kept++] = top->found[k];
    top->n = kept;
    if (kept - top->count > (top->room - top->count) / 2) {
        top->is_overrun = 1;
        top->threshold = INFINITY;
    }
}

void fw2v_offer(fw2v_top *top, float score, int32_t row)
{
    top->found[top->n++] = (fw2v_found){score, row};
    if (top->n == top->room)
        prune(top);
}

void fw2v_offer_all(fw2v_top *top, const float *scores, int64_t n)
{
    enum { BLOCK = 64 };
    for (int64_t start = 0; start < n; start += BLOCK) {
        int64_t stop = start + BLOCK < n ? start + BLOCK : n;
        int is_any = stop - start < BLOCK;
        if (!is_any)
            for (int k = 0; k < BLOCK; k++)
                is_any |= scores[start + k] > top->threshold;
        if (is_any)
            for (int64_t i = start; i < stop && !top->is_overrun; i++)
                if (scores[i] > top->threshold)
                    fw2v_offer(top, scores[i], (int32_t)i);
    }
}
