/* Tests of the layouts of weights: round trips, bytes as specified, the same model in each layout, damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mote.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"
#include "compiler/pack/layout.h"
#include "compiler/quantize/quantize.h"
#include "runtime/crc32.h"
#include "runtime/kernels.h"
#include "runtime/ops/tiles16.h"

static int code_of(mote_dtype dtype, uint32_t row, uint32_t column)
{
    const uint32_t mixed = (row * 2654435761u) ^ (column * 40503u);
    return dtype == MOTE_I8 ? (int)(mixed >> 7 & 255) - 128 : (int)(mixed >> 7) % 2 * ((mixed >> 9 & 1) ? 1 : -1);
}

static void there_and_back(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 7, 15, 16, 17, 33, 65, 128};
    for (int d = 0; d < 2; d++)
        for (size_t i = 0; i < 81; i++) {
            const mote_dtype dtype = d ? MOTE_TERNARY2 : MOTE_I8;
            const uint32_t rows = sizes[i / 9], columns = sizes[i % 9];
            int16_t *codes = malloc(2 * rows * columns), *back = malloc(2 * rows * columns);
            int32_t *bias = malloc(4 * rows), *bias_back = malloc(4 * rows);
            uint8_t *lanes = malloc(mote_lanes16_size(dtype, rows, columns));
            for (uint32_t k = 0; k < rows * columns; k++)
                codes[k] = (int16_t)code_of(dtype, k / columns, k % columns);
            for (uint32_t r = 0; r < rows; r++)
                bias[r] = r % 5 == 0 ? -(1 << 19) : r % 5 == 1 ? (1 << 19) - 1 : code_of(MOTE_I8, r, 3) * 1013;
            mote_lanes16_pack(dtype, codes, bias, rows, columns, lanes);
            mote_lanes16_unpack(dtype, lanes, rows, columns, back, bias_back);
            assert_memory_equal(back, codes, 2 * rows * columns);
            assert_memory_equal(bias_back, bias, 4 * rows);
            mote_tensor_record record = {.dtype = (uint8_t)dtype, .rank = 2, .dims = {rows, columns, 1, 1}};
            assert_true(mote_lanes16_valid(&record, lanes));
            free(codes), free(back), free(bias), free(bias_back), free(lanes);
        }
}

/* Bytes computed by hand from docs/SPEC.md: two rows of five columns. */
static void bytes_as_specified(void **state)
{
    (void)state;
    static const int16_t codes[10] = {1, -1, 0, 1, 1, -1, 0, 0, 1, -1};
    static const int32_t bias[2] = {0x12345, -2};
    uint8_t lanes[48 + 64 + 32];
    assert_int_equal(mote_lanes16_size(MOTE_TERNARY2, 2, 5), sizeof lanes);
    mote_lanes16_pack(MOTE_TERNARY2, codes, bias, 2, 5, lanes);
    static const uint8_t start[6] = {0x45, 0x23, 0xe1, 0xff, 0xff, 0};
    assert_memory_equal(lanes, start, sizeof start);
    assert_int_equal(lanes[48], 2 | 0 << 2 | 1 << 4 | 2 << 6);
    assert_int_equal(lanes[49], 0 | 1 << 2 | 1 << 4 | 2 << 6);
    assert_int_equal(lanes[50], 0x55);
    assert_int_equal(lanes[64], 2 | 0x54);
    assert_int_equal(lanes[65], 0 | 0x54);
    assert_int_equal(lanes[48 + 63], 0x55);

    uint8_t wide[48 + 256 + 32];
    assert_int_equal(mote_lanes16_size(MOTE_I8, 2, 5), sizeof wide);
    mote_lanes16_pack(MOTE_I8, codes, bias, 2, 5, wide);
    for (size_t i = 0; i < 256; i++)
        assert_int_equal((int8_t)wide[48 + i], i % 16 < 2 && i / 16 < 5 ? codes[i % 16 * 5 + i / 16] : 0);
}

/* Reads the weights of a matrix of tiles as docs/SPEC.md specifies; the others are 0. */
static void read_tiles(mote_dtype dtype, const uint8_t *data, uint32_t rows, uint32_t columns, int16_t *codes)
{
    const uint32_t blocks = (rows + 15) / 16, size = dtype == MOTE_I8 ? 256 : 64;
    const uint8_t *index = data + 48 * blocks, *tile = index + (index[0] | index[1] << 8 | index[2] << 16);
    index += 4;
    memset(codes, 0, 2 * (size_t)rows * columns);
    for (uint32_t b = 0; b < blocks; b++) {
        uint32_t count = (uint32_t)(index[0] | index[1] << 8), first = 0;
        for (index += 2; count > 0; count--, index += 2, tile += size) {
            first += (uint32_t)(index[0] | index[1] << 8);
            for (uint32_t c = 0; c < 16; c++)
                for (uint32_t lane = 0; lane < 16; lane++) {
                    const int code = dtype == MOTE_I8 ? ((const int8_t *)tile)[16 * c + lane]
                                                      : (tile[c / 4 * 16 + lane] >> (c % 4 * 2) & 3) - 1;
                    if (16 * b + lane < rows && first + c < columns)
                        codes[(16 * b + lane) * columns + first + c] = (int16_t)code;
                    else
                        assert_int_equal(code, 0);
                }
        }
        assert_int_equal(index[0] | index[1], 0);
        index += 2;
    }
}

