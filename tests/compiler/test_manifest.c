/* Tests of manifests: they give the file back from which they were written, and truncated, changed and invalid ones are
 * refused. */
#include "packed.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "compiler/manifest/manifest.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/zip.h"
#include "compiler/pack/lay_out.h"

static const mote_tinylm_shape shape = {.vocabulary = 12, .embed = 16, .dim = 16, .layers = 1};

static char path[64];

static int make_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/mote-manifest-%d", (int)getpid());
    return 0;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static mote_graph model(mote_scheme scheme, bool five_trits, uint32_t group, bool lanes)
{
    mote_graph g, packed;
    mote_error error = {0};
    float_model(&g, &shape);
    const mote_quantize_options options = {
        .weights = scheme, .head = scheme, .granularity = MOTE_PER_ROW, .group = group, .five_trits = five_trits};
    if (!mote_graph_quantize(&g, &options, &packed, &error) ||
        (lanes && !mote_graph_lay_out_as(&packed, MOTE_LANES16, &error)))
        fail_msg("%s", error.text);
    mote_graph_free(&g);
    return packed;
}

static void check_comes_back(const mote_graph *g)
{
    const mote_bytes want = encoded(g);
    for (int form = 0; form < 2; form++) {
        mote_graph again;
        mote_error error = {0};
        if (!mote_manifest_save(g, (mote_manifest_form)form, path, &error) || !mote_manifest_load(&again, path, &error))
            fail_msg("%s", error.text);
        const mote_bytes got = encoded(&again);
        assert_int_equal(got.size, want.size);
        assert_memory_equal(got.data, want.data, want.size);
        free(got.data);
        mote_graph_free(&again);
    }
    free(want.data);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_INT6,    MOTE_SCHEME_INT5,  MOTE_SCHEME_INT4,
                                          MOTE_SCHEME_SIGN, MOTE_SCHEME_TERNARY, MOTE_SCHEME_INT16, MOTE_SCHEME_FP16};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        for (int kind = 0; kind < 4; kind++) {
            mote_graph g = model(schemes[i], kind == 1, kind == 2 ? 16 : 0, kind == 3);
            check_comes_back(&g);
            mote_graph_free(&g);
        }
}

static void float_models_come_back(void **state)
{
    (void)state;
    mote_graph g;
    float_model(&g, &shape);
    g.tensors[1].quantizer = MOTE_I8;
    g.tensors[1].granularity = MOTE_POW2_ROW;
    check_comes_back(&g);
    mote_graph_free(&g);
}

static void write_plainly(const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
}

static void replace(const char *from, const char *to)
{
    mote_bytes file;
    mote_error error = {0};
    assert_true(mote_file_read(path, 1 << 24, &file, &error));
    const char *at = memmem(file.data, file.size, from, strlen(from));
    assert_non_null(at);
    const size_t before = (size_t)(at - (char *)file.data), after = file.size - before - strlen(from);
    char *text = malloc(file.size + strlen(to) + 1);
    memcpy(text, file.data, before);
    strcpy(text + before, to);
    memcpy(text + before + strlen(to), at + strlen(from), after);
    write_plainly(text, before + strlen(to) + after);
    free(text);
    free(file.data);
}

