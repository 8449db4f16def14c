/* See documents.h: which instruction sets there are on this machine's kind, the best first. */
#include "documents.h"

const fw2v_document_isa *const fw2v_document_isas[] = {
#if defined(__x86_64__)
    &fw2v_document_avx512,
    &fw2v_document_avx2,
#elif defined(__aarch64__)
    &fw2v_document_neon,
#endif
    &fw2v_document_scalar,
};

const int fw2v_document_isa_count = sizeof fw2v_document_isas / sizeof fw2v_document_isas[0];
