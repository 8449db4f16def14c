/* Decimal numbers: text to the nearest float, and a float to its shortest text; the same in every locale.
 *
 * Purpose: vector files in text hold millions of numbers; these read and write tens of millions a second.
 *
 * Invariants: nothing allocates. A number that is read becomes the float nearest to it, of two equally near ones
 * the even one. A float that is written becomes the shortest decimal number that is read back as that float, and of
 * those the nearest to it. The powers of ten come from the caller, who has exact integers to make them (rowfiles.pyx).
 *
 * Sources: D. Lemire, Number parsing at a gigabyte per second, 2021 (arXiv 2101.11408); N. Mushtak and D. Lemire, Fast
 * number parsing without fallback, 2023 (arXiv 2212.06644); R. Giulietti, The Schubfach way to render doubles, 2020.
 */
#ifndef FW2V_DECIMAL_H
#define FW2V_DECIMAL_H

#include <stdint.h>

enum {
    FW2V_POWER_MIN = -342,
    FW2V_POWER_MAX = 324,
    FW2V_NUMBER_MAX = 24 /* characters that fw2v_write_number writes at most */
};

typedef enum { FW2V_FLOAT32, FW2V_FLOAT64 } fw2v_float_kind;

/* The first 128 bits of 10^e, of which the highest is set; what follows them is cut off. */
typedef struct {
    uint64_t high, low;
} fw2v_power;

/* Read the number at p: an optional sign; digits with an optional point and exponent, or inf, infinity or nan. Returns
 * where it ends, or NULL if there is none. The powers are those from FW2V_POWER_MIN to FW2V_POWER_MAX; *bits becomes
 * the float's bits. */
const uint8_t *fw2v_read_number(const uint8_t *p, const uint8_t *end, fw2v_float_kind kind, const fw2v_power *powers,
                                uint64_t *bits);

/* Write a finite float; returns where its text ends. */
uint8_t *fw2v_write_number(uint8_t *out, fw2v_float_kind kind, const fw2v_power *powers, uint64_t bits);

#endif
