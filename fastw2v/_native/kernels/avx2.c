/* AVX2 and FMA: eight lanes, sixteen registers.
 *
 * Purpose: x86-64 CPUs since 2013. Invariants: is_supported stands outside the target region.
 */
#include "kernels.h"
#include "region.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* F16C is for search_avx2.c; not every compiler's __builtin_cpu_supports knows its name. */
static int is_supported(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __get_cpuid(1, &a, &b, &c, &d)
        && (c & bit_F16C);
}

FW2V_REGION_BEGIN("avx2,fma")

typedef __m256 vf;
#define VF_LANES 8
#define SCORE_ROWS 2
#define PATH_SUMS 8
#define UPDATE_NOISE 5
#define UPDATE_COLUMNS 1
#define MULTIPLY_ROWS 6
#define FW2V_TARGET fw2v_isa_avx2
#define FW2V_TARGET_NAME "avx2"

INLINE vf vf_zero(void) { return _mm256_setzero_ps(); }
INLINE vf vf_set1(float x) { return _mm256_set1_ps(x); }
INLINE vf vf_load(const float *p) { return _mm256_load_ps(p); }
INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
INLINE vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
INLINE vf vf_pow2(vf shifted)
{
    __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_castps_si256(vf_set1(1.0f))));
}
/* Partial sums of two vectors, interleaved within each half: a02 b02 a13 b13. */
INLINE vf interleave_add(vf a, vf b) { return _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)); }
/* Sums of four vectors within each half. */
INLINE vf sum_four(const vf *v)
{
    __m256d ab = _mm256_castps_pd(interleave_add(v[0], v[1]));
    __m256d cd = _mm256_castps_pd(interleave_add(v[2], v[3]));
    return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd)),
                         _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd)));
}
INLINE vf vf_sum_each(const vf *v, const int n)
{
    vf first = sum_four(v), second = n > 4 ? sum_four(v + 4) : vf_zero();
    return _mm256_add_ps(_mm256_permute2f128_ps(first, second, 0x20),
                         _mm256_permute2f128_ps(first, second, 0x31));
}
INLINE void vf_store(float *p, vf x) { _mm256_store_ps(p, x); }
INLINE void vf_store_unaligned(float *p, vf x) { _mm256_storeu_ps(p, x); }

#include "group.inc.h"

FW2V_REGION_END
#endif
