/* Means of documents by AVX2 and FMA.
 *
 * Purpose: x86-64 CPUs since 2013. Invariants: whether this CPU has them is known before (dispatch.c).
 */
#include "documents.h"
#include "region.h"

#if defined(__x86_64__)

FW2V_REGION_BEGIN("avx2,fma")

#define FW2V_TARGET fw2v_document_avx2
#define FW2V_TARGET_NAME "avx2"

#include "documents.inc.h"

FW2V_REGION_END
#endif
