/* Tests of the tables of a file: pools of operands and words, scales along an axis, gaps between rows, older
 * versions. */
#include "tests/compiler/mixer.h"
#include "tests/compiler/spec.h"

#include "compiler/graph/check.h"
#include "compiler/manifest/manifest.h"
#include "compiler/pack/lay_out.h"
#include "runtime/model.h"

#include <unistd.h>

static mote_status opened_status(const mote_bytes *file)
{
    mote_model m;
    uint8_t *copy = exact_memory(file->size); /* so that AddressSanitizer detects reads past the end */
    memcpy(copy, file->data, file->size);
    seal(copy, file->size);
    const mote_status status = mote_open(&m, copy, file->size);
    free(copy);
    return status;
}

static mote_header *header_at(const mote_bytes *file)
{
    return (mote_header *)(void *)file->data;
}

static mote_op_record *op_at(const mote_bytes *file, uint32_t index)
{
    return (mote_op_record *)(void *)(file->data + header_at(file)->op_offset) + index;
}

static mote_tensor_record *tensor_at(const mote_bytes *file, uint32_t index)
{
    return (mote_tensor_record *)(void *)(file->data + header_at(file)->tensor_offset) + index;
}

/* Sets a 32-bit field, expects the status, and restores the field. */
static void with_u32(const mote_bytes *file, uint32_t *field, uint32_t value, mote_status status)
{
    const uint32_t before = *field;
    *field = value;
    if (opened_status(file) != status)
        fail_msg("%u in place of %u at %td: status %d", value, before, (uint8_t *)field - file->data,
                 opened_status(file));
    *field = before;
}

static void with_u8(const mote_bytes *file, uint8_t *field, int value, mote_status status)
{
    const uint8_t before = *field;
    *field = (uint8_t)value;
    if (opened_status(file) != status)
        fail_msg("%d in place of %u at %td: status %d", value, before, field - file->data, opened_status(file));
    *field = before;
}

static void pools_out_of_range(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(1);
    mote_header *h = header_at(&file);
    struct {
        uint32_t *count, *offset, size;
    } pools[] = {{&h->operand_count, &h->operand_offset, 2}, {&h->word_count, &h->word_offset, 4}};
    assert_int_equal(opened_status(&file), MOTE_SUCCESS);
    for (int i = 0; i < 2; i++) {
        const uint32_t count = *pools[i].count, offset = *pools[i].offset;
        with_u32(&file, pools[i].count, 0, MOTE_BAD_OPERATOR);
        with_u32(&file, pools[i].count, count - 1, MOTE_BAD_OPERATOR);
        with_u32(&file, pools[i].count, (h->file_size - offset) / pools[i].size + 1, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].count, 1u << 26, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].count, 0x80000000u + count, MOTE_BAD_TABLE); /* times 2 it wraps to the true size */
        with_u32(&file, pools[i].count, 0x40000000u + count, MOTE_BAD_TABLE); /* times 4 */
        with_u32(&file, pools[i].count, UINT32_MAX, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].offset, offset + 4, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].offset, 0, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].offset, 64, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].offset, (h->file_size + 15) & ~15u, MOTE_BAD_TABLE);
        with_u32(&file, pools[i].offset, 0xfffffff0u, MOTE_BAD_TABLE);
    }
    free(file.data);
}

