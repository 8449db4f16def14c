/* The table of instruction sets of this build, best first.
 *
 * Purpose: the one place that knows which instruction sets an architecture has. Choosing among them, and
 * forcing one, is Python's business (cpu.py).
 */
#include "kernels.h"

const fw2v_isa *const fw2v_isas[] = {
#if defined(__x86_64__)
    &fw2v_isa_avx512,
    &fw2v_isa_avx2,
#elif defined(__aarch64__)
    &fw2v_isa_neon,
#endif
    &fw2v_isa_scalar,
};

const int fw2v_isa_count = sizeof fw2v_isas / sizeof fw2v_isas[0];
