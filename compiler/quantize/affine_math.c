/* Lowers sums, products, functions, reductions and softmax of values with zero points. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/graph/operator.h"
#include "compiler/quantize/affine.h"
#include "runtime/ops/affine.h"

enum { BYTES = 256, KNOTS = 513, KNOT = 128, SUM_BITS = 20, WIDE_SUM_BITS = 15 };
enum { MEAN, SUM, LARGEST }; /* kinds of reduce */

/* --- two operands --- */

/* Both operands are scaled to twice the larger scale / 2^left, so that their sum keeps the precision of both. */
static bool lower_sum(mote_lowering *l, const mote_op *op, bool subtracts)
{
    int32_t params[MOTE_SCALED_ADD_ROUNDING + 1] = {[MOTE_SCALED_ADD_SUBTRACTS] = subtracts};
    mote_affine_form a, b;
    const int inputs[] = {mote_affine_aligned(l, op, MOTE_ADD_A, NULL, &a),
                          mote_affine_aligned(l, op, MOTE_ADD_B, NULL, &b)};
    const int y = mote_affine_end(l, op, &params[MOTE_SCALED_ADD_LOW]);
    const int left = a.dtype == MOTE_I16 ? WIDE_SUM_BITS : SUM_BITS;
    const double twice = 2 * fmax((double)a.scale, (double)b.scale);
    params[MOTE_SCALED_ADD_LEFT] = left;
    mote_affine_put(&params[MOTE_SCALED_ADD_A_MULTIPLIER], mote_factor_of((double)a.scale / twice));
    mote_affine_put(&params[MOTE_SCALED_ADD_B_MULTIPLIER], mote_factor_of((double)b.scale / twice));
    mote_affine_put(&params[MOTE_SCALED_ADD_Y_MULTIPLIER],
                    mote_factor_of(twice / ldexp((double)l->lowered[y].scale, left)));
    return inputs[0] >= 0 && inputs[1] >= 0 &&
           mote_affine_op(l, op, MOTE_OP_SCALED_ADD, 2, inputs, mote_affine_result(l, y), params);
}

bool mote_affine_add(mote_lowering *l, const mote_op *op)
{
    return lower_sum(l, op, false);
}

static bool lower_sub(mote_lowering *l, const mote_op *op)
{
    return lower_sum(l, op, true);
}

bool mote_affine_mul(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_SCALED_MUL_ROUNDING + 1] = {0};
    mote_affine_form a, b;
    const int inputs[] = {mote_affine_aligned(l, op, MOTE_MUL_A, NULL, &a),
                          mote_affine_aligned(l, op, MOTE_MUL_B, NULL, &b)};
    const int y = mote_affine_end(l, op, &params[MOTE_SCALED_MUL_LOW]);
    mote_affine_put(&params[MOTE_SCALED_MUL_MULTIPLIER],
                    mote_factor_of((double)a.scale * (double)b.scale / (double)l->lowered[y].scale));
    return inputs[0] >= 0 && inputs[1] >= 0 &&
           mote_affine_op(l, op, MOTE_OP_SCALED_MUL, 2, inputs, mote_affine_result(l, y), params);
}

/* True if the dimensions of t are the last ones of x. */
static bool ends(const mote_tensor *x, const mote_tensor *t)
{
    bool same = t->rank <= x->rank;
    for (int i = 0; same && i < t->rank; i++)
        same = t->dims[i] == x->dims[x->rank - t->rank + i];
    return same;
}

/* Stores slopes for every value of x, from slopes with dimensions of 1 that stand for all of x. */
static int spread_slopes(mote_lowering *l, const mote_op *op, mote_affine_form *form)
{
    const mote_tensor *x = &l->from->tensors[op->inputs[MOTE_PRELU_X]];
    const mote_tensor *slope = &l->from->tensors[op->inputs[MOTE_PRELU_SLOPE]];
    *form = mote_affine_form_of_values(l, op->inputs[MOTE_PRELU_SLOPE]);
    const int index = mote_affine_scratch(l, op, ".slopes", form, MOTE_CONSTANT, x->rank, x->dims);
    for (size_t i = 0; index >= 0 && i < mote_tensor_elements(x); i++) {
        size_t at = 0, step = 1, rest = i;
        for (int k = 1; k <= x->rank; rest /= x->dims[x->rank - k], k++) {
            const uint32_t size = k <= slope->rank ? slope->dims[slope->rank - k] : 1;
            at += size > 1 ? rest % x->dims[x->rank - k] * step : 0;
            step *= size;
        }
        mote_value_put(l->to->tensors[index].data, form->dtype, i,
                       mote_affine_stored(form, (double)((const float *)slope->data)[at]));
    }
    return index;
}

