/* The full-softmax step: hidden vectors against every word of the vocabulary.
 *
 * Purpose: the textbook objective, p(word | context) = softmax(W'(Wx + b) + b'). A step trains a batch: some
 * hidden vectors h = scale * (sum of context rows) + b, each with one or more words that it should predict
 * (skip-gram: all centre words that a context word meets; CBOW: one). The loss of a batch is the sum, over
 * its pairs of a hidden vector and a word, of -log p(word | h); all four parameters move by -alpha times its
 * gradient, taken at the parameters before the batch.
 *
 * The words are cut into parts, the same for any number of threads. Threads that share a batch take the parts among
 * them, and wait for each other between the four functions: so the result is the same for any number of them,
 * too, and the rows of a part stay in the caches of one core.
 *
 * The sum of many steps from the same place overshoots where the same steps one after the other would not:
 * so the step of a row of W, of a row of W' with its bias, and of b, is shortened where alpha times the
 * curvature of the batch's loss along it is above 1 (a minimum lies 1 / curvature away):
 *     gain = 1 / max(1, alpha * curvature),
 *     row t of W', with b':  sum over the pairs of (p(t) + [t is the word]) / 2 * (1 + |h|^2),
 *     b:                     sum over the pairs of v(h), and
 *     rows of W under h:     repeats * (pairs of h) * v(h) * scale^2 * (number of rows),
 * v(h) being the variance, under p, of the rows of W'. Each is a bound of the largest eigenvalue, or close to one.
 *
 * Invariants: rows are as in kernels.h. The biases are aligned to 64 bytes; b has `stride` floats, zero in the
 * padding, b' has n_words floats rounded up to FW2V_LANES_MAX. Nothing here allocates, fails, or knows of Python.
 *
 * Source: Bengio et al. 2003, "A Neural Probabilistic Language Model", without the hidden layer's activation;
 * Rong 2014, "word2vec Parameter Learning Explained", sections 1 and 2, with biases.
 */
#ifndef FW2V_SOFTMAX_H
#define FW2V_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

enum {
    FW2V_BATCH_MAX = 32,    /* hidden vectors of a batch */
    FW2V_BLOCK_WORDS = 96,  /* words whose scores are in the first-level cache at a time */
    FW2V_PARTS_MAX = 16     /* parts of the vocabulary, of whole blocks */
};

typedef struct {
    float *outputs;                     /* W': a row for each word */
    float *output_bias;                 /* b' */
    float *hidden_bias;                 /* b */
    int n_words, dim, stride;           /* dim: floats in a row without its padding */
    int n_hidden;                       /* hidden vectors, 1 to FW2V_BATCH_MAX */
    float *const *contexts;             /* rows of W: those of the first hidden vector, ... */
    int n_contexts[FW2V_BATCH_MAX];     /* ... of which there are so many, at least 1, and so on */
    float scales[FW2V_BATCH_MAX];
    const float *factors;               /* NULL, or what the step of each of these rows is multiplied by */
    const int32_t *targets;             /* rows of W': the words that the first one should predict, ... */
    int n_targets[FW2V_BATCH_MAX];      /* ... 1 to FW2V_CONTEXT_MAX, and so on */
    float alpha;                        /* learning rate */
    float repeats;                      /* how often, at most, a batch meets the same row of W */
    float *scratch;                     /* fw2v_softmax_floats() floats, aligned to 64 bytes */
    double *loss;                       /* NULL, or the loss of the batch is added here */
} fw2v_softmax;

typedef struct {
    void (*prepare)(const fw2v_softmax *batch);             /* by one thread */
    void (*score)(const fw2v_softmax *batch, int part);     /* all parts, in any order */
    void (*update)(const fw2v_softmax *batch, int part);    /* all parts, in any order */
    void (*finish)(const fw2v_softmax *batch);              /* by one thread */
} fw2v_softmax_steps;

static inline int fw2v_softmax_blocks(int n_words) { return (n_words + FW2V_BLOCK_WORDS - 1) / FW2V_BLOCK_WORDS; }

static inline int fw2v_softmax_parts(int n_words)
{
    int n_blocks = fw2v_softmax_blocks(n_words);
    return n_blocks < FW2V_PARTS_MAX ? n_blocks : FW2V_PARTS_MAX;
}

static inline size_t fw2v_softmax_floats(int n_words, int stride)
{
    size_t n_blocks = (size_t)fw2v_softmax_blocks(n_words), panel = (size_t)stride * FW2V_BATCH_MAX;
    return panel * 2                                                /* hidden vectors, as rows and as columns */
        + FW2V_BATCH_MAX                                            /* 1 + |h|^2 */
        + n_blocks * (FW2V_BLOCK_WORDS + 1) * FW2V_BATCH_MAX        /* scores, and their maxima block by block */
        + FW2V_PARTS_MAX * 2 * (panel + FW2V_BATCH_MAX)             /* what a part adds up */
        + n_blocks + 2 * FW2V_BATCH_MAX * FW2V_CONTEXT_MAX;         /* pairs, by block */
}

#endif
