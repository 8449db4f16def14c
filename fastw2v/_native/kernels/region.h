/* Target regions: everything between FW2V_REGION_BEGIN("...") and FW2V_REGION_END is compiled for that
 * instruction set, whatever flags the file is compiled with. The CPU check must stay outside. */
#ifndef FW2V_REGION_H
#define FW2V_REGION_H

/* For what is written for a constant argument, and for the words of the vf_ vocabulary. */
#define INLINE static inline __attribute__((always_inline))

#define FW2V_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define FW2V_REGION_BEGIN(features) \
    FW2V_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define FW2V_REGION_END _Pragma("clang attribute pop")
#else
#define FW2V_REGION_BEGIN(features) _Pragma("GCC push_options") FW2V_PRAGMA(GCC target(features))
#define FW2V_REGION_END _Pragma("GCC pop_options")
#endif

#endif
