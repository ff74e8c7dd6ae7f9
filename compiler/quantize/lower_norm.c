/* Lowers RMSNorm and LayerNorm: x/rms, which is at most the square root of the dimension, in units of 2^-FORM; then
 * gains that convert to the scale of the result. */
#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_FORM = 4, MOST_FORM = 14 };

static void demand_norm(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask_range(l, op->inputs[MOTE_LAYERNORM_X], 1);
}

static int form_of(uint32_t dim)
{
    int form = MOST_FORM;
    while (form > LEAST_FORM && ldexp(sqrt((double)dim), form) > 32768)
        form--;
    return form;
}

static int32_t epsilon_of(const mote_op *op, float unit)
{
    float epsilon;
    memcpy(&epsilon, &op->params[MOTE_NORM_EPSILON], sizeof epsilon);
    const double stored = rint((double)epsilon / ((double)unit * (double)unit));
    return stored < 1 ? 1 : stored > 1 << 30 ? 1 << 30 : (int32_t)stored;
}

static double largest(const float *values, uint32_t count)
{
    double most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)values[i]));
    return most;
}

/* Adds the values of `t` times `factor` as an I16 constant. Returns -1 on failure. */
static int fixed_constant(mote_lowering *l, const mote_tensor *t, double factor)
{
    int16_t *fixed = malloc(t->dims[0] * sizeof *fixed);
    if (!fixed) {
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory to quantize %s", t->name);
        return -1;
    }
    for (uint32_t i = 0; i < t->dims[0]; i++)
        fixed[i] = (int16_t)fmax(-32768, fmin(32767, rint((double)((const float *)t->data)[i] * factor)));
    const int index = mote_lowering_constant(l, t->name, "", MOTE_I16, t->dims[0], fixed);
    free(fixed);
    if (index >= 0)
        l->to->tensors[index].quantization.scale = (float)(1 / factor);
    return index;
}

static bool lower_norm(mote_lowering *l, const mote_op *op)
{
    const mote_lowered x = l->lowered[op->inputs[MOTE_LAYERNORM_X]];
    const mote_tensor *gain = mote_lowering_tensor(l, op->inputs[MOTE_LAYERNORM_GAIN]);
    const mote_tensor *bias =
        op->opcode == MOTE_OP_LAYERNORM ? mote_lowering_tensor(l, op->inputs[MOTE_LAYERNORM_BIAS]) : NULL;
    if (x.tensor < 0 || x.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its input has no int16 form");
    const int form = form_of(gain->dims[0]);
    const float unit = mote_lowering_unit(l, mote_op_result(op));
    const double factor = ldexp(1, -form) / (double)unit;
    const int shift = mote_fixed_shift(largest(gain->data, gain->dims[0]) * factor);
    if (shift < 0)
        return mote_lowering_refuse(l, op, "its gains are too large for 16 bits");
    const int inputs[] = {x.tensor, fixed_constant(l, gain, ldexp(factor, shift)),
                          bias ? fixed_constant(l, bias, 1 / (double)unit) : -1};
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, unit);
    if (inputs[1] < 0 || (bias && inputs[2] < 0) || y < 0)
        return false;
    const int added = mote_graph_op(l->to, op->name, op->opcode, bias ? 3 : 2, inputs, 1, &y);
    if (added < 0)
        return false;
    int32_t *params = l->to->ops[added].params;
    params[MOTE_NORM_EPSILON] = epsilon_of(op, x.scale);
    params[MOTE_NORM_FORM] = form;
    params[MOTE_NORM_SHIFT] = shift;
    return true;
}

const mote_lowering_rule mote_lower_rmsnorm = {.demand = demand_norm, .lower = lower_norm};
const mote_lowering_rule mote_lower_layernorm = {.demand = demand_norm, .lower = lower_norm};
