/* ONNX operators that move values. */
#include <string.h>

#include "compiler/import/onnx_rules.h"

/* Concatenates any number of tensors, eight at a time. */
static int concat_all(mote_onnx_import *p, const mote_onnx_value *x, const int32_t *params, bool whole)
{
    int inputs[8], count = 0;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        uint32_t dims[MOTE_RANK];
        inputs[count] = mote_onnx_ordered(p, v, x->order);
        for (int k = 0; k < v->rank; k++)
            dims[k] = (uint32_t)v->dims[x->order[k]];
        if (whole)
            inputs[count] = mote_onnx_view(p, inputs[count], v->rank, dims);
        if (inputs[count++] < 0)
            return -1;
        if (count == 8 && i + 1 < p->node->n_inputs) {
            inputs[0] = mote_onnx_make(p, MOTE_OP_CONCAT, count, inputs, params);
            count = 1;
        }
    }
    return count == 1 ? inputs[0] : mote_onnx_make(p, MOTE_OP_CONCAT, count, inputs, params);
}

bool mote_onnx_op_concat(mote_onnx_import *p)
{
    const mote_onnx_value *x = NULL;
    int64_t axis = mote_onnx_int(p, "axis", 0), dims[MOTE_ONNX_RANK], sum = 0;
    int at = 0;
    int32_t params[32] = {0};
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        x = v && !v->constant && !x ? v : x;
    }
    if (!x)
        return mote_onnx_refuse(p, "of constants");
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    while (x->order[at] != axis)
        at++;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (!v || v->rank != x->rank)
            return mote_onnx_fail(p, "has inputs of different ranks");
        sum += v->dims[axis];
    }
    const bool first = at == 0 && x->rank > 1; /* the axis that may be dropped */
    params[MOTE_CONCAT_AXIS] = at - (!first && x->rank > 1 && x->dims[x->order[0]] == 1);
    for (int i = 0; i < x->rank; i++)
        dims[i] = i == axis ? sum : x->dims[i];
    return mote_onnx_finish(p, 0, concat_all(p, x, params, first), x->rank, dims, x->order);
}

bool mote_onnx_op_transpose(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t from[MOTE_ONNX_RANK], dims[MOTE_ONNX_RANK];
    int order[MOTE_ONNX_RANK];
    unsigned seen = 0;
    if (!x)
        return done;
    const int count = mote_onnx_attribute(p, "perm") ? mote_onnx_ints(p, "perm", 0, from, MOTE_ONNX_RANK) : 0;
    for (int i = 0; i < x->rank; i++) {
        if (!count)
            from[i] = x->rank - 1 - i;
        if ((count && count != x->rank) || from[i] < 0 || from[i] >= x->rank || seen >> from[i] & 1)
            return mote_onnx_fail(p, "has a permutation that is not valid");
        seen |= 1u << from[i];
    }
    for (int i = 0; i < x->rank; i++) {
        dims[i] = x->dims[from[i]];
        for (int k = 0; k < x->rank; k++)
            order[i] = from[k] == x->order[i] ? k : order[i];
    }
    return mote_onnx_finish(p, 0, x->tensor, x->rank, dims, order);
}

bool mote_onnx_op_reshape(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t dims[MOTE_ONNX_RANK], known = 1, all = 1;
    int open = -1;
    if (!x)
        return done;
    const int rank = mote_onnx_ints(p, "shape", 1, dims, MOTE_ONNX_RANK);
    if (rank < 0)
        return mote_onnx_refuse(p, "to a computed shape, or of too many dimensions");
    for (int i = 0; i < x->rank; i++)
        all *= x->dims[i];
    for (int i = 0; i < rank; i++) {
        if (dims[i] == 0 && i < x->rank && !mote_onnx_int(p, "allowzero", 0))
            dims[i] = x->dims[i];
        if (dims[i] < -1 || dims[i] == 0 || dims[i] > INT32_MAX || (dims[i] == -1 && open >= 0))
            return mote_onnx_fail(p, "has a shape that is not valid");
        if (dims[i] == -1)
            open = i;
        else if ((known *= dims[i]) > INT32_MAX)
            return mote_onnx_fail(p, "has a shape that is too large");
    }
    if (open >= 0)
        dims[open] = all / known;
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), rank, dims, NULL);
}

