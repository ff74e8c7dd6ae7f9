/* Chooses the forms of values. Values that operators move unchanged share one. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "compiler/quantize/affine.h"

/* A set of tensors of the float graph that share a form. */
typedef struct set {
    int parent; /* index of another tensor of the set, or of itself */
    float least, most;
    mote_range_kind kind;
    bool leaves; /* holds an output of the network */
    bool stays;  /* holds an input of the network, or a value that an operator computes with */
} set;

mote_range_kind mote_affine_signed(const mote_op *op)
{
    (void)op;
    return MOTE_RANGE_SIGNED;
}

mote_range_kind mote_affine_shared(const mote_op *op)
{
    (void)op;
    return MOTE_RANGE_SHARED;
}

int32_t mote_affine_low(mote_dtype dtype)
{
    return dtype == MOTE_I16 ? INT16_MIN : INT8_MIN;
}

int32_t mote_affine_high(mote_dtype dtype)
{
    return dtype == MOTE_I16 ? INT16_MAX : INT8_MAX;
}

int32_t mote_affine_stored(const mote_affine_form *f, double real)
{
    const double stored = rint(real / (double)f->scale) + f->zero;
    return (int32_t)fmin(fmax(stored, mote_affine_low(f->dtype)), mote_affine_high(f->dtype));
}

mote_affine_form mote_affine_form_for(mote_dtype dtype, float least, float most, bool pow2)
{
    const double low = mote_affine_low(dtype), high = mote_affine_high(dtype);
    const double from = fmin(least, 0), to = fmax(most, 0);
    mote_affine_form f = {.dtype = dtype, .scale = 1};
    if (to - from < (double)FLT_MIN * 65536)
        return f;
    if (pow2 || dtype == MOTE_I16) {
        f.scale = (float)(fmax(-from, to) / high);
        f.scale = pow2 ? exp2f(ceilf(log2f(f.scale))) : f.scale;
        return f;
    }
    f.scale = (float)((to - from) / (high - low));
    f.zero = mote_affine_stored(&(mote_affine_form){dtype, f.scale, (int32_t)low}, -from);
    return f;
}

static int root(set *sets, int i)
{
    while (sets[i].parent != i)
        i = sets[i].parent = sets[sets[i].parent].parent;
    return i;
}

static void join(set *sets, int a, int b)
{
    set *to = &sets[root(sets, a)];
    const set from = sets[root(sets, b)];
    sets[root(sets, b)].parent = root(sets, a);
    to->least = fminf(to->least, from.least);
    to->most = fmaxf(to->most, from.most);
    to->kind = to->kind == MOTE_RANGE_SEEN ? from.kind : to->kind;
    to->leaves = to->leaves || from.leaves;
    to->stays = to->stays || from.stays;
}

/* The range of the values that is worth representing. */
static set range_of(const mote_lowering *l, int tensor)
{
    const mote_observer *o = &l->calibration->observers[tensor];
    const mote_role role = l->from->tensors[tensor].role;
    set s = {.parent = tensor,
             .least = fminf(o->min, 0),
             .most = fmaxf(o->max, 0),
             .leaves = role == MOTE_OUTPUT,
             .stays = role == MOTE_INPUT};
    float limit = INFINITY;
    if (mote_granularity_is_pow2(l->options->granularity) && l->options->activations != MOTE_ACTIVATIONS_INT16)
        limit = mote_observer_range_pow2(o, INT8_MAX);
    else if (l->options->activations == MOTE_ACTIVATIONS_INT8_STATIC)
        limit = mote_observer_range(o, l->options->observer, s.least < 0 ? INT8_MAX : UINT8_MAX);
    s.least = fmaxf(s.least, -limit);
    s.most = fminf(s.most, limit);
    return s;
}