static void entries_out_of_range(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(1);
    const mote_header *h = header_at(&file);
    uint16_t *operands = (uint16_t *)(void *)(file.data + h->operand_offset);
    for (uint32_t i = 0; i < h->op_count; i++) {
        mote_op_record *op = op_at(&file, i);
        const uint32_t count = (uint32_t)op->input_count + op->output_count;
        with_u32(&file, &op->operands, h->operand_count - count + 1, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->operands, h->operand_count, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->operands, h->operand_count + 1, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->operands, UINT32_MAX, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->operands, UINT32_MAX - count + 1, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->params, h->word_count + 1, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->params, UINT32_MAX, MOTE_BAD_OPERATOR);
        if (op->param_count)
            with_u32(&file, &op->params, h->word_count - op->param_count + 1, MOTE_BAD_OPERATOR);
        with_u32(&file, &op->name, h->string_size, MOTE_BAD_OPERATOR);
        with_u8(&file, &op->opcode, MOTE_OPCODE_COUNT, MOTE_BAD_OPERATOR);
        with_u8(&file, &op->opcode, 255, MOTE_BAD_OPERATOR);
        for (int more = -1; more <= 1; more += 2) {
            with_u8(&file, &op->input_count, op->input_count + more, MOTE_BAD_OPERATOR);
            with_u8(&file, &op->output_count, op->output_count + more, MOTE_BAD_OPERATOR);
            with_u8(&file, &op->param_count, op->param_count + more, MOTE_BAD_OPERATOR);
        }
        for (uint32_t k = 0; k < count; k++) {
            uint16_t *operand = operands + op->operands + k, before = *operand;
            static const uint16_t beyond[] = {0, 1, 0x7fff};
            for (int t = 0; t < 3; t++) {
                *operand = (uint16_t)(h->tensor_count + beyond[t]);
                assert_int_equal(opened_status(&file), MOTE_BAD_OPERATOR);
            }
            *operand = MOTE_NO_INDEX - 1;
            assert_int_equal(opened_status(&file), MOTE_BAD_OPERATOR);
            *operand = before;
        }
    }
    assert_int_equal(opened_status(&file), MOTE_SUCCESS);
    free(file.data);
}

static void run_if_it_opens(const mote_bytes *file)
{
    opened o;
    if (mote_open(&o.model, file->data, file->size) != MOTE_SUCCESS)
        return;
    start_exactly(&o);
    for (int i = 0; i < 3; i++)
        mote_run(&o.session);
    stop(&o);
}

/* A pool that overlaps another table is refused or harmless. */
static void pools_over_other_tables(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(2);
    mote_header *h = header_at(&file);
    const uint32_t places[] = {h->tensor_offset, h->op_offset,     h->section_offset, h->operand_offset,
                               h->word_offset,   h->string_offset, sizeof *h};
    uint32_t *pools[] = {&h->operand_offset, &h->word_offset, &h->tensor_offset, &h->op_offset, &h->section_offset};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 7; k++) {
            const uint32_t before = *pools[i];
            *pools[i] = places[k];
            seal(file.data, file.size);
            run_if_it_opens(&file);
            *pools[i] = before;
        }
    free(file.data);
}

/* Records may share entries: two additions of the same operands, and equal parameters. */
static void shared_entries(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(3);
    const mote_header *h = header_at(&file);
    const uint32_t *words = (const uint32_t *)(const void *)(file.data + h->word_offset);
    int shared = 0;
    for (uint32_t i = 0; i < h->op_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            mote_op_record *a = op_at(&file, i), *b = op_at(&file, k);
            const bool same =
                a->opcode == b->opcode && memcmp(words + a->params, words + b->params, 4u * a->param_count) == 0;
            shared += same && a->params != b->params;
            a->params = same ? b->params : a->params;
        }
    assert_true(shared > 0);
    seal(file.data, file.size);
    replay(&file);
    opened o;
    assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
    start_exactly(&o);
    assert_int_equal(mote_selftest(&o.session), MOTE_SUCCESS);
    stop(&o);
    free(file.data);
}

static void scales_along_an_axis(void **state)
{
    (void)state;
    random_graph r;
    mote_error error = {0};
    mixer_of(&r, 4);
    mote_tensor *gain = &r.g.tensors[mote_graph_find(&r.g, "gain")],
                *head = &r.g.tensors[mote_graph_find(&r.g, "head")];
    float scales[MIXER_WIDTH];
    for (int i = 0; i < MIXER_WIDTH; i++)
        scales[i] = 0.125f * (float)(i + 1);
    assert_true(mote_tensor_set_scales(gain, 0, scales));
    assert_true(mote_tensor_set_scales(head, 1, scales + 2));
    head->quantization.zero_point = -128;
    mote_bytes file = encoded(&r.g);
    mote_graph back;
    if (!mote_graph_decode(&back, file.data, file.size, "file", &error))
        fail_msg("%s", error.text);
    const mote_tensor_quantization *q = &back.tensors[mote_graph_find(&back, "head")].quantization;
    assert_int_equal(q->axis, 1);
    assert_int_equal(q->zero_point, -128);
    assert_memory_equal(q->scales, scales + 2, MIXER_UNITS * sizeof *scales);
    assert_memory_equal(back.tensors[mote_graph_find(&back, "gain")].quantization.scales, scales, sizeof scales);
    mote_tensor_record *record = tensor_at(&file, (uint32_t)mote_graph_find(&r.g, "head"));
    const uint32_t words = header_at(&file)->word_count;
    with_u8(&file, &record->axis, 2, MOTE_BAD_TABLE);
    with_u8(&file, &record->axis, 254, MOTE_BAD_TABLE);
    with_u8(&file, &record->axis, MOTE_NO_AXIS, MOTE_BAD_TABLE); /* scales without an axis */
    with_u32(&file, &record->scales, words - MIXER_UNITS + 1, MOTE_BAD_TABLE);
    with_u32(&file, &record->scales, words + 1, MOTE_BAD_TABLE);
    with_u32(&file, &record->scales, UINT32_MAX, MOTE_BAD_TABLE);
    assert_int_equal(opened_status(&file), MOTE_SUCCESS);
    free(file.data);
    mote_graph_free(&r.g), mote_graph_free(&back);
}

