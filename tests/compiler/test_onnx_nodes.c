/* The node tests of ONNX (Debian's libonnx-testdata): each that can be imported gives the outputs that come with it,
 * within 1e-4 of the largest. Inputs of a test are inputs of the network, or constants where the operator needs that.
 * With MOTE_NODES=list in the environment it prints why others are refused. Skips aloud without the data. */
#include <dirent.h>
#include <math.h>

#include "compiler/graph/executor.h"
#include "compiler/import/onnx.h"
#include "import_files.h"

#define NODES "/usr/share/libonnx-testdata/data/node"

enum { MOST_TENSORS = 16, MOST_RANK = 8, PASSING = 298, DAMAGES = 60 };

/* A tensor of a .pb file. */
typedef struct proto {
    mote_bytes file;
    int rank;
    int64_t dims[MOST_RANK];
    uint64_t type;
    size_t count;
    float *values; /* of type float32, else NULL */
} proto;

/* --- protocol buffers --- */

static uint64_t varint(const uint8_t **at, const uint8_t *end)
{
    uint64_t v = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        const uint8_t byte = *(*at)++;
        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return v;
}

static void add_dim(proto *t, uint64_t dim)
{
    if (t->rank < MOST_RANK) /* a sequence of tensors looks different, and is refused by its type */
        t->dims[t->rank++] = (int64_t)dim;
}

static bool read_proto(proto *t, const char *path)
{
    mote_error error;
    const uint8_t *raw = NULL;
    *t = (proto){.count = 1};
    if (!mote_file_read(path, 1 << 26, &t->file, &error))
        return false;
    for (const uint8_t *at = t->file.data, *end = at + t->file.size; at < end;) {
        const uint64_t key = varint(&at, end), field = key >> 3, kind = key & 7;
        const uint64_t v = kind == 5 ? 0 : varint(&at, end); /* a number, or the length of what follows */
        if (kind == 5) {
            raw = field == 4 && !raw ? at : raw; /* floats one by one are not expected */
            at += 4;
        } else if (kind == 2) {
            const uint8_t *next = at + v;
            for (const uint8_t *d = at; field == 1 && d < next;)
                add_dim(t, varint(&d, next));
            raw = field == 9 || field == 4 ? at : raw;
            at = next;
        } else if (field == 1) {
            add_dim(t, v);
        } else if (field == 2) {
            t->type = v;
        }
    }
    for (int i = 0; i < t->rank; i++)
        t->count *= (size_t)t->dims[i];
    if (t->type == 1 && raw && t->count * sizeof *t->values <= t->file.size) {
        t->values = calloc(t->count + 1, sizeof *t->values);
        memcpy(t->values, raw ? raw : (const uint8_t *)"", t->count * sizeof *t->values);
    }
    return true;
}

static void free_proto(proto *t)
{
    free(t->file.data);
    free(t->values);
}

static void put_varint(FILE *to, size_t v)
{
    for (; v >= 128; v >>= 7)
        fputc((int)(v & 127) | 128, to);
    fputc((int)v, to);
}

static size_t varint_size(size_t v)
{
    return v < 128 ? 1 : 1 + varint_size(v >> 7);
}

/* Appends a graph with an initializer: messages that follow each other are merged. */
static void put_initializer(FILE *to, const mote_bytes *tensor)
{
    fputc(7 << 3 | 2, to);
    put_varint(to, 1 + varint_size(tensor->size) + tensor->size);
    fputc(5 << 3 | 2, to);
    put_varint(to, tensor->size);
    fwrite(tensor->data, 1, tensor->size, to);
}

/* --- one test --- */

typedef struct node {
    char name[256];
    mote_bytes model;
    proto inputs[MOST_TENSORS], outputs[MOST_TENSORS];
    int input_count, output_count;
} node;

static void read_node(node *n, const char *name)
{
    char path[512];
    mote_error error;
    *n = (node){0};
    snprintf(n->name, sizeof n->name, "%s", name);
    snprintf(path, sizeof path, NODES "/%s/model.onnx", name);
    assert_true(mote_file_read(path, 1 << 26, &n->model, &error));
    for (; n->input_count < MOST_TENSORS; n->input_count++) {
        snprintf(path, sizeof path, NODES "/%s/test_data_set_0/input_%d.pb", name, n->input_count);
        if (!read_proto(&n->inputs[n->input_count], path))
            break;
    }
    for (; n->output_count < MOST_TENSORS; n->output_count++) {
        snprintf(path, sizeof path, NODES "/%s/test_data_set_0/output_%d.pb", name, n->output_count);
        if (!read_proto(&n->outputs[n->output_count], path))
            break;
    }
}

