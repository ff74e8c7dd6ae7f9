/* Runs packed graphs of operators with zero points as docs/SPEC.md defines them: one loop per operator, no kernels. */
#ifndef MOTE_TESTS_PACKED_REFERENCE_H
#define MOTE_TESTS_PACKED_REFERENCE_H

#include <stdlib.h>

#include "compiler/graph/window.h"
#include "import_files.h"

/* The values of every tensor, widened; NULL for constants of other types and for tensors that nothing made yet. */
typedef struct reference {
    const mote_graph *g;
    int32_t **values;
} reference;

static inline int32_t stored_at(const mote_tensor *t, const void *data, size_t i)
{
    switch (t->dtype) {
    case MOTE_I8:
        return ((const int8_t *)data)[i];
    case MOTE_U8:
        return ((const uint8_t *)data)[i];
    case MOTE_I16:
        return ((const int16_t *)data)[i];
    case MOTE_U16:
        return ((const uint16_t *)data)[i];
    default:
        return ((const int32_t *)data)[i];
    }
}

static inline void store_at(const mote_tensor *t, void *data, size_t i, int32_t value)
{
    if (t->dtype == MOTE_I8 || t->dtype == MOTE_U8)
        ((uint8_t *)data)[i] = (uint8_t)value;
    else if (t->dtype == MOTE_I16)
        ((int16_t *)data)[i] = (int16_t)value;
    else
        ((int32_t *)data)[i] = value;
}

