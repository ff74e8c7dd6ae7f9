#include "compiler/plan/lifetime.h"

#include <limits.h>

static void extend(mote_lifetime *life, int op)
{
    if (op < life->first)
        life->first = op;
    if (op > life->last)
        life->last = op;
}

static void find_own(const mote_graph *g, mote_lifetime *lives)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        lives[i] =
            (mote_lifetime){.size = mote_in_arena(t) ? (uint32_t)mote_tensor_size(t) : 0, .first = INT_MAX, .last = -1};
        if (t->role == MOTE_INPUT)
            extend(&lives[i], 0);
        if (t->role == MOTE_OUTPUT)
            extend(&lives[i], g->op_count);
    }
    for (int o = 0; o < g->op_count; o++) {
        const mote_op *op = &g->ops[o];
        for (int i = 0; i < op->input_count; i++)
            if (op->inputs[i] >= 0)
                extend(&lives[op->inputs[i]], o);
        for (int i = 0; i < op->output_count; i++)
            if (op->outputs[i] >= 0)
                extend(&lives[op->outputs[i]], o);
    }
}

/* Returns the tensor in whose bytes the result of operator o can lie, -1 if there is none. Operators before o have
 * their homes. */
static int home_of_result(const mote_graph *g, int o, const mote_lifetime *lives, const int *home)
{
    const mote_op *op = &g->ops[o];
    const uint32_t size = lives[mote_op_result(op)].size;
    for (int i = 0; i < op->input_count && mote_op_has(op, MOTE_TRAIT_IN_PLACE); i++) {
        const int x = op->inputs[i];
        if (x < 0 || !mote_in_arena(&g->tensors[x]) || lives[home[x]].size != size)
            continue;
        if (mote_op_has(op, MOTE_TRAIT_VIEW) || lives[home[x]].last == o)
            return home[x];
    }
    return -1;
}

void mote_graph_lifetimes(const mote_graph *g, mote_lifetime *lives, int *home)
{
    find_own(g, lives);
    for (int i = 0; i < g->tensor_count; i++)
        home[i] = i;
    for (int o = 0; o < g->op_count; o++) {
        const int y = mote_op_result(&g->ops[o]), at = home_of_result(g, o, lives, home);
        if (at < 0)
            continue;
        home[y] = at;
        extend(&lives[at], lives[y].first);
        extend(&lives[at], lives[y].last);
        lives[y].size = 0;
    }
}
