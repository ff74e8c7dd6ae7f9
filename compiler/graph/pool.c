/* MAX_POOL: y = the largest x in a window. AVERAGE_POOL: y = the mean. Places outside the image do not count. */
#include <float.h>

#include "compiler/graph/vector.h"
#include "compiler/graph/window.h"

enum { FIRST = MOTE_MAX_POOL_KERNEL_HEIGHT };
_Static_assert((int)FIRST == MOTE_AVERAGE_POOL_KERNEL_HEIGHT, "both have the same parameters");

/* Fails if a window could have no tap inside the image. */
static bool never_empty(const mote_op *op, const mote_window_axis *a, mote_error *error)
{
    const int64_t reach = (a->kernel - 1) * a->dilation, last = (a->positions - 1) * a->stride - a->before;
    if (a->before <= reach && last < a->size && (a->size >= a->dilation || a->before == 0))
        return true;
    return mote_fail(error, MOTE_E_UNSUPPORTED, "operator %s (%s): a window lies in the padding alone", op->name,
                     mote_operator_of(op->opcode)->name);
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, 0);
    int64_t dims[3];
    if (!mote_infer_same(g, op, 0, MOTE_AFFINE_OF(g), y, error) || !mote_window_infer(g, op, FIRST, false, dims, error))
        return false;
    dims[2] = x->dims[2];
    if (!mote_shape_of(op, 3, dims, y->dtypes, y, error))
        return false;
    const mote_tensor at = {.dims = {y->dims[0], y->dims[1]}};
    const mote_window w = mote_window_from(op, FIRST, x, &at);
    return never_empty(op, &w.y, error) && never_empty(op, &w.x, error);
}

static bool infer_average(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_param_within(op, MOTE_AVERAGE_POOL_COUNTS_PADDING, 0, 1, error) && infer(g, op, y, error);
}

/* Calls `visit` for every position of the windows of every row, with pointers to the channels of that position. */
typedef void visitor(const mote_pass *pass, const mote_window *w, mote_taps rows, mote_taps columns, size_t image,
                     size_t place);

static void each_position(const mote_pass *pass, visitor *visit)
{
    const mote_window w = mote_window_from(pass->op, FIRST, mote_op_input(pass->graph, pass->op, 0),
                                           mote_op_output(pass->graph, pass->op, 0));
    const size_t image = (size_t)(w.y.size * w.x.size) * w.channels;
    size_t place = 0;
    for (uint32_t row = 0; row < pass->rows; row++)
        for (int64_t r = 0; r < w.y.positions; r++)
            for (int64_t s = 0; s < w.x.positions; s++, place += w.channels)
                visit(pass, &w, mote_window_taps(&w.y, r), mote_window_taps(&w.x, s), row * image, place);
}

/* Returns the offset in its image of the tap (i, j). */
static size_t tap_at(const mote_window *w, const mote_taps *rows, const mote_taps *columns, int64_t i, int64_t j)
{
    const int64_t y = rows->start + i * w->y.dilation, x = columns->start + j * w->x.dilation;
    return (size_t)(y * w->x.size + x) * w->channels;
}

#define EACH_TAP(i, j)                                                                                                 \
    for (int64_t i = rows.first; i < rows.end; i++)                                                                    \
        for (int64_t j = columns.first; j < columns.end; j++)

MOTE_CLONES static void raise_to(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t c = 0; c < count; c++)
        y[c] = x[c] > y[c] ? x[c] : y[c];
}

MOTE_CLONES static void scale(float *y, float factor, size_t count)
{
    for (size_t c = 0; c < count; c++)
        y[c] *= factor;
}

MOTE_CLONES static void accumulate_scaled(float *restrict to, const float *restrict from, float factor, size_t count)
{
    for (size_t c = 0; c < count; c++)
        to[c] += from[c] * factor;
}

static void take_largest(const mote_pass *pass, const mote_window *w, mote_taps rows, mote_taps columns, size_t image,
                         size_t place)
{
    float *y = pass->out[0] + place;
    const float *x = pass->in[0] + image;
    memcpy(y, x + tap_at(w, &rows, &columns, rows.first, columns.first), w->channels * sizeof *y);
    EACH_TAP(i, j)
    raise_to(y, x + tap_at(w, &rows, &columns, i, j), w->channels);
}

/* The first of equal values gets the gradient. */
static void give_to_largest(const mote_pass *pass, const mote_window *w, mote_taps rows, mote_taps columns,
                            size_t image, size_t place)
{
    for (size_t c = 0; c < w->channels; c++) {
        const float y = pass->out[0][place + c];
        bool given = false;
        EACH_TAP(i, j)
        {
            const size_t at = image + tap_at(w, &rows, &columns, i, j) + c;
            if (!given && pass->in[0][at] == y) {
                pass->in_grad[0][at] += pass->out_grad[0][place + c];
                given = true;
            }
        }
    }
}

/* Returns 1 / the number of values of which the result is the mean. */
static float share(const mote_pass *pass, const mote_window *w, const mote_taps *rows, const mote_taps *columns)
{
    if (pass->op->params[MOTE_AVERAGE_POOL_COUNTS_PADDING])
        return 1 / ((float)w->y.kernel * (float)w->x.kernel);
    return 1 / ((float)(rows->end - rows->first) * (float)(columns->end - columns->first));
}

static void take_mean(const mote_pass *pass, const mote_window *w, mote_taps rows, mote_taps columns, size_t image,
                      size_t place)
{
    float *y = pass->out[0] + place;
    memset(y, 0, w->channels * sizeof *y);
    EACH_TAP(i, j)
    mote_accumulate(y, pass->in[0] + image + tap_at(w, &rows, &columns, i, j), w->channels);
    scale(y, share(pass, w, &rows, &columns), w->channels);
}

static void give_to_all(const mote_pass *pass, const mote_window *w, mote_taps rows, mote_taps columns, size_t image,
                        size_t place)
{
    const float part = share(pass, w, &rows, &columns);
    EACH_TAP(i, j)
    accumulate_scaled(pass->in_grad[0] + image + tap_at(w, &rows, &columns, i, j), pass->out_grad[0] + place, part,
                      w->channels);
}

static void forward_max(const mote_pass *pass)
{
    each_position(pass, take_largest);
}

static void backward_max(const mote_pass *pass)
{
    each_position(pass, give_to_largest);
}

static void forward_average(const mote_pass *pass)
{
    each_position(pass, take_mean);
}

static void backward_average(const mote_pass *pass)
{
    each_position(pass, give_to_all);
}

const mote_operator mote_operator_max_pool = {.infer = infer, .forward = forward_max, .backward = backward_max};
const mote_operator mote_operator_average_pool = {
    .infer = infer_average, .forward = forward_average, .backward = backward_average};
