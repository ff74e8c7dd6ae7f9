/* AVERAGE_POOL_2D, MAX_POOL_2D, PAD, and the windows that convolutions share with them. */
#include <string.h>

#include "compiler/graph/window.h"
#include "compiler/import/tflite_import.h"
#include "compiler/import/tflite_window.h"

enum { LARGEST = 1 << 24 }; /* size or stride of a window */

static bool sound(int64_t value)
{
    return value >= 1 && value <= LARGEST;
}

bool mote_tflite_window_params(const mote_tflite_window *w, mote_flat_table *options, const mote_tflite_tensor *x,
                               int32_t *params)
{
    const bool same = mote_flat_int(options, 0, 1, 0) == 0;
    for (int i = 0; i < 2; i++) { /* rows, columns */
        const int64_t stride = mote_flat_int(options, w->stride_field + 1 - i, 4, 0);
        const int64_t dilation = w->dilation_field ? mote_flat_int(options, w->dilation_field + 1 - i, 4, 1) : 1;
        const int64_t size = (int64_t)x->dims[1 + i] + w->pads[i] + w->pads[2 + i];
        if (!sound(stride) || !sound(dilation) || !sound(w->kernel[i]) || size > LARGEST)
            return false;
        const int64_t extent = (w->kernel[i] - 1) * dilation + 1, positions = (size + stride - 1) / stride;
        int64_t pad = same ? (positions - 1) * stride + extent - size : 0;
        pad = pad > 0 ? pad : 0;
        if (pad > LARGEST)
            return false;
        params[MOTE_WINDOW_KERNEL_HEIGHT + i] = w->kernel[i];
        params[MOTE_WINDOW_STRIDE_HEIGHT + i] = (int32_t)stride;
        params[MOTE_WINDOW_DILATION_HEIGHT + i] = (int32_t)dilation;
        params[MOTE_WINDOW_TOP + i] = (int32_t)(pad / 2) + w->pads[i];
        params[MOTE_WINDOW_BOTTOM + i] = (int32_t)(pad - pad / 2) + w->pads[2 + i];
    }
    return true;
}

bool mote_tflite_pool(mote_tflite_import *p, const mote_tflite_operator *op)
{
    static const int32_t none[4];
    const bool average = op->code == MOTE_TFLITE_OP_AVERAGE_POOL_2D;
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    int32_t params[MOTE_AVERAGE_POOL_ROUNDING + 1] = {0};
    mote_flat_table options = op->options;
    const int64_t rows = mote_flat_int(&options, 4, 4, 0), columns = mote_flat_int(&options, 3, 4, 0);
    const int64_t activation = mote_flat_int(&options, 5, 1, 0);
    const mote_tflite_window w = {.kernel = {sound(rows) ? (int32_t)rows : 0, sound(columns) ? (int32_t)columns : 0},
                                  .stride_field = 1,
                                  .pads = none};
    if (!x || x->rank != 4 || x->dims[0] != 1)
        return mote_tflite_refuse(p, op, "of more than one image");
    if (activation < MOTE_TFLITE_NONE || activation > MOTE_TFLITE_ACT_RELU6)
        return mote_tflite_refuse(p, op, "with another fused activation than relu, relu6 or relu_n1_to_1");
    if (!mote_tflite_window_params(&w, &options, x, params))
        return mote_tflite_refuse(p, op, "with an invalid window");
    if (p->g->packed && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    int32_t *ending = params + (average ? MOTE_AVERAGE_POOL_LOW : MOTE_MAX_POOL_LOW);
    if (p->g->packed)
        mote_tflite_limits(y, activation, &ending[0], &ending[1]);
    const int tensor = mote_tflite_operand(p, op, 0);
    if (tensor < 0)
        return false;
    const int pooled = mote_tflite_make(p, y, average ? MOTE_OP_AVERAGE_POOL : MOTE_OP_MAX_POOL, 1, &tensor, params);
    return mote_tflite_finish(p, op, 0, mote_tflite_activate(p, y, pooled, activation));
}

static bool read_pads(const mote_tflite_tensor *pads, const mote_tflite_tensor *x, int32_t before[MOTE_TFLITE_RANK],
                      int32_t after[MOTE_TFLITE_RANK])
{
    if (!pads || (pads->type != MOTE_TFLITE_I32 && pads->type != MOTE_TFLITE_I64) ||
        pads->elements != 2 * (uint32_t)x->rank)
        return false;
    for (int i = 0; i < x->rank; i++) {
        const int64_t b = mote_tflite_integer(pads, 2 * (uint32_t)i),
                      a = mote_tflite_integer(pads, 2 * (uint32_t)i + 1);
        if (b < 0 || a < 0 || b > LARGEST || a > LARGEST)
            return false;
        before[i] = (int32_t)b;
        after[i] = (int32_t)a;
    }
    return true;
}

/* Rows and columns of zeros around an image that only convolutions read become their padding. */
static bool fold(mote_tflite_import *p, const mote_tflite_operator *op, const int32_t *before, const int32_t *after)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0);
    const int from = mote_tflite_at(&op->inputs, 0), to = mote_tflite_at(&op->outputs, 0);
    mote_tflite_value *v = &p->values[to];
    if (x->rank != 4 || before[0] || after[0] || before[3] || after[3] || p->values[from].tensor < 0 ||
        v->tensor >= 0 || v->constant >= 0 || v->convolved != v->readers || op->code != MOTE_TFLITE_OP_PAD)
        return false;
    v->tensor = p->values[from].tensor;
    memcpy(v->pads, (int32_t[]){before[1], before[2], after[1], after[2]}, sizeof v->pads);
    p->folded[op->code]++;
    return true;
}

bool mote_tflite_pad(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    const mote_tflite_tensor *value = mote_tflite_constant(p, op, 2);
    int32_t params[MOTE_PAD_AFTER5 + 1] = {0}, before[MOTE_TFLITE_RANK], after[MOTE_TFLITE_RANK];
    if (!x || !read_pads(mote_tflite_constant(p, op, 1), x, before, after))
        return mote_tflite_refuse(p, op, "with paddings that are not constant and positive");
    if (p->g->packed && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    if (fold(p, op, before, after))
        return true;
    const int dropped = mote_tflite_dropped(x);
    if ((dropped && (before[0] || after[0])) || x->rank - dropped > MOTE_RANK)
        return mote_tflite_refuse(p, op, "along the batch");
    for (int i = dropped; i < x->rank; i++) {
        params[MOTE_PAD_BEFORE0 + i - dropped] = before[i];
        params[MOTE_PAD_AFTER0 + i - dropped] = after[i];
    }
    if (op->code == MOTE_TFLITE_OP_MIRROR_PAD) {
        mote_flat_table options = op->options;
        if (mote_flat_int(&options, 0, 1, 0) != 0)
            return mote_tflite_refuse(p, op, "that repeats the edge");
        params[MOTE_PAD_MODE] = 1;
    } else if (op->code == MOTE_TFLITE_OP_PADV2) {
        if (!value || value->elements != 1 || (p->g->packed ? value->type != x->type : value->type != MOTE_TFLITE_F32))
            return mote_tflite_refuse(p, op, "with a value that is not constant");
        params[MOTE_PAD_VALUE] =
            p->g->packed ? (int32_t)mote_tflite_integer(value, 0) : (int32_t)mote_flat_u32(value->data);
    } else if (p->g->packed)
        params[MOTE_PAD_VALUE] = mote_tflite_zero_point(y, 0);
    const int tensor = mote_tflite_operand(p, op, 0);
    return tensor >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_PAD, 1, &tensor, params));
}
