/* Means of documents by the portable instruction set.
 *
 * Purpose: runs on every CPU. Invariants: none beyond documents.h.
 */
#include "documents.h"
#include "region.h"

#define FW2V_TARGET fw2v_document_scalar
#define FW2V_TARGET_NAME "scalar"

#include "documents.inc.h"
