/* Lowers linear and gru operators: codes, an int32 bias that includes the rounding, int16 row multipliers unless a
 * shift suffices. */
#include "compiler/quantize/affine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GATE_SCALE   (1.0f / 1024)  /* Q10 */
#define STATE_SCALE  (1.0f / 16384) /* Q14 */
#define STATE8_SCALE (1.0f / 128)

typedef struct product {
    int weights, bias, multiplier, groups; /* indices in the packed graph; multiplier and groups may be -1 */
    int32_t shift, gain, exponent;
    uint32_t group;
    int fraction;
} product;

/* Adds the factors of a matrix's groups. Returns -1 on failure. */
static int store_groups(mote_lowering *l, const char *name, const mote_matrix *m)
{
    const int index = mote_lowering_add(l, name, ".groups", MOTE_I8, MOTE_CONSTANT, m->rows, mote_matrix_groups(m));
    if (index >= 0)
        memcpy(l->to->tensors[index].data, m->groups, (size_t)m->rows * mote_matrix_groups(m));
    return index;
}

static bool store_product(mote_lowering *l, int weights, const char *name, const mote_matrix *m,
                          const mote_rescaling *q, product *p)
{
    *p = (product){.weights = mote_lowering_store(l, weights, m),
                   .bias = mote_lowering_constant(l, name, ".offset", MOTE_I32, m->rows, q->bias),
                   .multiplier = -1,
                   .groups = m->groups ? store_groups(l, name, m) : -1,
                   .group = m->group,
                   .fraction = m->fraction,
                   .shift = q->shift,
                   .gain = q->gain,
                   .exponent = q->exponent};
    if (p->weights < 0 || p->bias < 0 || (m->groups && p->groups < 0))
        return false;
    mote_tensor *stored = &l->to->tensors[p->weights];
    if (q->bound > stored->bound) /* a matrix used twice gets the larger bound */
        stored->bound = q->bound;
    if (q->multiplier)
        p->multiplier = mote_lowering_constant(l, name, ".multiplier", MOTE_I16, m->rows, q->multiplier);
    return !q->multiplier || p->multiplier >= 0;
}

/* Adds the constants of y = weights·x + bias in the given form. `weights` and `bias` are tensors of the float graph;
 * bias may be -1. */
static bool add_product(mote_lowering *l, const mote_op *op, int weights, int bias, const mote_product_form *form,
                        product *p)
{
    mote_matrix m;
    if (!mote_lowering_matrix(l, weights, &m))
        return false;
    mote_rescaling q;
    const mote_tensor *b = mote_lowering_tensor(l, bias);
    bool done = mote_rescaling_init(&q, &m, b ? b->data : NULL, form, op->name, l->error);
    if (done) {
        done = store_product(l, weights, op->name, &m, &q, p);
        mote_rescaling_free(&q);
    }
    mote_matrix_free(&m);
    return done;
}

static void set_params(mote_op *op, const product *p)
{
    op->params[MOTE_PRODUCT_SHIFT] = p->shift;
    op->params[MOTE_PRODUCT_GAIN] = p->gain;
    op->params[MOTE_PRODUCT_EXPONENT] = p->exponent;
    op->params[MOTE_PRODUCT_GROUP] = (int32_t)p->group;
    op->params[MOTE_PRODUCT_FRACTION] = p->fraction;
}

/* --- linear --- */

/* Returns the scale of an int8 vector with a static scale, from its calibration. */
static float narrow_unit(const mote_lowering *l, int tensor)
{
    const mote_quantize_options *o = l->options;
    const float unit = mote_observer_range(&l->calibration->observers[tensor], o->observer, 127) / 127;
    const bool pow2 = o->granularity == MOTE_POW2_TENSOR || o->granularity == MOTE_POW2_ROW;
    const float least = l->lowered[tensor].scale;
    return unit > least ? pow2 ? exp2f(ceilf(log2f(unit))) : unit : least;
}

