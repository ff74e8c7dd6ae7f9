/* The integer operators with zero points, one by one: random operands against the loops of packed_reference.h and of
 * this file, which follow docs/SPEC.md, and every parameter, dimension, type and zero point replaced by extreme ones:
 * what mote_open accepts must run inside its memory. */
#include <math.h>

#include "packed_reference.h"

#include <mote.h>

#include "compiler/graph/random.h"
#include "compiler/pack/container.h"
#include "compiler/plan/arena.h"

enum { OPERANDS = 6, PARAMS = 32 };

#define WINDOW(ID, h, w, sh, sw, t, l, b, r)                                                                           \
    [MOTE_##ID##_KERNEL_HEIGHT] = h, [MOTE_##ID##_KERNEL_WIDTH] = w, [MOTE_##ID##_STRIDE_HEIGHT] = sh,                 \
    [MOTE_##ID##_STRIDE_WIDTH] = sw, [MOTE_##ID##_DILATION_HEIGHT] = 1, [MOTE_##ID##_DILATION_WIDTH] = 1,              \
    [MOTE_##ID##_TOP] = t, [MOTE_##ID##_LEFT] = l, [MOTE_##ID##_BOTTOM] = b, [MOTE_##ID##_RIGHT] = r
#define ENDING(ID, low, high) [MOTE_##ID##_LOW] = low, [MOTE_##ID##_HIGH] = high
#define FACTOR(ID, m, s)      [MOTE_##ID##_MULTIPLIER] = m, [MOTE_##ID##_SHIFT] = s
#define X(type, zero, rank_, ...)                                                                                      \
    {                                                                                                                  \
        MOTE_##type, MOTE_INPUT, zero, rank_,                                                                          \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define C(type, zero, rank_, ...)                                                                                      \
    {                                                                                                                  \
        MOTE_##type, MOTE_CONSTANT, zero, rank_,                                                                       \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define Y(type, zero, rank_, ...)                                                                                      \
    {                                                                                                                  \
        MOTE_##type, MOTE_OUTPUT, zero, rank_,                                                                         \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define NONE                                                                                                           \
    {                                                                                                                  \
        0                                                                                                              \
    }

typedef struct operand {
    mote_dtype dtype;
    mote_role role;
    int32_t zero;
    int rank; /* 0: absent */
    uint32_t dims[MOTE_RANK];
} operand;

typedef struct subject {
    mote_opcode opcode;
    operand in[OPERANDS], out;
    int32_t params[PARAMS];
} subject;

static const subject subjects[] = {
    {MOTE_OP_CONV,
     {X(I8, 3, 3, 6, 5, 4), C(I8, 0, 2, 6, 36), C(I32, 0, 1, 6), C(I32, 0, 1, 6), NONE, C(I8, 0, 1, 6)},
     Y(I8, -5, 3, 3, 5, 6),
     {WINDOW(CONV, 3, 3, 2, 1, 1, 1, 1, 1), [MOTE_CONV_PARTS] = 1, ENDING(CONV, -128, 120)}},
    {MOTE_OP_CONV,
     {X(I8, -128, 3, 7, 5, 6), C(I8, 0, 2, 12, 9), C(I32, 0, 1, 12), C(I32, 0, 1, 12), NONE, C(I8, 0, 1, 12)},
     Y(I8, 0, 3, 4, 3, 12),
     {WINDOW(CONV, 3, 3, 2, 2, 1, 1, 1, 1), [MOTE_CONV_PARTS] = 6, ENDING(CONV, -100, 127)}},
    {MOTE_OP_CONV,
     {X(I16, 0, 3, 1, 9, 8), C(I8, 0, 2, 4, 12), C(I32, 0, 1, 4), C(I32, 0, 1, 4), NONE, C(I8, 0, 1, 4)},
     Y(I16, 0, 3, 1, 7, 4),
     {WINDOW(CONV, 1, 3, 1, 1, 0, 0, 0, 0), [MOTE_CONV_PARTS] = 2, ENDING(CONV, -32768, 32767)}},
    {MOTE_OP_CONV,
     {X(I8, 7, 3, 4, 4, 20), C(I4, 0, 2, 5, 20), NONE, C(I32, 0, 1, 5), NONE, C(I8, 0, 1, 5)},
     Y(I16, 0, 3, 4, 4, 5),
     {WINDOW(CONV, 1, 1, 1, 1, 0, 0, 0, 0), [MOTE_CONV_PARTS] = 1, ENDING(CONV, -32768, 32767)}},
    {MOTE_OP_CONV_TRANSPOSE,
     {X(I8, 9, 3, 3, 4, 4), C(I8, 0, 2, 3, 36), C(I32, 0, 1, 3), C(I32, 0, 1, 3), NONE, C(I8, 0, 1, 3)},
     Y(I8, 1, 3, 6, 8, 3),
     {WINDOW(CONV_TRANSPOSE, 3, 3, 2, 2, 0, 0, 1, 1), [MOTE_CONV_TRANSPOSE_PARTS] = 1,
      ENDING(CONV_TRANSPOSE, -128, 127)}},
    {MOTE_OP_MAX_POOL,
     {X(I8, 4, 3, 5, 5, 3)},
     Y(I8, 4, 3, 3, 3, 3),
     {WINDOW(MAX_POOL, 3, 3, 2, 2, 1, 1, 1, 1), ENDING(MAX_POOL, -90, 100)}},
    {MOTE_OP_AVERAGE_POOL,
     {X(I8, 4, 3, 5, 6, 3)},
     Y(I8, 4, 3, 3, 3, 3),
     {WINDOW(AVERAGE_POOL, 3, 2, 2, 2, 1, 0, 1, 0), ENDING(AVERAGE_POOL, -128, 127)}},
    {MOTE_OP_AVERAGE_POOL,
     {X(I16, 0, 3, 4, 4, 2)},
     Y(I16, 0, 3, 1, 1, 2),
     {WINDOW(AVERAGE_POOL, 4, 4, 1, 1, 0, 0, 0, 0), ENDING(AVERAGE_POOL, -32768, 32767)}},
    {MOTE_OP_MATMUL,
     {X(I8, 3, 3, 2, 3, 5), X(I8, -7, 3, 2, 5, 4)},
     Y(I8, 11, 3, 2, 3, 4),
     {FACTOR(MATMUL, 1500000000, -8), ENDING(MATMUL, -128, 127)}},
    {MOTE_OP_MATMUL,
     {X(I8, 3, 2, 3, 5), C(I8, -7, 2, 4, 5)},
     Y(I8, 11, 2, 3, 4),
     {[MOTE_MATMUL_TRANSPOSED] = 1, FACTOR(MATMUL, 1500000000, -8), ENDING(MATMUL, -128, 127)}},
    {MOTE_OP_MINIMUM, {X(I8, 2, 2, 3, 4), X(I8, 2, 1, 4)}, Y(I8, 2, 2, 3, 4), {0}},
    {MOTE_OP_MAXIMUM, {X(I16, 0, 2, 3, 1), X(I16, 0, 1, 4)}, Y(I16, 0, 2, 3, 4), {0}},
    {MOTE_OP_SCALED_ADD,
     {X(I8, 2, 3, 2, 3, 4), C(I8, -9, 1, 4)},
     Y(I8, 5, 3, 2, 3, 4),
     {[MOTE_SCALED_ADD_LEFT] = 20,
      FACTOR(SCALED_ADD_A, 1 << 30, 0),
      FACTOR(SCALED_ADD_B, 1700000000, -1),
      FACTOR(SCALED_ADD_Y, 1200000000, -19),
      ENDING(SCALED_ADD, -128, 127)}},
    {MOTE_OP_SCALED_ADD,
     {X(I16, 0, 1, 9), X(I16, 0, 1, 9)},
     Y(I16, 0, 1, 9),
     {[MOTE_SCALED_ADD_SUBTRACTS] = 1,
      [MOTE_SCALED_ADD_LEFT] = 15,
      FACTOR(SCALED_ADD_A, 1 << 30, 0),
      FACTOR(SCALED_ADD_B, 1 << 30, 0),
      FACTOR(SCALED_ADD_Y, 1 << 30, -14),
      ENDING(SCALED_ADD, -32768, 32767)}},
    {MOTE_OP_SCALED_MUL,
     {X(I8, 2, 2, 3, 4), X(I8, -9, 2, 3, 1)},
     Y(I8, 5, 2, 3, 4),
     {FACTOR(SCALED_MUL, 1900000000, -6), ENDING(SCALED_MUL, -128, 127)}},
    {MOTE_OP_RESCALE,
     {X(I8, 6, 2, 3, 5)},
     Y(U8, 130, 2, 3, 5),
     {FACTOR(RESCALE, 1 << 30, 1), FACTOR(RESCALE_NEGATIVE, 1600000000, -2), ENDING(RESCALE, 0, 255)}},
    {MOTE_OP_MAP, {X(I8, 6, 2, 3, 5), C(I8, 0, 1, 256)}, Y(I8, -128, 2, 3, 5), {0}},
    {MOTE_OP_MAP, {X(I16, 0, 1, 40), C(I16, 0, 1, 513)}, Y(I16, 0, 1, 40), {0}},
    {MOTE_OP_PRELU,
     {X(I8, 6, 3, 2, 3, 4), C(I8, 3, 1, 4)},
     Y(I8, 7, 3, 2, 3, 4),
     {FACTOR(PRELU, 1 << 30, 1), FACTOR(PRELU_NEGATIVE, 1600000000, -6), ENDING(PRELU, -128, 127)}},
    {MOTE_OP_SOFTMAX,
     {X(I8, 6, 2, 3, 11)},
     Y(I8, -128, 2, 3, 11),
     {FACTOR(SOFTMAX, 1400000000, 20), [MOTE_SOFTMAX_LEAST] = -120}},
    {MOTE_OP_SOFTMAX,
     {X(I8, 6, 1, 40)},
     Y(I16, -32768, 1, 40),
     {FACTOR(SOFTMAX, 1400000000, 21), [MOTE_SOFTMAX_LEAST] = -60}},
    {MOTE_OP_REDUCE,
     {X(I8, 6, 3, 3, 4, 5)},
     Y(I8, -3, 1, 5),
     {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 3, FACTOR(REDUCE, 1500000000, -4), ENDING(REDUCE, -128, 127)}},
    {MOTE_OP_REDUCE,
     {X(I8, 6, 3, 3, 4, 5)},
     Y(I8, 6, 2, 3, 4),
     {[MOTE_REDUCE_KIND] = 2, [MOTE_REDUCE_AXES] = 4, FACTOR(REDUCE, 0, 0), ENDING(REDUCE, -128, 127)}},
    {MOTE_OP_CONCAT, {X(I8, 6, 2, 3, 2), X(I8, 6, 2, 3, 4)}, Y(I8, 6, 2, 3, 6), {[MOTE_CONCAT_AXIS] = 1}},
    {MOTE_OP_SLICE,
     {X(I16, 0, 2, 5, 7)},
     Y(I16, 0, 2, 2, 3),
     {[MOTE_SLICE_BEGIN0] = 4, 1, [MOTE_SLICE_STEP0] = -3, 2, [MOTE_SLICE_SIZE0] = 2, 3}},
    {MOTE_OP_PAD,
     {X(I8, 6, 2, 3, 4)},
     Y(I8, 6, 2, 6, 6),
     {[MOTE_PAD_VALUE] = -7, [MOTE_PAD_BEFORE0] = 1, 2, [MOTE_PAD_AFTER0] = 2, 0}},
    {MOTE_OP_RESIZE,
     {X(I8, 6, 3, 3, 4, 2)},
     Y(I8, 6, 3, 5, 9, 2),
     {[MOTE_RESIZE_HEIGHT] = 5, 9, [MOTE_RESIZE_LINEAR] = 1}},
    {MOTE_OP_RESIZE,
     {X(I8, 6, 3, 3, 4, 2)},
     Y(I8, 6, 3, 6, 2, 2),
     {[MOTE_RESIZE_HEIGHT] = 6, 2, [MOTE_RESIZE_COORDINATES] = 2, [MOTE_RESIZE_ROUNDING] = 2}},
    {MOTE_OP_RESHAPE, {X(I8, 6, 2, 3, 4)}, Y(I8, 6, 1, 12), {12}},
    {MOTE_OP_TRANSPOSE, {X(I16, 0, 3, 2, 3, 4)}, Y(I16, 0, 3, 4, 2, 3), {2, 0, 1}},
    {MOTE_OP_GATHER, {X(I8, 6, 3, 2, 5, 3), C(U16, 0, 1, 4)}, Y(I8, 6, 3, 2, 4, 3), {[MOTE_GATHER_AXIS] = 1}},
    {MOTE_OP_ARGMAX, {X(I8, 6, 2, 4, 9)}, Y(U16, 0, 1, 4), {[MOTE_ARGMAX_LAST] = 1}},
};

enum { SUBJECTS = sizeof subjects / sizeof *subjects };

/* --- building --- */

static void fill_constant(mote_tensor *t, const subject *s, int i, mote_random *random)
{
    const size_t size = mote_tensor_size(t), count = mote_tensor_elements(t);
    const bool convolves = s->opcode == MOTE_OP_CONV || s->opcode == MOTE_OP_CONV_TRANSPOSE;
    for (size_t k = 0; k < size; k++)
        ((uint8_t *)t->data)[k] = (uint8_t)mote_random_bits(random);
    for (size_t k = 0; convolves && t->dtype == MOTE_I32 && k < count; k++)
        ((int32_t *)t->data)[k] = i == MOTE_CONV_BIAS ? (int32_t)(mote_random_bits(random) % 20001) - 10000
                                                      : (1 << 30) + (int32_t)(mote_random_bits(random) % (1u << 30));
    for (size_t k = 0; convolves && i == MOTE_CONV_SHIFTS && k < count; k++)
        ((int8_t *)t->data)[k] = (int8_t)(-4 - (int)(mote_random_bits(random) % 8));
    for (size_t k = 0; t->dtype == MOTE_U16 && k < count; k++) /* the axis that GATHER indexes has 5 values */
        ((uint16_t *)t->data)[k] = (uint16_t)(mote_random_bits(random) % 5);
    if (t->dtype == MOTE_I4 && t->rank == 2 && t->dims[1] == 20) /* rows are padded with code 8, the zero */
        for (uint32_t r = 0; r < t->dims[0]; r++)
            memset((uint8_t *)t->data + (r + 1) * (size / t->dims[0]) - 12, 0x88, 12);
    if (convolves && i == MOTE_CONV_WEIGHTS)
        t->bound = INT32_MAX;
}

static int add_operand(mote_graph *g, const subject *s, const operand *o, int i, mote_random *random)
{
    char name[16];
    if (!o->rank)
        return -1;
    snprintf(name, sizeof name, "t%d", i);
    const int tensor = mote_graph_tensor(g, name, o->dtype, o->role, o->rank, o->dims);
    if (tensor < 0)
        return -1;
    mote_tensor *t = &g->tensors[tensor];
    t->quantization = (mote_tensor_quantization){.scale = 1, .zero_point = o->zero, .axis = -1};
    if (o->role == MOTE_CONSTANT)
        fill_constant(t, s, i, random);
    return tensor;
}

/* Returns false for a graph that the compiler cannot hold or place. */
static bool build(mote_graph *g, const subject *s, mote_random *random)
{
    const mote_operator_info *info = mote_operator_of(s->opcode);
    int inputs[16], output;
    mote_error error;
    mote_graph_init(g);
    g->packed = true;
    for (int i = 0; i < info->input_count; i++)
        inputs[i] = i < OPERANDS ? add_operand(g, s, &s->in[i], i, random) : -1;
    output = add_operand(g, s, &s->out, OPERANDS, random);
    const int op = mote_graph_op(g, "op", s->opcode, info->input_count, inputs, 1, &output);
    if (op < 0 || output < 0)
        return false;
    memcpy(g->ops[op].params, s->params, (size_t)g->ops[op].param_count * sizeof(int32_t));
    return mote_graph_plan(g, &error);
}

typedef struct device {
    mote_bytes file;
    mote_model model;
    mote_session session;
    void *memory;
} device;

/* Encodes, opens and starts. Returns false if the runtime refuses the file. */
static bool start(device *d, const mote_graph *g)
{
    mote_error error;
    *d = (device){0};
    if (!mote_graph_encode(g, &d->file, &error))
        return false;
    if (mote_open(&d->model, d->file.data, d->file.size) != MOTE_SUCCESS)
        return false;
    const size_t size = mote_arena_size(&d->model) + mote_state_size(&d->model);
    if (size > 1 << 24 || posix_memalign(&d->memory, 16, size ? size : 16) != 0)
        return false;
    return mote_begin(&d->session, &d->model, d->memory, size) == MOTE_SUCCESS;
}

static void stop(device *d)
{
    free(d->memory);
    free(d->file.data);
}

/* Random values, and one of three the least or the largest. */
static void fill_inputs(device *d, mote_random *random)
{
    mote_value v;
    for (uint32_t i = 0; (v = mote_input(&d->session, i)).data; i++) {
        for (uint32_t k = 0; k < v.size; k++)
            ((uint8_t *)v.data)[k] = (uint8_t)mote_random_bits(random);
        const uint32_t each = v.type == MOTE_I16 ? 2 : 1, extreme = v.type == MOTE_U8 ? 0x00ff : 0x7f80;
        for (uint32_t k = 0; k + each <= v.size; k += 3 * each) {
            const uint32_t most = mote_random_bits(random) & 1;
            ((uint8_t *)v.data)[k + each - 1] = (uint8_t)(most ? extreme >> 8 : extreme);
            if (each == 2)
                ((uint8_t *)v.data)[k] = most ? 0xff : 0;
        }
    }
}

/* --- the reference of operators that packed_reference.h has not --- */

static void plain_matmul(const call *c)
{
    const mote_tensor *b = mote_op_input(c->r->g, c->op, 1);
    const int32_t *in_b = operand_of(c, 1);
    const uint32_t m = c->y->dims[c->y->rank - 2], n = c->y->dims[c->y->rank - 1], inner = c->x->dims[c->x->rank - 1];
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const size_t matrix = i / n / m, row = i / n % m, column = i % n;
        const size_t of_b = b->rank == c->x->rank ? matrix * inner * n : 0;
        int64_t sum = 0;
        for (uint32_t k = 0; k < inner; k++)
            sum += (int64_t)(c->in[(matrix * m + row) * inner + k] - c->zero) *
                   (in_b[of_b + (c->p[MOTE_MATMUL_TRANSPOSED] ? column * inner + k : k * n + column)] -
                    b->quantization.zero_point);
        c->out[i] =
            ended(c->y, scaled(sum, c->p[MOTE_MATMUL_MULTIPLIER], c->p[MOTE_MATMUL_SHIFT]), &c->p[MOTE_MATMUL_LOW]);
    }
}

static void plain_extreme(const call *c)
{
    const mote_tensor *b = mote_op_input(c->r->g, c->op, 1);
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const int32_t v = c->in[repeated(c->y, c->x, i)], w = operand_of(c, 1)[repeated(c->y, b, i)];
        c->out[i] = (c->op->opcode == MOTE_OP_MINIMUM) == (v < w) ? v : w;
    }
}

static void plain_prelu(const call *c)
{
    const mote_tensor *slope = mote_op_input(c->r->g, c->op, 1);
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const int32_t v = c->in[i] - c->zero;
        const int32_t w = operand_of(c, 1)[i % mote_tensor_elements(slope)] - slope->quantization.zero_point;
        const int32_t *factor = &c->p[v < 0 ? MOTE_PRELU_NEGATIVE_MULTIPLIER : MOTE_PRELU_MULTIPLIER];
        c->out[i] = ended(c->y, scaled(v < 0 ? (int64_t)v * w : v, factor[0], factor[1]), &c->p[MOTE_PRELU_LOW]);
    }
}

static void plain_map(const call *c)
{
    const int32_t *table = operand_of(c, MOTE_MAP_TABLE);
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const double at = (c->in[i] + 32768) / 128.0;
        const int low = (int)at;
        const double rise = (table[low + 1] - table[low]) * (at - low);
        c->out[i] = (int32_t)(int16_t)(table[low] + (int32_t)floor(rise + 0.5));
    }
}

static void plain_gather(const call *c)
{
    const uint32_t axis = (uint32_t)c->p[MOTE_GATHER_AXIS], from = c->x->dims[axis], to = c->y->dims[axis];
    size_t inner = 1;
    for (int i = (int)axis + 1; i < c->x->rank; i++)
        inner *= c->x->dims[i];
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const size_t outer = i / inner / to, index = (size_t)operand_of(c, 1)[i / inner % to];
        c->out[i] = c->in[(outer * from + index) * inner + i % inner];
    }
}

static void plain_argmax(const call *c)
{
    const uint32_t length = c->x->dims[c->x->rank - 1];
    for (size_t row = 0; row < mote_tensor_elements(c->y); row++) {
        c->out[row] = 0;
        for (uint32_t i = 1; i < length; i++)
            if (c->in[row * length + i] >= c->in[row * length + (size_t)c->out[row]])
                c->out[row] = (int32_t)i;
    }
}

/* Half pixels for linear ones, i · from / to rounded down for nearest ones: those of `subjects`. */
static void plain_resize(const call *c)
{
    const int32_t h = (int32_t)c->x->dims[0], w = (int32_t)c->x->dims[1], channels = (int32_t)c->x->dims[2];
    const int32_t to_h = (int32_t)c->y->dims[0], to_w = (int32_t)c->y->dims[1];
    for (int32_t i = 0; i < to_h * to_w * channels; i++) {
        const int32_t r = i / channels / to_w, s = i / channels % to_w, k = i % channels;
        if (!c->p[MOTE_RESIZE_LINEAR]) {
            c->out[i] = c->in[(r * h / to_h * w + s * w / to_w) * channels + k];
            continue;
        }
        const int32_t step_r = (1024 * h + to_h / 2) / to_h, step_s = (1024 * w + to_w / 2) / to_w;
        const int32_t at_r = r * step_r + step_r / 2 - 512, at_s = s * step_s + step_s / 2 - 512;
        double sum = 0;
        const int32_t low_r = at_r < 0 ? 0 : at_r / 1024, low_s = at_s < 0 ? 0 : at_s / 1024;
        for (int corner = 0; corner < 4; corner++) {
            const int32_t down = corner / 2, right = corner % 2;
            const double weight_r = down ? at_r - 1024 * low_r : 1024 - (at_r - 1024 * low_r);
            const double weight_s = right ? at_s - 1024 * low_s : 1024 - (at_s - 1024 * low_s);
            const int32_t from_r = at_r < 0 ? 0 : low_r + down >= h ? h - 1 : low_r + down;
            const int32_t from_s = at_s < 0 ? 0 : low_s + right >= w ? w - 1 : low_s + right;
            sum += weight_r * weight_s * c->in[(from_r * w + from_s) * channels + k];
        }
        c->out[i] = (int32_t)(sum / (1 << 20) + (sum > 0 ? 0.5 : -0.5));
    }
}

static void plain_run(const call *c)
{
    switch (c->op->opcode) {
    case MOTE_OP_MATMUL:
        return plain_matmul(c);
    case MOTE_OP_MINIMUM:
    case MOTE_OP_MAXIMUM:
        return plain_extreme(c);
    case MOTE_OP_PRELU:
        return plain_prelu(c);
    case MOTE_OP_GATHER:
        return plain_gather(c);
    case MOTE_OP_ARGMAX:
        return plain_argmax(c);
    case MOTE_OP_RESIZE:
        return plain_resize(c);
    case MOTE_OP_MAP:
        return c->x->dtype == MOTE_I16 ? plain_map(c) : run_map(c);
    default:
        return run_call(c);
    }
}

/* --- tests --- */

static void widen_codes(reference *r, const mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const uint8_t *data = t->data;
        for (uint32_t k = 0; t->dtype == MOTE_I4 && k < t->dims[0] * t->dims[1]; k++) {
            const uint32_t row = k / t->dims[1], column = k % t->dims[1],
                           stride = (uint32_t)mote_tensor_size(t) / t->dims[0];
            const uint8_t both = data[row * stride + column / 32 * 16 + column % 16];
            r->values[i][k] = (column % 32 < 16 ? both & 15 : both >> 4) - 8;
        }
    }
}

