/* The kernels, the random numbers and the text scan without Python, to be run on another architecture.
 *
 * Purpose: tests/test_cross.py builds this with a cross compiler, runs it under an emulator, and compares.
 *   run_kernels isas          prints the instruction sets that this CPU has
 *   run_kernels train ISA     training steps in; the matrices they leave and their losses out
 *   run_kernels softmax ISA   batches of the full softmax in; what they leave and their losses out
 *   run_kernels draw N SEED   an alias table in; N draws out
 *   run_kernels gain          triples (threads, updates, tau) in; merge gains out
 *   run_kernels means ISA     a matrix, weights of its rows, and documents in; their means out
 *   run_kernels random DISTRIBUTION SCALE N_ONES DIM    a word in; its vector out
 *   run_kernels scan          text in; status, numbers of tokens and of lines, tokens, line ends out
 *
 * Invariants: input and output are binary, in the byte order of the machine. Input that ends early, and a
 * kernel that writes behind its scratch memory, end the program with a message and status 1.
 */
#include "program.h"

#include "documents.h"
#include "kernels.h"
#include "merging.h"
#include "randomvectors.h"
#include "sampling.h"
#include "scan.h"

enum { SKIPGRAM, CBOW, SKIPGRAM_TREE, CBOW_TREE, MERGE };
enum { SCAN_WORDS = 1 << 13 };

/* A training step; behind it stand both matrices, then lists of rows, each after its length: targets, noise,
 * the context of each target; in a tree: nodes, code, context; of a merge: shared, own, base. */
typedef struct {
    int32_t kind, stride, input_rows, output_rows;
    float alpha; /* or the gain of a merge */
    float hidden_scale, error_scale;
} step;

static int read_rows(float *values, int stride, float **rows, int most)
{
    int32_t n, row;
    read_exactly(&n, sizeof n);
    require(n >= 0 && n <= most, "too many rows");
    for (int k = 0; k < n; k++) {
        read_exactly(&row, sizeof row);
        rows[k] = values + (size_t)row * stride;
    }
    return n;
}

static double train_group(const fw2v_isa *isa, const step *s, float *inputs, float *outputs)
{
    float *contexts[FW2V_GROUP_MAX * FW2V_CONTEXT_MAX], *noise[FW2V_NOISE_MAX];
    double loss = 0;
    int n_rows = 0, most = 1;
    fw2v_group group = {.contexts = contexts, .noise = noise, .stride = s->stride, .alpha = s->alpha, .loss = &loss};
    group.n_centres = read_rows(outputs, s->stride, group.targets, FW2V_GROUP_MAX);
    group.n_noise = read_rows(outputs, s->stride, noise, FW2V_NOISE_MAX);
    for (int g = 0; g < group.n_centres; g++) {
        group.n_contexts[g] = read_rows(inputs, s->stride, contexts + n_rows, FW2V_CONTEXT_MAX);
        n_rows += group.n_contexts[g];
        group.hidden_scales[g] = s->hidden_scale;
        group.error_scales[g] = s->error_scale;
        most = group.n_contexts[g] > most ? group.n_contexts[g] : most;
    }
    size_t n_scratch = fw2v_scratch_floats(most, group.n_noise, 0, s->stride);
    group.scratch = new_scratch(n_scratch);
    (s->kind == CBOW ? isa->train_cbow : isa->train_skipgram)(&group);
    free_scratch(group.scratch, n_scratch);
    return loss;
}

static double train_path(const fw2v_isa *isa, const step *s, float *inputs, float *nodes)
{
    float *contexts[FW2V_CONTEXT_MAX], *path[FW2V_PATH_MAX];
    float *labels = aligned_floats(FW2V_PATH_MAX + FW2V_LANES_MAX);
    int32_t n, code;
    double loss = 0;
    fw2v_group group = {.n_centres = 1, .contexts = contexts, .nodes = path, .labels = labels,
                        .stride = s->stride, .alpha = s->alpha, .loss = &loss};
    group.n_nodes = read_rows(nodes, s->stride, path, FW2V_PATH_MAX);
    read_exactly(&n, sizeof n);
    require(n == group.n_nodes, "a path has a code for each node");
    memset(labels, 0, (FW2V_PATH_MAX + FW2V_LANES_MAX) * sizeof *labels);
    for (int k = 0; k < n; k++) {
        read_exactly(&code, sizeof code);
        labels[k] = (float)(1 - code);
    }
    group.n_contexts[0] = read_rows(inputs, s->stride, contexts, FW2V_CONTEXT_MAX);
    group.hidden_scales[0] = s->hidden_scale;
    group.error_scales[0] = s->error_scale;
    size_t n_scratch = fw2v_scratch_floats(group.n_contexts[0], 0, group.n_nodes, s->stride);
    group.scratch = new_scratch(n_scratch);
    (s->kind == CBOW_TREE ? isa->train_cbow_tree : isa->train_skipgram_tree)(&group);
    free_scratch(group.scratch, n_scratch);
    free(labels);
    return loss;
}

