#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Range of int16 values, relative to the largest magnitude that calibration saw. */
#define HEADROOM 2.0f

enum { FINEST = 20, COARSEST = -8 }; /* int16 scales are 2^-FINEST .. 2^-COARSEST */

const mote_tensor *mote_lowering_tensor(const mote_lowering *l, int index)
{
    return index < 0 ? NULL : &l->from->tensors[index];
}

bool mote_lowering_refuse(mote_lowering *l, const mote_op *op, const char *what)
{
    return mote_fail(l->error, MOTE_E_UNSUPPORTED, "operator %s: %s", op->name, what);
}

int mote_lowering_add(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, mote_role role,
                      uint32_t rows, uint32_t columns)
{
    char *name = mote_name(base, suffix);
    const int index =
        name ? mote_graph_tensor(l->to, name, dtype, role, columns ? 2 : 1, (uint32_t[]){rows, columns}) : -1;
    free(name);
    if (index < 0)
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory for tensor %s%s, or its name is taken", base, suffix);
    return index;
}

int mote_lowering_constant(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, uint32_t rows,
                           const void *data)
{
    const int index = mote_lowering_add(l, base, suffix, dtype, MOTE_CONSTANT, rows, 0);
    if (index >= 0)
        memcpy(l->to->tensors[index].data, data, mote_tensor_size(&l->to->tensors[index]));
    return index;
}

int mote_lowering_value(mote_lowering *l, int from, mote_dtype dtype, float scale)
{
    const mote_tensor *t = mote_lowering_tensor(l, from);
    const int index = mote_lowering_add(l, t->name, "", dtype, t->role, t->dims[0], 0);
    if (index >= 0)
        l->to->tensors[index].quantization.scale = scale;
    l->lowered[from] = (mote_lowered){.tensor = index, .dtype = dtype, .scale = scale, .narrow = -1};
    return index;
}

void mote_lowering_ask(mote_lowering *l, int tensor, float scale)
{
    l->lowered[tensor] = (mote_lowered){.tensor = -1, .dtype = MOTE_I16, .scale = scale, .narrow = -1};
}

static float unit_of_range(float range)
{
    if (!(range > 0))
        return ldexpf(1, -FINEST);
    int exponent;
    const float fraction = frexpf(range * HEADROOM / 32767, &exponent); /* the power of two at or above */
    exponent -= fraction == 0.5f;
    return ldexpf(1, exponent < -FINEST ? -FINEST : exponent > -COARSEST ? -COARSEST : exponent);
}

void mote_lowering_ask_for(mote_lowering *l, int tensor, float range)
{
    if (l->lowered[tensor].dtype == MOTE_F32 && l->range)
        mote_lowering_ask(l, tensor, unit_of_range(range));
}

void mote_lowering_ask_range(mote_lowering *l, int tensor, float wider)
{
    if (l->range)
        mote_lowering_ask_for(l, tensor, wider * l->range[tensor]);
}

float mote_lowering_unit(const mote_lowering *l, int tensor)
{
    const mote_lowered *form = &l->lowered[tensor];
    return form->dtype == MOTE_I16 ? form->scale : unit_of_range(l->range ? l->range[tensor] : 0);
}

int mote_unit_exponent(float unit)
{
    return -ilogbf(unit);
}

int mote_fixed_shift(double factor)
{
    int shift = 30;
    while (shift >= 0 && rint(ldexp(factor, shift)) > 32767)
        shift--;
    return shift;
}

bool mote_graph_is_affine(const mote_graph *g)
{
    bool affine = false;
    for (int i = 0; i < g->op_count; i++) {
        const mote_lowering_rule *rule = mote_lowering_rules[g->ops[i].opcode];
        affine = affine || (!rule->lower && rule->affine);
    }
    return affine;
}

#define OPERATOR(ID, id, ...) extern const mote_lowering_rule mote_lower_##id;
#include "runtime/operators.def"
#undef OPERATOR

#define OPERATOR(ID, id, ...) [MOTE_OP_##ID] = &mote_lower_##id,
const mote_lowering_rule *const mote_lowering_rules[MOTE_OPCODE_COUNT] = {
#include "runtime/operators.def"
};
