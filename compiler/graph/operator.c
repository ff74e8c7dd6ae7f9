#include "compiler/graph/operator.h"

#include <string.h>

#define OPERATOR(ID, id, ...) extern const mote_operator mote_operator_##id;
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

bool mote_expect_groups(const mote_graph *g, const mote_op *op, uint32_t out, uint32_t in, mote_error *error)
{
    const int index = mote_op_operand(op, MOTE_OPERAND_GROUPS);
    const mote_tensor *groups = index < 0 ? NULL : &g->tensors[index];
    const int32_t size = op->params[MOTE_PRODUCT_GROUP];
    if (!groups)
        return size == 0 || mote_fail(error, MOTE_E_FORMAT, "operator %s has a group size and no groups", op->name);
    if (!g->packed || size < 16 || size % 16 != 0 || in % (uint32_t)size != 0)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: its groups of %d columns do not fit %u columns", op->name,
                         size, in);
    return mote_expect(op, "groups", groups, out, in / (uint32_t)size, MOTE_BIT(MOTE_I8), error);
}

/* Whether the last dimensions of y are those of t, dimensions of 1 before them left out. */
static bool repeats(const mote_tensor *t, const mote_tensor *y)
{
    int first = 0;
    while (first < t->rank && t->dims[first] == 1)
        first++;
    const int rank = t->rank - first;
    return rank <= y->rank &&
           memcmp(t->dims + first, y->dims + y->rank - rank, (size_t)rank * sizeof *t->dims) == 0;
}

static bool expect_elements(const mote_op *op, const mote_tensor *t, const mote_tensor *y, unsigned dtypes,
                            mote_error *error)
{
    if (!t)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s lacks an input", op->name);
    const bool fits = t->role == MOTE_CONSTANT
                          ? repeats(t, y)
                          : t->rank == y->rank && memcmp(t->dims, y->dims, sizeof t->dims) == 0;
    if (!fits)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s: the shape of its input %s does not fit its output's",
                         op->name, t->name);
    return (MOTE_BIT(t->dtype) & dtypes) ||
           mote_fail(error, MOTE_E_FORMAT, "operator %s: the type of %s does not fit", op->name, t->name);
}

bool mote_expect_elementwise(const mote_graph *g, const mote_op *op, int count, unsigned dtypes, mote_error *error)
{
    const mote_tensor *y = mote_op_output(g, op, 0);
    if (!y)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s has no output", op->name);
    for (int i = 0; i < count; i++)
        if (!expect_elements(op, mote_op_input(g, op, i), y, dtypes, error))
            return false;
    return expect_elements(op, y, y, dtypes, error);
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
