"""Bags of rows of an embedding table, reduced to a row each; fastw2v/_embedding/ deals work to threads."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from fastw2v._native.embed cimport (
    FW2V_MAX, FW2V_MEAN, FW2V_SUM, find_isa, fw2v_bags, fw2v_embed_isa, fw2v_take,
)

cdef enum:
    BLOCK_BAGS = 8  # that a thread takes at a time


@cython.final
cdef class Bags:
    """Bags of rows, to be reduced to a row each.

    Parameters
    ----------
    isa : str
    table : ndarray of float32 of shape (n, d)
    rows, ends, out, weights, padding, winners
        As of fw2v_bags; each bag has a row of `out`.
    reduction : {"sum", "mean", "max"}
    """

    cdef fw2v_bags bags
    cdef const fw2v_embed_isa *isa
    cdef object kept
    cdef int64_t next_block, n_bags

    def __init__(
        self,
        str isa,
        const float[:, ::1] table,
        const int32_t[::1] rows,
        const int64_t[::1] ends,
        str reduction,
        float[:, ::1] out,
        const float[::1] weights=None,
        int64_t padding=-1,
        int32_t[:, ::1] winners=None,
    ):
        cdef int64_t end, before = 0
        self.isa, self.n_bags = find_isa(isa), len(ends)
        for end in ends:
            if not before <= end <= len(rows):
                raise ValueError(f"a bag from {before} to {end} of {len(rows)} positions")
            before = end
        if out.shape[0] != len(ends) or out.shape[1] != table.shape[1]:
            raise ValueError(f"out must have shape ({len(ends)}, {table.shape[1]})")
        if winners is not None and winners.size != out.size:
            raise ValueError(f"winners must have shape ({len(ends)}, {table.shape[1]})")
        self.kept = (table, rows, ends, out, weights, winners)
        self.bags.table, self.bags.n_columns = &table[0, 0], table.shape[1]
        self.bags.padding, self.bags.n_positions = padding, len(rows)
        self.bags.reduction = {"sum": FW2V_SUM, "mean": FW2V_MEAN, "max": FW2V_MAX}[reduction]
        if self.n_bags:
            self.bags.ends, self.bags.out = &ends[0], &out[0, 0]
            self.bags.rows = &rows[0] if len(rows) else NULL
            self.bags.weights = &weights[0] if weights is not None and len(rows) else NULL
            self.bags.winners = &winners[0, 0] if winners is not None else NULL

    def reduce(self):
        """Reduce bags; any number of threads share them."""
        cdef int64_t first
        with nogil:
            while True:
                first = fw2v_take(&self.next_block) * BLOCK_BAGS
                if first >= self.n_bags:
                    break
                self.isa.reduce(&self.bags, first, min(first + BLOCK_BAGS, self.n_bags))
