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

enum { ROUNDS = 10, BLOCK = 8 }; /* a block of Philox is four words of 64 bits, eight numbers */

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

/* The natural logarithm of a normal number below 1, to 1e-15: by the series of 2 atanh(s), s = (m - 1) / (m + 1),
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
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1) / (m + 1), t = s * s, sum = 0;
    for (int k = 19; k > 0; k -= 2)
        sum = sum * t + 1.0 / k;
    return exponent * ln_2 + 2 * s * sum;
}

static inline double horner(const double *c, double r)
{
    return ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0];
}

static const double central_a[8] = {
    3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
    4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
};
static const double central_b[8] = {
    1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
    2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
};
static const double tail_c[8] = {
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
};
static const double tail_d[8] = {
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
};

/* q is the probability less one half: a multiple of 2^-33, and none of 0, 1/2 and -1/2. */
static inline double central(double q)
{
    double r = 0.180625 - q * q;
    return q * horner(central_a, r) / horner(central_b, r);
}

/* For |q| > 0.425. No probability is so small that AS 241's third formula would be needed. */
static inline double tail(double q)
{
    double r = sqrt(-logarithm(q < 0 ? 0.5 + q : 0.5 - q)) - 1.6;
    double x = horner(tail_c, r) / horner(tail_d, r);
    return q < 0 ? -x : x;
}

static inline void write_normal(const uint32_t *bits, double scale, float *out, int64_t n)
{
    double q[BLOCK], x[BLOCK];
    for (int k = 0; k < BLOCK; k++) {
        q[k] = ((double)bits[k] + 0.5) * 0x1p-32 - 0.5;
        x[k] = central(q[k]);
    }
    for (int64_t k = 0; k < n; k++)
        out[k] = (float)((q[k] < -0.425 || q[k] > 0.425 ? tail(q[k]) : x[k]) * scale);
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
        out[k] = bits[k] < n_ones ? one : bits[k] < 2 * n_ones ? -one : 0.0f;
}

void fw2v_random_vector(uint64_t key, uint64_t seed, fw2v_distribution distribution, double scale, uint64_t n_ones,
                        float *out, int64_t d)
{
    uint32_t bits[BLOCK];
    for (int64_t first = 0; first < d; first += BLOCK) {
        int64_t n = d - first < BLOCK ? d - first : BLOCK;
        draw((uint64_t)(first / BLOCK) + 1, key, seed, bits);
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
