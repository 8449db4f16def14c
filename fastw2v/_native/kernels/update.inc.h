/* The skip-gram step; included by window.inc.h, once per instruction set.
 *
 * Purpose: all context words of one centre word against the centre word and its noise words, as one small
 * matrix product and its two rank updates.
 *
 * Source: Mikolov et al. 2013, equation 4; noise words shared by a window, Ji et al. 2016.
 */

/* One column of VF_LANES floats: inputs += gradients x outputs, outputs += gradients^T x old inputs, for
 * `outs` outputs (a constant after inlining). The old inputs are the rows themselves, or, where several
 * tiles of outputs follow each other, a copy. */
INLINE void update_column(const int outs, const int copied, float *const *inputs, const float *copies,
                          int n_inputs, float *const *outputs, int column, const float *gradients,
                          int gradients_stride)
{
    vf out[UPDATE_OUTPUTS], change[UPDATE_OUTPUTS];
#pragma GCC unroll 16
    for (int j = 0; j < outs; j++) {
        out[j] = vf_load(outputs[j] + column);
        change[j] = vf_zero();
    }
    for (int i = 0; i < n_inputs; i++) {
        float *row = inputs[i] + column;
        vf updated = vf_load(row);
        vf old = copied ? vf_load(copies + i * VF_LANES) : updated;
#pragma GCC unroll 16
        for (int j = 0; j < outs; j++) {
            vf gradient = vf_set1(gradients[i * gradients_stride + j]);
            updated = vf_fma(gradient, out[j], updated);
            change[j] = vf_fma(gradient, old, change[j]);
        }
        vf_store(row, updated);
    }
    /* Read again and add: the same row may stand twice among the outputs. */
#pragma GCC unroll 16
    for (int j = 0; j < outs; j++)
        vf_store(outputs[j] + column, vf_add(vf_load(outputs[j] + column), change[j]));
}

INLINE void update_tile(const int outs, float *const *inputs, int n_inputs, float *const *outputs,
                        int stride, const float *gradients)
{
    for (int column = 0; column < stride; column += VF_LANES)
        update_column(outs, 0, inputs, NULL, n_inputs, outputs, column, gradients, outs);
}

#define UPDATE_CASE(OUTS) \
    case OUTS: \
        update_tile(OUTS, inputs, n_inputs, outputs, stride, gradients); \
        break;

static void update_few_outputs(float *const *inputs, int n_inputs, float *const *outputs, int n_outputs,
                               int stride, const float *gradients)
{
    switch (n_outputs) {
        UPDATE_CASE(1) UPDATE_CASE(2) UPDATE_CASE(3) UPDATE_CASE(4) UPDATE_CASE(5) UPDATE_CASE(6)
#if UPDATE_OUTPUTS >= 12
        UPDATE_CASE(7) UPDATE_CASE(8) UPDATE_CASE(9) UPDATE_CASE(10) UPDATE_CASE(11) UPDATE_CASE(12)
#endif
    }
}

#define COLUMN_CASE(OUTS) \
    case OUTS: \
        update_column(OUTS, 1, inputs, copies, n_inputs, outputs + j, column, gradients + j, n_outputs); \
        break;

/* More outputs than registers: column by column, so that the copies of the old inputs stay in the cache. */
static void update_many_outputs(float *const *inputs, int n_inputs, float *const *outputs, int n_outputs,
                                int stride, const float *gradients, float *copies)
{
    for (int column = 0; column < stride; column += VF_LANES) {
        for (int i = 0; i < n_inputs; i++)
            vf_store(copies + i * VF_LANES, vf_load(inputs[i] + column));
        int n_tiles = (n_outputs + UPDATE_OUTPUTS - 1) / UPDATE_OUTPUTS;
        for (int j = 0; n_tiles > 0; n_tiles--) {
            int outs = (n_outputs - j + n_tiles - 1) / n_tiles;
            switch (outs) {
                COLUMN_CASE(1) COLUMN_CASE(2) COLUMN_CASE(3) COLUMN_CASE(4) COLUMN_CASE(5) COLUMN_CASE(6)
#if UPDATE_OUTPUTS >= 12
                COLUMN_CASE(7) COLUMN_CASE(8) COLUMN_CASE(9) COLUMN_CASE(10) COLUMN_CASE(11)
                COLUMN_CASE(12)
#endif
            }
            j += outs;
        }
    }
}

static void train_skipgram(const fw2v_skipgram *window)
{
    int n_inputs = window->n_inputs, n_outputs = window->n_outputs, stride = window->stride;
    float *scores = window->scratch;
    score_pairs(window->inputs, n_inputs, window->outputs, n_outputs, stride, scores);
    scores_to_gradients(scores, n_inputs * n_outputs, n_inputs, n_outputs, window->alpha, window->loss);
    if (n_outputs <= UPDATE_OUTPUTS) {
        update_few_outputs(window->inputs, n_inputs, window->outputs, n_outputs, stride, scores);
    } else {
        float *copies = scores + ROUND_UP(n_inputs * n_outputs + VF_LANES, FW2V_LANES_MAX);
        update_many_outputs(window->inputs, n_inputs, window->outputs, n_outputs, stride, scores, copies);
    }
}
