/* Embedding tables by AVX2 and FMA: eight lanes, sixteen registers.
 *
 * Purpose: x86-64 CPUs since 2013. Invariants: whether this CPU has them is known before (dispatch.c).
 */
#include "embed.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>

FW2V_REGION_BEGIN("avx2,fma")

#define VF_LANES 8
#define SUM_VECTORS 8
#define FW2V_TARGET fw2v_embed_avx2
#define FW2V_TARGET_NAME "avx2"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_sqrt(vf x) { return _mm256_sqrt_ps(x); }
INLINE __m256d widen(__m128 x) { return _mm256_cvtps_pd(x); }
INLINE __m128 narrow(__m256d x) { return _mm256_cvtpd_ps(x); }
INLINE void vf_stream(float *p, vf x) { _mm256_stream_ps(p, x); }
INLINE void vf_stream_end(void) { _mm_sfence(); }

#include "embed.inc.h"
#include "embed_bags.inc.h"

FW2V_REGION_END
#endif
