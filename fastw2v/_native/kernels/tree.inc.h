/* Hierarchical softmax; included by group.inc.h, once per instruction set.
 *
 * Purpose: vectors meet the inner nodes on the way from the root of a Huffman tree to their centre word, at each
 * of which the left branch (label 1) or the right one (label 0) is right. Every window has a path of its own, of
 * any length, so tiles come in all sizes: few vectors with many nodes, or more vectors with fewer. In the update
 * pass the vectors stay in registers, unless they are too many, and the nodes stream by.
 * Invariant: the scores of a vector begin at a multiple of VF_LANES, and may be read up to the next multiple.
 *
 * Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality",
 * section 2.1. A score beyond SCORE_LIMIT is clamped; word2vec.c leaves pairs beyond 6 untrained.
 */

#define PATH_STEP FW2V_PATH_MAX /* a constant, for the sake of short addresses */

INLINE pairs pairs_with_path(const fw2v_group *group, float *const *vectors, int n_vectors)
{
    return (pairs){vectors, n_vectors, NULL, group->nodes, group->n_nodes, PATH_STEP, group};
}

INLINE void score_path_tile(const int rows, const int outs, const pairs *p, float *const *vectors, int first,
                            float *scores)
{
    float tile[PATH_SUMS + VF_LANES];
    score_tile(rows, outs, 0, vectors, NULL, p->shared + first, p->group->stride, tile);
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
        __builtin_memcpy(scores + i * PATH_STEP + first, tile + i * outs, (size_t)outs * sizeof *tile);
}

#define PATH_CASE(OUTS) \
    case OUTS: \
        if (OUTS <= most) \
            score_path_tile(rows, OUTS, p, vectors, first, scores); \
        break;

/* Scores of `rows` vectors, a constant after inlining, with all nodes of a path. */
INLINE void score_rows(const int rows, const pairs *p, float *const *vectors, float *scores)
{
    const int most = PATH_SUMS / rows;
    for (int first = 0; first < p->n_shared; first += most) {
        switch (p->n_shared - first < most ? p->n_shared - first : most) {
            PATH_CASE(1) PATH_CASE(2) PATH_CASE(3) PATH_CASE(4) PATH_CASE(5) PATH_CASE(6) PATH_CASE(7)
            PATH_CASE(8)
#if PATH_SUMS >= 16
            PATH_CASE(9) PATH_CASE(10) PATH_CASE(11) PATH_CASE(12) PATH_CASE(13) PATH_CASE(14) PATH_CASE(15)
            PATH_CASE(16)
#endif
        }
    }
}

#define ROWS_CASE(ROWS) \
    case ROWS: \
        score_rows(ROWS, p, p->vectors + i, scores + (size_t)i * PATH_STEP); \
        break;

/* scores[i * step + j] = vector i . node j */
static void score_path(const pairs *p, float *scores)
{
    for (int i = 0; i < p->n_vectors; i += SCORE_ROWS) {
        switch (p->n_vectors - i) {
            ROWS_CASE(1)
#if SCORE_ROWS >= 4
            ROWS_CASE(2)
            ROWS_CASE(3)
#endif
        default:
            score_rows(SCORE_ROWS, p, p->vectors + i, scores + (size_t)i * PATH_STEP);
        }
    }
}

/* Scores become gradients alpha * (label - sigmoid(score)); their loss is added up where it is asked for. */
static void path_to_gradients(const pairs *p, float *scores)
{
    const float *labels = p->group->labels;
    const int n = ROUND_UP(p->n_shared, VF_LANES);
    vf alpha = vf_set1(p->group->alpha), sum = vf_zero();
    for (int i = 0; i < p->n_vectors; i++, scores += PATH_STEP) {
        if (p->group->loss) {
            for (int k = p->n_shared; k < n; k++)
                scores[k] = NO_PAIR;
            for (int k = 0; k < n; k += VF_LANES) {
                vf minus_sign = vf_fma(vf_set1(-2.0f), vf_load(labels + k), vf_set1(1.0f));
                sum = vf_add(sum, softplus(vf_mul(minus_sign, vf_load(scores + k))));
            }
        }
        for (int k = 0; k < n; k += VF_LANES) {
            vf error = vf_sub(vf_load(labels + k), sigmoid(vf_load(scores + k)));
            vf_store(scores + k, vf_mul(alpha, error));
        }
    }
    if (p->group->loss)
        *p->group->loss += sum_of(sum);
}

