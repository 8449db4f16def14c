/* See scan.h. Tokens are found and hashed a batch at a time, and their places called into the cache, before
 * the first of the batch is looked up: a table larger than the cache costs bandwidth, not waiting.
 *
 * Sources: UTF-8 as in RFC 3629; white space as str.split() defines it (Unicode White_Space and U+001C to
 * U+001F); hashing by a folded 64 x 64 bit product, after Wang Yi's wyhash.
 */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

enum { WORD, SPACE, NEWLINE, HIGH };

static const uint8_t class_of[256] = {
    ['\t'] = SPACE, ['\n'] = NEWLINE, ['\v'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,
    [0x1c] = SPACE, [0x1d] = SPACE, [0x1e] = SPACE, [0x1f] = SPACE,
    [0x80 ... 0xff] = HIGH,
};

typedef struct {
    const uint8_t *start;
    uint64_t head, tail, hash;
    uint32_t length;
} token;

static inline uint64_t load_8(const uint8_t *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

static inline uint64_t low_bytes(uint64_t x, uint32_t n)
{
    return n >= 8 ? x : x & ((1ull << (8 * n)) - 1);
}

static inline uint64_t fold_product(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline void hash_token(token *t, uint64_t seed)
{
    uint32_t length = t->length;
    t->head = low_bytes(load_8(t->start), length);
    t->tail = length > 8 ? low_bytes(load_8(t->start + 8), length - 8) : 0;
    uint64_t hash = fold_product(t->head ^ seed, t->tail ^ length ^ seed * 0xd6e8feb86659fd93u);
    for (uint32_t k = 16; k < length; k += 8)
        hash = fold_product(hash ^ 0xa0761d6478bd642fu,
                            low_bytes(load_8(t->start + k), length - k) ^ seed);
    t->hash = hash;
}

/* Length of the UTF-8 sequence at p, 0 if there is none; *space tells whether it is white space. */
static inline int decode(const uint8_t *p, int *space)
{
    uint8_t a = p[0], b = p[1];
    *space = 0;
    if ((b & 0xc0) != 0x80)
        return 0;
    if (a < 0xe0) {
        *space = a == 0xc2 && (b == 0x85 || b == 0xa0);
        return a >= 0xc2 ? 2 : 0;
    }
    uint8_t c = p[2];
    if ((c & 0xc0) != 0x80)
        return 0;
    if (a < 0xf0) {
        if (a == 0xe2)
            *space = (b == 0x80 && (c <= 0x8a || c == 0xa8 || c == 0xa9 || c == 0xaf))
                || (b == 0x81 && c == 0x9f);
        else if (a == 0xe1)
            *space = b == 0x9a && c == 0x80;
        else if (a == 0xe3)
            *space = b == 0x80 && c == 0x80;
        /* Neither an overlong form nor a surrogate. */
        return (a == 0xe0 && b < 0xa0) || (a == 0xed && b >= 0xa0) ? 0 : 3;
    }
    if ((p[3] & 0xc0) != 0x80 || a > 0xf4 || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b >= 0x90))
        return 0;
    return 4;
}

/* Find up to FW2V_SCAN_BATCH tokens from p on; *end is where the next batch starts, NULL where the text is
 * not UTF-8 (then *invalid). Newlines are entered in line_ends. */
static int find_tokens(const fw2v_scan *scan, token *tokens, int64_t *n_lines, const uint8_t **end,
                       const uint8_t **invalid)
{
    const uint8_t *p = scan->text + scan->position, *stop = scan->text + scan->n_text, *start = NULL;
    int n = 0, space, length;
    while (n < FW2V_SCAN_BATCH && p < stop) {
        switch (class_of[*p]) {
        case WORD:
            start = start ? start : p;
            do
                p++;
            while (class_of[*p] == WORD);
            if (class_of[*p] == HIGH)
                continue;
            break;
        case HIGH:
            length = decode(p, &space);
            if (!length) {
                *invalid = p;
                return -1;
            }
            if (!space) {
                start = start ? start : p;
                p += length;
                if (class_of[*p] == HIGH || class_of[*p] == WORD)
                    continue;
            }
            break;
        default:
            space = 0;
        }
        /* Here p stands on white space, and a token may end before it. */
        if (start) {
            tokens[n].start = start;
            tokens[n].length = (uint32_t)(p - start);
            n++;
            start = NULL;
            if (n == FW2V_SCAN_BATCH)
                break;
        }
        if (p >= stop)
            break;
        if (*p == '\n')
            scan->line_ends[(*n_lines)++] = scan->n_tokens + n;
        p += class_of[*p] == HIGH ? decode(p, &space) : 1;
    }
    *end = p;
    return n;
}

static inline fw2v_place *find_place(const fw2v_word_table *table, const token *t)
{
    uint64_t mask = table->n_places - 1;
    for (uint64_t k = t->hash & mask;; k = (k + 1) & mask) {
        fw2v_place *place = table->places + k;
        if (!place->id_plus_1)
            return place;
        if (place->head != t->head || place->tail != t->tail || place->length != t->length)
            continue;
        if (t->length <= 16)
            return place;
        const uint8_t *word = table->bytes + table->ends[place->id_plus_1 - 1] - t->length;
        if (!memcmp(word + 16, t->start + 16, t->length - 16))
            return place;
    }
}

static inline int32_t enter(fw2v_word_table *table, const token *t, uint64_t count)
{
    fw2v_place *place = find_place(table, t);
    if (!place->id_plus_1) {
        memcpy(table->bytes + table->n_bytes, t->start, t->length);
        table->n_bytes += t->length;
        table->ends[table->n_words++] = table->n_bytes;
        *place = (fw2v_place){t->head, t->tail, 0, t->length, (uint32_t)table->n_words};
    }
    place->count += count;
    return (int32_t)(place->id_plus_1 - 1);
}

int32_t fw2v_enter_word(fw2v_word_table *table, const uint8_t *word, uint32_t length, uint64_t count)
{
    token t = {.start = word, .length = length};
    hash_token(&t, table->seed);
    return enter(table, &t, count);
}

/* All places are called into the cache before the first is looked at. */
static inline void call_places(const fw2v_word_table *table, token *tokens, int n)
{
    for (int k = 0; k < n; k++) {
        hash_token(tokens + k, table->seed);
        __builtin_prefetch(table->places + (tokens[k].hash & (table->n_places - 1)), 1);
    }
}

static inline void enter_batch(fw2v_word_table *table, token *tokens, int n, int32_t *ids)
{
    call_places(table, tokens, n);
    for (int k = 0; k < n; k++)
        ids[k] = enter(table, tokens + k, 1);
}

static inline void find_batch(const fw2v_word_table *table, token *tokens, int n, int32_t *ids)
{
    call_places(table, tokens, n);
    for (int k = 0; k < n; k++)
        ids[k] = (int32_t)find_place(table, tokens + k)->id_plus_1 - 1;
}

/* The next batch of words that stand one after the other; returns where the one behind it starts. */
static inline int64_t take_batch(token *tokens, int n, const uint8_t *bytes, const int64_t *ends, int64_t start)
{
    for (int k = 0; k < n; k++) {
        tokens[k].start = bytes + start;
        tokens[k].length = (uint32_t)(ends[k] - start);
        start = ends[k];
    }
    return start;
}

void fw2v_enter_words(fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids)
{
    token tokens[FW2V_SCAN_BATCH];
    int64_t start = 0;
    for (int64_t first = 0; first < n; first += FW2V_SCAN_BATCH) {
        int n_batch = n - first < FW2V_SCAN_BATCH ? (int)(n - first) : FW2V_SCAN_BATCH;
        start = take_batch(tokens, n_batch, bytes, ends + first, start);
        enter_batch(table, tokens, n_batch, ids + first);
    }
}

void fw2v_enter_spans(fw2v_word_table *table, const uint8_t *bytes, const fw2v_span *spans, int64_t n, int32_t *ids)
{
    token tokens[FW2V_SCAN_BATCH];
    for (int64_t first = 0; first < n; first += FW2V_SCAN_BATCH) {
        int n_batch = n - first < FW2V_SCAN_BATCH ? (int)(n - first) : FW2V_SCAN_BATCH;
        for (int k = 0; k < n_batch; k++) {
            tokens[k].start = bytes + spans[first + k].start;
            tokens[k].length = (uint32_t)(spans[first + k].end - spans[first + k].start);
        }
        enter_batch(table, tokens, n_batch, ids + first);
    }
}

void fw2v_find_words(const fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids)
{
    token tokens[FW2V_SCAN_BATCH];
    int64_t start = 0;
    for (int64_t first = 0; first < n; first += FW2V_SCAN_BATCH) {
        int n_batch = n - first < FW2V_SCAN_BATCH ? (int)(n - first) : FW2V_SCAN_BATCH;
        start = take_batch(tokens, n_batch, bytes, ends + first, start);
        find_batch(table, tokens, n_batch, ids + first);
    }
}

fw2v_scan_status fw2v_scan_text(fw2v_word_table *table, fw2v_scan *scan, int64_t *bytes_wanted)
{
    token tokens[FW2V_SCAN_BATCH];
    while (scan->position < scan->n_text) {
        const uint8_t *end, *invalid;
        int64_t n_lines = scan->n_lines;
        int n = find_tokens(scan, tokens, &n_lines, &end, &invalid);
        if (n < 0) {
            scan->invalid = invalid - scan->text;
            return FW2V_SCAN_INVALID;
        }
        int64_t n_bytes = end - (scan->text + scan->position);
        if (table->n_words + FW2V_SCAN_BATCH > table->max_words || table->n_bytes + n_bytes > table->max_bytes) {
            *bytes_wanted = n_bytes;
            return FW2V_SCAN_GROW;
        }
        enter_batch(table, tokens, n, scan->tokens + scan->n_tokens);
        scan->n_tokens += n;
        scan->n_lines = n_lines;
        scan->position = end - scan->text;
    }
    return FW2V_SCAN_DONE;
}

fw2v_scan_status fw2v_find_text(const fw2v_word_table *table, fw2v_scan *scan)
{
    token tokens[FW2V_SCAN_BATCH];
    while (scan->position < scan->n_text) {
        const uint8_t *end, *invalid;
        int n = find_tokens(scan, tokens, &scan->n_lines, &end, &invalid);
        if (n < 0) {
            scan->invalid = invalid - scan->text;
            return FW2V_SCAN_INVALID;
        }
        find_batch(table, tokens, n, scan->tokens + scan->n_tokens);
        scan->n_tokens += n;
        scan->position = end - scan->text;
    }
    return FW2V_SCAN_DONE;
}

/* Writing now, rather than taking zeroed memory, spares a second page fault where a look-up comes first. */
void fw2v_free_places(fw2v_place *places, uint64_t n_places)
{
    memset(places, 0, n_places * sizeof *places);
}

void fw2v_rehash(fw2v_word_table *table, const fw2v_place *from, uint64_t n_from)
{
    for (uint64_t k = 0; k < n_from; k++) {
        if (!from[k].id_plus_1)
            continue;
        token t = {.length = from[k].length};
        t.start = table->bytes + table->ends[from[k].id_plus_1 - 1] - t.length;
        hash_token(&t, table->seed);
        *find_place(table, &t) = from[k];
    }
}

void fw2v_count_words(const fw2v_word_table *table, fw2v_counted_word *counted)
{
    for (uint64_t k = 0; k < table->n_places; k++) {
        const fw2v_place *place = table->places + k;
        if (!place->id_plus_1)
            continue;
        int32_t id = (int32_t)(place->id_plus_1 - 1);
        counted[id] = (fw2v_counted_word){__builtin_bswap64(place->head), place->count,
                                          table->bytes + table->ends[id] - place->length, place->length, id};
    }
}

static int compare_words(const void *left, const void *right)
{
    const fw2v_counted_word *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    int order = memcmp(a->word, b->word, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

void fw2v_sort_words(fw2v_counted_word *counted, int64_t n)
{
    qsort(counted, (size_t)n, sizeof *counted, compare_words);
}
