/* See embed.h: what is the same on every instruction set. The order of pairs, and lengths of rows.
 *
 * Source: the radix sort, from the lowest digit up, is that of Knuth, The Art of Computer Programming 3,
 * section 5.2.5.
 */
#include "embed.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const fw2v_embed_isa *const fw2v_embed_isas[] = {
#if defined(__x86_64__)
    &fw2v_embed_avx512,
    &fw2v_embed_avx2,
#elif defined(__aarch64__)
    &fw2v_embed_neon,
#endif
    &fw2v_embed_scalar,
};

const int fw2v_embed_isa_count = sizeof fw2v_embed_isas / sizeof fw2v_embed_isas[0];

void fw2v_count_rows(const int32_t *rows, int64_t n, int shift, int64_t n_counts, int64_t *counts)
{
    memset(counts, 0, (size_t)(n_counts + 1) * sizeof *counts);
    for (int64_t i = 0; i < n; i++)
        counts[(rows[i] >> shift) + 1]++;
}

void fw2v_take_pairs(const int32_t *rows, int64_t n, int64_t low, int64_t high, int64_t count, fw2v_pair *out)
{
    int64_t taken = 0;
    /* Each is written, and the next one over it unless it was wanted: no branch that is hard to foretell. */
    for (int64_t i = 0; i < n && taken < count; i++) {
        out[taken] = (fw2v_pair)rows[i] << 32 | (fw2v_pair)i;
        taken += (rows[i] >= low) & (rows[i] < high);
    }
}

void fw2v_sort_round(const fw2v_pair *pairs, int64_t n, int64_t low, int shift, int bits, int64_t *places,
                     fw2v_pair *out)
{
    const fw2v_pair base = (fw2v_pair)low << 32, mask = ((fw2v_pair)1 << bits) - 1;
    int64_t place = 0;
    memset(places, 0, sizeof *places << bits);
    for (int64_t i = 0; i < n; i++)
        places[(pairs[i] - base) >> (32 + shift) & mask]++;
    for (int64_t digit = 0; digit < (int64_t)1 << bits; digit++) {
        int64_t count = places[digit];
        places[digit] = place;
        place += count;
    }
    for (int64_t i = 0; i < n; i++)
        out[places[(pairs[i] - base) >> (32 + shift) & mask]++] = pairs[i];
}

int64_t fw2v_first_pair(const fw2v_pair *pairs, int64_t n, int64_t row)
{
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (fw2v_pair_row(pairs[middle]) < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void fw2v_shorten(float *row, int64_t n_columns, float max_length)
{
    double square = 0.0;
    for (int64_t column = 0; column < n_columns; column++)
        square += (double)row[column] * row[column];
    double length = sqrt(square);
    if (length > max_length)
        for (int64_t column = 0; column < n_columns; column++)
            row[column] = (float)(row[column] * (max_length / (length + 1e-7)));
}
