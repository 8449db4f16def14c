/* Functions of vectors, for all steps; included by group.inc.h, once per instruction set.
 *
 * Purpose: what several kernels need beyond the vf_ vocabulary (which group.inc.h lists).
 */

#define ROUND_UP(n, k) (((n) + (k) - 1) / (k) * (k))

/* Adding 1.5 * 2^23 rounds a float to an integer and leaves that integer in its low bits. */
#define EXP_MAGIC 12582912.0f
#define EXP_LIMIT 80.0f

/* e^x for |x| <= EXP_LIMIT, relative error below 2e-7: reduced to |r| <= ln(2)/2, where a minimax
 * polynomial of degree 6 errs by 3e-9 and rounding does the rest. */
INLINE vf exp_of(vf x)
{
    vf shifted = vf_fma(x, vf_set1(1.44269504f), vf_set1(EXP_MAGIC));
    vf n = vf_sub(shifted, vf_set1(EXP_MAGIC));
    vf r = vf_fma(n, vf_set1(-0.693145752f), x);
    r = vf_fma(n, vf_set1(-1.42860677e-6f), r);
    vf p = vf_set1(1.38144667e-3f);
    p = vf_fma(p, r, vf_set1(8.36878043e-3f));
    p = vf_fma(p, r, vf_set1(4.16683942e-2f));
    p = vf_fma(p, r, vf_set1(1.66665201e-1f));
    p = vf_fma(p, r, vf_set1(4.99999934e-1f));
    p = vf_fma(p, r, vf_set1(1.0f));
    p = vf_fma(p, r, vf_set1(1.0f));
    return vf_mul(p, vf_pow2(shifted));
}

/* The sum of the lanes. */
INLINE float sum_of(vf x)
{
    float lanes[VF_LANES], sum = 0;
    vf_store_unaligned(lanes, x);
    for (int k = 0; k < VF_LANES; k++)
        sum += lanes[k];
    return sum;
}
