#include "cli/quantize_effect.h"

#include "compiler/quantize/select.h"

/* Sets an option to one of two values. A matrix to which the option applies has a recipe for each. */
typedef void set_knob(mote_quantize_options *o, bool second);

static void set_head(mote_quantize_options *o, bool second)
{
    o->head = second ? MOTE_SCHEME_TERNARY : MOTE_SCHEME_INT8;
}

static void set_embedding(mote_quantize_options *o, bool second)
{
    o->embedding = second ? MOTE_SCHEME_TERNARY : MOTE_SCHEME_INT8;
}

static void set_scale(mote_quantize_options *o, bool second)
{
    o->granularity = second ? MOTE_POW2_ROW : MOTE_PER_TENSOR;
}

static void set_group(mote_quantize_options *o, bool second)
{
    o->group = second ? 16 : 0;
}

static void set_method(mote_quantize_options *o, bool second)
{
    o->method = second ? MOTE_METHOD_MSE : MOTE_METHOD_RTN;
}

static void set_trits(mote_quantize_options *o, bool second)
{
    o->five_trits = second;
}

static const struct {
    const char *name;
    set_knob *set;
} knobs[MOTE_KNOBS] = {
    [MOTE_KNOB_HEAD] = {"head", set_head},       [MOTE_KNOB_EMBEDDING] = {"embedding", set_embedding},
    [MOTE_KNOB_SCALE] = {"scale", set_scale},    [MOTE_KNOB_GROUP] = {"group", set_group},
    [MOTE_KNOB_METHOD] = {"method", set_method}, [MOTE_KNOB_TRITS] = {"trits", set_trits},
};

static bool is_same(const mote_recipe *a, const mote_recipe *b)
{
    return a->scheme == b->scheme && a->granularity == b->granularity && a->group == b->group &&
           a->method == b->method && (a->five_trits == b->five_trits || a->scheme != MOTE_SCHEME_TERNARY);
}

static bool has_effect(const mote_graph *g, const mote_quantize_options *options, set_knob *set)
{
    mote_quantize_options one = *options, two = *options;
    set(&one, false);
    set(&two, true);
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_recipe a = mote_recipe_of(g, &one, i), b = mote_recipe_of(g, &two, i);
        if (!is_same(&a, &b))
            return true;
    }
    return false;
}

bool mote_quantize_effect(const mote_graph *g, const mote_quantize_options *options, const bool given[MOTE_KNOBS],
                          mote_error *error)
{
    mote_quantize_options untrained = *options;
    untrained.as_trained = false;
    for (int i = 0; i < MOTE_KNOBS; i++)
        if (given[i] && !has_effect(g, options, knobs[i].set))
            return mote_fail(error, MOTE_E_USAGE, "--%s changes no matrix of this network%s; leave it out",
                             knobs[i].name,
                             has_effect(g, &untrained, knobs[i].set)
                                 ? ", because training used a quantizer, which is kept (--weights TYPE "
                                   "replaces it)"
                                 : "");
    return true;
}