/* Adds the int8 form of an int16 vector, once for all products that read it. */
static bool narrow(mote_lowering *l, const mote_op *op, int tensor)
{
    mote_lowered *x = &l->lowered[tensor];
    if (x->narrow >= 0)
        return true;
    const mote_tensor *t = mote_lowering_tensor(l, tensor);
    const bool fixed = l->options->activations == MOTE_ACTIVATIONS_INT8_STATIC;
    const mote_dtype dtype = fixed ? MOTE_I8 : MOTE_I8V;
    x->narrow = mote_lowering_add(l, t->name, "8", dtype, MOTE_ACTIVATION, t->dims[0], 0);
    x->narrow_scale = fixed ? narrow_unit(l, tensor) : 0;
    if (x->narrow < 0)
        return false;
    l->to->tensors[x->narrow].quantization.scale = x->narrow_scale;
    const int added =
        mote_graph_op(l->to, l->to->tensors[x->narrow].name, MOTE_OP_QUANTIZE, 1, &x->tensor, 1, &x->narrow);
    if (added < 0 || !fixed)
        return added >= 0;
    const double step = (double)x->scale / (double)x->narrow_scale;
    const int shift = mote_fixed_shift(step);
    l->to->ops[added].params[MOTE_QUANTIZE_STEP] = (int32_t)rint(ldexp(step, shift));
    l->to->ops[added].params[MOTE_QUANTIZE_SHIFT] = shift;
    return l->to->ops[added].params[MOTE_QUANTIZE_STEP] > 0 || mote_lowering_refuse(l, op, "its input has no range");
}

/* Finds the packed tensor that a product reads for a tensor, and its form. Returns false on failure. */
static bool find_input(mote_lowering *l, const mote_op *op, int tensor, int *input, mote_product_form *form)
{
    const mote_lowered *x = &l->lowered[tensor];
    *input = x->tensor;
    form->x = x->dtype;
    form->x_scale = x->scale;
    if (x->tensor < 0 || (x->dtype != MOTE_I8 && (x->dtype != MOTE_I16 || !l->range)))
        return mote_lowering_refuse(l, op, "its input has no integer form");
    if (x->dtype == MOTE_I8 || l->options->activations == MOTE_ACTIVATIONS_INT16)
        return true;
    if (!narrow(l, op, tensor))
        return false;
    *input = x->narrow;
    form->x = l->to->tensors[x->narrow].dtype;
    if (form->x == MOTE_I8)
        form->x_scale = x->narrow_scale;
    return true;
}

/* Adds the bias, as a constant at scale `unit`, to a tensor of the packed graph. Returns the sum, which is the
 * operator's output; -1 on failure. */
static int add_bias(mote_lowering *l, const mote_op *op, int sum, float unit)
{
    const mote_tensor *bias = mote_lowering_tensor(l, op->inputs[MOTE_LINEAR_BIAS]);
    const int constant = mote_lowering_add(l, bias->name, "", MOTE_I16, MOTE_CONSTANT, bias->dims[0], 0);
    if (constant < 0)
        return -1;
    l->to->tensors[constant].quantization.scale = unit;
    for (uint32_t i = 0; i < bias->dims[0]; i++) {
        const float value = rintf(((const float *)bias->data)[i] / unit);
        ((int16_t *)l->to->tensors[constant].data)[i] = (int16_t)fmaxf(-32768, fminf(32767, value));
    }
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, unit), inputs[] = {sum, constant};
    char *name = mote_name(op->name, ".biased");
    const int added = y < 0 || !name ? -1 : mote_graph_op(l->to, name, MOTE_OP_ADD, 2, inputs, 1, &y);
    free(name);
    return added < 0 ? -1 : y;
}