/* A dimension of zero is refused, even if a stride gives its row a size. */
static void dimensions_of_zero(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(5);
    for (uint32_t i = 0; i < header_at(&file)->tensor_count; i++) {
        mote_tensor_record *t = tensor_at(&file, i), before = *t;
        for (uint32_t k = 0; k < t->rank; k++) {
            t->dims[k] = 0;
            t->stride = t->size = 4;
            assert_int_equal(opened_status(&file), MOTE_BAD_TABLE);
            *t = before;
        }
        t->dims[t->rank] = 2;
        assert_int_equal(opened_status(&file), MOTE_BAD_TABLE);
        *t = before;
        with_u8(&file, &t->rank, 0, MOTE_BAD_TABLE);
        with_u8(&file, &t->rank, MOTE_RANK + 1, MOTE_BAD_TABLE);
    }
    free(file.data);
}

/* Gaps between rows */

/* Moves the rows of a constant `stride` bytes apart, and fills the gaps with `filling`. */
static void spread(mote_tensor *t, uint32_t stride, uint8_t filling)
{
    const uint32_t rows = t->dims[0], row = mote_tensor_stride(t);
    uint8_t *data = malloc((size_t)rows * stride);
    assert_non_null(data);
    memset(data, filling, (size_t)rows * stride);
    for (uint32_t i = 0; i < rows; i++)
        memcpy(data + (size_t)i * stride, (uint8_t *)t->data + (size_t)i * row, row);
    free(t->data);
    t->data = data;
    t->stride = stride;
}

static uint32_t filled_up(uint32_t columns)
{
    return (columns + 15) / 16 * 16;
}

typedef struct product_of_types {
    mote_dtype x, w;
    uint32_t rows, columns, group;
    bool narrow;
} product_of_types;

/* Makes a graph: ids → embedding → quantize → product → output. */
static void one_product(random_graph *r, const product_of_types *p, uint32_t seed)
{
    mote_error error = {0};
    *r = (random_graph){.rng = seed};
    mote_graph_init(&r->g);
    r->g.packed = true;
    const int ids = tensor_of(r, MOTE_U16, MOTE_INPUT, 1, 0);
    int x = table_of(r, ids, 9, p->columns);
    r->g.ops[0].params[MOTE_EMBEDDING_SHIFT] = 12;
    if (p->x != MOTE_I16)
        x = quantized(r, x, p->x);
    int inputs[MOTE_LINEAR_INPUTS] = {
        [MOTE_LINEAR_X] = x, [MOTE_LINEAR_BIAS] = NONE, [MOTE_LINEAR_MULTIPLIER] = NONE, [MOTE_LINEAR_GROUPS] = NONE};
    inputs[MOTE_LINEAR_WEIGHTS] =
        named(r, matrix_of(r, p->w, p->rows, p->columns, p->x == MOTE_I16 ? 50 : 127, 0), "w");
    inputs[MOTE_LINEAR_MULTIPLIER] = constant16(r, p->rows, 0, 32767);
    if (p->group)
        inputs[MOTE_LINEAR_GROUPS] = factors_of(r, p->rows, p->columns, p->group);
    r->g.tensors[inputs[MOTE_LINEAR_WEIGHTS]].bound = INT32_MAX;
    const int y = tensor_of(r, p->narrow ? MOTE_I8 : MOTE_I16, MOTE_OUTPUT, p->rows, 0);
    mote_op *op = operator_of(r, MOTE_OP_LINEAR, MOTE_LINEAR_INPUTS, inputs, y);
    op->params[MOTE_PRODUCT_SHIFT] = p->x == MOTE_I16 ? 12 : 4;
    op->params[MOTE_PRODUCT_GAIN] = p->narrow ? 6 : 1;
    op->params[MOTE_PRODUCT_GROUP] = (int32_t)p->group;
    if (!mote_graph_plan(&r->g, &error))
        fail_msg("%s", error.text);
}

