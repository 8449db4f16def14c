/* The boundary between the training loop and the arithmetic.
 *
 * Purpose: one entry point for each training step, reached through a table of function pointers that is
 * chosen once for this CPU (dispatch.c). A skip-gram step trains one window: the rows of the words around
 * one centre word against the rows of the centre word and of its noise words. A CBOW step trains a group of
 * centre words far from each other.
 *
 * Invariants: every row is `stride` floats, a multiple of FW2V_LANES_MAX, aligned to 64 bytes, zero in its
 * padding (and stays so).  Nothing here allocates, fails, or knows of Python.  Input rows and output rows
 * belong to different matrices.  A row that occurs twice in a window receives both updates.
 *
 * Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
 * Compositionality", equation 4 (negative sampling).
 */
#ifndef FW2V_KERNELS_H
#define FW2V_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    FW2V_LANES_MAX = 16, /* floats in the widest vector of any instruction set */
    FW2V_INPUTS_MAX = 200, /* context words in a window of 100 on either side */
    FW2V_OUTPUTS_MAX = 101, /* the centre word and 100 noise words */
    FW2V_GROUP_MAX = 4 /* centre words that CBOW trains at once */
};

typedef struct {
    float *const *inputs;  /* rows of the input matrix W: the context words */
    int n_inputs;
    float *const *outputs; /* rows of the output matrix W': the centre word first, then noise words */
    int n_outputs;
    int stride;            /* floats in a row, padding included */
    float alpha;           /* learning rate */
    float *scratch;        /* fw2v_scratch_floats() floats, aligned to 64 bytes */
    double *loss;          /* NULL, or the sum of -log sigma(+-score) is added here */
} fw2v_skipgram;

typedef struct {
    int n_centres;                                /* centre words, far from each other */
    float *const *contexts[FW2V_GROUP_MAX];       /* rows of W around each */
    int n_contexts[FW2V_GROUP_MAX];               /* at least 1 */
    float hidden_scales[FW2V_GROUP_MAX];          /* hidden vector = hidden_scale * (sum of the context rows) */
    float error_scales[FW2V_GROUP_MAX];           /* each context row receives error_scale * (its error) */
    float *targets[FW2V_GROUP_MAX];               /* rows of W' of the centre words */
    float *const *noise;                          /* rows of W' of the noise words that all share; one that is */
    int n_noise;                                  /* a centre word's own row is not trained against it */
    int stride;
    float alpha;
    float *scratch;
    double *loss;
} fw2v_cbow;

typedef void (*fw2v_train_skipgram)(const fw2v_skipgram *window);
typedef void (*fw2v_train_cbow)(const fw2v_cbow *group);

/* shared += gain * (own - base); own and base start anew from there (merging.h). */
typedef void (*fw2v_merge_row)(float *shared, float *own, float *base, int stride, float gain);

typedef struct {
    const char *name;
    int (*is_supported)(void); /* may run on any CPU */
    fw2v_train_skipgram train_skipgram;
    fw2v_train_cbow train_cbow;
    fw2v_merge_row merge_row;
} fw2v_isa;

/* All instruction sets compiled in, best first; the last one runs everywhere. */
extern const fw2v_isa *const fw2v_isas[];
extern const int fw2v_isa_count;

extern const fw2v_isa fw2v_isa_scalar;
extern const fw2v_isa fw2v_isa_avx2;
extern const fw2v_isa fw2v_isa_avx512;
extern const fw2v_isa fw2v_isa_neon;

/* Enough for both: scores, and one column of copies of the inputs or the vectors of a group. */
static inline size_t fw2v_scratch_floats(int n_inputs, int n_outputs, int stride)
{
    size_t n_rows = n_inputs > FW2V_GROUP_MAX ? n_inputs : FW2V_GROUP_MAX;
    size_t copies = n_rows * FW2V_LANES_MAX, vectors = 2 * (size_t)FW2V_GROUP_MAX * (size_t)stride;
    return n_rows * (size_t)n_outputs + 2 * FW2V_LANES_MAX + (copies > vectors ? copies : vectors);
}

static inline void fw2v_prefetch_row(const float *row, int stride)
{
    for (int column = 0; column < stride; column += 16)
        __builtin_prefetch(row + column, 1, 3);
}

#endif
