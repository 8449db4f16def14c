/* Search by NEON: four lanes, thirty-two registers; part of every arm64 CPU, so it needs no target region.
 *
 * Purpose: Linux on arm64, macOS on Apple silicon. Invariants: none beyond search.h.
 */
#include "search.h"
#include "region.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define VF_LANES 4
#define TILE_ROWS 12
#define TILE_VECTORS 2
#define FW2V_TARGET fw2v_search_neon
#define FW2V_TARGET_NAME "neon"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_from_half(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
INLINE float vf_sum(vf x) { return vaddvq_f32(x); }

#include "search.inc.h"
#endif
