#include "compiler/quantize/quantize.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/graph/language.h"
#include "compiler/graph/operator.h"
#include "compiler/pack/container.h"
#include "compiler/plan/arena.h"
#include "compiler/quantize/affine.h"
#include "compiler/quantize/golden.h"

#define LOGIT_SCALE (1.0f / 1024) /* Q10 nats */

static void demand_forms(mote_lowering *l)
{
    mote_error why;
    const bool scores = !l->range || mote_graph_is_language_model(l->from, &why);
    for (int i = 0; i < l->from->tensor_count; i++) {
        l->lowered[i] = (mote_lowered){.tensor = -1, .dtype = MOTE_F32, .narrow = -1};
        if (l->from->tensors[i].role == MOTE_OUTPUT && scores)
            mote_lowering_ask(l, i, LOGIT_SCALE);
        else if (l->from->tensors[i].role == MOTE_OUTPUT)
            mote_lowering_ask_range(l, i, 1);
    }
    for (int i = l->from->op_count - 1; i >= 0; i--) {
        const mote_op *op = &l->from->ops[i];
        if (mote_lowering_rules[op->opcode]->demand)
            mote_lowering_rules[op->opcode]->demand(l, op);
    }
}

/* Lowers float inputs to int16 vectors, at the scale that their readers ask for or that their range gives. */
static bool lower_inputs(mote_lowering *l)
{
    for (int i = 0; i < l->from->tensor_count; i++) {
        const mote_tensor *t = &l->from->tensors[i];
        if (t->role != MOTE_INPUT || t->dtype != MOTE_F32)
            continue;
        if (t->rank != 1)
            return mote_fail(l->error, MOTE_E_UNSUPPORTED, "input %s has %d dimensions; quantize takes vectors",
                             t->name, t->rank);
        if (mote_lowering_value(l, i, MOTE_I16, mote_lowering_unit(l, i)) < 0)
            return false;
    }
    return true;
}

static bool lower_operators(mote_lowering *l)
{
    for (int i = 0; i < l->from->op_count; i++) {
        const mote_op *op = &l->from->ops[i];
        const mote_lowering_rule *rule = mote_lowering_rules[op->opcode];
        if (!(l->reader ? rule->affine : rule->lower)(l, op))
            return false;
    }
    return true;
}

/* Returns for every tensor the operator that alone reads it, -1 if there is none. The caller frees it. */
static int *find_readers(const mote_graph *g)
{
    int *reader = malloc(((size_t)g->tensor_count + 1) * sizeof *reader);
    for (int i = 0; reader && i < g->tensor_count; i++)
        reader[i] = -1;
    for (int i = 0; reader && i < g->op_count; i++)
        for (int k = 0; k < g->ops[i].input_count; k++) {
            const int t = g->ops[i].inputs[k];
            if (t >= 0)
                reader[t] = reader[t] == -1 ? i : -2;
        }
    for (int i = 0; reader && i < g->tensor_count; i++)
        reader[i] = reader[i] < 0 ? -1 : reader[i];
    return reader;
}

/* Gives the operands and the result of an addition one range, because they share one scale. Called for all operators
 * forwards and backwards, it gives a chain of additions one range. */
static void share_ranges(const mote_op *op, float *range)
{
    if (op->opcode != MOTE_OP_ADD)
        return;
    const int members[] = {op->inputs[MOTE_ADD_A], op->inputs[MOTE_ADD_B], op->outputs[MOTE_ADD_Y]};
    float most = 0;
    for (int i = 0; i < 3; i++)
        most = fmaxf(most, range[members[i]]);
    for (int i = 0; i < 3; i++)
        range[members[i]] = most;
}

/* Widens the range of a linear operator's output by its largest bias. A separate operator may add the bias, and the
 * product without it has the same scale. */
static void make_room_for_bias(const mote_graph *g, const mote_op *op, float *range)
{
    const mote_tensor *bias = op->opcode == MOTE_OP_LINEAR ? mote_op_input(g, op, MOTE_LINEAR_BIAS) : NULL;
    float most = 0;
    for (uint32_t i = 0; bias && i < bias->dims[0]; i++)
        most = fmaxf(most, fabsf(((const float *)bias->data)[i]));
    range[mote_op_result(op)] += most;
}

