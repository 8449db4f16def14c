"""What terms are made of: characters, documents as Python keeps them, words and n-grams by number."""

cimport cython
from cpython.exc cimport PyErr_CheckSignals
from cpython.unicode cimport PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

import numpy as np

from fastw2v._native.scan cimport fw2v_find_words
from fastw2v._native.terms cimport (
    FW2V_RANGES,
    FW2V_IN_TOKEN,
    FW2V_SPECIAL,
    FW2V_SURROGATE,
    fw2v_characters,
    fw2v_document,
    fw2v_enter_nodes,
    fw2v_find_node,
    fw2v_node_place,
    fw2v_rehash_nodes,
)
from fastw2v._native.text cimport WordTable

cdef extern from *:
    bint PyUnicode_IS_ASCII(object string) noexcept

IN_TOKEN, SPECIAL, SURROGATE = FW2V_IN_TOKEN, FW2V_SPECIAL, FW2V_SURROGATE


@cython.final
cdef class Characters:
    """Which characters make up tokens, and their lower case.

    Parameters
    ----------
    pages : ndarray of uint16, shape (0x1100,)
        Where the entries of each 256 characters are, in units of 256.
    entries : ndarray of uint32
        How far the lower case is, modulo 2**21; `IN_TOKEN`, `SPECIAL`, `SURROGATE`.
    min_length : int
        Of a token, in characters.
    """

    def __init__(self, const uint16_t[::1] pages, const uint32_t[::1] entries, int64_t min_length):
        if len(pages) != 0x1100 or len(entries) < 256 * (np.max(pages) + 1):
            raise ValueError("there must be an entry for each character")
        self.pages, self.entries = pages, entries
        self.table.pages, self.table.entries = &pages[0], &entries[0]
        self.table.min_length = min_length
        self.set_ranges()

    cdef int set_ranges(self) except -1:
        """Say of ASCII once more, as ranges, what the table says."""
        cdef int n = 0, c
        cdef uint32_t step
        cdef bint inside, before = False
        cdef const uint32_t *entry = &self.entries[256 * self.pages[0]]
        self.table.upper_step = entry[c"A"] & 0xff
        for c in range(FW2V_RANGES):  # one that no character of ASCII is in
            self.table.firsts[c], self.table.widths[c] = 0xff, 0
        for c in range(128):
            inside = (entry[c] & FW2V_IN_TOKEN) != 0
            step = self.table.upper_step if c"A" <= c <= c"Z" else 0
            if entry[c] & ~(<uint32_t>FW2V_IN_TOKEN) != step or inside and (n == FW2V_RANGES or c == c" "):
                raise ValueError(f"character {c} is not as in any ASCII that there is")
            if inside and not before:
                self.table.firsts[n] = c
            if before and not inside:
                self.table.widths[n] = c - 1 - self.table.firsts[n]
                n += 1
            before = inside
        if before:
            self.table.widths[n] = 127 - self.table.firsts[n]
        return 0


@cython.final
cdef class Documents:
    """Some documents, kept alive, and where their characters are."""

    def __cinit__(self, list texts):
        cdef Py_ssize_t k, n = len(texts)
        self.texts = texts
        self.items = <fw2v_document *>malloc((n + 1) * sizeof(fw2v_document))
        if self.items == NULL:
            raise MemoryError
        for k in range(n):
            self.n_characters += describe(texts[k], &self.items[k])

    def __dealloc__(self):
        free(self.items)

    def __len__(self):
        return len(self.texts)


def strings(list texts):
    """The documents, None if one is no string."""
    for text in texts:
        if not PyUnicode_Check(text):
            return None
    return Documents(texts)


cdef int64_t describe(text, fw2v_document *item) except -1:
    if not PyUnicode_Check(text):
        raise TypeError(f"documents must be strings here, got {type(text).__name__}")
    item.data = PyUnicode_DATA(text)
    item.length = PyUnicode_GET_LENGTH(text)
    item.kind = 0 if PyUnicode_IS_ASCII(text) else PyUnicode_KIND(text)
    return item.length


