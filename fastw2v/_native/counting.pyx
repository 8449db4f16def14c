"""Documents to counted terms: the first pass of the vectorizers, a counter for each thread."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

import numpy as np

from fastw2v._native.scan cimport FW2V_TEXT_PADDING, fw2v_enter_spans, fw2v_span
from fastw2v._native.terms cimport (
    FW2V_STRIDE,
    Characters,
    Documents,
    Terms,
    describe,
    fw2v_call_terms,
    fw2v_cut_document,
    fw2v_document,
    fw2v_end_document,
    fw2v_enter_nodes,
    fw2v_tally,
    fw2v_tally_terms,
    fw2v_term_state,
    fw2v_tokens,
    heed_signals,
)
from fastw2v._native.text cimport WordTable

# Tokens that wait to be looked up together.
cdef enum:
    WAITING = 4096
    PIECE = 1 << 16                  # so many, of a long document, between looks at `is_stopped`
    SPELL = 1 << 20                  # and so many between looks for Ctrl-C


@cython.final
cdef class TermCounter:
    """Counts the terms of documents, for one thread.

    Parameters
    ----------
    min_n, max_n : int
        Lengths of the n-grams to count, in words.
    words : WordTable
        Where words get their numbers. Counters that are given numbers may share one.
    n_left_out : int
        So many words, the first in `words`, are left out.
    """

    cdef readonly Terms terms
    cdef int min_n, max_n
    cdef int64_t n_left_out
    cdef fw2v_tokens tokens
    cdef int64_t max_bytes, max_tokens
    cdef int32_t *ids                # of the tokens that wait
    # Of one document: its words, the n-gram that starts at each, and the keys of those.
    cdef int32_t *words
    cdef int32_t *nodes
    cdef uint64_t *keys
    cdef int64_t max_words
    cdef fw2v_tally tally
    cdef int64_t max_states
    # Of the documents counted so far: what they hold, and how many terms each has.
    cdef uint32_t *entries
    cdef int64_t n_entries, max_entries
    cdef bint is_stopped
    cdef int64_t n_since             # the last look for Ctrl-C

    def __cinit__(self, int min_n, int max_n, WordTable words, int64_t n_left_out):
        self.terms = Terms(max_n, words)
        self.min_n, self.max_n = min_n, max_n
        self.n_left_out = n_left_out
        self.tally.document = 1

    def __dealloc__(self):
        free(self.tokens.bytes)
        free(self.tokens.spans)
        free(self.ids)
        free(self.words)
        free(self.nodes)
        free(self.keys)
        free(self.tally.states)
        free(self.tally.terms)
        free(self.tally.counts)
        free(self.entries)

    def stop(self):
        """Make what runs in another thread raise soon, and all that is counted later."""
        self.is_stopped = True

    cdef int look_up(self, int64_t n) except -1 nogil:
        """Raise, now that n tokens or terms more are done, if told to stop, or at Ctrl-C."""
        self.n_since += n
        if self.is_stopped:
            end_counting()
        if self.n_since >= SPELL:
            self.n_since = 0
            heed_signals()
        return 0

    def count(self, Documents documents, Characters characters, lowered, surrogate):
        """Cut documents into tokens, and count them.

        Parameters
        ----------
        documents : Documents
            Strings.
        characters : Characters
            How they are cut.
        lowered : callable or None
            Returns the characters for documents of which str.lower() must make lower case.
        surrogate : callable
            Called with the number and text of a document that holds a lone surrogate; raises.

        Returns
        -------
        entries : ndarray of uint32
            The terms of all documents, as `read_rows` takes them.
        lengths : ndarray of int32
            How many each document has.
        """
        cdef Py_ssize_t k, n = len(documents.texts)
        lengths = np.empty(n, dtype=np.int32)
        cdef int32_t[::1] length_view = lengths
        cdef int64_t first = 0, at
        cdef fw2v_document *items = documents.items
        cdef int64_t *ends = <int64_t *>malloc((n + 1) * sizeof(int64_t))
        cdef int problem = 0
        if ends == NULL:
            raise MemoryError
        self.n_entries = self.tokens.n_bytes = self.tokens.n_tokens = 0
        try:
            with nogil:
                for k in range(n):
                    if not self.make_room(items[k].length):
                        problem = 1
                        break
                    at = fw2v_cut_document(&characters.table, &items[k], &self.tokens)
                    if at >= 0:
                        with gil:
                            self.cut_lowered(documents.texts[k], k, lowered, surrogate)
                    ends[k] = self.tokens.n_tokens
                    if self.tokens.n_tokens >= WAITING or k == n - 1:
                        if not self.flush(ends, first, k + 1, &length_view[0]):
                            problem = 1
                            break
                        first = k + 1
        finally:
            free(ends)
        if problem:
            raise MemoryError(f"no memory for more than {len(self.terms):,} distinct terms")
        return self.take(), lengths

    cdef int cut_lowered(self, text, Py_ssize_t number, lowered, surrogate) except -1:
        """Cut a document whose lower case takes more than a table."""
        cdef fw2v_document item
        cdef Characters characters
        if lowered is None:
            surrogate(number, text)
        characters = lowered()
        lower = text.lower()
        describe(lower, &item)
        if not self.make_room(item.length):
            raise MemoryError
        if fw2v_cut_document(&characters.table, &item, &self.tokens) >= 0:
            surrogate(number, text)
        return 0

    def count_ids(self, const int32_t[::1] ids, const int64_t[::1] ends):
        """Count documents whose words are numbers in `terms.words` already; `ends` tells where each ends.

        Returns what `count` returns.
        """
        cdef Py_ssize_t n = len(ends), first = 0, start = 0
        lengths = np.empty(n, dtype=np.int32)
        cdef int32_t[::1] length_view = lengths
        cdef const int32_t *first_id = &ids[0] if ids.shape[0] else NULL
        cdef bint good = True
        self.n_entries = 0
        with nogil:
            while good and first < n:
                good = self.count_words(first_id + start, ends[first] - start, &length_view[first])
                start = ends[first]
                first += 1
        if not good:
            raise MemoryError(f"no memory for more than {len(self.terms):,} distinct terms")
        return self.take(), lengths

    cdef bint make_room(self, int64_t length) noexcept nogil:
        """Have room for the tokens of one more document of that many characters."""
        cdef int64_t n_bytes = self.tokens.n_bytes + 4 * length
        cdef int64_t n_tokens = self.tokens.n_tokens + length // 2 + 1
        cdef void *memory
        if n_bytes > self.max_bytes:
            memory = realloc(self.tokens.bytes, 2 * n_bytes + FW2V_STRIDE + FW2V_TEXT_PADDING)
            if memory == NULL:
                return False
            self.tokens.bytes, self.max_bytes = <uint8_t *>memory, 2 * n_bytes
        if n_tokens > self.max_tokens:
            memory = realloc(self.tokens.spans, 2 * n_tokens * sizeof(fw2v_span))
            if memory == NULL:
                return False
            self.tokens.spans = <fw2v_span *>memory
            memory = realloc(self.ids, 2 * n_tokens * sizeof(int32_t))
            if memory == NULL:
                return False
            self.ids, self.max_tokens = <int32_t *>memory, 2 * n_tokens
        return True

    cdef bint flush(
        self, const int64_t *ends, int64_t first, int64_t last, int32_t *lengths
    ) except -1 nogil:
        """Look up the tokens that wait, and count documents `first` to `last`, which they are of."""
        cdef int64_t k = 0, n, start = 0
        cdef fw2v_tokens *tokens = &self.tokens
        cdef fw2v_span *spans
        while k < tokens.n_tokens:
            n = min(PIECE, tokens.n_tokens - k)
            spans = tokens.spans + k
            if not self.terms.words.grow(n, spans[n - 1].end - spans[0].start):
                return False
            fw2v_enter_spans(&self.terms.words.table, tokens.bytes, spans, n, self.ids + k)
            self.look_up(n)
            k += n
        if not self.make_states(self.terms.words.table.n_words):
            return False
        for k in range(first, last):
            if self.max_n == 1 and k + 1 < last:
                fw2v_call_terms(&self.tally, self.ids + ends[k], ends[k + 1] - ends[k])
            if not self.count_words(self.ids + start, ends[k] - start, &lengths[k]):
                return False
            start = ends[k]
        tokens.n_tokens, tokens.n_bytes = 0, 0
        return True

    cdef bint count_words(self, const int32_t *words, int64_t n, int32_t *length) except -1 nogil:
        """Count the terms of one document."""
        cdef int64_t k, size, piece
        if not self.make_room_for_words(n):
            return False
        if self.n_left_out:
            words, n = self.words, self.leave_out(words, n)
        if self.max_n == 1:
            if not self.make_states(self.terms.words.table.n_words):
                return False
            self.tally_terms(words, n)
        else:
            for size in range(1, min(self.max_n, n) + 1):
                for k in range(n - size + 1):
                    self.keys[k] = <uint64_t><uint32_t>words[k + size - 1]
                    if size > 1:
                        self.keys[k] |= <uint64_t>(self.nodes[k] + 1) << 32
                k = 0
                while k < n - size + 1:
                    piece = min(PIECE, n - size + 1 - k)
                    fw2v_enter_nodes(
                        &self.terms.nodes, self.keys + k, piece, self.nodes + k
                    )
                    self.look_up(piece)
                    k += piece
                if size >= self.min_n:
                    if not self.make_states(self.terms.nodes.n_nodes):
                        return False
                    self.tally_terms(self.nodes, n - size + 1)
        length[0] = <int32_t>self.tally.n_terms
        self.n_entries += fw2v_end_document(&self.tally, self.entries + self.n_entries)
        return True

    cdef int tally_terms(self, const int32_t *terms, int64_t n) except -1 nogil:
        cdef int64_t k = 0, piece
        while k < n:
            piece = min(PIECE, n - k)
            fw2v_tally_terms(&self.tally, terms + k, piece)
            self.look_up(piece)
            k += piece
        return 0

    cdef int64_t leave_out(self, const int32_t *words, int64_t n) noexcept nogil:
        cdef int64_t k, kept = 0
        for k in range(n):
            self.words[kept] = words[k]
            kept += words[k] >= self.n_left_out
        return kept

    cdef bint make_room_for_words(self, int64_t n) noexcept nogil:
        """Have room for all that a document of n words may need."""
        cdef int64_t wanted, n_grams
        cdef void *memory
        if n > self.max_words:
            wanted = 2 * n
            memory = realloc(self.words, (wanted + 1) * sizeof(int32_t))
            if memory == NULL:
                return False
            self.words = <int32_t *>memory
            memory = realloc(self.nodes, wanted * sizeof(int32_t))
            if memory == NULL:
                return False
            self.nodes = <int32_t *>memory
            memory = realloc(self.keys, wanted * sizeof(uint64_t))
            if memory == NULL:
                return False
            self.keys = <uint64_t *>memory
            n_grams = count_grams(wanted, self.min_n, self.max_n)
            memory = realloc(self.tally.terms, (n_grams + 1) * sizeof(uint32_t))
            if memory == NULL:
                return False
            self.tally.terms = <uint32_t *>memory
            memory = realloc(self.tally.counts, (n_grams + 1) * sizeof(uint32_t))
            if memory == NULL:
                return False
            self.tally.counts = <uint32_t *>memory
            self.max_words = wanted
        # The number behind the last may be written, too.
        wanted = self.n_entries + 2 * count_grams(n, self.min_n, self.max_n) + 1
        if wanted > self.max_entries:
            memory = realloc(self.entries, 2 * wanted * sizeof(uint32_t))
            if memory == NULL:
                return False
            self.entries, self.max_entries = <uint32_t *>memory, 2 * wanted
        return self.max_n == 1 or self.terms.grow_nodes(count_grams(n, 1, self.max_n))

    cdef bint make_states(self, int64_t n_terms) noexcept nogil:
        """Have a state for each term."""
        cdef int64_t wanted = 2 * n_terms
        if n_terms <= self.max_states:
            return True
        states = <fw2v_term_state *>realloc(self.tally.states, wanted * sizeof(fw2v_term_state))
        if states == NULL:
            return False
        memset(states + self.max_states, 0, (wanted - self.max_states) * sizeof(fw2v_term_state))
        self.tally.states, self.max_states = states, wanted
        return True

    cdef take(self):
        """The entries of the documents that were counted last."""
        entries = np.empty(self.n_entries, dtype=np.uint32)
        cdef uint32_t[::1] view = entries
        if self.n_entries:
            memcpy(&view[0], self.entries, self.n_entries * sizeof(uint32_t))
        return entries

    def document_frequencies(self):
        """In how many documents each term occurs; 0 for words that are left out."""
        frequencies = np.zeros(len(self.terms), dtype=np.int64)
        cdef int64_t[::1] view = frequencies
        cdef int64_t k
        for k in range(min(self.max_states, len(view))):
            view[k] = self.tally.states[k].n_documents
        return frequencies


cdef int end_counting() except -1 with gil:
    raise InterruptedError("counting was stopped")


cdef int64_t count_grams(int64_t n, int64_t min_n, int64_t max_n) noexcept nogil:
    """How many n-grams n words have."""
    cdef int64_t longest = min(max_n, n)
    if longest < min_n:
        return 0
    return (longest - min_n + 1) * (2 * n + 2 - min_n - longest) // 2
