#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pack/codes.h"
#include "compiler/quantize/select.h"

#define GATE_SCALE   (1.0f / 1024)  /* Q10 */
#define STATE_SCALE  (1.0f / 16384) /* Q14 */
#define STATE8_SCALE (1.0f / 128)

static const mote_tensor *tensor_of(const mote_lowering *l, int index)
{
    return index < 0 ? NULL : &l->from->tensors[index];
}

static bool unsupported(mote_lowering *l, const mote_op *op, const char *what)
{
    return mote_fail(l->error, MOTE_E_UNSUPPORTED, "operator %s: %s", op->name, what);
}

/* A new tensor of the packed graph, named `base` with `suffix`; -1 when out of memory. */
static int new_tensor(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, mote_role role,
                      uint32_t rows, uint32_t columns)
{
    char name[MOTE_NAME_SIZE];
    snprintf(name, sizeof name, "%.*s%s", (int)(sizeof name - 1 - strlen(suffix)), base, suffix);
    const int index = mote_graph_tensor(l->to, name, dtype, role, columns ? 2 : 1, (uint32_t[]){rows, columns});
    if (index < 0)
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory for tensor %s", name);
    return index;
}

static int new_constant(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, uint32_t rows,
                        const void *data)
{
    const int index = new_tensor(l, base, suffix, dtype, MOTE_CONSTANT, rows, 0);
    if (index >= 0)
        memcpy(l->to->tensors[index].data, data, mote_tensor_size(&l->to->tensors[index]));
    return index;
}

/* A vector that takes the place of `from`, in the form given. */
static int new_value(mote_lowering *l, int from, mote_dtype dtype, float scale)
{
    const mote_tensor *t = tensor_of(l, from);
    const int index = new_tensor(l, t->name, "", dtype, t->role, t->dims[0], 0);
    if (index >= 0)
        l->to->tensors[index].scale = scale;
    l->lowered[from] = (mote_lowered){index, dtype, scale};
    return index;
}

/* The integer form of a matrix. */
static bool quantise(mote_lowering *l, int tensor, mote_matrix *m)
{
    if (l->options->matrices)
        return mote_matrix_copy(m, &l->options->matrices[tensor], l->error);
    const mote_recipe recipe = mote_recipe_of(l->from, l->options, tensor);
    return mote_matrix_init(m, tensor_of(l, tensor), &recipe, NULL, l->error);
}

static float largest_scale(const mote_matrix *m)
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

/* The matrix as a constant of the packed graph: made once, though a tied embedding asks twice. */
static int store_matrix(mote_lowering *l, int from, const mote_matrix *m)
{
    mote_lowered *lowered = &l->lowered[from];
    if (lowered->tensor >= 0)
        return lowered->tensor;
    const int index = new_tensor(l, tensor_of(l, from)->name, "", m->dtype, MOTE_CONSTANT, m->rows, m->columns);
    if (index < 0)
        return -1;
    mote_tensor *t = &l->to->tensors[index];
    mote_codes_pack(m->dtype, m->codes, m->rows, m->columns, t->data);
    t->scale = one_scale(m) ? m->scales[0] : 0;
    lowered->tensor = index;
    return index;
}

/* --- embedding: int8 rows as stored, or ternary or binary rows times an integer that carries the row's scale --- */

/* The multipliers of a ternary or binary table with x = code·multiplier in units of *x_scale. */
static int table_multiplier(mote_lowering *l, const mote_op *op, const mote_matrix *m, float *x_scale)
{
    int exponent;
    const float largest = largest_scale(m);
    const bool pow2 = frexpf(largest, &exponent) == 0.5f;
    *x_scale = largest / (pow2 ? 64 : 127); /* a power of two stays one */
    int16_t *multiplier = malloc(m->rows * sizeof *multiplier);
    if (!multiplier) {
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory to quantise %s", op->name);
        return -1;
    }
    for (uint32_t r = 0; r < m->rows; r++)
        multiplier[r] = (int16_t)lrintf(m->scales[r] / *x_scale);
    const int index = new_constant(l, op->name, ".multiplier", MOTE_I16, m->rows, multiplier);
    free(multiplier);
    return index;
}

