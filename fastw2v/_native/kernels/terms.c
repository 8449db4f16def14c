/* See terms.h. The cut is one text, compiled for each width of characters; nodes are called into the cache
 * a batch at a time, before the first of the batch is looked up.
 *
 * Sources: UTF-8 as in RFC 3629; hashing by a folded 64 x 64 bit product, after Wang Yi's wyhash.
 */
#include "terms.h"

#include <string.h>

enum { BATCH = 64, LOWER_MASK = 0x1fffff };

static inline uint32_t entry_of(const fw2v_characters *characters, uint32_t c)
{
    return characters->entries[((uint32_t)characters->pages[c >> 8] << 8) + (c & 0xff)];
}

static inline uint8_t *write_utf8(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (uint8_t)c;
    } else if (c < 0x800) {
        *out++ = (uint8_t)(0xc0 | c >> 6);
        *out++ = (uint8_t)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (uint8_t)(0xe0 | c >> 12);
        *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (c & 0x3f));
    } else {
        *out++ = (uint8_t)(0xf0 | c >> 18);
        *out++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (c & 0x3f));
    }
    return out;
}

static inline uint32_t character(const void *data, int kind, int64_t k)
{
    return kind == 1 ? ((const uint8_t *)data)[k]
        : kind == 2 ? ((const uint16_t *)data)[k] : ((const uint32_t *)data)[k];
}

static inline __attribute__((always_inline)) int64_t cut(
    const fw2v_characters *characters, const void *data, int kind, int64_t length, fw2v_tokens *tokens)
{
    uint8_t *out = tokens->bytes + tokens->n_bytes, *start = out;
    int64_t n_tokens = tokens->n_tokens, n = 0;
    const uint32_t seldom = FW2V_SPECIAL | FW2V_SURROGATE;
    /* All characters of the narrowest kind are in one page. */
    const uint32_t *first_page = characters->entries + ((uint32_t)characters->pages[0] << 8);
    for (int64_t k = 0; k < length; k++) {
        uint32_t c = character(data, kind, k);
        uint32_t entry = kind == 1 ? first_page[c] : entry_of(characters, c);
        if (entry & seldom)
            return k;
        if (entry & FW2V_IN_TOKEN) {
            out = write_utf8(out, (c + entry) & LOWER_MASK);
            n++;
            continue;
        }
        if (n >= characters->min_length) {
            tokens->spans[n_tokens++] = (fw2v_span){start - tokens->bytes, out - tokens->bytes};
            start = out;
        }
        out = start;
        n = 0;
    }
    if (n >= characters->min_length) {
        tokens->spans[n_tokens++] = (fw2v_span){start - tokens->bytes, out - tokens->bytes};
        start = out;
    }
    tokens->n_bytes = start - tokens->bytes;
    tokens->n_tokens = n_tokens;
    return -1;
}