static inline int32_t saturated(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

/* a·b/2^31, rounded. */
static inline int32_t high(int32_t a, int32_t b)
{
    const int64_t p = (int64_t)a * b;
    return saturated((p + (p >= 0 ? 1 << 30 : 1 - (1 << 30))) / ((int64_t)1 << 31));
}

/* v/2^e, rounded, halves away from zero. */
static inline int32_t halved(int32_t v, int e)
{
    const int64_t half = e ? (int64_t)1 << (e - 1) : 0, magnitude = ((v < 0 ? -(int64_t)v : v) + half) >> e;
    return (int32_t)(v < 0 ? -magnitude : magnitude);
}

static inline int32_t scaled(int64_t v, int32_t m, int s)
{
    return halved(high((int32_t)(uint32_t)((uint64_t)v << (s > 0 ? s : 0)), m), s < 0 ? -s : 0);
}

static inline int32_t scaled_wide(int64_t v, int32_t m, int s)
{
    const int32_t reduced = m < 0x7fff0000 ? (m + (1 << 15)) >> 16 : 0x7fff;
    return (int32_t)((v * reduced + ((int64_t)1 << (14 - s))) >> (15 - s));
}

static inline int32_t ended(const mote_tensor *y, int64_t v, const int32_t *limits)
{
    v += y->quantization.zero_point;
    return (int32_t)(v < limits[0] ? limits[0] : v > limits[1] ? limits[1] : v);
}

typedef struct call {
    const reference *r;
    const mote_op *op;
    const mote_tensor *x, *y; /* the first input, the result */
    const int32_t *in, *p;
    int32_t *out;
    int32_t zero;
} call;

static inline const int32_t *operand_of(const call *c, int input)
{
    return c->op->inputs[input] < 0 ? NULL : c->r->values[c->op->inputs[input]];
}

static inline void run_conv(const call *c)
{
    const mote_window w = mote_window_from(c->op, MOTE_CONV_KERNEL_HEIGHT, c->x, c->y);
    const int32_t *weights = operand_of(c, MOTE_CONV_WEIGHTS), *bias = operand_of(c, MOTE_CONV_BIAS);
    const int32_t *m = operand_of(c, MOTE_CONV_MULTIPLIER), *s = operand_of(c, MOTE_CONV_SHIFTS);
    const int64_t outputs = c->y->dims[2], channels = c->x->dims[2], parts = c->p[MOTE_CONV_PARTS];
    const int64_t each = channels / parts;
    for (int64_t at = 0; at < w.y.positions * w.x.positions * outputs; at++) {
        const int64_t n = at % outputs, column = at / outputs % w.x.positions, row = at / outputs / w.x.positions;
        const int64_t part = n * parts / outputs;
        int64_t sum = bias ? bias[n] : 0;
        for (int64_t k = 0; k < w.y.kernel * w.x.kernel * each; k++) {
            const int64_t j = k / each % w.x.kernel, i = k / each / w.x.kernel;
            const int64_t from_row = row * w.y.stride + i * w.y.dilation - w.y.before;
            const int64_t from_column = column * w.x.stride + j * w.x.dilation - w.x.before;
            const bool inside = from_row >= 0 && from_row < w.y.size && from_column >= 0 && from_column < w.x.size;
            const int64_t from = (from_row * w.x.size + from_column) * channels + part * each + k % each;
            sum += weights[n * w.y.kernel * w.x.kernel * each + k] * (int64_t)(inside ? c->in[from] : c->zero);
        }
        c->out[at] =
            ended(c->y, (c->x->dtype == MOTE_I16 ? scaled_wide : scaled)(sum, m[n], s[n]), &c->p[MOTE_CONV_LOW]);
    }
}

static inline void run_conv_transpose(const call *c)
{
    const mote_window w = mote_window_from(c->op, MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT, c->y, c->x);
    const int32_t *weights = operand_of(c, MOTE_CONV_WEIGHTS), *bias = operand_of(c, MOTE_CONV_BIAS);
    const int32_t *m = operand_of(c, MOTE_CONV_MULTIPLIER), *s = operand_of(c, MOTE_CONV_SHIFTS);
    const int64_t outputs = c->y->dims[2], channels = c->x->dims[2], taps = w.y.kernel * w.x.kernel;
    for (int64_t at = 0; at < w.y.size * w.x.size * outputs; at++) {
        const int64_t n = at % outputs, column = at / outputs % w.x.size, row = at / outputs / w.x.size;
        int64_t sum = bias ? bias[n] : 0;
        for (int64_t k = 0; k < taps * channels; k++) {
            const int64_t j = k / channels % w.x.kernel, i = k / channels / w.x.kernel;
            const int64_t r = row + w.y.before - i * w.y.dilation, q = column + w.x.before - j * w.x.dilation;
            if (r < 0 || q < 0 || r % w.y.stride || q % w.x.stride || r / w.y.stride >= w.y.positions ||
                q / w.x.stride >= w.x.positions)
                continue;
            const int64_t from = (r / w.y.stride * w.x.positions + q / w.x.stride) * channels + k % channels;
            sum += weights[n * taps * channels + k] * (int64_t)(c->in[from] - c->zero);
        }
        c->out[at] = ended(c->y, (c->x->dtype == MOTE_I16 ? scaled_wide : scaled)(sum, m[n], s[n]),
                           &c->p[MOTE_CONV_TRANSPOSE_LOW]);
    }
}

static inline void run_pool(const call *c)
{
    const bool average = c->op->opcode == MOTE_OP_AVERAGE_POOL;
    const mote_window w = mote_window_from(c->op, 0, c->x, c->y);
    const int32_t *limits = &c->p[average ? MOTE_AVERAGE_POOL_LOW : MOTE_MAX_POOL_LOW];
    const int64_t channels = c->x->dims[2];
    for (int64_t at = 0; at < w.y.positions * w.x.positions * channels; at++) {
        const mote_taps rows = mote_window_taps(&w.y, at / channels / w.x.positions);
        const mote_taps columns = mote_window_taps(&w.x, at / channels % w.x.positions);
        int64_t sum = 0, most = INT32_MIN, count = 0;
        for (int64_t i = rows.first; i < rows.end; i++)
            for (int64_t j = columns.first; j < columns.end; j++, count++) {
                const int32_t v = c->in[((rows.start + i) * w.x.size + columns.start + j) * channels + at % channels];
                sum += v;
                most = v > most ? v : most;
            }
        const int64_t v = !average ? most : (sum + (sum > 0 ? count / 2 : -(count / 2))) / count;
        c->out[at] = (int32_t)(v < limits[0] ? limits[0] : v > limits[1] ? limits[1] : v);
    }
}

/* Returns the index of a tensor's element that the element `at` of y reads, dimensions of 1 being repeated. */
static inline size_t repeated(const mote_tensor *y, const mote_tensor *t, size_t at)
{
    size_t index = 0, stride = 1;
    for (int i = 1; i <= y->rank; i++) {
        const uint32_t size = i <= t->rank ? t->dims[t->rank - i] : 1;
        index += (size > 1 ? at % y->dims[y->rank - i] : 0) * stride;
        at /= y->dims[y->rank - i];
        stride *= size;
    }
    return index;
}

static inline void run_binary(const call *c)
{
    const mote_tensor *b = mote_op_input(c->r->g, c->op, 1);
    const int32_t *p = c->p, *in_b = operand_of(c, 1);
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const int32_t v = c->in[repeated(c->y, c->x, i)] - c->zero;
        const int32_t w = in_b[repeated(c->y, b, i)] - b->quantization.zero_point;
        if (c->op->opcode == MOTE_OP_SCALED_MUL) {
            c->out[i] = ended(c->y, scaled((int64_t)v * w, p[MOTE_SCALED_MUL_MULTIPLIER], p[MOTE_SCALED_MUL_SHIFT]),
                              &p[MOTE_SCALED_MUL_LOW]);
            continue;
        }
        const int left = p[MOTE_SCALED_ADD_LEFT];
        const int32_t x = scaled((int64_t)v * (1 << left), p[MOTE_SCALED_ADD_A_MULTIPLIER], p[MOTE_SCALED_ADD_A_SHIFT]);
        const int32_t y = scaled((int64_t)w * (1 << left), p[MOTE_SCALED_ADD_B_MULTIPLIER], p[MOTE_SCALED_ADD_B_SHIFT]);
        c->out[i] = ended(c->y,
                          scaled((int64_t)x + (p[MOTE_SCALED_ADD_SUBTRACTS] ? -y : y), p[MOTE_SCALED_ADD_Y_MULTIPLIER],
                                 p[MOTE_SCALED_ADD_Y_SHIFT]),
                          &p[MOTE_SCALED_ADD_LOW]);
    }
}

