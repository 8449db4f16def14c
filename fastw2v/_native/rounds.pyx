"""Where threads meet that train copies of the same matrices, and merge what each has learned."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uintptr_t

import numpy as np

from fastw2v._native.kernels cimport fw2v_barrier, fw2v_merge_copies, fw2v_wait
from fastw2v._native.train cimport first_row

from fastw2v._native.train import matrix as _matrix


cdef struct Matrix:
    # W, W' or the nodes, as pointers into the arrays that a Rounds keeps alive.
    int stride
    float *shared
    float **copies                  # of each thread
    const double *updates           # of each row that a thread is expected to make in one round
    int n_blocks                    # of rows that are merged after as many rounds
    const int64_t *block_ends       # the row behind each block
    const int64_t *periods          # rounds between two merges of each block: rising powers of two


@cython.final
cdef class Rounds:
    """The matrices of some threads that train in rounds: shared ones, and copies of these for each thread.

    A row is merged after as many rounds as its block's period says, counted from 1, and when all rows are to
    be. Its copies' changes are added up thread by thread, the shared row moves by the gain times this sum
    (kernels/merging.h), and the copies start again from there: the same numbers in the same order, whichever
    thread does it, and whenever.

    Parameters
    ----------
    matrices : list of tuples
        For each matrix: the shared one; a list of its copies; updates of each row in one round of one thread
        (float64); the ends of its blocks and their periods (int64, of shape (2, blocks)).
    stop : ndarray of int32
        One flag: where it is set, nobody waits any more.
    threads : int
        How many there are.
    """

    cdef Matrix matrices[3]
    cdef int n_matrices, threads
    cdef int64_t done               # rounds, since all rows were merged
    cdef fw2v_barrier barrier
    cdef const int32_t *stop
    cdef object arrays
    cdef float[:, ::1] sums         # a row for each thread: the changes of all copies of the row at hand

    def __init__(self, list matrices, const int32_t[::1] stop, int threads):
        cdef Matrix *one
        cdef const double[::1] updates
        cdef const int64_t[:, ::1] blocks
        cdef uintptr_t[::1] pointers
        self.threads, self.stop = threads, &stop[0]
        self.n_matrices = 0
        self.arrays = [stop]
        for shared, copies, updates, blocks in matrices:
            if not len(shared):
                continue
            pointers = np.array([<uintptr_t>first_row(copy) for copy in copies], dtype=np.uintp)
            one = &self.matrices[self.n_matrices]
            one.shared, one.stride = first_row(shared), shared.shape[1]
            one.copies, one.updates = <float **>&pointers[0], &updates[0]
            one.n_blocks, one.block_ends, one.periods = blocks.shape[1], &blocks[0, 0], &blocks[1, 0]
            self.n_matrices += 1
            self.arrays.append((shared, copies, updates, blocks, pointers))
        self.sums = _matrix(threads, self.matrices[0].stride)

    def end_round(self, int index, int64_t number, bint all_rows, double tau):
        """Wait until all threads have trained round `number`, merge what is due, and wait for the others.

        Returns False when told to stop: the copies may then hold more than the shared matrices do.
        """
        cdef float *sums = &self.sums[index, 0]
        cdef bint going
        with nogil:
            going = fw2v_wait(&self.barrier, self.threads, self.stop)
            if going:
                self.merge_share(index, number, all_rows, tau, sums)
                if index == 0:
                    self.done = 0 if all_rows else number
                going = fw2v_wait(&self.barrier, self.threads, self.stop)
        return going

    def merge_rest(self, int index, double tau):
        """Merge one thread's share of all rows, after a stop: nobody trains any more."""
        cdef float *sums = &self.sums[index, 0]
        with nogil:
            self.merge_share(index, self.done + 1, True, tau, sums)

    cdef void merge_share(
        self, int index, int64_t number, bint all_rows, double tau, float *sums
    ) noexcept nogil:
        cdef int k
        for k in range(self.n_matrices):
            self.merge_matrix(&self.matrices[k], index, number, all_rows, tau, sums)

    cdef void merge_matrix(
        self, const Matrix *one, int index, int64_t number, bint all_rows, double tau, float *sums
    ) noexcept nogil:
        cdef int block = 0, n_due = 0
        cdef int64_t row, end, rounds
        while n_due < one.n_blocks and (all_rows or number % one.periods[n_due] == 0):
            n_due += 1
        if not n_due:
            return
        end = one.block_ends[n_due - 1]
        row, end = end * index // self.threads, end * (index + 1) // self.threads
        while row < end:
            while one.block_ends[block] <= row:
                block += 1
            rounds = (number - 1) % one.periods[block] + 1
            fw2v_merge_copies(
                one.shared, one.copies, self.threads, row, one.stride, rounds * one.updates[row], tau, sums
            )
            row += 1
