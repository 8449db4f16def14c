/* The CBOW step; included by group.inc.h, once per instruction set.
 *
 * Purpose: the sums over the context that make a hidden vector, and the way of its error back.
 *
 * Source: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space", section 3.1.
 */

#define BLOCK 8 /* vectors of a row that are held in registers at a time */

/* hidden = scale * (sum of the rows), `width` vectors of it (a constant after inlining). */
INLINE void sum_block(const int width, float *const *rows, int n_rows, int column, float scale, float *hidden)
{
    vf sums[BLOCK];
#pragma GCC unroll 8
    for (int v = 0; v < width; v++)
        sums[v] = vf_zero();
    for (int i = 0; i < n_rows; i++) {
        const float *row = rows[i] + column;
#pragma GCC unroll 8
        for (int v = 0; v < width; v++)
            sums[v] = vf_add(sums[v], vf_load(row + v * VF_LANES));
    }
#pragma GCC unroll 8
    for (int v = 0; v < width; v++)
        vf_store(hidden + column + v * VF_LANES, vf_mul(sums[v], vf_set1(scale)));
}

/* rows += scale * error, `width` vectors of them. */
INLINE void add_block(const int width, float *const *rows, int n_rows, int column, float scale, float *error)
{
    vf errors[BLOCK];
#pragma GCC unroll 8
    for (int v = 0; v < width; v++)
        errors[v] = vf_mul(vf_set1(scale), vf_load(error + column + v * VF_LANES));
    for (int i = 0; i < n_rows; i++) {
        float *row = rows[i] + column;
#pragma GCC unroll 8
        for (int v = 0; v < width; v++)
            vf_store(row + v * VF_LANES, vf_add(vf_load(row + v * VF_LANES), errors[v]));
    }
}

#define BLOCK_CASE(BLOCK_OF, WIDTH) \
    case WIDTH: \
        BLOCK_OF(WIDTH, rows, n_rows, column, scale, vector); \
        break;

/* All blocks of the rows, the last one narrower where need be. */
#define FOR_ALL_BLOCKS(BLOCK_OF) \
    int column = 0; \
    for (; column + BLOCK * VF_LANES <= stride; column += BLOCK * VF_LANES) \
        BLOCK_OF(BLOCK, rows, n_rows, column, scale, vector); \
    switch ((stride - column) / VF_LANES) { \
        BLOCK_CASE(BLOCK_OF, 1) BLOCK_CASE(BLOCK_OF, 2) BLOCK_CASE(BLOCK_OF, 3) BLOCK_CASE(BLOCK_OF, 4) \
        BLOCK_CASE(BLOCK_OF, 5) BLOCK_CASE(BLOCK_OF, 6) BLOCK_CASE(BLOCK_OF, 7) \
    }

static void sum_rows(float *const *rows, int n_rows, int stride, float scale, float *vector)
{
    FOR_ALL_BLOCKS(sum_block)
}

static void add_to_rows(float *const *rows, int n_rows, int stride, float scale, float *vector)
{
    FOR_ALL_BLOCKS(add_block)
}

/* `tree` is a constant after inlining. */
INLINE void train_hidden(const int tree, const fw2v_group *group)
{
    int one_each[FW2V_GROUP_MAX];
    const int stride = group->stride, n = tree ? 1 : group->n_centres;
    float *hidden[FW2V_GROUP_MAX], *errors[FW2V_GROUP_MAX];
    pairs p = tree ? pairs_with_path(group, hidden, n) : pairs_with_noise(group, hidden, n, one_each);
    float *vectors = behind_scores(&p), *copies = vectors + 2 * (size_t)n * stride;
    float *const *rows = group->contexts;
    for (int g = 0; g < n; rows += group->n_contexts[g++]) {
        one_each[g] = 1;
        hidden[g] = vectors + (size_t)g * stride;
        errors[g] = vectors + (size_t)(n + g) * stride;
        sum_rows(rows, group->n_contexts[g], stride, group->hidden_scales[g], hidden[g]);
    }
    if (tree)
        train_path(&p, group->scratch, copies, errors);
    else
        train_pairs(&p, group->scratch, copies, errors);
    rows = group->contexts;
    for (int g = 0; g < n; rows += group->n_contexts[g++])
        add_to_rows(rows, group->n_contexts[g], stride, group->error_scales[g], errors[g]);
}

static void train_cbow(const fw2v_group *group)
{
    train_hidden(0, group);
}

static void train_cbow_tree(const fw2v_group *group)
{
    if (group->n_nodes && group->n_centres)
        train_hidden(1, group);
}
