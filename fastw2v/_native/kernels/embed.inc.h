/* The loops of embed.h, written once for every instruction set.
 *
 * Purpose: included by embed_scalar.c, embed_avx2.c, ..., which define vf, a vector of VF_LANES floats; vf_sqrt;
 * vf_stream, a store that goes past the caches where there is one; SUM_VECTORS, how many vectors of
 * VF_LANES / 2 doubles its registers hold as sums; widen and narrow, between floats and such doubles, for which
 * gcc 12 has no good code of its own; and the name.
 *
 * Invariants: each number of a row is worked out from that column alone, in an order that the positions decide.
 */
#include <stddef.h>
#include <string.h>

#define HALF (VF_LANES / 2)
#define LINE 16 /* floats of a cache line */
#define AHEAD 32 /* positions from the one whose rows are read to the one whose rows are asked for */
#define NEAR 2  /* into the second-level cache: the first one is too small for that many rows */
#define REDUCE_VECTORS 8

typedef float vf_loose __attribute__((vector_size(VF_LANES * 4), aligned(4), may_alias));
typedef float vh __attribute__((vector_size(HALF * 4)));
typedef float vh_loose __attribute__((vector_size(HALF * 4), aligned(4), may_alias));
typedef double vd __attribute__((vector_size(HALF * 8)));
typedef int32_t vi __attribute__((vector_size(VF_LANES * 4)));
typedef int32_t vi_loose __attribute__((vector_size(VF_LANES * 4), aligned(4), may_alias));
typedef int32_t vhi_loose __attribute__((vector_size(HALF * 4), aligned(4), may_alias));
typedef int32_t vhi __attribute__((vector_size(HALF * 4)));

/* Rows may begin anywhere in a line, so that the last number is in a line of its own. */
INLINE void prefetch_to_read(const float *row, int64_t n)
{
    for (int64_t column = 0; column < n; column += LINE)
        __builtin_prefetch(row + column, 0, NEAR);
    __builtin_prefetch(row + n - 1, 0, NEAR);
}

INLINE void prefetch_to_write(const float *row, int64_t n)
{
    for (int64_t column = 0; column < n; column += LINE)
        __builtin_prefetch(row + column, 1, NEAR);
    __builtin_prefetch(row + n - 1, 1, NEAR);
}

static void gather(const float *table, int64_t n_columns, const int32_t *rows, int64_t n, float *out, int streams)
{
    if ((uintptr_t)out % sizeof(vf) || n_columns % VF_LANES)
        streams = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            prefetch_to_read(table + rows[i + AHEAD] * n_columns, n_columns);
        const float *row = table + rows[i] * n_columns;
        float *to = out + i * n_columns;
        int64_t column = 0;
        if (streams)
            for (; column < n_columns; column += VF_LANES)
                vf_stream(to + column, *(const vf_loose *)(row + column));
        for (; column + VF_LANES <= n_columns; column += VF_LANES)
            *(vf_loose *)(to + column) = *(const vf_loose *)(row + column);
        for (; column < n_columns; column++)
            to[column] = row[column];
    }
    if (streams)
        vf_stream_end();
}

INLINE const float *gradient_of(const fw2v_step *step, int64_t position)
{
    const fw2v_gradients *given = &step->gradients;
    return given->rows + (given->bags ? given->bags[position] : position) * step->n_columns;
}

/* Ask for what the pair AHEAD of this one needs. */
INLINE void look_ahead(const fw2v_step *step, int64_t i)
{
    i += AHEAD;
    if (i >= step->n_pairs)
        return;
    prefetch_to_read(gradient_of(step, fw2v_pair_position(step->pairs[i])), step->n_columns);
    int64_t row = fw2v_pair_row(step->pairs[i]);
    if (row == fw2v_pair_row(step->pairs[i - 1]) || !step->table)
        return;
    prefetch_to_write(step->table + row * step->n_columns, step->n_columns);
    for (int k = 0; k < FW2V_STATES; k++)
        if (step->states[k])
            prefetch_to_write(step->states[k] + row * step->n_columns, step->n_columns);
}

