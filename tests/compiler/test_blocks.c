/* Tests of the layout blocks16 (rows without empty blocks): bytes as specified, products against sums computed here,
 * the same model in both layouts, damaged files. */
#include "compiler/pack/lay_out.h"
#include "compiler/pack/layout.h"
#include "runtime/kernels.h"
#include "runtime/model.h"
#include "runtime/ops/blocks16.h"
#include "runtime/scalar/scalar.h"
#include "tests/compiler/packed.h"

static const uint32_t sizes[] = {1, 2, 15, 16, 17, 33, 64, 80, 250, 600};
enum { SIZES = sizeof sizes / sizeof *sizes };
static const mote_dtype dtypes[] = {MOTE_I8, MOTE_TERNARY2};

static uint32_t rng = 77;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)rng * n) >> 32);
}

/* Makes codes in which `gone` of four blocks are empty (4: all), and all blocks of every sixth row are empty unless
 * `gone` is 0. */
static int16_t *make_codes(mote_dtype dtype, uint32_t rows, uint32_t columns, uint32_t gone)
{
    int16_t *codes = malloc(2 * rows * (size_t)columns);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++) {
            const bool empty = (r * 7 + c / 16 * 3) % 4 < gone || (gone && r % 6 == 5);
            const int w = dtype == MOTE_I8 ? (int)random_below(256) - 128 : (int)random_below(3) - 1;
            codes[r * columns + c] = (int16_t)(empty ? 0 : w);
        }
    return codes;
}

static uint8_t *make_blocks(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns,
                            mote_tensor_record *record)
{
    const size_t size = mote_blocks16_needs(dtype, codes, rows, columns);
    uint8_t *data = exact_memory(size);
    mote_blocks16_pack(dtype, codes, rows, columns, data);
    *record = (mote_tensor_record){.dtype = (uint8_t)dtype,
                                   .rank = 2,
                                   .dims = {rows, columns, 1, 1},
                                   .size = (uint32_t)size,
                                   .layout = MOTE_BLOCKS16,
                                   .bound = 0x7fffffff};
    return data;
}

/* Reads the weights of such a matrix as docs/SPEC.md specifies; the others are 0. Returns its size in bytes. */
static size_t read_blocks(mote_dtype dtype, const uint8_t *data, uint32_t rows, uint32_t columns, int16_t *codes)
{
    static const int ternary[4] = {0, 1, 99, -1};
    const uint8_t *index = data + 4, *first = data + (data[0] | data[1] << 8 | data[2] << 16), *block = first;
    memset(codes, 0, 2 * (size_t)rows * columns);
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t count = (uint32_t)(index[0] | index[1] << 8), column = 0;
        for (index += 2; count > 0; count--, index += 2, block += dtype == MOTE_I8 ? 16 : 4) {
            column += (uint32_t)(index[0] | index[1] << 8);
            for (uint32_t c = 0; c < 16; c++) {
                const int w = dtype == MOTE_I8 ? (int8_t)block[c] : ternary[block[c % 4] >> (c / 4 * 2) & 3];
                if (column + c < columns)
                    codes[r * columns + column + c] = (int16_t)w;
                else
                    assert_int_equal(w, 0);
            }
        }
        assert_int_equal(index[0] | index[1], 0);
        index += 2;
    }
    assert_true(first - index >= 0 && first - index < 16);
    return ((size_t)(block - data) + 15) / 16 * 16 + 16;
}

static void there_and_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2 * SIZES * SIZES * 5; i++) {
        const mote_dtype dtype = dtypes[i % 2];
        const uint32_t gone = i / 2 % 5, rows = sizes[i / 10 % SIZES], columns = sizes[i / 10 / SIZES];
        int16_t *codes = make_codes(dtype, rows, columns, gone), *back = malloc(2 * rows * (size_t)columns);
        mote_tensor_record record;
        uint8_t *data = make_blocks(dtype, codes, rows, columns, &record);
        assert_int_equal(read_blocks(dtype, data, rows, columns, back), record.size);
        assert_memory_equal(back, codes, 2 * rows * (size_t)columns);
        assert_true(mote_blocks16_valid(&record, data));
        free(codes), free(back), free(data);
    }
}

