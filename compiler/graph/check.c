/* Verification of a whole graph, before anything else reads it. */

#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool names_unique(const mote_graph *g, mote_error *error)
{
    const char **names = malloc(((size_t)g->tensor_count + 1) * sizeof *names);
    if (!names)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while checking a graph");
    for (int i = 0; i < g->tensor_count; i++)
        names[i] = g->tensors[i].name;
    qsort(names, (size_t)g->tensor_count, sizeof *names, compare_names);
    bool unique = true;
    for (int i = 1; i < g->tensor_count && unique; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            unique = mote_fail(error, MOTE_E_FORMAT, "two tensors are named %s", names[i]);
    free(names);
    return unique;
}

static bool tensor_valid(const mote_tensor *t, mote_error *error)
{
    if ((unsigned)t->dtype >= MOTE_DTYPE_COUNT || (unsigned)t->role >= MOTE_ROLE_COUNT || t->rank < 1 || t->rank > 4)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s has an unknown type, role or rank", t->name);
    uint64_t elements = 1;
    for (int i = 0; i < 4; i++) {
        if (!t->dims[i] || (i >= t->rank && t->dims[i] != 1))
            return mote_fail(error, MOTE_E_FORMAT, "tensor %s has a dimension of zero or past its rank", t->name);
        elements *= t->dims[i];
        if (elements > UINT32_MAX / 4)
            return mote_fail(error, MOTE_E_FORMAT, "tensor %s is larger than a file can be", t->name);
    }
    if ((t->role == MOTE_CONSTANT) != (t->data != NULL))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: constants have data and nothing else has", t->name);
    return true;
}

/* Indices in range, and each activation made exactly once and before it is used. */
static bool wiring_valid(const mote_graph *g, const mote_op *op, bool *made, mote_error *error)
{
    if ((unsigned)op->opcode >= MOTE_OPCODE_COUNT || op->input_count < 0 || op->input_count > 8 ||
        op->output_count < 0 || op->output_count > 4)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s is unknown or has too many operands", op->name);
    for (int i = 0; i < op->input_count; i++) {
        if (op->inputs[i] == -1)
            continue;
        if (op->inputs[i] < 0 || op->inputs[i] >= g->tensor_count || !made[op->inputs[i]])
            return mote_fail(error, MOTE_E_FORMAT, "operator %s reads a tensor that nothing made before", op->name);
    }
    for (int i = 0; i < op->output_count; i++) {
        if (op->outputs[i] < 0 || op->outputs[i] >= g->tensor_count || made[op->outputs[i]])
            return mote_fail(error, MOTE_E_FORMAT, "operator %s writes a tensor that exists already", op->name);
        made[op->outputs[i]] = true;
    }
    return true;
}

/* Every input is of the kind that its operator reads there. */
static bool roles_valid(const mote_graph *g, const mote_op *op, const mote_operator *kind, mote_error *error)
{
    for (int i = 0; i < op->input_count; i++) {
        const mote_tensor *t = mote_op_input(g, op, i);
        if (t && ((kind->constants >> i & 1) != (t->role == MOTE_CONSTANT) ||
                  (kind->states >> i & 1) != (t->role == MOTE_STATE)))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s: tensor %s has the wrong role", op->name, t->name);
    }
    return true;
}

bool mote_graph_check(const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (!tensor_valid(&g->tensors[i], error))
            return false;
    if (!names_unique(g, error))
        return false;
    bool *made = calloc((size_t)g->tensor_count + 1, sizeof *made);
    if (!made)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while checking a graph");
    for (int i = 0; i < g->tensor_count; i++) {
        mote_role role = g->tensors[i].role;
        made[i] = role == MOTE_CONSTANT || role == MOTE_INPUT || role == MOTE_STATE;
    }
    bool valid = true;
    for (int i = 0; i < g->op_count && valid; i++) {
        const mote_op *op = &g->ops[i];
        valid = wiring_valid(g, op, made, error) && roles_valid(g, op, mote_operators[op->opcode], error) &&
                mote_operators[op->opcode]->check(g, op, error);
    }
    free(made);
    return valid;
}
