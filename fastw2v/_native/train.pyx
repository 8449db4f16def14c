"""The training loop: one shard of the corpus, for one thread, without the GIL from end to end."""

cimport cython
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

import mmap

import numpy as np

from fastw2v._native.kernels cimport (
    FW2V_INPUTS_MAX,
    FW2V_LANES_MAX,
    FW2V_OUTPUTS_MAX,
    fw2v_alias,
    fw2v_draw,
    fw2v_isa,
    fw2v_isa_count,
    fw2v_isas,
    fw2v_merge_gain,
    fw2v_merge_row,
    fw2v_prefetch_row,
    fw2v_random,
    fw2v_random_below,
    fw2v_scratch_floats,
    fw2v_seed,
    fw2v_train_window,
    fw2v_try_lock,
    fw2v_unlock,
    fw2v_window,
)

LANES = FW2V_LANES_MAX
WINDOW_MAX = FW2V_INPUTS_MAX // 2
NEGATIVE_MAX = FW2V_OUTPUTS_MAX - 1

# How many centre words a thread trains between two looks at the stop flag.
cdef enum:
    WORDS_BETWEEN_CHECKS = 256

# A keep threshold of this value keeps every token.
cdef enum:
    ALWAYS = 0xFFFFFFFF

# An update brings a row nearer to its optimum by 1/tau; tau = MERGE_TAU / alpha (kernels/merging.h).
cdef double MERGE_TAU = 3.0


def isa_names():
    """Names of the instruction sets compiled in that this CPU has, best first."""
    return tuple(
        fw2v_isas[k].name.decode() for k in range(fw2v_isa_count) if fw2v_isas[k].is_supported()
    )


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


def train_window(
    str isa,
    float[:, ::1] inputs,            # INOUT
    float[:, ::1] outputs,           # INOUT
    const int32_t[::1] input_rows,   # IN
    const int32_t[::1] output_rows,  # IN
    float alpha,
    *,
    bint cbow=False,
    float hidden_scale=1.0,
    float error_scale=1.0,
    bint compute_loss=False,
):
    """Train one window with one instruction set, outside any run; returns its loss, or 0.0.

    Rows are aligned to 64 bytes and a multiple of `LANES` floats, as `matrix` makes them.
    """
    cdef int n_inputs = input_rows.shape[0], n_outputs = output_rows.shape[0]
    cdef int stride = inputs.shape[1]
    if n_inputs > FW2V_INPUTS_MAX or n_outputs > FW2V_OUTPUTS_MAX:
        raise ValueError("too many rows for one window")
    cdef float *input_pointers[FW2V_INPUTS_MAX]
    cdef float *output_pointers[FW2V_OUTPUTS_MAX]
    cdef int k
    for k in range(n_inputs):
        input_pointers[k] = &inputs[input_rows[k], 0]
    for k in range(n_outputs):
        output_pointers[k] = &outputs[output_rows[k], 0]
    cdef float[:, ::1] scratch = matrix(1, fw2v_scratch_floats(n_inputs, n_outputs, stride))
    cdef double loss = 0
    cdef fw2v_window window
    window.inputs, window.n_inputs = input_pointers, n_inputs
    window.outputs, window.n_outputs = output_pointers, n_outputs
    window.stride, window.alpha = stride, alpha
    window.hidden_scale, window.error_scale = hidden_scale, error_scale
    window.scratch = &scratch[0, 0]
    window.loss = &loss if compute_loss else NULL
    cdef const fw2v_isa *chosen = find_isa(isa)
    (chosen.train_cbow if cbow else chosen.train_skipgram)(&window)
    return loss


def matrix(Py_ssize_t rows, Py_ssize_t columns):
    """A float32 matrix of zeros, its rows padded to a multiple of 64 bytes and aligned to 64 bytes."""
    cdef Py_ssize_t stride = (columns + FW2V_LANES_MAX - 1) // FW2V_LANES_MAX * FW2V_LANES_MAX
    memory = mmap.mmap(-1, max(1, rows * stride * sizeof(float)))
    # Rows are met at random: with small pages, every other one costs a walk through the page tables.
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:  # a kernel without them
            pass
    return np.frombuffer(memory, dtype=np.float32, count=rows * stride).reshape(rows, stride)