/* Bytes computed by hand from docs/SPEC.md: three rows of 37 columns, the second empty. */
static void bytes_as_specified(void **state)
{
    (void)state;
    int16_t codes[3 * 37] = {0};
    codes[0] = 1, codes[5] = -1, codes[36] = 1, codes[2 * 37 + 16] = -1, codes[2 * 37 + 31] = -1;
    mote_tensor_record record;
    uint8_t *data = make_blocks(MOTE_TERNARY2, codes, 3, 37, &record);
    static const uint8_t want[64] = {
        32, 0, 0,  0, 2, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, /* index, then blocks */
        1,  0, 16, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 1, 3 << 2, 0, 0, 1 << 2, 0, 0, 0, 3, 0, 0, 3 << 6};
    assert_int_equal(record.size, sizeof want);
    assert_memory_equal(data, want, sizeof want);
    free(data);
    data = make_blocks(MOTE_I8, codes, 3, 37, &record);
    assert_int_equal(record.size, 32 + 3 * 16 + 16);
    assert_memory_equal(data, want, 32);
    for (int i = 0; i < 64; i++)
        assert_int_equal((int8_t)data[32 + i], i == 0 || i == 20 ? 1 : i == 5 || i == 32 || i == 47 ? -1 : 0);
    free(data);
}

/* Returns a set of kernels: the scalar ones, their variant for sign-extending loads, then those that this processor
 * runs. */
static const mote_kernels *kernels_of(uint32_t k)
{
    static mote_kernels bytes;
    bytes = mote_scalar_kernels;
    bytes.gemv[MOTE_BLOCKS16][MOTE_I8] = mote_scalar_gemv_blocks16_bytes;
    return k == 0 ? &mote_scalar_kernels : k == 1 ? &bytes : mote_kernels_at(k - 2);
}

/* Compares every set of kernels with 64-bit sums, over shapes, sparsities and outputs. */
static void products(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2 * SIZES * SIZES * 5; i++) {
        const mote_dtype dtype = dtypes[i % 2];
        const uint32_t rows = sizes[i / 10 % SIZES], columns = sizes[i / 10 / SIZES];
        int16_t *codes = make_codes(dtype, rows, columns, i / 2 % 5);
        mote_tensor_record record;
        uint8_t *data = make_blocks(dtype, codes, rows, columns, &record);
        _Alignas(16) int8_t x[608];
        _Alignas(16) int16_t y[608], multiplier[608];
        _Alignas(16) int32_t bias[608];
        for (uint32_t c = 0; c < 608; c++) {
            x[c] = (int8_t)(random_below(9) ? random_below(256) : 128);
            multiplier[c] = (int16_t)random_below(32768);
            bias[c] = (int32_t)random_below(1 << 20) - (1 << 19);
        }
        const mote_gemv g = {.weights = data,
                             .x = x,
                             .out.bias = i % 3 ? bias : NULL,
                             .out.multiplier = i % 4 ? multiplier : NULL,
                             .out.y = y,
                             .rows = rows,
                             .columns = columns,
                             .dtype = dtype,
                             .out.shift = (int32_t)(dtype == MOTE_I8 ? i % 8 : i % 4),
                             .out.gain = (int32_t)(i % 3)};
        for (uint32_t k = 0; kernels_of(k); k++) {
            kernels_of(k)->gemv[MOTE_BLOCKS16][dtype](&g);
            for (uint32_t r = 0; r < rows; r++) {
                int64_t sum = g.out.bias ? bias[r] : 0;
                for (uint32_t c = 0; c < columns; c++)
                    sum += (int64_t)codes[r * columns + c] * x[c];
                int64_t t = sum >> g.out.shift;
                t = t < -32768 ? -32768 : t > 32767 ? 32767 : t;
                t = (g.out.multiplier ? t * multiplier[r] >> 15 : t) * (1 << g.out.gain);
                assert_int_equal(y[r], t < -32768 ? -32768 : t > 32767 ? 32767 : t);
            }
        }
        free(codes), free(data);
    }
}

