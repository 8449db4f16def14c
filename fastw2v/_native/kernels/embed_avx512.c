/* Embedding tables by AVX-512: sixteen lanes, thirty-two registers.
 *
 * Purpose: server CPUs since 2017 and Zen 4. Invariants: whether this CPU has them is known before (dispatch.c).
 */
#include "embed.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>

FW2V_REGION_BEGIN("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")

#define VF_LANES 16
#define SUM_VECTORS 16
#define FW2V_TARGET fw2v_embed_avx512
#define FW2V_TARGET_NAME "avx512"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_sqrt(vf x) { return _mm512_sqrt_ps(x); }
INLINE __m512d widen(__m256 x) { return _mm512_cvtps_pd(x); }
INLINE __m256 narrow(__m512d x) { return _mm512_cvtpd_ps(x); }
INLINE void vf_stream(float *p, vf x) { _mm512_stream_ps(p, x); }
INLINE void vf_stream_end(void) { _mm_sfence(); }

#include "embed.inc.h"
#include "embed_bags.inc.h"

FW2V_REGION_END
#endif