static void free_node(node *n)
{
    free(n->model.data);
    for (int i = 0; i < n->input_count; i++)
        free_proto(&n->inputs[i]);
    for (int i = 0; i < n->output_count; i++)
        free_proto(&n->outputs[i]);
}

/* Writes the model with all inputs from `first` on as constants. The caller frees the bytes. */
static mote_bytes bytes_of(const node *n, int first)
{
    char *data = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&data, &size);
    assert_non_null(to);
    fwrite(n->model.data, 1, n->model.size, to);
    for (int i = first; i < n->input_count; i++)
        put_initializer(to, &n->inputs[i].file);
    assert_int_equal(fclose(to), 0);
    return (mote_bytes){(uint8_t *)data, size};
}

static bool import(const mote_bytes *file, mote_graph *g, mote_error *error)
{
    char path[] = "/tmp/node-XXXXXX";
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, file->data, file->size) == (ssize_t)file->size);
    close(descriptor);
    const bool done = mote_import_onnx(g, path, &(mote_import_options){.allow_nonfinite = true}, error);
    remove(path);
    return done;
}

/* Writes the values in the order of the graph's tensor, whose channels may be last. */
static void arrange(const proto *from, const mote_tensor *t, float *to)
{
    const int dropped = from->rank - t->rank;
    bool same = true;
    for (int i = 0; i < t->rank && dropped >= 0; i++)
        same = same && from->dims[dropped + i] == (int64_t)t->dims[i];
    if (same || t->rank != 3) {
        memcpy(to, from->values, from->count * sizeof *to);
        return;
    }
    const size_t channels = t->dims[2], area = from->count / channels;
    for (size_t i = 0; i < area; i++)
        for (size_t c = 0; c < channels; c++)
            to[i * channels + c] = from->values[c * area + i];
}

static double difference(const proto *want, const float *got)
{
    double largest = 1e-3, worst = 0;
    for (size_t i = 0; i < want->count; i++) {
        const double a = (double)want->values[i], b = (double)got[i];
        if (isfinite(a))
            largest = fmax(largest, fabs(a));
        if (!(a == b || (isnan(a) && isnan(b))))
            worst = fmax(worst, isfinite(a - b) ? fabs(a - b) : INFINITY);
    }
    return worst / largest;
}

