/* The tables of int8 functions: near the real functions, and equal to single results of TensorFlow Lite Micro. */
#include <math.h>

#include "compiler/import/tflite_table.h"
#include "import_files.h"

#define DATA MOTE_SHARED_DIR "/data/networks/tflite"

/* A tensor with one scale. */
typedef struct scaled_tensor {
    uint8_t data[16];
    mote_flat flat;
    mote_tflite_tensor tensor;
} scaled_tensor;

static const mote_tflite_tensor *tensor_of(scaled_tensor *t, float scale, int64_t zero_point)
{
    memcpy(t->data, &zero_point, 8);
    memcpy(t->data + 8, &scale, 4);
    t->flat = (mote_flat){.data = t->data, .size = sizeof t->data};
    t->tensor =
        (mote_tflite_tensor){.type = MOTE_TFLITE_I8, .scales = {&t->flat, 8, 1}, .zero_points = {&t->flat, 0, 1}};
    return &t->tensor;
}

static double real_of(int code, double x)
{
    switch (code) {
    case MOTE_TFLITE_OP_LOGISTIC:
        return 1 / (1 + exp(-x));
    case MOTE_TFLITE_OP_TANH:
        return tanh(x);
    case MOTE_TFLITE_OP_HARD_SWISH:
        return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    default:
        return x < 0 ? exp(x) - 1 : x;
    }
}

static void test_near(void **state)
{
    static const struct {
        int code;
        float scale;
        int64_t zero_point;
        float y_scale;
        int64_t y_zero_point;
        double most; /* steps of y from the real value */
    } cases[] = {
        {MOTE_TFLITE_OP_LOGISTIC, 0.0625f, 3, 1 / 256.0f, -128, 0.6},
        {MOTE_TFLITE_OP_LOGISTIC, 0.01f, -20, 1 / 256.0f, -128, 0.6},
        {MOTE_TFLITE_OP_LOGISTIC, 0.3f, 100, 1 / 256.0f, -128, 0.6},
        {MOTE_TFLITE_OP_TANH, 0.0625f, 3, 1 / 128.0f, 0, 0.6},
        {MOTE_TFLITE_OP_TANH, 0.002f, -128, 1 / 128.0f, 0, 0.6},
        {MOTE_TFLITE_OP_HARD_SWISH, 0.05f, -10, 0.03f, -100, 1.1},
        {MOTE_TFLITE_OP_HARD_SWISH, 0.2f, 0, 0.2f, 0, 1.1},
        {MOTE_TFLITE_OP_ELU, 0.03f, 20, 0.02f, -50, 0.51},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        scaled_tensor x, y;
        int8_t table[256];
        assert_null(mote_tflite_table(cases[k].code, tensor_of(&x, cases[k].scale, cases[k].zero_point),
                                      tensor_of(&y, cases[k].y_scale, cases[k].y_zero_point), table));
        for (int i = -128; i < 128; i++) {
            const double real = real_of(cases[k].code, (double)cases[k].scale * (double)(i - cases[k].zero_point));
            const double steps = real / (double)cases[k].y_scale + (double)cases[k].y_zero_point;
            const double wanted = fmin(fmax(steps, -128), 127), got = table[i & 255];
            if (fabs(got - wanted) > cases[k].most)
                fail_msg("case %zu: %d gives %g and not %g", k, i, got, wanted);
        }
    }
}

/* Returns the byte with this FNV-1a hash. */
static int8_t byte_of(uint64_t wanted)
{
    for (unsigned b = 0; b < 256; b++)
        if ((0xcbf29ce484222325 ^ b) * 0x100000001b3 == wanted)
            return (int8_t)b;
    fail_msg("no byte has this hash");
    return 0;
}

/* Reads the values of a tensor of one byte from layers.txt, with its scale. Returns their number. */
static int read_bytes(const char *folder, const char *tensor, scaled_tensor *t, int8_t values[32])
{
    char path[1024], line[4096];
    int count = 0;
    snprintf(path, sizeof path, DATA "/%s/layers.txt", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) && !count) {
        char *rest = line, *field = strsep(&rest, "\t");
        if (strcmp(field, tensor) != 0)
            continue;
        strsep(&rest, "\t"), strsep(&rest, "\t");
        const float scale = strtof(strsep(&rest, "\t"), NULL);
        tensor_of(t, scale, strtol(strsep(&rest, "\t"), NULL, 10));
        while ((field = strsep(&rest, "\t")) && rest && count < 32)
            values[count++] = byte_of(strtoull(field, NULL, 16));
    }
    fclose(f);
    return count;
}

static void test_same(void **state)
{
    static const char *const folders[] = {"mww_alexa", "mww_hey_jarvis"};
    (void)state;
    if (access(DATA, R_OK) != 0) {
        print_message("no ../shared: skipped\n");
        return;
    }
    for (size_t k = 0; k < 2; k++) {
        scaled_tensor x, y;
        int8_t table[256], from[32], to[32];
        const int count = read_bytes(folders[k], "0.67", &x, from);
        assert_true(count > 8);
        assert_int_equal(read_bytes(folders[k], "0.68", &y, to), count);
        assert_null(mote_tflite_table(MOTE_TFLITE_OP_LOGISTIC, &x.tensor, &y.tensor, table));
        for (int i = 0; i < count; i++)
            assert_int_equal(table[(uint8_t)from[i]], to[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
