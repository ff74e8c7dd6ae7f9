/* Tests of names of any length: in graphs, files and manifests, in quantization, and on the device. */
#include "tests/compiler/mixer.h"

#include <unistd.h>

#include "compiler/graph/check.h"
#include "compiler/manifest/manifest.h"
#include "compiler/pack/lay_out.h"

enum { LONG = 1000 };

/* Writes a name of LONG characters; such names differ only in their last characters. */
static void long_name(int number, const char *end, char name[LONG + 1])
{
    char tail[64];
    const int size = snprintf(tail, sizeof tail, ".%d%s", number, end);
    memset(name, 'n', LONG);
    memcpy(name + LONG - size, tail, (size_t)size + 1);
    assert_int_equal(strlen(name), LONG);
}

/* Lengthens all names. Names of tensors keep the part after the last point, which the compiler may use. */
static void lengthen(mote_graph *g)
{
    char name[LONG + 1];
    for (int i = 0; i < g->tensor_count; i++) {
        const char *end = strrchr(g->tensors[i].name, '.');
        char kept[48];
        snprintf(kept, sizeof kept, "%s", end ? end : "");
        long_name(i, kept, name);
        assert_true(mote_graph_rename(g, i, name));
    }
    for (int i = 0; i < g->op_count; i++) {
        long_name(i, "", name);
        free(g->ops[i].name);
        g->ops[i].name = strdup(name);
    }
}

static void assert_long(const mote_graph *g, size_t least)
{
    for (int i = 0; i < g->tensor_count; i++) {
        assert_true(strlen(g->tensors[i].name) >= least);
        assert_int_equal(mote_graph_find(g, g->tensors[i].name), i);
    }
    for (int i = 0; i < g->op_count; i++)
        assert_true(strlen(g->ops[i].name) >= least);
}

static void come_back(const mote_graph *g)
{
    mote_graph back;
    mote_error error = {0};
    char path[64];
    snprintf(path, sizeof path, "/tmp/mote-names-%d", (int)getpid());
    mote_bytes file = encoded(g);
    for (int form = -1; form < 2; form++) {
        if (form < 0 ? !mote_graph_decode(&back, file.data, file.size, "file", &error)
                     : !mote_manifest_save(g, (mote_manifest_form)form, path, &error) ||
                           !mote_manifest_load(&back, path, &error))
            fail_msg("%s", error.text);
        assert_long(&back, LONG);
        for (int i = 0; i < g->tensor_count; i++)
            assert_string_equal(back.tensors[i].name, g->tensors[i].name);
        for (int i = 0; i < g->op_count; i++)
            assert_string_equal(back.ops[i].name, g->ops[i].name);
        mote_bytes again = encoded(&back);
        assert_int_equal(again.size, file.size);
        assert_memory_equal(again.data, file.data, file.size);
        free(again.data);
        mote_graph_free(&back);
    }
    unlink(path);
    free(file.data);
}

