/* The portable instruction set: four-lane vectors of the compiler's own making.
 *
 * Purpose: runs on every CPU; on x86-64 the compiler makes baseline SSE2 of it, elsewhere what it can.
 * Invariants: no intrinsics, no assumption about the CPU.
 */
#include "kernels.h"
#include "region.h"

typedef float vf __attribute__((vector_size(16)));
typedef float vf_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(16)));

#define VF_LANES 4
#define SCORE_ROWS 2
#define PATH_SUMS 8
#define UPDATE_NOISE 5
#define UPDATE_COLUMNS 1
#define MULTIPLY_ROWS 4
#define FW2V_TARGET fw2v_isa_scalar
#define FW2V_TARGET_NAME "scalar"

INLINE vf vf_set1(float x) { return (vf){x, x, x, x}; }
INLINE vf vf_zero(void) { return vf_set1(0.0f); }
INLINE vf vf_load(const float *p) { return *(const vf *)p; }
INLINE vf vf_add(vf a, vf b) { return a + b; }
INLINE vf vf_sub(vf a, vf b) { return a - b; }
INLINE vf vf_mul(vf a, vf b) { return a * b; }
INLINE vf vf_div(vf a, vf b) { return a / b; }
INLINE vf vf_fma(vf a, vf b, vf c) { return a * b + c; }
INLINE vf vf_select(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }
INLINE vf vf_min(vf a, vf b) { return vf_select(a < b, a, b); }
INLINE vf vf_max(vf a, vf b) { return vf_select(a > b, a, b); }
INLINE vf vf_pow2(vf shifted) { return (vf)(((vi)shifted << 23) + (vi)vf_set1(1.0f)); }
INLINE vf vf_sum_each(const vf *v, const int n)
{
    (void)n;
    return (vf){v[0][0] + v[0][1] + v[0][2] + v[0][3], v[1][0] + v[1][1] + v[1][2] + v[1][3],
                v[2][0] + v[2][1] + v[2][2] + v[2][3], v[3][0] + v[3][1] + v[3][2] + v[3][3]};
}
INLINE void vf_store(float *p, vf x) { *(vf *)p = x; }
INLINE void vf_store_unaligned(float *p, vf x) { *(vf_unaligned *)p = x; }

static int is_supported(void) { return 1; }

#include "group.inc.h"
