/* The operators of ONNX. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/import/onnx_import.h"

static int32_t bits(float value)
{
    int32_t b;
    memcpy(&b, &value, sizeof b);
    return b;
}

static bool finish_like(mote_onnx_import *p, const mote_onnx_value *x, int tensor)
{
    return mote_onnx_finish(p, 0, tensor, x->rank, x->dims, x->order);
}

static int map(mote_onnx_import *p, int tensor, mote_function function, float alpha, float beta)
{
    const int32_t params[] = {(int32_t)function, bits(alpha), bits(beta)};
    return mote_onnx_make(p, MOTE_OP_MAP, 1, &tensor, params);
}

/* Returns input 0 if it is computed; NULL after a refusal. */
static const mote_onnx_value *computed(mote_onnx_import *p, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    if (x && !x->constant)
        return x;
    *done = x ? mote_onnx_refuse(p, "of a constant") : mote_onnx_fail(p, "lacks an input");
    return NULL;
}

/* Passes a value on, a constant too. */
static bool same(mote_onnx_import *p)
{
    const mote_onnx_value *from = mote_onnx_in(p, 0);
    mote_onnx_value *to = mote_onnx_find(p, p->node->outputs[0]);
    if (from && from->constant && to != from && to->tensor < 0 && !to->constant) {
        to->constant = from->constant;
        to->rank = from->rank;
        memcpy(to->dims, from->dims, sizeof to->dims);
        memcpy(to->order, from->order, sizeof to->order);
        return true;
    }
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    return x ? finish_like(p, x, x->tensor) : done;
}

typedef struct function {
    const char *name;
    mote_function function;
    float alpha, beta; /* if the node does not state them */
} function;

static const function functions[] = {
    {"Relu", MOTE_FUNCTION_RELU, 0, 0},
    {"LeakyRelu", MOTE_FUNCTION_LEAKY_RELU, 0.01f, 0},
    {"Sigmoid", MOTE_FUNCTION_SIGMOID, 0, 0},
    {"Tanh", MOTE_FUNCTION_TANH, 0, 0},
    {"HardSigmoid", MOTE_FUNCTION_HARD_SIGMOID, 0.2f, 0.5f},
    {"HardSwish", MOTE_FUNCTION_HARD_SWISH, 0, 0},
    {"Elu", MOTE_FUNCTION_ELU, 1, 0},
    {"Exp", MOTE_FUNCTION_EXP, 0, 0},
    {"Log", MOTE_FUNCTION_LOG, 0, 0},
    {"Sqrt", MOTE_FUNCTION_SQRT, 0, 0},
    {"Abs", MOTE_FUNCTION_ABS, 0, 0},
    {"Neg", MOTE_FUNCTION_NEG, 0, 0},
    {"Erf", MOTE_FUNCTION_ERF, 0, 0},
    {"Reciprocal", MOTE_FUNCTION_RECIPROCAL, 0, 0},
    {"Softplus", MOTE_FUNCTION_SOFTPLUS, 0, 0},
    {"Sign", MOTE_FUNCTION_SIGN, 0, 0},
    {"Floor", MOTE_FUNCTION_FLOOR, 0, 0},
    {"Ceil", MOTE_FUNCTION_CEIL, 0, 0},
    {"Round", MOTE_FUNCTION_ROUND, 0, 0},
};

static bool unary(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    const function *f = functions;
    while (strcmp(f->name, p->node->operator_) != 0)
        f++;
    if (!x)
        return done;
    return finish_like(
        p, x, map(p, x->tensor, f->function, mote_onnx_real(p, "alpha", f->alpha), mote_onnx_real(p, "beta", f->beta)));
}

/* Reads the number in a constant of one element; false if input i is another thing. */
static bool number(const mote_onnx_import *p, size_t i, float *out)
{
    const mote_onnx_value *v = mote_onnx_in(p, i);
    uint64_t count = 1;
    for (int k = 0; v && k < v->rank; k++)
        count *= (uint64_t)v->dims[k];
    if (v && (!v->constant || count != 1))
        return false;
    if (v)
        *out = (float)mote_onnx_at(v->constant, 0);
    return true;
}

static bool clip(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    float low = mote_onnx_real(p, "min", -FLT_MAX), high = mote_onnx_real(p, "max", FLT_MAX);
    if (!x)
        return done;
    if (!number(p, 1, &low) || !number(p, 2, &high) || !isfinite(low) || !isfinite(high))
        return mote_onnx_refuse(p, "limits that are no constants");
    return finish_like(p, x, map(p, x->tensor, MOTE_FUNCTION_CLIP, low, high));
}

/* Makes a number the result of the node. */
static bool fold(mote_onnx_import *p, float value)
{
    mote_onnx_value *to = mote_onnx_find(p, p->node->outputs[0]);
    mote_onnx_number *n = malloc(sizeof *n);
    if (to->constant || to->tensor >= 0 || !n) {
        free(n);
        return mote_onnx_fail(p, "makes a value that exists already, or there is no memory");
    }
    *n = (mote_onnx_number){.tensor = MOTE_ONNX__TENSOR__INIT, .value = value, .next = p->numbers};
    n->tensor.type = MOTE_ONNX_F32;
    n->tensor.n_floats = 1;
    n->tensor.floats = &n->value;
    p->numbers = n;
    to->constant = &n->tensor;
    to->rank = 0;
    return true;
}