static void long_names_come_back(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {12, 10, 18, 2, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_error error = {0};
    float_model(&g, &shape);
    lengthen(&g);
    if (!mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    come_back(&g);
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    assert_long(&packed, LONG); /* names of added tensors derive from the existing ones */
    come_back(&packed);
    assert_true(mote_graph_lay_out_as(&packed, MOTE_LANES16, &error));
    assert_long(&packed, LONG);
    come_back(&packed);
    mote_graph_free(&g), mote_graph_free(&packed);
}

/* The names do not affect the integers. */
static void names_change_no_output(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {12, 10, 18, 2, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
    uint32_t digests[2];
    for (int k = 0; k < 2; k++) {
        mote_graph g, packed;
        mote_error error = {0};
        float_model(&g, &shape);
        if (k)
            lengthen(&g);
        assert_true(mote_graph_quantize(&g, &options, &packed, &error));
        digests[k] = ((const mote_golden *)(const void *)packed.golden)->digest;
        mote_graph_free(&g), mote_graph_free(&packed);
    }
    assert_int_equal(digests[0], digests[1]);
}

static void the_device_says_them(void **state)
{
    (void)state;
    random_graph r;
    mote_model m;
    mote_session s;
    mixer_of(&r, 1);
    lengthen(&r.g);
    mote_bytes file = encoded(&r.g);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    const size_t size = mote_arena_size(&m) + mote_state_size(&m);
    void *memory = exact_memory(size);
    assert_int_equal(mote_begin(&s, &m, memory, size), MOTE_SUCCESS);
    assert_string_equal(mote_input(&s, 1).name, r.g.tensors[mote_graph_of_role(&r.g, MOTE_INPUT, 1)].name);
    assert_string_equal(mote_output(&s, 0).name, r.g.tensors[mote_graph_of_role(&r.g, MOTE_OUTPUT, 0)].name);
    assert_int_equal(strlen(mote_output(&s, 0).name), LONG);
    free(memory);
    free(file.data);
    mote_graph_free(&r.g);
}

/* A name in a message may be longer than the message. */
static void messages_hold(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {12, 10, 18, 1, false};
    mote_graph g, back;
    mote_error error = {0};
    char *name = malloc(70001);
    float_model(&g, &shape);
    memset(name, 'x', 70000);
    name[70000] = 0;
    assert_true(mote_graph_rename(&g, 1, name));
    mote_bytes file = encoded(&g);
    assert_true(mote_graph_decode(&back, file.data, file.size, "file", &error));
    assert_int_equal(strlen(back.tensors[1].name), 70000);
    mote_graph_free(&back);
    free(file.data);
    g.tensors[1].dims[0] = 0;
    assert_false(mote_graph_check(&g, &error));
    assert_true(strlen(error.text) < sizeof error.text);
    assert_int_equal(strncmp(error.text, "tensor xxx", 10), 0);
    g.tensors[1].dims[0] = shape.vocabulary;
    free(name);
    mote_graph_free(&g);
}

static void names_are_unique(void **state)
{
    (void)state;
    mote_graph g;
    const uint32_t dim = 3;
    char name[LONG + 1], other[LONG + 1];
    mote_graph_init(&g);
    long_name(1, "", name), long_name(2, "", other);
    assert_int_equal(mote_graph_tensor(&g, name, MOTE_F32, MOTE_ACTIVATION, 1, &dim), 0);
    assert_int_equal(mote_graph_tensor(&g, name, MOTE_F32, MOTE_ACTIVATION, 1, &dim), -1);
    assert_int_equal(mote_graph_tensor(&g, other, MOTE_F32, MOTE_ACTIVATION, 1, &dim), 1);
    for (int i = 0; i < 1000; i++) { /* the index grows */
        char short_name[16];
        snprintf(short_name, sizeof short_name, "%d", i);
        assert_int_equal(mote_graph_find(&g, short_name), -1);
        assert_int_equal(mote_graph_tensor(&g, short_name, MOTE_F32, MOTE_ACTIVATION, 1, &dim), 2 + i);
    }
    for (int i = 0; i < 1000; i += 7) {
        assert_true(mote_graph_remove(&g, mote_graph_find(&g, g.tensors[i / 2].name)));
        for (int k = 0; k < g.tensor_count; k += 5)
            assert_int_equal(mote_graph_find(&g, g.tensors[k].name), k);
    }
    mote_graph_free(&g);
}

/* When tensors are removed, the indices in the placement follow. */
static void removed_from_the_placement(void **state)
{
    (void)state;
    random_graph r;
    mixer_of(&r, 2);
    finish_mixer(&r);
    const uint32_t before = r.g.placement_count;
    char *expected[64];
    uint32_t count = 0;
    const int gain = mote_graph_find(&r.g, "gain");
    for (uint32_t i = 0; i < before; i++)
        if (r.g.placement[i] != gain)
            expected[count++] = strdup(r.g.tensors[r.g.placement[i]].name);
    assert_true(mote_graph_remove(&r.g, gain));
    assert_int_equal(r.g.placement_count, count);
    assert_int_equal(count, before - 1);
    for (uint32_t i = 0; i < count; i++) {
        assert_string_equal(r.g.tensors[r.g.placement[i]].name, expected[i]);
        free(expected[i]);
    }
    mote_graph_free(&r.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_names_come_back), cmocka_unit_test(names_change_no_output),
        cmocka_unit_test(the_device_says_them), cmocka_unit_test(messages_hold),
        cmocka_unit_test(names_are_unique),     cmocka_unit_test(removed_from_the_placement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