static void wrong_manifests_are_refused(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"shape\":[12,16]", "\"shape\":[12,17]"},
        {"\"shape\":[12,16]", "\"shape\":[4294967296,16]"},
        {"\"shape\":[12,16]", "\"shape\":[1073741824,16]"},
        {"\"shape\":[12,16]", "\"shape\":[0,16]"},
        {"\"shape\":[12,16]", "\"shape\":[]"},
        {"\"shape\":[12,16]", "\"shape\":[12,16],\"shape\":[12,16]"},
        {"\"type\":\"int4\"", "\"type\":\"int3\""},
        {"\"type\":\"int4\"", "\"type\":\"ternary\""},
        {"\"version\":2", "\"version\":1"},
        {"\"version\":2", "\"version\":3"},
        {"\"layout\":", "\"layout\":\"lanes16\",\"old\":"},
        {"\"values\":[", "\"values\":[1000000,"},
        {"\"values\":[", "\"values\":[\"x\","},
        {"\"values\":[", "\"values\":[1.5,"},
        {"\"operator\":\"gru\"", "\"operator\":\"gry\""},
        {"\"inputs\":{\"ids\":\"", "\"inputs\":{\"ids\":\"no "},
        {"\"inputs\":{\"ids\":", "\"inputs\":{\"idols\":"},
        {"\"inputs\":{\"ids\":", "\"inputs\":{\"ids\":7,\"idols\":"},
        {"\"inputs\":{\"ids\"", "\"inputs\":[0],\"old\":{\"ids\""},
        {"\"weights\":\"", "\"weights\":null,\"old\":\""},
        {"\"outputs\":{\"y\":", "\"outputs\":{\"z\":"},
        {"\"outputs\":{\"y\":", "\"outputs\":{\"y\":7,\"old\":"},
        {"\"params\":{\"shift\":", "\"params\":{\"sift\":"},
        {"\"params\":{\"shift\":", "\"params\":{\"sift\":0,\"shift\":"},
        {"\"params\":{\"shift\":", "\"params\":{\"shift\":0.5,\"old\":"},
        {"\"params\":{\"shift\":", "\"params\":{\"shift\":4294967296,\"old\":"},
        {"\"gain\":", "\"gain\":9999999"},
        {"\"params\":{\"shift\"", "\"params\":[0],\"old\":{\"shift\""},
        {"\"tokenizer\":\"", "\"tokenizer\":\"0"},
        {"\"golden\":{", "\"golden\":{\"inputs\":\"012\"},\"old\":{"},
        {"\"golden\":{\"runs\":", "\"golden\":{\"runs\":0,\"old\":"},
        {"\"golden\":{\"runs\":", "\"golden\":{\"runs\":1"},
        {"\"role\":\"constant\"", "\"role\":\"constant\",\"zero_point\":2147483648"},
        {"\"role\":\"constant\"", "\"role\":\"constant\",\"zero_point\":0.5"},
        {"\"role\":\"constant\"", "\"role\":\"constant\",\"scales\":[1,2],\"axis\":0"},
        {"\"role\":\"constant\"", "\"role\":\"constant\",\"scales\":[1,2],\"axis\":2"},
        {"\"type\":\"int4\"", "\"type\":\"int4\",\"stride\":1000000"},
        {"\"role\":\"input\"", "\"role\":\"input\",\"stride\":3"},
        {"\"format\"", "\"placement\":[\"no tensor\"],\"format\""},
        {"\"format\"", "\"placement\":[\"ids\"],\"format\""},
        {"\"format\"", "\"placement\":[7],\"format\""},
        {"\"arena_bytes\":", "\"arena_bytes\":-"},
        {"\"offset\":", "\"offset\":4294967295,\"old\":"},
        {"\"name\":\"head.weight\"", "\"name\":\"embedding.weight\""},
        {"\"digest\":", "\"digest\":-"},
    };
    mote_graph g = model(MOTE_SCHEME_INT4, false, 0, false);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        mote_graph again;
        mote_error error = {0};
        assert_true(mote_manifest_save(&g, MOTE_MANIFEST_JSON, path, &error));
        if (strstr(changes[i][0], "layout"))
            replace("\"role\":\"constant\"", "\"role\":\"constant\",\"layout\":\"rows\"");
        replace(changes[i][0], changes[i][1]);
        if (mote_manifest_load(&again, path, &error))
            fail_msg("change %zu was taken", i);
        assert_int_equal(error.code, MOTE_E_FORMAT);
    }
    mote_graph_free(&g);
}

/* Loads truncated manifests, which are refused, and manifests with flipped bits, which are refused or give a valid
 * model. */
static void attack(mote_manifest_form form, size_t step)
{
    mote_graph g = model(MOTE_SCHEME_TERNARY, false, 0, false);
    mote_error error = {0};
    mote_bytes file;
    assert_true(mote_manifest_save(&g, form, path, &error));
    assert_true(mote_file_read(path, 1 << 24, &file, &error));
    mote_graph_free(&g);
    for (size_t size = 0; size + 2 < file.size; size += step) {
        mote_graph again;
        write_plainly(file.data, size);
        assert_false(mote_manifest_load(&again, path, &error));
    }
    uint32_t seed = 5;
    for (int i = 0; i < 150; i++) {
        mote_graph again;
        seed = seed * 1664525u + 1013904223u;
        const size_t at = (seed >> 4) % file.size;
        file.data[at] ^= (uint8_t)(1 << (seed >> 29));
        write_plainly(file.data, file.size);
        if (mote_manifest_load(&again, path, &error))
            mote_graph_free(&again);
        file.data[at] ^= (uint8_t)(1 << (seed >> 29));
    }
    free(file.data);
}