/* Returns the range of every tensor; NULL when out of memory. The caller frees it. */
static float *find_ranges(const mote_graph *g, const mote_calibration *c)
{
    float *range = calloc((size_t)g->tensor_count + 1, sizeof *range);
    for (int i = 0; range && i < g->tensor_count; i++)
        range[i] = mote_observer_most(&c->observers[i]);
    for (int i = 0; range && i < g->op_count; i++) {
        make_room_for_bias(g, &g->ops[i], range);
        share_ranges(&g->ops[i], range);
    }
    for (int i = g->op_count - 1; range && i >= 0; i--)
        share_ranges(&g->ops[i], range);
    return range;
}

static bool lower(const mote_graph *from, const mote_quantize_options *options, const mote_calibration *calibration,
                  mote_graph *to, mote_error *error)
{
    mote_lowering l = {.from = from, .options = options, .to = to, .calibration = calibration, .error = error};
    l.lowered = calloc((size_t)from->tensor_count + 1, sizeof *l.lowered);
    const bool affine = mote_graph_is_affine(from);
    float *range = calibration ? find_ranges(from, calibration) : NULL;
    int *reader = affine ? find_readers(from) : NULL;
    l.range = range;
    l.reader = reader;
    mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantizing"); /* replaced by a rule's own message */
    bool lowered = l.lowered && (range || !calibration) && (reader || !affine);
    if (lowered && affine) {
        lowered = mote_affine_begin(&l) && lower_operators(&l);
    } else if (lowered) {
        demand_forms(&l);
        lowered = lower_inputs(&l) && lower_operators(&l);
    }
    free(reader);
    free(range);
    free(l.lowered);
    return lowered;
}

/* Lowers the graph. If it needs ranges, uses options->calibration, or calibrates on self-generated text. */
static bool calibrate_and_lower(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                                mote_error *error)
{
    if (!mote_graph_needs_ranges(from))
        return lower(from, options, NULL, to, error);
    if (options->calibration)
        return options->calibration->count == from->tensor_count
                   ? lower(from, options, options->calibration, to, error)
                   : mote_fail(error, MOTE_E_INTERNAL, "the calibration is that of another graph");
    mote_calibration c;
    if (!mote_calibrate_self(&c, from, error))
        return false;
    const bool lowered = lower(from, options, &c, to, error);
    mote_calibration_free(&c);
    return lowered;
}

static bool copy_metadata(const mote_graph *from, mote_graph *to, mote_error *error)
{
    char *metadata = strdup(mote_graph_metadata(from));
    if (!metadata)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantizing");
    free(to->metadata);
    to->metadata = metadata;
    return mote_graph_set_tokenizer(to, from->tokenizer, from->tokenizer_size) ||
           mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantizing");
}

bool mote_graph_can_lower(const mote_graph *g, mote_error *error)
{
    char list[400] = "";
    size_t length = 0;
    bool listed[MOTE_OPCODE_COUNT] = {false};
    const bool affine = mote_graph_is_affine(g);
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_lowering_rule *rule = mote_lowering_rules[op->opcode];
        if ((affine ? rule->affine : rule->lower) || listed[op->opcode] || length >= sizeof list)
            continue;
        listed[op->opcode] = true;
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s (%.40s)", length ? ", " : "",
                                   mote_operator_of(op->opcode)->name, op->name);
    }
    return !length ||
           mote_fail(error, MOTE_E_UNSUPPORTED,
                     affine ? "these operators cannot be quantized together with those of images, each with its first "
                              "use: %s"
                            : "these operators cannot be quantized, each with its first use: %s",
                     list);
}

bool mote_graph_quantize(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error)
{
    if (from->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "the model is packed already; quantize the float model it came from");
    if (!mote_graph_check_finite(from, error) || !mote_graph_can_lower(from, error))
        return false;
    mote_graph_init(to);
    to->packed = true;
    if (copy_metadata(from, to, error) && calibrate_and_lower(from, options, to, error) && mote_graph_plan(to, error) &&
        mote_make_golden(to, error))
        return true;
    mote_graph_free(to);
    return false;
}
