/* Tests of llama2.c checkpoints, written here in the order of its export.py. */
#include <math.h>

#include "import_files.h"

enum {
    DIM = 8,
    HIDDEN = 12,
    LAYERS = 2,
    HEADS = 2,
    KV = 1,
    VOCABULARY = 11,
    CONTEXT = 6,
    GROUP = 4,
    KEYS = DIM / HEADS
};

/* The tensors in the order of llama2.c, with their names in the graph. */
static const struct tensor {
    const char *name;
    bool in_layer, norm;
    int rows, columns;
} tensors[] = {
    {"embedding.weight", false, false, VOCABULARY, DIM},
    {"attention.norm.gain", true, true, DIM, 1},
    {"q.weight", true, false, DIM, DIM},
    {"k.weight", true, false, KEYS, DIM},
    {"v.weight", true, false, KEYS, DIM},
    {"o.weight", true, false, DIM, DIM},
    {"feed.norm.gain", true, true, DIM, 1},
    {"gate.weight", true, false, HIDDEN, DIM},
    {"down.weight", true, false, DIM, HIDDEN},
    {"up.weight", true, false, HIDDEN, DIM},
    {"norm.gain", false, true, DIM, 1},
    {"head.weight", false, false, VOCABULARY, DIM},
};
enum { EMBEDDING, ATTENTION_NORM, Q, K, V, O, FEED_NORM, W1, W2, W3, NORM, HEAD, END, ROTATION };

static const int order0[] = {EMBEDDING, ATTENTION_NORM, Q, K, V, O, FEED_NORM, W1, W2, W3, NORM, ROTATION, HEAD, END};
static const int order1[] = {ATTENTION_NORM, FEED_NORM, NORM, EMBEDDING, Q, K, V, O, W1, W2, W3, HEAD, END};

static int code(int tensor, int layer, int i)
{
    return (i * 37 + tensor * 11 + layer * 5) % 255 - 127;
}

static float scale(int tensor, int layer, int group)
{
    return 0.001f * (float)(1 + tensor + 20 * layer + group % 7);
}

static float value(int version, int tensor, int layer, int i)
{
    if (version == 2 && !tensors[tensor].norm)
        return (float)code(tensor, layer, i) * scale(tensor, layer, i / GROUP);
    return (float)(tensor + 1) + (float)layer / 4 + (float)i / 1024;
}

static void put_tensor(bytes *b, int version, int tensor, int layer)
{
    const int count = tensors[tensor].rows * tensors[tensor].columns;
    if (version < 2 || tensors[tensor].norm) {
        for (int i = 0; i < count; i++)
            put_f32(b, value(version, tensor, layer, i));
        return;
    }
    for (int i = 0; i < count; i++)
        put(b, &(int8_t){(int8_t)code(tensor, layer, i)}, 1);
    for (int i = 0; i < count / GROUP; i++)
        put_f32(b, scale(tensor, layer, i));
}

static void checkpoint(bytes *b, int version, bool tied)
{
    const int32_t settings[] = {DIM,    HIDDEN, LAYERS, HEADS, KV, version == 0 && !tied ? -VOCABULARY : VOCABULARY,
                                CONTEXT};
    b->size = 0;
    if (version) {
        put(b, "24ka", 4);
        put_i32(b, version);
    }
    put(b, settings, sizeof settings);
    if (version) {
        put(b, &(uint8_t){tied}, 1);
        put_i32(b, version == 2 ? GROUP : 0);
        while (b->size < 256)
            put(b, "", 1);
    }
    for (const int *t = version ? order1 : order0; *t != END; t++) {
        for (int i = 0; *t == ROTATION && i < CONTEXT * (DIM / HEADS); i++)
            put_f32(b, NAN); /* not read */
        for (int layer = 0; *t != ROTATION && layer < (tensors[*t].in_layer ? LAYERS : 1); layer++)
            if (*t != HEAD || !tied)
                put_tensor(b, version, *t, layer);
    }
}

static void check_graph(const mote_graph *g, int version, bool tied)
{
    for (int t = 0; t < END; t++)
        for (int layer = 0; layer < (tensors[t].in_layer ? LAYERS : 1); layer++) {
            char name[64];
            size_t count;
            snprintf(name, sizeof name, tensors[t].in_layer ? "layer%d.%s" : "%.0d%s", layer, tensors[t].name);
            if (t == HEAD && tied) {
                assert_int_equal(mote_graph_find(g, name), -1);
                continue;
            }
            const float *data = values_of(g, name, &count);
            assert_int_equal(count, tensors[t].rows * tensors[t].columns);
            for (size_t i = 0; i < count; i++)
                if (data[i] != value(version, t, layer, (int)i))
                    fail_msg("version %d, %s, %zu: %g", version, name, i, (double)data[i]);
        }
    const int keys = mote_graph_find(g, "layer1.keys");
    assert_int_equal(g->tensors[keys].dims[0], CONTEXT);
    assert_int_equal(g->tensors[keys].dims[1], KEYS);
}

