/* Tests of damaged float files, with flipped bits, changed fields or missing ends: they are refused with a message, or
 * can be trained, quantized and pruned. Infinite and undefined numbers are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/tinylm.h"
#include "compiler/graph/transformer.h"
#include "runtime/crc32.h"
#include "tests/fuzz/float_work.h"

static const mote_tinylm_shape tiny = {.vocabulary = 5, .embed = 6, .dim = 7, .layers = 1};
static const mote_transformer_shape transformer = {.vocabulary = 5,
                                                   .dim = 8,
                                                   .layers = 1,
                                                   .heads = 2,
                                                   .kv_heads = 1,
                                                   .hidden = 6,
                                                   .context = 4,
                                                   .theta = 10000,
                                                   .epsilon = 1e-5f};

static mote_graph built(bool attends)
{
    mote_graph g;
    mote_error error;
    assert_true(attends ? mote_transformer_build(&g, &transformer, 1, &error)
                        : mote_tinylm_build(&g, &tiny, 1, &error));
    return g;
}

static mote_bytes file_of(bool attends)
{
    mote_graph g = built(attends);
    mote_bytes file;
    mote_error error;
    assert_true(mote_graph_encode(&g, &file, &error));
    mote_graph_free(&g);
    return file;
}

static void seal(uint8_t *file, size_t size)
{
    const uint32_t crc = mote_crc32(0, file + 16, size - 16);
    memcpy(file + offsetof(mote_header, crc32), &crc, sizeof crc);
}

static uint8_t *exact_copy(const mote_bytes *file, size_t size)
{
    uint8_t *copy = NULL;
    assert_int_equal(posix_memalign((void **)&copy, 16, size ? size : 1), 0);
    memcpy(copy, file->data, size);
    return copy;
}

/* Decodes a file and, if that succeeds, works on its graph. */
static void read_and_work(const uint8_t *file, size_t size, uint32_t choice, work_done *done)
{
    mote_graph g;
    mote_error error = {0};
    if (!mote_graph_decode(&g, file, size, "file", &error)) {
        assert_int_not_equal(error.code, MOTE_OK);
        assert_int_equal(strncmp(error.text, "file: ", 6), 0);
        return;
    }
    if (!g.packed)
        work_on_float_graph(&g, choice, done);
    mote_graph_free(&g);
}

static void whole_files_are_worked_on(void **state)
{
    (void)state;
    for (int attends = 0; attends < 2; attends++) {
        const mote_bytes file = file_of(attends);
        work_done done = {0};
        for (uint32_t choice = 0; choice < 40; choice++)
            read_and_work(file.data, file.size, choice, &done);
        assert_true(done.trained > 20);
        assert_true(done.quantized > 5);
        assert_true(done.pruned > 5);
        free(file.data);
    }
}

static void cut_off_at_every_length(void **state)
{
    (void)state;
    for (int attends = 0; attends < 2; attends++) {
        const mote_bytes file = file_of(attends);
        for (size_t size = 0; size < file.size; size++) {
            uint8_t *cut = exact_copy(&file, size);
            mote_graph g;
            mote_error error = {0};
            if (size > 16) { /* with the size and checksum of a complete file of that length */
                const uint32_t short_size = (uint32_t)size;
                memcpy(cut + offsetof(mote_header, file_size), &short_size, sizeof short_size);
                seal(cut, size);
            }
            assert_false(mote_graph_decode(&g, cut, size, "file", &error));
            assert_int_equal(error.code, MOTE_E_FORMAT);
            free(cut);
        }
        free(file.data);
    }
}

/* Flips bits of the records and pools, and some bits of everything else. */
static void flipped_bits(void **state)
{
    (void)state;
    work_done done = {0};
    for (int attends = 0; attends < 2; attends++) {
        const mote_bytes file = file_of(attends);
        mote_header h;
        memcpy(&h, file.data, sizeof h);
        for (size_t bit = 8 * 16, i = 0; bit < 8 * file.size; bit += bit / 8 < h.tensor_offset ? 29 : 3, i++) {
            uint8_t *copy = exact_copy(&file, file.size);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            seal(copy, file.size);
            read_and_work(copy, file.size, (uint32_t)i, &done);
            free(copy);
        }
        free(file.data);
    }
    assert_true(done.trained > 50);
    assert_true(done.quantized > 10);
    assert_true(done.pruned > 10);
}

