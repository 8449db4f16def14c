/* NEON: four lanes, thirty-two registers; part of every arm64 CPU, so it needs no target region.
 *
 * Purpose: Linux on arm64, macOS on Apple silicon. Invariants: none beyond kernels.h.
 */
#include "kernels.h"
#include "region.h"

#if defined(__aarch64__)
#include <arm_neon.h>

typedef float32x4_t vf;
#define VF_LANES 4
#define SCORE_ROWS 4
#define PATH_SUMS 16
#define UPDATE_NOISE 12
#define UPDATE_COLUMNS 2
#define MULTIPLY_ROWS 12
#define FW2V_TARGET fw2v_isa_neon
#define FW2V_TARGET_NAME "neon"

INLINE vf vf_zero(void) { return vdupq_n_f32(0.0f); }
INLINE vf vf_set1(float x) { return vdupq_n_f32(x); }
INLINE vf vf_load(const float *p) { return vld1q_f32(p); }
INLINE vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
INLINE vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
INLINE vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
INLINE vf vf_div(vf a, vf b) { return vdivq_f32(a, b); }
INLINE vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
INLINE vf vf_min(vf a, vf b) { return vminq_f32(a, b); }
INLINE vf vf_max(vf a, vf b) { return vmaxq_f32(a, b); }
INLINE vf vf_pow2(vf shifted)
{
    int32x4_t exponent = vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23);
    return vreinterpretq_f32_s32(vaddq_s32(exponent, vreinterpretq_s32_f32(vf_set1(1.0f))));
}
INLINE vf vf_sum_each(const vf *v, const int n)
{
    (void)n;
    return vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3]));
}
INLINE void vf_store(float *p, vf x) { vst1q_f32(p, x); }
INLINE void vf_store_unaligned(float *p, vf x) { vst1q_f32(p, x); }

static int is_supported(void) { return 1; }

#include "group.inc.h"
#endif