static bool lower_prelu(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_PRELU_ROUNDING + 1] = {0};
    mote_affine_form slope;
    const mote_affine_form x = mote_affine_form_of(l, op->inputs[MOTE_PRELU_X]);
    const int inputs[] = {
        l->lowered[op->inputs[MOTE_PRELU_X]].tensor,
        ends(&l->from->tensors[op->inputs[MOTE_PRELU_X]], &l->from->tensors[op->inputs[MOTE_PRELU_SLOPE]])
            ? mote_affine_operand(l, op->inputs[MOTE_PRELU_SLOPE], NULL, &slope)
            : spread_slopes(l, op, &slope)};
    const int y = mote_affine_end(l, op, &params[MOTE_PRELU_LOW]);
    const double factor = (double)x.scale / (double)l->lowered[y].scale;
    mote_affine_put(&params[MOTE_PRELU_MULTIPLIER], mote_factor_of(factor));
    mote_affine_put(&params[MOTE_PRELU_NEGATIVE_MULTIPLIER], mote_factor_of(factor * (double)slope.scale));
    return inputs[1] >= 0 && mote_affine_op(l, op, MOTE_OP_PRELU, 2, inputs, mote_affine_result(l, y), params);
}

/* --- functions of one value --- */

typedef struct function {
    mote_function kind;
    float alpha, beta;
} function;

static double value_at(const function *f, const mote_affine_form *x, int32_t stored)
{
    const float real = x->scale * (float)(stored - x->zero);
    return (double)mote_function_value(f->kind, f->alpha, f->beta, real);
}

static int32_t entry(const function *f, const mote_affine_form *x, const mote_affine_form *y, int32_t stored)
{
    const double v = value_at(f, x, stored);
    return isnan(v) ? y->zero : mote_affine_stored(y, v);
}

/* Adds the table of the function: an entry for each int8, or the knots between which int16 is interpolated. */
static int add_table(mote_lowering *l, const mote_op *op, const function *f, const mote_affine_form *x,
                     const mote_affine_form *y)
{
    int16_t wide[KNOTS];
    int8_t narrow[BYTES];
    const bool interpolates = x->dtype == MOTE_I16;
    const uint32_t count = interpolates ? KNOTS : BYTES;
    for (int i = 0; i < (int)count; i++) {
        const int32_t v = entry(f, x, y, interpolates ? (i - KNOTS / 2) * KNOT : (int8_t)i);
        wide[i] = (int16_t)v;
        narrow[i % BYTES] = (int8_t)v;
    }
    return mote_affine_constant(l, op, ".table", y->dtype, count, y->dtype == MOTE_I16 ? (const void *)wide : narrow);
}

static bool lower_function(mote_lowering *l, const mote_op *op, const function *f)
{
    const int from = op->inputs[MOTE_MAP_X], result = mote_op_result(op);
    const mote_affine_form x = mote_affine_form_of(l, from), y = mote_affine_form_of(l, result);
    if (l->lowered[result].tensor >= 0)
        return true; /* the operator before it limits its result */
    const int inputs[] = {l->lowered[from].tensor, add_table(l, op, f, &x, &y)};
    const int32_t params[MOTE_MAP_BETA + 1] = {0};
    return inputs[1] >= 0 && mote_affine_op(l, op, MOTE_OP_MAP, 2, inputs, mote_affine_result(l, result), params);
}

static bool lower_map(mote_lowering *l, const mote_op *op)
{
    const function f = {(mote_function)op->params[MOTE_MAP_FUNCTION], mote_op_real(op, MOTE_MAP_ALPHA),
                        mote_op_real(op, MOTE_MAP_BETA)};
    return lower_function(l, op, &f);
}

bool mote_affine_tanh(mote_lowering *l, const mote_op *op)
{
    return lower_function(l, op, &(function){.kind = MOTE_FUNCTION_TANH});
}

bool mote_affine_silu(mote_lowering *l, const mote_op *op)
{
    return lower_function(l, op, &(function){.kind = MOTE_FUNCTION_SILU});
}

bool mote_affine_gelu(mote_lowering *l, const mote_op *op)
{
    return lower_function(l, op, &(function){.kind = MOTE_FUNCTION_GELU});
}

static mote_range_kind range_of_map(const mote_op *op)
{
    return op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_SIGMOID ? MOTE_RANGE_UNIT
           : op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_TANH  ? MOTE_RANGE_SIGNED
                                                                  : MOTE_RANGE_SEEN;
}