static bool add_embedding(mote_lowering *l, const mote_op *op, const mote_matrix *m)
{
    float x_scale = m->scales[0];
    int multiplier = -1;
    if (m->dtype != MOTE_I8 && (multiplier = table_multiplier(l, op, m, &x_scale)) < 0)
        return false;
    const int table = store_matrix(l, op->inputs[1], m);
    const int ids = new_tensor(l, tensor_of(l, op->inputs[0])->name, "", MOTE_U16, MOTE_INPUT, 1, 0);
    const int x = new_value(l, op->outputs[0], MOTE_I8, x_scale);
    const int inputs[] = {ids, table, multiplier};
    return table >= 0 && ids >= 0 && x >= 0 &&
           mote_graph_op(l->to, op->name, MOTE_OP_EMBEDDING, multiplier < 0 ? 2 : 3, inputs, 1, &x) >= 0;
}

static bool lower_embedding(mote_lowering *l, const mote_op *op)
{
    mote_matrix m;
    if (!quantise(l, op->inputs[1], &m))
        return false;
    const bool added = add_embedding(l, op, &m);
    mote_matrix_free(&m);
    return added;
}

/* --- products: codes, int32 bias with the rounding folded in, int16 row multipliers unless a shift does it --- */

typedef struct product {
    int weights, bias, multiplier; /* in the packed graph; multiplier may be -1 */
    int32_t shift, gain;
} product;

static bool store_product(mote_lowering *l, int weights, const char *name, const mote_matrix *m,
                          const mote_requantisation *q, product *p)
{
    *p = (product){.weights = store_matrix(l, weights, m),
                   .bias = new_constant(l, name, ".offset", MOTE_I32, m->rows, q->bias),
                   .multiplier = -1,
                   .shift = q->shift,
                   .gain = q->gain};
    if (p->weights < 0 || p->bias < 0)
        return false;
    mote_tensor *stored = &l->to->tensors[p->weights];
    if (q->bound > stored->bound) /* a matrix used twice has the larger bound of the two */
        stored->bound = q->bound;
    if (q->multiplier)
        p->multiplier = new_constant(l, name, ".multiplier", MOTE_I16, m->rows, q->multiplier);
    return !q->multiplier || p->multiplier >= 0;
}

/* y = weights·x + bias in units of y_scale; tensors of the float graph, bias may be -1. */
static bool add_product(mote_lowering *l, const mote_op *op, int weights, int bias, float x_scale, float y_scale,
                        product *p)
{
    mote_matrix m;
    if (!quantise(l, weights, &m))
        return false;
    mote_requantisation q;
    const mote_tensor *b = tensor_of(l, bias);
    bool done = mote_requantisation_init(&q, &m, b ? b->data : NULL, x_scale, y_scale, op->name, l->error);
    if (done) {
        done = store_product(l, weights, op->name, &m, &q, p);
        mote_requantisation_free(&q);
    }
    mote_matrix_free(&m);
    return done;
}

static bool lower_linear(mote_lowering *l, const mote_op *op)
{
    const mote_lowered x = l->lowered[op->inputs[0]], y = l->lowered[op->outputs[0]];
    if (x.tensor < 0 || x.dtype != MOTE_I8)
        return unsupported(l, op, "its input has no int8 form; only an embedding or a gru may come before a linear");
    if (y.dtype != MOTE_I16)
        return unsupported(l, op, "nothing says the range of its output; only a gru or the logits may come after");
    product p;
    if (!add_product(l, op, op->inputs[1], op->inputs[2], x.scale, y.scale, &p))
        return false;
    const int output = new_value(l, op->outputs[0], y.dtype, y.scale);
    const int inputs[] = {x.tensor, p.weights, p.bias, p.multiplier};
    const int added =
        output < 0 ? -1 : mote_graph_op(l->to, op->name, MOTE_OP_LINEAR, p.multiplier < 0 ? 3 : 4, inputs, 1, &output);
    if (added < 0)
        return false;
    l->to->ops[added].params[MOTE_PARAM_SHIFT] = p.shift;
    l->to->ops[added].params[MOTE_PARAM_GAIN] = p.gain;
    return true;
}

