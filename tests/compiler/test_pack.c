/* Tests of the round trip of containers, the codecs of packed weights, and the planner of the arena. */
#include "tests/compiler/packed.h"

#include <sys/stat.h>
#include <unistd.h>

#include "compiler/pack/codes.h"
#include "compiler/plan/arena.h"
#include "compiler/plan/chips.h"

static uint32_t rng = 99;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

static void codes_survive(void **state)
{
    (void)state;
    static const mote_dtype dtypes[] = {MOTE_I8, MOTE_TERNARY2, MOTE_TERNARY5, MOTE_I16, MOTE_I4, MOTE_BINARY};
    for (int i = 0; i < 600; i++) {
        const mote_dtype dtype = dtypes[i % 6];
        const uint32_t rows = 1 + random_below(7), columns = 1 + random_below(200);
        const mote_tensor t = {.dtype = dtype, .rank = 2, .dims = {rows, columns, 1, 1, 1, 1}};
        int16_t *codes = exact_memory(2 * rows * columns), *back = exact_memory(2 * rows * columns);
        uint8_t *packed = exact_memory(mote_tensor_size(&t));
        for (uint32_t k = 0; k < rows * columns; k++)
            codes[k] = (int16_t)(dtype == MOTE_I16      ? (int)random_below(65536) - 32768
                                 : dtype == MOTE_I8     ? (int)random_below(256) - 128
                                 : dtype == MOTE_I4     ? (int)random_below(16) - 8
                                 : dtype == MOTE_BINARY ? (int)random_below(2) * 2 - 1
                                                        : (int)random_below(3) - 1);
        mote_codes_pack(dtype, codes, rows, columns, packed);
        mote_codes_unpack(dtype, packed, rows, columns, back);
        assert_memory_equal(codes, back, 2 * rows * columns);
        free(codes), free(back), free(packed);
    }
}