/* --- reductions and softmax --- */

static mote_range_kind range_of_reduce(const mote_op *op)
{
    return op->params[MOTE_REDUCE_KIND] >= LARGEST ? MOTE_RANGE_SHARED : MOTE_RANGE_SEEN;
}

static bool lower_reduce(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_REDUCE_ROUNDING + 1] = {
        [MOTE_REDUCE_KIND] = op->params[MOTE_REDUCE_KIND], [MOTE_REDUCE_AXES] = op->params[MOTE_REDUCE_AXES]};
    const int from = op->inputs[MOTE_REDUCE_X], kind = params[MOTE_REDUCE_KIND];
    int y = mote_op_result(op);
    if (kind < LARGEST) {
        y = mote_affine_end(l, op, &params[MOTE_REDUCE_LOW]);
        const mote_tensor *x = &l->from->tensors[from];
        const size_t count = mote_tensor_elements(x) / mote_tensor_elements(&l->from->tensors[y]);
        const double factor = (double)l->lowered[from].scale / (double)l->lowered[y].scale;
        mote_affine_put(&params[MOTE_REDUCE_MULTIPLIER],
                        kind == MEAN ? mote_factor_of_mean(factor, (uint32_t)count) : mote_factor_of(factor));
    }
    return mote_affine_op(l, op, MOTE_OP_REDUCE, 1, &l->lowered[from].tensor, mote_affine_result(l, y), params);
}

/* The runtime takes the exponentials of int8. */
static int narrowed(mote_lowering *l, const mote_op *op, int from, mote_affine_form *form)
{
    const mote_observer *o = &l->calibration->observers[from];
    const mote_tensor *t = &l->from->tensors[from];
    int32_t params[MOTE_RESCALE_ROUNDING + 1] = {0};
    *form = mote_affine_form_for(MOTE_I8, o->min, o->max, mote_granularity_is_pow2(l->options->granularity));
    const mote_factor f = mote_factor_of((double)l->lowered[from].scale / (double)form->scale);
    mote_affine_put(&params[MOTE_RESCALE_MULTIPLIER], f);
    mote_affine_put(&params[MOTE_RESCALE_NEGATIVE_MULTIPLIER], f);
    params[MOTE_RESCALE_LOW] = INT8_MIN;
    params[MOTE_RESCALE_HIGH] = INT8_MAX;
    const int y = mote_affine_scratch(l, op, ".int8", form, MOTE_ACTIVATION, t->rank, t->dims);
    return mote_affine_op(l, op, MOTE_OP_RESCALE, 1, &l->lowered[from].tensor, y, params) ? y : -1;
}

static bool lower_softmax(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_SOFTMAX_LEAST + 1] = {0};
    const int from = op->inputs[MOTE_SOFTMAX_X];
    mote_affine_form x = mote_affine_form_of(l, from);
    const int tensor = x.dtype == MOTE_I16 ? narrowed(l, op, from, &x) : l->lowered[from].tensor;
    if (op->params[MOTE_SOFTMAX_LOGARITHM])
        return mote_lowering_refuse(l, op, "the logarithm of softmax has no integer form; leave it to the caller");
    mote_affine_put(&params[MOTE_SOFTMAX_MULTIPLIER],
                    mote_factor_of_softmax(1, (double)x.scale, &params[MOTE_SOFTMAX_LEAST]));
    return tensor >= 0 &&
           mote_affine_op(l, op, MOTE_OP_SOFTMAX, 1, &tensor, mote_affine_result(l, mote_op_result(op)), params);
}

static mote_range_kind range_of_softmax(const mote_op *op)
{
    (void)op;
    return MOTE_RANGE_SOFTMAX;
}

const mote_lowering_rule mote_lower_sub = {.affine = lower_sub};
const mote_lowering_rule mote_lower_prelu = {.affine = lower_prelu};
const mote_lowering_rule mote_lower_map = {.affine = lower_map, .range = range_of_map};
const mote_lowering_rule mote_lower_reduce = {.affine = lower_reduce, .range = range_of_reduce};
const mote_lowering_rule mote_lower_softmax = {.affine = lower_softmax, .range = range_of_softmax};

/* Operators without a form of their own: division, and those that only packed graphs have. */
const mote_lowering_rule mote_lower_div = {0};
const mote_lowering_rule mote_lower_scaled_add = {0};
const mote_lowering_rule mote_lower_scaled_mul = {0};
const mote_lowering_rule mote_lower_rescale = {0};