static void every_version(void **state)
{
    (void)state;
    for (int version = 0; version < 3; version++)
        for (int tied = 0; tied < 2; tied++) {
            bytes b;
            mote_graph g;
            char from[32];
            checkpoint(&b, version, tied);
            must_import(&g, write_import("model.bin", b.data, b.size), (mote_import_options){0});
            check_graph(&g, version, tied);
            mote_graph_get_meta(&g, "imported_from", from, sizeof from);
            assert_string_equal(from, "llama2.c");
            mote_graph_free(&g);
        }
}

static void less_context(void **state)
{
    (void)state;
    bytes b;
    mote_graph g;
    checkpoint(&b, 0, true);
    must_import(&g, write_import("model.bin", b.data, b.size), (mote_import_options){.context = 4});
    assert_int_equal(g.tensors[mote_graph_find(&g, "layer0.values")].dims[0], 4);
    mote_graph_free(&g);
    must_refuse(import_path("model.bin"), (mote_import_options){.context = 7}, MOTE_E_USAGE, "--context 7 is more");
}

/* Changes a field and expects a refusal with a message. */
static void refused(int version, size_t at, int32_t field, mote_code code, const char *part)
{
    bytes b;
    checkpoint(&b, version, true);
    memcpy(b.data + at, &field, sizeof field);
    must_refuse(write_import("model.bin", b.data, b.size), (mote_import_options){0}, code, part);
}

static void named_refusals(void **state)
{
    (void)state;
    refused(1, 4, 3, MOTE_E_UNSUPPORTED, "version 3; 0, 1 and 2");
    refused(1, 4, 0, MOTE_E_UNSUPPORTED, "version 0");
    refused(0, 0, 0, MOTE_E_FORMAT, "dim would be 0");
    refused(0, 4, -5, MOTE_E_FORMAT, "hidden_dim would be -5");
    refused(1, 8 + 20, -VOCABULARY, MOTE_E_FORMAT, "vocab_size is -11");
    refused(0, 20, INT32_MIN, MOTE_E_FORMAT, "vocab_size");
    refused(0, 12, 3, MOTE_E_FORMAT, "dim 8 cannot be divided among 3 heads");
    refused(0, 16, 3, MOTE_E_FORMAT, "2 heads cannot share 3 key heads");
    refused(0, 8, 100, MOTE_E_FORMAT, "layer3.q.weight [8, 8] takes bytes 4348 to 4604 and the file has 4476");
    refused(0, 4, 16384, MOTE_E_FORMAT, "layer0.gate.weight [16384, 8] takes bytes");
    refused(0, 24, 5, MOTE_E_FORMAT, "its weights end at byte");
    refused(1, 36, 2, MOTE_E_FORMAT, "shared_classifier is 2");
    refused(2, 37, 0, MOTE_E_FORMAT, "group size of 0");
    refused(2, 37, -4, MOTE_E_FORMAT, "group size");
    refused(2, 37, 5, MOTE_E_FORMAT, "the 88 values of embedding.weight cannot be divided into groups of 5");
    must_refuse(write_import("model.bin", "24ka\1\0\0\0", 8), (mote_import_options){0}, MOTE_E_FORMAT, "header of 256");
    must_refuse(write_import("model.bin", "1234", 4), (mote_import_options){0}, MOTE_E_FORMAT, "header of 28");
    must_refuse(write_import("model.bin", "", 0), (mote_import_options){0}, MOTE_E_FORMAT, "the file is empty");
    must_refuse(import_path("nowhere"), (mote_import_options){0}, MOTE_E_INPUT, "No such file");
    must_refuse(write_import("model.bin", "GGUF", 4), (mote_import_options){0}, MOTE_E_UNSUPPORTED, "GGUF");
    must_refuse(import_path("model.bin"), (mote_import_options){.random_seed = 1}, MOTE_E_UNSUPPORTED, "GGUF");
}

static void not_finite(void **state)
{
    (void)state;
    bytes b;
    mote_graph g;
    size_t count;
    const float infinite = -INFINITY;
    checkpoint(&b, 0, true);
    memcpy(b.data + 28 + 4 * (VOCABULARY * DIM + LAYERS * DIM + DIM * DIM + 9), &infinite, 4);
    write_import("model.bin", b.data, b.size);
    must_refuse(import_path("model.bin"), (mote_import_options){0}, MOTE_E_FORMAT,
                "value 9 of layer1.q.weight is infinite");
    must_import(&g, import_path("model.bin"), (mote_import_options){.allow_nonfinite = true});
    assert_true(values_of(&g, "layer1.q.weight", &count)[9] == infinite);
    mote_graph_free(&g);
}

static void attacked(void **state)
{
    (void)state;
    for (int version = 0; version < 3; version++) {
        bytes b;
        checkpoint(&b, version, version != 1);
        assert_true(attack("model.bin", &b, version ? 60 : 28, 1000) > 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version), cmocka_unit_test(less_context), cmocka_unit_test(named_refusals),
        cmocka_unit_test(not_finite),    cmocka_unit_test(attacked),
    };
    return cmocka_run_group_tests(tests, NULL, remove_import_folder);
}
