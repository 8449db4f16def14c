/* AVX-512: sixteen lanes, thirty-two registers.
 *
 * Purpose: server CPUs since 2017 and Zen 4. Invariants: is_supported stands outside the target region.
 */
#include "kernels.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>

static int is_supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("fma");
}

FW2V_REGION_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")

typedef __m512 vf;
#define VF_LANES 16
#define SCORE_ROWS 4
#define PATH_SUMS 16
#define UPDATE_NOISE 12
#define UPDATE_COLUMNS 2
#define MULTIPLY_ROWS 12
#define FW2V_TARGET fw2v_isa_avx512
#define FW2V_TARGET_NAME "avx512"

INLINE vf vf_zero(void) { return _mm512_setzero_ps(); }
INLINE vf vf_set1(float x) { return _mm512_set1_ps(x); }
INLINE vf vf_load(const float *p) { return _mm512_load_ps(p); }
INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vf vf_pow2(vf shifted)
{
    __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(exponent, _mm512_castps_si512(vf_set1(1.0f))));
}
/* Partial sums of two vectors, interleaved within each quarter: a02 b02 a13 b13. */
INLINE vf interleave_add(vf a, vf b) { return _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)); }
/* Sums of four vectors within each quarter. */
INLINE vf sum_four(const vf *v)
{
    __m512d ab = _mm512_castps_pd(interleave_add(v[0], v[1]));
    __m512d cd = _mm512_castps_pd(interleave_add(v[2], v[3]));
    return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)),
                         _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)));
}
/* Even and odd quarters of two vectors, added. */
INLINE vf fold_quarters(vf a, vf b)
{
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
}
INLINE vf vf_sum_each(const vf *v, const int n)
{
    vf low = fold_quarters(sum_four(v), n > 4 ? sum_four(v + 4) : vf_zero());
    vf high = n > 8 ? fold_quarters(sum_four(v + 8), n > 12 ? sum_four(v + 12) : vf_zero()) : vf_zero();
    return fold_quarters(low, high);
}
INLINE void vf_store(float *p, vf x) { _mm512_store_ps(p, x); }
INLINE void vf_store_unaligned(float *p, vf x) { _mm512_storeu_ps(p, x); }

#include "group.inc.h"

FW2V_REGION_END
#endif
