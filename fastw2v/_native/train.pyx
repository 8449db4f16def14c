"""The training loop: one shard of the corpus, for one thread, without the GIL from end to end."""

cimport cython
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

import mmap

import numpy as np

from fastw2v._native.kernels cimport (
    FW2V_CONTEXT_MAX,
    FW2V_GROUP_MAX,
    FW2V_LANES_MAX,
    FW2V_NOISE_MAX,
    FW2V_PATH_MAX,
    fw2v_alias,
    fw2v_draw,
    fw2v_group,
    fw2v_isa,
    fw2v_isa_count,
    fw2v_isas,
    fw2v_lock,
    fw2v_merge_gain,
    fw2v_merge_row,
    fw2v_prefetch_line,
    fw2v_prefetch_row,
    fw2v_random,
    fw2v_random_below,
    fw2v_scratch_floats,
    fw2v_seed,
    fw2v_train_group,
    fw2v_try_lock,
    fw2v_unlock,
)

GROUP_MAX = FW2V_GROUP_MAX
WINDOW_MAX = FW2V_CONTEXT_MAX // 2
NEGATIVE_MAX = FW2V_NOISE_MAX
PATH_MAX = FW2V_PATH_MAX

# The vectors of a group are trained from the same scores. Where the same row comes many times among them, the
# sum of their steps would overshoot where one after the other would not: a noise word's row meets all of
# them, the most frequent word's row its share of them, with every output. Pairs times alpha may be so many;
# beyond VECTORS_MAX, nothing is gained. Measured on texts of 2 to 200 words (tests/test_groups.py has some).
cdef enum:
    VECTORS_MAX = 40
cdef double NOISE_STEPS_MAX = 2
cdef double TOP_STEPS_MAX = 0.45

# Mean windows in CBOW bear more, at any alpha: the most frequent word may stand so often in those of a group.
cdef enum:
    REPEATS_MAX = 3

# Private rows that merge under one lock, bytes from one lock to the next (a cache line has one lock, or cores
# that take different ones would wait for each other), and how many rows ahead a merge prefetches.
cdef enum:
    LOCK_ROWS = 16
    LOCK_STEP = 64
    MERGE_AHEAD = 4

# Inner nodes of a tree that are met so often that they stay in the cache, and how many words ahead the
# paths to the others are called into it.
cdef enum:
    HOT_NODES = 512
    PATHS_AHEAD = 4

# An update by a pair brings a row nearer to its optimum by 1/tau, tau = MERGE_TAU / alpha (kernels/merging.h).
# More than one pair would do: most of what pairs teach a row cancels out.
cdef double _MERGE_TAU = 100
MERGE_TAU = _MERGE_TAU


def isa_names():
    """Names of the instruction sets compiled in that this CPU has, best first."""
    return tuple(
        fw2v_isas[k].name.decode() for k in range(fw2v_isa_count) if fw2v_isas[k].is_supported()
    )