bool mote_onnx_op_flatten(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", 1), dims[2] = {1, 1};
    if (!x)
        return done;
    axis += axis < 0 ? x->rank : 0;
    for (int i = 0; i < x->rank; i++)
        dims[i >= axis] *= x->dims[i];
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), 2, dims, NULL);
}

bool mote_onnx_op_squeeze(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const bool adds = strcmp(p->node->operator_, "Unsqueeze") == 0;
    int64_t axes[MOTE_ONNX_RANK], dims[MOTE_ONNX_RANK];
    unsigned at = 0;
    int rank = 0, from = 0;
    if (!x)
        return done;
    const bool stated = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 1);
    const int count = stated ? mote_onnx_ints(p, "axes", 1, axes, MOTE_ONNX_RANK) : 0;
    const int size = x->rank + (adds ? count : 0);
    if (count < 0 || size > MOTE_ONNX_RANK)
        return mote_onnx_refuse(p, "of computed axes, or too many");
    for (int i = 0; i < count; i++) {
        axes[i] += axes[i] < 0 ? size : 0;
        if (axes[i] < 0 || axes[i] >= size || at >> axes[i] & 1 || (!adds && x->dims[axes[i]] != 1))
            return mote_onnx_fail(p, "has axes that are not valid");
        at |= 1u << axes[i];
    }
    for (int i = 0; i < size; i++)
        if (adds)
            dims[rank++] = at >> i & 1 ? 1 : x->dims[from++];
        else if (stated ? !(at >> i & 1) : x->dims[i] != 1)
            dims[rank++] = x->dims[i];
    return mote_onnx_finish(p, 0, mote_onnx_plain(p, x), rank, dims, NULL);
}

/* Returns a tensor of `size` elements from `begin` on along each axis of the file, stored in the order of x. */
static int sliced(mote_onnx_import *p, const mote_onnx_value *x, const int64_t *begin, const int64_t *step,
                  const int64_t *size)
{
    int32_t params[32] = {0};
    const int dropped = x->rank > 1 && x->dims[x->order[0]] == 1;
    for (int k = dropped; k < x->rank; k++) {
        params[MOTE_SLICE_BEGIN0 + k - dropped] = (int32_t)begin[x->order[k]];
        params[MOTE_SLICE_STEP0 + k - dropped] = (int32_t)step[x->order[k]];
        params[MOTE_SLICE_SIZE0 + k - dropped] = (int32_t)size[x->order[k]];
    }
    return mote_onnx_make(p, MOTE_OP_SLICE, 1, &x->tensor, params);
}

/* Makes it output i. */
static bool take(mote_onnx_import *p, const mote_onnx_value *x, size_t i, const int64_t *begin, const int64_t *step,
                 const int64_t *size)
{
    return mote_onnx_finish(p, i, sliced(p, x, begin, step, size), x->rank, size, x->order);
}

