#include "compiler/graph/operator.h"

#define OPERATOR(ID, id, ...) extern const mote_operator mote_operator_##id;
#include "runtime/operators.def"
#undef OPERATOR

#define OPERATOR(ID, id, ...) [MOTE_OP_##ID] = &mote_operator_##id,
const mote_operator *const mote_operators[MOTE_OPCODE_COUNT] = {
#include "runtime/operators.def"
};
#undef OPERATOR

bool mote_expect_groups(const mote_graph *g, const mote_op *op, uint32_t out, uint32_t in, mote_error *error)
{
    const int index = mote_op_operand(op, MOTE_OPERAND_GROUPS);
    const mote_tensor *groups = index < 0 ? NULL : &g->tensors[index];
    const int32_t size = op->params[MOTE_PRODUCT_GROUP];
    if (!groups)
        return size == 0 || mote_fail(error, MOTE_E_FORMAT, "operator %s has a group size and no groups", op->name);
    if (!g->packed || size < 16 || size % 16 != 0)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: its groups of %d columns do not fit %u columns", op->name,
                         size, in);
    return mote_expect(op, "groups", groups, out, in / (uint32_t)size + (in % (uint32_t)size != 0),
                       MOTE_BIT(MOTE_I8), error);
}

bool mote_expect_elementwise(const mote_graph *g, const mote_op *op, int count, uint32_t *dim, mote_error *error)
{
    const mote_tensor *y = mote_op_output(g, op, 0);
    if (!y)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s has no output", op->name);
    *dim = y->dims[0];
    for (int i = 0; i < count; i++)
        if (!mote_expect(op, "input", mote_op_input(g, op, i), *dim, 0, MOTE_WIDE_OF(g), error))
            return false;
    return mote_expect(op, "output", y, *dim, 0, MOTE_WIDE_OF(g), error);
}

bool mote_expect(const mote_op *op, const char *operand, const mote_tensor *t, uint32_t rows, uint32_t columns,
                 unsigned dtypes, mote_error *error)
{
    if (!t)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s has no %s", op->name, operand);
    if (t->rank != (columns ? 2 : 1) || t->dims[0] != rows || t->dims[1] != (columns ? columns : 1))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: the shape of its %s (tensor %s) does not fit", op->name,
                         operand, t->name);
    if (!(MOTE_BIT(t->dtype) & dtypes))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: the type of its %s (tensor %s) does not fit", op->name,
                         operand, t->name);
    return true;
}
