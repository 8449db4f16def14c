"""Embedding tables: rows gathered and moved; fastw2v/_embedding/ deals work to threads."""

cimport cython
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

import numpy as np

from fastw2v._native.embed cimport (
    FW2V_ADAGRAD, FW2V_ADAM, FW2V_MOMENTUM, FW2V_RMSPROP, FW2V_SGD, FW2V_STATES, fw2v_count_rows,
    fw2v_embed_isa, fw2v_embed_isa_count, fw2v_embed_isas, fw2v_is_raised, fw2v_pair_row, fw2v_raise,
    fw2v_run_end, fw2v_shorten, fw2v_sort_round, fw2v_step, fw2v_take, fw2v_take_pairs,
)

ctypedef fused integer:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef enum:
    BLOCK_FLOATS = 1 << 17  # that a thread takes at a time
    BLOCK_PAIRS = 1024
    BLOCK_ROWS = 1024
    RANGE_BITS = 12      # of a row, by which ranges of rows are found
    MANY_PAIRS = 1 << 17
    FEW_BITS = 9         # of a digit, so that places for all digits stay in the cache ...
    MANY_BITS = 12       # ... and where there are many pairs, fewer rounds count more


# Of each rule: its kind, and which of the states it needs.
cdef dict RULES = {
    "sgd": (FW2V_SGD, ()),
    "momentum": (FW2V_MOMENTUM, (0,)),
    "adagrad": (FW2V_ADAGRAD, (1,)),
    "rmsprop": (FW2V_RMSPROP, (1,)),
    "adam": (FW2V_ADAM, (0, 1)),
}


def as_rows(const integer[::1] ids, int64_t n_rows, int32_t[::1] out):
    """Write ids to `out`, as far as they are rows of a table with `n_rows`.

    Returns the position of the first that is none, or -1.
    """
    cdef int64_t i, n = len(ids)
    cdef uint64_t limit = n_rows
    cdef bint is_bad = False
    if len(out) != n:
        raise ValueError(f"out has room for {len(out)} rows, not {n}")
    with nogil:
        for i in range(n):
            is_bad |= <uint64_t>ids[i] >= limit
            out[i] = <int32_t>ids[i]
    if is_bad:
        for i in range(n):
            if <uint64_t>ids[i] >= limit:
                return i
    return -1


