/* See randomvectors.h. */
#include "randomvectors.h"

#include <math.h>
#include <string.h>

/* No product is fused with a sum: each is rounded by itself, on every platform. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

/* A block of Philox is four words of 64 bits, eight numbers. */
enum { ROUNDS = 10, BLOCK = 8, BATCH = 8 * BLOCK };

uint64_t fw2v_word_key(const uint8_t *word, int64_t n_bytes)
{
    uint64_t key = 0xcbf29ce484222325u;
    for (int64_t k = 0; k < n_bytes; k++)
        key = (key ^ word[k]) * 0x100000001b3u;
    return key;
}

static inline uint64_t product(uint64_t a, uint64_t b, uint64_t *high)
{
    unsigned __int128 both = (unsigned __int128)a * b;
    *high = (uint64_t)(both >> 64);
    return (uint64_t)both;
}

/* Eight numbers of 32 bits: the low half of each word before its high half. */
static inline void draw(uint64_t counter, uint64_t key, uint64_t seed, uint32_t *bits)
{
    uint64_t x[4] = {counter, 0, 0, 0}, high_0, high_2, low_0, low_2;
    for (int round = 0; round < ROUNDS; round++) {
        low_0 = product(x[0], 0xd2e7470ee14c6c93u, &high_0);
        low_2 = product(x[2], 0xca5a826395121157u, &high_2);
        x[0] = high_2 ^ x[1] ^ key;
        x[1] = low_2;
        x[2] = high_0 ^ x[3] ^ seed;
        x[3] = low_0;
        key += 0x9e3779b97f4a7c15u;
        seed += 0xbb67ae8584caa73bu;
    }
    for (int k = 0; k < 4; k++) {
        bits[2 * k] = (uint32_t)x[k];
        bits[2 * k + 1] = (uint32_t)(x[k] >> 32);
    }
}

/* The natural logarithm of a normal number below 1, to 1e-10: by the series of 2 atanh(s), s = (m - 1) / (m + 1),
 * for a mantissa m from 1/sqrt(2) to sqrt(2), where |s| < 0.172. */
static inline double logarithm(double x)
{
    static const double ln_2 = 0x1.62e42fefa39efp-1;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    int is_above = m > 1.4142135623730951;
    m = is_above ? m * 0.5 : m;
    double s = (m - 1) / (m + 1), t = s * s;
    double series = ((((1.0 / 11 * t + 1.0 / 9) * t + 1.0 / 7) * t + 1.0 / 5) * t + 1.0 / 3) * t + 1;
    return (exponent + is_above) * ln_2 + 2 * s * series;
}

/* AS 241's function for seven digits. q is the probability less one half: never 0, 1/2 or -1/2. */
static inline double central(double q)
{
    double r = 0.180625 - q * q;
    double top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    double bottom = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1;
    return q * top / bottom;
}

/* For |q| > 0.425. No probability is so small that AS 241's third formula would be needed. */
static inline double tail(double q)
{
    double r = sqrt(-logarithm(q < 0 ? 0.5 + q : 0.5 - q)) - 1.6;
    double top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777;
    double bottom = (0.12021132975 * r + 0.73700164250) * r + 1;
    double x = top / bottom;
    return q < 0 ? -x : x;
}

/* The tails come after the others, rather than a branch for each number, which nobody could foretell. */
static inline void write_normal(const uint32_t *bits, double scale, float *out, int64_t n)
{
    double q[BATCH], x[BATCH];
    int tails[BATCH], n_tails = 0;
    for (int64_t k = 0; k < n; k++) {
        q[k] = ((double)bits[k] + 0.5) * 0x1p-32 - 0.5;
        x[k] = central(q[k]);
    }
    for (int k = 0; k < n; k++) {
        tails[n_tails] = k;
        n_tails += q[k] < -0.425 || q[k] > 0.425;
    }
    for (int k = 0; k < n_tails; k++)
        x[tails[k]] = tail(q[tails[k]]);
    for (int64_t k = 0; k < n; k++)
        out[k] = (float)(x[k] * scale);
}

static inline void write_uniform(const uint32_t *bits, double scale, float *out, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        out[k] = (float)(((double)((int32_t)(bits[k] >> 8) - (1 << 23)) + 0.5) * 0x1p-23 * scale);
}

static inline void write_ternary(const uint32_t *bits, double scale, uint64_t n_ones, float *out, int64_t n)
{
    float one = (float)scale;
    for (int64_t k = 0; k < n; k++)
        out[k] = one * (float)(2 * (bits[k] < n_ones) - (bits[k] < 2 * n_ones));
}

void fw2v_random_vector(uint64_t key, uint64_t seed, fw2v_distribution distribution, double scale, uint64_t n_ones,
                        float *out, int64_t d)
{
    uint32_t bits[BATCH];
    for (int64_t first = 0; first < d; first += BATCH) {
        int64_t n = d - first < BATCH ? d - first : BATCH;
        for (int64_t k = 0; k < n; k += BLOCK)
            draw((uint64_t)((first + k) / BLOCK) + 1, key, seed, bits + k);
        switch (distribution) {
        case FW2V_UNIFORM:
            write_uniform(bits, scale, out + first, n);
            break;
        case FW2V_NORMAL:
            write_normal(bits, scale, out + first, n);
            break;
        case FW2V_TERNARY:
            write_ternary(bits, scale, n_ones, out + first, n);
        }
    }
}
