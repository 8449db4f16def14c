"""Counted terms to rows: the order of terms, and the second pass of the vectorizers."""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

import numpy as np

from fastw2v._native.scan cimport fw2v_counted_word, fw2v_sort_words
from fastw2v._native.termrows cimport (
    FW2V_L1_NORM,
    FW2V_L2_NORM,
    FW2V_NO_NORM,
    fw2v_add_counts,
    fw2v_count_columns,
    fw2v_read_row,
    fw2v_weigh_row,
    fw2v_weighting,
)
from fastw2v._native.terms cimport Terms, look_up
from fastw2v._native.text cimport WordTable, counted_words

ctypedef fused Value:
    int64_t
    float
    double


def sort_words(WordTable words, const uint8_t[::1] wanted):  # IN, by word: 1 or 0
    """The words that are wanted, in the order of their characters.

    Returns
    -------
    ndarray of int32
        Their numbers.
    """
    cdef int64_t k, n = 0, start, n_words = words.table.n_words
    prefixes = np.empty(np.count_nonzero(wanted), dtype=np.uint64)
    cdef uint64_t[::1] prefix_view = prefixes
    cdef const int64_t[::1] order_view
    cdef int32_t[::1] id_view
    cdef fw2v_counted_word *word = counted_words(words)
    cdef fw2v_counted_word *ordered = <fw2v_counted_word *>malloc(
        (len(prefixes) + 1) * sizeof(fw2v_counted_word)
    )
    try:
        if ordered == NULL:
            raise MemoryError(f"no memory to sort {len(prefixes):,} distinct words")
        for k in range(n_words):
            if wanted[k]:
                word[k].count = 0  # so that words alone decide
                prefix_view[n] = word[k].prefix
                word[n] = word[k]
                n += 1
        # Most words differ in their first 8 bytes already.
        order_view = np.argsort(prefixes).astype(np.int64, copy=False)
        ids = np.empty(n, dtype=np.int32)
        id_view = ids
        with nogil:
            for k in range(n):
                ordered[k] = word[order_view[k]]
            start = 0
            for k in range(1, n + 1):
                look_up(k)
                if k == n or ordered[k].prefix != ordered[start].prefix:
                    if k - start > 1:
                        fw2v_sort_words(ordered + start, k - start)
                    start = k
            for k in range(n):
                id_view[k] = ordered[k].id
        return ids
    finally:
        free(word)
        free(ordered)


def first_surrogate(WordTable words, int64_t first):
    """The number of a word, from `first` on, that holds a surrogate, and the word; -1 if none does."""
    cdef int64_t k, j = words.table.ends[first - 1] if first else 0, start
    cdef const uint8_t *c = words.table.bytes
    for k in range(first, words.table.n_words):
        start = j
        for j in range(start, words.table.ends[k] - 2):
            if c[j] == 0xed and c[j + 1] >= 0xa0:
                return k, c[start : words.table.ends[k]]
        j = words.table.ends[k]
    return -1, b""


def pack_terms(Terms terms, const int32_t[::1] wanted):  # IN: numbers of terms
    """The terms as packed strings, in the order given; words of an n-gram are joined by a space.

    Returns
    -------
    key_bytes : ndarray of uint8
        The terms, one after the other.
    key_ends : ndarray of int64
        Where each ends.
    """
    cdef int64_t k, n = len(wanted), n_bytes = 0
    cdef bint grams = terms.max_n > 1
    ends = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] end_view = ends
    cdef uint64_t *keys = terms.nodes.keys
    cdef uint8_t[::1] byte_view
    cdef uint8_t *out
    cdef fw2v_counted_word *word = counted_words(terms.words)
    try:
        with nogil:
            for k in range(n):
                look_up(k)
                n_bytes += packed_length(word, keys, grams, wanted[k])
                end_view[k] = n_bytes
        packed = np.empty(n_bytes, dtype=np.uint8)
        byte_view = packed
        out = &byte_view[0] if n_bytes else NULL
        with nogil:
            for k in range(n):
                look_up(k)
                write_packed(word, keys, grams, wanted[k], out + end_view[k])
        return packed, ends
    finally:
        free(word)