static int64_t limited(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

bool mote_onnx_op_slice(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t starts[MOTE_ONNX_RANK], ends[MOTE_ONNX_RANK], axes[MOTE_ONNX_RANK], steps[MOTE_ONNX_RANK];
    int64_t begin[MOTE_ONNX_RANK] = {0}, step[MOTE_ONNX_RANK], size[MOTE_ONNX_RANK];
    if (!x)
        return done;
    const bool has_axes = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 3);
    const int count = mote_onnx_ints(p, "starts", 1, starts, MOTE_ONNX_RANK);
    if (count < 0 || count > x->rank || mote_onnx_ints(p, "ends", 2, ends, MOTE_ONNX_RANK) != count ||
        (has_axes && mote_onnx_ints(p, "axes", 3, axes, MOTE_ONNX_RANK) != count) ||
        (mote_onnx_in(p, 4) && mote_onnx_ints(p, "steps", 4, steps, MOTE_ONNX_RANK) != count))
        return mote_onnx_refuse(p, "with computed limits");
    for (int i = 0; i < x->rank; i++) {
        step[i] = 1;
        size[i] = x->dims[i];
    }
    for (int i = 0; i < count; i++) {
        int64_t a = has_axes ? axes[i] : i;
        const int64_t by = mote_onnx_in(p, 4) ? steps[i] : 1;
        if (!mote_onnx_axis(x, &a) || by == 0 || by > INT32_MAX || by < -INT32_MAX)
            return mote_onnx_fail(p, "has an axis or a step that is not valid");
        const int64_t n = x->dims[a], low = by < 0 ? -1 : 0, high = by < 0 ? n - 1 : n;
        begin[a] = limited(starts[i] + (starts[i] < 0 ? n : 0), by < 0 ? 0 : low, high);
        const int64_t end = limited(ends[i] + (ends[i] < 0 ? n : 0), low, high);
        step[a] = by;
        size[a] = by > 0 ? (end - begin[a] + by - 1) / by : (begin[a] - end - by - 1) / -by;
        if (size[a] < 1)
            return mote_onnx_refuse(p, "of nothing");
    }
    return take(p, x, 0, begin, step, size);
}

bool mote_onnx_op_split(mote_onnx_import *p)
{
    enum { MOST = 64 };
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", 0), sizes[MOST], begin[MOTE_ONNX_RANK] = {0}, size[MOTE_ONNX_RANK];
    const int64_t step[MOTE_ONNX_RANK] = {1, 1, 1, 1, 1, 1};
    const int parts = p->node->n_outputs > MOST ? MOST + 1 : (int)p->node->n_outputs;
    if (!x)
        return done;
    const bool stated = mote_onnx_attribute(p, "split") || mote_onnx_in(p, 1);
    if (parts > MOST || (stated && mote_onnx_ints(p, "split", 1, sizes, MOST) != parts))
        return mote_onnx_refuse(p, "to computed sizes, or too many");
    if (!mote_onnx_axis(x, &axis))
        return mote_onnx_fail(p, "has an axis that its input lacks");
    memcpy(size, x->dims, sizeof size);
    const int64_t each = (x->dims[axis] + parts - 1) / parts;
    for (int i = 0; i < parts; i++) {
        size[axis] = stated ? sizes[i] : limited(x->dims[axis] - begin[axis], 0, each);
        if (size[axis] < 1 || size[axis] > x->dims[axis] - begin[axis])
            return mote_onnx_fail(p, "has sizes that are not valid");
        if (!take(p, x, (size_t)i, begin, step, size))
            return false;
        begin[axis] += size[axis];
    }
    return true;
}

bool mote_onnx_op_gather(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *indices = mote_onnx_in(p, 1);
    int64_t axis = mote_onnx_int(p, "axis", 0), index = 0, size[MOTE_ONNX_RANK], begin[MOTE_ONNX_RANK] = {0};
    const int64_t step[MOTE_ONNX_RANK] = {1, 1, 1, 1, 1, 1};
    int rank = 0;
    if (!x)
        return done;
    if (!indices || indices->rank != 0 || mote_onnx_ints(p, "", 1, &index, 1) != 1)
        return mote_onnx_refuse(p, "of other than one constant index");
    if (!mote_onnx_axis(x, &axis) || !mote_onnx_axis(&(mote_onnx_value){.rank = (int)x->dims[axis]}, &index))
        return mote_onnx_fail(p, "has an axis or an index that its input lacks");
    mote_onnx_value plain = *x;
    plain.tensor = mote_onnx_plain(p, x);
    if (plain.tensor < 0)
        return false;
    for (int k = 0; k < x->rank; k++)
        plain.order[k] = k;
    memcpy(size, x->dims, sizeof size);
    begin[axis] = index;
    size[axis] = 1;
    const int one = sliced(p, &plain, begin, step, size);
    for (int k = 0; k < x->rank; k++)
        if (k != axis)
            size[rank++] = x->dims[k];
    return mote_onnx_finish(p, 0, one, rank, size, NULL);
}
