"""Pairs of words: counted over a token file, and merged into phrases.

A pair is two words of a sentence with nothing but connector words between them. These are its chain, a node
of a trie: node n stands for the chain of node p and one word more, where (p, word) is entry n - 1 of a table
of its own; node 0 is no chain.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc

import numpy as np

cdef enum:
    BATCH = 64

# What a byte of `flags` tells of a word.
cdef enum:
    IS_CONNECTOR = 1
    IS_BEGIN = 2
    IS_END = 4

CONNECTOR, BEGINS, ENDS = IS_CONNECTOR, IS_BEGIN, IS_END

cdef extern from *:
    void prefetch "__builtin_prefetch"(const void *place) noexcept nogil

ctypedef struct pair_entry:
    uint64_t pair   # first word << 32 | last word
    int64_t count
    int64_t first   # position of the first one
    int32_t chain

ctypedef struct pending_pair:
    uint64_t pair
    uint64_t hash
    int64_t first
    int32_t chain


cdef inline uint64_t mixed(uint64_t x) noexcept nogil:
    """The finisher of David Stafford's splitmix64 variant 13: every bit depends on every bit."""
    x ^= x >> 30
    x *= <uint64_t>0xbf58476d1ce4e5b9
    x ^= x >> 27
    x *= <uint64_t>0x94d049bb133111eb
    return x ^ x >> 31


cdef inline uint64_t chained(uint64_t pair_hash, int32_t chain) noexcept nogil:
    """Hash of a pair with its chain."""
    return pair_hash ^ <uint64_t>chain * <uint64_t>0x9e3779b97f4a7c15


cdef inline uint64_t joined(int32_t first, int32_t last) noexcept nogil:
    return <uint64_t>first << 32 | <uint32_t>last