static void compare(const subject *s, uint32_t seed)
{
    mote_random random = {seed};
    mote_graph g;
    device d;
    reference r;
    assert_true(build(&g, s, &random));
    if (!start(&d, &g))
        fail_msg("%s is refused", mote_operator_of(s->opcode)->name);
    fill_inputs(&d, &random);
    reference_begin(&r, &g);
    widen_codes(&r, &g);
    const mote_op *op = &g.ops[0];
    for (int i = 0, k = 0; i < op->input_count; i++) {
        const int tensor = op->inputs[i];
        if (tensor < 0 || g.tensors[tensor].role != MOTE_INPUT)
            continue;
        const mote_value v = mote_input(&d.session, (uint32_t)k++);
        for (size_t e = 0; e < mote_tensor_elements(&g.tensors[tensor]); e++)
            r.values[tensor][e] = stored_at(&g.tensors[tensor], v.data, e);
    }
    const mote_tensor *x = mote_op_input(&g, op, 0), *y = mote_op_output(&g, op, 0);
    plain_run(&(call){.r = &r,
                      .op = op,
                      .x = x,
                      .y = y,
                      .in = r.values[op->inputs[0]],
                      .p = op->params,
                      .out = r.values[op->outputs[0]],
                      .zero = x->quantization.zero_point});
    mote_run(&d.session);
    const mote_value out = mote_output(&d.session, 0);
    for (size_t e = 0; e < mote_tensor_elements(y); e++) {
        const int32_t got = stored_at(y, out.data, e);
        if (got != r.values[op->outputs[0]][e])
            fail_msg("%s %td, seed %u, value %zu: %d, not %d", mote_operator_of(s->opcode)->name, s - subjects, seed, e,
                     got, r.values[op->outputs[0]][e]);
    }
    reference_end(&r);
    stop(&d);
    mote_graph_free(&g);
}

