/* Damaged and hostile TensorFlow Lite files: every one is refused with a message or gives a sound graph. */
#include <dirent.h>
#include <math.h>

#include "compiler/import/tflite.h"
#include "import_files.h"
#include "tests/fuzz/tflite_seed.h"

#define DATA MOTE_SHARED_DIR "/data/networks/tflite"

static mote_error error;

/* Imports a copy of exactly this size. Returns whether it was accepted. */
static bool accepts_as(const uint8_t *data, size_t size, bool nonfinite)
{
    mote_graph g;
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    error = (mote_error){0};
    const bool done =
        mote_import_tflite_bytes(&g, "m", copy, size, &(mote_import_options){.allow_nonfinite = nonfinite}, &error);
    free(copy);
    if (done) {
        assert_true(mote_graph_check(&g, &error));
        mote_graph_free(&g);
    } else {
        assert_true(error.code == MOTE_E_FORMAT || error.code == MOTE_E_UNSUPPORTED);
        assert_memory_equal(error.text, "m:", 2);
    }
    return done;
}

static bool accepts(const seed_file *f)
{
    return accepts_as(f->data, f->size, false);
}

static void refuses(const seed_file *f, const char *part)
{
    assert_false(accepts(f));
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not contain \"%s\"", error.text, part);
}

static void test_sound(void **state)
{
    static seed_file f;
    (void)state;
    seed_tflite(&f, false);
    if (!accepts(&f))
        fail_msg("%s", error.text);
    seed_tflite(&f, true);
    if (!accepts(&f))
        fail_msg("%s", error.text);
}

static void test_truncated(void **state)
{
    static seed_file f;
    (void)state;
    for (int is_float = 0; is_float < 2; is_float++) {
        seed_tflite(&f, is_float);
        for (uint32_t size = 0; size < f.size; size++)
            assert_false(accepts_as(f.data, size, false));
    }
}