static void tiles_there_and_back(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 15, 16, 17, 33, 65, 128};
    for (int d = 0; d < 2; d++)
        for (uint32_t i = 0; i < 49 * 4; i++) {
            const mote_dtype dtype = d ? MOTE_TERNARY2 : MOTE_I8;
            const uint32_t rows = sizes[i / 4 / 7], columns = sizes[i / 4 % 7];
            int16_t *codes = malloc(2 * rows * columns), *back = malloc(2 * rows * columns);
            size_t tiles = 0;
            for (uint32_t k = 0; k < rows * columns; k++) {
                const uint32_t r = k / columns, c = k % columns;
                codes[k] = (int16_t)((r / 16 * 5 + c / 16 * 3) % 4 < i % 4 ? 0
                                     : r % 16 + c % 16                     ? code_of(dtype, r, c)
                                                                           : 1);
                tiles += codes[k] == 1 && r % 16 + c % 16 == 0;
            }
            const size_t size = mote_tiles16_needs(dtype, codes, rows, columns);
            const size_t index = 4 + 2 * (tiles + 2 * ((rows + 15) / 16));
            assert_int_equal(size, 48 * ((rows + 15) / 16) + (index + 15) / 16 * 16 + tiles * (d ? 64 : 256) + 32);
            uint8_t *data = malloc(size);
            mote_tiles16_pack(dtype, codes, NULL, rows, columns, data);
            read_tiles(dtype, data, rows, columns, back);
            assert_memory_equal(back, codes, 2 * rows * columns);
            mote_tensor_record record = {.dtype = (uint8_t)dtype, .rank = 2, .dims = {rows, columns, 1, 1}};
            record.size = (uint32_t)size;
            assert_true(mote_tiles16_valid(&record, data));
            record.size -= 16;
            assert_false(mote_tiles16_valid(&record, data));
            free(codes), free(back), free(data);
        }
}

/* Nothing outside the matrix is read, whatever the index contains: a matrix that is accepted is multiplied. */
static void hostile_tiles(void **state)
{
    (void)state;
    enum { ROWS = 40, COLUMNS = 50 };
    int16_t codes[ROWS * COLUMNS];
    for (uint32_t k = 0; k < ROWS * COLUMNS; k++)
        codes[k] =
            (int16_t)(k / COLUMNS / 16 == 1 && k % COLUMNS < 32 ? 0 : code_of(MOTE_I8, k / COLUMNS, k % COLUMNS));
    const size_t size = mote_tiles16_needs(MOTE_I8, codes, ROWS, COLUMNS);
    const mote_tensor_record record = {
        .dtype = MOTE_I8, .rank = 2, .dims = {ROWS, COLUMNS, 1, 1}, .size = (uint32_t)size};
    int accepted = 0;
    for (size_t at = 48 * 3; at < 48 * 3 + 48; at++)
        for (int value = 0; value < 256; value++) {
            uint8_t *data = malloc(size); /* exact size, so that a sanitizer detects accesses beyond it */
            _Alignas(16) int8_t x[64] = {0};
            _Alignas(16) int16_t y[48];
            mote_tiles16_pack(MOTE_I8, codes, NULL, ROWS, COLUMNS, data);
            const bool same = data[at] == value;
            data[at] = (uint8_t)value;
            const bool valid = mote_tiles16_valid(&record, data);
            assert_true(valid || !same);
            accepted += valid && !same;
            if (valid)
                mote_gemv_tiles16_int8(
                    &(mote_gemv){.weights = data, .x = x, .out.y = y, .rows = ROWS, .columns = COLUMNS});
            free(data);
        }
    assert_true(accepted < 20); /* accepted: a tile at another place in its block */
}

static mote_bytes packed_with(mote_dtype quantizer, bool lanes, int *laid_out)
{
    static const mote_tinylm_shape shape = {30, 24, 40, 2, false};
    mote_graph g, packed, again;
    mote_error error = {0};
    mote_bytes file;
    const mote_quantize_options options = {.as_trained = true};
    assert_true(mote_tinylm_build(&g, &shape, 3, &error));
    for (int i = 0; i < g.tensor_count; i++)
        if (g.tensors[i].role == MOTE_CONSTANT && g.tensors[i].rank == 2)
            g.tensors[i].quantizer = quantizer, g.tensors[i].granularity = MOTE_PER_ROW;
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    if (lanes)
        assert_true(mote_graph_lay_out_as(&packed, MOTE_LANES16, &error));
    assert_true(mote_graph_encode(&packed, &file, &error));
    assert_true(mote_graph_decode(&again, file.data, file.size, "again", &error));
    *laid_out = 0;
    for (int i = 0; i < again.tensor_count; i++)
        *laid_out += again.tensors[i].layout == MOTE_LANES16;
    mote_bytes twice;
    assert_true(mote_graph_encode(&again, &twice, &error));
    assert_int_equal(twice.size, file.size);
    assert_memory_equal(twice.data, file.data, file.size);
    free(twice.data);
    mote_graph_free(&g), mote_graph_free(&packed), mote_graph_free(&again);
    return file;
}

