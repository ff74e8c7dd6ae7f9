/* Elementwise operators, softmax and reductions. */
#include <math.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/import/tflite_import.h"
#include "compiler/import/tflite_table.h"

enum { A, B };

static bool is_quantized(const mote_tflite_tensor *t)
{
    return (t->type == MOTE_TFLITE_I8 || t->type == MOTE_TFLITE_I16) && mote_tflite_scale(t, 0) > 0;
}

/* Operands of an operator on two values. */
typedef struct pair {
    const mote_tflite_tensor *a, *b, *y;
    int64_t activation;
    int tensors[2];
} pair;

/* Fills the pair. Returns what is not supported, NULL if nothing. */
static const char *read_pair(const mote_tflite_import *p, const mote_tflite_operator *op, pair *q)
{
    mote_flat_table options = op->options;
    *q = (pair){.a = mote_tflite_input(p, op, A), .b = mote_tflite_input(p, op, B), .y = mote_tflite_output(p, op)};
    const bool plain = op->code != MOTE_TFLITE_OP_ADD && op->code != MOTE_TFLITE_OP_SUB &&
                       op->code != MOTE_TFLITE_OP_MUL && op->code != MOTE_TFLITE_OP_DIV;
    q->activation = plain ? MOTE_TFLITE_NONE : mote_flat_int(&options, 0, 1, 0);
    if (!q->a || !q->b)
        return "without two inputs";
    if (q->activation < MOTE_TFLITE_NONE || q->activation > MOTE_TFLITE_ACT_RELU6)
        return "with another fused activation than relu, relu6 or relu_n1_to_1";
    if (p->g->packed && (!is_quantized(q->a) || q->a->type != q->b->type || q->a->type != q->y->type ||
                         !is_quantized(q->b) || !is_quantized(q->y)))
        return "of other types than int8 or int16 with a scale";
    return NULL;
}

/* Adds the operands, and the operator with its fused activation. */
static bool finish_pair(mote_tflite_import *p, const mote_tflite_operator *op, pair *q, mote_opcode opcode,
                        const int32_t *params)
{
    q->tensors[A] = mote_tflite_operand(p, op, A);
    q->tensors[B] = q->tensors[A] < 0 ? -1 : mote_tflite_operand(p, op, B);
    if (q->tensors[B] < 0)
        return false;
    const int y = mote_tflite_make(p, q->y, opcode, 2, q->tensors, params);
    return mote_tflite_finish(p, op, 0, mote_tflite_activate(p, q->y, y, q->activation));
}

static void set_factor(int32_t *params, mote_factor f)
{
    params[0] = f.multiplier;
    params[1] = f.shift;
}

/* The kernel of SUB divides floats, that of ADD doubles. */
static mote_factor ratio(float a, float b, bool in_float)
{
    return mote_factor_of(in_float ? (double)(a / b) : (double)a / (double)b);
}

bool mote_tflite_add(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const bool subtracts = op->code == MOTE_TFLITE_OP_SUB;
    int32_t params[MOTE_SCALED_ADD_ROUNDING + 1] = {0};
    pair q;
    const char *why = read_pair(p, op, &q);
    if (why)
        return mote_tflite_refuse(p, op, why);
    if (!p->g->packed)
        return finish_pair(p, op, &q, subtracts ? MOTE_OP_SUB : MOTE_OP_ADD, NULL);
    const int left = q.y->type == MOTE_TFLITE_I16 ? 15 : 20;
    const float a = mote_tflite_scale(q.a, 0), b = mote_tflite_scale(q.b, 0), y = mote_tflite_scale(q.y, 0);
    const float twice = 2 * (a > b ? a : b), unit = ldexpf(y, left);
    params[MOTE_SCALED_ADD_SUBTRACTS] = subtracts;
    params[MOTE_SCALED_ADD_LEFT] = left;
    set_factor(&params[MOTE_SCALED_ADD_A_MULTIPLIER], ratio(a, twice, subtracts));
    set_factor(&params[MOTE_SCALED_ADD_B_MULTIPLIER], ratio(b, twice, subtracts));
    set_factor(&params[MOTE_SCALED_ADD_Y_MULTIPLIER], ratio(twice, unit, subtracts));
    mote_tflite_limits(q.y, q.activation, &params[MOTE_SCALED_ADD_LOW], &params[MOTE_SCALED_ADD_HIGH]);
    return finish_pair(p, op, &q, MOTE_OP_SCALED_ADD, params);
}

