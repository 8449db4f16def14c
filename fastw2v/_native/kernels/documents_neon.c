/* Means of documents by NEON, which every arm64 CPU has.
 *
 * Purpose: arm64. Invariants: none beyond documents.h.
 */
#include "documents.h"
#include "region.h"

#if defined(__aarch64__)

#define FW2V_TARGET fw2v_document_neon
#define FW2V_TARGET_NAME "neon"

#include "documents.inc.h"

#endif