static inline void run_rescale(const call *c)
{
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const int32_t v = c->in[i] - c->zero;
        const int32_t *factor = &c->p[v < 0 ? MOTE_RESCALE_NEGATIVE_MULTIPLIER : MOTE_RESCALE_MULTIPLIER];
        c->out[i] = ended(c->y, scaled(v, factor[0], factor[1]), &c->p[MOTE_RESCALE_LOW]);
    }
}

/* Fixed point: exp of a / 2^26 for a ≤ 0, in 1/2^31. */
static inline int32_t exp_of(int32_t a)
{
    static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = 1 << 24, part = (a & (quarter - 1)) - quarter, rest = part - a;
    const int32_t x = saturated((int64_t)part * 32) + (1 << 28), x2 = high(x, x), x3 = high(x2, x), x4 = high(x2, x2);
    const int32_t series = halved(high(halved(x4, 2) + x3, 715827883) + x2, 1);
    int32_t y = saturated((int64_t)1895147668 + high(1895147668, x + series));
    for (int i = 0; i < 7; i++)
        if (rest & (1 << (24 + i)))
            y = high(y, powers[i]);
    return a == 0 ? INT32_MAX : y;
}

/* Fixed point: 1/(1 + a) for 0 ≤ a < 1, both in 1/2^31. */
static inline int32_t reciprocal_of(int32_t a)
{
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + high(half, -1010580540);
    for (int i = 0; i < 3; i++)
        x += saturated((int64_t)high(x, (1 << 29) - high(half, x)) * 4);
    return saturated((int64_t)x * 2);
}