bool mote_tflite_mul(mote_tflite_import *p, const mote_tflite_operator *op)
{
    int32_t params[MOTE_SCALED_MUL_ROUNDING + 1] = {0};
    pair q;
    const char *why = read_pair(p, op, &q);
    if (why)
        return mote_tflite_refuse(p, op, why);
    if (!p->g->packed)
        return finish_pair(p, op, &q, MOTE_OP_MUL, NULL);
    const double real =
        (double)mote_tflite_scale(q.a, 0) * (double)mote_tflite_scale(q.b, 0) / (double)mote_tflite_scale(q.y, 0);
    set_factor(&params[MOTE_SCALED_MUL_MULTIPLIER], mote_factor_of(real));
    mote_tflite_limits(q.y, q.activation, &params[MOTE_SCALED_MUL_LOW], &params[MOTE_SCALED_MUL_HIGH]);
    return finish_pair(p, op, &q, MOTE_OP_SCALED_MUL, params);
}

bool mote_tflite_binary(mote_tflite_import *p, const mote_tflite_operator *op)
{
    pair q;
    const char *why = read_pair(p, op, &q);
    if (!why && p->g->packed && op->code == MOTE_TFLITE_OP_DIV)
        why = "in integers";
    if (!why && p->g->packed && (!mote_tflite_alike(q.a, q.y) || !mote_tflite_alike(q.b, q.y)))
        why = "of values with other scales";
    if (why)
        return mote_tflite_refuse(p, op, why);
    return finish_pair(p, op, &q,
                       op->code == MOTE_TFLITE_OP_DIV       ? MOTE_OP_DIV
                       : op->code == MOTE_TFLITE_OP_MAXIMUM ? MOTE_OP_MAXIMUM
                                                            : MOTE_OP_MINIMUM,
                       NULL);
}

/* Adds a rescale whose values below the zero point have a factor of their own. */
static bool add_rescale(mote_tflite_import *p, const mote_tflite_operator *op, double real, double negative,
                        int64_t activation)
{
    const mote_tflite_tensor *y = mote_tflite_output(p, op);
    int32_t params[MOTE_RESCALE_ROUNDING + 1] = {0};
    set_factor(&params[MOTE_RESCALE_MULTIPLIER], mote_factor_of(real));
    set_factor(&params[MOTE_RESCALE_NEGATIVE_MULTIPLIER], mote_factor_of(negative));
    mote_tflite_limits(y, activation, &params[MOTE_RESCALE_LOW], &params[MOTE_RESCALE_HIGH]);
    const int x = mote_tflite_operand(p, op, 0);
    return x >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_RESCALE, 1, &x, params));
}

bool mote_tflite_rescale(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    const int from = mote_tflite_at(&op->inputs, 0);
    if (!p->g->packed || !x)
        return mote_tflite_refuse(p, op, "in a float network; convert without quantization, or with int8 throughout");
    if (x->type == MOTE_TFLITE_F32) { /* the input of the network is the integer tensor */
        const mote_tensor *t = p->values[from].tensor < 0 ? NULL : &p->g->tensors[p->values[from].tensor];
        if (!t || t->role != MOTE_INPUT || t->quantization.scale != mote_tflite_scale(y, 0) ||
            t->quantization.zero_point != mote_tflite_zero_point(y, 0))
            return mote_tflite_refuse(p, op, "of float values within an integer network");
        return mote_tflite_same(p, op);
    }
    if (!(mote_tflite_scale(x, 0) > 0 && mote_tflite_scale(y, 0) > 0))
        return mote_tflite_refuse(p, op, "without scales");
    const double real = (double)mote_tflite_scale(x, 0) / (double)mote_tflite_scale(y, 0);
    return add_rescale(p, op, real, real, MOTE_TFLITE_NONE);
}

bool mote_tflite_dequantize(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const int to = mote_tflite_at(&op->outputs, 0);
    if (mote_tflite_constant(p, op, 0))
        return mote_tflite_same(p, op);
    if (!p->g->packed)
        return mote_tflite_refuse(p, op, "of activations in a float network; convert with int8 throughout");
    for (uint32_t i = 0; i < p->model->outputs.count; i++)
        if (mote_tflite_at(&p->model->outputs, i) == to && p->values[to].readers == 1)
            return mote_tflite_same(p, op);
    return mote_tflite_refuse(p, op, "within an integer network");
}