/* An infinite or undefined weight is refused in any constant. */
static void undefined_weights_are_refused(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY};
    const uint16_t tokens[WORK_SAMPLES] = {0};
    for (int attends = 0; attends < 2; attends++)
        for (int v = 0; v < 3; v++) {
            mote_graph g = built(attends), made;
            const mote_source source = mote_text_source(&g, tokens, WORK_SAMPLES);
            for (int i = 0; i < g.tensor_count; i++) {
                mote_tensor *t = &g.tensors[i];
                if (t->role != MOTE_CONSTANT || t->dtype != MOTE_F32)
                    continue;
                float *last = (float *)t->data + mote_tensor_elements(t) - 1;
                const float before = *last;
                const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8,
                                                       .head = MOTE_SCHEME_INT8,
                                                       .embedding = MOTE_SCHEME_INT8,
                                                       .granularity = MOTE_PER_ROW};
                const mote_prune_options prune = {
                    .granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .multiple = 1, .source = &source};
                mote_prune_report report;
                mote_quantization q;
                mote_error error = {0};
                *last = values[v];
                assert_false(mote_graph_quantize(&g, &options, &made, &error));
                assert_int_equal(error.code, MOTE_E_FORMAT);
                assert_non_null(strstr(error.text, t->name));
                assert_false(mote_quantization_init(&q, &g, &options, false, &source, &error));
                assert_non_null(strstr(error.text, t->name));
                assert_false(mote_prune(&g, &prune, &made, &report, &error));
                assert_non_null(strstr(error.text, t->name));
                *last = before;
            }
            mote_graph_free(&g);
        }
}

static void fill(const mote_graph *g, const char *name, float value)
{
    const mote_tensor *t = &g->tensors[mote_graph_find(g, name)];
    for (size_t i = 0; i < mote_tensor_elements(t); i++)
        ((float *)t->data)[i] = value;
}

/* The weights are finite, but the results are not. */
static void losses_out_of_range_are_refused(void **state)
{
    (void)state;
    mote_graph g = built(false), made;
    fill(&g, "embedding.weight", 10);
    fill(&g, "layer0.input.weight", -10); /* the state becomes -1 */
    fill(&g, "head.weight", 3e38f);       /* seven times that */
    fill(&g, "head.bias", 0);
    uint16_t tokens[WORK_SAMPLES];
    for (int i = 0; i < WORK_SAMPLES; i++)
        tokens[i] = (uint16_t)(i * i % 5);
    const mote_source source = mote_text_source(&g, tokens, WORK_SAMPLES);
    const mote_prune_options options = {.method = MOTE_PRUNE_ACTIVATION,
                                        .granularity = MOTE_PRUNED_WEIGHTS,
                                        .sparsity = 0.5,
                                        .multiple = 1,
                                        .source = &source};
    mote_prune_report report;
    mote_error error = {0};
    assert_false(mote_prune(&g, &options, &made, &report, &error));
    assert_non_null(strstr(error.text, "infinite or undefined"));
    mote_graph_free(&g);
}

/* An input that is wider than everything computed from it has its flow from the source. */
static void inputs_wider_than_the_network(void **state)
{
    (void)state;
    enum { WIDE = 1000, SAMPLES = 8 };
    mote_graph g, made;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, WIDE, 0), w = mote_build_normal(&b, "w", 1, WIDE, 1);
    const int c = mote_build_normal(&b, "c", WIDE, 0, 1);
    const int sum = mote_build_op(&b, "sum", MOTE_OP_ADD, 2, (int[]){x, c}, NULL);
    const int product = mote_build_op(&b, "product", MOTE_OP_MUL, 2, (int[]){sum, x}, NULL);
    mote_build_output(&b, mote_build_op(&b, "l", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL), "y");
    mote_build_output(&b, product, "z");
    assert_true(mote_build_end(&b, "test", &error));
    uint32_t choice = 1;
    uint8_t *inputs[] = {work_bytes(SAMPLES * WIDE * sizeof(float), &choice)};
    size_t sizes[] = {WIDE * sizeof(float)};
    for (size_t i = 0; i < SAMPLES * WIDE; i++)
        ((float *)(void *)inputs[0])[i] = (float)(i % 7) - 3;
    const mote_arrays a = {.count = SAMPLES, .sequence = 1, .input_count = 1, .inputs = inputs, .input_size = sizes};
    const mote_source source = mote_arrays_source(&a);
    const mote_prune_options options = {.method = MOTE_PRUNE_MINCUT,
                                        .granularity = MOTE_PRUNED_WEIGHTS,
                                        .sparsity = 0.5,
                                        .multiple = 1,
                                        .source = &source};
    mote_prune_report report;
    if (!mote_prune(&g, &options, &made, &report, &error))
        fail_msg("%s", error.text);
    assert_int_equal(report.removed, WIDE / 2);
    mote_prune_report_free(&report);
    mote_graph_free(&made);
    mote_graph_free(&g);
    free(inputs[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_files_are_worked_on),
        cmocka_unit_test(cut_off_at_every_length),
        cmocka_unit_test(flipped_bits),
        cmocka_unit_test(undefined_weights_are_refused),
        cmocka_unit_test(losses_out_of_range_are_refused),
        cmocka_unit_test(inputs_wider_than_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
