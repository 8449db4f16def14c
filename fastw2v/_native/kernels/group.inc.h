/* The training steps, written once over the vf_ vocabulary; included once per instruction set.
 *
 * Purpose: scores of vectors with their outputs, in registers; their logistic errors and loss; and the table
 * entry of the instruction set. update.inc.h has the other half of a step, tree.inc.h what is hierarchical
 * softmax's own, cbow.inc.h what is CBOW's, softmax.inc.h another objective, peak.inc.h a yardstick.
 * Either step pairs vectors (skip-gram: context rows; CBOW: one hidden vector a centre word) with outputs:
 * the row of their centre word, and those of the noise words. The score of vector i and output j stands at
 * i * step + j, step being 1 + n_noise; output 0 is the centre word.
 *
 * The including file defines, inside its target region:
 *   VF_LANES, vf, vf_zero, vf_set1, vf_load, vf_store, vf_add, vf_sub, vf_mul, vf_div, vf_fma (a * b + c),
 *   vf_min, vf_max,
 *   vf_pow2 (2^n, n being the integer that EXP_MAGIC has pushed into the low bits of its argument),
 *   vf_sum_each (n <= VF_LANES vectors in, of an array filled up with zeros to a multiple of four; lane k of
 *   the result is the sum of the lanes of vector k),
 *   vf_store_unaligned, is_supported (outside the region),
 *   SCORE_ROWS (vectors in a tile of the score pass, which has SCORE_ROWS x (1 + TILE_NOISE) accumulators),
 *   PATH_SUMS (the same accumulators in a tree, no more of them, a multiple of VF_LANES where these are more than four),
 *   UPDATE_NOISE (noise words in a tile of the update pass, of one column), UPDATE_COLUMNS (columns in a tile of
 *   up to TILE_NOISE noise words),
 *   MULTIPLY_ROWS (see multiply.inc.h),
 *   and FW2V_TARGET, FW2V_TARGET_NAME (its entry in the table).
 *
 * Sources: pair loss and gradients, Mikolov et al. 2013, equation 4; shared noise words in one window,
 * Ji et al. 2016, "Parallelizing Word2Vec in Shared and Distributed Memory".
 */

#include "vectormath.inc.h"

#define TILE_NOISE 5 /* noise words in a tile of the score pass, and in a broad one of the update pass */

#define SCORE_LIMIT 30.0f /* beyond it a float sigmoid is 0 or 1 */
#define NO_PAIR (-SCORE_LIMIT) /* the score of what is no pair: no gradient or loss that a float sees */

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

/* What a step works on. */
typedef struct {
    float *const *vectors;  /* all of a group, those of the first centre word first */
    int n_vectors;
    const int *n_of_centre; /* vectors of each centre word */
    float *const *shared;   /* the outputs that all vectors meet: noise words, or the nodes of a path */
    int n_shared;
    int step;               /* from the scores of one vector to those of the next */
    const fw2v_group *group;
} pairs;

INLINE pairs pairs_with_noise(const fw2v_group *group, float *const *vectors, int n_vectors, const int *n_of_centre)
{
    return (pairs){vectors, n_vectors, n_of_centre, group->noise, group->n_noise, 1 + group->n_noise, group};
}

/* Scores of `rows` vectors with `outs` noise words and, where there are `targets`, their centre words first;
 * constants after inlining. Writes them in rows, and up to VF_LANES - 1 floats of no meaning behind them. */
INLINE void score_tile(const int rows, const int outs, const int with_targets, float *const *vectors,
                       float *const *targets, float *const *noise, int stride, float *scores)
{
    const int width = with_targets + outs;
    vf sums[ROUND_UP(SCORE_ROWS * (1 + TILE_NOISE), VF_LANES)];
#pragma GCC unroll 32
    for (int k = 0; k < ROUND_UP(rows * width, 4); k++)
        sums[k] = vf_zero();
    for (int column = 0; column < stride; column += VF_LANES) {
        vf in[SCORE_ROWS];
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            in[i] = vf_load(vectors[i] + column);
            if (with_targets)
                sums[i * width] = vf_fma(in[i], vf_load(targets[i] + column), sums[i * width]);
        }
#pragma GCC unroll 16
        for (int j = 0; j < outs; j++) {
            vf out = vf_load(noise[j] + column);
#pragma GCC unroll 8
            for (int i = 0; i < rows; i++) {
                const int k = i * width + with_targets + j;
                sums[k] = vf_fma(in[i], out, sums[k]);
            }
        }
    }
#pragma GCC unroll 8
    for (int k = 0; k < rows * width; k += VF_LANES) {
        const int n = rows * width - k < VF_LANES ? rows * width - k : VF_LANES;
        vf_store_unaligned(scores + k, vf_sum_each(sums + k, n));
    }
}

#define SCORE_CASE(ROWS) \
    case ROWS: \
        score_tile(ROWS, outs, with_targets, vectors, targets, noise, stride, scores); \
        break;