bool mote_tflite_softmax(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    const bool logarithm = op->code == MOTE_TFLITE_OP_LOG_SOFTMAX;
    mote_flat_table options = op->options;
    const double beta = logarithm ? 1 : (double)mote_flat_float(&options, 0, 0);
    int32_t params[MOTE_SOFTMAX_LEAST + 1] = {[MOTE_SOFTMAX_LOGARITHM] = logarithm};
    if (!x || (p->g->packed && (!is_quantized(x) || !is_quantized(y))))
        return mote_tflite_refuse(p, op, "of other types than int8 or int16 with a scale");
    if (p->g->packed && logarithm)
        return mote_tflite_refuse(p, op, "in integers");
    if (p->g->packed ? !(beta > 0) : beta != 1)
        return mote_tflite_refuse(p, op, "with another beta than 1");
    if (p->g->packed && x->type == MOTE_TFLITE_I8)
        set_factor(&params[MOTE_SOFTMAX_MULTIPLIER],
                   mote_factor_of_softmax(beta, (double)mote_tflite_scale(x, 0), &params[MOTE_SOFTMAX_LEAST]));
    else if (p->g->packed)
        set_factor(&params[MOTE_SOFTMAX_MULTIPLIER],
                   mote_factor_of((double)mote_tflite_scale(x, 0) * beta / (10.0 / 65535.0)));
    const int tensor = mote_tflite_operand(p, op, 0);
    return tensor >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_SOFTMAX, 1, &tensor, params));
}

bool mote_tflite_prelu(mote_tflite_import *p, const mote_tflite_operator *op)
{
    int32_t params[MOTE_PRELU_ROUNDING + 1] = {0};
    pair q;
    const char *why = read_pair(p, op, &q);
    if (!why && !mote_tflite_constant(p, op, B))
        why = "with slopes that are not constant";
    if (why)
        return mote_tflite_refuse(p, op, why);
    if (!p->g->packed)
        return finish_pair(p, op, &q, MOTE_OP_PRELU, NULL);
    const double x = (double)mote_tflite_scale(q.a, 0), y = (double)mote_tflite_scale(q.y, 0);
    set_factor(&params[MOTE_PRELU_MULTIPLIER], mote_factor_of(x / y));
    set_factor(&params[MOTE_PRELU_NEGATIVE_MULTIPLIER], mote_factor_of(x * (double)mote_tflite_scale(q.b, 0) / y));
    mote_tflite_limits(q.y, MOTE_TFLITE_NONE, &params[MOTE_PRELU_LOW], &params[MOTE_PRELU_HIGH]);
    return finish_pair(p, op, &q, MOTE_OP_PRELU, params);
}

bool mote_tflite_matmul(mote_tflite_import *p, const mote_tflite_operator *op)
{
    enum { FLIPS_A, FLIPS_B };
    int32_t params[MOTE_MATMUL_ROUNDING + 1] = {0};
    mote_flat_table options = op->options;
    pair q;
    const char *why = read_pair(p, op, &q);
    if (!why && mote_flat_int(&options, FLIPS_A, 1, 0))
        why = "with its first matrix transposed";
    if (why)
        return mote_tflite_refuse(p, op, why);
    params[MOTE_MATMUL_TRANSPOSED] = mote_flat_int(&options, FLIPS_B, 1, 0) != 0;
    if (p->g->packed) {
        const float scale = mote_tflite_scale(q.a, 0) * mote_tflite_scale(q.b, 0);
        set_factor(&params[MOTE_MATMUL_MULTIPLIER], mote_factor_of((double)scale / (double)mote_tflite_scale(q.y, 0)));
        mote_tflite_limits(q.y, MOTE_TFLITE_NONE, &params[MOTE_MATMUL_LOW], &params[MOTE_MATMUL_HIGH]);
    }
    return finish_pair(p, op, &q, MOTE_OP_MATMUL, params);
}

