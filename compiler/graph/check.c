#include "compiler/graph/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/language.h"
#include "compiler/graph/limits.h"
#include "compiler/graph/names.h"
#include "compiler/graph/operator.h"
#include "runtime/tokenizer.h"

static bool tensor_valid(const mote_tensor *t, bool packed, mote_error *error)
{
    if ((unsigned)t->dtype >= MOTE_DTYPE_COUNT || (unsigned)t->role >= MOTE_ROLE_COUNT || t->rank < 1 ||
        t->rank > MOTE_RANK)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s has an unknown type, role or rank", t->name);
    if (!t->name[0])
        return mote_fail(error, MOTE_E_FORMAT, "a tensor has no name");
    uint64_t elements = 1;
    for (int i = 0; i < MOTE_RANK; i++) {
        if (!t->dims[i] || (i >= t->rank && t->dims[i] != 1))
            return mote_fail(error, MOTE_E_FORMAT, "tensor %s has a dimension of zero or past its rank", t->name);
        elements *= t->dims[i];
        if (elements > MOTE_MOST_ELEMENTS)
            return mote_fail(error, MOTE_E_FORMAT, "tensor %s has more elements than the %d that one may have", t->name,
                             MOTE_MOST_ELEMENTS);
    }
    if (!packed && t->stride)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s of a float graph has gaps between its rows", t->name);
    if ((t->role == MOTE_CONSTANT) != (t->data != NULL))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: constants have data and nothing else has", t->name);
    return true;
}

/* Checks that an operand is present or absent as its line of operators.def requires. */
static bool presence_fits(const mote_graph *g, const mote_op *op, const mote_operand_info *operand, int tensor,
                          mote_error *error)
{
    const bool optional = operand->presence == MOTE_OPTIONAL || operand->presence == MOTE_PACKED_OPTIONAL;
    const bool only_packed = operand->presence == MOTE_PACKED || operand->presence == MOTE_PACKED_OPTIONAL;
    if (tensor < -1 || tensor >= g->tensor_count)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: its %s is no tensor", op->name, operand->name);
    if (tensor < 0 && !optional && (g->packed || !only_packed))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) has no %s", op->name,
                         mote_operator_of(op->opcode)->name, operand->name);
    if (tensor >= 0 && only_packed && !g->packed)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) of a float graph has %s, which only packed ones have",
                         op->name, mote_operator_of(op->opcode)->name, operand->name);
    return true;
}

/* Checks that the tensor of an input has a role that the operator accepts there, and that it was written before. */
static bool input_fits(const mote_graph *g, const mote_op *op, int i, const bool *made, mote_error *error)
{
    const mote_operand_info *operand = &mote_operator_of(op->opcode)->inputs[i];
    const mote_tensor *t = mote_op_input(g, op, i);
    if (!t)
        return true;
    const bool fits = mote_operand_is_constant(operand->role) ? t->role == MOTE_CONSTANT
                      : operand->role == MOTE_OPERAND_STATE   ? t->role == MOTE_STATE
                      : t->role == MOTE_CONSTANT              ? operand->role == MOTE_OPERAND_ANY
                                                              : g->packed || t->role != MOTE_STATE;
    if (!fits)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: its %s, tensor %s, may not be of role %s", op->name,
                         operand->name, t->name, mote_role_names[t->role]);
    if (!made[op->inputs[i]])
        return mote_fail(error, MOTE_E_FORMAT, "operator %s reads %s before anything made it", op->name, t->name);
    return true;
}

static bool output_fits(const mote_graph *g, const mote_op *op, int i, bool *made, mote_error *error)
{
    const mote_operand_info *operand = &mote_operator_of(op->opcode)->outputs[i];
    const mote_tensor *t = mote_op_output(g, op, i);
    if (!t)
        return true;
    const bool is_state = operand->role == MOTE_OPERAND_STATE && g->packed;
    if (is_state ? t->role != MOTE_STATE : made[op->outputs[i]] || t->role == MOTE_CONSTANT || t->role == MOTE_STATE)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s writes %s, which it may not or which exists already",
                         op->name, t->name);
    made[op->outputs[i]] = true;
    return true;
}