static void run_golden(const mote_bytes *file)
{
    mote_model model;
    mote_session s;
    assert_int_equal(mote_open(&model, file->data, file->size), MOTE_SUCCESS);
    void *arena = aligned_alloc(16, mote_arena_size(&model)), *persistent = aligned_alloc(16, mote_state_size(&model));
    assert_int_equal(mote_start(&s, &model, arena, mote_arena_size(&model), persistent, mote_state_size(&model)),
                     MOTE_SUCCESS);
    assert_int_equal(mote_selftest(&s), MOTE_SUCCESS);
    free(arena), free(persistent);
}

/* The golden output, recorded from layout rows, holds for lanes too. */
static void same_model(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        int count;
        mote_bytes rows = packed_with(d ? MOTE_TERNARY2 : MOTE_I8, false, &count);
        assert_int_equal(count, 0);
        mote_bytes lanes = packed_with(d ? MOTE_TERNARY2 : MOTE_I8, true, &count);
        assert_int_equal(count, 5); /* two products in each layer, and the head */
        run_golden(&rows);
        run_golden(&lanes);
        free(rows.data), free(lanes.data);
    }
}

/* A pruned model in tiles has the golden output that was recorded from its rows. */
static void same_model_in_tiles(void **state)
{
    (void)state;
    static const mote_tinylm_shape shape = {30, 24, 64, 1, false};
    for (int d = 0; d < 2; d++) {
        mote_graph g, packed, again;
        mote_bytes file;
        const mote_quantize_options options = {.as_trained = true};
        assert_true(mote_tinylm_build(&g, &shape, 3, NULL));
        mote_tensor *w = &g.tensors[mote_graph_find(&g, "layer0.recurrent.weight")];
        for (uint32_t k = 0; k < 192 * 64; k++)
            if ((k / 64 / 16 + k % 64 / 16) % 4 != 0)
                ((float *)w->data)[k] = 0;
        w->quantizer = d ? MOTE_TERNARY2 : MOTE_I8, w->granularity = MOTE_PER_ROW;
        assert_true(mote_graph_quantize(&g, &options, &packed, NULL));
        assert_true(mote_graph_lay_out_as(&packed, MOTE_TILES16, NULL));
        assert_true(mote_graph_encode(&packed, &file, NULL));
        run_golden(&file);
        assert_true(mote_graph_decode(&again, file.data, file.size, "again", NULL));
        assert_int_equal(again.tensors[mote_graph_find(&again, "layer0.recurrent.weight")].layout, MOTE_TILES16);
        for (int i = 0; i < again.tensor_count; i++)
            assert_int_equal(mote_tensor_size(&again.tensors[i]), mote_tensor_size(&packed.tensors[i]));
        free(file.data);
        mote_graph_free(&g), mote_graph_free(&packed), mote_graph_free(&again);
    }
}

static mote_tensor_record *first_lanes(const mote_bytes *file)
{
    const mote_header *h = (const void *)file->data;
    mote_tensor_record *t = (void *)((uint8_t *)file->data + h->tensor_offset);
    while (t->layout != MOTE_LANES16)
        t++;
    return t;
}

static mote_status reopen(mote_bytes *file)
{
    mote_header *h = (void *)file->data;
    h->crc32 = mote_crc32(0, (const uint8_t *)file->data + 16, file->size - 16);
    mote_model model;
    return mote_open(&model, file->data, file->size);
}

static void damage_is_refused(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        int count;
        mote_bytes file = packed_with(d ? MOTE_TERNARY2 : MOTE_I8, true, &count);
        mote_tensor_record *t = first_lanes(&file), good = *t;
        uint8_t *data = (uint8_t *)file.data + t->offset;
        assert_int_equal(reopen(&file), MOTE_SUCCESS);

        /* a weight in a column of the padding */
        const size_t padding = mote_lanes16_weights(good.dims[0]) + (d ? 31 / 4 * 16 : 31 * 16);
        data[padding] ^= 0x40;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        data[padding] ^= 0x40;

        data[2] ^= 0x06; /* a bias beyond the verified range */
        assert_int_equal(reopen(&file), MOTE_BAD_OPERATOR);
        data[2] ^= 0x06;

        t->bound = MOTE_LANES_BOUND; /* the bound exceeds the lanes */
        assert_int_equal(reopen(&file), MOTE_BAD_OPERATOR);
        *t = good;

        t->layout = MOTE_LAYOUT_COUNT;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        t->layout = MOTE_ROWS;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        t->size -= 16;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        t->dtype = MOTE_I16;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        assert_int_equal(reopen(&file), MOTE_SUCCESS);
        free(file.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),       cmocka_unit_test(bytes_as_specified),
        cmocka_unit_test(tiles_there_and_back), cmocka_unit_test(hostile_tiles),
        cmocka_unit_test(same_model),           cmocka_unit_test(same_model_in_tiles),
        cmocka_unit_test(damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
