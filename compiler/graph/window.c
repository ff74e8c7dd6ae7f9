#include "compiler/graph/window.h"

#include "compiler/graph/limits.h"
#include "compiler/graph/names.h"

/* axis 0: rows, 1: columns, whose parameters follow those of rows */
static mote_window_axis axis_of(const mote_op *op, int first, int axis)
{
    const int32_t *p = op->params + first + axis;
    return (mote_window_axis){.kernel = p[MOTE_WINDOW_KERNEL_HEIGHT],
                              .stride = p[MOTE_WINDOW_STRIDE_HEIGHT],
                              .dilation = p[MOTE_WINDOW_DILATION_HEIGHT],
                              .before = p[MOTE_WINDOW_TOP],
                              .after = p[MOTE_WINDOW_BOTTOM]};
}

mote_taps mote_window_taps(const mote_window_axis *a, int64_t position)
{
    const int64_t start = position * a->stride - a->before;
    mote_taps t = {.first = start < 0 ? (-start + a->dilation - 1) / a->dilation : 0, .start = start};
    t.end = start < a->size ? (a->size - 1 - start) / a->dilation + 1 : 0;
    t.end = t.end < a->kernel ? t.end : a->kernel;
    t.first = t.first < t.end ? t.first : t.end;
    return t;
}

mote_window mote_window_from(const mote_op *op, int first, const mote_tensor *image, const mote_tensor *at)
{
    mote_window w = {.y = axis_of(op, first, 0), .x = axis_of(op, first, 1), .channels = image->dims[2]};
    w.y.size = image->dims[0], w.x.size = image->dims[1];
    w.y.positions = at->dims[0], w.x.positions = at->dims[1];
    return w;
}

static bool params_fit(const mote_op *op, int first, bool transposed, mote_error *error)
{
    for (int i = 0; i < MOTE_WINDOW_PARAMS; i++) {
        const int least = i < MOTE_WINDOW_TOP ? 1 : transposed && i >= MOTE_WINDOW_BOTTOM ? -MOTE_MOST_ELEMENTS : 0;
        if (!mote_param_within(op, first + i, least, MOTE_MOST_ELEMENTS, error))
            return false;
    }
    return true;
}

bool mote_window_infer(const mote_graph *g, const mote_op *op, int first, bool transposed, int64_t dims[2],
                       mote_error *error)
{
    const char *name = mote_operator_of(op->opcode)->name;
    const mote_tensor *x = mote_op_input(g, op, 0);
    if (x->rank != 3)
        return mote_fail(error, MOTE_E_FORMAT,
                         "operator %s (%s): tensor %s has %d dimensions and not three: height, "
                         "width, channels",
                         op->name, name, x->name, x->rank);
    if (!params_fit(op, first, transposed, error))
        return false;
    for (int i = 0; i < 2; i++) {
        const mote_window_axis a = axis_of(op, first, i);
        const int64_t extent = (a.kernel - 1) * a.dilation + 1, size = x->dims[i];
        if (transposed)
            dims[i] = (size - 1) * a.stride + extent - a.before - a.after;
        else if (size + a.before + a.after < extent)
            return mote_fail(error, MOTE_E_FORMAT,
                             "operator %s (%s): its window is larger than tensor %s with its "
                             "padding",
                             op->name, name, x->name);
        else
            dims[i] = (size + a.before + a.after - extent) / a.stride + 1;
    }
    return true;
}