/* Sums of `vectors` times HALF columns from `column` on. */
INLINE void sum_columns(const fw2v_step *step, int64_t start, int64_t stop, int64_t column, double divisor,
                        float *out, const int vectors)
{
    const fw2v_gradients *given = &step->gradients;
    vd sums[SUM_VECTORS];
    for (int v = 0; v < vectors; v++)
        sums[v] = (vd){0};
    for (int64_t i = start; i < stop; i++) {
        int64_t position = fw2v_pair_position(step->pairs[i]);
        const float *gradient = gradient_of(step, position) + column;
        if (column == 0)
            look_ahead(step, i);
        if (given->winners) {
            const int32_t *winners = given->winners + (gradient - given->rows);
            for (int v = 0; v < vectors; v++) {
                vhi wins = *(const vhi_loose *)(winners + v * HALF) == (int32_t)position;
                vhi bits = *(const vhi_loose *)(gradient + v * HALF);
                sums[v] += widen((vh)(bits & wins));
            }
        } else if (given->scales) {
            double scale = given->scales[position];
            for (int v = 0; v < vectors; v++)
                sums[v] += scale * widen(*(const vh_loose *)(gradient + v * HALF));
        } else {
            for (int v = 0; v < vectors; v++)
                sums[v] += widen(*(const vh_loose *)(gradient + v * HALF));
        }
    }
    if (divisor != 1.0)
        for (int v = 0; v < vectors; v++)
            sums[v] /= divisor;
    for (int v = 0; v < vectors; v++)
        *(vh_loose *)(out + column + v * HALF) = narrow(sums[v]);
}

/* The same of one column, where there is no vector of them. */
INLINE float sum_column(const fw2v_step *step, int64_t start, int64_t stop, int64_t column, double divisor)
{
    const fw2v_gradients *given = &step->gradients;
    double sum = 0.0;
    for (int64_t i = start; i < stop; i++) {
        int64_t position = fw2v_pair_position(step->pairs[i]);
        const float *gradient = gradient_of(step, position) + column;
        if (!given->winners || given->winners[gradient - given->rows] == position)
            sum += (given->scales ? given->scales[position] : 1.0) * *gradient;
    }
    return (float)(sum / divisor);
}

static void sum(const fw2v_step *step, int64_t start, int64_t stop, float *out)
{
    int64_t column = 0, n = step->n_columns;
    double divisor = step->by_frequency ? (double)(stop - start) : 1.0;
    for (; column + SUM_VECTORS * HALF <= n; column += SUM_VECTORS * HALF)
        sum_columns(step, start, stop, column, divisor, out, SUM_VECTORS);
    for (; column + 4 * HALF <= n; column += 4 * HALF)
        sum_columns(step, start, stop, column, divisor, out, 4);
    for (; column + HALF <= n; column += HALF)
        sum_columns(step, start, stop, column, divisor, out, 1);
    for (; column < n; column++)
        out[column] = sum_column(step, start, stop, column, divisor);
}

INLINE vf load_some(const float *place, const int n)
{
    vf x = {0};
    if (n == VF_LANES)
        return *(const vf_loose *)place;
    memcpy(&x, place, (size_t)n * sizeof *place);
    return x;
}

INLINE void store_some(float *place, vf x, const int n)
{
    if (n == VF_LANES)
        *(vf_loose *)place = x;
    else
        memcpy(place, &x, (size_t)n * sizeof *place);
}

INLINE vf at_least_zero(vf x) { return (vf)((vi)x & (vi)(x > 0.0f)); }

/* A mean with a share of the new. Not x += share * (new - x): what is large and leaves would take the small with it. */
INLINE vf mixed(vf x, vf new, float share) { return (1.0f - share) * x + share * new; }

/* Move n columns of a row, at most VF_LANES, by a gradient g. */
INLINE void move_columns(const fw2v_rule *rule, float *row, float *momentum, float *square, float *mean,
                         const float *gradient, const int n, const fw2v_rule_kind kind)
{
    vf w = load_some(row, n), g = load_some(gradient, n), change = g;
    if (kind == FW2V_MOMENTUM) {
        vf fed = rule->inner_rate * g, m = rule->momentum * load_some(momentum, n) + fed;
        store_some(momentum, m, n);
        change = rule->nesterov ? rule->momentum * m + fed : m;
    } else if (kind == FW2V_ADAGRAD) {
        vf v = load_some(square, n) + g * g;
        store_some(square, v, n);
        change = g / (vf_sqrt(v + rule->inner) + rule->outer);
    } else if (kind == FW2V_RMSPROP) {
        vf v = load_some(square, n);
        v = mixed(v, g * g, rule->second);
        store_some(square, v, n);
        if (rule->centered) {
            vf a = mixed(load_some(mean, n), g, rule->second);
            store_some(mean, a, n);
            v = at_least_zero(v - a * a);
        }
        change = rule->inner_rate * g / (vf_sqrt(v + rule->inner) + rule->outer);
        if (momentum) {
            change += rule->momentum * load_some(momentum, n);
            store_some(momentum, change, n);
        }
    } else if (kind == FW2V_ADAM) {
        vf m = mixed(load_some(momentum, n), g, rule->first);
        vf v = mixed(load_some(square, n), g * g, rule->second);
        store_some(momentum, m, n);
        store_some(square, v, n);
        change = m / (vf_sqrt(v) * rule->root_scale + rule->outer);
    }
    store_some(row, w - rule->rate * change, n);
}

