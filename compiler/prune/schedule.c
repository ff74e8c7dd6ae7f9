#include "compiler/prune/schedule.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/prune/activity.h"
#include "compiler/prune/mask.h"
#include "compiler/prune/score.h"
#include "compiler/quantize/inputs.h"

enum { STAGES = 100 }; /* number of times that the sparsity grows */
enum { GATES = 3 };
enum { CALIBRATION = 1024 }; /* samples that a score uses */

double mote_prune_progress(const mote_prune_schedule *s, uint64_t step)
{
    if (step <= s->begin)
        return 0;
    if (step >= s->end)
        return 1;
    const double left = 1 - (double)(step - s->begin) / (double)(s->end - s->begin);
    return s->course == MOTE_PRUNE_LINEAR ? 1 - left : 1 - left * left * left;
}

static bool takes_part(const mote_pruner *p, const mote_op *op)
{
    const char *layers = p->schedule.layers;
    const int weights = mote_op_operand(op, MOTE_OPERAND_WEIGHTS);
    if (weights < 0 || mote_graph_reads_as(p->graph, weights, MOTE_OPERAND_TABLE))
        return false;
    return !layers || fnmatch(layers, p->graph->tensors[weights].name, 0) == 0;
}

static bool is_valid(const mote_pruner *p, mote_error *error)
{
    const mote_prune_schedule *s = &p->schedule;
    int taken = 0, gated = 0;
    for (int i = 0; i < p->graph->op_count; i++) {
        taken += takes_part(p, &p->graph->ops[i]);
        gated += takes_part(p, &p->graph->ops[i]) && p->graph->ops[i].opcode == MOTE_OP_GRU;
    }
    bool in_range = s->to >= 0 && s->to <= 1 && s->granularity < MOTE_PRUNED_COUNT;
    for (int i = 0; s->gated && i < GATES; i++)
        in_range = in_range && s->gates[i] >= 0 && s->gates[i] <= 1;
    if (!in_range || s->begin > s->end || s->course >= MOTE_PRUNE_COURSE_COUNT ||
        s->method >= MOTE_PRUNE_METHOD_COUNT || (s->to > 0 && s->granularity == MOTE_UNPRUNED))
        return mote_fail(
            error, MOTE_E_USAGE,
            "pruning in training wants a sparsity and parts of gates from 0 to 1, and steps A:B with A<=B");
    if (s->layers && !taken)
        return mote_fail(error, MOTE_E_USAGE, "no matrix is named %s; mote info shows the names", s->layers);
    if (s->gated && !gated)
        return mote_fail(error, MOTE_E_USAGE, "the model has no gates to prune by themselves");
    return true;
}

/* Allocates the masks, and the importance of matrices that take part. */
static bool take_room(mote_pruner *p)
{
    const mote_graph *g = p->graph;
    p->keep = malloc(p->executor->parameter_count + 1);
    p->importance = calloc((size_t)g->tensor_count + 1, sizeof *p->importance);
    bool ok = p->keep && p->importance;
    for (int i = 0; ok && i < g->op_count; i++) {
        const int w = mote_op_operand(&g->ops[i], MOTE_OPERAND_WEIGHTS);
        if (takes_part(p, &g->ops[i]) && !p->importance[w])
            ok = (p->importance[w] = malloc((mote_tensor_elements(&g->tensors[w]) + 1) * sizeof(float)));
    }
    return ok;
}

bool mote_pruner_init(mote_pruner *p, const mote_prune_schedule *schedule, mote_graph *g, mote_executor *x,
                      const mote_source *source, mote_error *error)
{
    *p = (mote_pruner){.schedule = *schedule, .graph = g, .executor = x, .source = source};
    if (!is_valid(p, error))
        return false;
    if (!take_room(p)) {
        mote_pruner_free(p);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for masks");
    }
    memset(p->keep, 1, x->parameter_count);
    for (int i = 0; i < g->tensor_count; i++)
        if (x->offset[i] != SIZE_MAX && g->tensors[i].pruned)
            mote_mask_of(x->parameters + x->offset[i], g->tensors[i].dims[0], g->tensors[i].dims[1],
                         g->tensors[i].pruned, p->keep + x->offset[i]);
    return true;
}