static bool power(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *base = mote_onnx_in(p, 0);
    float x0 = 0, x1 = 0;
    if (base && base->constant && mote_onnx_in(p, 1) && base->rank == 0 && mote_onnx_in(p, 1)->rank == 0 &&
        number(p, 0, &x0) && number(p, 1, &x1))
        return fold(p, powf(x0, x1));
    const mote_onnx_value *x = computed(p, &done);
    float exponent = 0;
    if (!x)
        return done;
    if (!number(p, 1, &exponent) || (exponent != 2 && exponent != 0.5f))
        return mote_onnx_refuse(p, "an exponent other than 2 and 0.5");
    return finish_like(p, x, map(p, x->tensor, exponent == 2 ? MOTE_FUNCTION_SQUARE : MOTE_FUNCTION_SQRT, 0, 0));
}

static const struct {
    const char *name;
    mote_opcode opcode;
} binaries[] = {{"Add", MOTE_OP_ADD}, {"Sub", MOTE_OP_SUB},     {"Mul", MOTE_OP_MUL},
                {"Div", MOTE_OP_DIV}, {"Min", MOTE_OP_MINIMUM}, {"Max", MOTE_OP_MAXIMUM}};

/* Views a value as one of more dimensions, the first of 1. */
static mote_onnx_value widened(const mote_onnx_value *v, int rank)
{
    mote_onnx_value w = *v;
    const int added = rank - v->rank;
    for (int i = 0; i < rank; i++) {
        w.dims[i] = i < added ? 1 : v->dims[i - added];
        w.order[i] = i < added ? i : v->order[i - added] + added;
    }
    w.rank = rank;
    return w;
}

/* Both operands are taken in the order of the one with more dimensions. */
static bool binary(mote_onnx_import *p)
{
    const mote_onnx_value *a = mote_onnx_in(p, 0), *b = mote_onnx_in(p, 1);
    size_t k = 0;
    while (strcmp(binaries[k].name, p->node->operator_) != 0)
        k++;
    if (p->node->n_inputs != 2 || !a || !b || (a->constant && b->constant))
        return mote_onnx_refuse(p, "of other than two values, or of constants");
    const int rank = a->rank > b->rank ? a->rank : b->rank;
    const mote_onnx_value x = widened(a, rank), y = widened(b, rank);
    const mote_onnx_value *main = a->constant || (!b->constant && b->rank > a->rank) ? &y : &x;
    int64_t dims[MOTE_ONNX_RANK];
    for (int i = 0; i < rank; i++) {
        dims[i] = x.dims[i] == 1 ? y.dims[i] : x.dims[i];
        if (x.dims[i] != y.dims[i] && x.dims[i] != 1 && y.dims[i] != 1)
            return mote_onnx_fail(p, "has operands whose shapes do not match");
    }
    const int inputs[] = {mote_onnx_ordered(p, &x, main->order), mote_onnx_ordered(p, &y, main->order)};
    const int32_t none[MOTE_RANK] = {0};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, binaries[k].opcode, 2, inputs, none), rank, dims, main->order);
}

/* A window of one or two dimensions: [0] is the height, 1 for sequences. */
typedef struct window {
    int spatial;
    int64_t kernel[2], stride[2], dilation[2], before[2], after[2];
} window;

static bool read_pair(const mote_onnx_import *p, const char *name, int spatial, int64_t out[2])
{
    int64_t given[2];
    const int count = mote_onnx_attribute(p, name) ? mote_onnx_ints(p, name, 0, given, 2) : 0;
    out[0] = out[1] = 1;
    for (int i = 0; i < count && count == spatial; i++)
        out[2 - spatial + i] = given[i];
    return (count == 0 || count == spatial) && out[0] > 0 && out[1] > 0 && out[0] < 65536 && out[1] < 65536;
}

static bool read_window(const mote_onnx_import *p, const mote_onnx_value *x, const int64_t *kernel, window *w)
{
    int64_t pads[4] = {0};
    const int count = mote_onnx_attribute(p, "pads") ? mote_onnx_ints(p, "pads", 0, pads, 4) : 2 * w->spatial;
    const bool lower = mote_onnx_text_is(p, "auto_pad", "SAME_LOWER", false);
    const bool equal = lower || mote_onnx_text_is(p, "auto_pad", "SAME_UPPER", false);
    if (count != 2 * w->spatial || !read_pair(p, "strides", w->spatial, w->stride) ||
        !read_pair(p, "dilations", w->spatial, w->dilation))
        return false;
    for (int i = 0; i < 2; i++) {
        const int from = i - 2 + w->spatial;
        const int64_t size = from < 0 ? 1 : x->dims[2 + from];
        w->kernel[i] = from < 0 ? 1 : kernel[from];
        w->before[i] = from < 0 ? 0 : pads[from];
        w->after[i] = from < 0 ? 0 : pads[from + w->spatial];
        if (w->kernel[i] < 1 || w->kernel[i] > 65535 || w->before[i] < 0 || w->after[i] < 0 || w->before[i] > 65535 ||
            w->after[i] > 65535)
            return false;
        const int64_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
        const int64_t steps = (size + w->stride[i] - 1) / w->stride[i] - 1;
        const int64_t all = steps * w->stride[i] + reach > size ? steps * w->stride[i] + reach - size : 0;
        if (equal) {
            w->before[i] = lower ? all - all / 2 : all / 2;
            w->after[i] = all - w->before[i];
        }
        if (mote_onnx_int(p, "ceil_mode", 0)) { /* padded to a whole number of steps that begin inside */
            const int64_t rest = (size + w->before[i] + w->after[i] - reach) % w->stride[i];
            w->after[i] += rest > 0 ? w->stride[i] - rest : 0;
        }
    }
    return true;
}

