/* The full-softmax step (softmax.h); included by group.inc.h, once per instruction set.
 *
 * Purpose: two passes over W', each a block of words at a time. The first makes the scores of the block with all
 * hidden vectors, and their exponentials relative to the largest score so far; the second turns these into
 * probabilities, adds up the errors of the hidden vectors, and moves the rows of W'. The scores of a word lie side by
 * side, so that a lane is a hidden vector.
 * Invariants: all that the functions hand to each other is in the scratch memory, which needs no contents when a
 * batch begins. What differs between parts is added up in their order.
 *
 * Source: the running maximum, Milakov and Gimelshein 2018, "Online normalizer calculation for softmax".
 */

/* Scores before the first one: e^(LOWEST - score) is 0, or as good as. */
#define LOWEST (-1e30f)
#define ALIGNED __attribute__((aligned(64)))

/* Where the scratch memory has what. */
typedef struct {
    const fw2v_softmax *s;
    int n_parts, n_blocks;
    int width;             /* hidden vectors, rounded up to whole vectors */
    size_t panel;          /* floats of FW2V_BATCH_MAX rows */
    float *hidden;         /* h, a row each */
    float *columns;        /* h, a column each, zero up to `width` */
    float *one_and_square; /* 1 + |h|^2 */
    float *scores;         /* word by word; then exponentials, then (pairs of h) * p - targets */
    float *tops;           /* of each block: the largest score of its part so far; its exponentials are relative to it */
    float *sums;           /* of each part: sum over its words of the exponentials, ... */
    float *squares;        /* ... and of each with |row|^2 */
    float *errors;         /* of each part: sum over its words of ((pairs of h) * p - targets) * row */
    float *wanted;         /* of each part: sum of the rows of the target words */
    int32_t *pairs;        /* of each block: one of the pairs of a hidden vector and a target word in it, or -1 */
    int32_t *others;       /* of each pair: another one of that block, or -1 */
    int32_t *owners;       /* of each pair: its hidden vector */
} batch;

INLINE vf exp_below(vf x) { return exp_of(vf_max(x, vf_set1(-EXP_LIMIT))); }

static float dot(const float *a, const float *b, int n)
{
    vf sum = vf_zero();
    for (int column = 0; column < n; column += VF_LANES)
        sum = vf_fma(vf_load(a + column), vf_load(b + column), sum);
    return sum_of(sum);
}

/* a += scale * b */
static void add_scaled(float *a, float scale, const float *b, int n)
{
    for (int column = 0; column < n; column += VF_LANES)
        vf_store(a + column, vf_fma(vf_set1(scale), vf_load(b + column), vf_load(a + column)));
}

static void fill(float *a, float value, size_t n)
{
    for (size_t k = 0; k < n; k += VF_LANES)
        vf_store(a + k, vf_set1(value));
}

INLINE float *output_row(const fw2v_softmax *s, int word) { return s->outputs + (size_t)word * s->stride; }

INLINE int words_of_block(const fw2v_softmax *s, int first)
{
    return s->n_words - first < FW2V_BLOCK_WORDS ? s->n_words - first : FW2V_BLOCK_WORDS;
}

INLINE batch lay_out(const fw2v_softmax *s)
{
    batch b = {.s = s, .n_parts = fw2v_softmax_parts(s->n_words), .n_blocks = fw2v_softmax_blocks(s->n_words)};
    b.width = ROUND_UP(s->n_hidden, VF_LANES);
    b.panel = (size_t)FW2V_BATCH_MAX * s->stride;
    b.hidden = s->scratch;
    b.columns = b.hidden + b.panel;
    b.one_and_square = b.columns + b.panel;
    b.scores = b.one_and_square + FW2V_BATCH_MAX;
    b.tops = b.scores + (size_t)b.n_blocks * FW2V_BLOCK_WORDS * FW2V_BATCH_MAX;
    b.sums = b.tops + (size_t)b.n_blocks * FW2V_BATCH_MAX;
    b.squares = b.sums + FW2V_PARTS_MAX * FW2V_BATCH_MAX;
    b.errors = b.squares + FW2V_PARTS_MAX * FW2V_BATCH_MAX;
    b.wanted = b.errors + FW2V_PARTS_MAX * b.panel;
    b.others = (int32_t *)(b.wanted + FW2V_PARTS_MAX * b.panel);
    b.owners = b.others + FW2V_BATCH_MAX * FW2V_CONTEXT_MAX;
    b.pairs = b.owners + FW2V_BATCH_MAX * FW2V_CONTEXT_MAX;
    return b;
}

