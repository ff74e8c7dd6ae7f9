/* Lowers embeddings. A product gets int8 rows as stored, or ternary or binary rows times an integer that carries the
 * row's scale. A residual stream gets int16, every row times its scale. */
#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdlib.h>

/* Adds multipliers with x = ⌊code·multiplier / 2^shift + 1/2⌋ in units of x_scale. Returns -1 on failure. */
static int add_multipliers(mote_lowering *l, const mote_op *op, const mote_matrix *m, float x_scale, int shift)
{
    int16_t *multiplier = malloc(m->rows * sizeof *multiplier);
    if (!multiplier) {
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory to quantize %s", op->name);
        return -1;
    }
    for (uint32_t r = 0; r < m->rows; r++)
        multiplier[r] = (int16_t)lrint(ldexp((double)(m->scales[r] / x_scale), shift));
    const int index = mote_lowering_constant(l, op->name, ".multiplier", MOTE_I16, m->rows, multiplier);
    free(multiplier);
    return index;
}

/* Returns the scale of x with which the largest multiplier is about 127. */
static float narrow_unit(const mote_matrix *m)
{
    int exponent;
    const float largest = mote_matrix_largest_scale(m);
    const bool pow2 = frexpf(largest, &exponent) == 0.5f;
    return largest / (pow2 ? 64 : 127); /* keeps a power of two */
}

/* Returns the lowered input of ids, which several tables may read. */
static int lowered_ids(mote_lowering *l, int from)
{
    mote_lowered *ids = &l->lowered[from];
    if (ids->tensor < 0)
        *ids = (mote_lowered){
            .tensor = mote_lowering_add(l, mote_lowering_tensor(l, from)->name, "", MOTE_U16, MOTE_INPUT, 1, 0),
            .dtype = MOTE_U16,
            .narrow = -1};
    return ids->tensor;
}

static bool add_embedding(mote_lowering *l, const mote_op *op, const mote_matrix *m)
{
    const bool wide = l->lowered[mote_op_result(op)].dtype == MOTE_I16;
    const float x_scale = wide                  ? l->lowered[mote_op_result(op)].scale
                          : m->dtype == MOTE_I8 ? m->scales[0]
                                                : narrow_unit(m);
    const int shift = wide ? mote_fixed_shift((double)(mote_matrix_largest_scale(m) / x_scale)) : 0;
    int multiplier = -1;
    if (shift < 0)
        return mote_lowering_refuse(l, op, "its rows are too large for the unit of what is added to them");
    if ((wide || m->dtype != MOTE_I8) && (multiplier = add_multipliers(l, op, m, x_scale, shift)) < 0)
        return false;
    const int table = mote_lowering_store(l, op->inputs[MOTE_EMBEDDING_TABLE], m);
    const mote_tensor *ids_float = mote_lowering_tensor(l, op->inputs[MOTE_EMBEDDING_IDS]);
    const int ids = ids_float ? lowered_ids(l, op->inputs[MOTE_EMBEDDING_IDS]) : -1;
    const int x = mote_lowering_value(l, mote_op_result(op), wide ? MOTE_I16 : MOTE_I8, x_scale);
    const int inputs[] = {ids, table, multiplier};
    const int added = table < 0 || (ids_float && ids < 0) || x < 0
                          ? -1
                          : mote_graph_op(l->to, op->name, MOTE_OP_EMBEDDING, multiplier < 0 ? 2 : 3, inputs, 1, &x);
    if (added >= 0)
        l->to->ops[added].params[MOTE_EMBEDDING_SHIFT] = shift;
    return added >= 0;
}

static bool lower_embedding(mote_lowering *l, const mote_op *op)
{
    mote_matrix m;
    if (!mote_lowering_matrix(l, op->inputs[MOTE_EMBEDDING_TABLE], &m))
        return false;
    const bool added = add_embedding(l, op, &m);
    mote_matrix_free(&m);
    return added;
}

/* Asks for int16 if ranges are known, because rows with a scale each have no common scale in int8. */
static void demand_embedding(mote_lowering *l, const mote_op *op)
{
    const mote_tensor *table = mote_lowering_tensor(l, op->inputs[MOTE_EMBEDDING_TABLE]);
    float range = 0;
    for (size_t i = 0; i < mote_tensor_elements(table); i++)
        range = fmaxf(range, fabsf(((const float *)table->data)[i]));
    mote_lowering_ask_for(l, mote_op_result(op), range);
}

const mote_lowering_rule mote_lower_embedding = {.demand = demand_embedding, .lower = lower_embedding};
