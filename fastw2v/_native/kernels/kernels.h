/* The boundary between the training loop and the arithmetic.
 *
 * Purpose: one entry point for each training step, reached through a table of function pointers that is
 * chosen once for this CPU (dispatch.c). A step trains a group: a few centre words, far from each other in
 * the corpus, that share their noise words. In skip-gram the rows of the words around each centre word meet
 * the rows of the centre word and of the noise words; in CBOW it is the sum of those rows that meets them.
 * In a tree they meet the inner nodes of a Huffman tree on the way to the centre word, of which a group has one.
 *
 * Invariants: every row is `stride` floats, a multiple of FW2V_LANES_MAX, aligned to 64 bytes, zero in its
 * padding (and stays so).  Nothing here allocates, fails, or knows of Python.  Context rows and output rows
 * belong to different matrices.  A row that occurs several times in a group receives all its updates;
 * whether a later one sees an earlier one is left open.  All scores are those of the rows before the group.
 *
 * Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
 * Compositionality", equation 4 (negative sampling) and section 2.1 (hierarchical softmax).
 */
#ifndef FW2V_KERNELS_H
#define FW2V_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    FW2V_LANES_MAX = 16, /* floats in the widest vector of any instruction set */
    FW2V_CONTEXT_MAX = 200, /* context words in a window of 100 on either side */
    FW2V_NOISE_MAX = 100,
    FW2V_PATH_MAX = 96, /* a deeper leaf of a Huffman tree has counts whose sum exceeds 2^63 */
    FW2V_GROUP_MAX = 8 /* centre words of a group */
};

typedef struct {
    int n_centres;
    float *const *contexts;                 /* rows of the input matrix W: the words around the first, ... */
    int n_contexts[FW2V_GROUP_MAX];         /* ... of which there are so many, at least 1, and so on */
    float *targets[FW2V_GROUP_MAX];         /* rows of the output matrix W' of the centre words */
    float *const *noise;                    /* rows of W' of the noise words that all share; one that is a */
    int n_noise;                            /* centre word's own row is not trained against it */
    float *const *nodes;                    /* trees: rows of the inner nodes from the root to the centre word, */
    const float *labels;                    /* ... and for each 1 where its left branch is taken, else 0; behind */
    int n_nodes;                            /* them zeros up to a multiple of FW2V_LANES_MAX; aligned */
    int stride;                             /* floats in a row, padding included */
    float alpha;                            /* learning rate */
    float *scratch;                         /* fw2v_scratch_floats() floats, aligned to 64 bytes */
    double *loss;                           /* NULL, or the sum of -log sigma(+-score) is added here */
    float hidden_scales[FW2V_GROUP_MAX];    /* CBOW: hidden vector = hidden_scale * (sum of the rows) */
    float error_scales[FW2V_GROUP_MAX];     /* CBOW: each row receives error_scale * (its error) */
} fw2v_group;

#include "softmax.h"

typedef void (*fw2v_train_group)(const fw2v_group *group);

/* shared += gain * (own - base); own and base start anew from there (merging.h). */
typedef void (*fw2v_merge_row)(float *shared, float *own, float *base, int stride, float gain);

typedef struct {
    const char *name;
    int (*is_supported)(void); /* may run on any CPU */
    fw2v_train_group train_skipgram;
    fw2v_train_group train_cbow;
    fw2v_train_group train_skipgram_tree;
    fw2v_train_group train_cbow_tree;
    fw2v_merge_row merge_row;
    fw2v_softmax_steps softmax;
    int64_t (*multiply_add)(int64_t rounds); /* the yardstick of peak.inc.h */
} fw2v_isa;

/* All instruction sets compiled in, best first; the last one runs everywhere. */
extern const fw2v_isa *const fw2v_isas[];
extern const int fw2v_isa_count;

extern const fw2v_isa fw2v_isa_scalar;
extern const fw2v_isa fw2v_isa_avx2;
extern const fw2v_isa fw2v_isa_avx512;
extern const fw2v_isa fw2v_isa_neon;

/* Enough for every kind of step: scores, a column of each vector, and the vectors of CBOW. */
static inline size_t fw2v_scratch_floats(int n_contexts, int n_noise, int n_nodes, int stride)
{
    size_t n_vectors = (size_t)FW2V_GROUP_MAX * (size_t)n_contexts;
    int n_outputs = n_noise > n_nodes ? n_noise : n_nodes;
    return n_vectors * (size_t)(1 + n_outputs + FW2V_LANES_MAX) + 2 * FW2V_LANES_MAX
        + 2 * (size_t)FW2V_GROUP_MAX * (size_t)stride;
}

/* What is only read, and so may stay in the caches of other cores. */
static inline void fw2v_prefetch_line(const void *address)
{
    __builtin_prefetch(address, 0, 3);
}

static inline void fw2v_prefetch_row(const float *row, int stride)
{
    for (int column = 0; column < stride; column += 16)
        __builtin_prefetch(row + column, 1, 3);
}

#endif
