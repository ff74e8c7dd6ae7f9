#include "compiler/prune/schedule.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/prune/mask.h"
#include "compiler/quantize/inputs.h"

enum { STAGES = 100 }; /* the sparsity grows this often */
enum { GATES = 3 };

double mote_prune_progress(const mote_prune_schedule *s, uint64_t step)
{
    if (step <= s->begin)
        return 0;
    if (step >= s->end)
        return 1;
    const double left = 1 - (double)(step - s->begin) / (double)(s->end - s->begin);
    return s->course == MOTE_PRUNE_LINEAR ? 1 - left : 1 - left * left * left;
}

static bool is_table(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_EMBEDDING && g->ops[i].inputs[1] == tensor)
            return true;
    return false;
}

static bool takes_part(const mote_pruner *p, const mote_op *op)
{
    const char *layers = p->schedule.layers;
    if (!mote_is_product(op) || is_table(p->graph, op->inputs[1]))
        return false;
    return !layers || fnmatch(layers, p->graph->tensors[op->inputs[1]].name, 0) == 0;
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
        (s->to > 0 && s->granularity == MOTE_UNPRUNED))
        return mote_fail(
            error, MOTE_E_USAGE,
            "pruning in training wants a sparsity and parts of gates from 0 to 1, and steps A:B with A<=B");
    if (s->layers && !taken)
        return mote_fail(error, MOTE_E_USAGE, "no matrix is named %s; mote info shows the names", s->layers);
    if (s->gated && !gated)
        return mote_fail(error, MOTE_E_USAGE, "the model has no gates to prune by themselves");
    return true;
}

static size_t largest(const mote_graph *g)
{
    size_t most = 1;
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].role == MOTE_CONSTANT && mote_tensor_elements(&g->tensors[i]) > most)
            most = mote_tensor_elements(&g->tensors[i]);
    return most;
}

bool mote_pruner_init(mote_pruner *p, const mote_prune_schedule *schedule, mote_graph *g, mote_executor *x,
                      mote_error *error)
{
    *p = (mote_pruner){.schedule = *schedule, .graph = g, .executor = x};
    if (!is_valid(p, error))
        return false;
    p->keep = malloc(x->parameter_count + 1);
    p->importance = malloc(largest(g) * sizeof *p->importance);
    if (!p->keep || !p->importance) {
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
    free(p->keep);
    free(p->importance);
    *p = (mote_pruner){0};
}

/* Rows first .. first + rows − 1 of a matrix. */
static bool grow(mote_pruner *p, int tensor, uint32_t first, uint32_t rows, double sparsity)
{
    const mote_tensor *t = &p->graph->tensors[tensor];
    const size_t at = p->executor->offset[tensor] + (size_t)first * t->dims[1], count = (size_t)rows * t->dims[1];
    for (size_t i = 0; i < count; i++)
        p->importance[i] = fabsf(p->executor->parameters[at + i]);
    const mote_scored m = {p->importance, rows, t->dims[1], (mote_pruned)p->schedule.granularity, false};
    return mote_mask_sparsity(&m, sparsity, true, p->keep + at, NULL);
}

static bool grow_all(mote_pruner *p, double progress)
{
    bool ok = true;
    for (int i = 0; i < p->graph->op_count; i++) {
        const mote_op *op = &p->graph->ops[i];
        if (!takes_part(p, op))
            continue;
        mote_tensor *t = &p->graph->tensors[op->inputs[1]];
        const bool gated = p->schedule.gated && op->opcode == MOTE_OP_GRU;
        const uint32_t parts = gated ? GATES : 1, rows = t->dims[0] / parts;
        for (uint32_t k = 0; k < parts; k++)
            ok = ok &&
                 grow(p, op->inputs[1], k * rows, rows, progress * (gated ? 1 - p->schedule.gates[k] : p->schedule.to));
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

bool mote_pruner_step(mote_pruner *p, uint64_t step)
{
    if (is_due(&p->schedule, step) && !grow_all(p, mote_prune_progress(&p->schedule, step)))
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