static mote_tensor *weights_of(random_graph *r)
{
    return &r->g.tensors[mote_graph_find(&r->g, "w")];
}

static uint32_t digest_of(const mote_bytes *file, const mote_kernels *kernels)
{
    opened o;
    uint32_t digest = 0;
    assert_int_equal(mote_open(&o.model, file->data, file->size), MOTE_SUCCESS);
    start_exactly(&o);
    o.session.kernels = kernels;
    for (uint32_t t = 0; t < 9; t++) {
        *(uint16_t *)mote_input(&o.session, 0).data = (uint16_t)t;
        mote_run(&o.session);
        const mote_value y = mote_output(&o.session, 0);
        digest = mote_crc32(digest, y.data, y.size);
    }
    stop(&o);
    return digest;
}

static uint32_t specified_digest(const mote_bytes *file)
{
    reader r = reader_of(file->data);
    uint32_t digest = 0;
    for (uint32_t t = 0; t < 9; t++) {
        step(&r, with_role(&r, 1, 0), t);
        digest = digest_of_outputs(&r, digest);
    }
    close_reader(&r);
    return digest;
}

/* A matrix with gaps gives the same output as one without, on every set of kernels, in place and copied. */
static void padded_rows_give_the_same(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    for (uint32_t columns = 1; columns <= 70; columns += columns < 34 ? 1 : 7)
        for (int form = 0; form < 4; form++) {
            const product_of_types p = {.x = form % 2 ? MOTE_I8V : MOTE_I8,
                                        .w = MOTE_I8,
                                        .rows = 1 + columns % 23,
                                        .columns = columns,
                                        .narrow = form == 2};
            random_graph r;
            one_product(&r, &p, columns * 4 + (uint32_t)form);
            mote_bytes plain = encoded(&r.g);
            if (columns % 16)
                spread(weights_of(&r), filled_up(columns), 0);
            mote_bytes padded = encoded(&r.g);
            const uint32_t digest = specified_digest(&plain);
            assert_int_equal(specified_digest(&padded), digest);
            for (uint32_t k = 0; (kernels = mote_kernels_at(k)) != NULL; k++) {
                assert_int_equal(digest_of(&plain, kernels), digest);
                assert_int_equal(digest_of(&padded, kernels), digest);
            }
            free(plain.data), free(padded.data);
            mote_graph_free(&r.g);
        }
}

static void gaps_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        product_of_types p;
        uint32_t stride;
        uint8_t filling;
        mote_status status;
    } cases[] = {
        {{MOTE_I8, MOTE_I8, 5, 18, 0, false}, 32, 0, MOTE_SUCCESS},
        {{MOTE_I8, MOTE_I8, 5, 18, 0, false}, 32, 1, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_I8, 5, 18, 0, false}, 20, 0, MOTE_BAD_TABLE}, /* a gap, but not to a multiple of 16 */
        {{MOTE_I8, MOTE_I8, 5, 18, 0, false}, 48, 0, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_I8, 5, 16, 0, false}, 32, 0, MOTE_BAD_TABLE},
        {{MOTE_I16, MOTE_I8, 5, 18, 0, false}, 32, 0, MOTE_BAD_OPERATOR},
        {{MOTE_I8, MOTE_I8, 5, 18, 16, false}, 32, 0, MOTE_BAD_OPERATOR},
        {{MOTE_I8, MOTE_I16, 5, 18, 0, false}, 48, 0, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_F16, 5, 18, 0, false}, 48, 0, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_TERNARY2, 5, 18, 0, false}, 32, 0, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_TERNARY5, 5, 18, 0, false}, 16, 0, MOTE_BAD_TABLE},
        {{MOTE_I8, MOTE_I4, 5, 18, 0, false}, 32, 0, MOTE_BAD_TABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        random_graph r;
        one_product(&r, &cases[i].p, 7);
        spread(weights_of(&r), cases[i].stride, cases[i].filling);
        mote_bytes file = encoded(&r.g);
        if (opened_status(&file) != cases[i].status)
            fail_msg("case %zu: status %d", i, opened_status(&file));
        free(file.data);
        mote_graph_free(&r.g);
    }
}

