/* Text to tokens: splits UTF-8 text as Python's str.split() does and looks every token up in a word table.
 *
 * Purpose: the scan of a corpus, at many million words a second a thread.
 *
 * Invariants: nothing here allocates; the owner of the table (text.pyx) grows it when asked to. Readable
 * memory goes on for FW2V_TEXT_PADDING bytes behind the text, the first of which is a newline, and behind
 * the bytes of the words.
 */
#ifndef FW2V_SCAN_H
#define FW2V_SCAN_H

#include <stdint.h>

enum { FW2V_TEXT_PADDING = 16, FW2V_SCAN_BATCH = 128 };

/* A place in the open-addressing table. Words of up to 16 bytes are known by what stands here alone. */
typedef struct {
    uint64_t head, tail; /* the first 16 bytes, zeros behind a shorter word */
    uint64_t count;
    uint32_t length;     /* in bytes */
    uint32_t id_plus_1;  /* 0: the place is free */
} fw2v_place;

typedef struct {
    fw2v_place *places;
    uint64_t n_places;   /* a power of two, more than n_words + FW2V_SCAN_BATCH */
    uint8_t *bytes;      /* the words, one after the other, in the order of their ids */
    int64_t *ends;       /* where each word ends in `bytes` */
    int64_t n_words, max_words, n_bytes, max_bytes;
    uint64_t seed;       /* of hashes; a secret, or a text could be made whose words all have one */
} fw2v_word_table;

typedef struct {
    const uint8_t *text;
    int64_t n_text;
    int64_t position;    /* all before this byte is done; white space, or the start of a token */
    int64_t invalid;     /* the first byte that is not UTF-8, once one is met */
    int32_t *tokens;     /* room for n_text / 2 + 1 */
    int64_t n_tokens;
    int64_t *line_ends;  /* tokens before each newline; room for n_text */
    int64_t n_lines;
} fw2v_scan;

typedef enum {
    FW2V_SCAN_DONE,
    FW2V_SCAN_GROW,      /* the table lacks room for one more batch: grow it, call again */
    FW2V_SCAN_INVALID    /* the text is not UTF-8 at `invalid` */
} fw2v_scan_status;

fw2v_scan_status fw2v_scan_text(fw2v_word_table *table, fw2v_scan *scan, int64_t *bytes_wanted);

/* The ids of n words that stand one after the other, the first at `bytes`, each up to its end; entered, and
 * counted. There must be room for all of them. */
void fw2v_enter_words(fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids);

/* As fw2v_enter_words, of words with anything between them. */
typedef struct {
    int64_t start, end;
} fw2v_span;

void fw2v_enter_spans(fw2v_word_table *table, const uint8_t *bytes, const fw2v_span *spans, int64_t n, int32_t *ids);

/* As fw2v_scan_text, of a table that stays as it is: any number of threads may read it. Words that are not in it
 * have the id -1. */
fw2v_scan_status fw2v_find_text(const fw2v_word_table *table, fw2v_scan *scan);

/* As fw2v_enter_words, of a table that stays as it is. */
void fw2v_find_words(const fw2v_word_table *table, const uint8_t *bytes, const int64_t *ends, int64_t n, int32_t *ids);

/* Make all places free. */
void fw2v_free_places(fw2v_place *places, uint64_t n_places);

/* The id of a word, entered with count 0 if it is new; there must be room for it. */
int32_t fw2v_enter_word(fw2v_word_table *table, const uint8_t *word, uint32_t length, uint64_t count);

/* Enter the places of `from`, whose words are those of `table`, into the larger, empty array of `table`. */
void fw2v_rehash(fw2v_word_table *table, const fw2v_place *from, uint64_t n_from);

/* A word with its count, to be sorted by count descending, then by its bytes. */
typedef struct {
    uint64_t prefix;     /* the first 8 bytes, so that they compare as a number */
    uint64_t count;
    const uint8_t *word;
    uint32_t length;
    int32_t id;
} fw2v_counted_word;

void fw2v_count_words(const fw2v_word_table *table, fw2v_counted_word *counted);
void fw2v_sort_words(fw2v_counted_word *counted, int64_t n);

#endif
