#include "compiler/graph/language.h"

#include <stdio.h>
#include <string.h>

#include "compiler/graph/limits.h"
#include "compiler/graph/names.h"

/* Checks that every table indexed by `ids` has at least `tokens` rows. */
static bool tables_fit(const mote_graph *g, int ids, uint32_t tokens, mote_error *error)
{
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const int table = mote_op_has(op, MOTE_TRAIT_LOOKUP) && mote_op_operand(op, MOTE_OPERAND_VALUE) == ids
                              ? mote_op_operand(op, MOTE_OPERAND_TABLE)
                              : -1;
        if (table >= 0 && g->tensors[table].dims[0] < tokens)
            return mote_fail(error, MOTE_E_FORMAT, "the table %s has %u rows for %u tokens", g->tensors[table].name,
                             g->tensors[table].dims[0], tokens);
    }
    return true;
}

bool mote_graph_is_language_model(const mote_graph *g, mote_error *error)
{
    const int in = mote_graph_of_role(g, MOTE_INPUT, 0), out = mote_graph_of_role(g, MOTE_OUTPUT, 0);
    if (in < 0 || out < 0 || mote_graph_of_role(g, MOTE_INPUT, 1) >= 0 || mote_graph_of_role(g, MOTE_OUTPUT, 1) >= 0)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "it has not one input and one output");
    const mote_tensor *ids = &g->tensors[in], *scores = &g->tensors[out];
    if (ids->dtype != MOTE_U16 || ids->rank != 1 || ids->dims[0] != 1)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "its input is not the id of a token");
    if (scores->rank != 1 || scores->dims[0] > MOTE_MOST_TOKENS || (!g->packed && scores->dtype != MOTE_F32))
        return mote_fail(error, MOTE_E_UNSUPPORTED, "its output is not a vector of scores of at most %d tokens",
                         MOTE_MOST_TOKENS);
    const mote_tokenizer *t = (const void *)g->tokenizer;
    if (t && t->vocabulary != scores->dims[0])
        return mote_fail(error, MOTE_E_FORMAT, "the tokenizer has %u tokens and the output %s %u scores", t->vocabulary,
                         scores->name, scores->dims[0]);
    return tables_fit(g, in, scores->dims[0], error);
}

/* Writes the tensors with a role, as in "x [4] of f32, ids [1] of ids", truncated to `size` bytes. */
static void list(const mote_graph *g, mote_role role, char *out, size_t size)
{
    int tensor;
    out[0] = 0;
    for (int i = 0; (tensor = mote_graph_of_role(g, role, i)) >= 0; i++) {
        const mote_tensor *t = &g->tensors[tensor];
        const size_t at = strlen(out);
        char shape[MOTE_SHAPE_TEXT];
        mote_shape_text(t->rank, t->dims, shape);
        snprintf(out + at, size - at, "%s%.40s %s of %s", i ? ", " : "", t->name, shape, mote_dtype_name(t->dtype));
    }
}

bool mote_graph_need_language_model(const mote_graph *g, const char *name, const char *what, mote_error *error)
{
    mote_error why;
    char in[120], out[120];
    if (mote_graph_is_language_model(g, &why))
        return true;
    list(g, MOTE_INPUT, in, sizeof in);
    list(g, MOTE_OUTPUT, out, sizeof out);
    return mote_fail(error, why.code,
                     "%.100s takes %s and gives %s: no language model, which %s needs, because %.80s; mote info shows "
                     "it; mote run takes it with --input FILE, eval, train, prune and quantize with DATA.npz",
                     name, in, out, what, why.text);
}

uint32_t mote_graph_vocabulary(const mote_graph *g)
{
    const int output = mote_graph_of_role(g, MOTE_OUTPUT, 0);
    return output < 0 ? 0 : (uint32_t)mote_tensor_elements(&g->tensors[output]);
}
