/* Lowers attention. Keys and values are cached in int8 with a scale per head, or in int16. */
#include "compiler/quantize/lower.h"

#include <math.h>

#define SCORE_UNIT (1.0 / 512) /* nats */
#define TURNED     1.4142136f  /* √2: largest growth of a value when its pair is rotated */

enum { LEAST_SHIFT = 8, MOST_SHIFT = 30 };

static void demand_attention(mote_lowering *l, const mote_op *op)
{
    const float wider = op->inputs[MOTE_ATTENTION_ANGLES] < 0 ? 1 : TURNED;
    const mote_lowered y = l->lowered[mote_op_result(op)];
    mote_lowering_ask_range(l, op->inputs[MOTE_ATTENTION_Q], wider);
    mote_lowering_ask_range(l, op->inputs[MOTE_ATTENTION_K], wider);
    mote_lowering_ask_range(l, op->inputs[MOTE_ATTENTION_V], 1);
    if (y.dtype == MOTE_I16) /* a weighted mean of values has their scale */
        l->lowered[op->inputs[MOTE_ATTENTION_V]].scale = y.scale;
}

/* Sets SCORE and SCORE_SHIFT. The shift starts at the largest whose multiplier SCORE fits 16 bits. It decreases, for
 * more precise scores, while the largest score fits 16 bits and SCORE stays at 4096 or more. */
static bool set_score(mote_lowering *l, const mote_op *op, double unit, double most, int32_t *params)
{
    int shift = MOST_SHIFT;
    while (shift >= LEAST_SHIFT && rint(ldexp(unit, shift + 15) / SCORE_UNIT) > 32767)
        shift--;
    while (shift > LEAST_SHIFT && ldexp(most, 1 - shift) <= 32767 && rint(ldexp(unit, shift + 14) / SCORE_UNIT) >= 4096)
        shift--;
    if (shift < LEAST_SHIFT)
        return mote_lowering_refuse(l, op, "its queries and keys are too large for scores in 16 bits");
    const double score = rint(ldexp(unit, shift + 15) / SCORE_UNIT);
    params[MOTE_ATTENTION_SCORE] = score < 1 ? 1 : (int32_t)score;
    params[MOTE_ATTENTION_SCORE_SHIFT] = shift;
    return true;
}

/* Adds the cache of `input` and, for an int8 cache, its scales. */
static bool add_cache(mote_lowering *l, const mote_op *op, int input, int state, int *cache, int *scales)
{
    const mote_tensor *t = mote_lowering_tensor(l, state);
    const mote_quantize_options *o = l->options;
    const uint32_t context = o->context && o->context < t->dims[0] ? o->context : t->dims[0];
    const bool wide = o->int16_cache;
    *cache = mote_lowering_add(l, t->name, "", wide ? MOTE_I16 : MOTE_I8, MOTE_STATE, context, t->dims[1]);
    *scales = wide ? -1
                   : mote_lowering_add(l, t->name, ".scales", MOTE_I8, MOTE_STATE, context,
                                       (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS]);
    if (*cache < 0 || (!wide && *scales < 0))
        return false;
    l->to->tensors[*cache].quantization.scale = wide ? l->lowered[input].scale : 0;
    return true;
}

/* Finds the constant with the rotary angles, which all layers share; sets *turns to -1 if there are none. Returns false
 * on failure. */
static bool turns_of(mote_lowering *l, int from, int *turns)
{
    *turns = -1;
    if (from < 0)
        return true;
    const mote_tensor *t = mote_lowering_tensor(l, from);
    if (l->lowered[from].tensor < 0)
        l->lowered[from].tensor = mote_lowering_constant(l, t->name, "", MOTE_I32, t->dims[0], t->data);
    *turns = l->lowered[from].tensor;
    return *turns >= 0;
}

static bool lower_attention(mote_lowering *l, const mote_op *op)
{
    const mote_lowered q = l->lowered[op->inputs[MOTE_ATTENTION_Q]], k = l->lowered[op->inputs[MOTE_ATTENTION_K]],
                       v = l->lowered[op->inputs[MOTE_ATTENTION_V]];
    if (q.tensor < 0 || k.tensor < 0 || v.tensor < 0 || q.dtype != MOTE_I16 || k.dtype != MOTE_I16 ||
        v.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its inputs have no int16 form");
    int turns, keys, key_scales, values, value_scales;
    if (!turns_of(l, op->inputs[MOTE_ATTENTION_ANGLES], &turns) ||
        !add_cache(l, op, op->inputs[MOTE_ATTENTION_K], op->inputs[MOTE_ATTENTION_KEYS], &keys, &key_scales) ||
        !add_cache(l, op, op->inputs[MOTE_ATTENTION_V], op->inputs[MOTE_ATTENTION_VALUES], &values, &value_scales))
        return false;
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, v.scale);
    const int scratch =
        mote_lowering_add(l, op->name, ".scores", MOTE_I16, MOTE_ACTIVATION, l->to->tensors[keys].dims[0], 0);
    if (y < 0 || scratch < 0)
        return false;
    l->to->tensors[scratch].quantization.scale = (float)SCORE_UNIT;
    const int inputs[] = {q.tensor, k.tensor, v.tensor, turns, keys, key_scales, values, value_scales};
    const int added =
        mote_graph_op(l->to, op->name, MOTE_OP_ATTENTION, MOTE_ATTENTION_INPUTS, inputs, 2, (int[]){y, scratch});
    if (added < 0)
        return false;
    int32_t *params = l->to->ops[added].params;
    params[MOTE_ATTENTION_HEADS] = op->params[MOTE_ATTENTION_HEADS];
    params[MOTE_ATTENTION_KV_HEADS] = op->params[MOTE_ATTENTION_KV_HEADS];
    const double width =
        mote_lowering_tensor(l, op->inputs[MOTE_ATTENTION_Q])->dims[0] / (uint32_t)params[MOTE_ATTENTION_HEADS];
    const double unit = (double)q.scale * (double)k.scale;
    const double most =
        width * (double)l->range[op->inputs[MOTE_ATTENTION_Q]] * (double)l->range[op->inputs[MOTE_ATTENTION_K]] / unit;
    return set_score(l, op, unit / sqrt(width), most, params);
}

const mote_lowering_rule mote_lower_attention = {.demand = demand_attention, .lower = lower_attention};
