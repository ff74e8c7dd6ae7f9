/* Operators that move values: views, transpose, concat, slices, resize. */
#include <string.h>

#include "compiler/import/tflite_import.h"

enum { NEAREST_DOWN = 2, NEAREST_UP = 1 }; /* rounding of resize */

bool mote_tflite_reshape(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    if (!x || x->elements != y->elements)
        return mote_tflite_refuse(p, op, "to a shape that is computed at run time; convert with a fixed batch of 1");
    return mote_tflite_same(p, op);
}

bool mote_tflite_transpose(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *order = mote_tflite_constant(p, op, 1);
    int32_t params[MOTE_RANK] = {0};
    if (!x || !order || order->type != MOTE_TFLITE_I32 || order->elements != (uint32_t)x->rank || !x->rank ||
        x->rank > MOTE_RANK)
        return mote_tflite_refuse(p, op, "in an order that is not constant");
    uint32_t dims[MOTE_RANK];
    for (int i = 0; i < x->rank; i++) { /* all axes, with a batch of 1 */
        params[i] = (int32_t)mote_tflite_integer(order, (uint32_t)i);
        dims[i] = (uint32_t)x->dims[i];
    }
    const int from = mote_tflite_operand(p, op, 0);
    const bool whole = mote_tflite_dropped(x) && params[0] == 0;
    for (int i = 0; whole && i < x->rank; i++)
        params[i] = i + 1 < x->rank ? params[i + 1] - 1 : 0;
    const int tensor = from < 0 || whole ? from : mote_tflite_view(p, x, from, x->rank, dims);
    return tensor >= 0 &&
           mote_tflite_finish(p, op, 0,
                              mote_tflite_make(p, mote_tflite_output(p, op), MOTE_OP_TRANSPOSE, 1, &tensor, params));
}

/* Returns an operand as a view with all its dimensions, a batch of 1 included. */
static int whole_operand(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, i);
    const int tensor = mote_tflite_operand(p, op, i);
    uint32_t dims[MOTE_RANK] = {0};
    for (int k = 0; k < x->rank && x->rank <= MOTE_RANK; k++)
        dims[k] = (uint32_t)x->dims[k];
    return tensor < 0 || x->rank > MOTE_RANK ? -1 : mote_tflite_view(p, x, tensor, x->rank, dims);
}

bool mote_tflite_concat(mote_tflite_import *p, const mote_tflite_operator *op)
{
    enum { MOST = MOTE_CONCAT_X7 + 1 };
    const mote_tflite_tensor *y = mote_tflite_output(p, op);
    mote_flat_table options = op->options;
    const int64_t stated = mote_flat_int(&options, 0, 4, 0), axis = stated < 0 ? stated + y->rank : stated;
    int inputs[MOST];
    if (op->inputs.count < 1 || op->inputs.count > MOST)
        return mote_tflite_refuse(p, op, "of more than eight inputs");
    if (mote_flat_int(&options, 1, 1, 0) != MOTE_TFLITE_NONE)
        return mote_tflite_refuse(p, op, "with a fused activation");
    if (axis < 0 || axis >= y->rank || y->rank > MOTE_RANK)
        return mote_tflite_refuse(p, op, "along an invalid axis");
    bool batch = mote_tflite_dropped(y);
    for (uint32_t i = 0; i < op->inputs.count; i++) {
        const mote_tflite_tensor *x = mote_tflite_input(p, op, i);
        if (!x || x->rank != y->rank || (p->g->packed && !mote_tflite_alike(x, y)))
            return mote_tflite_refuse(p, op, "of inputs with other scales or dimensions than its result");
        batch = batch && mote_tflite_dropped(x);
    }
    for (uint32_t i = 0; i < op->inputs.count; i++) {
        inputs[i] = batch ? mote_tflite_operand(p, op, i) : whole_operand(p, op, i);
        if (inputs[i] < 0)
            return false;
    }
    const int32_t params[] = {(int32_t)axis - batch};
    return mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_CONCAT, (int)op->inputs.count, inputs, params));
}

/* A slice of all dimensions of a tensor of the file. */
typedef struct slice {
    int64_t begin[MOTE_TFLITE_RANK], step[MOTE_TFLITE_RANK], size[MOTE_TFLITE_RANK];
} slice;

static bool add_slice(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t input, uint32_t output,
                      const slice *s)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, input);
    int32_t params[MOTE_SLICE_SIZE5 + 1] = {0};
    if (x->rank > MOTE_RANK)
        return mote_tflite_refuse(p, op, "of more than six dimensions");
    for (int i = 0; i < x->rank; i++) {
        if (s->begin[i] < 0 || s->begin[i] > INT32_MAX || s->size[i] < 1 || s->size[i] > INT32_MAX ||
            s->step[i] < -INT32_MAX || s->step[i] > INT32_MAX)
            return mote_tflite_refuse(p, op, "of nothing");
        params[MOTE_SLICE_BEGIN0 + i] = (int32_t)s->begin[i];
        params[MOTE_SLICE_STEP0 + i] = (int32_t)s->step[i];
        params[MOTE_SLICE_SIZE0 + i] = (int32_t)s->size[i];
    }
    const int tensor = whole_operand(p, op, input);
    const mote_tflite_tensor *y = &p->model->tensors[mote_tflite_at(&op->outputs, output)];
    return tensor >= 0 && mote_tflite_finish(p, op, output, mote_tflite_make(p, y, MOTE_OP_SLICE, 1, &tensor, params));
}