/* Scores of any number of vectors with one tile's noise words, `step` floats from row to row. */
INLINE void score_noise(const int outs, const int with_targets, float *const *vectors, int n_vectors,
                        float *const *targets, float *const *noise, int stride, float *scores, int step)
{
    const int width = with_targets + outs;
    float tile[ROUND_UP(SCORE_ROWS * (1 + TILE_NOISE), VF_LANES)];
    float *own_scores = scores;
    for (int i = 0; i < n_vectors; i += SCORE_ROWS) {
        int rows = n_vectors - i < SCORE_ROWS ? n_vectors - i : SCORE_ROWS;
        scores = step == width ? own_scores + (size_t)i * width : tile;
        switch (rows) {
            SCORE_CASE(1)
            SCORE_CASE(2)
#if SCORE_ROWS >= 4
            SCORE_CASE(3)
            SCORE_CASE(4)
#endif
        }
        vectors += rows;
        targets += with_targets ? rows : 0;
        if (step != width)
            for (int k = 0; k < rows * width; k++)
                own_scores[(size_t)(i + k / width) * step + k % width] = tile[k];
    }
}

#define NOISE_CASE(OUTS, WITH_TARGETS) \
    case OUTS: \
        score_noise(OUTS, WITH_TARGETS, p->vectors, p->n_vectors, targets, noise, stride, scores, step); \
        break;

/* scores[i * (1 + n_noise) + j] = vector i . output j */
static void score_pairs(const pairs *p, float *scores)
{
    const fw2v_group *group = p->group;
    float *targets[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX];
    float *const *noise = p->shared;
    int stride = group->stride, step = p->step, left = p->n_shared, i = 0;
    for (int g = 0; g < group->n_centres; g++)
        for (int k = 0; k < p->n_of_centre[g]; k++)
            targets[i++] = group->targets[g];
    switch (left < TILE_NOISE ? left : TILE_NOISE) {
        NOISE_CASE(1, 1) NOISE_CASE(2, 1) NOISE_CASE(3, 1) NOISE_CASE(4, 1) NOISE_CASE(5, 1)
    }
    scores++;
    while (left > TILE_NOISE) {
        left -= TILE_NOISE, noise += TILE_NOISE, scores += TILE_NOISE;
        switch (left < TILE_NOISE ? left : TILE_NOISE) {
            NOISE_CASE(1, 0) NOISE_CASE(2, 0) NOISE_CASE(3, 0) NOISE_CASE(4, 0) NOISE_CASE(5, 0)
        }
    }
}

/* A noise word that is the centre word itself is no pair with its vectors. */
static void strike_out_targets(const pairs *p, float *scores)
{
    const fw2v_group *group = p->group;
    int step = p->step;
    for (int g = 0; g < group->n_centres; g++) {
        for (int k = 0; k < group->n_noise; k++)
            if (group->noise[k] == group->targets[g])
                for (int i = 0; i < p->n_of_centre[g]; i++)
                    scores[i * step + 1 + k] = NO_PAIR;
        scores += p->n_of_centre[g] * step;
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
        *loss += sum_of(sum);
        for (int k = 0; k < n_positive; k++)
            *loss -= scores[k * step];
    }
    for (int k = 0; k < n; k += VF_LANES)
        vf_store(scores + k, vf_mul(minus_alpha, sigmoid(vf_load(scores + k))));
    for (int k = 0; k < n_positive; k++)
        scores[k * step] += alpha;
}

#include "update.inc.h"

/* Train the pairs of a group; `errors` is NULL, and the vectors learn, or it receives what they would. */
INLINE void train_pairs(const pairs *p, float *scores, float *copies, float *const *errors)
{
    score_pairs(p, scores);
    strike_out_targets(p, scores);
    scores_to_gradients(scores, p->n_vectors * p->step, p->n_vectors, p->step, p->group->alpha, p->group->loss);
    update(p, scores, copies, errors);
}

/* Where in the scratch memory the floats behind the scores begin, aligned. */
INLINE float *behind_scores(const pairs *p)
{
    return p->group->scratch + ROUND_UP(p->n_vectors * p->step + VF_LANES, FW2V_LANES_MAX);
}

static void train_skipgram(const fw2v_group *group)
{
    pairs p = pairs_with_noise(group, group->contexts, 0, group->n_contexts);
    for (int g = 0; g < group->n_centres; g++)
        p.n_vectors += group->n_contexts[g];
    train_pairs(&p, group->scratch, behind_scores(&p), NULL);
}

#include "tree.inc.h"
#include "cbow.inc.h"
#include "multiply.inc.h"
#include "softmax.inc.h"
#include "peak.inc.h"

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
    .train_skipgram_tree = train_skipgram_tree,
    .train_cbow_tree = train_cbow_tree,
    .merge_row = merge_row,
    .softmax = {softmax_prepare, softmax_score, softmax_update, softmax_finish},
    .multiply_add = multiply_add,
};
