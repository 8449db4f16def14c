/* The most that this instruction set can do; included by group.inc.h, once per instruction set.
 *
 * Purpose: multiply-adds on registers alone, in so many independent chains that none waits for another:
 * what a training step is measured against.
 * Invariants: there are more chains than units x latency of any CPU (4 x 4 of NEON, 2 x 5 of AVX2), and they
 * fit the registers together with factor and summand. A chain runs through a factor: a product of two
 * constants would be taken out of the loop where there is no fused multiply-add.
 */

#if UPDATE_NOISE >= 12 /* thirty-two registers */
#define CHAINS 24
#else
#define CHAINS 12
#endif

/* Does `rounds` of them, and returns how many floating-point operations that was. */
static int64_t multiply_add(int64_t rounds)
{
    vf sums[CHAINS], factor = vf_set1(0.999f), summand = vf_set1(0.001f);
    float lanes[VF_LANES];
    volatile float result;
#pragma GCC unroll 24
    for (int k = 0; k < CHAINS; k++)
        sums[k] = vf_set1((float)k);
    for (int64_t round = 0; round < rounds; round++)
#pragma GCC unroll 24
        for (int k = 0; k < CHAINS; k++)
            sums[k] = vf_fma(sums[k], factor, summand);
#pragma GCC unroll 24
    for (int k = 1; k < CHAINS; k++)
        sums[0] = vf_add(sums[0], sums[k]);
    vf_store_unaligned(lanes, sums[0]);
    /* Something has to want the result, or the compiler leaves all of it out. */
    result = lanes[0];
    (void)result;
    return rounds * CHAINS * VF_LANES * 2;
}
