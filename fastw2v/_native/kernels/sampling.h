/* Random numbers, and draws from the noise distribution.
 *
 * Purpose: a generator of one multiplication a number, and a draw of one more and one memory access.
 * Invariants: a state is never 0. Everything is inline: the training loop draws up to seven numbers a word.
 *
 * Sources: xorshift64*, Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators,
 * scrambled"; splitmix64, Steele et al. 2014; alias method, Walker 1977 and Vose 1991; multiply-shift
 * ranges, Lemire 2019.
 */
#ifndef FW2V_SAMPLING_H
#define FW2V_SAMPLING_H

#include <stdint.h>

typedef struct {
    uint32_t threshold; /* the column's own row is kept when 32 random bits are below this, */
    int32_t other;      /* else this row is drawn */
} fw2v_alias;

static inline uint64_t fw2v_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The state from which one shard of one epoch draws, the same whichever thread trains it. */
static inline uint64_t fw2v_seed(uint64_t seed, uint64_t epoch, uint64_t position)
{
    return fw2v_mix(fw2v_mix(fw2v_mix(seed) ^ epoch) ^ position) | 1;
}

static inline uint64_t fw2v_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1du;
}

/* A number in [0, n), from the upper half of a random number. */
static inline uint32_t fw2v_random_below(uint64_t random, uint32_t n)
{
    return (uint32_t)(((random >> 32) * n) >> 32);
}

static inline int32_t fw2v_draw(const fw2v_alias *table, uint32_t n, uint64_t *state)
{
    uint64_t random = fw2v_random(state);
    uint32_t column = fw2v_random_below(random, n);
    /* Both are read, and one is masked out: a branch would be mispredicted every other time. */
    int32_t other = table[column].other;
    int32_t own = -(int32_t)((uint32_t)random < table[column].threshold);
    return other ^ ((other ^ (int32_t)column) & own);
}

#endif