static void put_window(const window *w, int32_t *to)
{
    const int64_t values[] = {w->kernel[0],   w->kernel[1], w->stride[0], w->stride[1], w->dilation[0],
                              w->dilation[1], w->before[0], w->before[1], w->after[0],  w->after[1]};
    for (int i = 0; i < 10; i++)
        to[i] = (int32_t)values[i];
}

/* Channels last, as the operators of images need them. */
static const int channels_last[5][4] = {{0}, {0}, {0}, {0, 2, 1}, {0, 2, 3, 1}};

static int image(mote_onnx_import *p, const mote_onnx_value *x)
{
    const uint32_t dims[] = {x->rank == 4 ? (uint32_t)x->dims[2] : 1, (uint32_t)x->dims[x->rank - 1],
                             (uint32_t)x->dims[1]};
    return mote_onnx_view(p, mote_onnx_ordered(p, x, channels_last[x->rank]), 3, dims);
}

/* Makes an image [h, w, c] the result. */
static bool finish_image(mote_onnx_import *p, const mote_onnx_value *x, int tensor)
{
    if (tensor < 0)
        return false;
    const uint32_t *from = p->g->tensors[tensor].dims;
    const int64_t dims[] = {1, from[2], x->rank == 4 ? from[0] : from[1], from[1]};
    return mote_onnx_finish(p, 0, tensor, x->rank, dims, channels_last[x->rank]);
}

static bool is_image(const mote_onnx_value *x)
{
    return (x->rank == 3 || x->rank == 4) && x->dims[0] == 1;
}

/* Adds the weights [out, kh·kw·c]; the file has [out, c, kh, kw]. */
static int conv_weights(mote_onnx_import *p, const mote_onnx_value *v)
{
    const int64_t c = v->dims[1], area = v->dims[2] * (v->rank == 4 ? v->dims[3] : 1);
    const uint32_t dims[] = {(uint32_t)v->dims[0], (uint32_t)(c * area)};
    const int tensor = mote_onnx_constant(p, 2, dims);
    float *to = tensor < 0 ? NULL : p->g->tensors[tensor].data;
    for (int64_t o = 0; to && o < v->dims[0]; o++)
        for (int64_t k = 0; k < c; k++)
            for (int64_t i = 0; i < area; i++)
                to[(o * area + i) * c + k] = (float)mote_onnx_at(v->constant, (size_t)((o * c + k) * area + i));
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

/* Adds a vector of `count` values of input i, of zeros if it is absent. */
static int vector(mote_onnx_import *p, size_t i, int64_t count)
{
    const mote_onnx_value *v = mote_onnx_in(p, i);
    const uint32_t dims[] = {(uint32_t)count};
    if (v && (!v->constant || v->rank != 1 || v->dims[0] != count)) {
        mote_onnx_fail(p, "has a vector that is no constant, or of another length");
        return -1;
    }
    const int tensor = mote_onnx_constant(p, 1, dims);
    for (int64_t k = 0; v && tensor >= 0 && k < count; k++)
        ((float *)p->g->tensors[tensor].data)[k] = (float)mote_onnx_at(v->constant, (size_t)k);
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

static bool conv(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done), *w = mote_onnx_in(p, 1);
    const int64_t parts = mote_onnx_int(p, "group", 1);
    int32_t params[32] = {0};
    if (!x)
        return done;
    window win = {.spatial = x->rank - 2};
    if (!is_image(x) || !w || !w->constant || w->rank != x->rank)
        return mote_onnx_refuse(p, "of no picture, a batch, or computed weights");
    if (!read_window(p, x, w->dims + 2, &win) || parts < 1 || parts > x->dims[1] || w->dims[0] < 1 ||
        w->dims[1] * parts != x->dims[1])
        return mote_onnx_fail(p, "has attributes or weights that do not match");
    put_window(&win, &params[MOTE_CONV_KERNEL_HEIGHT]);
    params[MOTE_CONV_PARTS] = (int32_t)parts;
    const int in = image(p, x), weights = in < 0 ? -1 : conv_weights(p, w);
    const int inputs[] = {in, weights, weights < 0 ? -1 : vector(p, 2, w->dims[0])};
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_CONV, 3, inputs, params));
}