static inline void run_softmax(const call *c)
{
    const uint32_t length = c->x->dims[c->x->rank - 1];
    const int bits = c->y->dtype == MOTE_I8 ? 8 : 16;
    for (size_t row = 0; row < mote_tensor_elements(c->x); row += length) {
        int32_t most = c->in[row], sum = 0;
        for (uint32_t i = 0; i < length; i++)
            most = c->in[row + i] > most ? c->in[row + i] : most;
        for (uint32_t i = 0; i < length; i++) {
            const int32_t d = c->in[row + i] - most;
            if (d >= c->p[MOTE_SOFTMAX_LEAST])
                sum += halved(exp_of(scaled(d, c->p[MOTE_SOFTMAX_MULTIPLIER], c->p[MOTE_SOFTMAX_SHIFT])), 12);
        }
        const int zeros = __builtin_clz((unsigned)sum);
        const int32_t factor = reciprocal_of((int32_t)(((uint32_t)sum << zeros) - (1u << 31)));
        for (uint32_t i = 0; i < length; i++) {
            const int32_t d = c->in[row + i] - most, least = -(1 << (bits - 1));
            const int32_t e = exp_of(scaled(d, c->p[MOTE_SOFTMAX_MULTIPLIER], c->p[MOTE_SOFTMAX_SHIFT]));
            const int32_t v = halved(high(factor, e), 12 - zeros + 31 - bits) + least;
            c->out[row + i] = d < c->p[MOTE_SOFTMAX_LEAST] ? least : v > -least - 1 ? -least - 1 : v;
        }
    }
}

static inline void run_map(const call *c)
{
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++)
        c->out[i] = operand_of(c, MOTE_MAP_TABLE)[c->in[i] & 255];
}

static inline void run_reduce(const call *c)
{
    const int32_t kind = c->p[MOTE_REDUCE_KIND], axes = c->p[MOTE_REDUCE_AXES];
    int64_t count = 1;
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++)
        c->out[i] = kind == 2 ? INT32_MIN : kind == 3 ? INT32_MAX : 0;
    for (int i = 0; i < c->x->rank; i++)
        count *= axes >> i & 1 ? c->x->dims[i] : 1;
    for (size_t i = 0; i < mote_tensor_elements(c->x); i++) {
        size_t rest = i, to = 0, stride = 1;
        for (int k = c->x->rank - 1; k >= 0; k--) {
            to += axes >> k & 1 ? 0 : rest % c->x->dims[k] * stride;
            stride *= axes >> k & 1 ? 1 : c->x->dims[k];
            rest /= c->x->dims[k];
        }
        const int32_t v = c->in[i], old = c->out[to];
        c->out[to] = kind <= 1 ? old + v : (kind == 2 ? v > old : v < old) ? v : old;
    }
    for (size_t i = 0; i < mote_tensor_elements(c->y) && kind <= 1; i++)
        c->out[i] =
            ended(c->y, scaled(c->out[i] - count * c->zero, c->p[MOTE_REDUCE_MULTIPLIER], c->p[MOTE_REDUCE_SHIFT]),
                  &c->p[MOTE_REDUCE_LOW]);
}

/* PAD with values, TRANSPOSE, SLICE: where element `at` of y comes from; -1 for a padded one. */
static inline ptrdiff_t source_of(const call *c, size_t at)
{
    ptrdiff_t index[MOTE_RANK] = {0}, from[MOTE_RANK] = {0}, result = 0;
    for (int i = c->y->rank - 1; i >= 0; i--) {
        index[i] = (ptrdiff_t)(at % c->y->dims[i]);
        at /= c->y->dims[i];
    }
    for (int i = 0; i < c->x->rank; i++)
        switch (c->op->opcode) {
        case MOTE_OP_TRANSPOSE:
            from[c->p[i]] = index[i];
            break;
        case MOTE_OP_SLICE:
            from[i] = c->p[MOTE_SLICE_BEGIN0 + i] + index[i] * c->p[MOTE_SLICE_STEP0 + i];
            break;
        default:
            from[i] = index[i] - c->p[MOTE_PAD_BEFORE0 + i];
        }
    for (int i = 0; i < c->x->rank; i++) {
        if (from[i] < 0 || from[i] >= (ptrdiff_t)c->x->dims[i])
            return -1;
        result = result * (ptrdiff_t)c->x->dims[i] + from[i];
    }
    return result;
}

