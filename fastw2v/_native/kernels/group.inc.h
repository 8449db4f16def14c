/* What the training steps share, written once over the vf_ vocabulary; included once per instruction set.
 *
 * Purpose: scores of all pairs of some rows with some others, in registers; their logistic errors and loss;
 * and the table entry of the instruction set, which skipgram.inc.h and cbow.inc.h fill.
 *
 * The including file defines, inside its target region:
 *   VF_LANES, vf, vf_zero, vf_set1, vf_load, vf_store, vf_add, vf_sub, vf_mul, vf_div, vf_fma (a * b + c),
 *   vf_min, vf_max,
 *   vf_pow2 (2^n, n being the integer that EXP_MAGIC has pushed into the low bits of its argument),
 *   vf_sum_each (VF_LANES vectors in; lane k of the result is the sum of the lanes of vector k),
 *   vf_store_unaligned, is_supported (outside the region),
 *   SCORE_ROWS x SCORE_OUTPUTS (accumulators of the score pass), UPDATE_OUTPUTS (outputs held in registers
 *   in the update pass), and FW2V_TARGET, FW2V_TARGET_NAME (its entry in the table).
 *
 * Sources: pair loss and gradients, Mikolov et al. 2013, equation 4; shared noise words in one window,
 * Ji et al. 2016, "Parallelizing Word2Vec in Shared and Distributed Memory".
 */

#define ROUND_UP(n, k) (((n) + (k) - 1) / (k) * (k))

/* Adding 1.5 * 2^23 rounds a float to an integer and leaves that integer in its low bits. */
#define EXP_MAGIC 12582912.0f
#define SCORE_LIMIT 30.0f /* beyond it a float sigmoid is 0 or 1 */
#define NO_PAIR (-SCORE_LIMIT) /* the score of what is no pair: no gradient or loss that a float sees */

/* e^x for |x| <= SCORE_LIMIT, relative error below 2e-7: reduced to |r| <= ln(2)/2, where a minimax
 * polynomial of degree 6 errs by 3e-9 and rounding does the rest. */
INLINE vf exp_of(vf x)
{
    vf shifted = vf_fma(x, vf_set1(1.44269504f), vf_set1(EXP_MAGIC));
    vf n = vf_sub(shifted, vf_set1(EXP_MAGIC));
    vf r = vf_fma(n, vf_set1(-0.693145752f), x);
    r = vf_fma(n, vf_set1(-1.42860677e-6f), r);
    vf p = vf_set1(1.38144667e-3f);
    p = vf_fma(p, r, vf_set1(8.36878043e-3f));
    p = vf_fma(p, r, vf_set1(4.16683942e-2f));
    p = vf_fma(p, r, vf_set1(1.66665201e-1f));
    p = vf_fma(p, r, vf_set1(4.99999934e-1f));
    p = vf_fma(p, r, vf_set1(1.0f));
    p = vf_fma(p, r, vf_set1(1.0f));
    return vf_mul(p, vf_pow2(shifted));
}

INLINE vf clamp(vf x)
{
    return vf_max(vf_min(x, vf_set1(SCORE_LIMIT)), vf_set1(-SCORE_LIMIT));
}

INLINE vf sigmoid(vf x)
{
    vf one = vf_set1(1.0f);
    return vf_div(one, vf_add(one, exp_of(vf_sub(vf_zero(), clamp(x)))));
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), the logarithm as 2 atanh(t / (2 + t)), error below 1e-6. */
INLINE vf softplus(vf x)
{
    vf positive = vf_max(x, vf_zero());
    vf minus_abs = vf_min(x, vf_sub(vf_zero(), x));
    vf t = exp_of(vf_max(minus_abs, vf_set1(-SCORE_LIMIT)));
    vf s = vf_div(t, vf_add(t, vf_set1(2.0f)));
    vf s2 = vf_mul(s, s);
    vf p = vf_set1(2.0f / 11);
    p = vf_fma(p, s2, vf_set1(2.0f / 9));
    p = vf_fma(p, s2, vf_set1(2.0f / 7));
    p = vf_fma(p, s2, vf_set1(2.0f / 5));
    p = vf_fma(p, s2, vf_set1(2.0f / 3));
    p = vf_fma(p, s2, vf_set1(2.0f));
    return vf_fma(s, p, positive);
}

/* Scores of `rows` inputs x `outs` outputs; both constants after inlining. Writes rows * outs floats, and
 * up to VF_LANES - 1 of no meaning behind them. */