INLINE void move_row(const fw2v_step *step, int64_t row, const float *gradient, const fw2v_rule_kind kind)
{
    int64_t n = step->n_columns, column = 0;
    float *w = step->table + row * n, *states[FW2V_STATES];
    for (int k = 0; k < FW2V_STATES; k++)
        states[k] = step->states[k] ? step->states[k] + row * n : NULL;
#define MOVE(lanes) \
    move_columns(&step->rule, w + column, states[0] ? states[0] + column : NULL, states[1] + column, \
                 states[2] + column, gradient + column, lanes, kind)
    for (; column + VF_LANES <= n; column += VF_LANES)
        MOVE(VF_LANES);
    if (column < n)
        MOVE((int)(n - column));
#undef MOVE
}

INLINE void apply_as(const fw2v_step *step, int64_t start, int64_t stop, float *scratch, const fw2v_rule_kind kind)
{
    const fw2v_pair *pairs = step->pairs;
    const int is_plain = !step->gradients.scales && !step->gradients.winners;
    int64_t i = start;
    /* The first pairs may be of a row that began before. */
    while (i > 0 && i < step->n_pairs && fw2v_pair_row(pairs[i]) == fw2v_pair_row(pairs[i - 1]))
        i++;
    while (i < stop) {
        int64_t end = fw2v_run_end(pairs, i, step->n_pairs), row = fw2v_pair_row(pairs[i]);
        if (!(step->frozen && step->frozen[row])) {
            const float *gradient = scratch;
            if (end == i + 1 && is_plain) {
                look_ahead(step, i);
                gradient = gradient_of(step, fw2v_pair_position(pairs[i]));
            } else {
                sum(step, i, end, scratch);
            }
            move_row(step, row, gradient, kind);
        }
        i = end;
    }
}

INLINE void apply_all_as(const fw2v_step *step, int64_t first, int64_t last, float *scratch,
                         const fw2v_rule_kind kind)
{
    int64_t i = fw2v_first_pair(step->pairs, step->n_pairs, first);
    int is_clear = 0;
    for (int64_t row = first; row < last; row++) {
        int64_t end = i;
        if (i < step->n_pairs && fw2v_pair_row(step->pairs[i]) == row)
            end = fw2v_run_end(step->pairs, i, step->n_pairs);
        if (!(step->frozen && step->frozen[row])) {
            if (end > i)
                sum(step, i, end, scratch);
            else if (!is_clear)
                memset(scratch, 0, (size_t)step->n_columns * sizeof *scratch);
            is_clear = end == i;
            move_row(step, row, scratch, kind);
        }
        i = end;
    }
}

#define BY_KIND(function) \
    switch (step->rule.kind) { \
    case FW2V_SGD: function(step, start, stop, scratch, FW2V_SGD); return; \
    case FW2V_MOMENTUM: function(step, start, stop, scratch, FW2V_MOMENTUM); return; \
    case FW2V_ADAGRAD: function(step, start, stop, scratch, FW2V_ADAGRAD); return; \
    case FW2V_RMSPROP: function(step, start, stop, scratch, FW2V_RMSPROP); return; \
    case FW2V_ADAM: function(step, start, stop, scratch, FW2V_ADAM); return; \
    }

static void apply(const fw2v_step *step, int64_t start, int64_t stop, float *scratch) { BY_KIND(apply_as) }
static void apply_all(const fw2v_step *step, int64_t start, int64_t stop, float *scratch) { BY_KIND(apply_all_as) }
