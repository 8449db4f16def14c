/* Documents to terms: cuts strings, as Python keeps them, into tokens, numbers n-grams, counts by document.
 *
 * Purpose: the first pass of the vectorizers, each thread over documents of its own.
 *
 * Invariants: nothing here allocates; the owner of each buffer (terms.pyx) makes room before it calls. What a
 * character is (part of a token or not, and its lower case) is told by a table that the running Python fills,
 * so that both always agree. A document that str.lower() alone can treat stops the cut.
 */
#ifndef FW2V_TERMS_H
#define FW2V_TERMS_H

#include "scan.h"

#include <stdint.h>

enum { FW2V_RANGES = 4, FW2V_STRIDE = 64 };

/* An entry of the table of characters: how far the lower case is, modulo 2^21, and these. */
enum {
    FW2V_IN_TOKEN = 1 << 24,
    FW2V_SPECIAL = 1 << 25,   /* lower case depends on the neighbours, or is several characters */
    FW2V_SURROGATE = 1 << 26
};

typedef struct {
    const uint16_t *pages;    /* where the entries of each 256 characters are, in units of 256 */
    const uint32_t *entries;
    int64_t min_length;       /* of a token, in characters */
    /* Of ASCII: the ranges of characters that are in tokens, as their first and how many follow; and what lower
     * case adds to A to Z. */
    uint8_t firsts[FW2V_RANGES], widths[FW2V_RANGES], upper_step;
} fw2v_characters;

typedef struct {
    const void *data;         /* characters of `kind` bytes each */
    int64_t length;           /* in characters */
    int32_t kind;             /* 1, 2 or 4; 0: all are ASCII, one byte each, as `firsts` and so on tell of */
} fw2v_document;

/* Tokens that wait to be looked up, in UTF-8. */
typedef struct {
    uint8_t *bytes;           /* room for 4 bytes a character, and FW2V_STRIDE */
    fw2v_span *spans;         /* where each is; room for half the characters, and one */
    int64_t n_bytes, n_tokens;
} fw2v_tokens;

/* Append the tokens of a document. Returns -1, or the position of a character that is special or a surrogate;
 * nothing is appended then. */
int64_t fw2v_cut_document(const fw2v_characters *characters, const fw2v_document *document, fw2v_tokens *tokens);

/* N-grams: a node is a word behind another node, or behind none. */
typedef struct {
    uint64_t key;             /* (node before + 1) << 32 | word */
    uint32_t id_plus_1, unused;
} fw2v_node_place;

typedef struct {
    fw2v_node_place *places;
    uint64_t n_places;        /* a power of two, at least twice max_nodes */
    uint64_t *keys;           /* of each node */
    int64_t n_nodes, max_nodes;
} fw2v_node_table;

/* The nodes of n keys, new where needed; there must be room for all. `nodes` may be NULL. */
void fw2v_enter_nodes(fw2v_node_table *table, const uint64_t *keys, int64_t n, int32_t *nodes);

/* The node of a key, -1 if there is none. */
int32_t fw2v_find_node(const fw2v_node_table *table, uint64_t key);

void fw2v_rehash_nodes(fw2v_node_table *table);

/* What is known of each term while documents are counted. */
typedef struct {
    uint32_t document;        /* the last that held it */
    uint32_t slot;            /* where its count in that document stands */
    uint32_t n_documents;
} fw2v_term_state;

typedef struct {
    fw2v_term_state *states;  /* of all terms */
    uint32_t document;        /* the present one, from 1 on */
    uint32_t *terms, *counts; /* the terms of the present document; room for all its tokens or n-grams */
    int64_t n_terms;
} fw2v_tally;

/* Count terms in the present document; those below 0 are passed over. */
void fw2v_tally_terms(fw2v_tally *tally, const int32_t *terms, int64_t n);

/* Call into the cache what is known of terms that are counted soon. */
void fw2v_call_terms(const fw2v_tally *tally, const int32_t *terms, int64_t n);

/* End the present document: write its terms to `entries`, each as term << 1, or as term << 1 | 1 and then its
 * count where that is above 1. Returns how many numbers were written. */
int64_t fw2v_end_document(fw2v_tally *tally, uint32_t *entries);

#endif