/* Returns the i-th of as many constants as x has dimensions. */
static bool read_list(const mote_tflite_tensor *list, const mote_tflite_tensor *x, int64_t *out)
{
    if (!list || !x || (list->type != MOTE_TFLITE_I32 && list->type != MOTE_TFLITE_I64) ||
        list->elements != (uint32_t)x->rank || !x->rank)
        return false;
    for (int i = 0; i < x->rank; i++)
        out[i] = mote_tflite_integer(list, (uint32_t)i);
    return true;
}

bool mote_tflite_slice(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0);
    slice s;
    if (!read_list(mote_tflite_constant(p, op, 1), x, s.begin) || !read_list(mote_tflite_constant(p, op, 2), x, s.size))
        return mote_tflite_refuse(p, op, "with a place that is not constant");
    for (int i = 0; i < x->rank; i++) {
        s.size[i] = s.size[i] == -1 ? x->dims[i] - s.begin[i] : s.size[i];
        s.step[i] = 1;
    }
    return add_slice(p, op, 0, 0, &s);
}

static int64_t limited(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

bool mote_tflite_strided_slice(mote_tflite_import *p, const mote_tflite_operator *op)
{
    enum { BEGIN_MASK, END_MASK, ELLIPSIS_MASK, NEW_AXIS_MASK, SHRINK_MASK, OFFSET };
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0);
    mote_flat_table options = op->options;
    int64_t end[MOTE_TFLITE_RANK];
    slice s;
    if (!read_list(mote_tflite_constant(p, op, 1), x, s.begin) || !read_list(mote_tflite_constant(p, op, 2), x, end) ||
        !read_list(mote_tflite_constant(p, op, 3), x, s.step))
        return mote_tflite_refuse(p, op, "with a place that is not constant for every dimension");
    if (mote_flat_int(&options, ELLIPSIS_MASK, 4, 0) || mote_flat_int(&options, NEW_AXIS_MASK, 4, 0) ||
        mote_flat_int(&options, OFFSET, 1, 0))
        return mote_tflite_refuse(p, op, "with an ellipsis or a new axis");
    const int64_t from_start = mote_flat_int(&options, BEGIN_MASK, 4, 0),
                  to_end = mote_flat_int(&options, END_MASK, 4, 0);
    const int64_t shrink = mote_flat_int(&options, SHRINK_MASK, 4, 0);
    for (int i = 0; i < x->rank; i++) {
        const int64_t size = x->dims[i], step = s.step[i], low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
        if (!step || step < -INT32_MAX || step > INT32_MAX)
            return mote_tflite_refuse(p, op, "with an invalid step");
        int64_t begin = limited(s.begin[i] < 0 ? s.begin[i] + size : s.begin[i], low, high);
        int64_t stop = limited(end[i] < 0 ? end[i] + size : end[i], low, high);
        begin = from_start >> i & 1 ? (step < 0 ? size - 1 : 0) : begin;
        stop = shrink >> i & 1 ? begin + (step < 0 ? -1 : 1) : to_end >> i & 1 ? (step < 0 ? -1 : size) : stop;
        s.begin[i] = begin;
        s.size[i] = step < 0 ? (begin - stop - step - 1) / -step : (stop - begin + step - 1) / step;
    }
    return add_slice(p, op, 0, 0, &s);
}

/* SPLIT has the axis as its first input and the values as its second; SPLIT_V the values, the sizes and the axis. */
bool mote_tflite_split(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const bool sized = op->code == MOTE_TFLITE_OP_SPLIT_V;
    const uint32_t values = sized ? 0 : 1;
    const mote_tflite_tensor *x = mote_tflite_input(p, op, values), *at = mote_tflite_constant(p, op, sized ? 2 : 0);
    if (!x || !at || at->type != MOTE_TFLITE_I32 || at->elements != 1)
        return mote_tflite_refuse(p, op, "along an axis that is not constant");
    const int64_t stated = mote_tflite_integer(at, 0), axis = stated < 0 ? stated + x->rank : stated;
    if (axis < 0 || axis >= x->rank)
        return mote_tflite_refuse(p, op, "along an invalid axis");
    slice s = {0};
    for (int i = 0; i < x->rank; i++) {
        s.step[i] = 1;
        s.size[i] = x->dims[i];
    }
    for (uint32_t i = 0; i < op->outputs.count; i++) {
        const mote_tflite_tensor *y = &p->model->tensors[mote_tflite_at(&op->outputs, i)];
        if (y->rank != x->rank)
            return mote_tflite_refuse(p, op, "with results of another number of dimensions");
        s.size[axis] = y->dims[axis];
        if (!add_slice(p, op, values, i, &s))
            return false;
        s.begin[axis] += y->dims[axis];
    }
    return true;
}