static double merge(const fw2v_isa *isa, const step *s, float *inputs)
{
    float *rows[3];
    require(read_rows(inputs, s->stride, rows, 3) == 3, "a merge has three rows");
    isa->merge_row(rows[0], rows[1], rows[2], s->stride, s->alpha);
    return 0;
}

static const fw2v_isa *find_isa(const char *name)
{
    const fw2v_isa *isa = NULL;
    for (int k = 0; k < fw2v_isa_count; k++)
        if (!strcmp(fw2v_isas[k]->name, name) && fw2v_isas[k]->is_supported())
            isa = fw2v_isas[k];
    require(isa != NULL, "no such instruction set");
    return isa;
}

static void train(const char *name)
{
    const fw2v_isa *isa = find_isa(name);
    for (int c; (c = getchar()) != EOF;) {
        step s;
        ungetc(c, stdin);
        read_exactly(&s, sizeof s);
        float *inputs = read_matrix(s.input_rows, s.stride);
        float *outputs = read_matrix(s.output_rows, s.stride);
        double loss = s.kind == MERGE ? merge(isa, &s, inputs)
                      : s.kind >= SKIPGRAM_TREE ? train_path(isa, &s, inputs, outputs)
                                                : train_group(isa, &s, inputs, outputs);
        write_exactly(inputs, (size_t)s.input_rows * s.stride * sizeof *inputs);
        write_exactly(outputs, (size_t)s.output_rows * s.stride * sizeof *outputs);
        write_exactly(&loss, sizeof loss);
        free(inputs);
        free(outputs);
    }
}

static void draw(long n, uint64_t seed)
{
    size_t size;
    fw2v_alias *table = (fw2v_alias *)read_all(&size, 0);
    uint64_t state = fw2v_seed(seed, 0, 0);
    for (long k = 0; k < n; k++) {
        int32_t row = fw2v_draw(table, (uint32_t)(size / sizeof *table), &state);
        write_exactly(&row, sizeof row);
    }
    free(table);
}

static void gain(void)
{
    double x[3];
    while (fread(x, sizeof x, 1, stdin) == 1) {
        double g = fw2v_merge_gain(x[0], x[1], x[2]);
        write_exactly(&g, sizeof g);
    }
}

static void scan(void)
{
    static fw2v_place places[4 * SCAN_WORDS];
    static int64_t ends[SCAN_WORDS];
    size_t size;
    uint8_t *text = read_all(&size, FW2V_TEXT_PADDING);
    text[size] = '\n';
    fw2v_word_table table = {.places = places, .n_places = 4 * SCAN_WORDS,
                             .ends = ends, .max_words = SCAN_WORDS,
                             .bytes = malloc(size + FW2V_TEXT_PADDING), .max_bytes = (int64_t)size};
    fw2v_scan s = {.text = text, .n_text = (int64_t)size, .invalid = -1,
                   .tokens = malloc((size / 2 + 1) * sizeof(int32_t)),
                   .line_ends = malloc((size + 1) * sizeof(int64_t))};
    require(table.bytes && s.tokens && s.line_ends, "no memory");
    int64_t bytes_wanted, status = fw2v_scan_text(&table, &s, &bytes_wanted);
    require(status != FW2V_SCAN_GROW, "too many words");
    write_exactly((int64_t[]){s.invalid, s.n_tokens, s.n_lines}, 3 * sizeof(int64_t));
    write_exactly(s.tokens, (size_t)s.n_tokens * sizeof *s.tokens);
    write_exactly(s.line_ends, (size_t)s.n_lines * sizeof *s.line_ends);
    free(s.line_ends);
    free(s.tokens);
    free(table.bytes);
    free(text);
}

/* A batch of the full softmax; behind it stand W, W', b, b', and for each hidden vector its context rows and its
 * target words, each list after its length. */
typedef struct {
    int32_t n_words, dim, stride, input_rows, n_hidden;
    float alpha, scale, repeats;
} softmax_batch;

