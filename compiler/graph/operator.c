#include "compiler/graph/operator.h"

#include <string.h>

#include "compiler/graph/names.h"

#define OPERATOR(ID, id, ...)                                                                                          \
    extern const mote_operator mote_operator_##id;                                                                     \
    _Static_assert((int)MOTE_##ID##_OUTPUTS <= MOTE_MOST_OUTPUTS, "more outputs than shapes: " #id);
#include "runtime/operators.def"
#undef OPERATOR

#define OPERATOR(ID, id, ...) [MOTE_OP_##ID] = &mote_operator_##id,
const mote_operator *const mote_operators[MOTE_OPCODE_COUNT] = {
#include "runtime/operators.def"
};
#undef OPERATOR

mote_repeats mote_pass_repeats(const mote_pass *pass)
{
    const mote_graph *g = pass->graph;
    mote_repeats r = {.elements = pass->rows * mote_tensor_elements(&g->tensors[mote_op_result(pass->op)])};
    r.stretch = r.elements;
    for (int i = 0; i < 2; i++) {
        const mote_tensor *t = &g->tensors[pass->op->inputs[i]];
        r.period[i] = t->role == MOTE_CONSTANT ? mote_tensor_elements(t) : r.elements;
        r.stretch = r.period[i] < r.stretch ? r.period[i] : r.stretch;
    }
    return r;
}

mote_shape mote_vector_of(uint32_t length, unsigned dtypes)
{
    return (mote_shape){.rank = 1, .dims = {length, 1, 1, 1, 1, 1}, .dtypes = dtypes};
}

bool mote_op_infer(const mote_graph *g, const mote_op *op, mote_shape *shapes, mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    for (int i = 0; i < op->input_count; i++) {
        const mote_presence presence = info->inputs[i].presence;
        if (op->inputs[i] < 0 && (presence == MOTE_REQUIRED || (presence == MOTE_PACKED && g->packed)))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) has no %s", op->name, info->name,
                             info->inputs[i].name);
    }
    return mote_operators[op->opcode]->infer(g, op, shapes, error);
}

bool mote_expect(const mote_graph *g, const mote_op *op, int index, uint32_t rows, uint32_t columns, unsigned dtypes,
                 mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_tensor *t = mote_op_input(g, op, index);
    const char *operand = info->inputs[index].name;
    const int rank = columns ? 2 : 1;
    char dims[MOTE_SHAPE_TEXT], wanted[MOTE_SHAPE_TEXT];
    if (!t)
        return true;
    if (t->rank != rank || t->dims[0] != rows || t->dims[1] != (columns ? columns : 1)) {
        mote_shape_text(t->rank, t->dims, dims);
        mote_shape_text(rank, (uint32_t[]){rows, columns}, wanted);
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): its %s, tensor %s, has the shape %s, not %s",
                         op->name, info->name, operand, t->name, dims, wanted);
    }
    if (!(MOTE_BIT(t->dtype) & dtypes))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): its %s, tensor %s, may not be of type %s", op->name,
                         info->name, operand, t->name, mote_dtype_name(t->dtype));
    return true;
}

/* Checks params[MOTE_PRODUCT_GROUP] and the `groups` operand, if present, for weights [out, in]. */
static bool groups_fit(const mote_graph *g, const mote_op *op, uint32_t out, uint32_t in, mote_error *error)
{
    const int32_t size = op->params[MOTE_PRODUCT_GROUP];
    if (mote_op_operand(op, MOTE_OPERAND_GROUPS) < 0)
        return size == 0 || mote_fail(error, MOTE_E_FORMAT, "operator %s has a group size and no groups", op->name);
    if (!g->packed || size < 16 || size % 16 != 0)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: its groups of %d columns do not fit %u columns", op->name,
                         size, in);
    return mote_expect(g, op, mote_operator_input(op->opcode, MOTE_OPERAND_GROUPS), out,
                       in / (uint32_t)size + (in % (uint32_t)size != 0), MOTE_BIT(MOTE_I8), error);
}

bool mote_expect_product(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const int weights = mote_operator_input(op->opcode, MOTE_OPERAND_WEIGHTS);
    const uint32_t out = mote_op_input(g, op, weights)->dims[0], in = mote_op_input(g, op, weights)->dims[1];
    return mote_expect(g, op, weights, out, in, MOTE_WEIGHTS_OF(g), error) &&
           mote_expect(g, op, mote_operator_input(op->opcode, MOTE_OPERAND_BIAS), out, 0, MOTE_BIASES_OF(g), error) &&
           mote_expect(g, op, mote_operator_input(op->opcode, MOTE_OPERAND_MULTIPLIER), out, 0, MOTE_BIT(MOTE_I16),
                       error) &&
           groups_fit(g, op, out, in, error);
}

/* True if the dimensions of t, without leading ones, are the last dimensions of y. */
static bool repeats(const mote_tensor *t, const mote_shape *y)
{
    int first = 0;
    while (first < t->rank && t->dims[first] == 1)
        first++;
    const int rank = t->rank - first;
    return rank <= y->rank && memcmp(t->dims + first, y->dims + y->rank - rank, (size_t)rank * sizeof *t->dims) == 0;
}

/* Returns the first input that is not a constant; the largest input if all are constants. */
static const mote_tensor *leading_input(const mote_graph *g, const mote_op *op, int count)
{
    const mote_tensor *most = mote_op_input(g, op, 0);
    for (int i = 0; i < count; i++) {
        const mote_tensor *t = mote_op_input(g, op, i);
        if (t->role != MOTE_CONSTANT)
            return t;
        if (mote_tensor_elements(t) > mote_tensor_elements(most))
            most = t;
    }
    return most;
}

bool mote_infer_elementwise(const mote_graph *g, const mote_op *op, int count, unsigned dtypes, mote_shape *y,
                            mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_tensor *leading = leading_input(g, op, count);
    *y = (mote_shape){.rank = leading->rank, .dtypes = MOTE_BIT(leading->dtype) & dtypes};
    memcpy(y->dims, leading->dims, sizeof y->dims);
    for (int i = 0; i < count; i++) {
        const mote_tensor *t = mote_op_input(g, op, i);
        const bool fits = t->role == MOTE_CONSTANT
                              ? repeats(t, y)
                              : t->rank == y->rank && memcmp(t->dims, y->dims, sizeof t->dims) == 0;
        if (!fits || !(MOTE_BIT(t->dtype) & y->dtypes))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): shape or type of its %s, tensor %s, do not fit",
                             op->name, info->name, info->inputs[i].name, t->name);
    }
    return true;
}
