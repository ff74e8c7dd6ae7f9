/* ONNX operators that rearrange pictures: padding, depth to space and back. */
#include <math.h>
#include <string.h>

#include "compiler/import/onnx_rules.h"

bool mote_onnx_op_pad(mote_onnx_import *p)
{
    static const char *const modes[] = {"constant", "reflect", "edge"};
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *fill = mote_onnx_in(p, 2);
    int64_t pads[2 * MOTE_ONNX_RANK], axes[MOTE_ONNX_RANK], dims[MOTE_ONNX_RANK];
    int64_t before[MOTE_ONNX_RANK] = {0}, after[MOTE_ONNX_RANK] = {0};
    int32_t params[32] = {0};
    int mode = 0;
    if (!x)
        return done;
    while (mode < 3 && !mote_onnx_text_is(p, "mode", modes[mode], mode == 0))
        mode++;
    const int given = mote_onnx_in(p, 3) ? mote_onnx_ints(p, "", 3, axes, MOTE_ONNX_RANK) : x->rank;
    if (mode == 3 || given < 0 || mote_onnx_ints(p, "pads", 1, pads, 2 * MOTE_ONNX_RANK) != 2 * given ||
        (fill && (!fill->constant || mote_onnx_count(fill->constant) != 1)))
        return mote_onnx_refuse(p, "by computed amounts or values, or in such a mode");
    for (int i = 0; i < given; i++) {
        int64_t axis = mote_onnx_in(p, 3) ? axes[i] : i;
        if (!mote_onnx_axis(x, &axis))
            return mote_onnx_fail(p, "has an axis that its input lacks");
        if (pads[i] < 0 || pads[given + i] < 0 || pads[i] > 65535 || pads[given + i] > 65535)
            return mote_onnx_refuse(p, "by negative or large amounts");
        before[axis] = pads[i], after[axis] = pads[given + i];
    }
    const int dropped = x->rank > 1 && x->dims[x->order[0]] == 1;
    if (dropped && (before[x->order[0]] || after[x->order[0]]))
        return mote_onnx_refuse(p, "of a first dimension of 1");
    for (int k = dropped; k < x->rank; k++) {
        params[MOTE_PAD_BEFORE0 + k - dropped] = (int32_t)before[x->order[k]];
        params[MOTE_PAD_AFTER0 + k - dropped] = (int32_t)after[x->order[k]];
    }
    for (int i = 0; i < x->rank; i++)
        dims[i] = x->dims[i] + before[i] + after[i];
    const double value = fill ? mote_onnx_at(fill->constant, 0) : (double)mote_onnx_real(p, "value", 0);
    if (!isfinite(value))
        return mote_onnx_refuse(p, "with a value that is not finite");
    params[MOTE_PAD_MODE] = mode;
    params[MOTE_PAD_VALUE] = mote_onnx_bits((float)value);
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_PAD, 1, &x->tensor, params), x->rank, dims, x->order);
}

/* Reads [1, c, h, w] as five dimensions, turns them, and makes [1, dims] of the result. */
static bool turn(mote_onnx_import *p, const mote_onnx_value *x, const int64_t five[5], const int32_t from[5],
                 const int64_t dims[4])
{
    uint32_t wide[5];
    int32_t params[MOTE_RANK] = {0};
    for (int i = 0; i < 5; i++) {
        wide[i] = (uint32_t)five[i];
        params[i] = from[i];
    }
    const int in = mote_onnx_view(p, mote_onnx_plain(p, x), 5, wide);
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_TRANSPOSE, 1, &in, params), 4, dims, NULL);
}

bool mote_onnx_op_depth(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const bool to_depth = strcmp(p->node->operator_, "SpaceToDepth") == 0;
    const bool columns = mote_onnx_text_is(p, "mode", "CRD", false);
    const int64_t b = mote_onnx_int(p, "blocksize", 0);
    if (!x)
        return done;
    if (x->rank != 4 || x->dims[0] != 1)
        return mote_onnx_refuse(p, "of no picture, or of a batch");
    const int64_t c = x->dims[1], h = x->dims[2], w = x->dims[3];
    if (b < 1 || b > 1024 || (to_depth ? h % b || w % b : c % (b * b)))
        return mote_onnx_fail(p, "has a block size that does not divide its input");
    if (to_depth)
        return turn(p, x, (const int64_t[]){c, h / b, b, w / b, b}, (const int32_t[]){2, 4, 0, 1, 3},
                    (const int64_t[]){1, c * b * b, h / b, w / b});
    const int64_t left = c / b / b;
    const int64_t dims[] = {1, left, h * b, w * b};
    return columns ? turn(p, x, (const int64_t[]){left, b, b, h, w}, (const int32_t[]){0, 3, 1, 4, 2}, dims)
                   : turn(p, x, (const int64_t[]){b, b, left, h, w}, (const int32_t[]){2, 3, 0, 4, 1}, dims);
}