static bool pool(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    const bool largest = strcmp(p->node->operator_, "MaxPool") == 0;
    int64_t kernel[2];
    int32_t params[32] = {0};
    if (!x)
        return done;
    window win = {.spatial = x->rank - 2};
    if (!is_image(x) || p->node->n_outputs != 1 || !mote_onnx_attribute(p, "kernel_shape"))
        return mote_onnx_refuse(p, "of no picture, of a batch, or with indices");
    if (mote_onnx_ints(p, "kernel_shape", 0, kernel, 2) != win.spatial || !read_window(p, x, kernel, &win))
        return mote_onnx_fail(p, "has attributes that do not match");
    put_window(&win, &params[largest ? MOTE_MAX_POOL_KERNEL_HEIGHT : MOTE_AVERAGE_POOL_KERNEL_HEIGHT]);
    if (!largest && mote_onnx_int(p, "count_include_pad", 0)) {
        if (mote_onnx_int(p, "ceil_mode", 0))
            return mote_onnx_refuse(p, "ceil_mode with count_include_pad");
        params[MOTE_AVERAGE_POOL_COUNTS_PADDING] = 1;
    }
    const int in = image(p, x);
    return finish_image(p, x, mote_onnx_make(p, largest ? MOTE_OP_MAX_POOL : MOTE_OP_AVERAGE_POOL, 1, &in, params));
}

/* Reduces axes of the file whose bits are set. */
static bool reduce_axes(mote_onnx_import *p, const mote_onnx_value *x, int kind, unsigned axes, bool keep)
{
    int64_t dims[MOTE_ONNX_RANK];
    int rank = 0;
    int32_t params[32] = {kind, 0};
    const int plain[MOTE_ONNX_RANK] = {0, 1, 2, 3, 4, 5}, *order = keep ? x->order : plain;
    const int dropped = x->rank > 1 && x->dims[order[0]] == 1;
    for (int i = 0; i < x->rank; i++) {
        if (i >= dropped && axes >> order[i] & 1)
            params[MOTE_REDUCE_AXES] |= 1 << (i - dropped);
        if (keep || !(axes >> i & 1))
            dims[rank++] = axes >> i & 1 ? 1 : x->dims[i];
    }
    const int in = mote_onnx_ordered(p, x, order);
    if (in < 0)
        return false;
    const int y = params[MOTE_REDUCE_AXES] ? mote_onnx_make(p, MOTE_OP_REDUCE, 1, &in, params) : in;
    return mote_onnx_finish(p, 0, y, rank, dims, keep ? order : NULL);
}

static bool global_pool(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    if (!x)
        return done;
    const unsigned all = (1u << x->rank) - 1;
    return reduce_axes(p, x, strcmp(p->node->operator_, "GlobalMaxPool") == 0 ? 2 : 0, all & ~3u, true);
}

static bool reduce(mote_onnx_import *p)
{
    static const char *const kinds[] = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"};
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t given[MOTE_ONNX_RANK];
    unsigned axes = 0;
    int kind = 0;
    if (!x)
        return done;
    while (strcmp(kinds[kind], p->node->operator_) != 0)
        kind++;
    const bool stated = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 1);
    const int count = stated ? mote_onnx_ints(p, "axes", 1, given, MOTE_ONNX_RANK) : 0;
    for (int i = 0; i < count; i++) {
        if (!mote_onnx_axis(x, &given[i]))
            return mote_onnx_fail(p, "has an axis that its input lacks");
        axes |= 1u << given[i];
    }
    if (count < 0)
        return mote_onnx_refuse(p, "over axes that are no constants");
    if (count == 0 && !mote_onnx_int(p, "noop_with_empty_axes", 0))
        axes = (1u << x->rank) - 1;
    return reduce_axes(p, x, kind, axes, mote_onnx_int(p, "keepdims", 1));
}

/* Adds the weights [out, in] of a matrix [in, out], or [out, in] if it is transposed, times a factor. */
static int matrix(mote_onnx_import *p, const mote_onnx_value *v, bool transposed, float factor)
{
    const int64_t in = v->dims[transposed], out = v->dims[!transposed];
    const uint32_t dims[] = {(uint32_t)out, (uint32_t)in};
    const int tensor = mote_onnx_constant(p, 2, dims);
    float *to = tensor < 0 ? NULL : p->g->tensors[tensor].data;
    for (int64_t o = 0; to && o < out; o++)
        for (int64_t i = 0; i < in; i++)
            to[o * in + i] = factor * (float)mote_onnx_at(v->constant, (size_t)(transposed ? o * in + i : i * out + o));
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

static bool gemm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done), *w = mote_onnx_in(p, 1), *bias = mote_onnx_in(p, 2);
    const bool transposed = mote_onnx_int(p, "transB", 0);
    if (!x)
        return done;
    if (!w || !w->constant || w->rank != 2 || x->rank != 2 || mote_onnx_int(p, "transA", 0) ||
        (bias && (!bias->constant || bias->rank != 1 || bias->dims[0] != w->dims[!transposed] ||
                  mote_onnx_real(p, "beta", 1) != 1)))
        return mote_onnx_refuse(p, "other than x times a constant plus a vector");
    const int64_t dims[] = {x->dims[0], w->dims[!transposed]};
    const int in = mote_onnx_plain(p, x), weights = matrix(p, w, transposed, mote_onnx_real(p, "alpha", 1));
    const int inputs[] = {in, weights, weights < 0 ? -1 : vector(p, 2, dims[1])};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LINEAR, 3, inputs, NULL), 2, dims, NULL);
}