/* Reads the axes of a reduction as bits of the graph's axes, and the number of values that are reduced to one. */
static bool read_axes(const mote_tflite_tensor *axes, const mote_tflite_tensor *x, int32_t *bits, uint32_t *count)
{
    *bits = 0;
    *count = 1;
    if (!axes || (axes->type != MOTE_TFLITE_I32 && axes->type != MOTE_TFLITE_I64) || axes->elements > MOTE_TFLITE_RANK)
        return false;
    for (uint32_t i = 0; i < axes->elements; i++) {
        const int64_t wanted = mote_tflite_integer(axes, i);
        const int64_t axis = wanted < 0 ? wanted + x->rank : wanted;
        if (axis < 0 || axis >= x->rank)
            return false;
        if (axis < mote_tflite_dropped(x))
            continue; /* one value */
        const int32_t bit = 1 << (axis - mote_tflite_dropped(x));
        *count *= *bits & bit ? 1 : (uint32_t)x->dims[axis];
        *bits |= bit;
    }
    return true;
}

bool mote_tflite_reduce(mote_tflite_import *p, const mote_tflite_operator *op)
{
    static const int kinds[] = {MOTE_TFLITE_OP_MEAN, MOTE_TFLITE_OP_SUM, MOTE_TFLITE_OP_REDUCE_MAX,
                                MOTE_TFLITE_OP_REDUCE_MIN};
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    int32_t params[MOTE_REDUCE_ROUNDING + 1] = {0};
    uint32_t count;
    while (kinds[params[MOTE_REDUCE_KIND]] != op->code)
        params[MOTE_REDUCE_KIND]++;
    const bool sums = op->code == MOTE_TFLITE_OP_MEAN || op->code == MOTE_TFLITE_OP_SUM;
    if (!x || !x->elements || !x->rank ||
        !read_axes(mote_tflite_constant(p, op, 1), x, &params[MOTE_REDUCE_AXES], &count))
        return mote_tflite_refuse(p, op, "over axes that are not constant");
    if (p->g->packed && (!is_quantized(x) || !is_quantized(y) || x->type != y->type))
        return mote_tflite_refuse(p, op, "of other types than int8 or int16 with a scale");
    if (p->g->packed && !sums && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    if (p->g->packed) {
        const double real = (double)mote_tflite_scale(x, 0) / (double)mote_tflite_scale(y, 0);
        if (sums)
            set_factor(&params[MOTE_REDUCE_MULTIPLIER],
                       op->code == MOTE_TFLITE_OP_MEAN ? mote_factor_of_mean(real, count) : mote_factor_of(real));
        mote_tflite_limits(y, MOTE_TFLITE_NONE, &params[MOTE_REDUCE_LOW], &params[MOTE_REDUCE_HIGH]);
    }
    const int tensor = mote_tflite_operand(p, op, 0);
    return tensor >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_REDUCE, 1, &tensor, params));
}

/* The functions of one value that float networks have. */
static const struct {
    int code;
    mote_function function;
    float alpha, beta;
} functions[] = {
    {MOTE_TFLITE_OP_RELU, MOTE_FUNCTION_RELU, 0, 0},
    {MOTE_TFLITE_OP_RELU6, MOTE_FUNCTION_CLIP, 0, 6},
    {MOTE_TFLITE_OP_RELU_N1_TO_1, MOTE_FUNCTION_CLIP, -1, 1},
    {MOTE_TFLITE_OP_RELU_0_TO_1, MOTE_FUNCTION_CLIP, 0, 1},
    {MOTE_TFLITE_OP_LOGISTIC, MOTE_FUNCTION_SIGMOID, 0, 0},
    {MOTE_TFLITE_OP_TANH, MOTE_FUNCTION_TANH, 0, 0},
    {MOTE_TFLITE_OP_HARD_SWISH, MOTE_FUNCTION_HARD_SWISH, 0, 0},
    {MOTE_TFLITE_OP_LEAKY_RELU, MOTE_FUNCTION_LEAKY_RELU, 0, 0},
    {MOTE_TFLITE_OP_ELU, MOTE_FUNCTION_ELU, 1, 0},
    {MOTE_TFLITE_OP_EXP, MOTE_FUNCTION_EXP, 0, 0},
    {MOTE_TFLITE_OP_LOG, MOTE_FUNCTION_LOG, 0, 0},
    {MOTE_TFLITE_OP_SQRT, MOTE_FUNCTION_SQRT, 0, 0},
    {MOTE_TFLITE_OP_ABS, MOTE_FUNCTION_ABS, 0, 0},
    {MOTE_TFLITE_OP_NEG, MOTE_FUNCTION_NEG, 0, 0},
    {MOTE_TFLITE_OP_SQUARE, MOTE_FUNCTION_SQUARE, 0, 0},
    {MOTE_TFLITE_OP_SIGN, MOTE_FUNCTION_SIGN, 0, 0},
    {MOTE_TFLITE_OP_FLOOR, MOTE_FUNCTION_FLOOR, 0, 0},
    {MOTE_TFLITE_OP_CEIL, MOTE_FUNCTION_CEIL, 0, 0},
    {MOTE_TFLITE_OP_ROUND, MOTE_FUNCTION_ROUND, 0, 0},
};

