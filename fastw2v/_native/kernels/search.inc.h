/* The search of search.h, written once for every instruction set.
 *
 * Purpose: included by search_scalar.c, search_avx2.c, ..., which define vf, a vector of VF_LANES floats;
 * vf_from_half and vf_sum; TILE_ROWS and TILE_VECTORS, the tile of products that fits its registers; and the name.
 *
 * Invariants: each cosine is summed in an order that its row and query alone decide.
 */
#include <math.h>
#include <string.h>

#define PANEL (TILE_VECTORS * VF_LANES)

typedef int32_t vi __attribute__((vector_size(VF_LANES * 4)));
typedef int32_t vi_loose __attribute__((vector_size(VF_LANES * 4), aligned(4), may_alias));
typedef float vf_loose __attribute__((vector_size(VF_LANES * 4), aligned(4), may_alias));

/* Squares between these are exact enough in float; the others are left to double. */
#define SQUARE_MIN 1e-24f
#define SQUARE_MAX 1e36f

typedef struct {
    float product, square;
} row_sums;

INLINE size_t item_size(const fw2v_precision precision) { return precision == FW2V_HALF ? 2 : 4; }

INLINE vf load(const char *row, int64_t column, const fw2v_precision precision)
{
    const char *place = row + column * (int64_t)item_size(precision);
    if (precision == FW2V_HALF)
        return vf_from_half((const uint16_t *)place);
    return *(const vf_loose *)place;
}

/* The columns from `column` on, fewer than VF_LANES, behind zeros; query columns go with them from *first on. */
INLINE vf load_rest(const char *row, int64_t column, int64_t n, int64_t *first, const fw2v_precision precision)
{
    static const int32_t keeps[2 * VF_LANES] = {[VF_LANES ... 2 * VF_LANES - 1] = -1};
    if (n >= VF_LANES) {
        *first = n - VF_LANES;
        return (vf)((vi)load(row, *first, precision) & *(const vi_loose *)(keeps + n - column));
    }
    uint32_t place[VF_LANES] = {0};
    memcpy(place, row, (size_t)n * item_size(precision));
    *first = 0;
    return load((const char *)place, 0, precision);
}

/* `query` has at least VF_LANES numbers, zeros behind its last. */
INLINE row_sums sums_of(const char *row, const float *query, int64_t n, const fw2v_precision precision)
{
    vf product = {0}, product2 = {0}, square = {0}, square2 = {0};
    int64_t column = 0;
    for (; column + 2 * VF_LANES <= n; column += 2 * VF_LANES) {
        vf x = load(row, column, precision), x2 = load(row, column + VF_LANES, precision);
        product += x * *(const vf_loose *)(query + column);
        square += x * x;
        product2 += x2 * *(const vf_loose *)(query + column + VF_LANES);
        square2 += x2 * x2;
    }
    if (column + VF_LANES <= n) {
        vf x = load(row, column, precision);
        product += x * *(const vf_loose *)(query + column);
        square += x * x;
        column += VF_LANES;
    }
    if (column < n) {
        int64_t first;
        vf x = load_rest(row, column, n, &first, precision);
        product2 += x * *(const vf_loose *)(query + first);
        square2 += x * x;
    }
    return (row_sums){vf_sum(product + product2), vf_sum(square + square2)};
}

INLINE int64_t cosines_of(const fw2v_matrix *matrix, const double *query, const float *rounded, int64_t start,
                          int64_t stop, float *cosines, const fw2v_precision precision)
{
    for (int64_t i = start; i < stop; i++) {
        row_sums found = sums_of(fw2v_row(matrix, i), rounded, matrix->n_columns, precision);
        float cosine;
        if (found.square > SQUARE_MIN && found.square < SQUARE_MAX) {
            cosine = found.product / sqrtf(found.square);
            cosine = cosine > 1.0f ? 1.0f : cosine < -1.0f ? -1.0f : cosine;
        } else {
            cosine = (float)fw2v_exact_cosine(matrix, query, i);
            if (cosine != cosine)
                return i;
        }
        cosines[i] = cosine;
    }
    return -1;
}

static int64_t cosines_by_precision(const fw2v_matrix *matrix, const double *query, const float *rounded,
                                    int64_t start, int64_t stop, float *cosines)
{
    if (matrix->precision == FW2V_HALF)
        return cosines_of(matrix, query, rounded, start, stop, cosines, FW2V_HALF);
    if (matrix->precision == FW2V_FLOAT)
        return cosines_of(matrix, query, rounded, start, stop, cosines, FW2V_FLOAT);
    for (int64_t i = start; i < stop; i++) {
        cosines[i] = (float)fw2v_exact_cosine(matrix, query, i);
        if (cosines[i] != cosines[i])
            return i;
    }
    return -1;
}

