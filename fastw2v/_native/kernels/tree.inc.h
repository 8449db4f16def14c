/* Hierarchical softmax; included by group.inc.h, once per instruction set.
 *
 * Purpose: vectors meet the inner nodes on the way from the root of a Huffman tree to their centre word, at each
 * of which the left branch (label 1) or the right one (label 0) is right. Every window has a path of its own, of
 * any length, so tiles come in all sizes: few vectors with many nodes, or more vectors with fewer.
 * Invariant: the scores of a vector begin at a multiple of VF_LANES, and there are such up to the next one.
 *
 * Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality",
 * section 2.1. A score beyond SCORE_LIMIT is clamped; word2vec.c leaves pairs beyond 6 untrained.
 */

INLINE pairs pairs_with_path(const fw2v_group *group, float *const *vectors, int n_vectors)
{
    int step = ROUND_UP(group->n_nodes, VF_LANES);
    return (pairs){vectors, n_vectors, NULL, group->nodes, group->n_nodes, step, group};
}

INLINE void score_path_tile(const int rows, const int outs, const pairs *p, float *const *vectors, int first,
                            float *scores)
{
    float tile[PATH_SUMS + VF_LANES];
    score_tile(rows, outs, 0, vectors, NULL, p->shared + first, p->group->stride, tile);
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
        memcpy(scores + i * p->step + first, tile + i * outs, (size_t)outs * sizeof *tile);
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
        score_rows(ROWS, p, p->vectors + i, scores + (size_t)i * p->step); \
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
            score_rows(SCORE_ROWS, p, p->vectors + i, scores + (size_t)i * p->step);
        }
    }
}

/* Scores become gradients alpha * (label - sigmoid(score)); their loss is added up where it is asked for. */
static void path_to_gradients(const pairs *p, float *scores)
{
    const float *labels = p->group->labels;
    vf alpha = vf_set1(p->group->alpha), sum = vf_zero();
    for (int i = 0; i < p->n_vectors; i++, scores += p->step) {
        if (p->group->loss) {
            for (int k = p->n_shared; k < p->step; k++)
                scores[k] = NO_PAIR;
            for (int k = 0; k < p->step; k += VF_LANES) {
                vf minus_sign = vf_fma(vf_set1(-2.0f), vf_load(labels + k), vf_set1(1.0f));
                sum = vf_add(sum, softplus(vf_mul(minus_sign, vf_load(scores + k))));
            }
        }
        for (int k = 0; k < p->step; k += VF_LANES) {
            vf error = vf_sub(vf_load(labels + k), sigmoid(vf_load(scores + k)));
            vf_store(scores + k, vf_mul(alpha, error));
        }
    }
    if (p->group->loss) {
        float lanes[VF_LANES];
        vf_store_unaligned(lanes, sum);
        for (int k = 0; k < VF_LANES; k++)
            *p->group->loss += lanes[k];
    }
}

/* Train vectors with a path; `errors` is NULL, and the vectors learn, or it receives what they would. */
INLINE void train_path(const pairs *p, float *scores, float *copies, float *const *errors)
{
    score_path(p, scores);
    path_to_gradients(p, scores);
    update_from_path(p, scores, copies, errors);
}

static void train_skipgram_tree(const fw2v_group *group)
{
    if (!group->n_nodes || !group->n_centres)
        return;
    pairs p = pairs_with_path(group, group->contexts, group->n_contexts[0]);
    train_path(&p, group->scratch, behind_scores(&p), NULL);
}