/* Runs the product on a matrix that is accepted; its memory ends where the matrix ends. */
static void run_if_valid(const mote_tensor_record *t, const uint8_t *data, int *accepted)
{
    _Alignas(16) int8_t x[256] = {0};
    _Alignas(16) int16_t y[64];
    if (!mote_blocks16_valid(t, data))
        return;
    const mote_gemv g = {
        .weights = data, .x = x, .out.y = y, .rows = t->dims[0], .columns = t->dims[1], .dtype = t->dtype};
    for (uint32_t k = 0; mote_kernels_at(k); k++)
        mote_kernels_at(k)->gemv[MOTE_BLOCKS16][t->dtype](&g);
    mote_blocks16_bounded(t, data, NULL);
    ++*accepted;
}

static void hostile_bytes(void **state)
{
    (void)state;
    enum { ROWS = 9, COLUMNS = 84 };
    for (int d = 0; d < 2; d++) {
        int16_t *codes = make_codes(dtypes[d], ROWS, COLUMNS, 1);
        mote_tensor_record record;
        uint8_t *data = make_blocks(dtypes[d], codes, ROWS, COLUMNS, &record);
        const size_t index = mote_index_bytes(data);
        int accepted = 0, flipped = 0;
        for (size_t at = 0; at < index; at++)
            for (int change = 1; change < 256; change++) {
                data[at] ^= (uint8_t)change;
                run_if_valid(&record, data, &accepted);
                data[at] ^= (uint8_t)change;
            }
        assert_true(accepted < 60); /* accepted: a block at another place in its row or in the next row */
        for (size_t bit = 0; bit < 8 * (size_t)record.size; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            run_if_valid(&record, data, &flipped);
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(flipped > 100); /* accepted: other weights */
        free(codes), free(data);
    }
}

static void cut_off(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        int16_t *codes = make_codes(dtypes[d], 9, 84, 2);
        mote_tensor_record whole;
        uint8_t *data = make_blocks(dtypes[d], codes, 9, 84, &whole);
        for (uint32_t size = 1; size < whole.size; size++) {
            uint8_t *cut = exact_memory(size);
            memcpy(cut, data, size);
            mote_tensor_record record = whole;
            record.size = size;
            assert_false(mote_blocks16_valid(&record, cut));
            free(cut);
        }
        for (uint32_t rows = 0; rows < 40; rows++) {
            mote_tensor_record record = whole;
            record.dims[0] = rows;
            if (rows <= 9 || rows > 9 + 8) /* the padding of the index can be read as empty rows */
                assert_int_equal(mote_blocks16_valid(&record, data), rows == 9);
        }
        mote_tensor_record record = whole;
        record.dims[0] = 0xffffffffu;
        assert_false(mote_blocks16_valid(&record, data));
        record = whole, record.dims[1] = 80; /* fewer columns than those with weights */
        assert_false(mote_blocks16_valid(&record, data));
        free(codes), free(data);
    }
}

static const mote_tinylm_shape shape = {30, 24, 64, 1, false};

/* Packs a model whose recurrent matrix has a quarter of its blocks. */
static void pack_sparse(mote_graph *packed, mote_dtype quantizer)
{
    const mote_quantize_options options = {.as_trained = true};
    mote_graph g;
    float_model(&g, &shape);
    mote_tensor *w = &g.tensors[mote_graph_find(&g, "layer0.recurrent.weight")];
    for (uint32_t k = 0; k < 192 * 64; k++)
        if ((k / 64 + k % 64 / 16) % 4 != 0)
            ((float *)w->data)[k] = 0;
    w->quantizer = quantizer, w->granularity = MOTE_PER_ROW;
    assert_true(mote_graph_quantize(&g, &options, packed, NULL));
    mote_graph_free(&g);
}