static void train_softmax(const char *name)
{
    const fw2v_softmax_steps *steps = &find_isa(name)->softmax;
    for (int c; (c = getchar()) != EOF;) {
        static float *contexts[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX];
        static int32_t targets[FW2V_BATCH_MAX * FW2V_CONTEXT_MAX];
        softmax_batch h;
        double loss = 0;
        ungetc(c, stdin);
        read_exactly(&h, sizeof h);
        size_t sizes[] = {(size_t)h.input_rows * h.stride, (size_t)h.n_words * h.stride, (size_t)h.stride,
                          ((size_t)h.n_words + FW2V_LANES_MAX - 1) / FW2V_LANES_MAX * FW2V_LANES_MAX};
        float *parts[4];
        for (int k = 0; k < 4; k++)
            parts[k] = read_matrix(1, (int)sizes[k]);
        fw2v_softmax s = {.outputs = parts[1], .hidden_bias = parts[2], .output_bias = parts[3], .n_words = h.n_words,
                          .dim = h.dim, .stride = h.stride, .n_hidden = h.n_hidden, .contexts = contexts,
                          .targets = targets, .alpha = h.alpha, .repeats = h.repeats, .loss = &loss};
        float **context = contexts;
        int32_t *target = targets;
        for (int i = 0; i < h.n_hidden; i++) {
            s.scales[i] = h.scale;
            s.n_contexts[i] = read_rows(parts[0], h.stride, context, FW2V_CONTEXT_MAX);
            context += s.n_contexts[i];
            read_exactly(&s.n_targets[i], sizeof(int32_t));
            read_exactly(target, (size_t)s.n_targets[i] * sizeof *target);
            target += s.n_targets[i];
        }
        size_t n_scratch = fw2v_softmax_floats(h.n_words, h.stride);
        s.scratch = new_scratch(n_scratch);
        steps->prepare(&s);
        for (int part = fw2v_softmax_parts(h.n_words); part--;)
            steps->score(&s, part);
        for (int part = fw2v_softmax_parts(h.n_words); part--;)
            steps->update(&s, part);
        steps->finish(&s);
        free_scratch(s.scratch, n_scratch);
        for (int k = 0; k < 4; k++) {
            write_exactly(parts[k], sizes[k] * sizeof(float));
            free(parts[k]);
        }
        write_exactly(&loss, sizeof loss);
    }
}

/* The matrix after its shape, the weights of its rows, and documents: rows, after their number. */
static void means(const char *name)
{
    const fw2v_document_isa *isa = NULL;
    for (int k = 0; k < fw2v_document_isa_count; k++)
        if (!strcmp(fw2v_document_isas[k]->name, name))
            isa = fw2v_document_isas[k];
    require(isa != NULL, "unknown instruction set");
    int32_t shape[2], n;
    read_exactly(shape, sizeof shape);
    float *rows = read_matrix(shape[0], shape[1]), *weights = read_matrix(1, shape[0]);
    float *part = new_scratch((size_t)shape[1]), *mean = new_scratch((size_t)shape[1]);
    double *sum = malloc((size_t)shape[1] * sizeof *sum);
    require(sum != NULL, "no memory");
    fw2v_word_vectors vectors = {rows, shape[1], shape[1], weights, 1, part, sum};
    while (fread(&n, sizeof n, 1, stdin) == 1) {
        int32_t *document = malloc((size_t)n * sizeof *document);
        require(document != NULL, "no memory");
        read_exactly(document, (size_t)n * sizeof *document);
        require(isa->mean(&vectors, document, n, mean), "not finite");
        write_exactly(mean, (size_t)shape[1] * sizeof *mean);
        free(document);
    }
    free(sum);
    free_scratch(mean, (size_t)shape[1]);
    free_scratch(part, (size_t)shape[1]);
    free(weights);
    free(rows);
}

static void random_vector(int distribution, double scale, uint64_t n_ones, int64_t dim)
{
    size_t size;
    uint8_t *word = read_all(&size, 0);
    float *vector = malloc((size_t)dim * sizeof *vector);
    require(vector != NULL, "no memory");
    fw2v_random_vector(fw2v_word_key(word, (int64_t)size), 1, (fw2v_distribution)distribution, scale, n_ones, vector,
                       dim);
    write_exactly(vector, (size_t)dim * sizeof *vector);
    free(vector);
    free(word);
}

static void print_supported(const fw2v_isa *isa)
{
    if (isa->is_supported())
        puts(isa->name);
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    if (!strcmp(command, "isas"))
        for (int k = 0; k < fw2v_isa_count; k++)
            print_supported(fw2v_isas[k]);
    else if (!strcmp(command, "train") && argc == 3)
        train(argv[2]);
    else if (!strcmp(command, "softmax") && argc == 3)
        train_softmax(argv[2]);
    else if (!strcmp(command, "draw") && argc == 4)
        draw(atol(argv[2]), strtoull(argv[3], NULL, 10));
    else if (!strcmp(command, "means") && argc == 3)
        means(argv[2]);
    else if (!strcmp(command, "random") && argc == 6)
        random_vector(atoi(argv[2]), strtod(argv[3], NULL), strtoull(argv[4], NULL, 10), atol(argv[5]));
    else if (!strcmp(command, "gain"))
        gain();
    else if (!strcmp(command, "scan"))
        scan();
    else
        require(0, "unknown command");
    require(!fflush(stdout), "cannot write");
    return 0;
}