static void join_operands(const mote_lowering *l, const mote_op *op, set *sets)
{
    const mote_lowering_rule *rule = mote_lowering_rules[op->opcode];
    const mote_range_kind kind = rule->range ? rule->range(op) : MOTE_RANGE_SEEN;
    const int y = mote_op_result(op);
    if (kind != MOTE_RANGE_SHARED)
        sets[root(sets, y)].kind = kind;
    for (int i = 0; i < op->input_count; i++) {
        const int x = op->inputs[i];
        if (x < 0 || l->from->tensors[x].dtype != MOTE_F32)
            continue;
        if (kind != MOTE_RANGE_SHARED)
            sets[root(sets, x)].stays = true;
        else if (root(sets, x) != root(sets, y))
            join(sets, y, x);
    }
}

/* Constants that share the form of other values have a range too. */
static void see_constant(const mote_tensor *t, set *s)
{
    const size_t count = t->role == MOTE_CONSTANT && t->dtype == MOTE_F32 ? mote_tensor_elements(t) : 0;
    for (size_t i = 0; i < count; i++) {
        s->least = fminf(s->least, ((const float *)t->data)[i]);
        s->most = fmaxf(s->most, ((const float *)t->data)[i]);
    }
}

/* The type of a set of values: outputs that nothing computes with may have 16 bits. */
static mote_dtype type_of(const mote_quantize_options *o, const set *s)
{
    const bool may = s->leaves && !s->stays;
    const bool asked =
        o->outputs == MOTE_OUTPUTS_INT16 || (o->outputs == MOTE_OUTPUTS_AUTO && s->kind == MOTE_RANGE_SOFTMAX);
    return o->activations == MOTE_ACTIVATIONS_INT16 || (may && asked) ? MOTE_I16 : MOTE_I8;
}

static mote_affine_form form_of_set(const mote_quantize_options *o, const set *s)
{
    const mote_dtype dtype = type_of(o, s);
    const bool wide = dtype == MOTE_I16;
    switch (s->kind) {
    case MOTE_RANGE_SOFTMAX:
        return (mote_affine_form){dtype, wide ? 1.0f / 65536 : 1.0f / 256, mote_affine_low(dtype)};
    case MOTE_RANGE_UNIT:
        return (mote_affine_form){dtype, wide ? 1.0f / 32768 : 1.0f / 256, wide ? 0 : INT8_MIN};
    case MOTE_RANGE_SIGNED:
        return (mote_affine_form){dtype, wide ? 1.0f / 32768 : 1.0f / 128, 0};
    default:
        return mote_affine_form_for(dtype, s->least, s->most, mote_granularity_is_pow2(o->granularity));
    }
}

static void set_form(mote_lowering *l, int tensor, const set *s)
{
    const mote_affine_form f = form_of_set(l->options, s);
    l->lowered[tensor] = (mote_lowered){.tensor = -1, .dtype = f.dtype, .scale = f.scale, .zero = f.zero, .narrow = -1};
}

static bool add_inputs(mote_lowering *l)
{
    for (int i = 0; i < l->from->tensor_count; i++) {
        const mote_tensor *t = &l->from->tensors[i];
        if (t->role == MOTE_INPUT && t->dtype != MOTE_F32)
            return mote_fail(l->error, MOTE_E_UNSUPPORTED,
                             "input %s holds numbers of tokens; quantize takes such inputs in language models only",
                             t->name);
        if (t->role == MOTE_INPUT && mote_affine_result(l, i) < 0)
            return false;
    }
    return true;
}

bool mote_affine_begin(mote_lowering *l)
{
    set *sets = calloc((size_t)l->from->tensor_count + 1, sizeof *sets);
    if (!sets)
        return mote_fail(l->error, MOTE_E_INTERNAL, "out of memory while quantizing");
    for (int i = 0; i < l->from->tensor_count; i++) {
        sets[i] = range_of(l, i);
        see_constant(&l->from->tensors[i], &sets[i]);
    }
    for (int i = 0; i < l->from->op_count; i++)
        join_operands(l, &l->from->ops[i], sets);
    for (int i = 0; i < l->from->tensor_count; i++)
        set_form(l, i, &sets[root(sets, i)]);
    free(sets);
    return add_inputs(l);
}
