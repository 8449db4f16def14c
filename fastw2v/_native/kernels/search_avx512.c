/* Search by AVX-512: sixteen lanes, thirty-two registers.
 *
 * Purpose: server CPUs since 2017 and Zen 4. Invariants: that this CPU has them is known before (avx512.c).
 */
#include "search.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>

FW2V_REGION_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")

#define VF_LANES 16
#define TILE_ROWS 14
#define TILE_VECTORS 2
#define FW2V_TARGET fw2v_search_avx512
#define FW2V_TARGET_NAME "avx512"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_from_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)p)); }
INLINE float vf_sum(vf x) { return _mm512_reduce_add_ps(x); }

#include "search.inc.h"

FW2V_REGION_END
#endif