INLINE void score_tile(const int rows, const int outs, float *const *inputs, float *const *outputs,
                       int stride, float *scores)
{
    enum { ACCUMULATORS = ROUND_UP(SCORE_ROWS * SCORE_OUTPUTS, VF_LANES) };
    vf sums[ACCUMULATORS];
#pragma GCC unroll 32
    for (int k = 0; k < ROUND_UP(rows * outs, VF_LANES); k++)
        sums[k] = vf_zero();
    for (int column = 0; column < stride; column += VF_LANES) {
        vf in[SCORE_ROWS];
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++)
            in[i] = vf_load(inputs[i] + column);
#pragma GCC unroll 8
        for (int j = 0; j < outs; j++) {
            vf out = vf_load(outputs[j] + column);
#pragma GCC unroll 8
            for (int i = 0; i < rows; i++)
                sums[i * outs + j] = vf_fma(in[i], out, sums[i * outs + j]);
        }
    }
#pragma GCC unroll 8
    for (int k = 0; k < rows * outs; k += VF_LANES)
        vf_store_unaligned(scores + k, vf_sum_each(sums + k));
}

#define SCORE_CASE(ROWS, OUTS) \
    case (ROWS) * 8 + (OUTS): \
        score_tile(ROWS, OUTS, inputs, outputs, stride, scores); \
        break;
#define SCORE_CASES(ROWS) \
    SCORE_CASE(ROWS, 1) SCORE_CASE(ROWS, 2) SCORE_CASE(ROWS, 3) \
    SCORE_CASE(ROWS, 4) SCORE_CASE(ROWS, 5) SCORE_CASE(ROWS, 6)

static void score_any_tile(int rows, int outs, float *const *inputs, float *const *outputs, int stride,
                           float *scores)
{
    switch (rows * 8 + outs) {
        SCORE_CASES(1)
        SCORE_CASES(2)
#if SCORE_ROWS >= 3
        SCORE_CASES(3)
        SCORE_CASES(4)
#endif
    }
}

/* scores[i * n_outputs + j] = input i . output j */
INLINE void score_pairs(float *const *inputs, int n_inputs, float *const *outputs, int n_outputs, int stride,
                        float *scores)
{
    float tile[ROUND_UP(SCORE_ROWS * SCORE_OUTPUTS, VF_LANES)];
    /* Tiles of even height: a tile of one row has too few accumulators to hide the latency of its sums. */
    int n_tiles = (n_inputs + SCORE_ROWS - 1) / SCORE_ROWS;
    for (int i = 0; n_tiles > 0; n_tiles--) {
        int rows = (n_inputs - i + n_tiles - 1) / n_tiles;
        if (n_outputs <= SCORE_OUTPUTS) {
            score_any_tile(rows, n_outputs, inputs + i, outputs, stride, scores + (size_t)i * n_outputs);
        } else {
            for (int j = 0; j < n_outputs; j += SCORE_OUTPUTS) {
                int outs = n_outputs - j < SCORE_OUTPUTS ? n_outputs - j : SCORE_OUTPUTS;
                score_any_tile(rows, outs, inputs + i, outputs + j, stride, tile);
                for (int k = 0; k < rows * outs; k++)
                    scores[(size_t)(i + k / outs) * n_outputs + j + k % outs] = tile[k];
            }
        }
        i += rows;
    }
}

/* Scores become gradients alpha * (label - sigmoid(score)), and their loss is added to *loss unless that is
 * NULL. Scores are read and written up to VF_LANES - 1 behind the n-th. The label is 1 for
 * `n_positive` scores that stand `step` apart, else 0. */
INLINE void scores_to_gradients(float *scores, int n, int n_positive, int step, float alpha, double *loss)
{
    vf minus_alpha = vf_set1(-alpha);
    if (loss) {
        for (int k = n; k % VF_LANES; k++)
            scores[k] = NO_PAIR;
        vf sum = vf_zero();
        for (int k = 0; k < n; k += VF_LANES)
            sum = vf_add(sum, softplus(vf_load(scores + k)));
        float lanes[VF_LANES];
        vf_store_unaligned(lanes, sum);
        for (int k = 0; k < VF_LANES; k++)
            *loss += lanes[k];
        for (int k = 0; k < n_positive; k++)
            *loss -= scores[k * step];
    }
    for (int k = 0; k < n; k += VF_LANES)
        vf_store(scores + k, vf_mul(minus_alpha, sigmoid(vf_load(scores + k))));
    for (int k = 0; k < n_positive; k++)
        scores[k * step] += alpha;
}

#include "skipgram.inc.h"
#include "cbow.inc.h"

static void merge_row(float *shared, float *own, float *base, int stride, float gain)
{
    for (int column = 0; column < stride; column += VF_LANES) {
        vf change = vf_sub(vf_load(own + column), vf_load(base + column));
        vf merged = vf_fma(vf_set1(gain), change, vf_load(shared + column));
        vf_store(shared + column, merged);
        vf_store(own + column, merged);
        vf_store(base + column, merged);
    }
}

const fw2v_isa FW2V_TARGET = {
    .name = FW2V_TARGET_NAME,
    .is_supported = is_supported,
    .train_skipgram = train_skipgram,
    .train_cbow = train_cbow,
    .merge_row = merge_row,
};