static void test_equal(void **state)
{
    (void)state;
    for (int i = 0; i < SUBJECTS; i++)
        for (uint32_t seed = 1; seed <= 40; seed++)
            compare(&subjects[i], seed);
}

/* Opens it, and runs it if it opens. */
static bool accepts(const subject *s)
{
    mote_random random = {1};
    mote_graph g;
    device d = {0};
    const bool done = build(&g, s, &random) && start(&d, &g);
    if (done) {
        fill_inputs(&d, &random);
        mote_run(&d.session);
    }
    stop(&d);
    mote_graph_free(&g);
    return done;
}

static const int32_t extremes[] = {INT32_MIN, INT32_MIN + 1,
                                   -65536,    -32769,
                                   -32768,    -129,
                                   -128,      -2,
                                   -1,        0,
                                   1,         2,
                                   3,         4,
                                   5,         7,
                                   31,        32,
                                   127,       128,
                                   255,       256,
                                   32767,     32768,
                                   65535,     65536,
                                   1 << 20,   1 << 30,
                                   INT32_MAX};

enum { EXTREMES = sizeof extremes / sizeof *extremes };

static void test_params(void **state)
{
    int accepted = 0, refused = 0;
    (void)state;
    for (int i = 0; i < SUBJECTS; i++)
        for (int k = 0; k < mote_operator_of(subjects[i].opcode)->param_count; k++)
            for (int e = 0; e < EXTREMES; e++) {
                subject s = subjects[i];
                s.params[k] = extremes[e];
                *(accepts(&s) ? &accepted : &refused) += 1;
            }
    assert_true(accepted > 1000 && refused > 1000);
}

