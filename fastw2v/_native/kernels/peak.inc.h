/* The most that this instruction set can do; included by group.inc.h, once per instruction set.
 *
 * Purpose: multiply-adds on registers alone, in so many independent chains that none waits for another:
 * what a training step is measured against.
 * Invariant: chains, factor and summand fit the sixteen registers that the smallest instruction set has.
 */

#define CHAINS 12

/* Does `rounds` of them, and returns how many floating-point operations that was. */
static int64_t multiply_add(int64_t rounds)
{
    vf sums[CHAINS], factor = vf_set1(0.999f), summand = vf_set1(0.001f);
    float lanes[VF_LANES];
    volatile float result;
#pragma GCC unroll 12
    for (int k = 0; k < CHAINS; k++)
        sums[k] = vf_set1((float)k);
    for (int64_t round = 0; round < rounds; round++)
#pragma GCC unroll 12
        for (int k = 0; k < CHAINS; k++)
            sums[k] = vf_fma(sums[k], factor, summand);
#pragma GCC unroll 12
    for (int k = 1; k < CHAINS; k++)
        sums[0] = vf_add(sums[0], sums[k]);
    vf_store_unaligned(lanes, sums[0]);
    /* Something has to want the result, or the compiler leaves all of it out. */
    result = lanes[0];
    (void)result;
    return rounds * CHAINS * VF_LANES * 2;
}
