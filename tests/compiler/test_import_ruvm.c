/* Tests of RUVM files, which are read and written here code by code as docs/SPEC.md specifies. */
#include <float.h>
#include <math.h>

#include "import_files.h"

enum { VOCABULARY = 13, DIM = 12, HIDDEN = 20, LAYERS = 2, HEADS = 2, CONTEXT = 9, HEADER = 32 };
enum { INT8, INT4, BINARY, FIXED16, TYPES };

static const struct tensor {
    const char *name, *norm;
    uint32_t rows, columns;
} layer_tensors[] = {
    {"q.weight", "attention.norm.gain", DIM, DIM},
    {"k.weight", "attention.norm.gain", DIM, DIM},
    {"v.weight", "attention.norm.gain", DIM, DIM},
    {"o.weight", NULL, DIM, DIM},
    {"up.weight", "feed.norm.gain", HIDDEN, DIM},
    {"gate.weight", "feed.norm.gain", HIDDEN, DIM},
    {"down.weight", NULL, DIM, HIDDEN},
};

static size_t code_bytes(int type, size_t count)
{
    static const size_t bits[] = {8, 4, 1, 16};
    return (count * bits[type] + 31) / 32 * 4;
}

static double code_at(int type, const uint8_t *codes, size_t i)
{
    switch (type) {
    case INT8:
        return (int8_t)codes[i];
    case INT4: {
        const int code = i % 2 ? codes[i / 2] / 16 : codes[i / 2] % 16;
        return code > 7 ? code - 16 : code;
    }
    case BINARY:
        return (codes[i / 8] & (1 << i % 8)) ? 1 : -1;
    default:
        return (int16_t)(codes[2 * i] + 256 * codes[2 * i + 1]);
    }
}

static mote_transformer_shape small(void)
{
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = VOCABULARY, s.dim = DIM, s.hidden = HIDDEN, s.layers = LAYERS, s.heads = s.kv_heads = HEADS;
    s.context = CONTEXT;
    return s;
}

/* Builds a transformer, with `gains` with gains of norms other than 1. */
static void build(mote_graph *g, const mote_transformer_shape *shape, bool gains)
{
    mote_error error;
    assert_true(mote_transformer_build(g, shape, 3, &error));
    for (int t = 0; gains && t < g->tensor_count; t++)
        for (size_t i = 0; strstr(g->tensors[t].name, ".gain") && i < mote_tensor_elements(&g->tensors[t]); i++)
            ((float *)g->tensors[t].data)[i] = 0.5f + (float)(i * 7 % 5) / 3;
}

static void must_export(const mote_graph *g, int type, const char *name)
{
    mote_error error;
    if (!mote_export_ruvm(g, "model", (mote_ruvm_type)type, import_path(name), &error))
        fail_msg("%s", error.text);
}

static mote_bytes contents(const char *name)
{
    mote_bytes b;
    mote_error error;
    assert_true(mote_file_read(import_path(name), 1 << 20, &b, &error));
    return b;
}

/* Compares the tensor at `at` with its float values, within the precision of its type. Returns the offset of the next
 * tensor. */
static size_t check_tensor(const mote_bytes *file, size_t at, int type, const mote_graph *g, const char *name,
                           const char *norm, const mote_graph *back)
{
    size_t count, columns = 1;
    float scale, min, max, least = INFINITY, most = -INFINITY;
    int32_t zero;
    const float *data = values_of(g, name, &count), *gain = norm ? values_of(g, norm, &columns) : NULL;
    const bool tied_head = strcmp(name, "embedding.weight") == 0 && norm;
    const float *restored = values_of(back, tied_head ? "head.weight" : name, &count);
    memcpy(&scale, file->data + at, 4), memcpy(&zero, file->data + at + 4, 4);
    memcpy(&min, file->data + at + 8, 4), memcpy(&max, file->data + at + 12, 4);
    assert_int_equal(zero, 0);
    for (size_t i = 0; i < count; i++) {
        const float wanted = gain ? data[i] * gain[i % columns] : data[i];
        const float got = (float)((double)scale * code_at(type, file->data + at + 16, i));
        assert_true(got == restored[i]);
        assert_true(type == BINARY ? (got < 0) == (wanted < 0) : fabsf(got - wanted) <= 0.5001f * scale);
        least = fminf(least, got), most = fmaxf(most, got);
    }
    assert_true(least == min && most == max);
    return at + 16 + code_bytes(type, count);
}