cdef int64_t packed_length(
    const fw2v_counted_word *word, const uint64_t *keys, bint grams, int32_t term
) noexcept nogil:
    cdef int64_t length = -1
    if not grams:
        return word[term].length
    while term >= 0:
        length += word[<uint32_t>keys[term]].length + 1
        term = <int32_t>(keys[term] >> 32) - 1
    return length


cdef void write_packed(
    const fw2v_counted_word *word, const uint64_t *keys, bint grams, int32_t term, uint8_t *end
) noexcept nogil:
    """Write a term so that it ends at `end`, from its last word to its first."""
    cdef const fw2v_counted_word *one
    while True:
        one = &word[<uint32_t>keys[term] if grams else term]
        end -= one.length
        if one.length:
            memcpy(end, one.word, one.length)
        term = <int32_t>(keys[term] >> 32) - 1 if grams else -1
        if term < 0:
            return
        end -= 1
        end[0] = c" "


def count_columns(
    const uint32_t[::1] entries,
    const int32_t[::1] lengths,
    const int32_t[::1] columns,
    int64_t[::1] found,             # OUT, for each document
):
    """Count the terms of each document that have columns."""
    cdef int64_t k
    cdef const uint32_t *entry = &entries[0] if entries.shape[0] else NULL
    cdef const int32_t *column = &columns[0] if columns.shape[0] else NULL
    with nogil:
        for k in range(lengths.shape[0]):
            found[k] = fw2v_count_columns(column, &entry, lengths[k])


def add_counts(
    const uint32_t[::1] entries,
    const int32_t[::1] lengths,
    bint binary,
    int64_t[::1] totals,            # INOUT, for each term
):
    """Add up how often each term occurs; once a document, if `binary`."""
    cdef int64_t k
    cdef const uint32_t *entry = &entries[0] if entries.shape[0] else NULL
    if not totals.shape[0]:
        return
    with nogil:
        for k in range(lengths.shape[0]):
            fw2v_add_counts(&entry, lengths[k], binary, &totals[0])


def write_rows(
    const uint32_t[::1] entries,
    const int32_t[::1] lengths,
    const int32_t[::1] columns,
    const double[::1] idf,          # None: no weights
    bint binary,
    bint sublinear,
    norm,                           # "l1", "l2" or None
    int32_t[::1] indices,           # OUT, the rows' columns
    Value[::1] data,                # OUT, and their values
):
    """Write the rows of some documents, each sorted by column; the outputs have just room for them."""
    cdef fw2v_weighting weighting
    cdef int64_t k, j, n, start = 0, longest = np.max(lengths, initial=0)
    cdef int64_t n_columns = idf.shape[0] if idf is not None else INT32_MAX
    cdef bint fits = True
    cdef const uint32_t *entry = &entries[0] if entries.shape[0] else NULL
    if not columns.shape[0] or not longest:
        return
    if indices.shape[0] != data.shape[0]:
        raise ValueError(f"{indices.shape[0]} columns for {data.shape[0]} values")
    row = np.empty(2 * longest, dtype=np.uint64)
    weights = np.empty(longest)
    cdef uint64_t[::1] row_view = row
    cdef double[::1] weight_view = weights
    weighting.columns = &columns[0]
    weighting.idf = &idf[0] if idf is not None else NULL
    weighting.binary, weighting.sublinear = binary, sublinear
    weighting.norm = FW2V_L2_NORM if norm == "l2" else FW2V_L1_NORM if norm == "l1" else FW2V_NO_NORM
    with nogil:
        for k in range(lengths.shape[0]):
            n = fw2v_read_row(
                &weighting, &entry, lengths[k], &row_view[0], &row_view[longest]
            )
            # The last column of a row is its largest.
            fits = start + n <= data.shape[0] and (
                not n or <int64_t>(row_view[n - 1] >> 32) < n_columns
            )
            if not fits:
                break
            if Value is int64_t:
                for j in range(n):
                    data[start + j] = 1 if binary else <uint32_t>row_view[j]
            else:
                fw2v_weigh_row(&weighting, &row_view[0], n, &weight_view[0])
                for j in range(n):
                    data[start + j] = <Value>weight_view[j]
            for j in range(n):
                indices[start + j] = <int32_t>(row_view[j] >> 32)
            start += n
    if not fits:
        raise ValueError(f"row {k} does not fit {n_columns} weights and {data.shape[0]} values")
