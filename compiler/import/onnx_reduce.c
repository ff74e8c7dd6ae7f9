/* ONNX operators over axes: reductions, global pooling, softmax. */
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/import/onnx_rules.h"

enum { NO_FUNCTION = -1 };

static int map(mote_onnx_import *p, int tensor, int function)
{
    const int32_t params[] = {function, 0, 0};
    return function == NO_FUNCTION || tensor < 0 ? tensor : mote_onnx_make(p, MOTE_OP_MAP, 1, &tensor, params);
}

/* Reduces axes of the file whose bits are set, and applies a function. */
static bool reduce_axes(mote_onnx_import *p, const mote_onnx_value *x, int kind, unsigned axes, bool keep, int after)
{
    int64_t dims[MOTE_ONNX_RANK];
    int rank = 0;
    int32_t params[32] = {kind, 0};
    const int plain[MOTE_ONNX_RANK] = {0, 1, 2, 3, 4, 5}, *order = keep ? x->order : plain;
    const int dropped = x->rank > 1 && x->dims[order[0]] == 1;
    for (int i = 0; i < x->rank; i++) {
        if (i >= dropped && axes >> order[i] & 1)
            params[MOTE_REDUCE_AXES] |= 1 << (i - dropped);
        if (keep || !(axes >> i & 1))
            dims[rank++] = axes >> i & 1 ? 1 : x->dims[i];
    }
    const int in = mote_onnx_ordered(p, x, order);
    if (in < 0)
        return false;
    const int y = params[MOTE_REDUCE_AXES] ? mote_onnx_make(p, MOTE_OP_REDUCE, 1, &in, params) : in;
    return mote_onnx_finish(p, 0, map(p, y, after), rank, dims, keep ? order : NULL);
}

bool mote_onnx_op_global_pool(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    if (!x)
        return done;
    const unsigned all = (1u << x->rank) - 1;
    return reduce_axes(p, x, strcmp(p->node->operator_, "GlobalMaxPool") == 0 ? 2 : 0, all & ~3u, true, NO_FUNCTION);
}

bool mote_onnx_op_reduce(mote_onnx_import *p)
{
    enum { MEAN, SUM, MAX, MIN };
    static const struct {
        const char *name;
        int before, kind, after; /* functions of the values and of the result */
    } kinds[] = {{"ReduceMean", NO_FUNCTION, MEAN, NO_FUNCTION},
                 {"ReduceSum", NO_FUNCTION, SUM, NO_FUNCTION},
                 {"ReduceMax", NO_FUNCTION, MAX, NO_FUNCTION},
                 {"ReduceMin", NO_FUNCTION, MIN, NO_FUNCTION},
                 {"ReduceL1", MOTE_FUNCTION_ABS, SUM, NO_FUNCTION},
                 {"ReduceL2", MOTE_FUNCTION_SQUARE, SUM, MOTE_FUNCTION_SQRT},
                 {"ReduceSumSquare", MOTE_FUNCTION_SQUARE, SUM, NO_FUNCTION},
                 {"ReduceLogSum", NO_FUNCTION, SUM, MOTE_FUNCTION_LOG},
                 {"ReduceLogSumExp", MOTE_FUNCTION_EXP, SUM, MOTE_FUNCTION_LOG}};
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t given[MOTE_ONNX_RANK];
    unsigned axes = 0;
    int kind = 0;
    if (!x)
        return done;
    while (strcmp(kinds[kind].name, p->node->operator_) != 0)
        kind++;
    const bool stated = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 1);
    const int count = stated ? mote_onnx_ints(p, "axes", 1, given, MOTE_ONNX_RANK) : 0;
    for (int i = 0; i < count; i++) {
        if (!mote_onnx_axis(x, &given[i]))
            return mote_onnx_fail(p, "has an axis that its input lacks");
        axes |= 1u << given[i];
    }
    if (count < 0)
        return mote_onnx_refuse(p, "over axes that are no constants");
    if (count == 0 && !mote_onnx_int(p, "noop_with_empty_axes", 0))
        axes = (1u << x->rank) - 1;
    mote_onnx_value of = *x;
    of.tensor = map(p, x->tensor, kinds[kind].before);
    return of.tensor >= 0 &&
           reduce_axes(p, &of, kinds[kind].kind, axes, mote_onnx_int(p, "keepdims", 1), kinds[kind].after);
}

bool mote_onnx_op_softmax(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", p->opset < 13 ? 1 : -1);
    int order[MOTE_ONNX_RANK], used = 0;
    const int32_t params[32] = {strcmp(p->node->operator_, "LogSoftmax") == 0};
    if (!x)
        return done;
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    if (p->opset < 13 && axis != x->rank - 1) /* over all axes from this one on */
        return mote_onnx_refuse(p, "over several axes");
    for (int i = 0; i < x->rank; i++)
        if (x->order[i] != axis)
            order[used++] = x->order[i];
    order[used] = (int)axis;
    const int in = mote_onnx_ordered(p, x, order);
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_SOFTMAX, 1, &in, params), x->rank, x->dims, order);
}