/* Returns the largest difference relative to the largest value; NaN if the test cannot be run. */
static double run(const node *n, const mote_graph *g)
{
    mote_executor x;
    mote_error error;
    void *inputs[MOST_TENSORS] = {0};
    double worst = 0;
    int count = 0;
    if (!mote_executor_init(&x, g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s: %s", n->name, error.text);
    for (; mote_graph_of_role(g, MOTE_INPUT, count) >= 0; count++) {
        const mote_tensor *t = &g->tensors[mote_graph_of_role(g, MOTE_INPUT, count)];
        const proto *from = &n->inputs[count];
        if (!from->values || mote_tensor_elements(t) != from->count)
            fail_msg("%s: input %d", n->name, count);
        inputs[count] = malloc(from->count * sizeof(float) + 1);
        arrange(from, t, inputs[count]);
    }
    mote_executor_forward(&x, 0, (const void *const *)inputs, 1, 0);
    for (int i = 0; i < x.output_count; i++) {
        const proto *want = &n->outputs[i];
        if (!want->values || mote_executor_output_size(&x, i) != want->count)
            worst = NAN;
        else
            worst = fmax(worst, difference(want, mote_executor_output(&x, 0, i)));
    }
    for (int i = 0; i < count; i++)
        free(inputs[i]);
    mote_executor_free(&x);
    return worst;
}

typedef enum verdict { PASSED, REFUSED, FAILED } verdict;

static verdict try_node(const node *n, char *why, size_t size)
{
    const int firsts[] = {1, n->input_count, 2, 3};
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        mote_graph g;
        mote_error error = {0};
        mote_bytes file = bytes_of(n, firsts[i]);
        const bool imported = import(&file, &g, &error);
        free(file.data);
        if (!imported) {
            if (i == 0)
                snprintf(why, size, "%s", error.text);
            continue;
        }
        const double worst = run(n, &g);
        mote_graph_free(&g);
        snprintf(why, size, "differs by %g", worst);
        if (isnan(worst))
            snprintf(why, size, "outputs of another type than float32");
        return isnan(worst) ? REFUSED : worst < 1e-4 ? PASSED : FAILED;
    }
    return REFUSED;
}

static int is_test(const struct dirent *e)
{
    return strncmp(e->d_name, "test_", 5) == 0;
}

/* Lists the folders of the tests; skips without them. */
static int list_nodes(struct dirent ***entries)
{
    const int count = scandir(NODES, entries, is_test, alphasort);
    if (count < 0) {
        print_message("SKIPPED: no " NODES "\n");
        skip();
    }
    return count;
}

static void test_nodes(void **state)
{
    struct dirent **entries;
    const int count = list_nodes(&entries);
    const bool lists = getenv("MOTE_NODES");
    int verdicts[3] = {0};
    (void)state;
    for (int i = 0; i < count; i++) {
        static node n;
        char why[512] = "";
        read_node(&n, entries[i]->d_name);
        const verdict v = try_node(&n, why, sizeof why);
        verdicts[v]++;
        if (v == FAILED || (v == REFUSED && lists))
            print_message("%s %s: %s\n", v == FAILED ? "FAILED" : "refused", n.name, why);
        free_node(&n);
        free(entries[i]);
    }
    free(entries);
    print_message("%d node tests: %d pass, %d are refused, %d fail\n", count, verdicts[PASSED], verdicts[REFUSED],
                  verdicts[FAILED]);
    assert_int_equal(verdicts[FAILED], 0);
    assert_true(verdicts[PASSED] >= PASSING);
}

/* Changed bytes: what is still imported passed the checks of a graph, and nothing is read or written beyond its end. */
static void test_damaged(void **state)
{
    struct dirent **entries;
    const int count = list_nodes(&entries);
    uint32_t random = 1, imported = 0;
    (void)state;
    for (int i = 0; i < count; i++) {
        static node n;
        read_node(&n, entries[i]->d_name);
        mote_bytes file = bytes_of(&n, i % 2); /* of every other test all inputs are constants, which are folded */
        for (int k = 0; k < DAMAGES && file.size < 1 << 16; k++) {
            mote_graph g;
            mote_error error;
            random = random * 1664525 + 1013904223;
            const size_t at = (random >> 8) % file.size;
            const uint8_t kept = file.data[at];
            file.data[at] ^= (uint8_t)(1u << (random >> 5) % 8);
            if (import(&file, &g, &error)) {
                imported++;
                mote_graph_free(&g);
            }
            file.data[at] = kept;
        }
        free(file.data);
        free_node(&n);
        free(entries[i]);
    }
    free(entries);
    print_message("%d node tests damaged %d times each: %u imported\n", count, DAMAGES, imported);
}

/* Axes 1 and 4 of an Unsqueeze of a constant become 1 and 1: more dimensions than values. */
static void test_repeated_axis(void **state)
{
    static const int64_t axes[] = {1, 4}, repeated[] = {1, 1};
    struct dirent **entries;
    static node n;
    mote_graph g;
    mote_error error;
    bool found = false;
    (void)state;
    for (int i = list_nodes(&entries); i-- > 0;)
        free(entries[i]);
    free(entries);
    read_node(&n, "test_unsqueeze_two_axes");
    mote_bytes file = bytes_of(&n, 0);
    for (size_t at = 0; at + sizeof axes <= file.size && !found; at++)
        if ((found = memcmp(file.data + at, axes, sizeof axes) == 0))
            memcpy(file.data + at, repeated, sizeof repeated);
    assert_true(found);
    assert_false(import(&file, &g, &error));
    assert_non_null(strstr(error.text, "axes that are not valid"));
    free(file.data);
    free_node(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nodes), cmocka_unit_test(test_damaged),
                                       cmocka_unit_test(test_repeated_axis)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
