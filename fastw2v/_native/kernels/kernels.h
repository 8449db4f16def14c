/* The boundary between the training loop and the arithmetic.
 *
 * Purpose: one entry point for each training step, reached through a table of function pointers that is
 * chosen once for this CPU (dispatch.c).  A step trains one window: the rows of the words around one
 * centre word against the rows of the centre word and of its noise words.
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
    FW2V_OUTPUTS_MAX = 101 /* the centre word and 100 noise words */
};

typedef struct {
    float *const *inputs;  /* rows of the input matrix W: the context words */
    int n_inputs;
    float *const *outputs; /* rows of the output matrix W': the centre word first, then noise words */
    int n_outputs;
    int stride;            /* floats in a row, padding included */
    float alpha;           /* learning rate */
    float hidden_scale;    /* CBOW: the hidden vector is hidden_scale * (sum of the input rows) */
    float error_scale;     /* CBOW: every input row receives error_scale * (error of the hidden vector) */
    float *scratch;        /* fw2v_scratch_floats() floats, aligned to 64 bytes */
    double *loss;          /* NULL, or the sum of -log sigma(+-score) is added here */
} fw2v_window;

typedef void (*fw2v_train_window)(const fw2v_window *window);

typedef struct {
    const char *name;
    int (*is_supported)(void); /* may run on any CPU */
    fw2v_train_window train_skipgram;
    fw2v_train_window train_cbow;
} fw2v_isa;

/* All instruction sets compiled in, best first; the last one runs everywhere. */
extern const fw2v_isa *const fw2v_isas[];
extern const int fw2v_isa_count;

extern const fw2v_isa fw2v_isa_scalar;
extern const fw2v_isa fw2v_isa_avx2;
extern const fw2v_isa fw2v_isa_avx512;
extern const fw2v_isa fw2v_isa_neon;

/* Scores of the largest window and copies of one column of its input rows, or CBOW's two vectors. */
static inline size_t fw2v_scratch_floats(int n_inputs, int n_outputs, int stride)
{
    size_t scores = (size_t)n_inputs * (size_t)n_outputs + 4 * FW2V_LANES_MAX;
    scores -= scores % FW2V_LANES_MAX;
    return scores + (size_t)n_inputs * FW2V_LANES_MAX + 2 * (size_t)stride;
}

static inline void fw2v_prefetch_row(const float *row, int stride)
{
    for (int column = 0; column < stride; column += 16)
        __builtin_prefetch(row + column, 1, 3);
}

#endif
