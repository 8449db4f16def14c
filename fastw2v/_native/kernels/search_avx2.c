/* Search by AVX2, FMA and F16C: eight lanes, sixteen registers.
 *
 * Purpose: x86-64 CPUs since 2013. Invariants: that this CPU has them is known before (avx2.c).
 */
#include "search.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>

FW2V_REGION_BEGIN("avx2,fma,f16c")

#define VF_LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define FW2V_TARGET fw2v_search_avx2
#define FW2V_TARGET_NAME "avx2"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_from_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)p)); }
INLINE float vf_sum(vf x)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}

#include "search.inc.h"

FW2V_REGION_END
#endif
