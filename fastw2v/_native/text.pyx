"""Text and token lists to ids: word tables, one a thread, merged and sorted at the end."""

cimport cython
from cpython.dict cimport PyDict_GetItem
from cpython.long cimport PyLong_CheckExact
from cpython.object cimport PyObject
from cpython.unicode cimport (
    PyUnicode_CheckExact,
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy
from posix.stdlib cimport posix_memalign

import numpy as np

from fastw2v._native.scan cimport (
    FW2V_SCAN_BATCH,
    FW2V_SCAN_DONE,
    FW2V_SCAN_GROW,
    FW2V_TEXT_PADDING,
    fw2v_count_words,
    fw2v_counted_word,
    fw2v_enter_word,
    fw2v_enter_words,
    fw2v_free_places,
    fw2v_place,
    fw2v_rehash,
    fw2v_scan,
    fw2v_scan_status,
    fw2v_scan_text,
    fw2v_sort_words,
)

TEXT_PADDING = FW2V_TEXT_PADDING

cdef enum:
    HUGE_PAGE = 1 << 21

cdef extern from *:
    """
    #include <sys/mman.h>
    /* Places are met at random: with small pages, many a look-up costs a walk through the page tables. */
    static void want_huge_pages(void *memory, size_t n_bytes)
    {
    #ifdef MADV_HUGEPAGE
        madvise(memory, n_bytes, MADV_HUGEPAGE);
    #endif
    }
    """
    void want_huge_pages(void *memory, size_t n_bytes) noexcept nogil
    bint PyUnicode_IS_ASCII(object string) noexcept


@cython.final
cdef class WordTable:
    """The distinct words that one thread has met, with their counts; ids in order of appearance."""

    def __cinit__(self):
        self.table.n_places = 1 << 14
        self.table.max_words = 1 << 13
        self.table.max_bytes = 1 << 16
        self.table.places = new_places(self.table.n_places)
        self.table.bytes = <uint8_t *>malloc(self.table.max_bytes + FW2V_TEXT_PADDING)
        self.table.ends = <int64_t *>malloc(self.table.max_words * sizeof(int64_t))
        if not (self.table.places and self.table.bytes and self.table.ends):
            raise MemoryError

    def __dealloc__(self):
        free(self.table.places)
        free(self.table.bytes)
        free(self.table.ends)

    def __len__(self):
        return self.table.n_words

    def scan(
        self,
        const uint8_t[::1] text,   # IN
        Py_ssize_t start,
        Py_ssize_t end,
        int32_t[::1] tokens,       # OUT, room for (end - start) // 2 + 1
        int64_t[::1] line_ends,    # OUT, room for end - start
    ):
        """Count and number the tokens of text[start:end].

        Behind `end` there are at least `TEXT_PADDING` bytes, the first of them a newline. `tokens` receives
        the id of each token, `line_ends` how many of them stand before each newline.

        Returns
        -------
        n_tokens, n_lines : int
            How many have been written.
        invalid : int or None
            Position of the first byte that is not UTF-8; the arrays then tell of what is before `resume`.
        resume : int
            Where the scan stopped; between two tokens.
        """
        cdef fw2v_scan scan
        cdef fw2v_scan_status status
        if len(tokens) < (end - start) // 2 + 1 or len(line_ends) < end - start:
            raise ValueError(f"tokens and line_ends are too short for {end - start} bytes")
        scan.text, scan.n_text, scan.position = &text[0], end, start
        scan.tokens, scan.n_tokens = &tokens[0], 0
        scan.line_ends, scan.n_lines = &line_ends[0], 0
        scan.invalid = -1
        with nogil:
            status = self.scan_growing(&scan)
        if status == FW2V_SCAN_GROW:
            raise MemoryError(f"no memory for more than {self.table.n_words:,} distinct words")
        invalid = None if status == FW2V_SCAN_DONE else scan.invalid
        return scan.n_tokens, scan.n_lines, invalid, scan.position

    cdef fw2v_scan_status scan_growing(self, fw2v_scan *scan) noexcept nogil:
        cdef int64_t bytes_wanted = 0
        cdef fw2v_scan_status status
        while True:
            status = fw2v_scan_text(&self.table, scan, &bytes_wanted)
            if status != FW2V_SCAN_GROW or not self.grow(FW2V_SCAN_BATCH, bytes_wanted):
                return status

    cdef bint grow(self, int64_t n_words, int64_t n_bytes) noexcept nogil:
        """Make room for that many more words and bytes; False where there is no memory."""
        cdef fw2v_word_table *table = &self.table
        cdef fw2v_place *places
        cdef fw2v_place *old = table.places
        cdef uint64_t n_old = table.n_places
        cdef void *memory
        if table.n_bytes + n_bytes > table.max_bytes:
            n_bytes = 2 * (table.n_bytes + n_bytes)
            memory = realloc(table.bytes, n_bytes + FW2V_TEXT_PADDING)
            if memory == NULL:
                return False
            table.bytes, table.max_bytes = <uint8_t *>memory, n_bytes
        if table.n_words + n_words > table.max_words:
            if table.n_words + n_words > INT32_MAX // 2:
                return False
            n_words = max(table.n_words + n_words, 2 * table.n_words)
            memory = realloc(table.ends, n_words * sizeof(int64_t))
            if memory == NULL:
                return False
            table.ends = <int64_t *>memory
            table.max_words = n_words
            while table.n_places < 2 * <uint64_t>table.max_words:
                table.n_places *= 2
            places = new_places(table.n_places)
            if places == NULL:
                table.n_places = n_old
                table.max_words = table.n_words
                return False
            table.places = places
            fw2v_rehash(table, old, n_old)
            free(old)
        return True

    def absorb(self, WordTable other):
        """Add the words and counts of another table; returns the ids of its words in this one."""
        ids = np.empty(len(other), dtype=np.int32)
        cdef int32_t[::1] id_view = ids
        cdef int64_t k, n = other.table.n_words
        if not self.grow(n, other.table.n_bytes):
            raise MemoryError(f"no memory for {self.table.n_words + n:,} distinct words")
        cdef fw2v_counted_word *words = counted_words(other)
        with nogil:
            for k in range(n):
                id_view[k] = fw2v_enter_word(
                    &self.table, words[k].word, words[k].length, words[k].count
                )
            free(words)
        return ids

    def enter(
        self,
        const uint8_t[::1] key_bytes,   # IN: the words, one after the other
        const int64_t[::1] key_ends,    # IN: where each ends
        const int64_t[::1] counts,      # IN
    ):
        """Add packed words and their counts; returns their ids."""
        cdef int64_t k, n = len(key_ends), start = 0
        ids = np.empty(n, dtype=np.int32)
        cdef int32_t[::1] id_view = ids
        # A word is looked up by reading on behind its end.
        padded = np.zeros(len(key_bytes) + FW2V_TEXT_PADDING, dtype=np.uint8)
        padded[: len(key_bytes)] = key_bytes
        cdef const uint8_t[::1] words = padded
        if not self.grow(n, len(key_bytes)):
            raise MemoryError(f"no memory for {self.table.n_words + n:,} distinct words")
        with nogil:
            for k in range(n):
                id_view[k] = fw2v_enter_word(
                    &self.table, &words[start], <uint32_t>(key_ends[k] - start), counts[k]
                )
                start = key_ends[k]
        return ids

    def sorted_words(self):
        """The words by count descending, then by themselves.

        Returns
        -------
        order : ndarray of int32
            Rank of each id.
        counts : ndarray of int64
            Count at each rank.
        key_bytes : ndarray of uint8
            The words, in order of rank, one after the other.
        key_ends : ndarray of int64
            Where each ends.
        """
        cdef int64_t k, n = self.table.n_words, end = 0
        order, counts = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
        key_bytes, key_ends = np.empty(self.table.n_bytes, np.uint8), np.empty(n, dtype=np.int64)
        cdef int32_t[::1] order_view = order
        cdef int64_t[::1] count_view = counts, end_view = key_ends
        cdef uint8_t[::1] byte_view = key_bytes
        # Nowhere, if the empty word is the only one.
        cdef uint8_t *out = &byte_view[0] if self.table.n_bytes else NULL
        cdef fw2v_counted_word *words = counted_words(self)
        with nogil:
            fw2v_sort_words(words, n)
            for k in range(n):
                order_view[words[k].id] = <int32_t>k
                count_view[k] = words[k].count
                if words[k].length:
                    memcpy(out + end, words[k].word, words[k].length)
                end += words[k].length
                end_view[k] = end
            free(words)
        return order, counts, key_bytes, key_ends


cdef fw2v_place *new_places(uint64_t n_places) noexcept nogil:
    """Free places, which the caller frees; NULL where there is no memory."""
    cdef void *places
    cdef size_t n_bytes = n_places * sizeof(fw2v_place)
    cdef bint huge = n_bytes >= HUGE_PAGE
    if posix_memalign(&places, HUGE_PAGE if huge else 64, n_bytes):
        return NULL
    if huge:
        want_huge_pages(places, n_bytes)
    fw2v_free_places(<fw2v_place *>places, n_places)
    return <fw2v_place *>places


cdef fw2v_counted_word *counted_words(WordTable table) except NULL:
    """The words of a table, each where its id says; the caller frees them."""
    words = <fw2v_counted_word *>malloc((table.table.n_words + 1) * sizeof(fw2v_counted_word))
    if words == NULL:
        raise MemoryError
    with nogil:
        fw2v_count_words(&table.table, words)
    return words


def translate(int32_t[::1] tokens, const int32_t[::1] ids):  # INOUT, IN
    """Replace every token by ids[token], in place."""
    cdef Py_ssize_t k
    with nogil:
        for k in range(tokens.shape[0]):
            tokens[k] = ids[tokens[k]]


# Strings that wait to be looked up together; after so many bytes, they wait no longer.
cdef enum:
    WAITING_MAX = 4096
    WAITING_BYTES = 1 << 16


@cython.final
cdef class TokenIds:
    """Ids of tokens that are Python objects, in order of appearance.

    All are strings, which `words` knows, or all are integers, which `ids` knows.
    """

    cdef readonly WordTable words
    cdef readonly dict ids
    cdef bint are_strings            # the first token was one
    cdef int32_t[::1] tokens
    cdef Py_ssize_t n_tokens
    # Strings of which `tokens` has no ids yet, in UTF-8, and where each ends.
    cdef uint8_t[::1] bytes
    cdef int64_t n_bytes
    cdef int64_t ends[WAITING_MAX]
    cdef int n_waiting

    def __init__(self):
        self.words = WordTable()
        self.ids = {}
        self.tokens = np.empty(1 << 16, dtype=np.int32)
        self.bytes = np.empty(WAITING_BYTES + FW2V_TEXT_PADDING, dtype=np.uint8)

    def add(self, sentence, check):
        """Append the ids of a sentence's tokens; `check(token)` returns the key of one, or raises."""
        for token in sentence:
            # Of other types the dictionary is not asked: to it, 1.0 and True are 1.
            if not (PyUnicode_CheckExact(token) or PyLong_CheckExact(token)):
                token = check(token)
            if PyUnicode_CheckExact(token):
                if not self.are_strings:
                    check(token)
                    self.are_strings = True
                self.add_string(token)
            else:
                self.add_int(token, check)

    cdef int add_string(self, str token) except -1:
        cdef int64_t most = PyUnicode_GET_LENGTH(token)
        if not PyUnicode_IS_ASCII(token):
            most *= 4
        if self.n_waiting == WAITING_MAX or self.n_bytes + most > WAITING_BYTES:
            self.look_up()
            if most + FW2V_TEXT_PADDING > len(self.bytes):
                self.bytes = np.empty(most + FW2V_TEXT_PADDING, dtype=np.uint8)
        self.n_bytes += utf8(token, &self.bytes[self.n_bytes])
        self.ends[self.n_waiting] = self.n_bytes
        self.n_waiting += 1
        self.n_tokens += 1
        return 0

    cdef int add_int(self, token, check) except -1:
        cdef PyObject *found = PyDict_GetItem(self.ids, token)
        self.make_room(1)
        if found is NULL:
            self.tokens[self.n_tokens] = len(self.ids)
            self.ids[check(token)] = self.tokens[self.n_tokens]
        else:
            self.tokens[self.n_tokens] = <object>found
        self.n_tokens += 1
        return 0

    cdef int make_room(self, Py_ssize_t n) except -1:
        """Have room for n more tokens than those that have ids."""
        if self.n_tokens + n > self.tokens.shape[0]:
            self.tokens = np.concatenate((self.tokens, np.empty_like(self.tokens)))
        return 0

    cdef int look_up(self) except -1:
        """Give ids to the strings that wait."""
        cdef int32_t *ids
        self.n_tokens -= self.n_waiting
        self.make_room(WAITING_MAX)
        ids = &self.tokens[self.n_tokens]
        if not self.words.grow(self.n_waiting, self.n_bytes):
            raise MemoryError(f"no memory for more than {len(self.words):,} distinct words")
        fw2v_enter_words(&self.words.table, &self.bytes[0], self.ends, self.n_waiting, ids)
        self.n_tokens += self.n_waiting
        self.n_waiting, self.n_bytes = 0, 0
        return 0

    def __len__(self):
        """Tokens that wait to be taken."""
        return self.n_tokens

    def take(self):
        """The ids of all tokens since the last call."""
        self.look_up()
        taken = np.array(self.tokens[: self.n_tokens])
        self.n_tokens = 0
        return taken


cdef int64_t utf8(str token, uint8_t *out) noexcept:
    """Write a string in UTF-8, surrogates included, at most 4 bytes a character; return their number."""
    cdef Py_ssize_t k, n = PyUnicode_GET_LENGTH(token)
    cdef void *data = PyUnicode_DATA(token)
    cdef int kind = PyUnicode_KIND(token)
    cdef uint8_t *start = out
    cdef uint32_t c
    if PyUnicode_IS_ASCII(token):
        memcpy(out, data, n)
        return n
    for k in range(n):
        c = PyUnicode_READ(kind, data, k)
        if c < 0x80:
            out[0] = <uint8_t>c
            out += 1
        elif c < 0x800:
            out[0], out[1] = <uint8_t>(0xc0 | c >> 6), <uint8_t>(0x80 | c & 0x3f)
            out += 2
        elif c < 0x10000:
            out[0], out[1] = <uint8_t>(0xe0 | c >> 12), <uint8_t>(0x80 | c >> 6 & 0x3f)
            out[2] = <uint8_t>(0x80 | c & 0x3f)
            out += 3
        else:
            out[0], out[1] = <uint8_t>(0xf0 | c >> 18), <uint8_t>(0x80 | c >> 12 & 0x3f)
            out[2], out[3] = <uint8_t>(0x80 | c >> 6 & 0x3f), <uint8_t>(0x80 | c & 0x3f)
            out += 4
    return out - start