static void mutate_operand(subject *s, operand *o)
{
    static const mote_dtype types[] = {MOTE_I8,  MOTE_U8, MOTE_I16, MOTE_I32,
                                       MOTE_U16, MOTE_I4, MOTE_F32, MOTE_TERNARY2};
    const operand kept = *o;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++, *o = kept) {
        o->dtype = types[t];
        accepts(s);
    }
    for (int e = 0; e < EXTREMES; e++, *o = kept) {
        o->zero = extremes[e];
        accepts(s);
    }
    for (int k = 0; k < kept.rank; k++)
        for (uint32_t size = 1; size < 20; size++, *o = kept) {
            o->dims[k] = size;
            accepts(s);
        }
    for (int rank = 1; rank <= MOTE_RANK; rank++, *o = kept) {
        for (int k = kept.rank; k < rank; k++)
            o->dims[k] = 1;
        o->rank = rank;
        accepts(s);
    }
}

static void test_operands(void **state)
{
    (void)state;
    for (int i = 0; i < SUBJECTS; i++) {
        subject s = subjects[i];
        for (int k = 0; k < OPERANDS; k++)
            if (s.in[k].rank)
                mutate_operand(&s, &s.in[k]);
        mutate_operand(&s, &s.out);
    }
}

/* Two changes at once, at random. */
static void test_pairs(void **state)
{
    mote_random random = {5};
    (void)state;
    for (int n = 0; n < 20000; n++) {
        subject s = subjects[mote_random_bits(&random) % SUBJECTS];
        const int params = mote_operator_of(s.opcode)->param_count;
        for (int k = 0; k < 2; k++) {
            operand *o = mote_random_bits(&random) % 2 ? &s.out : &s.in[0];
            if (params && mote_random_bits(&random) % 2)
                s.params[mote_random_bits(&random) % (uint32_t)params] = extremes[mote_random_bits(&random) % EXTREMES];
            else
                o->dims[mote_random_bits(&random) % (uint32_t)o->rank] = 1 + (uint32_t)(mote_random_bits(&random) % 12);
        }
        accepts(&s);
    }
}