static bool matmul(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done), *w = mote_onnx_in(p, 1);
    int64_t dims[MOTE_ONNX_RANK];
    if (!x)
        return done;
    if (!w || x->rank < 1 || w->rank < 2 || (x->rank < 2 && w->rank != 2) ||
        (!(w->constant && w->rank == 2) && w->rank != x->rank))
        return mote_onnx_refuse(p, "of vectors, or with other leading dimensions");
    for (int i = 0; i < x->rank; i++)
        dims[i] = i == x->rank - 1 ? w->dims[w->rank - 1] : x->dims[i];
    if (w->constant && w->rank == 2) {
        const int inputs[] = {mote_onnx_plain(p, x), matrix(p, w, false, 1)};
        return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LINEAR, 2, inputs, NULL), x->rank, dims, NULL);
    }
    if (x->rank == 2 && (x->dims[0] == 1 || w->dims[0] == 1))
        return mote_onnx_refuse(p, "of two computed vectors");
    const int inputs[] = {mote_onnx_plain(p, x), mote_onnx_plain(p, w)};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_MATMUL, 2, inputs, NULL), x->rank, dims, NULL);
}

static bool softmax(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", p->opset < 13 ? 1 : -1);
    int order[MOTE_ONNX_RANK], used = 0;
    const int32_t params[32] = {strcmp(p->node->operator_, "LogSoftmax") == 0};
    if (!x)
        return done;
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    if (p->opset < 13 && axis != x->rank - 1) /* over all axes from this one on */
        return mote_onnx_refuse(p, "over several axes");
    for (int i = 0; i < x->rank; i++)
        if (x->order[i] != axis)
            order[used++] = x->order[i];
    order[used] = (int)axis;
    const int in = mote_onnx_ordered(p, x, order);
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_SOFTMAX, 1, &in, params), x->rank, x->dims, order);
}

/* Concatenates any number of tensors, eight at a time. */
static int concat_all(mote_onnx_import *p, const mote_onnx_value *x, const int32_t *params, bool whole)
{
    int inputs[8], count = 0;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        uint32_t dims[MOTE_RANK];
        inputs[count] = mote_onnx_ordered(p, v, x->order);
        for (int k = 0; k < v->rank; k++)
            dims[k] = (uint32_t)v->dims[x->order[k]];
        if (whole)
            inputs[count] = mote_onnx_view(p, inputs[count], v->rank, dims);
        if (inputs[count++] < 0)
            return -1;
        if (count == 8 && i + 1 < p->node->n_inputs) {
            inputs[0] = mote_onnx_make(p, MOTE_OP_CONCAT, count, inputs, params);
            count = 1;
        }
    }
    return count == 1 ? inputs[0] : mote_onnx_make(p, MOTE_OP_CONCAT, count, inputs, params);
}

static bool concat(mote_onnx_import *p)
{
    const mote_onnx_value *x = NULL;
    int64_t axis = mote_onnx_int(p, "axis", 0), dims[MOTE_ONNX_RANK], sum = 0;
    int at = 0;
    int32_t params[32] = {0};
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        x = v && !v->constant && !x ? v : x;
    }
    if (!x)
        return mote_onnx_refuse(p, "of constants");
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    while (x->order[at] != axis)
        at++;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (!v || v->rank != x->rank)
            return mote_onnx_fail(p, "has inputs of different ranks");
        sum += v->dims[axis];
    }
    const bool first = at == 0 && x->rank > 1; /* the axis that may be dropped */
    params[MOTE_CONCAT_AXIS] = at - (!first && x->rank > 1 && x->dims[x->order[0]] == 1);
    for (int i = 0; i < x->rank; i++)
        dims[i] = i == axis ? sum : x->dims[i];
    return mote_onnx_finish(p, 0, concat_all(p, x, params, first), x->rank, dims, x->order);
}

static bool transpose(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t from[MOTE_ONNX_RANK], dims[MOTE_ONNX_RANK];
    int order[MOTE_ONNX_RANK];
    unsigned seen = 0;
    if (!x)
        return done;
    const int count = mote_onnx_attribute(p, "perm") ? mote_onnx_ints(p, "perm", 0, from, MOTE_ONNX_RANK) : 0;
    for (int i = 0; i < x->rank; i++) {
        if (!count)
            from[i] = x->rank - 1 - i;
        if ((count && count != x->rank) || from[i] < 0 || from[i] >= x->rank || seen >> from[i] & 1)
            return mote_onnx_fail(p, "has a permutation that is not valid");
        seen |= 1u << from[i];
    }
    for (int i = 0; i < x->rank; i++) {
        dims[i] = x->dims[from[i]];
        for (int k = 0; k < x->rank; k++)
            order[i] = from[k] == x->order[i] ? k : order[i];
    }
    return mote_onnx_finish(p, 0, x->tensor, x->rank, dims, order);
}