def group_limits(
    bint cbow, bint hs, bint cbow_mean, int mean_window, int outputs, double alpha, double top_share
):
    """How many windows share noise words, and how many rows around them may be trained from the same scores.

    In a tree, where each window has outputs of its own, they go one by one.
    `mean_window` is the number of words around a centre word, `outputs` that of the rows that each vector
    meets, `top_share` the share of the most frequent word in the text as trained.
    """
    cdef double rows
    if cbow and cbow_mean:
        rows = REPEATS_MAX / top_share
    else:
        # In CBOW a sum is as long as its rows together, and so are its steps.
        rows = min(NOISE_STEPS_MAX, TOP_STEPS_MAX / (outputs * top_share)) / alpha
        rows = max(1, min(VECTORS_MAX, rows))
    rows = min(FW2V_GROUP_MAX * FW2V_CONTEXT_MAX, rows)
    if hs:
        return 1, max(1, <int>rows)
    return max(1, min(FW2V_GROUP_MAX, <int>rows // mean_window)), max(1, <int>rows)


def merge_gain(double threads, double updates, double tau):
    """The share of each thread's change that a merge adds to the shared row (kernels/merging.h)."""
    return fw2v_merge_gain(threads, updates, tau)


def alias_table(const double[::1] weights):  # IN
    """Vose's alias table of a discrete distribution: an array of (threshold, other) pairs."""
    cdef Py_ssize_t n = weights.shape[0], k, small_top = 0, large_top = n, low, high
    cdef double scale = n / np.sum(weights)
    cdef double[::1] share = np.multiply(weights, scale)
    table = np.empty((n, 2), dtype=np.uint32)
    cdef uint32_t[:, ::1] entries = table
    # One array holds both stacks: rows below their fair share from the left, the others from the right.
    cdef int32_t[::1] stack = np.empty(n, dtype=np.int32)
    for k in range(n):
        entries[k, 0] = 0xFFFFFFFF
        entries[k, 1] = k
        if share[k] < 1:
            stack[small_top] = k
            small_top += 1
        else:
            large_top -= 1
            stack[large_top] = k
    while small_top > 0 and large_top < n:
        small_top -= 1
        low, high = stack[small_top], stack[large_top]
        entries[low, 0] = <uint32_t>min(share[low] * 4294967296.0, 4294967295.0)
        entries[low, 1] = high
        share[high] -= 1 - share[low]
        if share[high] < 1:
            large_top += 1
            stack[small_top] = high
            small_top += 1
    return table


def draw(const uint32_t[:, ::1] table, Py_ssize_t n, uint64_t seed):
    """Draw `n` rows from an alias table, as training does."""
    rows = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] out = rows
    cdef uint64_t state = fw2v_seed(seed, 0, 0)
    cdef Py_ssize_t k
    with nogil:
        for k in range(n):
            out[k] = fw2v_draw(<const fw2v_alias *>&table[0, 0], <uint32_t>table.shape[0], &state)
    return rows


cdef const fw2v_isa *find_isa(str name) except NULL:
    for k in range(fw2v_isa_count):
        if fw2v_isas[k].name.decode() == name and fw2v_isas[k].is_supported():
            return fw2v_isas[k]
    raise ValueError(f"this CPU has no instruction set {name!r}; it has {', '.join(isa_names())}")


def multiply_add(str isa, int64_t rounds):
    """Do nothing but multiply and add, in registers; return the floating-point operations done."""
    cdef const fw2v_isa *chosen = find_isa(isa)
    cdef int64_t done
    with nogil:
        done = chosen.multiply_add(rounds)
    return done


def train_group(
    str isa,
    bint cbow,
    float[:, ::1] inputs,            # INOUT
    float[:, ::1] outputs,           # INOUT
    list context_rows,               # IN, an array of int32 for each centre word
    const int32_t[::1] target_rows,  # IN
    const int32_t[::1] noise_rows,   # IN
    float alpha,
    float hidden_scale=1.0,
    float error_scale=1.0,
):
    """Train one group with one instruction set, outside any run; returns its loss.

    The matrices are made by `matrix`; the scales are for CBOW.
    """
    cdef float *context_pointers[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX]
    cdef float *noise_pointers[FW2V_NOISE_MAX]
    cdef fw2v_group group
    cdef float[:, ::1] scratch
    cdef double loss = 0
    cdef int g, n_rows = 0, most = 1
    cdef const fw2v_isa *chosen = find_isa(isa)
    group.n_nodes = 0
    group.n_centres = point_at_rows(outputs, target_rows, group.targets, FW2V_GROUP_MAX)
    for g in range(group.n_centres):
        group.n_contexts[g] = point_at_rows(
            inputs, context_rows[g], context_pointers + n_rows, FW2V_CONTEXT_MAX
        )
        n_rows += group.n_contexts[g]
        most = max(most, group.n_contexts[g])
        group.hidden_scales[g], group.error_scales[g] = hidden_scale, error_scale
    group.n_noise = point_at_rows(outputs, noise_rows, noise_pointers, FW2V_NOISE_MAX)
    group.contexts, group.noise = context_pointers, noise_pointers
    group.stride, group.alpha, group.loss = inputs.shape[1], alpha, &loss
    scratch = matrix(1, fw2v_scratch_floats(most, group.n_noise, 0, group.stride))
    group.scratch = &scratch[0, 0]
    if cbow:
        chosen.train_cbow(&group)
    else:
        chosen.train_skipgram(&group)
    return loss


def train_path(
    str isa,
    bint cbow,
    float[:, ::1] inputs,             # INOUT
    float[:, ::1] nodes,              # INOUT
    const int32_t[::1] context_rows,  # IN
    const int32_t[::1] node_rows,     # IN
    const int32_t[::1] codes,         # IN, 1 where the path goes right
    float alpha,
    float hidden_scale=1.0,
    float error_scale=1.0,
):
    """Train one window with the path to its centre word, as `train_group` does; returns its loss."""
    cdef float *context_pointers[FW2V_CONTEXT_MAX]
    cdef float *node_pointers[FW2V_PATH_MAX]
    cdef float[:, ::1] labels = matrix(1, FW2V_PATH_MAX), scratch
    cdef fw2v_group group
    cdef double loss = 0
    cdef int k
    cdef const fw2v_isa *chosen = find_isa(isa)
    group.n_centres, group.n_noise = 1, 0
    group.n_contexts[0] = point_at_rows(inputs, context_rows, context_pointers, FW2V_CONTEXT_MAX)
    group.n_nodes = point_at_rows(nodes, node_rows, node_pointers, FW2V_PATH_MAX)
    for k in range(group.n_nodes):
        labels[0, k] = 1 - codes[k]
    group.contexts, group.nodes, group.labels = context_pointers, node_pointers, &labels[0, 0]
    group.stride, group.alpha, group.loss = inputs.shape[1], alpha, &loss
    group.hidden_scales[0], group.error_scales[0] = hidden_scale, error_scale
    scratch = matrix(
        1, fw2v_scratch_floats(group.n_contexts[0], 0, group.n_nodes, group.stride)
    )
    group.scratch = &scratch[0, 0]
    if cbow:
        chosen.train_cbow_tree(&group)
    else:
        chosen.train_skipgram_tree(&group)
    return loss


cdef int point_at_rows(
    float[:, ::1] rows, const int32_t[::1] numbers, float **pointers, Py_ssize_t most
) except -1:
    if len(numbers) > most:
        raise ValueError(f"at most {most} rows, got {len(numbers)}")
    for k in range(len(numbers)):
        pointers[k] = &rows[numbers[k], 0]
    return len(numbers)


def matrix(Py_ssize_t rows, Py_ssize_t columns):
    """A float32 matrix of zeros, its rows padded to a multiple of 64 bytes and aligned to 64 bytes."""
    cdef Py_ssize_t stride = (columns + FW2V_LANES_MAX - 1) // FW2V_LANES_MAX * FW2V_LANES_MAX
    # Private: shared memory gets no huge pages, and a forked child would train its parent's vectors.
    try:
        memory = mmap.mmap(
            -1, max(1, rows * stride * 4), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        )
    except OSError:
        raise MemoryError(
            f"no memory for {rows:,} x {stride:,} numbers; lower vector_size, or workers, or raise "
            "the limit of memory (ulimit -v)"
        ) from None
    # Rows are met at random: with small pages, every other one costs a walk through the page tables.
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:  # a kernel without them
            pass
    return np.frombuffer(memory, dtype=np.float32, count=rows * stride).reshape(rows, stride)


cdef check_rows(float[:, ::1] rows):
    """The kernels read whole aligned vectors; a copy made by numpy or pickle need not have them."""
    if len(rows) and <size_t>&rows[0, 0] % 64 or rows.shape[1] % FW2V_LANES_MAX:
        raise ValueError("the kernels need matrices of padded and aligned rows, made by matrix()")


cdef float *first_row(float[:, ::1] rows) except? NULL:
    """Point at a matrix; NULL if it has no rows."""
    check_rows(rows)
    return &rows[0, 0] if len(rows) else NULL


cdef struct Private:
    # The rows of one matrix, the first ones, that every thread has a private copy of; in blocks that are
    # merged alike.
    int n_rows, n_blocks
    const int64_t *block_ends       # the row behind each block
    const int64_t *merge_every      # trained words between two merges of each block
    const double *rates             # expected updates of each row in one trained word
    unsigned char *locks            # one for LOCK_ROWS rows, LOCK_STEP bytes apart
    const float *lock_factors       # of each row, or NULL: a row whose factor is 0 never moves


cdef struct Run:
    # What all threads of a run share, as pointers into the arrays that its Task keeps alive.
    Text text
    const fw2v_alias *noise         # noise distribution over the rows
    uint32_t n_rows
    const int64_t *path_starts      # where in the steps the path to each word begins; see huffman.pyx
    const uint32_t *path_steps
    float *inputs
    float *outputs                  # NULL without noise words
    float *nodes                    # NULL without a tree
    const float *lock_factors       # of the rows of W, or NULL where all are 1
    int stride
    Private own_inputs
    Private own_outputs
    Private own_nodes
    int threads
    int window
    int negative
    int n_streams                   # windows that share noise words
    int vectors_max                 # of one window, trained from the same scores
    bint hs
    bint cbow
    bint cbow_mean
    bint cbow_divides               # what the rows around a word learn by their number
    bint shrink_windows
    double top_share                # of the most frequent word, in the words that subsampling keeps
    double alpha
    double alpha_slope              # change of the learning rate from one word of the run to the next
    uint64_t seed
    fw2v_train_group train_group
    fw2v_train_group train_tree
    fw2v_merge_row merge_row
    const int32_t *stop


@cython.final
cdef class Task:
    """What all threads of a run share: corpus, samplers, matrices, parameters.

    The arrays and parameters are those of `Run`; fastw2v/training.py makes and checks them. `stop` is an
    int32 array of one flag, `counters` holds words read, words trained, training pairs and those that
    the loss is of, for each thread; `losses` the sum of that loss.
    """

    cdef Run run
    cdef object arrays
    cdef readonly object stop
    cdef readonly object counters
    cdef readonly object losses

    def __init__(
        self,
        const int32_t[::1] tokens,
        const int64_t[::1] offsets,
        const uint32_t[:, ::1] words,
        const uint32_t[:, ::1] noise,
        const int64_t[::1] path_starts,
        const uint32_t[::1] path_steps,
        float[:, ::1] inputs,
        float[:, ::1] outputs,
        float[:, ::1] nodes,
        const float[::1] lock_factors,
        list merges,
        list rates,
        *,
        str isa,
        int threads,
        int window,
        int negative,
        bint hs,
        int n_streams,
        int vectors_max,
        bint cbow,
        bint cbow_mean,
        bint cbow_divides,
        bint shrink_windows,
        double top_share,
        double alpha,
        double min_alpha,
        int64_t total_words,
        uint64_t seed,
    ):
        cdef int32_t[::1] stop = np.zeros(1, dtype=np.int32)
        cdef const fw2v_isa *chosen = find_isa(isa)
        cdef Run *run = &self.run
        run.text = Text(&tokens[0], &offsets[0], len(offsets) - 1, <const Word *>&words[0, 0])
        run.noise, run.n_rows = <const fw2v_alias *>&noise[0, 0], <uint32_t>len(noise)
        run.inputs, run.stride = first_row(inputs), inputs.shape[1]
        run.outputs, run.nodes = first_row(outputs), first_row(nodes)
        run.path_starts = &path_starts[0] if len(path_starts) else NULL
        run.path_steps = &path_steps[0] if len(path_steps) else NULL
        run.lock_factors = &lock_factors[0] if len(lock_factors) else NULL
        locks = [
            point_at_private(&run.own_inputs, merges[0], rates[0]),
            point_at_private(&run.own_outputs, merges[1], rates[1]),
            point_at_private(&run.own_nodes, merges[2], rates[2]),
        ]
        run.own_inputs.lock_factors = run.lock_factors
        run.threads, run.window, run.negative, run.hs = threads, window, negative, hs
        run.n_streams, run.vectors_max = n_streams, vectors_max
        run.cbow, run.cbow_mean, run.cbow_divides = cbow, cbow_mean, cbow_divides
        run.shrink_windows = shrink_windows
        run.top_share, run.seed = top_share, seed
        run.alpha, run.alpha_slope = alpha, (min_alpha - alpha) / total_words
        run.train_group = chosen.train_cbow if cbow else chosen.train_skipgram
        run.train_tree = chosen.train_cbow_tree if cbow else chosen.train_skipgram_tree
        run.merge_row = chosen.merge_row
        run.stop = &stop[0]
        self.arrays = (
            tokens, offsets, words, noise, path_starts, path_steps,
            inputs, outputs, nodes, lock_factors, merges, rates, locks,
        )
        self.stop = np.asarray(stop)
        # Two cache lines for each thread: it shares none, wherever the first one begins.
        self.counters = np.zeros((threads, 16), dtype=np.int64)
        self.losses = np.zeros((threads, 16), dtype=np.float64)


cdef Py_ssize_t lock_bytes(Py_ssize_t n_rows) noexcept:
    return (n_rows + LOCK_ROWS - 1) // LOCK_ROWS * LOCK_STEP


cdef object point_at_private(Private *rows, const int64_t[:, ::1] merges, const double[::1] rates):
    """Return the locks, which the caller keeps alive like the other arrays."""
    cdef unsigned char[::1] locks = np.zeros(lock_bytes(len(rates)) + 1, np.uint8)
    rows.n_rows, rows.n_blocks, rows.locks = len(rates), merges.shape[1], &locks[0]
    rows.lock_factors = NULL
    if rows.n_rows:
        rows.block_ends, rows.merge_every, rows.rates = &merges[0, 0], &merges[1, 0], &rates[0]
    return locks


@cython.final
cdef class Copies:
    """Private copies of the first rows of a matrix, and what they were when they were last merged."""

    cdef int n_rows, stride
    cdef float *own
    cdef float *base
    cdef int64_t *merged_at
    cdef float[:, ::1] memory
    cdef int64_t[::1] merges

    def __init__(self, int n_rows, int stride):
        self.n_rows, self.stride = n_rows, stride
        self.memory = matrix(2 * n_rows + 1, stride)
        self.merges = np.zeros(n_rows + 1, dtype=np.int64)
        self.own, self.base = &self.memory[0, 0], &self.memory[n_rows, 0]
        self.merged_at = &self.merges[0]

    cdef void fill(self, const float *rows) noexcept:
        cdef size_t n_bytes = <size_t>self.n_rows * self.stride * sizeof(float)
        if not n_bytes:  # then there may be no rows at all
            return
        memcpy(self.own, rows, n_bytes)
        # Not from the rows again: another thread may have merged into them in between.
        memcpy(self.base, self.own, n_bytes)


cdef struct Stream:
    # A walk through part of a shard. The centre words of several walks are trained at a time: far enough
    # from each other that the noise words they share meet unlike words.
    int64_t centre, end             # in `kept`
    int64_t sentence, first, last   # that of the centre word, and its bounds in `kept`


@cython.final
cdef class Worker:
    """One thread's share of an epoch: `train` shards, then `finish`.

    A worker holds what only its thread may touch: its random state, the rows of the shard at hand, and
    private copies of the most frequent rows of both matrices, because cores that write to the same row
    spend their time passing its cache lines back and forth. Given matrices of its own (W, W', nodes), it
    trains these in place of the shared ones.
    """

    cdef Task task
    cdef const Run *run
    cdef int index, epoch
    cdef int64_t epoch_start         # words of the run before this epoch
    cdef uint64_t random
    cdef int64_t trained, next_merge, merge_step
    cdef int64_t n_kept, n_sentences
    cdef Stream streams[FW2V_GROUP_MAX]
    cdef float alpha, error_limit
    cdef Copies own_inputs, own_outputs, own_nodes
    cdef tuple matrices
    # Where the rows of each matrix begin: the shared ones, and the private copies.
    cdef float *input_bases[2]
    cdef float *output_bases[2]
    cdef float *node_bases[2]
    cdef float[:, ::1] scratch, labels
    cdef int32_t[::1] kept           # rows of the shard's words that subsampling has kept
    cdef int64_t[::1] ends           # of the shard's sentences, in `kept`
    cdef int64_t[::1] counts
    cdef double[::1] loss
    cdef fw2v_group group
    cdef float *context_pointers[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX]
    cdef float *noise_pointers[FW2V_NOISE_MAX]
    cdef float *node_pointers[FW2V_PATH_MAX]
    # Context rows of the group at hand that do not learn all they should, or nothing: where they are. What is
    # trained in their place, and what they were before, are pairs of rows in `held`.
    cdef float *held_rows[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX]
    cdef float held_factors[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX]
    cdef float[:, ::1] held
    cdef int n_held
    # Noise words of the group at hand, and of the next one.
    cdef int32_t noise_rows[2][FW2V_NOISE_MAX]
    cdef int slot

    def __init__(
        self, Task task, int index, int epoch, int64_t shard_words, tuple matrices=None
    ):
        cdef int stride = task.run.stride
        self.task, self.run = task, &task.run
        self.epoch = epoch
        self.epoch_start = epoch * task.run.text.offsets[task.run.text.n_sentences]
        self.error_limit = 1 if task.run.cbow_divides else REPEATS_MAX / task.run.top_share
        self.own_inputs = Copies(task.run.own_inputs.n_rows, stride)
        self.own_outputs = Copies(task.run.own_outputs.n_rows, stride)
        self.own_nodes = Copies(task.run.own_nodes.n_rows, stride)
        self.own_inputs.fill(task.run.inputs)
        self.own_outputs.fill(task.run.outputs)
        self.own_nodes.fill(task.run.nodes)
        self.node_bases[:] = [task.run.nodes, self.own_nodes.own]
        self.input_bases[:] = [task.run.inputs, self.own_inputs.own]
        self.output_bases[:] = [task.run.outputs, self.own_outputs.own]
        self.matrices = matrices
        if matrices is not None:
            self.input_bases[0], self.output_bases[0], self.node_bases[0] = (
                first_row(matrices[0]), first_row(matrices[1]), first_row(matrices[2])
            )
        self.trained = 0
        self.index = index
        self.merge_step = INT64_MAX
        self.merge_often_enough(&task.run.own_inputs)
        self.merge_often_enough(&task.run.own_outputs)
        self.merge_often_enough(&task.run.own_nodes)
        self.next_merge = self.merge_step
        self.scratch = matrix(
            1,
            fw2v_scratch_floats(
                2 * task.run.window, task.run.negative, FW2V_PATH_MAX if task.run.hs else 0, stride
            ),
        )
        self.labels = matrix(1, FW2V_PATH_MAX + FW2V_LANES_MAX)
        if task.run.lock_factors:
            self.held = matrix(4 * task.run.window * task.run.n_streams, stride)
        self.kept = np.zeros(shard_words, dtype=np.int32)
        self.ends = np.zeros(shard_words, dtype=np.int64)
        self.counts, self.loss = task.counters[index], task.losses[index]
        self.group.noise, self.group.n_noise = self.noise_pointers, task.run.negative
        self.group.nodes, self.group.labels = self.node_pointers, &self.labels[0, 0]
        self.group.stride, self.group.scratch = stride, &self.scratch[0, 0]

    cdef void merge_often_enough(self, const Private *rows) noexcept:
        if rows.n_rows:
            self.merge_step = min(self.merge_step, rows.merge_every[0])

    def train(self, int64_t start, int64_t end, bint watched):
        """Train the words at positions [start, end) of the corpus, once; where `watched`, sum up the loss."""
        cdef int64_t before = self.counts[2]
        self.group.loss = &self.loss[0] if watched else NULL
        with nogil:
            self.train_shard(start, end)
        if watched:
            self.counts[3] += self.counts[2] - before

    def finish(self):
        """Merge the private rows into the shared matrices, for the last time in this epoch."""
        with nogil:
            self.merge_rows(self.trained, True)

    cdef void train_shard(self, int64_t start, int64_t end) noexcept nogil:
        cdef const Run *run = self.run
        cdef int64_t done = 0, n_kept
        cdef double alpha = run.alpha + run.alpha_slope * <double>(self.epoch_start + start)
        cdef double alpha_step
        cdef int k
        # The same random numbers for a shard, whichever thread trains it.
        self.random = fw2v_seed(run.seed, self.epoch, start)
        self.n_kept = n_kept = keep_words(
            &run.text, start, end, &self.random, &self.kept[0], &self.ends[0], &self.n_sentences
        )
        alpha_step = run.alpha_slope * (end - start) / max(n_kept, 1)
        for k in range(run.n_streams):
            self.start_stream(
                &self.streams[k], n_kept * k // run.n_streams, n_kept * (k + 1) // run.n_streams
            )
        self.slot = 0
        self.draw_noise(0)
        while done < n_kept:
            if run.stop[0]:
                break
            self.alpha = alpha + alpha_step * done
            self.draw_noise(self.slot ^ 1)
            done += self.train_group()
            self.slot ^= 1
            if self.trained + done >= self.next_merge:
                self.merge_rows(self.trained + done, False)
                self.next_merge += self.merge_step
        self.trained += done
        self.counts[0] += end - start
        self.counts[1] += done

    cdef void start_stream(self, Stream *stream, int64_t centre, int64_t end) noexcept nogil:
        cdef int64_t low = 0, high = self.n_sentences, middle
        while low < high:
            middle = (low + high) // 2
            if self.ends[middle] <= centre:
                low = middle + 1
            else:
                high = middle
        stream.centre, stream.end, stream.sentence = centre, end, low
        stream.first = self.ends[low - 1] if low else 0
        stream.last = self.ends[low] if low < self.n_sentences else stream.first

    cdef inline void advance(self, Stream *stream) noexcept nogil:
        """Go on to the next centre word, and call the rows that come into sight into the cache."""
        cdef int64_t ahead
        stream.centre += 1
        while stream.centre == stream.last and stream.centre < self.n_kept:
            stream.first = stream.last
            stream.sentence += 1
            stream.last = self.ends[stream.sentence]
        if stream.centre < self.n_kept:
            if self.run.negative:
                fw2v_prefetch_row(self.output_row(self.kept[stream.centre]), self.run.stride)
            if self.run.hs:
                self.prefetch_path(stream.centre)
        ahead = stream.centre + self.run.window
        if ahead < self.n_kept:
            fw2v_prefetch_row(self.input_row(self.kept[ahead]), self.run.stride)

    cdef inline int train_group(self) noexcept nogil:
        """Train one centre word of each stream; return their number."""
        cdef fw2v_group *group = &self.group
        cdef Stream *stream
        cdef float **contexts = self.context_pointers
        cdef int s, k, n_contexts, n = 0, n_centres = 0, n_pairs = 0
        cdef float share
        for s in range(self.run.n_streams):
            stream = &self.streams[s]
            if stream.centre == stream.end:
                continue
            n_contexts = self.choose_context(contexts, stream)
            contexts += n_contexts
            if self.run.negative:
                group.targets[n] = self.output_row(self.kept[stream.centre])
            if self.run.hs:
                self.point_at_path(self.kept[stream.centre])
            group.n_contexts[n] = n_contexts
            if self.run.cbow:
                share = 1 / <float>max(n_contexts, 1)
                group.hidden_scales[n] = share if self.run.cbow_mean else 1
                group.error_scales[n] = min(<float>1, self.error_limit * share)
                n_pairs += n_contexts > 0
            else:
                n_pairs += n_contexts
            self.advance(stream)
            n_centres += 1
            n += n_contexts > 0
        for k in range(self.run.negative):
            self.noise_pointers[k] = self.output_row(self.noise_rows[self.slot][k])
        self.counts[2] += n_pairs
        group.contexts, group.n_centres = self.context_pointers, n
        group.alpha = self.alpha
        if self.run.lock_factors:
            self.hold_rows(contexts - self.context_pointers)
        if self.run.hs:
            self.train_parts(self.run.train_tree)
        if self.run.negative:
            self.train_parts(self.run.train_group)
        if self.run.lock_factors:
            self.move_held_rows()
        return n_centres

    cdef inline void train_parts(self, fw2v_train_group train) noexcept nogil:
        """Train the group: where that is one large window of skip-gram, some vectors at a time."""
        cdef fw2v_group *group = &self.group
        cdef int n_contexts = group.n_contexts[0], left = n_contexts - self.run.vectors_max
        if self.run.n_streams > 1 or left <= 0 or self.run.cbow:
            train(group)
            return
        group.n_contexts[0] = self.run.vectors_max
        while left > 0:
            train(group)
            group.contexts += self.run.vectors_max
            group.n_contexts[0] = min(left, self.run.vectors_max)
            left -= self.run.vectors_max
        train(group)
        group.contexts, group.n_contexts[0] = self.context_pointers, n_contexts

    cdef inline void point_at_path(self, int32_t row) noexcept nogil:
        cdef int64_t start = self.run.path_starts[row]
        cdef int k, n = self.run.path_starts[row + 1] - start
        cdef float *labels = &self.labels[0, 0]
        cdef uint32_t step
        for k in range(n):
            step = self.run.path_steps[start + k]
            self.node_pointers[k] = self.node_row(step >> 1)
            labels[k] = 1 - <float>(step & 1)
        for k in range(FW2V_LANES_MAX):
            labels[n + k] = 0
        self.group.n_nodes = n

    cdef inline void prefetch_path(self, int64_t centre) noexcept nogil:
        """Call the nodes on the path to a word into the cache, and the paths to words behind it."""
        cdef int64_t k, row = self.kept[centre]
        cdef uint32_t node
        if centre + 2 * PATHS_AHEAD < self.n_kept:
            fw2v_prefetch_line(&self.run.path_starts[self.kept[centre + 2 * PATHS_AHEAD]])
            k = self.run.path_starts[self.kept[centre + PATHS_AHEAD]]
            fw2v_prefetch_line(&self.run.path_steps[k])
            fw2v_prefetch_line(&self.run.path_steps[k + 12])
        for k in range(self.run.path_starts[row], self.run.path_starts[row + 1]):
            node = self.run.path_steps[k] >> 1
            # The nodes near the root never leave the cache.
            if node >= HOT_NODES:
                fw2v_prefetch_row(self.node_row(node), self.run.stride)

    cdef void hold_rows(self, int n_contexts) noexcept nogil:
        """Have copies trained in place of the context rows that are locked, more or less."""
        cdef int64_t stride = self.run.stride, distance
        cdef int64_t n_own = self.run.own_inputs.n_rows * stride
        cdef int k
        cdef float factor
        cdef float *row
        cdef float *copy = &self.held[0, 0]
        self.n_held = 0
        for k in range(n_contexts):
            row = self.context_pointers[k]
            distance = row - self.own_inputs.own
            if distance < 0 or distance >= n_own:
                distance = row - self.input_bases[0]
            factor = self.run.lock_factors[distance // stride]
            if factor != 1:
                memcpy(copy, row, stride * sizeof(float))
                memcpy(copy + stride, row, stride * sizeof(float))
                self.held_rows[self.n_held], self.held_factors[self.n_held] = row, factor
                self.context_pointers[k] = copy
                self.n_held += 1
                copy += 2 * stride

    cdef void move_held_rows(self) noexcept nogil:
        """Have the locked rows learn their part of what the copies have learned."""
        cdef int64_t stride = self.run.stride
        cdef int k, c
        cdef float *row
        cdef float *copy = &self.held[0, 0]
        for k in range(self.n_held):
            if self.held_factors[k] != 0:
                row = self.held_rows[k]
                for c in range(stride):
                    row[c] += self.held_factors[k] * (copy[c] - copy[stride + c])
            copy += 2 * stride

    cdef inline int choose_context(self, float **rows, const Stream *stream) noexcept nogil:
        """Point at the rows around a centre word, in a window of random size; return their number."""
        cdef int64_t other, centre = stream.centre, window = self.run.window
        cdef int n = 0
        if self.run.shrink_windows:
            window = 1 + fw2v_random_below(fw2v_random(&self.random), self.run.window)
        for other in range(max(stream.first, centre - window), centre):
            rows[n] = self.input_row(self.kept[other])
            n += 1
        for other in range(centre + 1, min(stream.last, centre + window + 1)):
            rows[n] = self.input_row(self.kept[other])
            n += 1
        return n

    cdef inline float *input_row(self, int32_t row) noexcept nogil:
        # An index, not a branch: which rows come is chance.
        return self.input_bases[row < self.run.own_inputs.n_rows] + <int64_t>row * self.run.stride

    cdef inline float *output_row(self, int32_t row) noexcept nogil:
        return self.output_bases[row < self.run.own_outputs.n_rows] + <int64_t>row * self.run.stride

    cdef inline float *node_row(self, int64_t row) noexcept nogil:
        return self.node_bases[row < self.run.own_nodes.n_rows] + row * self.run.stride

    cdef inline void draw_noise(self, int slot) noexcept nogil:
        cdef int32_t row
        cdef int k
        for k in range(self.run.negative):
            row = fw2v_draw(self.run.noise, self.run.n_rows, &self.random)
            self.noise_rows[slot][k] = row
            fw2v_prefetch_row(self.output_row(row), self.run.stride)

    cdef void merge_rows(self, int64_t trained, bint wait) noexcept nogil:
        """Merge the private rows that are due, or, at the end, all of them and without fail."""
        self.merge_matrix(&self.run.own_inputs, self.own_inputs, self.run.inputs, trained, wait)
        self.merge_matrix(&self.run.own_outputs, self.own_outputs, self.run.outputs, trained, wait)
        self.merge_matrix(&self.run.own_nodes, self.own_nodes, self.run.nodes, trained, wait)

    cdef void merge_matrix(
        self, const Private *rows, Copies copies, float *shared, int64_t trained, bint wait
    ) noexcept nogil:
        cdef int64_t every, shift, row, lock_end, end
        cdef int k, block
        for k in range(rows.n_blocks):
            # Threads that end together begin with different blocks.
            block = (k + rows.n_blocks * self.index // self.run.threads) % rows.n_blocks
            row = rows.block_ends[block - 1] if block else 0
            end = rows.block_ends[block]
            every = rows.merge_every[block]
            # The threads take turns: those that merge a row at the same time wait for each other's lines.
            shift = every * self.index // self.run.threads // self.merge_step * self.merge_step
            if wait or (self.next_merge + shift) % every == 0:
                while row < end:
                    lock_end = min((row // LOCK_ROWS + 1) * LOCK_ROWS, end)
                    self.merge_locked(rows, copies, shared, row, lock_end, trained, wait)
                    row = lock_end

    cdef void merge_locked(
        self,
        const Private *rows,
        Copies copies,
        float *shared,
        int64_t row,
        int64_t end,
        int64_t trained,
        bint wait,
    ) noexcept nogil:
        """Merge rows [row, end), which have one lock."""
        cdef int64_t stride = self.run.stride, ahead
        cdef unsigned char *lock = rows.locks + row // LOCK_ROWS * LOCK_STEP
        cdef double updates
        if wait:
            fw2v_lock(lock)
        elif not fw2v_try_lock(lock):
            # Rows that another thread is merging can wait until they are due again.
            return
        while row < end:
            ahead = min(row + MERGE_AHEAD, rows.n_rows - 1)
            fw2v_prefetch_row(shared + ahead * stride, self.run.stride)
            updates = rows.rates[row] * (trained - copies.merged_at[row])
            # A merge would make 0 of -0, and a locked row is to keep its bits.
            if rows.lock_factors == NULL or rows.lock_factors[row] != 0:
                self.run.merge_row(
                    shared + row * stride, copies.own + row * stride, copies.base + row * stride,
                    self.run.stride, fw2v_merge_gain(self.run.threads, updates, _MERGE_TAU / self.alpha),
                )
            copies.merged_at[row] = trained
            row += 1
        fw2v_unlock(lock)


cdef int64_t sentence_at(const int64_t *offsets, int64_t n_sentences, int64_t position) noexcept nogil:
    """The sentence that holds the word at `position`."""
    cdef int64_t low = 0, high = n_sentences, middle
    while low < high:
        middle = (low + high) // 2
        if offsets[middle + 1] <= position:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t keep_words(
    const Text *text,
    int64_t start,
    int64_t end,
    uint64_t *random,
    int32_t *kept,
    int64_t *ends,
    int64_t *n_sentences,
) noexcept nogil:
    """Write the rows of the words in [start, end) that subsampling keeps to `kept`; return their number.

    `ends` receives the end in `kept` of each sentence.
    """
    cdef int64_t sentence = sentence_at(text.offsets, text.n_sentences, start)
    cdef int64_t position = start, sentence_end, n_kept = 0, n = 0
    cdef uint64_t state = random[0]
    cdef Word word
    while position < end:
        sentence_end = min(text.offsets[sentence + 1], end)
        sentence += 1
        if sentence_end == position:
            continue
        while position < sentence_end:
            # Without a branch, which chance would mispredict.
            word = text.words[text.tokens[position]]
            position += 1
            kept[n_kept] = word.row
            n_kept += (fw2v_random(&state) >> 33) < word.keep
        ends[n] = n_kept
        n += 1
    random[0], n_sentences[0] = state, n
    return n_kept
