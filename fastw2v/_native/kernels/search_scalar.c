/* Search by the portable instruction set: four-lane vectors of the compiler's own making.
 *
 * Purpose: runs on every CPU. Invariants: none beyond search.h.
 */
#include "search.h"
#include "region.h"

#define VF_LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2
#define FW2V_TARGET fw2v_search_scalar
#define FW2V_TARGET_NAME "scalar"

typedef float vf __attribute__((vector_size(VF_LANES * 4)));

INLINE vf vf_from_half(const uint16_t *p)
{
    return (vf){fw2v_from_half(p[0]), fw2v_from_half(p[1]), fw2v_from_half(p[2]), fw2v_from_half(p[3])};
}
INLINE float vf_sum(vf x) { return (x[0] + x[2]) + (x[1] + x[3]); }

#include "search.inc.h"