static void refuses(const subject *of, int param, int32_t value)
{
    subject s = *of;
    s.params[param] = value;
    if (accepts(&s))
        fail_msg("%s with parameter %d as %d is accepted", mote_operator_of(s.opcode)->name, param, value);
}

static const subject *first(mote_opcode opcode)
{
    for (int i = 0; i < SUBJECTS; i++)
        if (subjects[i].opcode == opcode)
            return &subjects[i];
    fail_msg("no subject of operator %d", (int)opcode);
    return NULL;
}

static void test_refused(void **state)
{
    (void)state;
    refuses(first(MOTE_OP_PAD), MOTE_PAD_VALUE, 128);
    refuses(first(MOTE_OP_CONV), MOTE_CONV_PARTS, 0);
    refuses(first(MOTE_OP_CONV), MOTE_CONV_HIGH, 128);
    refuses(first(MOTE_OP_CONV), MOTE_CONV_ROUNDING, 2);
    refuses(first(MOTE_OP_CONV), MOTE_CONV_TOP, -1);
    refuses(first(MOTE_OP_TRANSPOSE), MOTE_TRANSPOSE_FROM0, 1);
    refuses(first(MOTE_OP_SOFTMAX), MOTE_SOFTMAX_LOGARITHM, 1);
    subject one = {MOTE_OP_SLICE,
                   {X(I8, 0, 1, 5)},
                   Y(I8, 0, 1, 1),
                   {[MOTE_SLICE_BEGIN0] = 2, [MOTE_SLICE_STEP0] = 5, [MOTE_SLICE_SIZE0] = 1}};
    assert_true(accepts(&one));
    refuses(&one, MOTE_SLICE_STEP0, 1 << 30);
}

