/* Embedding tables by the portable instruction set: four-lane vectors of the compiler's own making.
 *
 * Purpose: runs on every CPU. Invariants: none beyond embed.h.
 */
#include "embed.h"
#include "region.h"

#include <math.h>

#define VF_LANES 4
#define SUM_VECTORS 8
#define FW2V_TARGET fw2v_embed_scalar
#define FW2V_TARGET_NAME "scalar"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_sqrt(vf x) { return (vf){sqrtf(x[0]), sqrtf(x[1]), sqrtf(x[2]), sqrtf(x[3])}; }
typedef float vh_of_two __attribute__((vector_size(8)));
typedef double vd_of_two __attribute__((vector_size(16)));

INLINE vd_of_two widen(vh_of_two x) { return (vd_of_two){x[0], x[1]}; }
INLINE vh_of_two narrow(vd_of_two x) { return (vh_of_two){(float)x[0], (float)x[1]}; }
INLINE void vf_stream(float *p, vf x) { *(vf *)p = x; }
INLINE void vf_stream_end(void) {}

#include "embed.inc.h"
#include "embed_bags.inc.h"
