/* See decimal.h.
 *
 * Reading: the first 19 digits, times a power of ten of 128 bits, are exact enough for the nearest float. Only where
 * the digits behind them decide is the number compared, in long integers, with the middle between two floats.
 * Writing: the interval that is read back as the float is scaled by a power of ten so that it holds few integers; the
 * answer is among two of them.
 */
#include "decimal.h"

#include <stddef.h>

typedef unsigned __int128 uint128;

typedef struct {
    int mantissa_bits;                 /* those stored */
    int infinite;                      /* the exponent, as stored, of infinity */
    int smallest_power, largest_power; /* beyond these, 19 digits times 10^q are 0 or infinity */
    int tie_min, tie_max;              /* of 10^q where 64 bits can stand for the middle between two floats */
} float_type;

static const float_type types[] = {
    [FW2V_FLOAT32] = {23, 0xff, -64, 38, -17, 10},
    [FW2V_FLOAT64] = {52, 0x7ff, -342, 308, -4, 23},
};

enum {
    DIGITS_MAX = 19,    /* that fit in 64 bits */
    LONG_DIGITS = 800,  /* more than the middle between two floats ever has: of what follows, only "not 0" matters */
    LIMBS = 80          /* 5120 bits: LONG_DIGITS digits, scaled as far as float64 goes */
};

static inline int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline uint64_t infinity_of(const float_type *type)
{
    return (uint64_t)type->infinite << type->mantissa_bits;
}

/* ------------------------------------------------------------------------------------------ reading */

/* The float nearest to w * 10^q. */
static inline uint64_t nearest(const float_type *type, const fw2v_power *powers, uint64_t w, int64_t q)
{
    int bits = type->mantissa_bits;
    if (w == 0 || q < type->smallest_power)
        return 0;
    if (q > type->largest_power)
        return infinity_of(type);
    fw2v_power power = powers[q - FW2V_POWER_MIN];
    if (q < 0 && q >= -27 && ++power.low == 0) /* the proof wants these rounded up */
        power.high++;
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    uint128 product = (uint128)w * power.high;
    uint64_t top = (uint64_t)(product >> 64), bottom = (uint64_t)product;
    uint64_t undecided = ~(uint64_t)0 >> (bits + 3);
    if ((top & undecided) == undecided) {
        uint64_t more = (uint64_t)((uint128)w * power.low >> 64);
        bottom += more;
        top += bottom < more;
    }
    int upper = (int)(top >> 63);
    int shift = upper + 64 - bits - 3;
    uint64_t mantissa = top >> shift;
    int exponent = (int)((217706 * q) >> 16) + 63 + upper - zeros + (type->infinite >> 1);
    if (exponent <= 0) {
        if (exponent <= -63)
            return 0;
        mantissa >>= 1 - exponent;
        mantissa += mantissa & 1;
        return mantissa >> 1; /* rounded up to the smallest normal float, its bits are that float's */
    }
    if (bottom <= 1 && q >= type->tie_min && q <= type->tie_max && (mantissa & 3) == 1 && mantissa << shift == top)
        mantissa &= ~(uint64_t)1;
    mantissa += mantissa & 1;
    mantissa >>= 1;
    if (mantissa >> (bits + 1)) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= type->infinite)
        return infinity_of(type);
    return (mantissa & (((uint64_t)1 << bits) - 1)) | (uint64_t)exponent << bits;
}

typedef struct {
    int n;
    uint64_t limbs[LIMBS];
} long_integer;

static void multiply_add(long_integer *a, uint64_t factor, uint64_t addend)
{
    uint128 carry = addend;
    for (int k = 0; k < a->n; k++) {
        carry += (uint128)a->limbs[k] * factor;
        a->limbs[k] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry)
        a->limbs[a->n++] = (uint64_t)carry;
}

/* Multiply by factor^n. */
static void multiply_power(long_integer *a, uint64_t factor, int64_t n)
{
    while (n-- > 0)
        multiply_add(a, factor, 0);
}

static int compare(const long_integer *a, const long_integer *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int k = a->n - 1; k >= 0; k--)
        if (a->limbs[k] != b->limbs[k])
            return a->limbs[k] < b->limbs[k] ? -1 : 1;
    return 0;
}

