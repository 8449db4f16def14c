/* The update pass; included by group.inc.h, once per instruction set.
 *
 * Purpose: vectors += gradients x outputs and outputs += gradients^T x old vectors, some columns at a time.
 * The part of the shared outputs (the noise words, or the nodes of a path) in those columns, and its change, stays in
 * registers while the vectors stream by.
 */

/* `columns` vectors' widths from `column` on, for the `outs` shared outputs from `first` on and, with the first
 * of them, the centre words where there are `with_targets`; `columns`, `outs` and the flags are constants after inlining. The old vectors are the vectors
 * themselves or, where several tiles of outputs follow each other, copies. Changes go to the vectors or,
 * where there are errors, to these. */
INLINE void update_tile(const int columns, const int outs, const int first, const int copied,
                        const int to_errors, const int with_targets, const pairs *p, const float *gradients, int column,
                        const float *copies, float *const *errors)
{
    const fw2v_group *group = p->group;
    float *const *shared = p->shared + first, *const *vectors = p->vectors;
    int n_centres = with_targets ? group->n_centres : 1;
    vf out[UPDATE_NOISE][UPDATE_COLUMNS], change[UPDATE_NOISE][UPDATE_COLUMNS];
#pragma GCC unroll 16
    for (int k = 0; k < outs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            out[k][c] = vf_load(shared[k] + column + c * VF_LANES);
            change[k][c] = vf_zero();
        }
    for (int g = 0; g < n_centres; g++) {
        float *target = with_targets ? group->targets[g] + column : NULL;
        int n = with_targets ? p->n_of_centre[g] : p->n_vectors;
        vf target_out[UPDATE_COLUMNS], target_change[UPDATE_COLUMNS];
#pragma GCC unroll 2
        for (int c = 0; c < columns && with_targets; c++) {
            target_out[c] = vf_load(target + c * VF_LANES);
            target_change[c] = vf_zero();
        }
        for (int i = 0; i < n; i++) {
            float *result = (to_errors ? *errors : *vectors) + column;
            vf old[UPDATE_COLUMNS], updated[UPDATE_COLUMNS];
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++) {
                old[c] = vf_load((copied ? copies : *vectors + column) + c * VF_LANES);
                updated[c] = to_errors && !first ? vf_zero() : vf_load(result + c * VF_LANES);
            }
            if (with_targets && !first) {
                vf gradient = vf_set1(gradients[0]);
#pragma GCC unroll 2
                for (int c = 0; c < columns; c++) {
                    updated[c] = vf_fma(gradient, target_out[c], updated[c]);
                    target_change[c] = vf_fma(gradient, old[c], target_change[c]);
                }
            }
#pragma GCC unroll 16
            for (int k = 0; k < outs; k++) {
                vf gradient = vf_set1(gradients[with_targets + first + k]);
#pragma GCC unroll 2
                for (int c = 0; c < columns; c++) {
                    updated[c] = vf_fma(gradient, out[k][c], updated[c]);
                    change[k][c] = vf_fma(gradient, old[c], change[k][c]);
                }
            }
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                vf_store(result + c * VF_LANES, updated[c]);
            gradients += p->step;
            copies += copied ? columns * VF_LANES : 0;
            errors += to_errors;
            vectors++;
        }
        /* Read again and add, here and below: a row may stand several times among the outputs. */
        if (with_targets && !first)
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                vf_store(target + c * VF_LANES, vf_add(vf_load(target + c * VF_LANES), target_change[c]));
    }
#pragma GCC unroll 16
    for (int k = 0; k < outs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            float *row = shared[k] + column + c * VF_LANES;
            vf_store(row, vf_add(vf_load(row), change[k][c]));
        }
}

/* All columns, the shared outputs being few enough for one tile. */
INLINE void update_few(const int columns, const int outs, const int to_errors, const pairs *p,
                       const float *gradients, float *const *errors)
{
    int column = 0, stride = p->group->stride;
    for (; column + columns * VF_LANES <= stride; column += columns * VF_LANES)
        update_tile(columns, outs, 0, 0, to_errors, 1, p, gradients, column, gradients, errors);
    for (; column < stride; column += VF_LANES)
        update_tile(1, outs, 0, 0, to_errors, 1, p, gradients, column, gradients, errors);
}

#define TILE_CASE(OUTS) \
    case OUTS: \
        update_tile(1, OUTS, first, 1, to_errors, with_targets, p, gradients, column, copies, errors); \
        break;

/* More of them: column by column, so that the copies stay in the cache. */
INLINE void update_many(const int to_errors, const int with_targets, const pairs *p, const float *gradients,
                        float *copies, float *const *errors)
{
    int n_shared = p->n_shared;
    for (int column = 0; column < p->group->stride; column += VF_LANES) {
        for (int i = 0; i < p->n_vectors; i++)
            vf_store(copies + i * VF_LANES, vf_load(p->vectors[i] + column));
        for (int first = 0; first < n_shared; first += UPDATE_NOISE) {
            switch (n_shared - first < UPDATE_NOISE ? n_shared - first : UPDATE_NOISE) {
                TILE_CASE(1) TILE_CASE(2) TILE_CASE(3) TILE_CASE(4) TILE_CASE(5)
#if UPDATE_NOISE >= 12
                TILE_CASE(6) TILE_CASE(7) TILE_CASE(8) TILE_CASE(9) TILE_CASE(10) TILE_CASE(11) TILE_CASE(12)
#endif
            }
        }
    }
}

#define FEW_CASE(COLUMNS, OUTS) \
    case OUTS: \
        update_few(COLUMNS, OUTS, to_errors, p, gradients, errors); \
        break;

INLINE void update_all(const int to_errors, const pairs *p, const float *gradients, float *copies,
                       float *const *errors)
{
    switch (p->n_shared) {
        FEW_CASE(UPDATE_COLUMNS, 1) FEW_CASE(UPDATE_COLUMNS, 2) FEW_CASE(UPDATE_COLUMNS, 3)
        FEW_CASE(UPDATE_COLUMNS, 4) FEW_CASE(UPDATE_COLUMNS, 5)
#if UPDATE_NOISE >= 12
        FEW_CASE(1, 6) FEW_CASE(1, 7) FEW_CASE(1, 8) FEW_CASE(1, 9) FEW_CASE(1, 10) FEW_CASE(1, 11)
        FEW_CASE(1, 12)
#endif
    default:
        update_many(to_errors, 1, p, gradients, copies, errors);
    }
}

static void update(const pairs *p, const float *gradients, float *copies, float *const *errors)
{
    if (errors)
        update_all(1, p, gradients, copies, errors);
    else
        update_all(0, p, gradients, copies, errors);
}

