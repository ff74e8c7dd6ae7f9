#include "compiler/graph/loop.h"

/* True if axes `outer` and the last of w form one axis in every array. */
static bool joins(const mote_loop *w, const mote_loop_axes *axes, int outer)
{
    for (int k = 0; k < w->arrays; k++)
        if (axes->strides[k][outer] != w->strides[k][w->axes - 1] * (ptrdiff_t)w->dims[w->axes - 1])
            return false;
    return true;
}

/* Joins the axes of a loop, from the innermost to the outermost. */
static void join(mote_loop *w, const mote_loop_axes *axes)
{
    for (int i = axes->axes; i-- > 0;) {
        if (axes->dims[i] == 1)
            continue;
        if (w->axes && joins(w, axes, i)) {
            w->dims[w->axes - 1] *= axes->dims[i];
            continue;
        }
        w->dims[w->axes] = axes->dims[i];
        for (int k = 0; k < w->arrays; k++)
            w->strides[k][w->axes] = axes->strides[k][i];
        w->axes++;
    }
}

/* Makes the innermost axis the run. */
static void take_run(mote_loop *w)
{
    w->run = w->axes ? w->dims[0] : 1;
    for (int k = 0; k < w->arrays; k++)
        w->step[k] = w->axes ? w->strides[k][0] : 1;
    if (!w->axes)
        return;
    w->axes--;
    memmove(w->dims, w->dims + 1, (size_t)w->axes * sizeof *w->dims);
    for (int k = 0; k < w->arrays; k++)
        memmove(w->strides[k], w->strides[k] + 1, (size_t)w->axes * sizeof **w->strides);
}

mote_loop mote_loop_begin(const mote_loop_axes *axes)
{
    mote_loop w = {.arrays = axes->arrays};
    memcpy(w.at, axes->at, sizeof w.at);
    join(&w, axes);
    take_run(&w);
    return w;
}

bool mote_loop_next(mote_loop *w)
{
    for (int i = 0; i < w->axes; i++) {
        const bool more = ++w->index[i] < w->dims[i];
        for (int k = 0; k < w->arrays; k++)
            w->at[k] += more ? w->strides[k][i] : -w->strides[k][i] * (ptrdiff_t)(w->dims[i] - 1);
        if (more)
            return true;
        w->index[i] = 0;
    }
    return false;
}

mote_loop_axes mote_loop_over(const mote_pass *pass, const mote_tensor *shape)
{
    mote_loop_axes axes = {.axes = 1 + shape->rank, .dims = {pass->rows}};
    for (int i = 0; i < shape->rank; i++)
        axes.dims[1 + i] = shape->dims[i];
    return axes;
}

void mote_loop_add(mote_loop_axes *axes, const mote_tensor *t)
{
    ptrdiff_t *strides = axes->strides[axes->arrays++], stride = 1;
    for (int i = 0; i < axes->axes - 1; i++) {
        const uint32_t dim = i < t->rank ? t->dims[t->rank - 1 - i] : 1;
        strides[axes->axes - 1 - i] = dim == 1 ? 0 : stride;
        stride *= dim;
    }
    strides[0] = t->role == MOTE_CONSTANT ? 0 : stride;
}