@cython.final
cdef class PairTable:
    """Pairs with their chains and counts, numbered in order of appearance."""

    cdef pair_entry *entries
    cdef uint32_t *places     # number of the entry + 1, or 0: at most half of them are taken
    cdef int64_t n, max_n
    cdef uint64_t n_places    # a power of two

    def __cinit__(self):
        if not self.reserve(1 << 10):
            raise MemoryError

    def __dealloc__(self):
        free(self.entries)
        free(self.places)

    def __len__(self):
        return self.n

    cdef bint reserve(self, int64_t n_more) noexcept nogil:
        """Make room for so many more entries; False where there is no memory."""
        cdef int64_t wanted = self.n + n_more
        cdef uint64_t n_places = self.n_places or 1
        cdef void *memory
        if wanted > self.max_n:
            wanted = max(wanted, self.max_n + self.max_n // 2)
            memory = realloc(self.entries, wanted * sizeof(pair_entry))
            if memory == NULL:
                return False
            self.entries, self.max_n = <pair_entry *>memory, wanted
        while n_places < 2 * <uint64_t>(self.n + n_more):
            n_places *= 2
        return n_places == self.n_places or self.rehash(n_places)

    cdef bint rehash(self, uint64_t n_places) noexcept nogil:
        """Find a place for every entry among so many."""
        cdef int64_t k
        cdef uint64_t place, mask = n_places - 1
        cdef uint32_t *places = <uint32_t *>calloc(n_places, sizeof(uint32_t))
        if places == NULL:
            return False
        for k in range(self.n):
            place = chained(mixed(self.entries[k].pair), self.entries[k].chain) & mask
            while places[place]:
                place = (place + 1) & mask
            places[place] = <uint32_t>(k + 1)
        free(self.places)
        self.places, self.n_places = places, n_places
        return True

    cdef inline uint32_t *find(self, uint64_t pair, int32_t chain, uint64_t hash) noexcept nogil:
        """Where the number of this pair stands, or would."""
        cdef uint64_t mask = self.n_places - 1, place = hash & mask
        cdef pair_entry *entry
        while self.places[place]:
            entry = self.entries + self.places[place] - 1
            if entry.pair == pair and entry.chain == chain:
                break
            place = (place + 1) & mask
        return self.places + place

    cdef inline int64_t enter(
        self, uint64_t pair, int32_t chain, uint64_t hash, int64_t count, int64_t first
    ) noexcept nogil:
        """Add to the count of a pair, for which there must be room; returns its number."""
        cdef uint32_t *place = self.find(pair, chain, hash)
        cdef pair_entry *entry
        if not place[0]:
            entry = self.entries + self.n
            entry.pair, entry.chain, entry.count, entry.first = pair, chain, 0, first
            self.n += 1
            place[0] = <uint32_t>self.n
        self.entries[place[0] - 1].count += count
        return place[0] - 1

    cdef int32_t chain_of(self, const int32_t *words, int64_t n) noexcept nogil:
        """Node of a chain, entered where it is new; -1 where there is no memory."""
        cdef int64_t k
        cdef int32_t node = 0
        cdef uint64_t pair
        if not self.reserve(n):
            return -1
        for k in range(n):
            pair = joined(node, words[k])
            node = <int32_t>(self.enter(pair, 0, mixed(pair), 0, 0) + 1)
        return node

    cdef int32_t known_chain(self, const int32_t *words, int64_t n) noexcept nogil:
        """Node of a chain; -1 where there is none."""
        cdef int64_t k
        cdef int32_t node = 0
        cdef uint64_t pair
        for k in range(n):
            pair = joined(node, words[k])
            node = <int32_t>self.find(pair, 0, mixed(pair))[0]
            if not node:
                return -1
        return node

    def enter_chain(self, const int32_t[::1] words):
        """The node of a chain of words, which is entered where it is new."""
        cdef int32_t node = self.chain_of(&words[0], len(words)) if len(words) else 0
        if node < 0:
            raise MemoryError
        return node

    def add(
        self,
        const int32_t[::1] first,    # IN
        const int32_t[::1] last,     # IN
        const int32_t[::1] chain,    # IN
        const int64_t[::1] counts,   # IN
    ):
        """Add to the counts of pairs."""
        cdef int64_t k, n = len(first)
        cdef uint64_t pair
        if not (len(last) == n and len(chain) == n and len(counts) == n):
            raise ValueError("first, last, chain and counts must be as many")
        with nogil:
            if not self.reserve(n):
                n = -1
            for k in range(n):
                pair = joined(first[k], last[k])
                self.enter(pair, chain[k], chained(mixed(pair), chain[k]), counts[k], k)
        if n < 0:
            raise MemoryError(f"no memory for {len(first):,} pairs of words")

    def arrays(self):
        """The pairs in order of appearance.

        Returns
        -------
        first, last, chain : ndarray of int32
            Words and chain of each.
        counts, positions : ndarray of int64
            How often it occurs, and where it did so first.
        """
        cdef int64_t k, n = self.n
        first, last, chain = (np.empty(n, dtype=np.int32) for _ in range(3))
        counts, positions = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        cdef int32_t[::1] first_view = first, last_view = last, chain_view = chain
        cdef int64_t[::1] count_view = counts, position_view = positions
        with nogil:
            for k in range(n):
                first_view[k] = <int32_t>(self.entries[k].pair >> 32)
                last_view[k] = <int32_t><uint32_t>self.entries[k].pair
                chain_view[k] = self.entries[k].chain
                count_view[k] = self.entries[k].count
                position_view[k] = self.entries[k].first
        return first, last, chain, counts, positions


@cython.final
cdef class PairCounter:
    """Counts the pairs whose hashes, of 32 bits, lie from `low` up to and without `high`.

    Of more than `max_pairs` it keeps those with the lower hashes, all of them: then `high` is lower.
    """

    cdef readonly PairTable pairs
    cdef readonly PairTable chains
    cdef readonly uint64_t low
    cdef readonly uint64_t high
    cdef int64_t max_pairs
    cdef const uint8_t[::1] flags
    cdef int32_t n_flagged            # no connector word stands further down
    # Where counting goes on: the sentence, and the last word of it that is no connector word.
    cdef int64_t sentence, start
    # Pairs whose places are on their way to the cache.
    cdef pending_pair pending[BATCH]
    cdef int n_pending

    def __init__(self, const uint8_t[::1] flags, uint64_t low, uint64_t high, int64_t max_pairs):
        self.pairs, self.chains = PairTable(), PairTable()
        self.flags = flags
        found = np.flatnonzero(np.asarray(flags) & CONNECTOR)
        # Not found[-1]: compiled here, a negative index is not one from the end.
        self.n_flagged = found[len(found) - 1] + 1 if len(found) else 0
        self.low, self.high, self.max_pairs = low, high, max_pairs
        self.start = -1

    def count(
        self,
        const int32_t[::1] tokens,    # IN: of the whole corpus
        const int64_t[::1] offsets,   # IN: of its sentences
        int64_t begin,
        int64_t end,
    ):
        """Go on from tokens[begin], where the last call ended, to tokens[end]."""
        cdef bint done
        with nogil:
            done = self.count_all(tokens, offsets, begin, end)
        if not done:
            raise MemoryError(
                f"no memory for {self.pairs.n:,} pairs of words; lower max_vocab_size"
            )

    cdef bint count_all(
        self, const int32_t[::1] tokens, const int64_t[::1] offsets, int64_t begin, int64_t end
    ) noexcept nogil:
        cdef int64_t k, start = self.start, sentence = self.sentence
        cdef int64_t sentence_end = offsets[sentence + 1]
        cdef int32_t word, chain
        cdef uint64_t pair, hash
        cdef pending_pair *next
        for k in range(begin, end):
            if k >= sentence_end:
                start = -1
                while offsets[sentence + 1] <= k:
                    sentence += 1
                sentence_end = offsets[sentence + 1]
            word = tokens[k]
            if word < self.n_flagged and self.flags[word] & IS_CONNECTOR:
                continue
            if start >= 0:
                pair = joined(tokens[start], word)
                hash = mixed(pair)
                if self.low <= hash >> 32 < self.high:
                    chain = 0
                    if start < k - 1:
                        chain = self.chains.chain_of(&tokens[start + 1], k - 1 - start)
                        if chain < 0:
                            return False
                        hash = chained(hash, chain)
                    prefetch(self.pairs.places + (hash & (self.pairs.n_places - 1)))
                    next = &self.pending[self.n_pending]
                    next.pair, next.hash, next.first, next.chain = pair, hash, start, chain
                    self.n_pending += 1
                    if self.n_pending == BATCH and not self.enter_pending():
                        return False
            start = k
        self.start, self.sentence = start, sentence
        return self.enter_pending()

    cdef bint enter_pending(self) noexcept nogil:
        cdef int k
        cdef uint32_t number
        cdef pending_pair *next
        if not self.pairs.reserve(BATCH):
            return False
        for k in range(self.n_pending):
            number = self.pairs.places[self.pending[k].hash & (self.pairs.n_places - 1)]
            if number:
                prefetch(self.pairs.entries + number - 1)
        for k in range(self.n_pending):
            next = &self.pending[k]
            self.pairs.enter(next.pair, next.chain, next.hash, 1, next.first)
        self.n_pending = 0
        while self.pairs.n > self.max_pairs and self.high - self.low > 1:
            self.high = self.low + (self.high - self.low) // 2
            if not self.leave_out():
                return False
        return True

    cdef bint leave_out(self) noexcept nogil:
        """Forget the pairs whose hashes are not below `high` any more."""
        cdef int64_t k, n = 0
        for k in range(self.pairs.n):
            if mixed(self.pairs.entries[k].pair) >> 32 < self.high:
                self.pairs.entries[n] = self.pairs.entries[k]
                n += 1
        self.pairs.n = n
        return self.pairs.rehash(self.pairs.n_places)


def merge_pairs(
    const int32_t[::1] tokens,    # IN: of the whole corpus
    const int64_t[::1] offsets,   # IN: of its sentences
    int64_t begin,                # the first sentence
    int64_t end,                  # the sentence behind the last one
    const uint8_t[::1] flags,     # IN: CONNECTOR, BEGINS, ENDS for each word
    PairTable phrases,
    PairTable chains,
    int32_t[::1] merged,          # OUT, room for all tokens of the sentences
    int64_t[::1] ends,            # OUT, where each sentence ends in `merged`
    int64_t[::1] counts,          # INOUT, one for each phrase
):
    """Put len(flags) + k for every pair that is phrase k, from left to right; returns the number of tokens."""
    cdef int64_t k, n = 0, start, sentence
    cdef int64_t n_words = len(flags)
    cdef uint32_t phrase
    cdef int32_t word
    if len(ends) < end - begin or len(counts) < len(phrases) or (
        len(merged) < offsets[end] - offsets[begin]
    ):
        raise ValueError("merged, ends or counts are too short")
    with nogil:
        for sentence in range(begin, end):
            start = -1
            for k in range(offsets[sentence], offsets[sentence + 1]):
                word = tokens[k]
                if flags[word] & IS_CONNECTOR:
                    if start < 0:
                        merged[n] = word
                        n += 1
                    continue
                if start >= 0:
                    phrase = 0
                    if flags[tokens[start]] & IS_BEGIN and flags[word] & IS_END:
                        phrase = phrase_at(phrases, chains, &tokens[start], k - start)
                    if phrase:
                        merged[n] = <int32_t>(n_words + phrase - 1)
                        n += 1
                        counts[phrase - 1] += 1
                        start = -1
                        continue
                    n += copied(&tokens[start], k - start, &merged[n])
                start = k
            if start >= 0:
                n += copied(&tokens[start], offsets[sentence + 1] - start, &merged[n])
            ends[sentence - begin] = n
    return n


cdef inline int64_t copied(const int32_t *words, int64_t n, int32_t *out) noexcept nogil:
    cdef int64_t k
    for k in range(n):
        out[k] = words[k]
    return n


cdef inline uint32_t phrase_at(
    PairTable phrases, PairTable chains, const int32_t *words, int64_t distance
) noexcept nogil:
    """Number + 1 of the phrase from words[0] to words[distance]; 0 where it is none."""
    cdef uint64_t pair = joined(words[0], words[distance])
    cdef int32_t chain = 0
    if distance > 1:
        chain = chains.known_chain(words + 1, distance - 1)
        if chain < 0:
            return 0
    return phrases.find(pair, chain, chained(mixed(pair), chain))[0]