void mote_pruner_free(mote_pruner *p)
{
    for (int i = 0; p->importance && i < p->graph->tensor_count; i++)
        free(p->importance[i]);
    free(p->importance);
    free(p->keep);
    *p = (mote_pruner){0};
}

/* Scores every weight that takes part, with a part of the samples that differs from step to step. */
static bool score(mote_pruner *p, uint64_t step, mote_error *error)
{
    const mote_prune_method method = (mote_prune_method)p->schedule.method;
    const bool looks = method != MOTE_PRUNE_MAGNITUDE;
    const size_t all = looks ? p->source->count : 0, count = all < CALIBRATION ? all : CALIBRATION;
    const size_t first = step * 2654435761u % (all - count + 1);
    mote_activity activity = {0};
    mote_network_report flow;
    mote_executor_store(p->executor, p->graph);
    const mote_source part = looks ? mote_source_part(p->source, first, count) : (mote_source){0};
    bool ok = !looks || mote_activity_measure(&activity, p->graph, &part, method == MOTE_PRUNE_GRADIENT, error);
    ok = ok && mote_score(method, p->graph, looks ? &activity : NULL, p->importance, &flow, error);
    if (looks)
        mote_activity_free(&activity);
    return ok;
}

/* Grows the mask of rows first .. first + rows − 1 of a matrix. */
static bool grow(mote_pruner *p, int tensor, uint32_t first, uint32_t rows, double sparsity, mote_error *error)
{
    const uint32_t columns = p->graph->tensors[tensor].dims[1];
    const size_t at = (size_t)first * columns;
    const mote_pruned granularity = (mote_pruned)p->schedule.granularity;
    const mote_scored m = {p->importance[tensor] + at, rows, columns, granularity,
                           mote_scores_by_row((mote_prune_method)p->schedule.method, granularity)};
    return mote_mask_sparsity(&m, sparsity, true, p->keep + p->executor->offset[tensor] + at, error);
}

static bool grow_all(mote_pruner *p, double progress, mote_error *error)
{
    bool ok = true;
    for (int i = 0; i < p->graph->op_count; i++) {
        const mote_op *op = &p->graph->ops[i];
        if (!takes_part(p, op))
            continue;
        mote_tensor *t = &p->graph->tensors[mote_op_operand(op, MOTE_OPERAND_WEIGHTS)];
        const bool gated = p->schedule.gated && op->opcode == MOTE_OP_GRU;
        const uint32_t parts = gated ? GATES : 1, rows = t->dims[0] / parts;
        for (uint32_t k = 0; k < parts; k++)
            ok = ok && grow(p, mote_op_operand(op, MOTE_OPERAND_WEIGHTS), k * rows, rows,
                            progress * (gated ? 1 - p->schedule.gates[k] : p->schedule.to), error);
        t->pruned = t->pruned == MOTE_UNPRUNED || t->pruned == (mote_pruned)p->schedule.granularity
                        ? (mote_pruned)p->schedule.granularity
                        : MOTE_PRUNED_WEIGHTS;
    }
    return ok;
}

static bool is_due(const mote_prune_schedule *s, uint64_t step)
{
    const uint64_t every = (s->end - s->begin) / STAGES ? (s->end - s->begin) / STAGES : 1;
    return s->to > 0 && step > s->begin && (step == s->end || (step < s->end && (step - s->begin) % every == 0));
}

bool mote_pruner_step(mote_pruner *p, uint64_t step, mote_error *error)
{
    if (is_due(&p->schedule, step) &&
        !(score(p, step, error) && grow_all(p, mote_prune_progress(&p->schedule, step), error)))
        return false;
    for (int i = 0; i < p->graph->tensor_count; i++)
        if (p->executor->offset[i] != SIZE_MAX && p->graph->tensors[i].pruned)
            mote_mask_apply(p->executor->parameters + p->executor->offset[i], p->keep + p->executor->offset[i],
                            mote_tensor_elements(&p->graph->tensors[i]));
    return true;
}

bool mote_pruner_busy(const mote_pruner *p, uint64_t step)
{
    return p->schedule.to > 0 && step < p->schedule.end;
}