static bool lower_linear(mote_lowering *l, const mote_op *op)
{
    const mote_lowered y = l->lowered[mote_op_result(op)];
    if (y.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op,
                                    "nothing says the range of its output; only a gru or the logits may come "
                                    "after");
    int x;
    product p;
    mote_product_form form = {.y_scale = y.scale};
    if (!find_input(l, op, op->inputs[MOTE_LINEAR_X], &x, &form))
        return false;
    /* If the input's scale is known only at run time, the bias has no accumulator units and is added later. */
    const bool apart = form.x == MOTE_I8V && op->inputs[MOTE_LINEAR_BIAS] >= 0;
    if (!add_product(l, op, op->inputs[MOTE_LINEAR_WEIGHTS], apart ? -1 : op->inputs[MOTE_LINEAR_BIAS], &form, &p))
        return false;
    const mote_tensor *t = mote_lowering_tensor(l, mote_op_result(op));
    const int output = apart ? mote_lowering_add(l, t->name, ".unbiased", MOTE_I16, MOTE_ACTIVATION, t->dims[0], 0)
                             : mote_lowering_value(l, mote_op_result(op), y.dtype, y.scale);
    const int inputs[] = {x, p.weights, p.bias, p.multiplier, p.groups};
    const int added =
        output < 0 ? -1 : mote_graph_op(l->to, op->name, MOTE_OP_LINEAR, MOTE_LINEAR_INPUTS, inputs, 1, &output);
    if (added < 0)
        return false;
    set_params(&l->to->ops[added], &p);
    l->to->tensors[output].quantization.scale = y.scale;
    return !apart || add_bias(l, op, output, y.scale) >= 0;
}

/* --- gru: gates in Q10, the state in Q14 and, for the products, in int8 --- */

static void demand_gru(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask(l, op->inputs[MOTE_GRU_GATES], GATE_SCALE);
}

static bool lower_gru(mote_lowering *l, const mote_op *op)
{
    const mote_lowered gates = l->lowered[op->inputs[MOTE_GRU_GATES]];
    const mote_tensor *h_float = mote_lowering_tensor(l, op->inputs[MOTE_GRU_STATE]);
    const uint32_t d = h_float->dims[0];
    if (gates.tensor < 0 || gates.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its gates do not come from a linear");
    product p;
    const mote_product_form form = {MOTE_I8, STATE8_SCALE, GATE_SCALE};
    if (!add_product(l, op, op->inputs[MOTE_GRU_WEIGHTS], op->inputs[MOTE_GRU_BIAS], &form, &p))
        return false;
    const int h = mote_lowering_add(l, h_float->name, "", MOTE_I16, MOTE_STATE, d, 0);
    const int h8 = mote_lowering_add(l, h_float->name, "8", MOTE_I8, MOTE_STATE, d, 0);
    const int scratch = mote_lowering_add(l, op->name, ".scratch", MOTE_I16, MOTE_ACTIVATION, 3 * d, 0);
    if (h < 0 || h8 < 0 || scratch < 0)
        return false;
    l->to->tensors[h].quantization.scale = STATE_SCALE;
    l->to->tensors[h8].quantization.scale = STATE8_SCALE;
    l->to->tensors[scratch].quantization.scale = GATE_SCALE;
    l->lowered[mote_op_result(op)] =
        (mote_lowered){.tensor = h8, .dtype = MOTE_I8, .scale = STATE8_SCALE, .narrow = -1};
    const int inputs[] = {gates.tensor, p.weights, p.bias, p.multiplier, h, h8, p.groups}, outputs[] = {h8, scratch};
    const int added = mote_graph_op(l->to, op->name, MOTE_OP_GRU, MOTE_GRU_INPUTS, inputs, 2, outputs);
    if (added < 0)
        return false;
    set_params(&l->to->ops[added], &p);
    return true;
}

const mote_lowering_rule mote_lower_linear = {.lower = lower_linear, .affine = mote_affine_linear};
const mote_lowering_rule mote_lower_gru = {.demand = demand_gru, .lower = lower_gru};
/* Has no float form: narrow() adds quantize operators for products. */
const mote_lowering_rule mote_lower_quantize = {0};