/* Strides that are too short or in a layout without strides, and a last gap that is not zero, are refused. */
static void strides_that_are_refused(void **state)
{
    (void)state;
    random_graph r;
    mote_error error = {0};
    const product_of_types p = {MOTE_I8, MOTE_I8, 5, 18, 0, false};
    one_product(&r, &p, 8);
    const uint32_t w = (uint32_t)mote_graph_find(&r.g, "w");
    spread(weights_of(&r), 32, 0);
    mote_bytes file = encoded(&r.g);
    mote_tensor_record *record = tensor_at(&file, w);
    assert_int_equal(record->size, 5 * 32);
    file.data[record->offset + record->size - 1] = 1;
    assert_int_equal(opened_status(&file), MOTE_BAD_TABLE);
    file.data[record->offset + record->size - 1] = 0;
    assert_int_equal(opened_status(&file), MOTE_SUCCESS);
    with_u32(&file, &record->stride, 16, MOTE_BAD_TABLE);
    with_u32(&file, &record->stride, 0, MOTE_BAD_TABLE);
    with_u32(&file, &record->stride, 0x80000000u, MOTE_BAD_TABLE);
    with_u32(&file, &record->stride, UINT32_MAX & ~15u, MOTE_BAD_TABLE);
    with_u32(&file, &record->size, 5 * 32 - 14, MOTE_BAD_TABLE); /* the size includes the last gap */
    free(file.data);
    weights_of(&r)->stride = 0; /* rows without gaps again: the first 5·18 bytes */
    for (uint32_t i = 0; i < 90; i++)
        ((uint8_t *)weights_of(&r)->data)[i] = 1;
    weights_of(&r)->bound = 128 * 18; /* small enough for lanes */
    assert_true(mote_graph_lay_out_as(&r.g, MOTE_LANES16, &error));
    file = encoded(&r.g);
    record = tensor_at(&file, (uint32_t)mote_graph_find(&r.g, "w"));
    assert_int_equal(record->layout, MOTE_LANES16);
    assert_int_equal(record->stride, 0);
    assert_int_equal(opened_status(&file), MOTE_SUCCESS);
    with_u32(&file, &record->stride, 32, MOTE_BAD_TABLE);
    with_u32(&file, &record->stride, 18, MOTE_BAD_TABLE);
    free(file.data);
    mote_graph_free(&r.g);
}

/* Rows of an embedding table may have gaps; factors of groups and activations may not. */
static void gaps_elsewhere(void **state)
{
    (void)state;
    random_graph r;
    const product_of_types p = {MOTE_I8, MOTE_I8, 5, 18, 16, false};
    int tables = 0;
    for (uint32_t seed = 1; seed < 40; seed++) {
        one_product(&r, &p, seed);
        mote_tensor *table = &r.g.tensors[r.g.ops[0].inputs[MOTE_EMBEDDING_TABLE]];
        if (table->dtype == MOTE_I8) {
            tables++;
            mote_bytes plain = encoded(&r.g);
            spread(table, 32, 0);
            mote_bytes file = encoded(&r.g);
            assert_int_equal(digest_of(&file, &mote_portable_kernels), specified_digest(&plain));
            assert_int_equal(specified_digest(&file), specified_digest(&plain));
            free(file.data), free(plain.data);
        }
        mote_graph_free(&r.g);
    }
    assert_true(tables > 0);
    one_product(&r, &p, 3);
    mote_tensor *groups = &r.g.tensors[r.g.ops[r.g.op_count - 1].inputs[MOTE_LINEAR_GROUPS]];
    spread(groups, 16, 0);
    mote_bytes file = encoded(&r.g);
    assert_int_equal(opened_status(&file), MOTE_BAD_OPERATOR);
    free(file.data);
    mote_graph_free(&r.g);
    file = mixer_file(1);
    for (uint32_t i = 0; i < header_at(&file)->tensor_count; i++) {
        mote_tensor_record *t = tensor_at(&file, i), before = *t;
        if (t->role == MOTE_CONSTANT || t->stride % 16 == 0)
            continue;
        t->stride = t->size = filled_up(t->stride);
        assert_int_equal(opened_status(&file), MOTE_BAD_TABLE);
        *t = before;
    }
    free(file.data);
}