/* Bytes computed by hand from docs/SPEC.md. */
static void codes_have_their_bytes(void **state)
{
    (void)state;
    int16_t row[65] = {0};
    uint8_t two[32], five[13];
    row[0] = -1, row[16] = 1, row[64] = 1;
    mote_codes_pack(MOTE_TERNARY2, row, 1, 65, two);
    assert_int_equal(two[0], 0x58);  /* columns 48, 32, 16, 0: codes 1 1 2 0 */
    assert_int_equal(two[1], 0x55);  /* all zero weights */
    assert_int_equal(two[16], 0x56); /* column 64 and padding */
    assert_int_equal(two[31], 0x55);
    mote_codes_pack(MOTE_TERNARY5, row, 1, 65, five);
    assert_int_equal(five[0], 0 + 3 + 9 + 27 + 81);
    assert_int_equal(five[3], 1 + 2 * 3 + 9 + 27 + 81); /* columns 15..19, column 16 is +1 */
    assert_int_equal(five[12], 1 + 3 + 9 + 27 + 2 * 81);
    uint8_t four[16], one[16];
    mote_codes_pack(MOTE_I4, (const int16_t[18]){-8, 7, [16] = -7, 3}, 1, 18, four);
    assert_int_equal(four[0], 0x10); /* columns 16, 0: codes 1, 0 */
    assert_int_equal(four[1], 0xbf);
    assert_int_equal(four[2], 0x88); /* a zero weight and padding */
    mote_codes_pack(MOTE_BINARY, (const int16_t[18]){1, -1, 1, [16] = -1, 1}, 1, 3, one);
    assert_memory_equal(one, "\1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    uint8_t whole[4];
    mote_codes_pack(MOTE_I16, (const int16_t[2]){-2, 0x1234}, 1, 2, whole);
    assert_memory_equal(whole, "\xfe\xff\x34\x12", 4);
}

static void same_graph(const mote_graph *a, const mote_graph *b)
{
    assert_int_equal(a->tensor_count, b->tensor_count);
    assert_int_equal(a->op_count, b->op_count);
    assert_int_equal(a->packed, b->packed);
    assert_string_equal(mote_graph_metadata(a), mote_graph_metadata(b));
    assert_int_equal(a->tokenizer_size, b->tokenizer_size);
    assert_true(!a->tokenizer_size || memcmp(a->tokenizer, b->tokenizer, a->tokenizer_size) == 0);
    assert_int_equal(a->golden_size, b->golden_size);
    assert_true(!a->golden_size || memcmp(a->golden, b->golden, a->golden_size) == 0);
    assert_int_equal(a->placement_count, b->placement_count);
    assert_true(!a->placement_count || memcmp(a->placement, b->placement, 2 * a->placement_count) == 0);
    for (int i = 0; i < a->tensor_count; i++) {
        const mote_tensor *x = &a->tensors[i], *y = &b->tensors[i];
        assert_string_equal(x->name, y->name);
        assert_memory_equal(x->dims, y->dims, sizeof x->dims);
        assert_true(x->dtype == y->dtype && x->role == y->role && x->rank == y->rank &&
                    x->quantization.scale == y->quantization.scale &&
                    x->quantization.zero_point == y->quantization.zero_point &&
                    x->quantization.axis == y->quantization.axis && x->stride == y->stride && x->bound == y->bound &&
                    x->quantizer == y->quantizer && x->granularity == y->granularity);
        if (x->quantization.scales)
            assert_memory_equal(x->quantization.scales, y->quantization.scales,
                                x->dims[x->quantization.axis] * sizeof(float));
        if (x->data)
            assert_memory_equal(x->data, y->data, mote_tensor_size(x));
        else
            assert_int_equal(x->offset, y->offset);
    }
    for (int i = 0; i < a->op_count; i++) {
        const mote_op *x = &a->ops[i], *y = &b->ops[i];
        assert_string_equal(x->name, y->name);
        assert_true(x->opcode == y->opcode && x->input_count == y->input_count && x->output_count == y->output_count &&
                    x->param_count == y->param_count);
        for (int k = 0; k < x->input_count; k++)
            assert_int_equal(x->inputs[k], y->inputs[k]);
        for (int k = 0; k < x->output_count; k++)
            assert_int_equal(x->outputs[k], y->outputs[k]);
        for (int k = 0; k < x->param_count; k++)
            assert_int_equal(x->params[k], y->params[k]);
    }
}

static void files_come_back(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {12, 10, 18, 2, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_graph graphs[2], back;
    mote_error error = {0};
    float_model(&graphs[0], &shape);
    graphs[0].tensors[1].quantizer = MOTE_TERNARY2;
    graphs[0].tensors[1].granularity = MOTE_POW2_ROW;
    assert_true(mote_graph_quantize(&graphs[0], &options, &graphs[1], &error));
    for (int i = 0; i < 2; i++) {
        mote_bytes file = encoded(&graphs[i]), again;
        assert_true(mote_graph_decode(&back, file.data, file.size, "file", &error));
        same_graph(&graphs[i], &back);
        again = encoded(&back);
        assert_int_equal(file.size, again.size);
        assert_memory_equal(file.data, again.data, file.size);
        mote_graph_free(&back);
        mote_graph_free(&graphs[i]);
        free(file.data), free(again.data);
    }
}

static void saving_is_all_or_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/mote-test-XXXXXX", path[64], missing[96];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.mote", folder);
    snprintf(missing, sizeof missing, "%s/no/such/model.mote", folder);
    const mote_tinylm_shape shape = {12, 10, 18, 1, false};
    mote_graph g, back;
    mote_error error = {0};
    float_model(&g, &shape);
    assert_false(mote_graph_save(&g, missing, &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
    assert_true(mote_graph_save(&g, path, &error));
    mote_bytes at_once = encoded(&g), in_pieces;
    assert_true(mote_file_read(path, 1 << 20, &in_pieces, &error));
    assert_int_equal(in_pieces.size, at_once.size);
    assert_memory_equal(in_pieces.data, at_once.data, at_once.size);
    free(at_once.data);
    free(in_pieces.data);
    assert_true(mote_graph_load(&back, path, &error));
    same_graph(&g, &back);
    mote_graph_free(&back);
    assert_int_equal(truncate(path, 100), 0);
    assert_false(mote_graph_load(&back, path, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    mote_graph_free(&g);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* fails when another file was left behind */
}

/* Items that are alive together share no byte, for random sizes and lifetimes. The arena has the least possible size in
 * cases where that is known. */
static void planner_never_overlaps(void **state)
{
    (void)state;
    mote_lifetime items[24];
    for (int trial = 0; trial < 3000; trial++) {
        const int count = 1 + (int)random_below(24);
        uint64_t together = 0;
        for (int i = 0; i < count; i++) {
            const int first = (int)random_below(12);
            items[i] = (mote_lifetime){random_below(5000), first, first + (int)random_below(5), 0};
            together += (items[i].size + 15) & ~15u;
        }
        uint32_t used;
        assert_true(mote_place_items(items, count, &used, NULL));
        assert_int_equal(used % 16, 0);
        assert_true(used <= together);
        for (int i = 0; i < count; i++) {
            assert_int_equal(items[i].offset % 16, 0);
            assert_true(items[i].offset + items[i].size <= used);
            for (int k = 0; k < i; k++)
                for (int op = 0; op < 20; op++) {
                    const bool both =
                        op >= items[i].first && op <= items[i].last && op >= items[k].first && op <= items[k].last;
                    const bool apart = items[i].offset + items[i].size <= items[k].offset ||
                                       items[k].offset + items[k].size <= items[i].offset;
                    assert_true(!both || apart || !items[i].size || !items[k].size);
                }
        }
    }
    mote_lifetime chain[] = {{1000, 0, 1, 0}, {600, 1, 2, 0}, {1000, 2, 3, 0}, {600, 3, 4, 0}};
    uint32_t used;
    assert_true(mote_place_items(chain, 4, &used, NULL));
    assert_int_equal(used, 1008 + 608);

    mote_lifetime huge[] = {{0x40000000, 0, 1, 0}, {0x40000000, 1, 2, 0}, {0x40000000, 2, 3, 0}};
    mote_error error = {0};
    assert_false(mote_place_items(huge, 3, &used, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    huge[1].size -= 16;
    assert_true(mote_place_items(huge, 3, &used, &error));
    assert_int_equal(used, 0x7ffffff0);
}

/* Arena and state of a model of 128 units need at most 4 KB. */
static void model_of_128_units_needs_little(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {100, 128, 128, 1, true};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_bytes file = packed_file(&shape, &options);
    mote_model m;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    assert_true(mote_arena_size(&m) + mote_state_size(&m) <= 4096);
    for (int i = 0; i < mote_chip_count; i++) {
        const mote_fit fit = mote_chip_fit(&mote_chips[i], file.size, mote_arena_size(&m), mote_state_size(&m));
        assert_true(fit.flash && fit.ram);
        assert_false(mote_chip_fit(&mote_chips[i], (uint64_t)mote_chips[i].flash_kb * 1024 + 1, 0, 0).flash);
        assert_false(mote_chip_fit(&mote_chips[i], 0, (uint64_t)mote_chips[i].ram_kb * 1024, 1).ram);
    }
    free(file.data);
}

static void two_models_at_once(void **state)
{
    (void)state;
    const mote_tinylm_shape shapes[2] = {{12, 16, 32, 1, false}, {20, 8, 24, 2, false}};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    enum { STEPS = 40 };
    mote_bytes files[2];
    opened together[3], alone;
    int16_t said[3][STEPS][20];
    for (int i = 0; i < 3; i++) { /* the third session shares the model of the first */
        if (i < 2)
            files[i] = packed_file(&shapes[i], &options);
        assert_int_equal(mote_open(&together[i].model, files[i % 2].data, files[i % 2].size), MOTE_SUCCESS);
        start_exactly(&together[i]);
    }
    for (uint32_t t = 0; t < STEPS; t++)
        for (uint32_t i = 0; i < 3; i++) {
            mote_step(&together[i].session, (t * 5 + i) % 12);
            memcpy(said[i][t], mote_logits(&together[i].session), 2 * mote_vocabulary(&together[i].model));
        }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(mote_open(&alone.model, files[i % 2].data, files[i % 2].size), MOTE_SUCCESS);
        start_exactly(&alone);
        for (uint32_t t = 0; t < STEPS; t++) {
            mote_step(&alone.session, (t * 5 + i) % 12);
            assert_memory_equal(said[i][t], mote_logits(&alone.session), 2 * mote_vocabulary(&alone.model));
        }
        stop(&alone);
        stop(&together[i]);
    }
    free(files[0].data), free(files[1].data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_survive),          cmocka_unit_test(codes_have_their_bytes),
        cmocka_unit_test(files_come_back),        cmocka_unit_test(saving_is_all_or_nothing),
        cmocka_unit_test(planner_never_overlaps), cmocka_unit_test(model_of_128_units_needs_little),
        cmocka_unit_test(two_models_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