/* The golden output, recorded from layout rows, holds for blocks too. */
static void same_model(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        mote_graph packed, again;
        pack_sparse(&packed, dtypes[d]);
        assert_true(mote_graph_lay_out_as(&packed, MOTE_BLOCKS16, NULL));
        mote_bytes file = encoded(&packed);
        opened o;
        assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
        start_exactly(&o);
        for (uint32_t k = 0; mote_kernels_at(k); k++) {
            o.session.kernels = mote_kernels_at(k);
            assert_int_equal(mote_selftest(&o.session), MOTE_SUCCESS);
        }
        stop(&o);
        assert_true(mote_graph_decode(&again, file.data, file.size, "again", NULL));
        for (int i = 0; i < again.tensor_count; i++) {
            const mote_tensor *t = &again.tensors[i];
            const bool product = strstr(t->name, "weight") && !strstr(t->name, "embedding");
            assert_int_equal(t->layout, product ? MOTE_BLOCKS16 : MOTE_ROWS);
        }
        mote_bytes twice = encoded(&again);
        assert_int_equal(twice.size, file.size);
        assert_memory_equal(twice.data, file.data, file.size);
        free(file.data), free(twice.data);
        mote_graph_free(&packed), mote_graph_free(&again);
    }
}

static mote_status reopen(mote_bytes *file)
{
    mote_model model;
    seal(file->data, file->size);
    return mote_open(&model, file->data, file->size);
}

static void damage_is_refused(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        mote_graph packed;
        pack_sparse(&packed, dtypes[d]);
        assert_true(mote_graph_lay_out_as(&packed, MOTE_BLOCKS16, NULL));
        mote_bytes file = encoded(&packed);
        const mote_header *h = (const void *)file.data;
        mote_tensor_record *t = (void *)((uint8_t *)file.data + h->tensor_offset);
        while (t->layout != MOTE_BLOCKS16 || t->dims[0] != 192 || t->dims[1] != 64)
            t++;
        const mote_tensor_record good = *t;
        uint8_t *data = (uint8_t *)file.data + t->offset, *blocks = data + mote_index_bytes(data);
        assert_int_equal(reopen(&file), MOTE_SUCCESS);

        t->bound = 64; /* less than any row can reach */
        assert_int_equal(reopen(&file), MOTE_BAD_OPERATOR);
        t->bound = 0x80000000u;
        assert_int_equal(reopen(&file), MOTE_BAD_OPERATOR);
        *t = good;
        t->size -= 16;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        t->dtype = MOTE_I4;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        t->layout = MOTE_TILES16;
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        *t = good;
        data[4]++; /* one block more in the first row */
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        data[4]--;
        data[6] += 8; /* not a multiple of 16 */
        assert_int_equal(reopen(&file), MOTE_BAD_TABLE);
        data[6] -= 8;
        const uint8_t first = blocks[0];
        blocks[0] = d ? 2 : first; /* an invalid ternary weight */
        assert_int_equal(reopen(&file), d ? MOTE_BAD_TABLE : MOTE_SUCCESS);
        blocks[0] = first;
        assert_int_equal(reopen(&file), MOTE_SUCCESS);
        free(file.data);
        mote_graph_free(&packed);
    }
}

/* Files with changed index, blocks and records, and a valid checksum. Those that open run in memory of exactly their
 * size. */