static void check_file(int type, const mote_graph *g, const mote_graph *back)
{
    static const uint8_t header[HEADER] = {'R', 'U',    'V', 'M',    VOCABULARY, 0,      DIM,
                                           0,   HIDDEN, 0,   LAYERS, HEADS,      CONTEXT};
    const bool tied = mote_graph_find(g, "head.weight") < 0;
    mote_bytes file = contents("a.ruvm");
    assert_memory_equal(file.data, header, 13);
    assert_int_equal(file.data[13], type);
    assert_memory_equal(file.data + 14, header + 14, 18);
    size_t at = check_tensor(&file, HEADER, type, g, "embedding.weight", NULL, back);
    for (int layer = 0; layer < LAYERS; layer++)
        for (size_t t = 0; t < sizeof layer_tensors / sizeof *layer_tensors; t++) {
            char name[64], norm[64];
            snprintf(name, sizeof name, "layer%d.%s", layer, layer_tensors[t].name);
            snprintf(norm, sizeof norm, "layer%d.%s", layer, layer_tensors[t].norm ? layer_tensors[t].norm : "");
            at = check_tensor(&file, at, type, g, name, layer_tensors[t].norm ? norm : NULL, back);
        }
    at = check_tensor(&file, at, type, g, tied ? "embedding.weight" : "head.weight", "norm.gain", back);
    assert_int_equal(at, file.size);
    free(file.data);
}

/* A file that is exported, imported and exported again has the same bytes. The exported file is also read here. */
static void round_trips(void **state)
{
    (void)state;
    for (int k = 0; k < 2 * TYPES; k++) {
        mote_transformer_shape shape = small();
        mote_graph g, back;
        shape.tied = k >= TYPES;
        build(&g, &shape, true);
        must_export(&g, k % TYPES, "a.ruvm");
        must_import(&back, import_path("a.ruvm"), (mote_import_options){0});
        check_file(k % TYPES, &g, &back);
        must_export(&back, k % TYPES, "b.ruvm");
        mote_bytes a = contents("a.ruvm"), b = contents("b.ruvm");
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        free(a.data);
        free(b.data);
        mote_graph_free(&g);
        mote_graph_free(&back);
    }
}

static void header(bytes *b, int type)
{
    const uint8_t h[HEADER] = {'R', 'U', 'V', 'M', 3, 0, 2, 0, 1, 0, 1, 1, 4, (uint8_t)type};
    b->size = 0;
    put(b, h, sizeof h);
}

static void put_range(bytes *b, float scale, int32_t zero, float min, float max)
{
    put_f32(b, scale), put_i32(b, zero), put_f32(b, min), put_f32(b, max);
}

/* Writes a file with vocabulary 3, dim 2, hidden 1, one layer, one head, in int4 with zero points, as another program
 * may write it. */
static void foreign(bytes *b)
{
    static const int counts[] = {6, 4, 4, 4, 4, 2, 2, 2, 6};
    header(b, INT4);
    for (size_t t = 0; t < sizeof counts / sizeof *counts; t++) {
        const uint8_t codes[4] = {0x7f, 0x08, 0x21, 0}; /* -1 7 -8 0 1 2 */
        put_range(b, 0.5f, -1, -3.5f, 4);
        put(b, codes, 4);
    }
}

