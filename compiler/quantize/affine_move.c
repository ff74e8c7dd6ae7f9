/* Lowers operators whose result has the form of what they read: moves, poolings, extremes. */
#include <math.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/quantize/affine.h"

enum { MOST_PARAMS = 32 };

/* Adds the same operator. Operands that are floats have the form of the result. */
static bool same_op(mote_lowering *l, const mote_op *op, const int32_t *params)
{
    const mote_affine_form form = mote_affine_form_of(l, mote_op_result(op));
    int inputs[16];
    for (int i = 0; i < op->input_count; i++) {
        const int from = op->inputs[i];
        inputs[i] = from < 0 ? -1 : mote_affine_operand(l, from, &form, NULL);
        if (from >= 0 && inputs[i] < 0)
            return false;
    }
    return mote_affine_op(l, op, op->opcode, op->input_count, inputs, mote_affine_result(l, mote_op_result(op)),
                          params);
}

static bool lower_move(mote_lowering *l, const mote_op *op)
{
    return same_op(l, op, NULL);
}

static bool lower_extreme(mote_lowering *l, const mote_op *op)
{
    const mote_affine_form form = mote_affine_form_of(l, mote_op_result(op));
    const int inputs[] = {mote_affine_aligned(l, op, MOTE_MINIMUM_A, &form, NULL),
                          mote_affine_aligned(l, op, MOTE_MINIMUM_B, &form, NULL)};
    return inputs[0] >= 0 && inputs[1] >= 0 &&
           mote_affine_op(l, op, op->opcode, 2, inputs, mote_affine_result(l, mote_op_result(op)), NULL);
}

static bool lower_pool(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOST_PARAMS];
    memcpy(params, op->params, (size_t)op->param_count * sizeof *params);
    mote_affine_no_end(l, op, &params[op->opcode == MOTE_OP_MAX_POOL ? MOTE_MAX_POOL_LOW : MOTE_AVERAGE_POOL_LOW]);
    return same_op(l, op, params);
}

static bool lower_pad(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOST_PARAMS];
    const mote_affine_form form = mote_affine_form_of(l, mote_op_result(op));
    memcpy(params, op->params, (size_t)op->param_count * sizeof *params);
    params[MOTE_PAD_VALUE] = mote_affine_stored(&form, (double)mote_op_real(op, MOTE_PAD_VALUE));
    return same_op(l, op, params);
}

/* True if a factor is that of the sizes, which integers compute with. */
static bool is_ratio(float factor, uint32_t to, uint32_t from)
{
    return factor == 0 || factor == (float)to / (float)from;
}

static bool lower_resize(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOST_PARAMS];
    const mote_tensor *x = &l->from->tensors[op->inputs[MOTE_RESIZE_X]];
    const mote_tensor *y = &l->from->tensors[mote_op_result(op)];
    if (!is_ratio(mote_op_real(op, MOTE_RESIZE_HEIGHT_SCALE), y->dims[0], x->dims[0]) ||
        !is_ratio(mote_op_real(op, MOTE_RESIZE_WIDTH_SCALE), y->dims[1], x->dims[1]))
        return mote_lowering_refuse(l, op,
                                    "it resizes by another factor than that of the sizes, which integers do not");
    memcpy(params, op->params, (size_t)op->param_count * sizeof *params);
    params[MOTE_RESIZE_HEIGHT_SCALE] = params[MOTE_RESIZE_WIDTH_SCALE] = 0;
    return same_op(l, op, params);
}

static bool lower_gather(mote_lowering *l, const mote_op *op)
{
    const mote_tensor *indices = &l->from->tensors[op->inputs[MOTE_GATHER_INDICES]];
    const mote_affine_form form = mote_affine_form_of(l, mote_op_result(op));
    int inputs[2];
    inputs[MOTE_GATHER_X] = mote_affine_operand(l, op->inputs[MOTE_GATHER_X], &form, NULL);
    inputs[MOTE_GATHER_INDICES] =
        mote_affine_constant(l, op, ".indices", MOTE_U16, (uint32_t)mote_tensor_elements(indices), indices->data);
    return inputs[0] >= 0 && inputs[1] >= 0 &&
           mote_affine_op(l, op, MOTE_OP_GATHER, 2, inputs, mote_affine_result(l, mote_op_result(op)), NULL);
}

static bool lower_argmax(mote_lowering *l, const mote_op *op)
{
    l->lowered[mote_op_result(op)] = (mote_lowered){.tensor = -1, .dtype = MOTE_U16, .scale = 1, .narrow = -1};
    const int x = l->lowered[op->inputs[MOTE_ARGMAX_X]].tensor;
    return mote_affine_op(l, op, MOTE_OP_ARGMAX, 1, &x, mote_affine_result(l, mote_op_result(op)), NULL);
}

const mote_lowering_rule mote_lower_reshape = {.affine = lower_move, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_transpose = {.affine = lower_move, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_slice = {.affine = lower_move, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_concat = {.affine = lower_move, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_minimum = {.affine = lower_extreme, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_maximum = {.affine = lower_extreme, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_max_pool = {.affine = lower_pool, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_average_pool = {.affine = lower_pool, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_pad = {.affine = lower_pad, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_resize = {.affine = lower_resize, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_gather = {.affine = lower_gather, .range = mote_affine_shared};
const mote_lowering_rule mote_lower_argmax = {.affine = lower_argmax};