static void gaps_come_back(void **state)
{
    (void)state;
    char path[64];
    random_graph r;
    mote_error error = {0};
    mote_graph back;
    const product_of_types p = {MOTE_I8, MOTE_I8, 5, 18, 0, false};
    snprintf(path, sizeof path, "/tmp/mote-records-%d", (int)getpid());
    one_product(&r, &p, 9);
    spread(weights_of(&r), 32, 0);
    mote_bytes file = encoded(&r.g), again;
    for (int form = -1; form < 2; form++) {
        if (form < 0)
            assert_true(mote_graph_decode(&back, file.data, file.size, "file", &error));
        else if (!mote_manifest_save(&r.g, (mote_manifest_form)form, path, &error) ||
                 !mote_manifest_load(&back, path, &error))
            fail_msg("%s", error.text);
        again = encoded(&back);
        assert_int_equal(again.size, file.size);
        assert_memory_equal(again.data, file.data, file.size);
        free(again.data);
        /* A matrix with gaps keeps its layout. */
        assert_true(mote_graph_lay_out_as(&back, MOTE_BLOCKS16, &error));
        again = encoded(&back);
        assert_memory_equal(again.data, file.data, file.size);
        free(again.data);
        mote_graph_free(&back);
    }
    unlink(path);
    free(file.data);
    mote_graph_free(&r.g);
}

static void float_graphs_have_no_gaps(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {12, 10, 18, 1, false};
    mote_graph g, back;
    mote_error error = {0};
    float_model(&g, &shape);
    mote_tensor *embedding = &g.tensors[mote_graph_find(&g, "embedding.weight")];
    spread(embedding, 64, 0);
    assert_false(mote_graph_check(&g, &error));
    assert_non_null(strstr(error.text, "embedding.weight"));
    mote_bytes file = encoded(&g);
    assert_false(mote_graph_decode(&back, file.data, file.size, "file", &error));
    free(file.data);
    mote_graph_free(&g);
}

/* Versions */

/* A file of version 1 has a header of 64 bytes. A reader of version 2 reads only its version. */
static void version_1_is_refused_by_name(void **state)
{
    (void)state;
    static const uint8_t start[8] = {'M', 'O', 'T', 'E', 1, 0, 64, 0};
    for (uint32_t size = 80; size < 700; size += 100) {
        uint8_t *file = exact_memory(size);
        mote_model m;
        mote_graph g;
        mote_error error = {0};
        memset(file, 0, size);
        memcpy(file, start, sizeof start);
        memcpy(file + 8, &size, sizeof size);
        seal(file, size);
        assert_int_equal(mote_open(&m, file, size), MOTE_BAD_VERSION);
        assert_non_null(strstr(mote_status_text(MOTE_BAD_VERSION), "another version of the file format"));
        assert_false(mote_graph_decode(&g, file, size, "old.mote", &error));
        assert_int_equal(error.code, MOTE_E_FORMAT);
        assert_string_equal(error.text,
                            "old.mote: a file of format version 1, and this program reads version 2; make it "
                            "again with this program from what it was made of");
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_out_of_range),
        cmocka_unit_test(entries_out_of_range),
        cmocka_unit_test(pools_over_other_tables),
        cmocka_unit_test(shared_entries),
        cmocka_unit_test(scales_along_an_axis),
        cmocka_unit_test(dimensions_of_zero),
        cmocka_unit_test(padded_rows_give_the_same),
        cmocka_unit_test(gaps_that_are_refused),
        cmocka_unit_test(strides_that_are_refused),
        cmocka_unit_test(gaps_elsewhere),
        cmocka_unit_test(gaps_come_back),
        cmocka_unit_test(float_graphs_have_no_gaps),
        cmocka_unit_test(version_1_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
