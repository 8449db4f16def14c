/* The kernels of embedding tables without Python, to be run on another architecture.
 *
 * Purpose: as that of run_kernels.c.
 *   run_embed ISA    a rule, a table, its states, gradients, rows and ends of bags in; what is looked up,
 *                    the table and its states after a step, and sums, means and maxima of bags out
 *
 * Invariants: all of it binary, in the byte order of the machine; memory has guards behind it.
 */
#include "program.h"

#include "embed.h"

enum { DIGIT_BITS = 8 };

typedef struct {
    int32_t n_rows, n_columns, n_positions, n_bags;
    fw2v_rule rule;
} header;

static const fw2v_embed_isa *find_isa(const char *name)
{
    for (int k = 0; k < fw2v_embed_isa_count; k++)
        if (!strcmp(fw2v_embed_isas[k]->name, name))
            return fw2v_embed_isas[k];
    require(0, "unknown instruction set");
    return NULL;
}

static void *read_new(size_t size)
{
    void *memory = malloc(size + 1);
    require(memory != NULL, "no memory");
    read_exactly(memory, size);
    return memory;
}

/* Numbers behind which, and before which, a kernel must not write. */
static float *read_guarded(size_t n)
{
    float *numbers = new_scratch(n);
    read_exactly(numbers, n * sizeof *numbers);
    return numbers;
}

static void write_guarded(float *numbers, size_t n)
{
    write_exactly(numbers, n * sizeof *numbers);
    free_scratch(numbers, n);
}

/* Pairs of rows below 2 ** (2 * DIGIT_BITS), in two rounds. */
static fw2v_pair *sorted_pairs(const int32_t *rows, int64_t n)
{
    fw2v_pair *pairs = malloc((size_t)(n + 1) * sizeof *pairs), *other = malloc((size_t)(n + 1) * sizeof *pairs);
    int64_t places[1 << DIGIT_BITS];
    require(pairs != NULL && other != NULL, "no memory");
    fw2v_take_pairs(rows, n, 0, 1 << 2 * DIGIT_BITS, n, pairs);
    fw2v_sort_round(pairs, n, 0, 0, DIGIT_BITS, places, other);
    fw2v_sort_round(other, n, 0, DIGIT_BITS, DIGIT_BITS, places, pairs);
    free(other);
    return pairs;
}

static void reduce(const fw2v_embed_isa *isa, fw2v_bags bags, int64_t n_bags, fw2v_reduction reduction)
{
    const size_t n = (size_t)(n_bags * bags.n_columns);
    float *out = bags.out = new_scratch(n);
    bags.reduction = reduction;
    isa->reduce(&bags, 0, n_bags);
    write_guarded(out, n);
}

int main(int argc, char **argv)
{
    header h;
    require(argc == 2, "which instruction set?");
    const fw2v_embed_isa *isa = find_isa(argv[1]);
    read_exactly(&h, sizeof h);
    const size_t size = (size_t)h.n_rows * (size_t)h.n_columns, given = (size_t)h.n_positions * (size_t)h.n_columns;
    float *table = read_guarded(size), *states[FW2V_STATES];
    for (int k = 0; k < FW2V_STATES; k++)
        states[k] = read_guarded(size);
    float *gradients = read_new(given * sizeof *gradients), *sum = new_scratch((size_t)h.n_columns);
    int32_t *rows = read_new((size_t)h.n_positions * sizeof *rows);
    int64_t *ends = read_new((size_t)h.n_bags * sizeof *ends);

    float *found = new_scratch(given);
    isa->gather(table, h.n_columns, rows, h.n_positions, found, 1);
    write_guarded(found, given);

    fw2v_bags bags = {.table = table, .n_columns = h.n_columns, .n_positions = h.n_positions,
                      .rows = rows, .ends = ends, .padding = -1};
    reduce(isa, bags, h.n_bags, FW2V_SUM);
    reduce(isa, bags, h.n_bags, FW2V_MEAN);
    reduce(isa, bags, h.n_bags, FW2V_MAX);

    fw2v_pair *pairs = sorted_pairs(rows, h.n_positions);
    fw2v_step step = {.table = table, .n_columns = h.n_columns, .pairs = pairs, .n_pairs = h.n_positions,
                      .gradients = {.rows = gradients}, .rule = h.rule};
    memcpy(step.states, states, sizeof states);
    isa->apply(&step, 0, h.n_positions, sum);
    write_guarded(table, size);
    for (int k = 0; k < FW2V_STATES; k++)
        write_guarded(states[k], size);

    free_scratch(sum, (size_t)h.n_columns);
    free(pairs);
    free(gradients);
    free(rows);
    free(ends);
    require(!fflush(stdout), "cannot write");
    return 0;
}