static bool reshape(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t dims[MOTE_ONNX_RANK], known = 1, all = 1;
    int open = -1;
    if (!x)
        return done;
    const int rank = mote_onnx_ints(p, "shape", 1, dims, MOTE_ONNX_RANK);
    if (rank < 0)
        return mote_onnx_refuse(p, "to a computed shape, or of too many dimensions");
    for (int i = 0; i < x->rank; i++)
        all *= x->dims[i];
    for (int i = 0; i < rank; i++) {
        if (dims[i] == 0 && i < x->rank && !mote_onnx_int(p, "allowzero", 0))
            dims[i] = x->dims[i];
        if (dims[i] < -1 || dims[i] == 0 || dims[i] > INT32_MAX || (dims[i] == -1 && open >= 0))
            return mote_onnx_fail(p, "has a shape that is not valid");
        if (dims[i] == -1)
            open = i;
        else if ((known *= dims[i]) > INT32_MAX)
            return mote_onnx_fail(p, "has a shape that is too large");
    }
    if (open >= 0)
        dims[open] = all / known;
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), rank, dims, NULL);
}

static bool flatten(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", 1), dims[2] = {1, 1};
    if (!x)
        return done;
    axis += axis < 0 ? x->rank : 0;
    for (int i = 0; i < x->rank; i++)
        dims[i >= axis] *= x->dims[i];
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), 2, dims, NULL);
}

static bool squeeze(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    const bool adds = strcmp(p->node->operator_, "Unsqueeze") == 0;
    int64_t axes[MOTE_ONNX_RANK], dims[MOTE_ONNX_RANK];
    unsigned at = 0;
    int rank = 0, from = 0;
    if (!x)
        return done;
    const bool stated = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 1);
    const int count = stated ? mote_onnx_ints(p, "axes", 1, axes, MOTE_ONNX_RANK) : 0;
    const int size = x->rank + (adds ? count : 0);
    if (count < 0 || size > MOTE_ONNX_RANK)
        return mote_onnx_refuse(p, "of computed axes, or too many");
    for (int i = 0; i < count; i++) {
        axes[i] += axes[i] < 0 ? size : 0;
        if (axes[i] < 0 || axes[i] >= size || at >> axes[i] & 1 || (!adds && x->dims[axes[i]] != 1))
            return mote_onnx_fail(p, "has axes that are not valid");
        at |= 1u << axes[i];
    }
    for (int i = 0; i < size; i++)
        if (adds)
            dims[rank++] = at >> i & 1 ? 1 : x->dims[from++];
        else if (stated ? !(at >> i & 1) : x->dims[i] != 1)
            dims[rank++] = x->dims[i];
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), rank, dims, NULL);
}

/* Takes `size` elements from `begin` on along each axis of the file as output i. */
static bool take(mote_onnx_import *p, const mote_onnx_value *x, size_t i, const int64_t *begin, const int64_t *step,
                 const int64_t *size)
{
    int32_t params[32] = {0};
    const int dropped = x->rank > 1 && x->dims[x->order[0]] == 1;
    for (int k = dropped; k < x->rank; k++) {
        params[MOTE_SLICE_BEGIN0 + k - dropped] = (int32_t)begin[x->order[k]];
        params[MOTE_SLICE_STEP0 + k - dropped] = (int32_t)step[x->order[k]];
        params[MOTE_SLICE_SIZE0 + k - dropped] = (int32_t)size[x->order[k]];
    }
    return mote_onnx_finish(p, i, mote_onnx_make(p, MOTE_OP_SLICE, 1, &x->tensor, params), x->rank, size, x->order);
}

static int64_t limited(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static bool slice(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t starts[MOTE_ONNX_RANK], ends[MOTE_ONNX_RANK], axes[MOTE_ONNX_RANK], steps[MOTE_ONNX_RANK];
    int64_t begin[MOTE_ONNX_RANK] = {0}, step[MOTE_ONNX_RANK], size[MOTE_ONNX_RANK];
    if (!x)
        return done;
    const bool has_axes = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 3);
    const int count = mote_onnx_ints(p, "starts", 1, starts, MOTE_ONNX_RANK);
    if (count < 0 || count > x->rank || mote_onnx_ints(p, "ends", 2, ends, MOTE_ONNX_RANK) != count ||
        (has_axes && mote_onnx_ints(p, "axes", 3, axes, MOTE_ONNX_RANK) != count) ||
        (mote_onnx_in(p, 4) && mote_onnx_ints(p, "steps", 4, steps, MOTE_ONNX_RANK) != count))
        return mote_onnx_refuse(p, "with computed limits");
    for (int i = 0; i < x->rank; i++) {
        step[i] = 1;
        size[i] = x->dims[i];
    }
    for (int i = 0; i < count; i++) {
        int64_t a = has_axes ? axes[i] : i;
        const int64_t by = mote_onnx_in(p, 4) ? steps[i] : 1;
        if (!mote_onnx_axis(x, &a) || by == 0 || by > INT32_MAX || by < -INT32_MAX)
            return mote_onnx_fail(p, "has an axis or a step that is not valid");
        const int64_t n = x->dims[a], low = by < 0 ? -1 : 0, high = by < 0 ? n - 1 : n;
        begin[a] = limited(starts[i] + (starts[i] < 0 ? n : 0), by < 0 ? 0 : low, high);
        const int64_t end = limited(ends[i] + (ends[i] < 0 ? n : 0), low, high);
        step[a] = by;
        size[a] = by > 0 ? (end - begin[a] + by - 1) / by : (begin[a] - end - by - 1) / -by;
        if (size[a] < 1)
            return mote_onnx_refuse(p, "of nothing");
    }
    return take(p, x, 0, begin, step, size);
}

