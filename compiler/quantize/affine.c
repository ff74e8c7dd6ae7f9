/* What the lowering of operators with zero points has in common. */
#include "compiler/quantize/affine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/graph/operator.h"
#include "runtime/ops/affine.h"

mote_affine_form mote_affine_form_of(const mote_lowering *l, int tensor)
{
    const mote_lowered *t = &l->lowered[tensor];
    return (mote_affine_form){t->dtype, t->scale, t->zero};
}

static int add_tensor(mote_lowering *l, const char *base, const char *suffix, mote_role role,
                      const mote_affine_form *form, int rank, const uint32_t *dims)
{
    char *name = mote_name(base, suffix);
    const int index = name ? mote_graph_tensor(l->to, name, form->dtype, role, rank, dims) : -1;
    free(name);
    if (index < 0) {
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory for tensor %s%s, or its name is taken", base, suffix);
        return -1;
    }
    l->to->tensors[index].quantization.scale = form->scale;
    l->to->tensors[index].quantization.zero_point = form->zero;
    return index;
}

int mote_affine_result(mote_lowering *l, int from)
{
    const mote_tensor *t = &l->from->tensors[from];
    const mote_affine_form form = mote_affine_form_of(l, from);
    return l->lowered[from].tensor = add_tensor(l, t->name, "", t->role, &form, t->rank, t->dims);
}

int mote_affine_scratch(mote_lowering *l, const mote_op *op, const char *suffix, const mote_affine_form *form,
                        mote_role role, int rank, const uint32_t *dims)
{
    return add_tensor(l, l->from->tensors[mote_op_result(op)].name, suffix, role, form, rank, dims);
}

int mote_affine_constant(mote_lowering *l, const mote_op *op, const char *suffix, mote_dtype dtype, uint32_t count,
                         const void *data)
{
    return mote_lowering_constant(l, l->from->tensors[mote_op_result(op)].name, suffix, dtype, count, data);
}

mote_affine_form mote_affine_form_of_values(const mote_lowering *l, int constant)
{
    const mote_affine_form any = mote_affine_form_of(l, constant);
    const mote_tensor *t = &l->from->tensors[constant];
    float least = 0, most = 0;
    for (size_t i = 0; i < mote_tensor_elements(t); i++) {
        least = fminf(least, ((const float *)t->data)[i]);
        most = fmaxf(most, ((const float *)t->data)[i]);
    }
    return mote_affine_form_for(any.dtype, least, most, mote_granularity_is_pow2(l->options->granularity));
}

static bool is_taken(const mote_lowering *l, const char *base, const char *suffix)
{
    char *name = mote_name(base, suffix);
    const bool taken = name && mote_graph_find(l->to, name) >= 0;
    free(name);
    return taken;
}

int mote_affine_operand(mote_lowering *l, int from, const mote_affine_form *form, mote_affine_form *form_out)
{
    const mote_tensor *t = &l->from->tensors[from];
    if (t->role != MOTE_CONSTANT) {
        if (form_out)
            *form_out = mote_affine_form_of(l, from);
        return l->lowered[from].tensor;
    }
    const mote_affine_form f = form ? *form : mote_affine_form_of_values(l, from);
    if (form_out)
        *form_out = f;
    char suffix[24] = "";
    for (int uses = 2; is_taken(l, t->name, suffix); uses++)
        snprintf(suffix, sizeof suffix, "#%d", uses);
    const int index = add_tensor(l, t->name, suffix, MOTE_CONSTANT, &f, t->rank, t->dims);
    for (size_t i = 0; index >= 0 && i < mote_tensor_elements(t); i++) {
        const int32_t v = mote_affine_stored(&f, (double)((const float *)t->data)[i]);
        mote_value_put(l->to->tensors[index].data, f.dtype, i, v);
    }
    return index;
}

int mote_affine_aligned(mote_lowering *l, const mote_op *op, int input, const mote_affine_form *form,
                        mote_affine_form *form_out)
{
    const int tensor = mote_affine_operand(l, op->inputs[input], form, form_out);
    mote_tensor *t = tensor < 0 ? NULL : &l->to->tensors[tensor];
    const int surplus = t ? t->rank - l->from->tensors[mote_op_result(op)].rank : 0;
    if (surplus <= 0 || t->role != MOTE_CONSTANT)
        return tensor;
    t->rank -= surplus;
    for (int i = 0; i < MOTE_RANK; i++)
        t->dims[i] = i < t->rank ? t->dims[i + surplus] : 1;
    return tensor;
}

/* True if the operator is a function that only limits its value, to low..high. */
static bool limits(const mote_op *op, float *low, float *high)
{
    if (op->opcode != MOTE_OP_MAP)
        return false;
    *low = op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_RELU ? 0 : mote_op_real(op, MOTE_MAP_ALPHA);
    *high = op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_RELU ? INFINITY : mote_op_real(op, MOTE_MAP_BETA);
    return op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_RELU || op->params[MOTE_MAP_FUNCTION] == MOTE_FUNCTION_CLIP;
}

void mote_affine_no_end(const mote_lowering *l, const mote_op *op, int32_t *low_high)
{
    const mote_dtype dtype = l->lowered[mote_op_result(op)].dtype;
    low_high[0] = mote_affine_low(dtype);
    low_high[1] = mote_affine_high(dtype);
}

int mote_affine_end(mote_lowering *l, const mote_op *op, int32_t *low_high)
{
    const int y = mote_op_result(op), reader = l->reader[y];
    float low, high;
    mote_affine_no_end(l, op, low_high);
    if (reader < 0 || l->from->tensors[y].role != MOTE_ACTIVATION || !limits(&l->from->ops[reader], &low, &high))
        return y;
    const int result = mote_op_result(&l->from->ops[reader]);
    const mote_affine_form f = mote_affine_form_of(l, result);
    low_high[0] = mote_affine_stored(&f, (double)low);
    low_high[1] = mote_affine_stored(&f, (double)high);
    return result;
}

bool mote_affine_op(mote_lowering *l, const mote_op *op, mote_opcode opcode, int input_count, const int *inputs, int y,
                    const int32_t *params)
{
    if (y < 0)
        return false;
    const int index = mote_graph_op(l->to, op->name, opcode, input_count, inputs, 1, &y);
    if (index < 0)
        return mote_fail(l->error, MOTE_E_INTERNAL, "no memory for operator %s", op->name);
    mote_op *made = &l->to->ops[index];
    memcpy(made->params, params ? params : op->params, (size_t)made->param_count * sizeof *made->params);
    return true;
}

bool mote_affine_view(mote_lowering *l, const mote_op *op, int x, int y)
{
    int32_t params[MOTE_RANK] = {0};
    for (int i = 0; y >= 0 && i < l->to->tensors[y].rank; i++)
        params[i] = (int32_t)l->to->tensors[y].dims[i];
    return mote_affine_op(l, op, MOTE_OP_RESHAPE, 1, &x, y, params);
}

void mote_affine_put(int32_t *multiplier_shift, mote_factor f)
{
    multiplier_shift[0] = f.multiplier;
    multiplier_shift[1] = f.shift;
}
