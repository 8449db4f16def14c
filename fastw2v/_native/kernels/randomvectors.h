/* Random numbers that a word and a seed alone determine.
 *
 * Purpose: the same vector for a word in every vocabulary, process and platform.
 *
 * Invariants: only integer arithmetic and +, *, / and square roots of IEEE doubles, each rounded by
 * itself; no function of libm but sqrt is called. Nothing here allocates.
 *
 * Sources: Philox4x64-10, Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"; FNV-1a, Fowler,
 * Noll and Vo; the normal quantile, Wichura 1988, algorithm AS 241 (PPND7).
 */
#ifndef FW2V_RANDOMVECTORS_H
#define FW2V_RANDOMVECTORS_H

#include <stdint.h>

typedef enum { FW2V_UNIFORM, FW2V_NORMAL, FW2V_TERNARY } fw2v_distribution;

/* The key of a word: FNV-1a, 64 bits, of its bytes. */
uint64_t fw2v_word_key(const uint8_t *word, int64_t n_bytes);

/* The d numbers of a key and a seed, times `scale`. Of 32 random bits x each:
 * uniform: (k + 1/2) / 2^23 for k = (x >> 8) - 2^23, in (-1, 1);
 * normal: the quantile of (x + 1/2) / 2^32, to seven digits;
 * ternary: 1 for x < n_ones, -1 for n_ones <= x < 2 n_ones, else 0. */
void fw2v_random_vector(uint64_t key, uint64_t seed, fw2v_distribution distribution, double scale, uint64_t n_ones,
                        float *out, int64_t d);

#endif
