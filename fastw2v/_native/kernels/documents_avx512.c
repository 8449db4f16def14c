/* Means of documents by AVX-512.
 *
 * Purpose: x86-64 CPUs that have it. Invariants: whether this CPU has it is known before (dispatch.c).
 */
#include "documents.h"
#include "region.h"

#if defined(__x86_64__)

FW2V_REGION_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")

#define FW2V_TARGET fw2v_document_avx512
#define FW2V_TARGET_NAME "avx512"

#include "documents.inc.h"

FW2V_REGION_END
#endif