cdef struct Run:
    # What all threads of a run share, as pointers into the arrays that its Task keeps alive.
    const int32_t *tokens           # the corpus: index of the word at each position
    const int64_t *offsets          # position of the first word of each sentence, and of the end
    int64_t n_sentences
    const int32_t *row_of_word      # row of each word of the corpus, -1 if it is not in the vocabulary
    const uint32_t *keep            # subsampling: a row is kept when 32 random bits are below this
    const fw2v_alias *noise         # noise distribution over the rows
    uint32_t n_rows
    float *inputs
    float *outputs
    int stride
    const int64_t *merge_every      # trained words between two merges of each private row, ascending
    const double *input_rates       # expected updates of each private row in one trained word
    const double *output_rates
    int own_rows
    unsigned char *merge_locks
    int threads
    int window
    int negative
    bint cbow
    bint cbow_mean
    bint shrink_windows
    bint compute_loss
    float alpha
    float alpha_slope               # change of the learning rate from one word of the run to the next
    uint64_t seed
    fw2v_train_window train_window
    const int32_t *stop


@cython.final
cdef class Task:
    """What all threads of a run share: corpus, samplers, matrices, parameters.

    The arrays and parameters are those of `Run`; fastw2v/training.py makes and checks them. `stop` is an
    int32 array of one flag, `counters` holds words read, words trained and training pairs of each thread,
    `losses` the sum of the loss of each thread.
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
        const int32_t[::1] row_of_word,
        const uint32_t[::1] keep,
        const uint32_t[:, ::1] noise,
        float[:, ::1] inputs,
        float[:, ::1] outputs,
        const int64_t[::1] merge_every,
        const double[:, ::1] update_rates,
        *,
        str isa,
        int threads,
        int window,
        int negative,
        bint cbow,
        bint cbow_mean,
        bint shrink_windows,
        bint compute_loss,
        double alpha,
        double min_alpha,
        int64_t total_words,
        uint64_t seed,
    ):
        cdef int32_t[::1] stop = np.zeros(1, dtype=np.int32)
        cdef unsigned char[:, ::1] locks = np.zeros((2, len(merge_every) + 1), dtype=np.uint8)
        cdef const fw2v_isa *chosen = find_isa(isa)
        cdef Run *run = &self.run
        run.tokens, run.offsets, run.n_sentences = &tokens[0], &offsets[0], len(offsets) - 1
        run.row_of_word, run.keep = &row_of_word[0], &keep[0]
        run.noise, run.n_rows = <const fw2v_alias *>&noise[0, 0], <uint32_t>len(noise)
        run.inputs, run.outputs, run.stride = &inputs[0, 0], &outputs[0, 0], inputs.shape[1]
        run.own_rows = len(merge_every)
        if run.own_rows:
            run.merge_every = &merge_every[0]
            run.input_rates, run.output_rates = &update_rates[0, 0], &update_rates[1, 0]
        run.merge_locks = &locks[0, 0]
        run.threads, run.window, run.negative = threads, window, negative
        run.cbow, run.cbow_mean, run.shrink_windows = cbow, cbow_mean, shrink_windows
        run.compute_loss, run.seed = compute_loss, seed
        run.alpha, run.alpha_slope = alpha, (min_alpha - alpha) / total_words
        run.train_window = chosen.train_cbow if cbow else chosen.train_skipgram
        run.stop = &stop[0]
        self.arrays = (
            tokens, offsets, row_of_word, keep, noise, inputs, outputs, merge_every, update_rates, locks
        )
        self.stop = np.asarray(stop)
        # A cache line for each thread.
        self.counters = np.zeros((threads, 8), dtype=np.int64)
        self.losses = np.zeros((threads, 8), dtype=np.float64)


@cython.final
cdef class Worker:
    """One thread's share of an epoch: `train` shards, then `finish`.

    A worker holds what only its thread may touch: its random state, the rows of the shard at hand, and
    private copies of the most frequent rows of both matrices, because cores that write to the same row
    spend their time passing its cache lines back and forth.
    """

    cdef Task task
    cdef const Run *run
    cdef int epoch
    cdef int64_t epoch_start         # words of the run before this epoch
    cdef uint64_t random
    cdef int64_t trained, next_merge
    cdef float alpha
    cdef float[:, ::1] own_inputs, base_inputs, own_outputs, base_outputs
    cdef int64_t[:, ::1] merged_at
    cdef float[:, ::1] scratch
    cdef int32_t[::1] kept
    cdef int64_t[:, ::1] ends
    cdef int64_t[::1] counts
    cdef double[::1] loss
    cdef fw2v_window step
    cdef float *input_pointers[FW2V_INPUTS_MAX]
    cdef float *output_pointers[FW2V_OUTPUTS_MAX]
    cdef int32_t noise_rows[2][FW2V_OUTPUTS_MAX]

    def __init__(self, Task task, int index, int epoch, int64_t shard_words):
        cdef int n_rows = task.run.own_rows, stride = task.run.stride
        self.task, self.run = task, &task.run
        self.epoch = epoch
        self.epoch_start = epoch * task.run.offsets[task.run.n_sentences]
        self.own_inputs, self.base_inputs, self.own_outputs, self.base_outputs = (
            matrix(n_rows + 1, stride) for _ in range(4)
        )
        cdef size_t n_bytes = <size_t>n_rows * stride * sizeof(float)
        memcpy(&self.own_inputs[0, 0], task.run.inputs, n_bytes)
        memcpy(&self.base_inputs[0, 0], task.run.inputs, n_bytes)
        memcpy(&self.own_outputs[0, 0], task.run.outputs, n_bytes)
        memcpy(&self.base_outputs[0, 0], task.run.outputs, n_bytes)
        self.merged_at = np.zeros((2, n_rows + 1), dtype=np.int64)
        self.trained = 0
        self.next_merge = task.run.merge_every[0] if n_rows else INT64_MAX
        self.scratch = matrix(
            1, fw2v_scratch_floats(2 * task.run.window, 1 + task.run.negative, stride)
        )
        # The look-ahead reads one row behind the last.
        self.kept = np.zeros(shard_words + 1, dtype=np.int32)
        self.ends = np.zeros((shard_words, 2), dtype=np.int64)
        self.counts, self.loss = task.counters[index], task.losses[index]
        self.step.inputs, self.step.outputs = self.input_pointers, self.output_pointers
        self.step.stride, self.step.scratch = stride, &self.scratch[0, 0]
        self.step.loss = &self.loss[0] if task.run.compute_loss else NULL

    def train(self, int64_t start, int64_t end):
        """Train the words at positions [start, end) of the corpus, once."""
        with nogil:
            self.train_shard(start, end)

    def finish(self):
        """Merge the private rows into the shared matrices, for the last time in this epoch."""
        with nogil:
            self.merge_rows(self.run.own_rows, True)

    cdef void train_shard(self, int64_t start, int64_t end) noexcept nogil:
        cdef const Run *run = self.run
        cdef int64_t first = 0, position = start, n_sentences, k
        # The same random numbers for a shard, whichever thread trains it.
        self.random = fw2v_seed(run.seed, self.epoch, start)
        n_sentences = self.keep_words(start, end)
        if n_sentences:
            self.draw_noise(0, self.kept[0])
        for k in range(n_sentences):
            if run.stop[0]:
                return
            self.train_sentence(first, self.ends[k, 0], position, self.ends[k, 1])
            self.counts[0] += self.ends[k, 1] - position
            first, position = self.ends[k, 0], self.ends[k, 1]

    cdef int64_t keep_words(self, int64_t start, int64_t end) noexcept nogil:
        """Write the rows of the words that subsampling keeps to `kept`; return the number of sentences.

        `ends` receives, for each sentence, its end in `kept` and its end in the corpus.
        """
        cdef const Run *run = self.run
        cdef int64_t sentence = sentence_at(run.offsets, run.n_sentences, start)
        cdef int64_t position = start, sentence_end, n_kept = 0, n_sentences = 0
        cdef uint64_t random = self.random
        cdef int32_t row
        while position < end:
            sentence_end = min(run.offsets[sentence + 1], end)
            sentence += 1
            if sentence_end == position:
                continue
            while position < sentence_end:
                row = run.row_of_word[run.tokens[position]]
                position += 1
                if row >= 0 and (
                    run.keep[row] == ALWAYS or (fw2v_random(&random) >> 32) < run.keep[row]
                ):
                    self.kept[n_kept] = row
                    n_kept += 1
            self.ends[n_sentences, 0], self.ends[n_sentences, 1] = n_kept, position
            n_sentences += 1
        self.kept[n_kept] = 0
        self.random = random
        return n_sentences

    cdef void train_sentence(
        self, int64_t first, int64_t last, int64_t position, int64_t position_end
    ) noexcept nogil:
        """Train every word of kept[first:last] as centre word; they lie at [position, position_end)."""
        cdef const Run *run = self.run
        cdef int64_t centre, ahead, pairs = 0, n_words = last - first
        cdef int n_inputs, window = run.window
        cdef double alpha = run.alpha + run.alpha_slope * <double>(self.epoch_start + position)
        cdef double alpha_step = run.alpha_slope * (position_end - position) / max(n_words, 1)
        for centre in range(first, last):
            if (centre - first) % WORDS_BETWEEN_CHECKS == WORDS_BETWEEN_CHECKS - 1 and run.stop[0]:
                n_words = centre - first
                break
            # The rows of the next window travel to the cache while this one is trained.
            self.draw_noise((centre + 1) & 1, self.kept[centre + 1])
            ahead = centre + run.window + 1
            if ahead < last:
                fw2v_prefetch_row(self.input_row(self.kept[ahead]), run.stride)
            if run.shrink_windows:
                window = 1 + fw2v_random_below(fw2v_random(&self.random), run.window)
            n_inputs = self.choose_inputs(
                max(first, centre - window), centre, min(last, centre + window + 1)
            )
            self.alpha = alpha
            if n_inputs:
                self.step.n_inputs = n_inputs
                self.step.n_outputs = self.choose_outputs(centre & 1, self.kept[centre])
                self.step.alpha = alpha
                self.step.hidden_scale = 1.0 / n_inputs if run.cbow_mean else 1.0
                self.step.error_scale = 1.0
                run.train_window(&self.step)
                pairs += 1 if run.cbow else n_inputs
            alpha += alpha_step
            self.trained += 1
            if self.trained == self.next_merge:
                self.merge_due_rows()
        self.counts[1] += n_words
        self.counts[2] += pairs

    cdef inline float *input_row(self, int32_t row) noexcept nogil:
        if row < self.run.own_rows:
            return &self.own_inputs[row, 0]
        return self.run.inputs + <size_t>row * self.run.stride

    cdef inline float *output_row(self, int32_t row) noexcept nogil:
        if row < self.run.own_rows:
            return &self.own_outputs[row, 0]
        return self.run.outputs + <size_t>row * self.run.stride

    cdef inline void draw_noise(self, int slot, int32_t target) noexcept nogil:
        """Draw the noise words of the window around `target`, and call their rows into the cache."""
        cdef int32_t row
        cdef int k
        fw2v_prefetch_row(self.output_row(target), self.run.stride)
        for k in range(self.run.negative):
            row = fw2v_draw(self.run.noise, self.run.n_rows, &self.random)
            self.noise_rows[slot][k] = row
            fw2v_prefetch_row(self.output_row(row), self.run.stride)

    cdef inline int choose_inputs(self, int64_t low, int64_t centre, int64_t high) noexcept nogil:
        cdef int64_t other
        cdef int n = 0
        for other in range(low, centre):
            self.input_pointers[n] = self.input_row(self.kept[other])
            n += 1
        for other in range(centre + 1, high):
            self.input_pointers[n] = self.input_row(self.kept[other])
            n += 1
        return n

    cdef inline int choose_outputs(self, int slot, int32_t target) noexcept nogil:
        """The target's row, and those of the noise words that differ from it."""
        cdef int k, n = 1
        self.output_pointers[0] = self.output_row(target)
        for k in range(self.run.negative):
            if self.noise_rows[slot][k] != target:
                self.output_pointers[n] = self.output_row(self.noise_rows[slot][k])
                n += 1
        return n

    cdef void merge_due_rows(self) noexcept nogil:
        cdef const Run *run = self.run
        cdef int n_rows = 0
        while n_rows < run.own_rows and self.trained % run.merge_every[n_rows] == 0:
            n_rows += 1
        self.merge_rows(n_rows, False)
        self.next_merge += run.merge_every[0]

    cdef void merge_rows(self, int n_rows, bint wait) noexcept nogil:
        """Merge the first `n_rows` private rows; a row that another thread is merging can wait."""
        cdef const Run *run = self.run
        cdef double tau = MERGE_TAU / self.alpha
        cdef int row
        for row in range(n_rows):
            self.merge_row(
                run.merge_locks + row, wait, run.inputs + <size_t>row * run.stride,
                &self.own_inputs[row, 0], &self.base_inputs[row, 0], &self.merged_at[0, row],
                run.input_rates[row] / tau,
            )
            self.merge_row(
                run.merge_locks + run.own_rows + row, wait, run.outputs + <size_t>row * run.stride,
                &self.own_outputs[row, 0], &self.base_outputs[row, 0], &self.merged_at[1, row],
                run.output_rates[row] / tau,
            )

    cdef inline void merge_row(
        self, unsigned char *lock, bint wait, float *shared, float *own, float *base,
        int64_t *merged_at, double rate,
    ) noexcept nogil:
        while not fw2v_try_lock(lock):
            if not wait:
                return
        cdef double gain = fw2v_merge_gain(self.run.threads, rate * (self.trained - merged_at[0]), 1.0)
        fw2v_merge_row(shared, own, base, self.run.stride, gain)
        merged_at[0] = self.trained
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