/* Write a row scaled to length 1, zeros behind it up to `stride`; tell whether it is finite. */
INLINE int write_unit(const fw2v_matrix *matrix, int64_t i, float *unit, int64_t stride,
                      const fw2v_precision precision)
{
    const char *row = fw2v_row(matrix, i);
    const int64_t n = matrix->n_columns;
    vf square = {0};
    int64_t column = 0;
    for (; column + VF_LANES <= n; column += VF_LANES)
        *(vf *)(unit + column) = load(row, column, precision);
    for (; column < n; column++)
        unit[column] = precision == FW2V_HALF ? fw2v_from_half(((const uint16_t *)row)[column])
                                              : ((const float *)row)[column];
    for (; column < stride; column++)
        unit[column] = 0.0f;
    for (column = 0; column < stride; column += VF_LANES)
        square += *(vf *)(unit + column) * *(vf *)(unit + column);
    float all = vf_sum(square);
    if (!(all > SQUARE_MIN && all < SQUARE_MAX))
        return fw2v_write_unit(matrix, i, unit);
    float scale = 1.0f / sqrtf(all);
    for (column = 0; column < stride; column += VF_LANES)
        *(vf *)(unit + column) *= scale;
    return 1;
}

static int write_unit_by_precision(const fw2v_matrix *matrix, int64_t i, float *unit, int64_t stride)
{
    if (matrix->precision == FW2V_HALF)
        return write_unit(matrix, i, unit, stride, FW2V_HALF);
    if (matrix->precision == FW2V_FLOAT)
        return write_unit(matrix, i, unit, stride, FW2V_FLOAT);
    for (int64_t column = matrix->n_columns; column < stride; column++)
        unit[column] = 0.0f;
    return fw2v_write_unit(matrix, i, unit);
}

/* Products of TILE_ROWS rows with the queries of a panel; tell whether one is above its threshold. */
static int tile_products(const float *rows, int64_t stride, int64_t n, const float *panel,
                         const float *thresholds, float *products)
{
    vf sums[TILE_ROWS][TILE_VECTORS] = {{{0}}};
    for (int64_t column = 0; column < n; column++) {
        vf queries[TILE_VECTORS];
        for (int v = 0; v < TILE_VECTORS; v++)
            queries[v] = *(const vf *)(panel + column * PANEL + v * VF_LANES);
        for (int r = 0; r < TILE_ROWS; r++) {
            float x = rows[r * stride + column];
            for (int v = 0; v < TILE_VECTORS; v++)
                sums[r][v] += x * queries[v];
        }
    }
    vi above = {0};
    for (int v = 0; v < TILE_VECTORS; v++) {
        vf threshold = *(const vf_loose *)(thresholds + v * VF_LANES);
        for (int r = 0; r < TILE_ROWS; r++)
            above |= sums[r][v] > threshold;
    }
    int32_t is_above = 0;
    for (int k = 0; k < VF_LANES; k++)
        is_above |= above[k];
    if (is_above)
        memcpy(products, sums, sizeof sums);
    return is_above;
}

static int64_t search(const fw2v_matrix *matrix, const fw2v_batch *batch, int64_t start, int64_t stop)
{
    const int64_t n = matrix->n_columns, stride = fw2v_unit_stride(n);
    float *units = batch->scratch, *products = units + FW2V_TILE_ROWS_MAX * stride;
    for (int64_t i = start; i < stop; i += TILE_ROWS) {
        int n_rows = stop - i < TILE_ROWS ? (int)(stop - i) : TILE_ROWS;
        for (int r = 0; r < n_rows; r++)
            if (!write_unit_by_precision(matrix, i + r, units + r * stride, stride))
                return i + r;
        for (int64_t q = 0; q < batch->n_queries; q += PANEL) {
            float *thresholds = batch->thresholds + q;
            if (!tile_products(units, stride, n, batch->panels + q * n, thresholds, products))
                continue;
            for (int k = 0; k < PANEL; k++)
                for (int r = 0; r < n_rows; r++)
                    if (products[r * PANEL + k] > thresholds[k]) {
                        fw2v_offer(&batch->tops[q + k], products[r * PANEL + k], (int32_t)(i + r));
                        thresholds[k] = batch->tops[q + k].threshold;
                    }
        }
    }
    return -1;
}

const fw2v_search_isa FW2V_TARGET = {FW2V_TARGET_NAME, PANEL, cosines_by_precision, search};