/* Of the float `below` and the next one, the nearer to the digits of [p, end), a point among them, times 10^q. */
static uint64_t nearer(const float_type *type, const uint8_t *p, const uint8_t *end, int64_t q, uint64_t below)
{
    long_integer number = {0}, middle = {0};
    int n_digits = 0, rest = 0;
    for (; p < end; p++) {
        if (*p == '.')
            continue;
        if (n_digits < LONG_DIGITS) {
            multiply_add(&number, 10, *p - '0');
            n_digits += number.n > 0;
        } else {
            rest |= *p != '0';
            q++;
        }
    }
    multiply_add(&number, 10, rest);
    q--;
    int exponent = (int)(below >> type->mantissa_bits);
    uint64_t mantissa = below & (((uint64_t)1 << type->mantissa_bits) - 1);
    if (exponent > 0)
        mantissa |= (uint64_t)1 << type->mantissa_bits;
    multiply_add(&middle, 0, 2 * mantissa + 1);
    int twos = (exponent > 0 ? exponent : 1) - (type->infinite >> 1) - type->mantissa_bits - 1;
    multiply_power(q < 0 ? &middle : &number, 10, q < 0 ? -q : q);
    multiply_power(twos < 0 ? &number : &middle, 2, twos < 0 ? -twos : twos);
    int order = compare(&number, &middle);
    return below + (order > 0 || (order == 0 && (below & 1)));
}

/* The float nearest to the digits of [p, end), a point among them, times 10^q: any number of digits. */
static uint64_t nearest_of_long(const float_type *type, const fw2v_power *powers, const uint8_t *p,
                                const uint8_t *end, int64_t q)
{
    while (p < end && (*p == '0' || *p == '.'))
        p++;
    uint64_t w = 0;
    int n_digits = 0, rest = 0;
    int64_t n_more = 0;
    for (const uint8_t *at = p; at < end; at++) {
        if (*at == '.')
            continue;
        if (n_digits < DIGITS_MAX) {
            w = 10 * w + (*at - '0');
            n_digits++;
        } else {
            rest |= *at != '0';
            n_more++;
        }
    }
    uint64_t below = nearest(type, powers, w, q + n_more);
    if (!rest || nearest(type, powers, w + 1, q + n_more) == below)
        return below;
    return nearer(type, p, end, q, below);
}

/* Where a name of lower-case letters, written in any case, ends if it stands at p. */
static const uint8_t *after_name(const uint8_t *p, const uint8_t *end, const char *name)
{
    for (; *name; name++, p++)
        if (p == end || (*p | 0x20) != *name)
            return NULL;
    return p;
}

static const uint8_t *read_name(const float_type *type, const uint8_t *p, const uint8_t *end, uint64_t *bits)
{
    const uint8_t *stop = after_name(p, end, "infinity");
    if (!stop)
        stop = after_name(p, end, "inf");
    *bits |= infinity_of(type);
    if (!stop) {
        stop = after_name(p, end, "nan");
        *bits |= (uint64_t)1 << (type->mantissa_bits - 1);
    }
    return stop;
}

const uint8_t *fw2v_read_number(const uint8_t *p, const uint8_t *end, fw2v_float_kind kind, const fw2v_power *powers,
                                uint64_t *bits)
{
    const float_type *type = &types[kind];
    *bits = 0;
    if (p < end && (*p == '-' || *p == '+'))
        *bits = (uint64_t)(*p++ == '-') << (kind == FW2V_FLOAT32 ? 31 : 63);
    const uint8_t *first = p;
    uint64_t w = 0;
    int64_t q = 0;
    for (; p < end && is_digit(*p); p++)
        w = 10 * w + (*p - '0');
    int64_t n_digits = p - first;
    if (p < end && *p == '.') {
        const uint8_t *fraction = ++p;
        for (; p < end && is_digit(*p); p++)
            w = 10 * w + (*p - '0');
        q = fraction - p;
        n_digits -= q;
    }
    if (n_digits == 0)
        return read_name(type, first, end, bits);
    const uint8_t *last = p;
    if (p < end && (*p | 0x20) == 'e') {
        const uint8_t *sign = p + 1;
        const uint8_t *digits = sign + (sign < end && (*sign == '-' || *sign == '+'));
        int64_t exponent = 0;
        const uint8_t *stop = digits;
        for (; stop < end && is_digit(*stop); stop++)
            if (exponent < (int64_t)1 << 50)
                exponent = 10 * exponent + (*stop - '0');
        if (stop > digits) {
            q += *sign == '-' ? -exponent : exponent;
            p = stop;
        }
    }
    if (n_digits <= DIGITS_MAX)
        *bits |= nearest(type, powers, w, q);
    else
        *bits |= nearest_of_long(type, powers, first, last, q);
    return p;
}