/* The block that a part begins with; that of the last part is n_blocks. */
INLINE int first_block(const batch *b, int part) { return b->n_blocks * part / b->n_parts; }

/* Sums of all parts, relative to the largest score of all, for the hidden vectors from i on. */
INLINE vf total_of_parts(const batch *b, int i, vf *top, vf *squares)
{
    vf sum = vf_zero();
    *top = vf_set1(LOWEST), *squares = vf_zero();
    for (int part = 1; part <= b->n_parts; part++)
        *top = vf_max(*top, vf_load(b->tops + (first_block(b, part) - 1) * FW2V_BATCH_MAX + i));
    for (int part = 0; part < b->n_parts; part++) {
        const float *own_top = b->tops + (first_block(b, part + 1) - 1) * FW2V_BATCH_MAX + i;
        vf fall = exp_below(vf_sub(vf_load(own_top), *top));
        sum = vf_fma(fall, vf_load(b->sums + part * FW2V_BATCH_MAX + i), sum);
        *squares = vf_fma(fall, vf_load(b->squares + part * FW2V_BATCH_MAX + i), *squares);
    }
    return sum;
}

/* Hidden vectors, and where their target words are. */
static void softmax_prepare(const fw2v_softmax *s)
{
    batch b = lay_out(s);
    float *const *rows = s->contexts;
    int pair = 0;
    fill(b.columns, 0, b.panel);
    fill(b.one_and_square, 0, FW2V_BATCH_MAX);
    for (int k = 0; k < b.n_blocks; k++)
        b.pairs[k] = -1;
    for (int i = 0; i < s->n_hidden; rows += s->n_contexts[i++]) {
        float *hidden = b.hidden + (size_t)i * s->stride;
        sum_rows(rows, s->n_contexts[i], s->stride, s->scales[i], hidden);
        add_scaled(hidden, 1, s->hidden_bias, s->stride);
        for (int c = 0; c < s->dim; c++)
            b.columns[(size_t)c * FW2V_BATCH_MAX + i] = hidden[c];
        b.one_and_square[i] = 1 + dot(hidden, hidden, s->stride);
        for (int k = 0; k < s->n_targets[i]; k++, pair++) {
            int target = s->targets[pair], block = target / FW2V_BLOCK_WORDS;
            b.owners[pair] = i;
            b.others[pair] = b.pairs[block];
            b.pairs[block] = pair;
            if (s->loss)
                *s->loss -= dot(hidden, output_row(s, target), s->stride) + s->output_bias[target];
        }
    }
}

/* norms[k] = |row k|^2; up to VF_LANES - 1 more are written. */
INLINE void squared_norms(const float *rows, int n_rows, int stride, float *norms)
{
    for (int k = 0; k < n_rows; k += VF_LANES) {
        vf sums[VF_LANES];
#pragma GCC unroll 16
        for (int j = 0; j < VF_LANES; j++)
            sums[j] = vf_zero();
        for (int j = 0; j < VF_LANES && k + j < n_rows; j++)
            for (int column = 0; column < stride; column += VF_LANES) {
                vf x = vf_load(rows + (size_t)(k + j) * stride + column);
                sums[j] = vf_fma(x, x, sums[j]);
            }
        vf_store(norms + k, vf_sum_each(sums, VF_LANES));
    }
}

