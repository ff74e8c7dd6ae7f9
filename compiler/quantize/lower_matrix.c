/* Matrices: which quantiser each gets, and the constant that its codes become. */
#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/pack/codes.h"

/* Rows may differ in scale by this much before the small ones are coarsened. */
#define SCALE_RANGE 256.0f

bool mote_lowering_is_table(const mote_lowering *l, int tensor)
{
    for (int i = 0; i < l->from->op_count; i++)
        if (l->from->ops[i].opcode == MOTE_OP_EMBEDDING && l->from->ops[i].inputs[1] == tensor)
            return true;
    return false;
}

/* A table whose rows are int8 inputs of a product, as they are. */
static bool is_narrow_table(const mote_lowering *l, int tensor)
{
    return mote_lowering_is_table(l, tensor) && !l->range;
}

static bool is_head(const mote_lowering *l, int tensor)
{
    for (int i = 0; i < l->from->op_count; i++) {
        const mote_op *op = &l->from->ops[i];
        if (op->opcode == MOTE_OP_LINEAR && op->inputs[1] == tensor &&
            l->from->tensors[op->outputs[0]].role == MOTE_OUTPUT)
            return true;
    }
    return false;
}

static mote_scheme scheme_trained(mote_dtype quantiser)
{
    return quantiser == MOTE_I8 ? MOTE_SCHEME_INT8 : MOTE_SCHEME_TERNARY;
}

/* Int16 inputs leave an accumulator room for Σ|code| = 2^15: rows beyond take coarser codes, by powers of two so that
 * such scales stay what they are. */
static void limit_magnitudes(mote_matrix *m)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        int16_t *row = m->codes + (size_t)r * m->columns;
        for (;;) {
            uint32_t magnitude = 0;
            for (uint32_t c = 0; c < m->columns; c++)
                magnitude += (uint32_t)abs(row[c]);
            if (magnitude <= 1 << 15 || m->dtype == MOTE_BINARY)
                break;
            for (uint32_t c = 0; c < m->columns; c++)
                row[c] = (int16_t)rint(row[c] / 2.0);
            m->scales[r] *= 2;
        }
    }
}

bool mote_lowering_matrix(mote_lowering *l, int tensor, mote_matrix *m)
{
    const mote_tensor *t = mote_lowering_tensor(l, tensor);
    const mote_quantize_options *o = l->options;
    const bool trained = o->as_trained && t->quantiser != MOTE_F32;
    mote_scheme scheme = trained                             ? scheme_trained(t->quantiser)
                         : is_head(l, tensor)                ? o->head
                         : mote_lowering_is_table(l, tensor) ? o->embedding
                                                             : o->weights;
    mote_granularity granularity = trained ? t->granularity : o->granularity;
    const bool narrow = is_narrow_table(l, tensor);
    if (scheme == MOTE_SCHEME_FLOAT || ((scheme == MOTE_SCHEME_INT16 || scheme == MOTE_SCHEME_INT4) && narrow))
        scheme = MOTE_SCHEME_INT8;
    if (scheme == MOTE_SCHEME_INT8 && narrow)
        granularity = granularity == MOTE_PER_ROW    ? MOTE_PER_TENSOR
                      : granularity == MOTE_POW2_ROW ? MOTE_POW2_TENSOR
                                                     : granularity;
    if (!mote_matrix_init(m, t, scheme, granularity, o->five_trits, l->error))
        return false;
    if (!narrow) /* such a table's codes are its embedding's values */
        mote_matrix_raise_scales(m, mote_matrix_largest_scale(m) / SCALE_RANGE);
    if (l->range && o->activations == MOTE_ACTIVATIONS_INT16)
        limit_magnitudes(m);
    return true;
}

float mote_matrix_largest_scale(const mote_matrix *m)
{
    float largest = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        largest = fmaxf(largest, m->scales[r]);
    return largest;
}

static bool one_scale(const mote_matrix *m)
{
    for (uint32_t r = 1; r < m->rows; r++)
        if (m->scales[r] != m->scales[0])
            return false;
    return true;
}

int mote_lowering_store(mote_lowering *l, int from, const mote_matrix *m)
{
    mote_lowered *lowered = &l->lowered[from];
    if (lowered->tensor >= 0)
        return lowered->tensor;
    const int index =
        mote_lowering_add(l, mote_lowering_tensor(l, from)->name, "", m->dtype, MOTE_CONSTANT, m->rows, m->columns);
    if (index < 0)
        return -1;
    mote_tensor *t = &l->to->tensors[index];
    mote_codes_pack(m->dtype, m->codes, m->rows, m->columns, t->data);
    t->scale = one_scale(m) ? m->scales[0] : 0;
    lowered->tensor = index;
    return index;
}