@cython.final
cdef class Terms:
    """Words, and n-grams of words where `max_n` is above 1.

    A term is known by its number: that of its word in `words`, or, where there are n-grams, of its node.
    """

    def __cinit__(self, int max_n, WordTable words):
        self.words = words
        self.max_n = max_n
        if max_n > 1:
            self.nodes.max_nodes = 1 << 12
            self.nodes.n_places = 1 << 13
            self.nodes.keys = <uint64_t *>malloc(self.nodes.max_nodes * sizeof(uint64_t))
            self.nodes.places = new_places(self.nodes.n_places)
            if not (self.nodes.keys and self.nodes.places):
                raise MemoryError

    def __dealloc__(self):
        free(self.nodes.keys)
        free(self.nodes.places)

    def __len__(self):
        return self.nodes.n_nodes if self.max_n > 1 else self.words.table.n_words

    cdef bint grow_nodes(self, int64_t n) noexcept nogil:
        """Make room for n more nodes; False where there is no memory."""
        cdef fw2v_node_place *places
        cdef uint64_t n_places = self.nodes.n_places
        cdef int64_t wanted = self.nodes.n_nodes + n
        if wanted <= self.nodes.max_nodes:
            return True
        if wanted > INT32_MAX // 2:
            return False
        wanted = max(wanted, 2 * self.nodes.n_nodes)
        keys = <uint64_t *>realloc(self.nodes.keys, wanted * sizeof(uint64_t))
        if keys == NULL:
            return False
        self.nodes.keys = keys
        while n_places < 2 * <uint64_t>wanted:
            n_places *= 2
        places = new_places(n_places)
        if places == NULL:
            return False
        free(self.nodes.places)
        self.nodes.places, self.nodes.n_places, self.nodes.max_nodes = places, n_places, wanted
        fw2v_rehash_nodes(&self.nodes)
        return True

    def absorb(self, Terms other):
        """Add the terms of another; returns their numbers in this one."""
        if other.words is self.words:
            words = np.arange(len(self.words), dtype=np.int32)
        else:
            words = self.words.absorb(other.words)
        if self.max_n == 1:
            return words
        cdef const int32_t[::1] word_view = words
        cdef int64_t k, n = other.nodes.n_nodes
        nodes = np.empty(n, dtype=np.int32)
        cdef int32_t[::1] node_view = nodes
        cdef uint64_t key
        if not self.grow_nodes(n):
            raise MemoryError(f"no memory for {self.nodes.n_nodes + n:,} n-grams")
        with nogil:
            for k in range(n):
                key = translated(other.nodes.keys[k], &word_view[0], &node_view[0])
                fw2v_enter_nodes(&self.nodes, &key, 1, &node_view[k])
                look_up(k)
        return nodes

    def find(self, Terms other):
        """The numbers that the terms of another have in this one; -1 for those that are not here."""
        cdef int64_t k, n = other.words.table.n_words
        words = np.empty(n + 1, dtype=np.int32)
        cdef int32_t[::1] word_view = words
        with nogil:
            fw2v_find_words(
                &self.words.table, other.words.table.bytes, other.words.table.ends, n, &word_view[0]
            )
        if self.max_n == 1:
            return words[:n]
        nodes = np.empty(other.nodes.n_nodes, dtype=np.int32)
        cdef int32_t[::1] node_view = nodes
        cdef uint64_t key, before
        with nogil:
            for k in range(other.nodes.n_nodes):
                look_up(k)
                key = other.nodes.keys[k]
                before = key >> 32
                if word_view[<uint32_t>key] < 0 or (before and node_view[before - 1] < 0):
                    node_view[k] = -1
                else:
                    node_view[k] = fw2v_find_node(
                        &self.nodes, translated(key, &word_view[0], &node_view[0])
                    )
        return nodes

    def enter_nodes(self, const uint64_t[::1] keys):
        """Enter n-grams by their keys, (node before + 1) << 32 | word; returns their nodes."""
        nodes = np.empty(len(keys), dtype=np.int32)
        cdef int32_t[::1] node_view = nodes
        if not self.grow_nodes(len(keys)):
            raise MemoryError(f"no memory for {self.nodes.n_nodes + len(keys):,} n-grams")
        if len(keys):
            fw2v_enter_nodes(&self.nodes, &keys[0], len(keys), &node_view[0])
        return nodes

    def node_keys(self):
        """The keys of all nodes."""
        keys = np.empty(self.nodes.n_nodes, dtype=np.uint64)
        cdef uint64_t[::1] view = keys
        if self.nodes.n_nodes:
            memcpy(&view[0], self.nodes.keys, self.nodes.n_nodes * sizeof(uint64_t))
        return keys


cdef int heed_signals() except -1 with gil:
    """Raise at Ctrl-C; in the main thread alone. Not inlined, for it takes the GIL on entry."""
    PyErr_CheckSignals()
    return 0


cdef inline uint64_t translated(
    uint64_t key, const int32_t *words, const int32_t *nodes
) noexcept nogil:
    """A key in terms of other words and nodes; the node before is one of `nodes` already."""
    cdef uint64_t before = key >> 32
    if before:
        before = <uint64_t>nodes[before - 1] + 1
    return before << 32 | <uint64_t>words[<uint32_t>key]


cdef fw2v_node_place *new_places(uint64_t n_places) noexcept nogil:
    cdef size_t n_bytes = n_places * sizeof(fw2v_node_place)
    places = <fw2v_node_place *>malloc(n_bytes)
    if places != NULL:
        memset(places, 0, n_bytes)
    return places