/* The exponentials of a block of words, relative to the largest score of the part so far. */
static void score_block(const batch *b, int part, int block)
{
    const fw2v_softmax *s = b->s;
    int first = block * FW2V_BLOCK_WORDS, n = words_of_block(s, first), is_first = block == first_block(b, part);
    float *scores = b->scores + (size_t)first * FW2V_BATCH_MAX, *tops = b->tops + (size_t)block * FW2V_BATCH_MAX;
    float *sums = b->sums + part * FW2V_BATCH_MAX, *squares = b->squares + part * FW2V_BATCH_MAX;
    float norms[FW2V_BLOCK_WORDS] ALIGNED;
    product p = {output_row(s, first), s->stride, 1, b->columns, FW2V_BATCH_MAX, s->dim, scores, FW2V_BATCH_MAX};
    for (int k = 0; k < n; k++)
        fill(scores + k * FW2V_BATCH_MAX, s->output_bias[first + k], b->width);
    multiply(&p, n, b->width);
    squared_norms(output_row(s, first), n, s->stride, norms);
    for (int i = 0; i < b->width; i += VF_LANES) {
        vf before = is_first ? vf_set1(LOWEST) : vf_load(tops - FW2V_BATCH_MAX + i), top = before;
        vf sum = vf_zero(), square = vf_zero();
        for (int k = 0; k < n; k++)
            top = vf_max(top, vf_load(scores + k * FW2V_BATCH_MAX + i));
        for (int k = 0; k < n; k++) {
            float *score = scores + k * FW2V_BATCH_MAX + i;
            vf x = exp_below(vf_sub(vf_load(score), top));
            vf_store(score, x);
            sum = vf_add(sum, x);
            square = vf_fma(x, vf_set1(norms[k]), square);
        }
        vf_store(tops + i, top);
        if (!is_first) {
            vf fall = exp_below(vf_sub(before, top));
            sum = vf_fma(vf_load(sums + i), fall, sum);
            square = vf_fma(vf_load(squares + i), fall, square);
        }
        vf_store(sums + i, sum);
        vf_store(squares + i, square);
    }
}

static void softmax_score(const fw2v_softmax *s, int part)
{
    batch b = lay_out(s);
    for (int block = first_block(&b, part); block < first_block(&b, part + 1); block++)
        score_block(&b, part, block);
}

/* Exponentials become (pairs of h) * p, whose sums over h are the errors; `loads` are those with 1 + |h|^2. */
INLINE void weigh_block(const batch *b, float *scores, int n, const float *factors, float *errors, float *loads)
{
    for (int k = 0; k < n; k += VF_LANES) {
        vf error[VF_LANES], load[VF_LANES];
#pragma GCC unroll 16
        for (int j = 0; j < VF_LANES; j++)
            error[j] = load[j] = vf_zero();
        for (int j = 0; j < VF_LANES && k + j < n; j++)
            for (int i = 0; i < b->width; i += VF_LANES) {
                float *score = scores + (k + j) * FW2V_BATCH_MAX + i;
                vf x = vf_mul(vf_load(score), vf_load(factors + i));
                vf_store(score, x);
                error[j] = vf_add(error[j], x);
                load[j] = vf_fma(x, vf_load(b->one_and_square + i), load[j]);
            }
        vf_store(errors + k, vf_sum_each(error, VF_LANES));
        vf_store(loads + k, vf_sum_each(load, VF_LANES));
    }
}

/* The target words among a block's: 1 is taken from their chances. */
INLINE void strike_targets(const batch *b, int part, int block, float *errors, float *loads)
{
    const fw2v_softmax *s = b->s;
    float *wanted = b->wanted + part * b->panel;
    for (int pair = b->pairs[block]; pair >= 0; pair = b->others[pair]) {
        int word = s->targets[pair] - block * FW2V_BLOCK_WORDS, i = b->owners[pair];
        b->scores[(size_t)s->targets[pair] * FW2V_BATCH_MAX + i] -= 1;
        errors[word] -= 1;
        loads[word] += b->one_and_square[i];
        add_scaled(wanted + (size_t)i * s->stride, 1, output_row(s, s->targets[pair]), s->stride);
    }
}

/* What a block of words tells the hidden vectors, and what these tell the words. */
static void update_block(const batch *b, int part, int block, const float *weights, const float *last_tops)
{
    const fw2v_softmax *s = b->s;
    int first = block * FW2V_BLOCK_WORDS, n = words_of_block(s, first);
    float *scores = b->scores + (size_t)first * FW2V_BATCH_MAX, *rows = output_row(s, first);
    const float *tops = b->tops + (size_t)block * FW2V_BATCH_MAX;
    float factors[FW2V_BATCH_MAX] ALIGNED, errors[FW2V_BLOCK_WORDS] ALIGNED, loads[FW2V_BLOCK_WORDS] ALIGNED;
    vf half = vf_set1(0.5f * s->alpha), one = vf_set1(1), minus_alpha = vf_set1(-s->alpha);
    product to_hidden = {scores, 1, FW2V_BATCH_MAX, rows, s->stride, n, b->errors + part * b->panel, s->stride};
    product to_rows = {scores, FW2V_BATCH_MAX, 1, b->hidden, s->stride, s->n_hidden, rows, s->stride};
    for (int i = 0; i < b->width; i += VF_LANES) {
        vf fall = exp_below(vf_sub(vf_load(tops + i), vf_load(last_tops + i)));
        vf_store(factors + i, vf_mul(vf_load(weights + i), fall));
    }
    weigh_block(b, scores, n, factors, errors, loads);
    strike_targets(b, part, block, errors, loads);
    multiply(&to_hidden, s->n_hidden, s->dim);
    for (int k = 0; k < n; k += VF_LANES) {
        float *bias = s->output_bias + first + k;
        vf gain = vf_div(minus_alpha, vf_max(one, vf_mul(half, vf_load(loads + k))));
        vf_store(loads + k, gain);
        vf_store(bias, vf_fma(gain, vf_load(errors + k), vf_load(bias)));
    }
    for (int k = 0; k < n; k++)
        for (int i = 0; i < b->width; i += VF_LANES) {
            float *score = scores + k * FW2V_BATCH_MAX + i;
            vf_store(score, vf_mul(vf_load(score), vf_set1(loads[k])));
        }
    multiply(&to_rows, n, s->dim);
}

