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
            tokens->ends[n_tokens++] = out - tokens->bytes;
            start = out;
        }
        out = start;
        n = 0;
    }
    if (n >= characters->min_length) {
        tokens->ends[n_tokens++] = out - tokens->bytes;
        start = out;
    }
    tokens->n_bytes = start - tokens->bytes;
    tokens->n_tokens = n_tokens;
    return -1;
}

int64_t fw2v_cut_document(const fw2v_characters *characters, const fw2v_document *document, fw2v_tokens *tokens)
{
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