/* Checks that every output has the shape and the type that its operator infers from the inputs. */
static bool shapes_fit(const mote_graph *g, const mote_op *op, mote_error *error)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    if (!mote_op_infer(g, op, shapes, error))
        return false;
    for (int i = 0; i < op->output_count; i++) {
        const mote_tensor *t = mote_op_output(g, op, i);
        if (t && (t->rank != shapes[i].rank || memcmp(t->dims, shapes[i].dims, sizeof t->dims) != 0 ||
                  !(MOTE_BIT(t->dtype) & shapes[i].dtypes)))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) does not make a tensor like %s of its inputs",
                             op->name, mote_operator_of(op->opcode)->name, t->name);
    }
    return true;
}

static bool operator_fits(const mote_graph *g, const mote_op *op, bool *made, mote_error *error)
{
    if ((unsigned)op->opcode >= MOTE_OPCODE_COUNT)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s is unknown", op->name);
    const mote_operator_info *info = mote_operator_of(op->opcode);
    if (!op->name[0])
        return mote_fail(error, MOTE_E_FORMAT, "an operator (%s) has no name", info->name);
    if (op->input_count != info->input_count || op->output_count != info->output_count ||
        op->param_count != info->param_count)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) has too few or too many operands", op->name,
                         info->name);
    if (!g->packed && (info->traits & MOTE_TRAIT_PACKED_ONLY))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: float graphs have no %s", op->name, info->name);
    for (int i = 0; i < op->input_count; i++)
        if (!presence_fits(g, op, &info->inputs[i], op->inputs[i], error) || !input_fits(g, op, i, made, error))
            return false;
    for (int i = 0; i < op->output_count; i++)
        if (!presence_fits(g, op, &info->outputs[i], op->outputs[i], error) || !output_fits(g, op, i, made, error))
            return false;
    for (int i = 0; i < op->param_count; i++)
        if (!g->packed && info->params[i].kind == MOTE_PARAM_PACKED && op->params[i])
            return mote_fail(error, MOTE_E_FORMAT, "operator %s of a float graph has a %s, which only packed ones have",
                             op->name, info->params[i].name);
    return shapes_fit(g, op, error);
}

static bool outputs_made(const mote_graph *g, const bool *made, mote_error *error)
{
    if (mote_graph_of_role(g, MOTE_OUTPUT, 0) < 0)
        return mote_fail(error, MOTE_E_FORMAT, "the graph has no output");
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].role == MOTE_OUTPUT && !made[i])
            return mote_fail(error, MOTE_E_FORMAT, "no operator makes the output %s", g->tensors[i].name);
    return true;
}

static bool tokenizer_fits(const mote_graph *g, mote_error *error)
{
    mote_error why;
    if (!g->tokenizer)
        return true;
    if (!mote_tokenizer_fits(g->tokenizer, g->tokenizer_size))
        return mote_fail(error, MOTE_E_FORMAT, "the tokenizer is damaged");
    return mote_graph_is_language_model(g, &why) ||
           mote_fail(error, MOTE_E_FORMAT, "a tokenizer does not fit this network: %.400s", why.text);
}

bool mote_graph_check(const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (!tensor_valid(&g->tensors[i], g->packed, error))
            return false;
    bool *made = calloc((size_t)g->tensor_count + 1, sizeof *made);
    if (!made)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while checking a graph");
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_role role = g->tensors[i].role;
        made[i] = role == MOTE_CONSTANT || role == MOTE_INPUT || role == MOTE_STATE;
    }
    bool valid = true;
    for (int i = 0; i < g->op_count && valid; i++)
        valid = operator_fits(g, &g->ops[i], made, error);
    valid = valid && outputs_made(g, made, error) && tokenizer_fits(g, error);
    free(made);
    return valid;
}

bool mote_graph_check_finite(const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const size_t count = t->role == MOTE_CONSTANT && t->dtype == MOTE_F32 ? mote_tensor_elements(t) : 0;
        for (size_t k = 0; k < count; k++) {
            const float value = ((const float *)t->data)[k];
            if (!isfinite(value))
                return mote_fail(error, MOTE_E_FORMAT, "value %zu of %s is %s; a sound model has no such number", k,
                                 t->name, isnan(value) ? "NaN" : "infinite");
        }
    }
    return true;
}

bool mote_graph_need_float(const mote_graph *g, const char *name, const char *verb, mote_error *error)
{
    return !g->packed || mote_fail(error, MOTE_E_UNSUPPORTED,
                                   "%s: packed already; %s needs the float model it was made from. Packed models are "
                                   "for mote run, eval, info, sim and verify",
                                   name, verb);
}
