#include "compiler/prune/units.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 4096 }; /* limit of a walk; no model reaches it, but a file may */

/* State of the search for a group: a walk between activations, along operators that tie their elements together. */
typedef struct walk {
    const mote_graph *g;
    mote_unit_group *group;
    int axis_capacity, depth;
    bool fixed;  /* the walk reached a tensor whose size must stay */
    bool failed; /* out of memory */
} walk;

static void visit(walk *w, int tensor, uint32_t run);

/* Adds an axis; true if it is new. A second path to the axis with another run makes the group impossible. */
static bool add_axis(walk *w, int tensor, int axis, uint32_t run)
{
    mote_unit_group *group = w->group;
    const uint32_t dim = w->g->tensors[tensor].dims[axis];
    for (int i = 0; i < group->axis_count; i++)
        if (group->axes[i].tensor == tensor && group->axes[i].axis == axis) {
            w->fixed = w->fixed || group->axes[i].run != run;
            return false;
        }
    if (run == 0 || dim % (run * group->units)) {
        w->fixed = true;
        return false;
    }
    if (group->axis_count == w->axis_capacity) {
        const int wanted = 2 * w->axis_capacity + 8;
        mote_unit_axis *moved = realloc(group->axes, (size_t)wanted * sizeof *moved);
        w->failed = w->failed || !moved;
        if (!moved)
            return false;
        group->axes = moved;
        w->axis_capacity = wanted;
    }
    group->axes[group->axis_count++] = (mote_unit_axis){tensor, axis, run};
    return true;
}

static void add_constant(walk *w, const mote_op *op, int input, int axis, uint32_t run)
{
    if (op->inputs[input] >= 0)
        add_axis(w, op->inputs[input], axis, run);
}

/* Follows attention. Heads of q and of the output are grouped by the key head that they share. */
static void visit_attention(walk *w, const mote_op *op)
{
    const uint32_t kv = (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS];
    const uint32_t q = w->g->tensors[op->inputs[MOTE_ATTENTION_Q]].dims[0] / kv,
                   k = w->g->tensors[op->inputs[MOTE_ATTENTION_K]].dims[0] / kv;
    if (w->group->units != kv) {
        w->fixed = true;
        return;
    }
    visit(w, op->inputs[MOTE_ATTENTION_Q], q);
    visit(w, op->inputs[MOTE_ATTENTION_K], k);
    visit(w, op->inputs[MOTE_ATTENTION_V], k);
    visit(w, op->outputs[MOTE_ATTENTION_Y], q);
    for (int i = 0; i < op->input_count; i++)
        if (op->inputs[i] >= 0 && w->g->tensors[op->inputs[i]].role == MOTE_STATE)
            add_axis(w, op->inputs[i], 1, w->g->tensors[op->inputs[i]].dims[1] / kv);
}

static void visit_gru(walk *w, const mote_op *op)
{
    if (w->group->units != w->g->tensors[op->outputs[MOTE_GRU_Y]].dims[0]) {
        w->fixed = true;
        return;
    }
    visit(w, op->inputs[MOTE_GRU_GATES], 1);
    visit(w, op->outputs[MOTE_GRU_Y], 1);
    add_constant(w, op, MOTE_GRU_WEIGHTS, 0, 1);
    add_constant(w, op, MOTE_GRU_WEIGHTS, 1, 1);
    add_constant(w, op, MOTE_GRU_BIAS, 0, 1);
    add_constant(w, op, MOTE_GRU_STATE, 0, 1);
}

/* Follows an elementwise operator. All its values have the units of the result. */
static void visit_elementwise(walk *w, const mote_op *op, uint32_t run)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    for (int i = info->input_count; i-- > 0;)
        if (mote_operand_is_value(info->inputs[i].role))
            visit(w, op->inputs[i], run);
        else if (op->inputs[i] >= 0)
            w->fixed = true; /* a constant that is not shrunk with the values */
    visit(w, mote_op_result(op), run);
}

/* Follows units through an operator, from one of its activations to its other operands. */
static void visit_operator(walk *w, const mote_op *op, bool writes, uint32_t run)
{
    if (op->opcode == MOTE_OP_GRU) {
        visit_gru(w, op);
    } else if (op->opcode == MOTE_OP_ATTENTION) {
        visit_attention(w, op);
    } else if (op->opcode == MOTE_OP_LINEAR) {
        add_constant(w, op, MOTE_LINEAR_WEIGHTS, writes ? 0 : 1, run);
        if (writes)
            add_constant(w, op, MOTE_LINEAR_BIAS, 0, run);
    } else if (mote_op_has(op, MOTE_TRAIT_ELEMENTWISE)) {
        visit_elementwise(w, op, run);
    } else {
        w->fixed = true;
    }
}

static void visit(walk *w, int tensor, uint32_t run)
{
    const mote_tensor *t = &w->g->tensors[tensor];
    if (t->role != MOTE_ACTIVATION || t->rank != 1 || w->depth > DEEPEST) {
        w->fixed = true;
        return;
    }
    if (!add_axis(w, tensor, 0, run))
        return;
    w->depth++;
    for (int i = 0; i < w->g->op_count && !w->fixed && !w->failed; i++) {
        const mote_op *op = &w->g->ops[i];
        if (mote_op_result(op) == tensor)
            visit_operator(w, op, true, run);
        for (int k = 0; k < op->input_count; k++)
            if (op->inputs[k] == tensor)
                visit_operator(w, op, false, run);
    }
    w->depth--;
}

