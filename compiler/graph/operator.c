#include "compiler/graph/operator.h"

#include <string.h>

#include "compiler/graph/limits.h"
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

mote_shape mote_vector_of(uint32_t length, unsigned dtypes)
{
    return (mote_shape){.rank = 1, .dims = {length, 1, 1, 1, 1, 1}, .dtypes = dtypes};
}

/* Checks the number of elements of an input, so that infer functions may multiply dimensions. */
static bool size_fits(const mote_op *op, const mote_tensor *t, mote_error *error)
{
    mote_shape shape;
    int64_t dims[MOTE_RANK];
    for (int i = 0; i < MOTE_RANK; i++)
        dims[i] = t->dims[i];
    return mote_shape_of(op, MOTE_RANK, dims, 0, &shape, NULL) ||
           mote_fail(error, MOTE_E_FORMAT,
                     "operator %s (%s): tensor %s has more elements than the %d that one may have", op->name,
                     mote_operator_of(op->opcode)->name, t->name, MOTE_MOST_ELEMENTS);
}

bool mote_op_infer(const mote_graph *g, const mote_op *op, mote_shape *shapes, mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    for (int i = 0; i < op->input_count; i++) {
        const mote_presence presence = info->inputs[i].presence;
        if (op->inputs[i] < 0 && (presence == MOTE_REQUIRED || (presence == MOTE_PACKED && g->packed)))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s) has no %s", op->name, info->name,
                             info->inputs[i].name);
        if (op->inputs[i] >= 0 && !size_fits(op, mote_op_input(g, op, i), error))
            return false;
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

bool mote_expect_product(const mote_graph *g, const mote_op *op, unsigned multipliers, mote_error *error)
{
    const int weights = mote_operator_input(op->opcode, MOTE_OPERAND_WEIGHTS);
    const uint32_t out = mote_op_input(g, op, weights)->dims[0], in = mote_op_input(g, op, weights)->dims[1];
    return mote_expect(g, op, weights, out, in, MOTE_WEIGHTS_OF(g), error) &&
           mote_expect(g, op, mote_operator_input(op->opcode, MOTE_OPERAND_BIAS), out, 0, MOTE_BIASES_OF(g), error) &&
           mote_expect(g, op, mote_operator_input(op->opcode, MOTE_OPERAND_MULTIPLIER), out, 0, multipliers, error) &&
           groups_fit(g, op, out, in, error);
}

bool mote_shape_of(const mote_op *op, int rank, const int64_t *dims, unsigned dtypes, mote_shape *y, mote_error *error)
{
    const char *name = mote_operator_of(op->opcode)->name;
    int64_t elements = 1;
    *y = (mote_shape){.rank = rank, .dims = {1, 1, 1, 1, 1, 1}, .dtypes = dtypes};
    if (rank < 1 || rank > MOTE_RANK)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "operator %s (%s): its result has %d dimensions; 1 to %d are possible", op->name, name, rank,
                         MOTE_RANK);
    for (int i = 0; i < rank; i++) {
        if (dims[i] < 1)
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): dimension %d of its result would be %lld",
                             op->name, name, i, (long long)dims[i]);
        if (dims[i] > MOTE_MOST_ELEMENTS / elements)
            return mote_fail(error, MOTE_E_FORMAT,
                             "operator %s (%s): its result has more elements than the %d that a "
                             "tensor may have",
                             op->name, name, MOTE_MOST_ELEMENTS);
        elements *= dims[i];
        y->dims[i] = (uint32_t)dims[i];
    }
    return true;
}

bool mote_infer_same(const mote_graph *g, const mote_op *op, int index, unsigned dtypes, mote_shape *y,
                     mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_tensor *t = mote_op_input(g, op, index);
    *y = (mote_shape){.rank = t->rank, .dtypes = MOTE_BIT(t->dtype) & dtypes};
    memcpy(y->dims, t->dims, sizeof y->dims);
    return y->dtypes || mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): its %s, tensor %s, may not be of type %s",
                                  op->name, info->name, info->inputs[index].name, t->name, mote_dtype_name(t->dtype));
}

bool mote_param_within(const mote_op *op, int param, int32_t least, int32_t most, mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const int32_t value = op->params[param];
    return (value >= least && value <= most) ||
           mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): its %s is %d, not %d to %d", op->name, info->name,
                     info->params[param].name, value, least, most);
}
