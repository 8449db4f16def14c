/* See termrows.h. Short rows are sorted by comparing all with all, long ones by the bytes of their columns.
 *
 * Sources: the weights are those of Salton and Buckley 1988, "Term-weighting approaches in automatic text
 * retrieval", in the form that scikit-learn's users know.
 */
#include "termrows.h"

#include <math.h>
#include <string.h>

enum { SHORT_ROW = 40 };

int64_t fw2v_count_columns(const int32_t *columns, const uint32_t **entries, int64_t n)
{
    const uint32_t *entry = *entries;
    int64_t found = 0;
    for (int64_t k = 0; k < n; k++) {
        found += columns[*entry >> 1] >= 0;
        entry += 1 + (*entry & 1);
    }
    *entries = entry;
    return found;
}

void fw2v_add_counts(const uint32_t **entries, int64_t n, int32_t binary, int64_t *totals)
{
    const uint32_t *entry = *entries;
    for (int64_t k = 0; k < n; k++) {
        uint32_t repeated = *entry & 1;
        totals[*entry >> 1] += repeated && !binary ? entry[1] : 1;
        entry += 1 + repeated;
    }
    *entries = entry;
}

static void sort_long(uint64_t *row, uint64_t *spare, int64_t n, uint32_t top)
{
    uint64_t *from = row, *to = spare;
    for (int shift = 32; shift < 64 && top >> (shift - 32); shift += 8) {
        int64_t places[256] = {0}, next = 0;
        for (int64_t k = 0; k < n; k++)
            places[from[k] >> shift & 0xff]++;
        for (int value = 0; value < 256; value++) {
            int64_t size = places[value];
            places[value] = next;
            next += size;
        }
        for (int64_t k = 0; k < n; k++)
            to[places[from[k] >> shift & 0xff]++] = from[k];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != row)
        memcpy(row, from, (size_t)n * sizeof *row);
}

/* The place of an element is how many are smaller: no branch depends on what the columns are, and no two are
 * equal. */
static void sort_short(uint64_t *row, uint64_t *spare, int64_t n)
{
    int32_t columns[SHORT_ROW], places[SHORT_ROW] = {0};
    for (int64_t k = 0; k < n; k++)
        columns[k] = (int32_t)(row[k] >> 32);
    int64_t whole = (n + 3) & ~3;
    for (int64_t k = n; k < whole; k++)
        columns[k] = INT32_MAX;
    for (int64_t j = 0; j < n; j++)
        for (int64_t k = 0; k < whole; k++)
            places[k] += columns[j] < columns[k];
    for (int64_t k = 0; k < n; k++)
        spare[places[k]] = row[k];
    memcpy(row, spare, (size_t)n * sizeof *row);
}

int64_t fw2v_read_row(const fw2v_weighting *weighting, const uint32_t **entries, int64_t n, uint64_t *row,
                      uint64_t *spare)
{
    const int32_t *columns = weighting->columns;
    const double *idf = weighting->idf;
    const uint32_t *entry = *entries;
    int64_t found = 0;
    uint32_t top = 0;
    for (int64_t k = 0; k < n; k++) {
        uint32_t repeated = *entry & 1;
        int32_t column = columns[*entry >> 1];
        if (column >= 0) {
            if (idf)
                __builtin_prefetch(idf + column);
            row[found++] = (uint64_t)(uint32_t)column << 32 | (repeated ? entry[1] : 1);
            top |= (uint32_t)column;
        }
        entry += 1 + repeated;
    }
    *entries = entry;
    if (found <= SHORT_ROW)
        sort_short(row, spare, found);
    else
        sort_long(row, spare, found, top);
    return found;
}

void fw2v_weigh_row(const fw2v_weighting *weighting, const uint64_t *row, int64_t n, double *weights)
{
    double total = 0;
    for (int64_t k = 0; k < n; k++) {
        uint32_t count = weighting->binary ? 1 : (uint32_t)row[k];
        double weight = count;
        if (weighting->sublinear)
            weight = count == 1 ? 1 : log(weight) + 1;
        if (weighting->idf)
            weight *= weighting->idf[row[k] >> 32];
        weights[k] = weight;
        if (weighting->norm == FW2V_L1_NORM)
            total += fabs(weight);
        else if (weighting->norm == FW2V_L2_NORM)
            total += weight * weight;
    }
    if (weighting->norm == FW2V_L2_NORM)
        total = sqrt(total);
    if (total > 0)
        for (int64_t k = 0; k < n; k++)
            weights[k] /= total;
}