static void zero_points(void **state)
{
    (void)state;
    bytes b;
    mote_graph g;
    size_t count;
    const float wanted[] = {0, 4, -3.5f, 0.5f, 1, 1.5f};
    foreign(&b);
    must_import(&g, write_import("f.ruvm", b.data, b.size), (mote_import_options){0});
    const float *data = values_of(&g, "embedding.weight", &count);
    assert_memory_equal(data, wanted, sizeof wanted);
    assert_memory_equal(values_of(&g, "layer0.o.weight", &count), wanted, 16);
    assert_memory_equal(values_of(&g, "head.weight", &count), wanted, sizeof wanted);
    assert_true(values_of(&g, "layer0.feed.norm.gain", &count)[1] == 1);
    mote_graph_free(&g);
}

static void refused(size_t at, const void *field, size_t size, mote_code code, const char *part)
{
    bytes b;
    foreign(&b);
    memcpy(b.data + at, field, size);
    must_refuse(write_import("f.ruvm", b.data, b.size), (mote_import_options){0}, code, part);
}

static void refused_u8(size_t at, uint8_t field, mote_code code, const char *part)
{
    refused(at, &field, 1, code, part);
}

static void refused_f32(size_t at, float field, const char *part)
{
    refused(at, &field, 4, MOTE_E_FORMAT, part);
}

static void named_refusals(void **state)
{
    (void)state;
    const size_t q = HEADER + 20; /* the range of layer0.q.weight */
    bytes b;
    refused_u8(13, 4, MOTE_E_UNSUPPORTED, "weights of type 4");
    refused_u8(31, 1, MOTE_E_FORMAT, "settings and zeros");
    refused_u8(10, 0, MOTE_E_FORMAT, "layers, not 0");
    refused_u8(11, 0, MOTE_E_FORMAT, "among 0 heads");
    refused_u8(4, 200, MOTE_E_FORMAT, "embedding.weight [200, 2] takes bytes 32 to");
    refused_u8(10, 2, MOTE_E_FORMAT, "layer1.k.weight [2, 2] takes bytes");
    refused_f32(q, NAN, "layer0.q.weight cannot have scale nan");
    refused_f32(q, -1, "layer0.q.weight cannot have scale -1");
    refused_f32(q + 8, NAN, "min nan");
    refused_f32(q + 12, 3, "value 1 of layer0.q.weight is 4, outside its -3.5 to 3");
    refused(q + 4, &(int32_t){8}, 4, MOTE_E_FORMAT, "zero point 8");
    refused(q + 4, &(int32_t){INT32_MIN}, 4, MOTE_E_FORMAT, "zero point -2147483648");
    b.size = sizeof b.data;
    memset(b.data, 0, b.size);
    foreign(&b);
    must_refuse(write_import("f.ruvm", b.data, b.size), (mote_import_options){.random_seed = 1}, MOTE_E_FORMAT,
                "has weights");
    must_refuse(write_import("f.ruvm", b.data, b.size + 4), (mote_import_options){0}, MOTE_E_FORMAT,
                "its weights end at byte");
    must_refuse(write_import("f.ruvm", b.data, 20), (mote_import_options){0}, MOTE_E_FORMAT, "header of 32");
}

static void header_alone(void **state)
{
    (void)state;
    bytes b;
    mote_graph g, again;
    size_t count;
    header(&b, BINARY);
    must_refuse(write_import("h.ruvm", b.data, b.size), (mote_import_options){0}, MOTE_E_FORMAT, "--random-weights");
    must_import(&g, import_path("h.ruvm"), (mote_import_options){.random_seed = 5});
    must_import(&again, import_path("h.ruvm"), (mote_import_options){.random_seed = 5});
    const float *data = values_of(&g, "embedding.weight", &count);
    assert_int_equal(count, 6);
    assert_true(data[0] != 0 && data[0] != data[1]);
    assert_memory_equal(data, values_of(&again, "embedding.weight", &count), 24);
    mote_graph_free(&g);
    mote_graph_free(&again);
}

