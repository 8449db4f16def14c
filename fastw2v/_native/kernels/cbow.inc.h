/* The CBOW step; included by window.inc.h, once per instruction set.
 *
 * Purpose: a few centre words at once, far from each other in the corpus. They share their noise words, whose rows are read and
 * written once for all, and the latency of one word's sums is hidden behind the others'. Each hidden vector
 * is made of the rows as they were before the group.
 *
 * Source: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space", section 3.1.
 */

#define BLOCK 4 /* vectors of a row that are held in registers at a time */

/* hidden = scale * (sum of the rows), `width` vectors of it (a constant after inlining). */
INLINE void sum_block(const int width, float *const *rows, int n_rows, int column, float scale, float *hidden)
{
    vf sums[BLOCK];
#pragma GCC unroll 4
    for (int v = 0; v < width; v++)
        sums[v] = vf_zero();
    for (int i = 0; i < n_rows; i++) {
        const float *row = rows[i] + column;
#pragma GCC unroll 4
        for (int v = 0; v < width; v++)
            sums[v] = vf_add(sums[v], vf_load(row + v * VF_LANES));
    }
#pragma GCC unroll 4
    for (int v = 0; v < width; v++)
        vf_store(hidden + column + v * VF_LANES, vf_mul(sums[v], vf_set1(scale)));
}

/* rows += error, `width` vectors of them. */
INLINE void add_block(const int width, float *const *rows, int n_rows, int column, const float *error)
{
    vf errors[BLOCK];
#pragma GCC unroll 4
    for (int v = 0; v < width; v++)
        errors[v] = vf_load(error + column + v * VF_LANES);
    for (int i = 0; i < n_rows; i++) {
        float *row = rows[i] + column;
#pragma GCC unroll 4
        for (int v = 0; v < width; v++)
            vf_store(row + v * VF_LANES, vf_add(vf_load(row + v * VF_LANES), errors[v]));
    }
}

static void sum_rows(float *const *rows, int n_rows, int stride, float scale, float *hidden)
{
    int column = 0;
    for (; column + BLOCK * VF_LANES <= stride; column += BLOCK * VF_LANES)
        sum_block(BLOCK, rows, n_rows, column, scale, hidden);
    for (; column < stride; column += VF_LANES)
        sum_block(1, rows, n_rows, column, scale, hidden);
}

static void add_to_rows(float *const *rows, int n_rows, int stride, const float *error)
{
    int column = 0;
    for (; column + BLOCK * VF_LANES <= stride; column += BLOCK * VF_LANES)
        add_block(BLOCK, rows, n_rows, column, error);
    for (; column < stride; column += VF_LANES)
        add_block(1, rows, n_rows, column, error);
}

/* scores[g] = hidden g . target g, for `n` centre words (a constant after inlining). */
INLINE void score_targets(const int n, float *const *hidden, float *const *targets, int stride, float *scores)
{
    vf sums[ROUND_UP(FW2V_GROUP_MAX, VF_LANES)];
#pragma GCC unroll 16
    for (int g = 0; g < ROUND_UP(FW2V_GROUP_MAX, VF_LANES); g++)
        sums[g] = vf_zero();
    for (int column = 0; column < stride; column += VF_LANES) {
#pragma GCC unroll 4
        for (int g = 0; g < n; g++)
            sums[g] = vf_fma(vf_load(hidden[g] + column), vf_load(targets[g] + column), sums[g]);
    }
    float lanes[VF_LANES];
    vf_store_unaligned(lanes, vf_sum_each(sums));
#pragma GCC unroll 4
    for (int g = 0; g < n; g++)
        scores[g] = lanes[g];
}

/* Output rows += gradients x hidden vectors; errors = gradients^T x old output rows. */
INLINE void update_outputs(const int n, const fw2v_cbow *group, float *const *hidden, const float *gradients,
                           float *const *errors)
{
    const float *noise_gradients = gradients + n;
    int n_noise = group->n_noise;
    for (int column = 0; column < group->stride; column += VF_LANES) {
        vf h[FW2V_GROUP_MAX], e[FW2V_GROUP_MAX];
#pragma GCC unroll 4
        for (int g = 0; g < n; g++) {
            h[g] = vf_load(hidden[g] + column);
            e[g] = vf_mul(vf_set1(gradients[g]), vf_load(group->targets[g] + column));
        }
        for (int k = 0; k < n_noise; k++) {
            float *row = group->noise[k] + column;
            vf old = vf_load(row), updated = old;
#pragma GCC unroll 4
            for (int g = 0; g < n; g++) {
                vf gradient = vf_set1(noise_gradients[g * n_noise + k]);
                e[g] = vf_fma(gradient, old, e[g]);
                updated = vf_fma(gradient, h[g], updated);
            }
            vf_store(row, updated);
        }
#pragma GCC unroll 4
        for (int g = 0; g < n; g++) {
            /* Read again: a target may be another's noise word, or stand twice. */
            float *row = group->targets[g] + column;
            vf_store(row, vf_fma(vf_set1(gradients[g]), h[g], vf_load(row)));
            vf_store(errors[g] + column, vf_mul(e[g], vf_set1(group->error_scales[g])));
        }
    }
}

INLINE void train_group(const int n, const fw2v_cbow *group)
{
    int stride = group->stride, n_noise = group->n_noise;
    float *scores = group->scratch;
    float *hidden[FW2V_GROUP_MAX], *errors[FW2V_GROUP_MAX];
    float *vectors = scores + ROUND_UP(n * (1 + n_noise) + VF_LANES, FW2V_LANES_MAX);
    for (int g = 0; g < n; g++) {
        hidden[g] = vectors + (size_t)g * stride;
        errors[g] = vectors + (size_t)(n + g) * stride;
        sum_rows(group->contexts[g], group->n_contexts[g], stride, group->hidden_scales[g], hidden[g]);
    }
    score_pairs(hidden, n, group->noise, n_noise, stride, scores + n);
    score_targets(n, hidden, group->targets, stride, scores);
    for (int g = 0; g < n; g++)
        for (int k = 0; k < n_noise; k++)
            if (group->noise[k] == group->targets[g])
                scores[n + g * n_noise + k] = NO_PAIR;
    scores_to_gradients(scores, n * (1 + n_noise), n, 1, group->alpha, group->loss);
    update_outputs(n, group, hidden, scores, errors);
    for (int g = 0; g < n; g++)
        add_to_rows(group->contexts[g], group->n_contexts[g], stride, errors[g]);
}

static void train_cbow(const fw2v_cbow *group)
{
    switch (group->n_centres) {
    case 1: train_group(1, group); break;
    case 2: train_group(2, group); break;
    case 3: train_group(3, group); break;
    case 4: train_group(4, group); break;
    }
}
