#include "compiler/import/recover.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/weights.h"

static bool same_tensor(const mote_graph *a, int i, const mote_graph *b, int j)
{
    if (i < 0 || j < 0)
        return i == j;
    const mote_tensor *x = &a->tensors[i], *y = &b->tensors[j];
    return strcmp(x->name, y->name) == 0 && x->dtype == y->dtype && memcmp(x->dims, y->dims, sizeof x->dims) == 0 &&
           (x->dtype != MOTE_I32 || memcmp(x->data, y->data, mote_tensor_size(x)) == 0);
}

static bool same_op(const mote_graph *a, const mote_op *x, const mote_graph *b, const mote_op *y)
{
    bool same = x->opcode == y->opcode && x->input_count == y->input_count && x->output_count == y->output_count &&
                memcmp(x->params, y->params, (size_t)x->param_count * sizeof *x->params) == 0;
    for (int i = 0; i < x->input_count && same; i++)
        same = same_tensor(a, x->inputs[i], b, y->inputs[i]);
    for (int i = 0; i < x->output_count && same; i++)
        same = same_tensor(a, x->outputs[i], b, y->outputs[i]);
    return same;
}

bool mote_transformer_matches(const mote_graph *g, const mote_transformer_shape *shape, mote_error *why)
{
    mote_graph model;
    if (g->packed)
        return mote_fail(why, MOTE_E_UNSUPPORTED, "it is packed; export the float model it was made from");
    if (!mote_transformer_build(&model, shape, 0, why)) {
        why->code = why->code == MOTE_E_USAGE ? MOTE_E_UNSUPPORTED : why->code;
        return false;
    }
    int same = 0;
    while (same < g->op_count && same < model.op_count && same_op(g, &g->ops[same], &model, &model.ops[same]))
        same++;
    const bool all = same == g->op_count && same == model.op_count;
    mote_graph_free(&model);
    return all || mote_fail(why, MOTE_E_UNSUPPORTED, "operator %s is another",
                            same < g->op_count ? g->ops[same].name : "after the last");
}

static bool has(const mote_graph *g, mote_weight w)
{
    return mote_graph_find(g, mote_weight_name_of(w, 0).text) >= 0;
}

static uint32_t dim_of(const mote_graph *g, const char *name, int axis)
{
    const int index = mote_graph_find(g, name);
    return index < 0 ? 0 : g->tensors[index].dims[axis];
}

double mote_shortest(float value)
{
    char text[32];
    for (int digits = 1; digits < 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            return strtod(text, NULL);
    }
    return (double)value;
}

/* True if rotary positions of this base have the angles turns[pairs]. */
static bool has_turns(float theta, const int32_t *turns, uint32_t pairs)
{
    mote_graph g;
    const mote_transformer_shape s = {.vocabulary = 1,
                                      .dim = 2 * pairs,
                                      .layers = 1,
                                      .heads = 1,
                                      .kv_heads = 1,
                                      .hidden = 1,
                                      .context = 1,
                                      .theta = theta};
    if (!mote_transformer_build(&g, &s, 0, NULL))
        return false;
    const int index = mote_graph_find(&g, "turns");
    const bool same = index >= 0 && memcmp(g.tensors[index].data, turns, pairs * sizeof *turns) == 0;
    mote_graph_free(&g);
    return same;
}

/* Finds the base of the rotary positions: the shortest number that gives the same angles. Keeps theta if none does. */
static void recover_theta(const mote_graph *g, float *theta)
{
    const int index = mote_graph_find(g, "turns");
    const mote_tensor *t = index < 0 ? NULL : &g->tensors[index];
    if (!t || t->role != MOTE_CONSTANT || t->dtype != MOTE_I32 || t->dims[0] < 2)
        return;
    const int32_t *turns = t->data;
    const double radians = (uint32_t)turns[1] * 0x1p-32 * 2 * 3.14159265358979323846;
    for (int digits = 1; digits < 10; digits++) {
        char text[32];
        snprintf(text, sizeof text, "%.*g", digits, pow(radians, -(double)t->dims[0]));
        const float candidate = strtof(text, NULL);
        if (candidate >= 1 && isfinite(candidate) && has_turns(candidate, turns, t->dims[0])) {
            *theta = candidate;
            return;
        }
    }
}

bool mote_transformer_recover(const mote_graph *g, mote_transformer_shape *s, mote_error *why)
{
    *s = MOTE_TRANSFORMER_DEFAULTS;
    s->vocabulary = dim_of(g, "embedding.weight", 0);
    s->dim = dim_of(g, "embedding.weight", 1);
    s->hidden = dim_of(g, "layer0.up.weight", 0);
    s->context = dim_of(g, "layer0.keys", 0);
    while (s->layers < 1000 && mote_graph_find(g, mote_weight_name_of(MOTE_W_Q, s->layers).text) >= 0)
        s->layers++;
    s->tied = !has(g, MOTE_W_HEAD);
    s->biased = has(g, MOTE_W_Q_BIAS);
    s->layer_norm = has(g, MOTE_W_NORM_BIAS);
    s->gelu = !has(g, MOTE_W_GATE);
    s->learned_positions = has(g, MOTE_W_POSITIONS);
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        if (op->opcode == MOTE_OP_ATTENTION) {
            s->heads = (uint32_t)op->params[MOTE_ATTENTION_HEADS];
            s->kv_heads = (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS];
        } else if (op->opcode == MOTE_OP_RMSNORM || op->opcode == MOTE_OP_LAYERNORM) {
            memcpy(&s->epsilon, &op->params[MOTE_NORM_EPSILON], sizeof s->epsilon);
        }
    }
    if (!s->learned_positions && !g->packed)
        recover_theta(g, &s->theta);
    return mote_transformer_matches(g, s, why);
}
