"""The training loop of the full softmax: threads that share each batch, without the GIL."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

import numpy as np

from fastw2v._native.kernels cimport (
    FW2V_BATCH_MAX,
    FW2V_CONTEXT_MAX,
    fw2v_barrier,
    fw2v_isa,
    fw2v_random,
    fw2v_random_below,
    fw2v_seed,
    fw2v_softmax,
    fw2v_softmax_floats,
    fw2v_softmax_parts,
    fw2v_softmax_steps,
    fw2v_wait,
)
from fastw2v._native.train cimport Text, Word, check_rows, find_isa, keep_words

from fastw2v._native.train import matrix as _matrix

BATCH_MAX = FW2V_BATCH_MAX


def parts(int n_words):
    """Into how many parts a vocabulary is cut: more threads have nothing to do."""
    return fw2v_softmax_parts(n_words)


cdef point_at_parameters(
    fw2v_softmax *batch,
    int dim,
    float[:, ::1] outputs,
    float[:, ::1] hidden_bias,
    float[:, ::1] output_bias,
):
    check_rows(outputs)
    check_rows(hidden_bias)
    check_rows(output_bias)
    if (
        hidden_bias.shape[1] != outputs.shape[1]
        or output_bias.shape[1] < len(outputs)
        or not 1 <= dim <= outputs.shape[1]
    ):
        raise ValueError("the biases must be matrices of one row, as long as a row and a column of W'")
    batch.outputs, batch.n_words = &outputs[0, 0], len(outputs)
    batch.dim, batch.stride = dim, outputs.shape[1]
    batch.hidden_bias, batch.output_bias = &hidden_bias[0, 0], &output_bias[0, 0]


def train_batch(
    str isa,
    int dim,
    float[:, ::1] inputs,       # INOUT
    float[:, ::1] outputs,      # INOUT
    float[:, ::1] hidden_bias,     # INOUT
    float[:, ::1] output_bias,     # INOUT
    list context_rows,          # IN, an array of int32 for each hidden vector
    list target_rows,           # IN, an array of int32 for each hidden vector
    float alpha,
    float scale=1.0,
    float repeats=1.0,
):
    """Train one batch with one instruction set, outside any run; returns its loss.

    The matrices are made by `fastw2v._native.train.matrix`; the biases are matrices of one row.
    """
    cdef float *contexts[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX]
    cdef int32_t targets[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX]
    cdef fw2v_softmax batch
    cdef const fw2v_isa *chosen = find_isa(isa)
    cdef float[:, ::1] scratch
    cdef double loss = 0
    cdef int i, row, part, n_contexts = 0, n_targets = 0
    if not 1 <= len(context_rows) == len(target_rows) <= FW2V_BATCH_MAX:
        raise ValueError(f"1 to {FW2V_BATCH_MAX} hidden vectors, got {len(context_rows)}")
    check_rows(inputs)
    point_at_parameters(&batch, dim, outputs, hidden_bias, output_bias)
    for i, (rows, words) in enumerate(zip(context_rows, target_rows)):
        if not (1 <= len(rows) <= FW2V_CONTEXT_MAX and 1 <= len(words) <= FW2V_CONTEXT_MAX):
            raise ValueError(f"1 to {FW2V_CONTEXT_MAX} rows, got {len(rows)} and {len(words)}")
        for row in rows:
            contexts[n_contexts] = &inputs[row, 0]
            n_contexts += 1
        for row in words:
            targets[n_targets] = row
            n_targets += 1
        batch.n_contexts[i], batch.n_targets[i], batch.scales[i] = len(rows), len(words), scale
    batch.n_hidden, batch.contexts, batch.targets = len(context_rows), contexts, targets
    batch.factors = NULL
    batch.alpha, batch.repeats, batch.loss = alpha, repeats, &loss
    scratch = _matrix(1, fw2v_softmax_floats(batch.n_words, batch.stride))
    batch.scratch = &scratch[0, 0]
    with nogil:
        chosen.softmax.prepare(&batch)
        for part in range(fw2v_softmax_parts(batch.n_words)):
            chosen.softmax.score(&batch, part)
        for part in range(fw2v_softmax_parts(batch.n_words)):
            chosen.softmax.update(&batch, part)
        chosen.softmax.finish(&batch)
    return loss


cdef struct Run:
    # What a run needs to know, as pointers into the arrays that its SoftmaxTask keeps alive.
    Text text
    float *inputs
    const float *lock_factors       # NULL, or what a step of each row of W is multiplied by
    int threads
    int batch_size
    int window
    bint cbow
    bint cbow_mean
    bint shrink_windows
    double alpha
    double alpha_slope              # change of the learning rate from one word of the run to the next
    uint64_t seed
    fw2v_softmax_steps steps
    const int32_t *stop


@cython.final
cdef class SoftmaxTask:
    """What all threads of a run share: corpus, matrices, biases, parameters, and the batch at hand.

    fastw2v/softmax.py makes and checks them. `stop`, `counters` and `losses` are as those of
    `fastw2v._native.train.Task`; the first thread counts for all.
    """

    cdef Run run
    cdef object arrays
    cdef readonly object stop
    cdef readonly object counters
    cdef readonly object losses
    cdef fw2v_barrier barrier
    cdef bint more                   # the batch is to be trained; otherwise the shard has ended
    cdef uint64_t random
    cdef float[:, ::1] scratch
    cdef int32_t[::1] kept           # rows of the shard's words that subsampling has kept
    cdef int64_t[::1] ends           # of the shard's sentences, in `kept`
    cdef int64_t[:, ::1] bounds      # of the sentence of each word in `kept`
    cdef int32_t[::1] reaches        # the window of each word in `kept`
    cdef int64_t n_kept, done, step  # words in `kept`, those trained, and of each part of the shard
    cdef double alpha, alpha_step    # at the shard's first word, and from one word in `kept` to the next
    cdef fw2v_softmax batch
    cdef float *contexts[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX]
    cdef float factors[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX]
    cdef int32_t targets[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX]
    cdef int n_contexts, n_targets   # in the batch so far

    def __init__(
        self,
        const int32_t[::1] tokens,
        const int64_t[::1] offsets,
        const uint32_t[:, ::1] words,
        int dim,
        float[:, ::1] inputs,
        float[:, ::1] outputs,
        float[:, ::1] hidden_bias,
        float[:, ::1] output_bias,
        const float[::1] lock_factors,  # one for each word, or none
        *,
        str isa,
        int threads,
        int64_t shard_words,
        int batch_size,
        float repeats,
        int window,
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
        cdef double[::1] losses = np.zeros(1)
        cdef Run *run = &self.run
        cdef fw2v_softmax *batch = &self.batch
        check_rows(inputs)
        point_at_parameters(batch, dim, outputs, hidden_bias, output_bias)
        self.scratch = _matrix(1, fw2v_softmax_floats(batch.n_words, batch.stride))
        batch.repeats, batch.scratch = repeats, &self.scratch[0, 0]
        batch.contexts, batch.targets = self.contexts, self.targets
        run.lock_factors = &lock_factors[0] if len(lock_factors) else NULL
        batch.factors = self.factors if run.lock_factors else NULL
        batch.loss = &losses[0] if compute_loss else NULL
        run.text = Text(&tokens[0], &offsets[0], len(offsets) - 1, <const Word *>&words[0, 0])
        run.inputs, run.threads, run.batch_size = &inputs[0, 0], threads, batch_size
        run.window, run.shrink_windows = window, shrink_windows
        run.cbow, run.cbow_mean, run.seed = cbow, cbow_mean, seed
        run.alpha, run.alpha_slope = alpha, (min_alpha - alpha) / total_words
        run.steps = find_isa(isa).softmax
        run.stop = &stop[0]
        self.kept = np.zeros(shard_words, dtype=np.int32)
        self.ends = np.zeros(shard_words, dtype=np.int64)
        self.bounds = np.zeros((shard_words, 2), dtype=np.int64)
        self.reaches = np.zeros(shard_words, dtype=np.int32)
        self.arrays = tokens, offsets, words, inputs, outputs, hidden_bias, output_bias, lock_factors
        self.stop, self.losses = np.asarray(stop), np.asarray(losses)
        self.counters = np.zeros((1, 4), dtype=np.int64)

    cdef void start_shard(self, int epoch, int64_t start, int64_t end) noexcept nogil:
        """Find the words that subsampling keeps, their sentences and windows."""
        cdef int64_t n_sentences, sentence, position = 0, first, size = end - start
        cdef int64_t words = epoch * self.run.text.offsets[self.run.text.n_sentences] + start
        self.random = fw2v_seed(self.run.seed, epoch, start)
        self.n_kept = keep_words(
            &self.run.text, start, end, &self.random, &self.kept[0], &self.ends[0], &n_sentences
        )
        self.done = self.step = 0
        self.alpha = self.run.alpha + self.run.alpha_slope * words
        self.alpha_step = self.run.alpha_slope * size / max(self.n_kept, 1)
        for sentence in range(n_sentences):
            first = position
            while position < self.ends[sentence]:
                self.bounds[position, 0] = first
                self.bounds[position, 1] = self.ends[sentence]
                self.reaches[position] = self.run.window
                if self.run.shrink_windows:
                    self.reaches[position] = 1 + fw2v_random_below(
                        fw2v_random(&self.random), self.run.window
                    )
                position += 1

    cdef void prepare(self) noexcept nogil:
        """Make the next batch of the shard, if there is one."""
        self.more = self.fill_batch()
        if self.more:
            self.run.steps.prepare(&self.batch)

    cdef bint fill_batch(self) noexcept nogil:
        """Take a word of each part of the shard: far enough from each other to be unlike.

        Returns whether there is anything to train.
        """
        cdef int64_t position, size = self.run.batch_size
        cdef int k
        self.batch.alpha = self.alpha + self.alpha_step * self.done
        self.batch.n_hidden = self.n_contexts = self.n_targets = 0
        while not self.batch.n_hidden and self.done < self.n_kept:
            for k in range(size):
                position = self.n_kept * k // size + self.step
                if position < self.n_kept * (k + 1) // size:
                    self.add(position)
                    self.done += 1
            self.step += 1
        return self.batch.n_hidden > 0

    cdef void add(self, int64_t position) noexcept nogil:
        """Add the hidden vector of a word, and the words it should predict, to the batch.

        Skip-gram: that of a context word, which predicts the centre words in whose windows it stands. CBOW:
        that of the words around a centre word, which they predict.
        """
        cdef fw2v_softmax *batch = &self.batch
        cdef int64_t window = self.reaches[position] if self.run.cbow else self.run.window
        cdef int64_t other, first = max(self.bounds[position, 0], position - window)
        cdef int64_t last = min(self.bounds[position, 1], position + window + 1)
        cdef int n = 0
        for other in range(first, last):
            if other == position:
                continue
            if self.run.cbow:
                self.add_context(self.n_contexts + n, self.kept[other])
                n += 1
            elif -self.reaches[other] <= other - position <= self.reaches[other]:
                self.targets[self.n_targets + n] = self.kept[other]
                n += 1
        if not n:
            return
        if self.run.cbow:
            self.targets[self.n_targets] = self.kept[position]
            batch.scales[batch.n_hidden] = 1 / <float>n if self.run.cbow_mean else 1
        else:
            self.add_context(self.n_contexts, self.kept[position])
            batch.scales[batch.n_hidden] = 1
        batch.n_contexts[batch.n_hidden] = n if self.run.cbow else 1
        batch.n_targets[batch.n_hidden] = 1 if self.run.cbow else n
        self.n_contexts += batch.n_contexts[batch.n_hidden]
        self.n_targets += batch.n_targets[batch.n_hidden]
        batch.n_hidden += 1

    cdef inline void add_context(self, int place, int32_t row) noexcept nogil:
        self.contexts[place] = self.run.inputs + <int64_t>row * self.batch.stride
        if self.run.lock_factors:
            self.factors[place] = self.run.lock_factors[row]


@cython.final
cdef class SoftmaxWorker:
    """One of the threads that share an epoch's batches: all of them `train` the same shards, in step.

    The first one makes the batches; each scores and updates its parts of the vocabulary.
    """

    cdef SoftmaxTask task
    cdef const Run *run
    cdef int index, epoch, first_part, last_part
    cdef int64_t[:, ::1] counters
    cdef const fw2v_softmax *batch

    def __init__(self, SoftmaxTask task, int index, int epoch):
        cdef int n_parts = fw2v_softmax_parts(task.batch.n_words)
        self.task, self.run, self.index, self.epoch = task, &task.run, index, epoch
        self.first_part = n_parts * index // task.run.threads
        self.last_part = n_parts * (index + 1) // task.run.threads
        self.counters, self.batch = task.counters, &task.batch

    def train(self, int64_t start, int64_t end):
        """Train the words at positions [start, end) of the corpus, once."""
        with nogil:
            self.train_shard(start, end)

    cdef bint wait(self) noexcept nogil:
        return fw2v_wait(&self.task.barrier, self.run.threads, self.run.stop)

    cdef void train_shard(self, int64_t start, int64_t end) noexcept nogil:
        cdef const Run *run = self.run
        cdef int64_t before = self.counters[0, 0]
        cdef int part
        if self.index == 0:
            self.task.start_shard(self.epoch, start, end)
        while not run.stop[0]:
            if self.index == 0:
                self.task.prepare()
            if not self.wait():
                return
            if not self.task.more:
                break
            for part in range(self.first_part, self.last_part):
                run.steps.score(self.batch, part)
            if not self.wait():
                return
            for part in range(self.first_part, self.last_part):
                run.steps.update(self.batch, part)
            if not self.wait():
                return
            if self.index == 0:
                run.steps.finish(self.batch)
                self.counters[0, 2] += self.task.n_targets
                # A shard may take seconds: its progress is told as it goes.
                self.counters[0, 0] = before + (end - start) * self.task.done // self.task.n_kept
        # All have seen that there is no more, before the first thread makes a batch of the next shard.
        if self.wait() and self.index == 0 and not run.stop[0]:
            self.counters[0, 0] = before + end - start
            self.counters[0, 1] += self.task.n_kept
