/* The bags of embed.h, written once for every instruction set; included behind embed.inc.h, whose words it uses. */

/* Reduce `vectors` times VF_LANES columns of a bag; n of the last vector's lanes are there. */
INLINE void reduce_columns(const fw2v_bags *bags, int64_t bag, int64_t column, const int vectors, const int n,
                           const fw2v_reduction reduction)
{
    const int64_t n_columns = bags->n_columns, start = bag ? bags->ends[bag - 1] : 0, stop = bags->ends[bag];
    vf best[REDUCE_VECTORS];
    vi winners[REDUCE_VECTORS];
    int64_t counted = 0;
    for (int v = 0; v < vectors; v++) {
        best[v] = (vf){0};
        winners[v] = (vi){0} - 1;
    }
    for (int64_t position = start; position < stop; position++) {
        const int64_t row = bags->rows[position];
        if (column == 0 && position + AHEAD < bags->n_positions)
            prefetch_to_read(bags->table + bags->rows[position + AHEAD] * n_columns, n_columns);
        if (row == bags->padding)
            continue;
        const float *from = bags->table + row * n_columns + column;
        const float weight = bags->weights ? bags->weights[position] : 1.0f;
        for (int v = 0; v < vectors; v++) {
            vf x = load_some(from + v * VF_LANES, v == vectors - 1 ? n : VF_LANES);
            if (reduction == FW2V_MAX) {
                vi wins = counted ? (vi)(x > best[v]) : (vi){0} - 1;
                best[v] = (vf)(((vi)x & wins) | ((vi)best[v] & ~wins));
                winners[v] = (((vi){0} + (int32_t)position) & wins) | (winners[v] & ~wins);
            } else {
                best[v] += bags->weights ? weight * x : x;
            }
        }
        counted++;
    }
    const float scale = reduction == FW2V_MEAN && counted ? 1.0f / (float)counted : 1.0f;
    for (int v = 0; v < vectors; v++) {
        const int lanes = v == vectors - 1 ? n : VF_LANES;
        const int64_t place = bag * n_columns + column + v * VF_LANES;
        store_some(bags->out + place, reduction == FW2V_MEAN ? best[v] * scale : best[v], lanes);
        if (reduction == FW2V_MAX && bags->winners)
            memcpy(bags->winners + place, &winners[v], (size_t)lanes * sizeof(int32_t));
    }
}

INLINE void reduce_as(const fw2v_bags *bags, int64_t first, int64_t last, const fw2v_reduction reduction)
{
    for (int64_t bag = first; bag < last; bag++) {
        int64_t column = 0, n = bags->n_columns;
        for (; column + REDUCE_VECTORS * VF_LANES <= n; column += REDUCE_VECTORS * VF_LANES)
            reduce_columns(bags, bag, column, REDUCE_VECTORS, VF_LANES, reduction);
        for (; column + VF_LANES <= n; column += VF_LANES)
            reduce_columns(bags, bag, column, 1, VF_LANES, reduction);
        if (column < n)
            reduce_columns(bags, bag, column, 1, (int)(n - column), reduction);
    }
}

static void reduce(const fw2v_bags *bags, int64_t first, int64_t last)
{
    switch (bags->reduction) {
    case FW2V_SUM: reduce_as(bags, first, last, FW2V_SUM); return;
    case FW2V_MEAN: reduce_as(bags, first, last, FW2V_MEAN); return;
    case FW2V_MAX: reduce_as(bags, first, last, FW2V_MAX); return;
    }
}

const fw2v_embed_isa FW2V_TARGET = {FW2V_TARGET_NAME, gather, sum, apply, apply_all, reduce};