/* --- gru: gates in Q10, the state in Q14 and, for the products, in int8 --- */

static void demand(mote_lowering *l, int tensor, float scale)
{
    l->lowered[tensor] = (mote_lowered){-1, MOTE_I16, scale};
}

static void demand_gru(mote_lowering *l, const mote_op *op)
{
    demand(l, op->inputs[0], GATE_SCALE);
}

static bool lower_gru(mote_lowering *l, const mote_op *op)
{
    const mote_lowered gates = l->lowered[op->inputs[0]];
    const mote_tensor *h_float = tensor_of(l, op->inputs[4]);
    const uint32_t d = h_float->dims[0];
    if (gates.tensor < 0 || gates.dtype != MOTE_I16)
        return unsupported(l, op, "its gates do not come from a linear");
    product p;
    if (!add_product(l, op, op->inputs[1], op->inputs[2], STATE8_SCALE, GATE_SCALE, &p))
        return false;
    const int h = new_tensor(l, h_float->name, "", MOTE_I16, MOTE_STATE, d, 0);
    const int h8 = new_tensor(l, h_float->name, "8", MOTE_I8, MOTE_STATE, d, 0);
    const int scratch = new_tensor(l, op->name, ".scratch", MOTE_I16, MOTE_ACTIVATION, 3 * d, 0);
    if (h < 0 || h8 < 0 || scratch < 0)
        return false;
    l->to->tensors[h].scale = STATE_SCALE;
    l->to->tensors[h8].scale = STATE8_SCALE;
    l->to->tensors[scratch].scale = GATE_SCALE;
    l->lowered[op->outputs[0]] = (mote_lowered){h8, MOTE_I8, STATE8_SCALE};
    const int inputs[] = {gates.tensor, p.weights, p.bias, p.multiplier, h, h8}, outputs[] = {h8, scratch};
    const int added = mote_graph_op(l->to, op->name, MOTE_OP_GRU, 6, inputs, 2, outputs);
    if (added < 0)
        return false;
    l->to->ops[added].params[MOTE_PARAM_SHIFT] = p.shift;
    l->to->ops[added].params[MOTE_PARAM_GAIN] = p.gain;
    return true;
}

/* --- add: both inputs in the form asked of the sum --- */

static void demand_add(mote_lowering *l, const mote_op *op)
{
    const mote_lowered y = l->lowered[op->outputs[0]];
    if (y.dtype != MOTE_F32) {
        demand(l, op->inputs[0], y.scale);
        demand(l, op->inputs[1], y.scale);
    }
}

static bool lower_add(mote_lowering *l, const mote_op *op)
{
    const mote_lowered a = l->lowered[op->inputs[0]], b = l->lowered[op->inputs[1]];
    if (a.tensor < 0 || b.tensor < 0 || a.dtype != b.dtype || a.scale != b.scale)
        return unsupported(l, op, "its inputs are integers of different scale; only like may be added to like");
    const int y = new_value(l, op->outputs[0], a.dtype, a.scale), inputs[] = {a.tensor, b.tensor};
    return y >= 0 && mote_graph_op(l->to, op->name, MOTE_OP_ADD, 2, inputs, 1, &y) >= 0;
}

const mote_lowering_rule mote_lowering_rules[MOTE_OPCODE_COUNT] = {
    [MOTE_OP_EMBEDDING] = {NULL, lower_embedding},
    [MOTE_OP_LINEAR] = {NULL, lower_linear},
    [MOTE_OP_GRU] = {demand_gru, lower_gru},
    [MOTE_OP_ADD] = {demand_add, lower_add},
};