/* ------------------------------------------------------------------------------------------ writing */

/* The integer part of c * g / 2^128; its last bit is set if anything was cut off. */
static inline uint64_t round_to_odd(fw2v_power g, uint64_t c)
{
    uint128 low = (uint128)g.low * c;
    uint128 high = (uint128)g.high * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest digits d, and *k, for which d * 10^k is read back as the float of these bits. */
static inline uint64_t shortest(const float_type *type, const fw2v_power *powers, uint64_t bits, int *k)
{
    uint64_t c = bits & (((uint64_t)1 << type->mantissa_bits) - 1);
    int exponent = (int)(bits >> type->mantissa_bits) & type->infinite;
    int closer = c == 0 && exponent > 1; /* the next float below is half as far as the next above */
    if (exponent > 0)
        c |= (uint64_t)1 << type->mantissa_bits;
    int q = (exponent > 0 ? exponent : 1) - (type->infinite >> 1) - type->mantissa_bits;
    *k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;         /* floor(log10(2^q)), of 3/4 of it if closer */
    int h = q + ((-*k * 1741647) >> 19) + 1;                  /* q + floor(log2(10^-k)) + 1 */
    fw2v_power g = powers[-*k - FW2V_POWER_MIN];
    if ((-*k < 0 || -*k > 55) && ++g.low == 0)                /* rounded up; 10^0 to 10^55 are exact */
        g.high++;
    uint64_t odd = c & 1;
    uint64_t lower = round_to_odd(g, (4 * c - 2 + closer) << h) + odd;
    uint64_t middle = round_to_odd(g, (4 * c) << h);
    uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
    uint64_t s = middle / 4;
    if (s >= 10) { /* is one of the two multiples of ten next to it inside? */
        uint64_t t = s / 10;
        int below = lower <= 40 * t, above = 40 * t + 40 <= upper;
        if (below != above) {
            ++*k;
            return t + above;
        }
    }
    int below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below != above)
        return s + above;
    return s + (middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1)));
}

static inline uint8_t *fill(uint8_t *out, uint8_t c, int n)
{
    while (n-- > 0)
        *out++ = c;
    return out;
}

static inline uint8_t *copy_digits(uint8_t *out, const uint8_t *digits, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = digits[i];
    return out + n;
}

uint8_t *fw2v_write_number(uint8_t *out, fw2v_float_kind kind, const fw2v_power *powers, uint64_t bits)
{
    const float_type *type = &types[kind];
    uint64_t sign = (uint64_t)1 << (kind == FW2V_FLOAT32 ? 31 : 63);
    if (bits & sign)
        *out++ = '-';
    bits &= sign - 1;
    if (bits == 0) {
        *out++ = '0';
        return out;
    }
    int k;
    uint64_t d = shortest(type, powers, bits, &k);
    for (; d % 10 == 0; d /= 10)
        k++;
    uint8_t buffer[20], *digits = buffer + sizeof buffer;
    for (; d; d /= 10)
        *--digits = (uint8_t)('0' + d % 10);
    int n = (int)(buffer + sizeof buffer - digits);
    int point = n + k; /* how many digits stand before the decimal point */
    if (point > 16 || point < -3) {
        *out++ = digits[0];
        if (n > 1) {
            *out++ = '.';
            out = copy_digits(out, digits + 1, n - 1);
        }
        int exponent = point - 1;
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        exponent = exponent < 0 ? -exponent : exponent;
        if (exponent >= 100)
            *out++ = (uint8_t)('0' + exponent / 100);
        *out++ = (uint8_t)('0' + exponent / 10 % 10);
        *out++ = (uint8_t)('0' + exponent % 10);
        return out;
    }
    if (point <= 0) {
        *out++ = '0';
        *out++ = '.';
        return copy_digits(fill(out, '0', -point), digits, n);
    }
    if (k >= 0)
        return fill(copy_digits(out, digits, n), '0', k);
    out = copy_digits(out, digits, point);
    *out++ = '.';
    return copy_digits(out, digits + point, n - point);
}
