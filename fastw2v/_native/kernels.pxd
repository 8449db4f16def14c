"""What kernels/kernels.h (with softmax.h), kernels/sampling.h, kernels/merging.h and kernels/barrier.h
declare."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef extern from "kernels/kernels.h" nogil:
    enum:
        FW2V_LANES_MAX
        FW2V_CONTEXT_MAX
        FW2V_NOISE_MAX
        FW2V_PATH_MAX
        FW2V_GROUP_MAX
        FW2V_BATCH_MAX

    ctypedef struct fw2v_group:
        int n_centres
        float **contexts
        int n_contexts[FW2V_GROUP_MAX]
        float *targets[FW2V_GROUP_MAX]
        float **noise
        int n_noise
        float **nodes
        const float *labels
        int n_nodes
        int stride
        float alpha
        float *scratch
        double *loss
        float hidden_scales[FW2V_GROUP_MAX]
        float error_scales[FW2V_GROUP_MAX]

    ctypedef void (*fw2v_train_group)(const fw2v_group *group) noexcept nogil
    ctypedef struct fw2v_softmax:
        float *outputs
        float *output_bias
        float *hidden_bias
        int n_words, dim, stride
        int n_hidden
        float **contexts
        int n_contexts[FW2V_BATCH_MAX]
        float scales[FW2V_BATCH_MAX]
        const float *factors
        const int32_t *targets
        int n_targets[FW2V_BATCH_MAX]
        float alpha, repeats
        float *scratch
        double *loss

    ctypedef struct fw2v_softmax_steps:
        void (*prepare)(const fw2v_softmax *batch) noexcept nogil
        void (*score)(const fw2v_softmax *batch, int part) noexcept nogil
        void (*update)(const fw2v_softmax *batch, int part) noexcept nogil
        void (*finish)(const fw2v_softmax *batch) noexcept nogil

    ctypedef void (*fw2v_merge_row)(
        float *shared, float *own, float *base, int stride, float gain
    ) noexcept nogil

    ctypedef struct fw2v_isa:
        const char *name
        int (*is_supported)() noexcept nogil
        fw2v_train_group train_skipgram
        fw2v_train_group train_cbow
        fw2v_train_group train_skipgram_tree
        fw2v_train_group train_cbow_tree
        fw2v_merge_row merge_row
        fw2v_softmax_steps softmax
        int64_t (*multiply_add)(int64_t rounds) noexcept nogil

    const fw2v_isa *const *fw2v_isas
    const int fw2v_isa_count

    size_t fw2v_scratch_floats(int n_contexts, int n_noise, int n_nodes, int stride) noexcept
    int fw2v_softmax_parts(int n_words) noexcept
    size_t fw2v_softmax_floats(int n_words, int stride) noexcept
    void fw2v_prefetch_line(const void *address) noexcept
    void fw2v_prefetch_row(const float *row, int stride) noexcept


cdef extern from "kernels/sampling.h" nogil:
    ctypedef struct fw2v_alias:
        uint32_t threshold
        int32_t other

    uint64_t fw2v_seed(uint64_t seed, uint64_t epoch, uint64_t position) noexcept
    uint64_t fw2v_random(uint64_t *state) noexcept
    uint32_t fw2v_random_below(uint64_t random, uint32_t n) noexcept
    int32_t fw2v_draw(const fw2v_alias *table, uint32_t n, uint64_t *state) noexcept


cdef extern from "kernels/merging.h" nogil:
    double fw2v_merge_gain(double threads, double updates, double tau) noexcept
    void fw2v_merge_copies(
        float *shared, float *const *copies, int threads, int64_t row, int stride,
        double updates, double tau, float *sums,
    ) noexcept
    bint fw2v_try_lock(unsigned char *lock) noexcept
    void fw2v_lock(unsigned char *lock) noexcept
    void fw2v_unlock(unsigned char *lock) noexcept


cdef extern from "kernels/barrier.h" nogil:
    ctypedef struct fw2v_barrier:
        int32_t waiting, round

    int fw2v_wait(fw2v_barrier *barrier, int threads, const int32_t *stop) noexcept
