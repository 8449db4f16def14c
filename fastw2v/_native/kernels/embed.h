/* Tables of embedding layers: rows looked up, reduced by bags, and moved by the sums of their gradients.
 *
 * Purpose: what an embedding layer spends its time on. Looking up is bound by memory, and so is a step: it reads
 * each gradient once, and reads and writes each row, and what an optimizer keeps for it, once.
 *
 * Invariants: rows are `n_columns` floats next to each other, without padding, on any address of a float. Places of
 * ids are called positions. Pairs are ordered by row, then by position; so the gradients of a row are summed in the
 * order of their positions, in double, by whatever thread: its sum does not depend on the number of threads.
 * All rows and positions have been checked. Nothing here allocates, fails, or knows of Python.
 *
 * Source of the rules: Duchi et al. 2011 (Adagrad), Tieleman and Hinton 2012 (RMSprop), Kingma and Ba 2015,
 * algorithm 1 (Adam); where Keras and PyTorch place their epsilons differently, `inner` and `outer` say it.
 */
#ifndef FW2V_EMBED_H
#define FW2V_EMBED_H

#include <stdint.h>

/* A row of the table (upper half) and a position (lower half). */
typedef uint64_t fw2v_pair;

static inline int64_t fw2v_pair_row(fw2v_pair pair) { return (int64_t)(pair >> 32); }
static inline int64_t fw2v_pair_position(fw2v_pair pair) { return (int64_t)(pair & 0xffffffffu); }

/* The gradient of each position. */
typedef struct {
    const float *rows;       /* of position p row p; with bags, row bags[p] */
    const int32_t *bags;     /* NULL, or the bag of each position */
    const float *scales;     /* NULL, or what the gradient of each position is multiplied by */
    const int32_t *winners;  /* NULL, or for each bag and column the only position that has its gradient */
} fw2v_gradients;

typedef enum { FW2V_SGD, FW2V_MOMENTUM, FW2V_ADAGRAD, FW2V_RMSPROP, FW2V_ADAM } fw2v_rule_kind;

/* x = first / ..., w -= rate * x; embed.inc.h has the formulas. */
typedef struct {
    fw2v_rule_kind kind;
    int32_t nesterov, centered;
    float rate;          /* what the row moves by is multiplied by it last */
    float inner_rate;    /* what goes into a momentum is multiplied by it first */
    float momentum;
    float first, second; /* shares of the new in the means of gradients, and of their squares */
    float inner, outer;  /* epsilons within and behind the root */
    float root_scale;    /* of the root, before the outer epsilon is added */
} fw2v_rule;

enum { FW2V_STATES = 3 };

typedef struct {
    float *table;
    float *states[FW2V_STATES]; /* tables as large, or NULL: of momentum, squares, and mean gradients */
    int64_t n_columns;
    const uint8_t *frozen;      /* NULL, or 1 for each row that stays as it is */
    const fw2v_pair *pairs;
    int64_t n_pairs;
    fw2v_gradients gradients;
    int32_t by_frequency;       /* a row's sum is divided by the number of its positions */
    fw2v_rule rule;
} fw2v_step;

typedef enum { FW2V_SUM, FW2V_MEAN, FW2V_MAX } fw2v_reduction;

typedef struct {
    const float *table;
    int64_t n_columns;
    int64_t n_positions;
    const int32_t *rows;     /* of each position */
    const int64_t *ends;     /* bag b has the positions from ends[b - 1], or 0, up to ends[b] */
    const float *weights;    /* NULL, or of each position */
    int64_t padding;         /* a row that no bag counts, or -1 */
    fw2v_reduction reduction;
    float *out;              /* a row for each bag; zeros for one without positions */
    int32_t *winners;        /* NULL, or of the maximum: for each bag and column its position, or -1 */
} fw2v_bags;

typedef struct {
    const char *name;
    /* out[i] = table[rows[i]]; `streams` tells that out is larger than what caches hold */
    void (*gather)(const float *table, int64_t n_columns, const int32_t *rows, int64_t n, float *out, int streams);
    /* out = sum of the gradients of pairs[start] up to pairs[stop], which are of one row */
    void (*sum)(const fw2v_step *step, int64_t start, int64_t stop, float *out);
    /* moves each row whose first pair is one of pairs[start] up to pairs[stop]; sum is scratch of a row */
    void (*apply)(const fw2v_step *step, int64_t start, int64_t stop, float *sum);
    /* moves all rows from first up to last: those without a pair have the gradient 0 */
    void (*apply_all)(const fw2v_step *step, int64_t first, int64_t last, float *sum);
    void (*reduce)(const fw2v_bags *bags, int64_t first, int64_t last);
} fw2v_embed_isa;

extern const fw2v_embed_isa *const fw2v_embed_isas[];
extern const int fw2v_embed_isa_count;

extern const fw2v_embed_isa fw2v_embed_scalar;
extern const fw2v_embed_isa fw2v_embed_avx2;
extern const fw2v_embed_isa fw2v_embed_avx512;
extern const fw2v_embed_isa fw2v_embed_neon;

/* The first of pairs from `start` on that is not of the same row as pairs[start]. */
static inline int64_t fw2v_run_end(const fw2v_pair *pairs, int64_t start, int64_t n)
{
    int64_t stop = start + 1;
    while (stop < n && (pairs[stop] >> 32) == (pairs[start] >> 32))
        stop++;
    return stop;
}

/* counts[k + 1] = number of rows whose upper bits, behind `shift`, are k; counts has n_counts + 1 numbers. */
void fw2v_count_rows(const int32_t *rows, int64_t n, int shift, int64_t n_counts, int64_t *counts);

/* Makes pairs of the rows from `low` up to `high`, of which there are `count`, in the order of their positions. */
void fw2v_take_pairs(const int32_t *rows, int64_t n, int64_t low, int64_t high, int64_t count, fw2v_pair *out);

/* A round of the radix sort of pairs, by the digit of (row - low) that begins at bit `shift`: the order of equals is
 * kept. `places` is scratch of 2 ** bits numbers. */
void fw2v_sort_round(const fw2v_pair *pairs, int64_t n, int64_t low, int shift, int bits, int64_t *places,
                     fw2v_pair *out);

/* The first of the ordered pairs whose row is not below `row`. */
int64_t fw2v_first_pair(const fw2v_pair *pairs, int64_t n, int64_t row);

/* Scales a row whose length is above max_length down to it, as PyTorch does: by max_length / (length + 1e-7). */
void fw2v_shorten(float *row, int64_t n_columns, float max_length);

/* Takes a number that no other thread takes. */
static inline int64_t fw2v_take(int64_t *next) { return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED); }

/* What a thread has written before it raises a flag is seen by those who see the flag raised. */
static inline void fw2v_raise(int32_t *flag) { __atomic_store_n(flag, 1, __ATOMIC_RELEASE); }
static inline int fw2v_is_raised(const int32_t *flag) { return __atomic_load_n(flag, __ATOMIC_ACQUIRE); }

#endif