/* True if the group contains a token table, which must not shrink: a tied head is one too. */
static bool has_table(const mote_graph *g, const mote_unit_group *group)
{
    for (int i = 0; i < group->axis_count; i++)
        if (mote_graph_reads_as(g, group->axes[i].tensor, MOTE_OPERAND_TABLE))
            return true;
    return false;
}

static bool is_known(const mote_unit_groups *groups, int tensor)
{
    for (int i = 0; i < groups->count; i++)
        for (int k = 0; k < groups->groups[i].axis_count; k++)
            if (groups->groups[i].axes[k].tensor == tensor)
                return true;
    return false;
}

/* Finds the group of an activation. Its elements are the units; for attention, the key heads are. */
static bool find_at(const mote_graph *g, const mote_op *op, mote_unit_groups *groups)
{
    const int y = mote_op_result(op);
    const bool heads = op->opcode == MOTE_OP_ATTENTION;
    if (is_known(groups, y))
        return true;
    mote_unit_group *group = &groups->groups[groups->count];
    *group = (mote_unit_group){0};
    group->name = g->tensors[y].name;
    const uint32_t width = g->tensors[y].dims[0];
    group->units = heads ? (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS] : width;
    walk w = {.g = g, .group = group};
    visit(&w, y, heads ? width / group->units : 1);
    if (w.fixed || w.failed || has_table(g, group))
        free(group->axes);
    else
        groups->count++;
    return !w.failed;
}

bool mote_unit_groups_find(const mote_graph *g, mote_unit_groups *groups, mote_error *error)
{
    *groups = (mote_unit_groups){.groups = calloc((size_t)g->op_count + 1, sizeof *groups->groups)};
    bool ok = groups->groups;
    for (int heads = 1; heads >= 0; heads--) /* heads first, because their elements are no units */
        for (int i = 0; ok && i < g->op_count; i++)
            if ((g->ops[i].opcode == MOTE_OP_ATTENTION || g->ops[i].opcode == MOTE_OP_GRU) == heads)
                ok = find_at(g, &g->ops[i], groups);
    if (!ok)
        mote_unit_groups_free(groups);
    return ok || mote_fail(error, MOTE_E_INTERNAL, "out of memory while looking for units");
}

void mote_unit_groups_free(mote_unit_groups *groups)
{
    for (int i = 0; i < groups->count; i++)
        free(groups->groups[i].axes);
    free(groups->groups);
    *groups = (mote_unit_groups){0};
}

void mote_unit_values(const mote_graph *g, const mote_unit_group *group, float *const *importance, double *value)
{
    memset(value, 0, group->units * sizeof *value);
    for (int i = 0; i < group->axis_count; i++) {
        const mote_unit_axis *a = &group->axes[i];
        const mote_tensor *t = &g->tensors[a->tensor];
        for (size_t k = 0; importance[a->tensor] && k < mote_tensor_elements(t); k++) {
            const size_t e = a->axis == 0 ? k / t->dims[1] : k % t->dims[1];
            value[e / a->run % group->units] += (double)importance[a->tensor][k];
        }
    }
}

static bool stays(const mote_unit_group *group, const mote_unit_axis *a, size_t element, const uint8_t *keep)
{
    return keep[element / a->run % group->units];
}

/* Moves the elements [dims[0], inner] that stay to the beginning of the tensor. */
static void shrink(mote_tensor *t, const mote_unit_group *group, const mote_unit_axis *a, const uint8_t *keep)
{
    const size_t rows = t->dims[0], inner = mote_tensor_elements(t) / rows;
    float *data = t->data, *to = data;
    uint32_t left = 0;
    for (size_t i = 0; i < t->dims[a->axis]; i++)
        left += stays(group, a, i, keep);
    for (size_t r = 0; data && r < rows; r++) {
        if (a->axis == 0 && !stays(group, a, r, keep))
            continue;
        for (size_t c = 0; c < inner; c++)
            if (a->axis == 0 || stays(group, a, c, keep))
                *to++ = data[r * inner + c];
    }
    t->dims[a->axis] = left;
}

void mote_units_remove(mote_graph *g, const mote_unit_group *group, const uint8_t *keep)
{
    uint32_t left = 0;
    for (uint32_t u = 0; u < group->units; u++)
        left += keep[u];
    for (int i = 0; i < group->axis_count; i++)
        shrink(&g->tensors[group->axes[i].tensor], group, &group->axes[i], keep);
    for (int i = 0; i < g->op_count; i++) {
        mote_op *op = &g->ops[i];
        for (int k = 0; k < group->axis_count && op->opcode == MOTE_OP_ATTENTION; k++)
            if (group->axes[k].tensor == mote_op_result(op) && group->axes[k].axis == 0) {
                op->params[MOTE_ATTENTION_HEADS] =
                    op->params[MOTE_ATTENTION_HEADS] / (int32_t)group->units * (int32_t)left;
                op->params[MOTE_ATTENTION_KV_HEADS] = (int32_t)left;
            }
    }
}