/* An operator in place on a value of another width would overwrite what it has still to read. */
static void test_in_place(void **state)
{
    static const subject s = {MOTE_OP_SCALED_ADD,
                              {X(I16, 0, 1, 8), X(I8, 0, 2, 2, 8)},
                              Y(I8, 0, 2, 2, 8),
                              {[MOTE_SCALED_ADD_LEFT] = 4,
                               FACTOR(SCALED_ADD_A, 1 << 30, 0),
                               FACTOR(SCALED_ADD_B, 1 << 30, 0),
                               FACTOR(SCALED_ADD_Y, 1 << 30, 0),
                               ENDING(SCALED_ADD, -128, 127)}};
    mote_random random = {1};
    mote_graph g;
    device d;
    (void)state;
    assert_true(build(&g, &s, &random));
    mote_tensor *a = &g.tensors[g.ops[0].inputs[0]], *b = &g.tensors[g.ops[0].inputs[1]];
    mote_tensor *y = &g.tensors[g.ops[0].outputs[0]];
    a->offset = 0, b->offset = 16, y->offset = 32, g.arena_size = 48;
    assert_true(start(&d, &g));
    stop(&d);
    y->offset = 16, g.arena_size = 32; /* in the place of b */
    assert_true(start(&d, &g));
    stop(&d);
    y->offset = 0;
    assert_false(start(&d, &g));
    stop(&d);
    mote_graph_free(&g);
}