static inline void run_move(const call *c)
{
    for (size_t i = 0; i < mote_tensor_elements(c->y); i++) {
        const ptrdiff_t from = c->op->opcode == MOTE_OP_RESHAPE ? (ptrdiff_t)i : source_of(c, i);
        c->out[i] = from < 0 ? c->p[MOTE_PAD_VALUE] : c->in[from];
    }
}

static inline void run_concat(const call *c)
{
    const int axis = c->p[MOTE_CONCAT_AXIS];
    size_t inner = 1, outer = 1, at = 0;
    for (int i = 0; i < c->y->rank; i++)
        *(i < axis ? &outer : &inner) *= i == axis ? 1 : c->y->dims[i];
    for (size_t o = 0; o < outer; o++)
        for (int k = 0; k <= MOTE_CONCAT_X7 && c->op->inputs[k] >= 0; k++) {
            const size_t count = mote_op_input(c->r->g, c->op, k)->dims[axis] * inner;
            for (size_t i = 0; i < count; i++)
                c->out[at++] = operand_of(c, k)[o * count + i];
        }
}

static inline void run_call(const call *c)
{
    switch (c->op->opcode) {
    case MOTE_OP_CONV:
        return run_conv(c);
    case MOTE_OP_CONV_TRANSPOSE:
        return run_conv_transpose(c);
    case MOTE_OP_MAX_POOL:
    case MOTE_OP_AVERAGE_POOL:
        return run_pool(c);
    case MOTE_OP_SCALED_ADD:
    case MOTE_OP_SCALED_MUL:
        return run_binary(c);
    case MOTE_OP_RESCALE:
        return run_rescale(c);
    case MOTE_OP_SOFTMAX:
        return run_softmax(c);
    case MOTE_OP_MAP:
        return run_map(c);
    case MOTE_OP_REDUCE:
        return run_reduce(c);
    case MOTE_OP_RESHAPE:
    case MOTE_OP_TRANSPOSE:
    case MOTE_OP_SLICE:
    case MOTE_OP_PAD:
        return run_move(c);
    case MOTE_OP_CONCAT:
        return run_concat(c);
    default:
        fail_msg("the reference has no %s", mote_operator_of(c->op->opcode)->name);
    }
}

static inline void reference_begin(reference *r, const mote_graph *g)
{
    *r = (reference){.g = g, .values = calloc((size_t)g->tensor_count, sizeof *r->values)};
    assert_non_null(r->values);
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        r->values[i] = calloc(mote_tensor_elements(t), sizeof **r->values);
        assert_non_null(r->values[i]);
        for (size_t k = 0; t->data && t->dtype != MOTE_I4 && k < mote_tensor_elements(t); k++)
            r->values[i][k] = stored_at(t, t->data, k);
    }
}

static inline void reference_run(const reference *r)
{
    for (int o = 0; o < r->g->op_count; o++) {
        const mote_op *op = &r->g->ops[o];
        const mote_tensor *x = mote_op_input(r->g, op, 0);
        const call c = {.r = r,
                        .op = op,
                        .x = x,
                        .y = mote_op_output(r->g, op, 0),
                        .in = r->values[op->inputs[0]],
                        .p = op->params,
                        .out = r->values[op->outputs[0]],
                        .zero = x->quantization.zero_point};
        run_call(&c);
    }
}

static inline void reference_end(reference *r)
{
    for (int i = 0; i < r->g->tensor_count; i++)
        free(r->values[i]);
    free(r->values);
}

#endif