static bool split(mote_onnx_import *p)
{
    enum { MOST = 64 };
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", 0), sizes[MOST], begin[MOTE_ONNX_RANK] = {0}, size[MOTE_ONNX_RANK];
    const int64_t step[MOTE_ONNX_RANK] = {1, 1, 1, 1, 1, 1};
    const int parts = p->node->n_outputs > MOST ? MOST + 1 : (int)p->node->n_outputs;
    if (!x)
        return done;
    const bool stated = mote_onnx_attribute(p, "split") || mote_onnx_in(p, 1);
    if (parts > MOST || (stated && mote_onnx_ints(p, "split", 1, sizes, MOST) != parts))
        return mote_onnx_refuse(p, "to computed sizes, or too many");
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    memcpy(size, x->dims, sizeof size);
    const int64_t each = (x->dims[axis] + parts - 1) / parts;
    for (int i = 0; i < parts; i++) {
        size[axis] = stated ? sizes[i] : limited(x->dims[axis] - begin[axis], 0, each);
        if (size[axis] < 1 || size[axis] > x->dims[axis] - begin[axis])
            return mote_onnx_fail(p, "has sizes that are not valid");
        if (!take(p, x, (size_t)i, begin, step, size))
            return false;
        begin[axis] += size[axis];
    }
    return true;
}

static bool gather(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done), *indices = mote_onnx_in(p, 1);
    int64_t axis = mote_onnx_int(p, "axis", 0), index = 0, size[MOTE_ONNX_RANK], begin[MOTE_ONNX_RANK] = {0};
    const int64_t step[MOTE_ONNX_RANK] = {1, 1, 1, 1, 1, 1};
    int rank = 0;
    if (!x)
        return done;
    if (!indices || indices->rank != 0 || mote_onnx_ints(p, "", 1, &index, 1) != 1)
        return mote_onnx_refuse(p, "of other than one constant index");
    if (!mote_onnx_axis(x, &axis) || !mote_onnx_axis(&(mote_onnx_value){.rank = (int)x->dims[axis]}, &index))
        return mote_onnx_fail(p, "has an axis or an index that its input lacks");
    mote_onnx_value plain = *x;
    plain.tensor = mote_onnx_plain(p, x);
    if (plain.tensor < 0)
        return false;
    const int dropped = x->rank > 1 && x->dims[0] == 1;
    int32_t params[32] = {0};
    memcpy(size, x->dims, sizeof size);
    begin[axis] = index;
    size[axis] = 1;
    for (int k = dropped; k < x->rank; k++) {
        params[MOTE_SLICE_BEGIN0 + k - dropped] = (int32_t)begin[k];
        params[MOTE_SLICE_STEP0 + k - dropped] = (int32_t)step[k];
        params[MOTE_SLICE_SIZE0 + k - dropped] = (int32_t)size[k];
    }
    for (int k = 0; k < x->rank; k++)
        if (k != axis)
            size[rank++] = x->dims[k];
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_SLICE, 1, &plain.tensor, params), rank, size, NULL);
}

/* Multiplies and shifts each channel. Into a convolution before it that nothing else reads. */
static bool batch_norm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    const float epsilon = mote_onnx_real(p, "epsilon", 1e-5f);
    if (!x)
        return done;
    if (x->rank < 2 || p->node->n_inputs != 5 || mote_onnx_int(p, "training_mode", 0))
        return mote_onnx_refuse(p, "in training, or of one dimension");
    const int64_t n = x->dims[1];
    for (size_t i = 1; i < 5; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (!v || !v->constant || v->rank != 1 || v->dims[0] != n)
            return mote_onnx_refuse(p, "of computed statistics");
    }
    mote_op *last = p->g->op_count ? &p->g->ops[p->g->op_count - 1] : NULL;
    const bool folds = x->readers == 1 && last && last->opcode == MOTE_OP_CONV && last->outputs[0] == x->tensor;
    const uint32_t wide[] = {(uint32_t)n, 1, 1, 1, 1}; /* broadcast over what follows the channels in the file */
    const int scale = folds ? last->inputs[MOTE_CONV_WEIGHTS] : mote_onnx_constant(p, x->rank - 1, wide);
    const int shift = folds ? last->inputs[MOTE_CONV_BIAS] : mote_onnx_constant(p, x->rank - 1, wide);
    if (scale < 0 || shift < 0)
        return false;
    const size_t columns = mote_tensor_elements(&p->g->tensors[scale]) / (size_t)n;
    float *w = p->g->tensors[scale].data, *b = p->g->tensors[shift].data;
    for (size_t c = 0; c < (size_t)n; c++) {
        double v[5];
        for (size_t i = 1; i < 5; i++)
            v[i] = mote_onnx_at(mote_onnx_in(p, i)->constant, c);
        const double factor = v[1] / sqrt(v[4] + (double)epsilon);
        for (size_t k = 0; k < columns; k++)
            w[c * columns + k] = (float)(factor * (folds ? (double)w[c * columns + k] : 1));
        b[c] = (float)(factor * ((folds ? (double)b[c] : 0) - v[3]) + v[2]);
    }
    if (!mote_onnx_finite(p, scale) || !mote_onnx_finite(p, shift))
        return false;
    if (folds)
        return finish_like(p, x, x->tensor);
    const int in = mote_onnx_plain(p, x), product[] = {in, scale};
    const int sum[] = {mote_onnx_make(p, MOTE_OP_MUL, 2, product, NULL), shift};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_ADD, 2, sum, NULL), x->rank, x->dims, NULL);
}