/* What mote_open says of a network of one operator whose first input has another size or type. */
static mote_status status_of(const subject *s, uint32_t size, mote_dtype type)
{
    mote_random random = {1};
    mote_error error;
    mote_graph g;
    mote_model m;
    mote_bytes file = {0};
    assert_true(build(&g, s, &random));
    mote_tensor *x = &g.tensors[g.ops[0].inputs[0]], *y = &g.tensors[g.ops[0].outputs[0]];
    x->dtype = type, x->dims[0] = size, x->offset = 16;
    y->offset = 0, g.arena_size = 16 + (((uint32_t)mote_tensor_size(x) + 15) & ~15u);
    assert_true(mote_graph_encode(&g, &file, &error));
    const mote_status status = mote_open(&m, file.data, file.size);
    free(file.data);
    mote_graph_free(&g);
    return status;
}

/* Values are i32, i16, i8, u16 or u8 at the ends of a network, and at most 2^31 - 16 bytes. */
static void test_ends(void **state)
{
    static const subject s = {
        MOTE_OP_SLICE, {X(I8, 0, 1, 5)}, Y(I8, 0, 1, 1), {[MOTE_SLICE_STEP0] = 1, [MOTE_SLICE_SIZE0] = 1}};
    (void)state;
    for (mote_dtype type = 0; type < MOTE_DTYPE_COUNT; type++) {
        const bool is_end =
            type == MOTE_I32 || type == MOTE_I16 || type == MOTE_I8 || type == MOTE_U16 || type == MOTE_U8;
        const mote_status of_type = is_end ? MOTE_BAD_OPERATOR : MOTE_BAD_TABLE; /* a slice keeps the type */
        assert_int_equal(status_of(&s, 5, type), type == MOTE_I8 ? MOTE_SUCCESS : of_type);
    }
    assert_int_equal(status_of(&s, 0x7ffffff0, MOTE_I8), MOTE_SUCCESS);
    assert_int_equal(status_of(&s, 0x7ffffff1, MOTE_I8), MOTE_BAD_TABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal), cmocka_unit_test(test_params),  cmocka_unit_test(test_operands),
        cmocka_unit_test(test_pairs), cmocka_unit_test(test_refused), cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