static void test_every_bit(void **state)
{
    static seed_file f;
    int sound = 0;
    (void)state;
    for (int is_float = 0; is_float < 2; is_float++) {
        seed_tflite(&f, is_float);
        for (uint32_t bit = 0; bit < 8 * f.size; bit++) {
            f.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            sound += accepts(&f);
            f.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    assert_true(sound > 100);
}

/* The place of the shape, the name and the buffer's number of a tensor; of the inputs of an operator. */
static uint32_t part_of(const seed_file *f, uint32_t list, uint32_t index, uint32_t field)
{
    return seed_follow(f, seed_field(f, seed_element(f, list, index), field)) + 4;
}

static void test_shapes(void **state)
{
    static seed_file f;
    (void)state;
    seed_tflite(&f, false);
    const uint32_t shape = part_of(&f, f.tensors, 0, 0);
    seed_put(&f, shape + 4, 0x80000000u);
    refuses(&f, "tensor 0 has a negative dimension");
    seed_put(&f, shape + 4, 0x7fffffff);
    refuses(&f, "tensor 0 has more elements");
    seed_put(&f, shape + 4, 0);
    refuses(&f, "tensor 0 is an input of a type or shape");
    seed_put(&f, shape + 4, 9);
    refuses(&f, "does not make a result of the shape that the file states");
}

static void test_mean_of_nothing(void **state)
{
    static const uint32_t axes[] = {8, 1, 2};
    static seed_file f;
    (void)state;
    seed_tflite(&f, false);
    uint8_t *at = memmem(f.data, f.size, axes, sizeof axes);
    assert_non_null(at);
    memset(at + 4, 0, 8);
    seed_put(&f, part_of(&f, f.operators, 1, 1), 10);
    seed_put(&f, part_of(&f, f.tensors, 10, 0), 0);
    refuses(&f, "MEAN at 1");
}

static void test_circle(void **state)
{
    static seed_file f;
    (void)state;
    seed_tflite(&f, false);
    seed_put(&f, part_of(&f, f.operators, 0, 1), 8); /* the convolution reads what comes later */
    assert_false(accepts(&f));
    seed_tflite(&f, false);
    seed_put(&f, part_of(&f, f.operators, 3, 1), 9); /* the softmax reads its own result */
    refuses(&f, "operator 3 (SOFTMAX) reads a tensor before any operator makes it");
    seed_put(&f, part_of(&f, f.operators, 3, 1), 77);
    refuses(&f, "names tensor 77 of 11");
    seed_tflite(&f, false);
    seed_put(&f, part_of(&f, f.operators, 2, 2), 5); /* two operators make one tensor */
    assert_false(accepts(&f));
}

static void test_names(void **state)
{
    static seed_file f;
    mote_graph g;
    (void)state;
    seed_tflite(&f, false);
    f.data[part_of(&f, f.tensors, 9, 3)] = '\n';
    f.data[part_of(&f, f.tensors, 3, 3)] = 0xff;
    f.data[part_of(&f, f.tensors, 5, 3)] = 'a'; /* the input's */
    assert_true(mote_import_tflite_bytes(&g, "m", f.data, f.size, &(mote_import_options){0}, &error));
    const int y = mote_graph_of_role(&g, MOTE_OUTPUT, 0);
    assert_true(g.tensors[y].name[0] == '_');
    assert_int_equal(mote_graph_find(&g, "a"), mote_graph_of_role(&g, MOTE_INPUT, 0));
    assert_true(mote_graph_find(&g, "a#2") >= 0);
    mote_graph_free(&g);
}

static void test_nonfinite(void **state)
{
    static seed_file f;
    const float nan = NAN;
    (void)state;
    seed_tflite(&f, true);
    for (uint32_t at = 0; at + 4 <= f.size; at += 4) {
        float value;
        memcpy(&value, f.data + at, 4);
        if (value == -0.25f) { /* the first weight is 0.25·3 − 1 */
            memcpy(f.data + at, &nan, 4);
            break;
        }
    }
    refuses(&f, "value 0 of b is NaN");
    assert_true(accepts_as(f.data, f.size, true));
}

static void test_many_operators(void **state)
{
    enum { COUNT = 1000000 };
    static seed_file f;
    (void)state;
    seed_tflite(&f, false);
    const uint32_t list = f.size, size = list + 4 + 4 * COUNT + 64;
    uint8_t *data = calloc(1, size);
    assert_non_null(data);
    /* the list moves to the end of the file, before a table that all its elements point to */
    const uint32_t model = seed_follow(&f, 0), graphs = seed_follow(&f, seed_field(&f, model, 2));
    const uint32_t graph = seed_element(&f, graphs, 0);
    seed_link(&f, seed_field(&f, graph, 3), list);
    memcpy(data, f.data, f.size);
    for (uint32_t i = 0; i <= COUNT; i++) {
        const uint32_t value = i ? size - 32 - (list + 4 * i) : COUNT;
        memcpy(data + list + 4 * i, &value, 4);
    }
    assert_false(accepts_as(data, size, false));
    assert_non_null(strstr(error.text, "1000000 operators"));
    free(data);
}

/* Damages a real file at some lengths and bits. */
static void damage(const char *path)
{
    mote_bytes file;
    if (!mote_file_read(path, 1 << 24, &file, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < 40; i++)
        accepts_as(file.data, file.size * i / 40, false);
    for (size_t i = 0; i < 100; i++) {
        const size_t bit = (i * 8 * file.size / 100 + i * 7919) % (8 * file.size);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        accepts_as(file.data, file.size, false);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(file.data);
}

static void test_real_files(void **state)
{
    static const char *const paths[] = {"hello_world", "tinymaix_mnist_arduino",  "micro_speech", "kws_float",
                                        "mww_alexa",   "audio_preprocessor_int8", "mcunet_vww"};
    (void)state;
    if (access(DATA, R_OK) != 0) {
        print_message("no ../shared: skipped\n");
        return;
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char folder[1024], path[2048];
        snprintf(folder, sizeof folder, DATA "/%s", paths[i]);
        DIR *d = opendir(folder);
        assert_non_null(d);
        for (struct dirent *e = readdir(d); e; e = readdir(d))
            if (strstr(e->d_name, ".tflite")) {
                snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
                damage(path);
            }
        closedir(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),           cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_every_bit),       cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_mean_of_nothing), cmocka_unit_test(test_circle),
        cmocka_unit_test(test_names),           cmocka_unit_test(test_nonfinite),
        cmocka_unit_test(test_many_operators),  cmocka_unit_test(test_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