@cython.final
cdef class Gathering:
    """Rows of a table, to be written to out[i] for each rows[i].

    `streams` says that `out` is too large for caches, so that it is better written past them.
    """

    cdef const float[:, ::1] table
    cdef const int32_t[::1] rows
    cdef float[:, ::1] out
    cdef const fw2v_embed_isa *isa
    cdef int64_t next_block, block
    cdef bint streams

    def __init__(
        self, str isa, const float[:, ::1] table, const int32_t[::1] rows, float[:, ::1] out, bint streams
    ):
        self.isa, self.streams = find_isa(isa), streams
        self.table, self.rows, self.out = table, rows, out
        self.block = max(BLOCK_FLOATS // table.shape[1], 1)
        if out.shape[0] != len(rows) or out.shape[1] != table.shape[1]:
            raise ValueError(f"out must have shape ({len(rows)}, {table.shape[1]})")

    def gather(self):
        """Write rows until all are written; any number of threads share them."""
        cdef int64_t start, n = len(self.rows)
        with nogil:
            while True:
                start = fw2v_take(&self.next_block) * self.block
                if start >= n:
                    break
                self.isa.gather(
                    &self.table[0, 0], self.table.shape[1], &self.rows[start],
                    min(self.block, n - start), &self.out[start, 0], self.streams,
                )


@cython.final
cdef class Pairs:
    """Rows and their positions, to be ordered by row and then by position.

    They are cut into parts, each of a range of rows. A thread sorts a part that no other has taken, and when
    there is none left, goes on to what is to be done with sorted ones: no thread waits for another.
    """

    cdef const int32_t[::1] rows
    cdef uint64_t[::1] pairs
    cdef uint64_t[::1] spare            # where every other round of the sort moves them
    cdef int64_t[::1] lows, starts      # of each part: its first row, and its first pair; and those of the end
    cdef int32_t[::1] is_sorted
    cdef int64_t n_parts, next_part
    cdef int most_bits

    def __init__(self, const int32_t[::1] rows, int64_t n_rows, int n_parts):
        self.rows, self.n_parts = rows, n_parts
        self.most_bits = FEW_BITS if len(rows) < MANY_PAIRS else MANY_BITS
        self.pairs, self.spare = np.empty(len(rows), np.uint64), np.empty(len(rows), np.uint64)
        self.lows = np.zeros(n_parts + 1, np.int64)
        self.starts = np.zeros(n_parts + 1, np.int64)
        self.is_sorted = np.zeros(n_parts, np.int32)
        self.lows[n_parts], self.starts[n_parts] = n_rows, len(rows)
        if n_parts > 1 and len(rows):
            self.cut(n_rows)

    cdef int cut(self, int64_t n_rows) except -1:
        """Find ranges of rows with about as many pairs each."""
        cdef int shift = max(int(n_rows - 1).bit_length() - RANGE_BITS, 0)
        cdef int64_t n_counts = ((n_rows - 1) >> shift) + 1, k = 0, part
        cdef int64_t[::1] counts = np.empty(n_counts + 1, np.int64)
        with nogil:
            fw2v_count_rows(&self.rows[0], len(self.rows), shift, n_counts, &counts[0])
            for k in range(n_counts):
                counts[k + 1] += counts[k]
            k = 0
            for part in range(1, self.n_parts):
                while counts[k] < len(self.rows) * part // self.n_parts:
                    k += 1
                self.lows[part] = min(k << shift, n_rows)
                self.starts[part] = counts[k]
        return 0

    @property
    def ordered(self):
        """The pairs, of uint64, a row in the upper half; in order once all parts are sorted."""
        return np.asarray(self.pairs)

    def release(self):
        """Give back the memory that only the sort needs; there is nothing left to sort."""
        self.next_part, self.spare = self.n_parts, self.pairs

    def sort(self):
        """Sort parts until there are no more; any number of threads may."""
        cdef int64_t part
        cdef int64_t[::1] places = np.empty(1 << self.most_bits, np.int64)
        with nogil:
            while True:
                part = fw2v_take(&self.next_part)
                if part >= self.n_parts:
                    break
                if self.starts[part] < self.starts[part + 1]:
                    self.sort_part(part, &places[0])
                fw2v_raise(&self.is_sorted[part])

    cdef void sort_part(self, int64_t part, int64_t *places) noexcept nogil:
        cdef int64_t start = self.starts[part], n = self.starts[part + 1] - start
        cdef int64_t low = self.lows[part], n_rows = self.lows[part + 1] - low
        cdef uint64_t *rooms[2]
        cdef int all_bits = 0, rounds, bits = 0, r
        rooms[0], rooms[1] = &self.pairs[start], &self.spare[start]
        while (<int64_t>1 << all_bits) < n_rows:
            all_bits += 1
        rounds = (all_bits + self.most_bits - 1) // self.most_bits
        if rounds:
            bits = (all_bits + rounds - 1) // rounds
        fw2v_take_pairs(&self.rows[0], len(self.rows), low, low + n_rows, n, rooms[rounds % 2])
        for r in range(rounds):
            fw2v_sort_round(
                rooms[(rounds - r) % 2], n, low, r * bits, bits, places, rooms[(rounds - r + 1) % 2]
            )


def first_pairs(const uint64_t[::1] pairs, const uint8_t[::1] frozen=None):
    """Return the first of the ordered pairs of each row, without those of frozen rows."""
    cdef int64_t i, n = len(pairs), found = 0
    cdef int32_t[::1] firsts = None
    for writes in (False, True):  # counts them first
        if writes:
            firsts = np.empty(found, np.int32)
        i = found = 0
        with nogil:
            while i < n:
                if frozen is None or not frozen[fw2v_pair_row(pairs[i])]:
                    if firsts is not None:
                        firsts[found] = <int32_t>i
                    found += 1
                i = fw2v_run_end(&pairs[0], i, n)
    return np.asarray(firsts)


def shorten_rows(float[:, ::1] table, const uint64_t[::1] pairs, float max_length):
    """Scale down the rows of ordered pairs that are longer than this."""
    cdef int64_t i = 0, n = len(pairs)
    with nogil:
        while i < n:
            fw2v_shorten(&table[fw2v_pair_row(pairs[i]), 0], table.shape[1], max_length)
            i = fw2v_run_end(&pairs[0], i, n)


@cython.final
cdef class Step:
    """The gradients of positions, to be summed by row, and to move the rows of a table.

    Parameters
    ----------
    isa : str
    pairs : Pairs
        Sorted, but for `apply`: that moves rows of the parts that are sorted, and each thread shall call it
        when it has called `sort`.
    gradients : ndarray of float32 of shape (n, d)
    frozen : ndarray of uint8, optional
        1 for each row that stays as it is.
    by_frequency : bool
        Whether a row's sum is divided by the number of its positions.
    bags, scales, winners : ndarray, optional
        As of fw2v_gradients.
    """

    cdef fw2v_step step
    cdef const fw2v_embed_isa *isa
    cdef Pairs pairs
    cdef object kept            # what the pointers point into
    cdef int64_t next_block, n_rows
    cdef int64_t[::1] next_blocks   # of each part

    def __init__(
        self,
        str isa,
        Pairs pairs,
        const float[:, ::1] gradients,
        const uint8_t[::1] frozen=None,
        bint by_frequency=False,
        const int32_t[::1] bags=None,
        const float[::1] scales=None,
        const int32_t[:, ::1] winners=None,
    ):
        cdef int64_t n = len(pairs.rows)
        self.isa = find_isa(isa)
        if (
            (bags is None and len(gradients) < n)
            or (bags is not None and len(bags) != n)
            or (scales is not None and len(scales) != n)
            or (winners is not None and winners.size != gradients.size)
        ):
            raise ValueError("gradients, bags, scales or winners do not fit the pairs")
        self.pairs, self.kept = pairs, (gradients, frozen, bags, scales, winners)
        self.next_blocks = np.zeros(pairs.n_parts, np.int64)
        self.step.n_columns, self.step.n_pairs = gradients.shape[1], n
        self.step.by_frequency = by_frequency
        if frozen is not None and len(frozen):
            self.step.frozen = &frozen[0]
        if n and gradients.size:
            self.step.pairs, self.step.gradients.rows = &pairs.pairs[0], &gradients[0, 0]
            self.step.gradients.bags = &bags[0] if bags is not None else NULL
            self.step.gradients.scales = &scales[0] if scales is not None else NULL
            self.step.gradients.winners = &winners[0, 0] if winners is not None else NULL

    def move(self, float[:, ::1] table, list states, dict rule):
        """Say what to move: a table, what an optimizer keeps for it, and by which rule.

        Parameters
        ----------
        table : ndarray of float32 of shape (rows, d)
        states : list of three
            Arrays of the table's shape, or None: of momentum, of squares, of mean gradients.
        rule : dict
            The fields of fw2v_rule; `kind` is "sgd", "momentum", "adagrad", "rmsprop" or "adam".
        """
        cdef float[:, ::1] state
        if table.shape[1] != self.step.n_columns or len(states) != FW2V_STATES:
            raise ValueError(f"a table of {self.step.n_columns} columns and {FW2V_STATES} states")
        self.n_rows = len(table)
        self.step.table = &table[0, 0]
        for k, given in enumerate(states):
            if given is not None:
                state = given
                if state.shape[0] != table.shape[0] or state.shape[1] != table.shape[1]:
                    raise ValueError("states must have the shape of the table")
                self.step.states[k] = &state[0, 0]
        kind, needed = RULES[rule["kind"]]
        if any(states[k] is None for k in needed) or (rule["centered"] and states[2] is None):
            raise ValueError(f"a state that {rule['kind']} needs is None")
        self.step.rule = dict(rule, kind=kind)
        self.kept += (table, states)

    def apply(self):
        """Move the rows of sorted parts that have a gradient; threads share them."""
        cdef int64_t part, start
        cdef fw2v_step own = self.step  # of a part: what is behind it may not be sorted yet
        cdef float[::1] scratch = np.empty(max(self.step.n_columns, 1), np.float32)
        with nogil:
            for part in range(self.pairs.n_parts):
                if not fw2v_is_raised(&self.pairs.is_sorted[part]):
                    continue  # who sorts it will move its rows
                own.pairs = self.step.pairs + self.pairs.starts[part]
                own.n_pairs = self.pairs.starts[part + 1] - self.pairs.starts[part]
                while True:
                    start = fw2v_take(&self.next_blocks[part]) * BLOCK_PAIRS
                    if start >= own.n_pairs:
                        break
                    self.isa.apply(&own, start, min(start + BLOCK_PAIRS, own.n_pairs), &scratch[0])

    def apply_all(self):
        """Move all rows, those without a gradient too; threads share them."""
        cdef int64_t start
        cdef float[::1] scratch = np.empty(max(self.step.n_columns, 1), np.float32)
        with nogil:
            while True:
                start = fw2v_take(&self.next_block) * BLOCK_ROWS
                if start >= self.n_rows:
                    break
                self.isa.apply_all(
                    &self.step, start, min(start + BLOCK_ROWS, self.n_rows), &scratch[0]
                )

    def sum(self, const int32_t[::1] firsts, int32_t[::1] rows, float[:, ::1] out):
        """Write to rows[k] the row of pairs[firsts[k]], and to out[k] its sum; threads share them."""
        cdef int64_t k, first, end, start, n = len(firsts)
        if len(rows) != n or out.shape[0] != n or out.shape[1] != self.step.n_columns:
            raise ValueError(f"there must be {n} rows, and sums of {self.step.n_columns} columns")
        with nogil:
            while True:
                start = fw2v_take(&self.next_block) * BLOCK_PAIRS
                if start >= n:
                    break
                for k in range(start, min(start + BLOCK_PAIRS, n)):
                    first = firsts[k]
                    end = fw2v_run_end(self.step.pairs, first, self.step.n_pairs)
                    rows[k] = <int32_t>fw2v_pair_row(self.step.pairs[first])
                    self.isa.sum(&self.step, first, end, &out[k, 0])


cdef const fw2v_embed_isa *find_isa(str name) except NULL:
    for k in range(fw2v_embed_isa_count):
        if fw2v_embed_isas[k].name.decode() == name:
            return fw2v_embed_isas[k]
    raise ValueError(f"this build has no instruction set {name!r}")
