/* See rowfiles.h. Hashing by a folded 64 x 64 bit product, after Wang Yi's wyhash. */
#include "rowfiles.h"

#include <stddef.h>
#include <string.h>

static inline int is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Read the numbers of row `row` from [p, end), a separator before each but the first of a row without a word; returns
 * whether they are all there and nothing else is. */
static inline int read_values(fw2v_rows *rows, int64_t row, const uint8_t *p, const uint8_t *end)
{
    int64_t dims = rows->dims, at = row * dims;
    uint64_t bits, exponent = rows->kind == FW2V_FLOAT32 ? 0x7f800000u : 0x7ff0000000000000u;
    int finite = 1;
    for (int64_t d = 0; d < dims; d++) {
        if (d > 0 || rows->words) {
            if (p == end || *p != rows->separator)
                return 0;
            p++;
        }
        p = fw2v_read_number(p, end, rows->kind, rows->powers, &bits);
        if (!p)
            return 0;
        finite &= (bits & exponent) != exponent;
        if (rows->kind == FW2V_FLOAT32)
            ((uint32_t *)rows->values)[at + d] = (uint32_t)bits;
        else
            ((uint64_t *)rows->values)[at + d] = bits;
    }
    if (p != end)
        return 0;
    if (!finite && rows->not_finite < 0)
        rows->not_finite = row;
    return 1;
}

/* The n-th separator from the right in [line, end), or NULL. */
static const uint8_t *from_right(const uint8_t *line, const uint8_t *end, uint8_t separator, int64_t n)
{
    while (end > line)
        if (*--end == separator && --n == 0)
            return end;
    return NULL;
}

static int read_line(fw2v_rows *rows, int64_t row, const uint8_t *text, const uint8_t *line, const uint8_t *end)
{
    while (end > line && is_space(end[-1]))
        end--;
    if (!rows->words)
        return read_values(rows, row, line, end);
    const uint8_t *stop = memchr(line, rows->separator, end - line);
    if (!stop || !read_values(rows, row, stop, end)) {
        stop = from_right(line, end, rows->separator, rows->dims);
        if (!stop || !read_values(rows, row, stop, end))
            return 0;
    }
    rows->words[2 * row] = line - text;
    rows->words[2 * row + 1] = stop - text;
    return 1;
}

int64_t fw2v_read_text_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text)
{
    int64_t position = 0, room = rows->n_rows;
    rows->not_finite = -1;
    for (rows->n_rows = 0; rows->n_rows < room && position < n_text; rows->n_rows++) {
        const uint8_t *line = text + position, *newline = memchr(line, '\n', n_text - position);
        if (!read_line(rows, rows->n_rows, text, line, newline ? newline : text + n_text))
            break;
        position = newline ? newline + 1 - text : n_text;
    }
    return position;
}

int64_t fw2v_read_binary_rows(fw2v_rows *rows, const uint8_t *text, int64_t n_text)
{
    int64_t position = 0, room = rows->n_rows, n_bytes = 4 * rows->dims;
    uint32_t *values = rows->values;
    rows->not_finite = -1;
    for (rows->n_rows = 0; rows->n_rows < room; rows->n_rows++, values += rows->dims) {
        int64_t start = position;
        while (start < n_text && text[start] == '\n')
            start++;
        const uint8_t *space = memchr(text + start, ' ', n_text - start);
        if (!space || text + n_text - space - 1 < n_bytes)
            break;
        memcpy(values, space + 1, n_bytes);
        uint32_t not_finite = 0;
        for (int64_t d = 0; d < rows->dims; d++)
            not_finite |= (values[d] & 0x7f800000u) == 0x7f800000u;
        if (not_finite && rows->not_finite < 0)
            rows->not_finite = rows->n_rows;
        rows->words[2 * rows->n_rows] = start;
        rows->words[2 * rows->n_rows + 1] = space - text;
        position = space + 1 - text + n_bytes;
    }
    return position;
}

/* Write the word of a row, if rows have words; returns where it ends. */
static uint8_t *write_word(const fw2v_rows *rows, int64_t row, const uint8_t *bytes, uint8_t *out)
{
    if (!rows->words)
        return out;
    int64_t start = row ? rows->words[row - 1] : 0, length = rows->words[row] - start;
    memcpy(out, bytes + start, length);
    return out + length;
}

int64_t fw2v_write_text_rows(const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out)
{
    uint8_t *start = out;
    int64_t at = 0;
    for (int64_t row = 0; row < rows->n_rows; row++) {
        out = write_word(rows, row, bytes, out);
        for (int64_t d = 0; d < rows->dims; d++, at++) {
            if (d > 0 || rows->words)
                *out++ = rows->separator;
            uint64_t bits = rows->kind == FW2V_FLOAT32 ? ((const uint32_t *)rows->values)[at]
                                                       : ((const uint64_t *)rows->values)[at];
            out = fw2v_write_number(out, rows->kind, rows->powers, bits);
        }
        *out++ = '\n';
    }
    return out - start;
}

int64_t fw2v_write_binary_rows(const fw2v_rows *rows, const uint8_t *bytes, uint8_t *out)
{
    uint8_t *start = out;
    int64_t n_bytes = 4 * rows->dims;
    const uint8_t *values = rows->values;
    for (int64_t row = 0; row < rows->n_rows; row++) {
        out = write_word(rows, row, bytes, out);
        *out++ = ' ';
        memcpy(out, values + row * n_bytes, n_bytes);
        out += n_bytes;
    }
    return out - start;
}

/* Without the seed, a file could be made whose keys all have one hash. */
static inline uint64_t hash_of(const uint8_t *key, int64_t length, uint64_t seed)
{
    uint64_t hash = (uint64_t)length ^ seed;
    while (length > 0) {
        uint64_t part = 0;
        memcpy(&part, key, length < 8 ? length : 8);
        unsigned __int128 product = (unsigned __int128)(hash ^ part) * 0xa0761d6478bd642fu;
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
        key += 8;
        length -= 8;
    }
    return hash;
}

int64_t fw2v_first_repeated(const uint8_t *bytes, const int64_t *ends, int64_t n, uint64_t *places, int64_t n_places,
                            uint64_t seed)
{
    enum { BATCH = 64 };
    const uint64_t mask = (uint64_t)n_places - 1, low = 0xffffffffu;
    uint64_t hashes[BATCH];
    for (int64_t first = 0; first < n; first += BATCH) {
        int64_t stop = first + BATCH < n ? first + BATCH : n;
        for (int64_t row = first; row < stop; row++) { /* the places are called into the cache meanwhile */
            int64_t start = row ? ends[row - 1] : 0;
            hashes[row - first] = hash_of(bytes + start, ends[row] - start, seed);
            __builtin_prefetch(&places[hashes[row - first] & mask], 1);
        }
        for (int64_t row = first; row < stop; row++) {
            int64_t start = row ? ends[row - 1] : 0, length = ends[row] - start;
            uint64_t hash = hashes[row - first], place = hash & mask;
            for (; places[place]; place = (place + 1) & mask) {
                if ((places[place] ^ hash) & ~low)
                    continue;
                int64_t other = (int64_t)(places[place] & low) - 1, from = other ? ends[other - 1] : 0;
                if (ends[other] - from == length && memcmp(bytes + from, bytes + start, length) == 0)
                    return row;
            }
            places[place] = (hash & ~low) | (uint64_t)(row + 1);
        }
    }
    return -1;
}