static void damaged_json(void **state)
{
    (void)state;
    attack(MOTE_MANIFEST_JSON, 211);
}

static void damaged_npz(void **state)
{
    (void)state;
    attack(MOTE_MANIFEST_NPZ, 97);
}

/* Appends `count` times `item` to a list that begins with `head` and ends with `tail`, and loads it. */
static mote_error load_list(const char *head, const char *item, int count, const char *tail)
{
    mote_graph g;
    mote_error error = {0};
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(head, f);
    for (int i = 0; i < count; i++)
        fputs(item, f);
    fputs(tail, f);
    fclose(f);
    assert_false(mote_manifest_load(&g, path, &error));
    return error;
}

static void more_records_than_a_file_has(void **state)
{
    (void)state;
    mote_error error = load_list("{\"format\":\"mote-manifest\",\"version\":2,\"tensors\":[", "{},", 65534, "{}]}");
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_non_null(strstr(error.text, "tensors: there are 65535, more than 65534"));
    error =
        load_list("{\"format\":\"mote-manifest\",\"version\":2,\"tensors\":[],\"operators\":[", "{},", 65534, "{}]}");
    assert_non_null(strstr(error.text, "operators: there are 65535, more than 65534"));
}

/* Two tensors that name one array: a small archive could ask for any amount of memory. */
static void shared_array(void **state)
{
    (void)state;
    static const char text[] =
        "{\"format\":\"mote-manifest\",\"version\":2,\"operators\":[],\"tensors\":["
        "{\"name\":\"a\",\"role\":\"constant\",\"type\":\"int8\",\"shape\":[16],\"array\":\"a.npy\"},"
        "{\"name\":\"b\",\"role\":\"constant\",\"type\":\"int8\",\"shape\":[16],\"array\":\"a.npy\"}]}";
    const mote_array a = {.kind = 'i', .size = 1, .rank = 1, .dims = {16, 1, 1, 1, 1, 1}};
    const uint8_t numbers[16] = {0};
    uint8_t header[MOTE_NPY_HEADER];
    mote_npy_header(&a, header);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    mote_zip_writer zip = {.stream = f};
    assert_true(mote_zip_add(&zip, "a.npy", header, sizeof header, numbers, sizeof numbers));
    assert_true(mote_zip_add(&zip, "manifest.json", "", 0, text, strlen(text)));
    assert_true(mote_zip_finish(&zip));
    fclose(f);
    mote_graph g;
    mote_error error = {0};
    assert_false(mote_manifest_load(&g, path, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_string_equal(error.text, "tensor b: its array a.npy is that of another tensor");
}

/* Names of tensors and operators in valid and in invalid UTF-8. The JSON is partly written when an operator's name is
 * refused. */
static void names_that_json_cannot_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool sayable;
    } cases[] = {
        {"caf\xc3\xa9", true},   {"\xe6\xb0\xb4", true},  {"\xf0\x9f\x98\x80", true},
        {"\xd3", false},         {"\x80", false},         {"\xc0\x80", false},
        {"\xe0\x80\x80", false}, {"\xed\xa0\x80", false}, {"\xf4\x90\x80\x80", false},
        {"\xe6\xb0", false},     {"\xff", false},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        mote_graph g = model(MOTE_SCHEME_INT8, false, 0, false);
        mote_error error = {0};
        char *name = strdup(cases[i / 2].name), **at = i % 2 ? &g.ops[1].name : NULL;
        if (at) {
            free(*at);
            *at = name;
        } else {
            assert_true(mote_graph_rename(&g, 1, name));
            free(name);
        }
        assert_int_equal(mote_manifest_save(&g, MOTE_MANIFEST_JSON, path, &error), cases[i / 2].sayable);
        if (!cases[i / 2].sayable)
            assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
        mote_graph_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(float_models_come_back),
        cmocka_unit_test(wrong_manifests_are_refused),
        cmocka_unit_test(names_that_json_cannot_say),
        cmocka_unit_test(damaged_json),
        cmocka_unit_test(damaged_npz),
        cmocka_unit_test(more_records_than_a_file_has),
        cmocka_unit_test(shared_array),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