static void softmax_update(const fw2v_softmax *s, int part)
{
    batch b = lay_out(s);
    float weights[FW2V_BATCH_MAX] ALIGNED, tops[FW2V_BATCH_MAX] ALIGNED;
    vf top, squares;
    for (int i = 0; i < b.width; i++)
        weights[i] = i < s->n_hidden ? (float)s->n_targets[i] : 0;
    for (int i = 0; i < b.width; i += VF_LANES) {
        vf_store(weights + i, vf_div(vf_load(weights + i), total_of_parts(&b, i, &top, &squares)));
        vf_store(tops + i, top);
    }
    fill(b.errors + part * b.panel, 0, b.panel);
    fill(b.wanted + part * b.panel, 0, b.panel);
    for (int block = first_block(&b, part); block < first_block(&b, part + 1); block++)
        update_block(&b, part, block, weights, tops);
}

/* rows += scale * error, and the step of each row by its own factor, if there are factors. */
static void add_errors(const fw2v_softmax *s, int first, int n, float scale, float *error)
{
    if (!s->factors)
        add_to_rows(s->contexts + first, n, s->stride, scale, error);
    else
        for (int k = first; k < first + n; k++)
            add_scaled(s->contexts[k], scale * s->factors[k], error, s->stride);
}

/* The way of the errors back to b and W, and the loss. */
static void softmax_finish(const fw2v_softmax *s)
{
    batch b = lay_out(s);
    float tops[FW2V_BATCH_MAX] ALIGNED, sums[FW2V_BATCH_MAX] ALIGNED, squares[FW2V_BATCH_MAX] ALIGNED;
    float *total = b.columns; /* done with */
    float curvatures = 0;
    int row = 0;
    for (int i = 0; i < b.width; i += VF_LANES) {
        vf top, square, sum = total_of_parts(&b, i, &top, &square);
        vf_store(tops + i, top);
        vf_store(sums + i, sum);
        vf_store(squares + i, square);
    }
    for (int part = 1; part < b.n_parts; part++) {
        add_scaled(b.errors, 1, b.errors + part * b.panel, s->n_hidden * s->stride);
        add_scaled(b.wanted, 1, b.wanted + part * b.panel, s->n_hidden * s->stride);
    }
    fill(total, 0, s->stride);
    for (int i = 0; i < s->n_hidden; row += s->n_contexts[i++]) {
        float *error = b.errors + (size_t)i * s->stride, *mean = b.wanted + (size_t)i * s->stride;
        float n = (float)s->n_targets[i], scale = s->scales[i];
        add_scaled(mean, 1, error, s->stride); /* n times the mean of the rows, under p */
        float curvature = n * (squares[i] / sums[i]) - dot(mean, mean, s->stride) / n;
        float input = s->alpha * s->repeats * curvature * scale * scale * (float)s->n_contexts[i];
        add_scaled(total, 1, error, s->stride);
        add_errors(s, row, s->n_contexts[i], -s->alpha * scale / (input > 1 ? input : 1), error);
        curvatures += curvature;
        if (s->loss)
            *s->loss += s->n_targets[i] * (tops[i] + __builtin_log(sums[i]));
    }
    curvatures *= s->alpha;
    add_scaled(s->hidden_bias, -s->alpha / (curvatures > 1 ? curvatures : 1), total, s->stride);
}