static void sealed_mutations(void **state)
{
    (void)state;
    int ran = 0;
    for (int d = 0; d < 2; d++) {
        mote_graph packed;
        pack_sparse(&packed, dtypes[d]);
        assert_true(mote_graph_lay_out_as(&packed, MOTE_BLOCKS16, NULL));
        mote_bytes file = encoded(&packed);
        mote_graph_free(&packed);
        const mote_header *h = (const void *)file.data;
        const mote_tensor_record *t = (const void *)(file.data + h->tensor_offset);
        while (t->layout != MOTE_BLOCKS16)
            t++;
        const size_t record = (size_t)((const uint8_t *)t - (const uint8_t *)file.data);
        uint8_t *copy = exact_memory(file.size);
        for (int i = 0; i < 2000; i++) {
            memcpy(copy, file.data, file.size);
            for (uint32_t n = 1 + random_below(2); n > 0; n--) {
                const size_t at = random_below(4) ? t->offset + random_below(t->size) : record + 4 + random_below(60);
                copy[at] = (uint8_t)(random_below(2) ? random_below(256) : copy[at] + 16u);
            }
            seal(copy, file.size);
            opened o;
            if (mote_open(&o.model, copy, file.size) != MOTE_SUCCESS)
                continue;
            start_exactly(&o);
            for (uint32_t k = 0; kernels_of(k); k++) {
                o.session.kernels = kernels_of(k);
                mote_step(&o.session, k);
            }
            stop(&o);
            ran++;
        }
        free(copy), free(file.data);
    }
    assert_true(ran > 400); /* accepted: other weights within their bound */
}

static mote_layout recurrent_on(const char *chip, mote_dtype quantizer, bool sparse)
{
    mote_graph packed;
    if (sparse) {
        pack_sparse(&packed, quantizer);
    } else {
        const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
        mote_graph g;
        float_model(&g, &shape);
        assert_true(mote_graph_quantize(&g, &options, &packed, NULL));
        mote_graph_free(&g);
    }
    assert_true(mote_graph_lay_out(&packed, mote_chip_named(chip), NULL));
    const mote_layout layout = packed.tensors[mote_graph_find(&packed, "layer0.recurrent.weight")].layout;
    mote_graph_free(&packed);
    return layout;
}

/* Blocks are chosen where they are faster, and nowhere else. */
static void chosen_by_chip(void **state)
{
    (void)state;
    static const char *const without_vectors[] = {"ESP32", "ESP32-S2", "ESP32-C3", "ESP32-C6"};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(recurrent_on(without_vectors[i], MOTE_I8, true), MOTE_BLOCKS16);
        assert_int_equal(recurrent_on(without_vectors[i], MOTE_TERNARY2, true), MOTE_BLOCKS16);
        assert_int_equal(recurrent_on(without_vectors[i], MOTE_I8, false), MOTE_ROWS);
    }
    assert_int_equal(recurrent_on("ESP32-S3", MOTE_I8, false), MOTE_ROWS); /* beyond the bound of lanes */
    assert_int_equal(recurrent_on("ESP32-P4", MOTE_I8, true), MOTE_ROWS);  /* its costs are unknown */
}

/* On the ESP32-S3, tiles or lanes are faster with vector instructions; from flash, the smallest layout is. */
static void chosen_by_size(void **state)
{
    (void)state;
    mote_chip chip = *mote_chip_named("ESP32-S3");
    for (int from_flash = 0; from_flash < 2; from_flash++) {
        mote_graph packed;
        pack_sparse(&packed, MOTE_TERNARY2);
        chip.ram_kb = from_flash ? 1 : 300;
        assert_true(mote_graph_lay_out(&packed, &chip, NULL));
        assert_int_equal(packed.tensors[mote_graph_find(&packed, "layer0.recurrent.weight")].layout,
                         from_flash ? MOTE_BLOCKS16 : MOTE_LANES16);
        mote_graph_free(&packed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),    cmocka_unit_test(bytes_as_specified),
        cmocka_unit_test(products),          cmocka_unit_test(hostile_bytes),
        cmocka_unit_test(cut_off),           cmocka_unit_test(same_model),
        cmocka_unit_test(damage_is_refused), cmocka_unit_test(sealed_mutations),
        cmocka_unit_test(chosen_by_chip),    cmocka_unit_test(chosen_by_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