/* All nodes, and `columns` vectors' widths from `column` on of `rows` vectors, which are all; `columns`, `rows` and
 * `to_errors` are constants after inlining. */
INLINE void update_path_tile(const int columns, const int rows, const int to_errors, const pairs *p,
                             const float *gradients, int column, float *const *errors)
{
    vf old[UPDATE_NOISE][UPDATE_COLUMNS], change[UPDATE_NOISE][UPDATE_COLUMNS];
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            old[i][c] = vf_load(p->vectors[i] + column + c * VF_LANES);
            change[i][c] = vf_zero();
        }
    for (int k = 0; k < p->n_shared; k++, gradients++) {
        float *node = p->shared[k] + column;
        vf out[UPDATE_COLUMNS], updated[UPDATE_COLUMNS];
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            updated[c] = out[c] = vf_load(node + c * VF_LANES);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++) {
            vf gradient = vf_set1(gradients[i * PATH_STEP]);
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++) {
                change[i][c] = vf_fma(gradient, out[c], change[i][c]);
                updated[c] = vf_fma(gradient, old[i][c], updated[c]);
            }
        }
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            vf_store(node + c * VF_LANES, updated[c]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
        float *result = (to_errors ? errors : p->vectors)[i] + column;
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            /* Read again and add: a row may stand several times among the vectors. */
            vf before = to_errors ? vf_zero() : vf_load(result + c * VF_LANES);
            vf_store(result + c * VF_LANES, vf_add(before, change[i][c]));
        }
    }
}

/* All columns. */
INLINE void update_path_rows(const int columns, const int rows, const int to_errors, const pairs *p,
                             const float *gradients, float *const *errors)
{
    int column = 0, stride = p->group->stride;
    for (; column + columns * VF_LANES <= stride; column += columns * VF_LANES)
        update_path_tile(columns, rows, to_errors, p, gradients, column, errors);
    for (; column < stride; column += VF_LANES)
        update_path_tile(1, rows, to_errors, p, gradients, column, errors);
}

#define UPDATE_CASE(COLUMNS, ROWS) \
    case ROWS: \
        update_path_rows(COLUMNS, ROWS, 0, p, gradients, errors); \
        break;

static void update_path(const pairs *p, const float *gradients, float *copies, float *const *errors)
{
    if (errors) {
        update_path_rows(UPDATE_COLUMNS, 1, 1, p, gradients, errors);
        return;
    }
    switch (p->n_vectors) {
        UPDATE_CASE(UPDATE_COLUMNS, 1) UPDATE_CASE(UPDATE_COLUMNS, 2) UPDATE_CASE(UPDATE_COLUMNS, 3)
        UPDATE_CASE(UPDATE_COLUMNS, 4) UPDATE_CASE(UPDATE_COLUMNS, 5)
#if UPDATE_NOISE >= 12
        UPDATE_CASE(1, 6) UPDATE_CASE(1, 7) UPDATE_CASE(1, 8) UPDATE_CASE(1, 9) UPDATE_CASE(1, 10)
        UPDATE_CASE(1, 11) UPDATE_CASE(1, 12)
#endif
    default:
        update_many(0, 0, p, gradients, copies, NULL);
    }
}

/* Train vectors with a path; `errors` is NULL, and the vectors learn, or it receives what they would. */
INLINE void train_path(const pairs *p, float *scores, float *copies, float *const *errors)
{
    score_path(p, scores);
    path_to_gradients(p, scores);
    update_path(p, scores, copies, errors);
}

static void train_skipgram_tree(const fw2v_group *group)
{
    if (!group->n_nodes || !group->n_centres)
        return;
    pairs p = pairs_with_path(group, group->contexts, group->n_contexts[0]);
    train_path(&p, group->scratch, behind_scores(&p), NULL);
}