static void not_exported(const mote_graph *g, mote_code code, const char *part)
{
    mote_error error;
    assert_false(mote_export_ruvm(g, "model", MOTE_RUVM_INT8, import_path("no.ruvm"), &error));
    if (error.code != code || !strstr(error.text, part) || strncmp(error.text, "model: ", 7) != 0)
        fail_msg("%d %s", error.code, error.text);
    assert_int_not_equal(access(import_path("no.ruvm"), F_OK), 0);
}

static void other_architectures(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        mote_transformer_shape s = small();
        mote_graph g;
        s.kv_heads = i == 0 ? 1 : HEADS;
        s.biased = i == 1, s.layer_norm = i == 2, s.gelu = i == 3, s.learned_positions = i == 4;
        s.theta = i == 5 ? 500000 : s.theta;
        s.epsilon = i == 6 ? 1e-6f : s.epsilon;
        s.context = i == 7 ? 256 : CONTEXT;
        s.heads = s.kv_heads = i == 8 ? 1 : s.heads, s.kv_heads = i == 0 ? 1 : s.heads;
        build(&g, &s, false);
        if (i == 8) {
            must_export(&g, INT8, "one.ruvm");
        } else {
            not_exported(&g, MOTE_E_UNSUPPORTED,
                         i == 7   ? "256 positions"
                         : i == 4 ? "operator positions"
                         : i == 2 ? "operator layer0.attention.norm"
                         : i == 6 ? "operator layer0.attention.norm"
                         : i == 1 ? "operator layer0.q"
                         : i == 3 ? "operator layer0.up"
                         : i == 5 ? "operator layer0.attention"
                                  : "operator layer0.k");
        }
        mote_graph_free(&g);
    }
}

static void weights_that_do_not_fit(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, FLT_MAX};
    for (int i = 0; i < 3; i++) {
        const mote_transformer_shape s = small();
        mote_graph g;
        size_t count;
        build(&g, &s, false);
        ((float *)(uintptr_t)values_of(&g, "layer1.v.weight", &count))[5] = bad[i];
        not_exported(&g, MOTE_E_FORMAT, "layer1.v.weight");
        mote_graph_free(&g);
    }
}

/* Weights that are all zero, and weights smaller than any scale. */
static void nothing_to_scale(void **state)
{
    (void)state;
    for (int type = 0; type < TYPES; type++) {
        const mote_transformer_shape s = small();
        mote_graph g, back;
        size_t count;
        build(&g, &s, false);
        for (int i = 0; i < DIM * DIM; i++) {
            ((float *)(uintptr_t)values_of(&g, "layer0.q.weight", &count))[i] = 0;
            ((float *)(uintptr_t)values_of(&g, "layer0.k.weight", &count))[i] = -1e-42f;
        }
        must_export(&g, type, "a.ruvm");
        must_import(&back, import_path("a.ruvm"), (mote_import_options){0});
        assert_true(values_of(&back, "layer0.k.weight", &count)[7] == 0);
        must_export(&back, type, "b.ruvm");
        mote_bytes a = contents("a.ruvm"), b = contents("b.ruvm");
        assert_memory_equal(a.data, b.data, a.size);
        free(a.data), free(b.data);
        mote_graph_free(&g), mote_graph_free(&back);
    }
}

static void attacked(void **state)
{
    (void)state;
    const mote_transformer_shape s = small();
    mote_graph g;
    build(&g, &s, false);
    for (int type = 0; type < TYPES; type++) {
        bytes b = {.size = 0};
        must_export(&g, type, "a.ruvm");
        mote_bytes file = contents("a.ruvm");
        put(&b, file.data, file.size);
        free(file.data);
        assert_true(attack("f.ruvm", &b, HEADER + 16, 1000) > 20);
    }
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),         cmocka_unit_test(zero_points),
        cmocka_unit_test(named_refusals),      cmocka_unit_test(header_alone),
        cmocka_unit_test(other_architectures), cmocka_unit_test(weights_that_do_not_fit),
        cmocka_unit_test(nothing_to_scale),    cmocka_unit_test(attacked),
    };
    return cmocka_run_group_tests(tests, NULL, remove_import_folder);
}
