/* Embedding tables by NEON: four lanes, thirty-two registers; part of every arm64 CPU.
 *
 * Purpose: Linux on arm64, macOS on Apple silicon. Invariants: none beyond embed.h.
 */
#include "embed.h"
#include "region.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define VF_LANES 4
#define SUM_VECTORS 16
#define FW2V_TARGET fw2v_embed_neon
#define FW2V_TARGET_NAME "neon"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_sqrt(vf x) { return vsqrtq_f32(x); }
INLINE float64x2_t widen(float32x2_t x) { return vcvt_f64_f32(x); }
INLINE float32x2_t narrow(float64x2_t x) { return vcvt_f32_f64(x); }
INLINE void vf_stream(float *p, vf x) { *(vf *)p = x; }
INLINE void vf_stream_end(void) {}

#include "embed.inc.h"
#include "embed_bags.inc.h"
#endif