bool mote_tflite_resize(mote_tflite_import *p, const mote_tflite_operator *op)
{
    enum { HALF_PIXEL = 0, CORNERS = 1, PLAIN = 2, HALF_UP = 4 };
    const bool linear = op->code == MOTE_TFLITE_OP_RESIZE_BILINEAR;
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    mote_flat_table options = op->options;
    const bool corners = mote_flat_int(&options, linear ? 2 : 0, 1, 0),
               half = mote_flat_int(&options, linear ? 3 : 1, 1, 0);
    if (!x || x->rank != 4 || y->rank != 4 || x->dims[0] != 1)
        return mote_tflite_refuse(p, op, "of more than one image");
    if (p->g->packed && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    int32_t params[MOTE_RESIZE_WIDTH_SCALE + 1] = {[MOTE_RESIZE_HEIGHT] = y->dims[1],
                                                   [MOTE_RESIZE_WIDTH] = y->dims[2],
                                                   [MOTE_RESIZE_LINEAR] = linear,
                                                   [MOTE_RESIZE_COORDINATES] = corners  ? CORNERS
                                                                               : !half  ? PLAIN
                                                                               : linear ? HALF_PIXEL
                                                                                        : HALF_UP,
                                                   [MOTE_RESIZE_ROUNDING] = corners ? NEAREST_UP : NEAREST_DOWN};
    const int tensor = mote_tflite_operand(p, op, 0);
    return tensor >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_RESIZE, 1, &tensor, params));
}

/* Adds a view, a transposed copy of it, and leaves the last shape to mote_tflite_finish. */
static bool rearrange(mote_tflite_import *p, const mote_tflite_operator *op, const uint32_t dims[5])
{
    static const int32_t swapped[MOTE_RANK] = {0, 2, 1, 3, 4};
    const mote_tflite_tensor *y = mote_tflite_output(p, op);
    const int x = mote_tflite_operand(p, op, 0), view = x < 0 ? -1 : mote_tflite_view(p, y, x, 5, dims);
    return view >= 0 && mote_tflite_finish(p, op, 0, mote_tflite_make(p, y, MOTE_OP_TRANSPOSE, 1, &view, swapped));
}

bool mote_tflite_depth(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *y = mote_tflite_output(p, op);
    mote_flat_table options = op->options;
    const int64_t block = mote_flat_int(&options, 0, 4, 0);
    if (!x || x->rank != 4 || x->dims[0] != 1 || block < 1 || block > 1024)
        return mote_tflite_refuse(p, op, "of more than one image");
    if (p->g->packed && !mote_tflite_alike(x, y))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    const uint32_t b = (uint32_t)block, height = (uint32_t)x->dims[1], width = (uint32_t)x->dims[2];
    const uint32_t channels = (uint32_t)x->dims[3];
    if (op->code == MOTE_TFLITE_OP_SPACE_TO_DEPTH) {
        if (height % b || width % b)
            return mote_tflite_refuse(p, op, "of blocks that do not divide the image");
        return rearrange(p, op, (const uint32_t[]){height / b, b, width / b, b, channels});
    }
    if (channels % (b * b))
        return mote_tflite_refuse(p, op, "of blocks that do not divide the channels");
    /* [h, w, rows of a block, the rest] to [h, rows, w, the rest] */
    return rearrange(p, op, (const uint32_t[]){height, width, b, b, channels / (b * b)});
}

bool mote_tflite_gather(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_tensor *x = mote_tflite_input(p, op, 0), *indices = mote_tflite_constant(p, op, 1);
    mote_flat_table options = op->options;
    if (!x || !indices || (indices->type != MOTE_TFLITE_I32 && indices->type != MOTE_TFLITE_I64) || !indices->elements)
        return mote_tflite_refuse(p, op, "with indices that are not constant");
    const int32_t params[] = {mote_tflite_axis(x, mote_flat_int(&options, 0, 4, 0))};
    if (params[0] < 0 || mote_flat_int(&options, 1, 4, 0))
        return mote_tflite_refuse(p, op, "along the batch");
    int inputs[] = {mote_tflite_operand(p, op, 0), -1};
    inputs[1] = inputs[0] < 0 ? -1 : mote_tflite_add_constant(p, op, 1, "", MOTE_U16, 1, &indices->elements);
    if (inputs[1] < 0)
        return false;
    for (uint32_t i = 0; i < indices->elements; i++) {
        const int64_t index = mote_tflite_integer(indices, i);
        if (index < 0 || index > UINT16_MAX)
            return mote_tflite_refuse(p, op, "with an index past 65535");
        ((uint16_t *)p->g->tensors[inputs[1]].data)[i] = (uint16_t)index;
    }
    return mote_tflite_finish(p, op, 0,
                              mote_tflite_make(p, mote_tflite_output(p, op), MOTE_OP_GATHER, 2, inputs, params));
}