/* Over the last axis, with constants. */
static bool layer_norm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", -1);
    const int32_t params[32] = {bits(mote_onnx_real(p, "epsilon", 1e-5f))};
    if (!x)
        return done;
    if (!mote_onnx_axis(x, &axis) || axis != x->rank - 1 || p->node->n_outputs != 1)
        return mote_onnx_refuse(p, "over several axes, or with statistics");
    const int in = mote_onnx_plain(p, x), gain = in < 0 ? -1 : vector(p, 1, x->dims[axis]);
    const int inputs[] = {in, gain, gain < 0 ? -1 : vector(p, 2, x->dims[axis])};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LAYERNORM, 3, inputs, params), x->rank, x->dims, NULL);
}

/* Pictures enlarged by constant scales. */
static bool resize(mote_onnx_import *p)
{
    static const char *const coordinates[] = {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel",
                                              "tf_half_pixel_for_nn"},
                             *const roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    bool done = false;
    const mote_onnx_value *x = computed(p, &done), *scales = mote_onnx_in(p, 2), *sizes = mote_onnx_in(p, 3);
    int32_t params[32] = {0};
    int coordinate = 0, rounding = 0;
    if (!x)
        return done;
    const mote_onnx_value *from = sizes ? sizes : scales;
    if (!is_image(x) || x->rank != 4 || !from || !from->constant || from->rank != 1 || from->dims[0] != 4 ||
        mote_onnx_text_is(p, "mode", "cubic", false))
        return mote_onnx_refuse(p, "of no picture, cubic, or to a computed size");
    while (coordinate < 5 &&
           !mote_onnx_text_is(p, "coordinate_transformation_mode", coordinates[coordinate], coordinate == 0))
        coordinate++;
    while (rounding < 4 && !mote_onnx_text_is(p, "nearest_mode", roundings[rounding], rounding == 0))
        rounding++;
    if (coordinate == 5 || rounding == 4)
        return mote_onnx_refuse(p, "with such coordinates");
    for (int i = 0; i < 2; i++) {
        const double v = mote_onnx_at(from->constant, (size_t)i + 2), size = sizes ? v : v * (double)x->dims[2 + i];
        if (!(size >= 1 && size < 65536))
            return mote_onnx_fail(p, "has a size that is not valid");
        params[MOTE_RESIZE_HEIGHT + i] = (int32_t)size;
        params[MOTE_RESIZE_HEIGHT_SCALE + i] = bits(sizes ? 0 : (float)v);
    }
    params[MOTE_RESIZE_LINEAR] = mote_onnx_text_is(p, "mode", "linear", false);
    params[MOTE_RESIZE_COORDINATES] = coordinate;
    params[MOTE_RESIZE_ROUNDING] = rounding;
    const int in = image(p, x);
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_RESIZE, 1, &in, params));
}

typedef struct rule {
    const char *name;
    mote_onnx_convert convert;
} rule;

static const rule rules[] = {
    {"Conv", conv},
    {"MaxPool", pool},
    {"AveragePool", pool},
    {"GlobalAveragePool", global_pool},
    {"GlobalMaxPool", global_pool},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"Gemm", gemm},
    {"MatMul", matmul},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"Concat", concat},
    {"Transpose", transpose},
    {"Reshape", reshape},
    {"Flatten", flatten},
    {"Squeeze", squeeze},
    {"Unsqueeze", squeeze},
    {"Slice", slice},
    {"Split", split},
    {"Gather", gather},
    {"BatchNormalization", batch_norm},
    {"LayerNormalization", layer_norm},
    {"Resize", resize},
    {"Clip", clip},
    {"Pow", power},
    {"Identity", same},
    {"Dropout", same},
    {"Constant", same},
};

mote_onnx_convert mote_onnx_rule(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, name) == 0)
            return rules[i].convert;
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (strcmp(binaries[i].name, name) == 0)
            return binary;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return unary;
    return NULL;
}