/* Which of FW2V_STRIDE characters are in tokens, the first as the lowest bit; they are written in lower case. */
static inline uint64_t lower_stride(const fw2v_characters *characters, const uint8_t *text, uint8_t *out)
{
    uint8_t inside[FW2V_STRIDE], firsts[FW2V_RANGES], widths[FW2V_RANGES], step = characters->upper_step;
    memcpy(firsts, characters->firsts, sizeof firsts);
    memcpy(widths, characters->widths, sizeof widths);
    for (int k = 0; k < FW2V_STRIDE; k++) {
        uint8_t c = text[k];
        inside[k] = ((uint8_t)(c - firsts[0]) <= widths[0]) | ((uint8_t)(c - firsts[1]) <= widths[1])
            | ((uint8_t)(c - firsts[2]) <= widths[2]) | ((uint8_t)(c - firsts[3]) <= widths[3]);
        out[k] = (uint8_t)(c + ((uint8_t)(c - 'A') <= 'Z' - 'A' ? step : 0));
    }
    uint64_t mask = 0;
    for (int k = 0; k < FW2V_STRIDE; k += 8) {
        uint64_t eight;
        memcpy(&eight, inside + k, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        mask |= (eight * 0x0102040810204080u >> 56) << k; /* the lowest bit of each byte */
    }
    return mask;
}

/* As cut(): each token starts, and ends, where a character is in a token and the one before is not, or the other
 * way round. No branch depends on the length of a token. */
static void cut_ascii(const fw2v_characters *characters, const uint8_t *text, int64_t length, fw2v_tokens *tokens)
{
    int64_t base = tokens->n_bytes, n_edges = 0;
    fw2v_span *spans = tokens->spans + tokens->n_tokens;
    int64_t *edges = &spans->start;
    uint64_t before = 0;
    for (int64_t k = 0; k < length; k += FW2V_STRIDE) {
        uint8_t rest[FW2V_STRIDE];
        const uint8_t *stride = text + k;
        if (length - k < FW2V_STRIDE) {
            memset(rest, ' ', sizeof rest);
            memcpy(rest, stride, (size_t)(length - k));
            stride = rest;
        }
        uint64_t inside = lower_stride(characters, stride, tokens->bytes + base + k);
        uint64_t found = inside ^ (inside << 1 | before);
        before = inside >> 63;
        for (; found; found &= found - 1)
            edges[n_edges++] = base + k + __builtin_ctzll(found);
    }
    if (n_edges & 1)
        edges[n_edges++] = base + length;
    int64_t n_kept = 0, min_length = characters->min_length;
    for (int64_t k = 0; k < n_edges / 2; k++) {
        int64_t start = spans[k].start, end = spans[k].end;
        spans[n_kept].start = start;
        spans[n_kept].end = end;
        n_kept += end - start >= min_length;
    }
    tokens->n_tokens += n_kept;
    tokens->n_bytes += length;
}

int64_t fw2v_cut_document(const fw2v_characters *characters, const fw2v_document *document, fw2v_tokens *tokens)
{
    if (document->kind == 0) {
        cut_ascii(characters, document->data, document->length, tokens);
        return -1;
    }
    if (document->kind == 1)
        return cut(characters, document->data, 1, document->length, tokens);
    if (document->kind == 2)
        return cut(characters, document->data, 2, document->length, tokens);
    return cut(characters, document->data, 4, document->length, tokens);
}

static inline uint64_t hash_key(uint64_t key)
{
    unsigned __int128 product = (unsigned __int128)(key ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline fw2v_node_place *find_place(const fw2v_node_table *table, uint64_t key)
{
    uint64_t mask = table->n_places - 1;
    for (uint64_t k = hash_key(key) & mask;; k = (k + 1) & mask) {
        fw2v_node_place *place = table->places + k;
        if (!place->id_plus_1 || place->key == key)
            return place;
    }
}

void fw2v_enter_nodes(fw2v_node_table *table, const uint64_t *keys, int64_t n, int32_t *nodes)
{
    for (int64_t first = 0; first < n; first += BATCH) {
        int64_t end = n - first < BATCH ? n : first + BATCH;
        for (int64_t k = first; k < end; k++)
            __builtin_prefetch(table->places + (hash_key(keys[k]) & (table->n_places - 1)), 1);
        for (int64_t k = first; k < end; k++) {
            fw2v_node_place *place = find_place(table, keys[k]);
            if (!place->id_plus_1) {
                place->key = table->keys[table->n_nodes++] = keys[k];
                place->id_plus_1 = (uint32_t)table->n_nodes;
            }
            if (nodes)
                nodes[k] = (int32_t)(place->id_plus_1 - 1);
        }
    }
}

int32_t fw2v_find_node(const fw2v_node_table *table, uint64_t key)
{
    return (int32_t)find_place(table, key)->id_plus_1 - 1;
}

void fw2v_rehash_nodes(fw2v_node_table *table)
{
    memset(table->places, 0, table->n_places * sizeof *table->places);
    for (int64_t node = 0; node < table->n_nodes; node++) {
        fw2v_node_place *place = find_place(table, table->keys[node]);
        place->key = table->keys[node];
        place->id_plus_1 = (uint32_t)node + 1;
    }
}

void fw2v_tally_terms(fw2v_tally *tally, const int32_t *terms, int64_t n)
{
    uint32_t document = tally->document;
    int64_t n_terms = tally->n_terms;
    for (int64_t k = 0; k < n; k++) {
        if (terms[k] < 0)
            continue;
        fw2v_term_state *state = tally->states + terms[k];
        if (state->document == document) {
            tally->counts[state->slot]++;
        } else {
            state->document = document;
            state->slot = (uint32_t)n_terms;
            state->n_documents++;
            tally->terms[n_terms] = (uint32_t)terms[k];
            tally->counts[n_terms++] = 1;
        }
    }
    tally->n_terms = n_terms;
}

void fw2v_call_terms(const fw2v_tally *tally, const int32_t *terms, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        __builtin_prefetch(tally->states + terms[k], 1);
}

int64_t fw2v_end_document(fw2v_tally *tally, uint32_t *entries)
{
    uint32_t *out = entries;
    for (int64_t k = 0; k < tally->n_terms; k++) {
        uint32_t repeated = tally->counts[k] > 1;
        out[0] = tally->terms[k] << 1 | repeated;
        out[1] = tally->counts[k]; /* overwritten, unless it is told */
        out += 1 + repeated;
    }
    tally->n_terms = 0;
    tally->document++;
    return out - entries;
}