static bool add_table(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const uint32_t size = 256;
    int8_t table[256];
    const mote_tflite_tensor *y = mote_tflite_output(p, op);
    const char *why = mote_tflite_table(op->code, mote_tflite_input(p, op, 0), y, table);
    if (why)
        return mote_tflite_refuse(p, op, why);
    int inputs[] = {mote_tflite_operand(p, op, 0), -1};
    inputs[MOTE_MAP_TABLE] =
        inputs[0] < 0 ? -1 : mote_tflite_add_constant(p, op, MOTE_TFLITE_OPERANDS, ".table", MOTE_I8, 1, &size);
    if (inputs[MOTE_MAP_TABLE] < 0)
        return false;
    memcpy(p->g->tensors[inputs[MOTE_MAP_TABLE]].data, table, sizeof table);
    return mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_MAP, 2, inputs, NULL));
}

/* RELU, RELU6, RELU_N1_TO_1 and LEAKY_RELU of integers scale; the others need a table. */
static bool integer_function(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    mote_flat_table options = op->options;
    if (!x || !is_quantized(x) || !is_quantized(y) || x->type != y->type)
        return mote_tflite_refuse(p, op, "of other types than int8 or int16 with a scale");
    const float from = mote_tflite_scale(x, 0), to = mote_tflite_scale(y, 0);
    const double real = (double)(from / to);
    if ((op->code == MOTE_TFLITE_OP_RELU6 || op->code == MOTE_TFLITE_OP_RELU_N1_TO_1) && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    switch (op->code) {
    case MOTE_TFLITE_OP_RELU:
        return add_rescale(p, op, real, real, MOTE_TFLITE_ACT_RELU);
    case MOTE_TFLITE_OP_RELU6:
        return add_rescale(p, op, real, real, MOTE_TFLITE_ACT_RELU6);
    case MOTE_TFLITE_OP_RELU_N1_TO_1:
        return add_rescale(p, op, real, real, MOTE_TFLITE_ACT_RELU_N1_TO_1);
    case MOTE_TFLITE_OP_LEAKY_RELU:
        return add_rescale(p, op, real, (double)(from * mote_flat_float(&options, 0, 0) / to), MOTE_TFLITE_NONE);
    default:
        return add_table(p, op);
    }
}

bool mote_tflite_function(mote_tflite_import *p, const mote_tflite_operator *op)
{
    size_t k = 0;
    int32_t params[MOTE_MAP_BETA + 1];
    mote_flat_table options = op->options;
    while (functions[k].code != op->code)
        k++;
    if (p->g->packed)
        return integer_function(p, op);
    const float alpha = op->code == MOTE_TFLITE_OP_LEAKY_RELU ? mote_flat_float(&options, 0, 0) : functions[k].alpha;
    if (!isfinite(alpha))
        return mote_tflite_refuse(p, op, "with a slope that is no number");
    params[MOTE_MAP_FUNCTION] = (int32_t)functions[k].function;
    memcpy(&params[MOTE_MAP_ALPHA], &alpha, sizeof alpha);
    memcpy(&params[MOTE_MAP_BETA], &functions[k].beta, sizeof functions[k].beta);
    const int x = mote_tflite_operand(p, op, 0);
    return x >= 0 &&
           mote_tflite_finish(p, op, 0, mote_tflite_make(p, mote_tflite_output(p, op), MOTE_OP_MAP, 1, &x, params));
}
