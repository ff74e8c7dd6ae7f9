/* RESIZE: an image [h, w, c] with another height and width, by nearest or linear interpolation. */
#include <math.h>

#include "compiler/graph/limits.h"
#include "compiler/graph/operator.h"

enum { HALF_PIXEL, ALIGNED, ASYMMETRIC, HALF_PIXEL_OR_FIRST, HALF_PIXEL_FLOOR, HALF_PIXEL_SYMMETRIC, COORDINATES };
enum { NEAREST_DOWN, NEAREST_UP, DOWN, UP, ROUNDINGS };

static bool scale_fits(const mote_op *op, bool packed, int param, mote_error *error)
{
    const float scale = mote_op_real(op, param);
    if (packed ? op->params[param] == 0 : scale == 0 || (scale > 1e-9f && scale < 1e9f))
        return true;
    return mote_fail(error, MOTE_E_FORMAT, "operator %s (resize): its %s is not possible", op->name,
                     mote_operator_of(op->opcode)->params[param].name);
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_RESIZE_X);
    const int64_t dims[3] = {op->params[MOTE_RESIZE_HEIGHT], op->params[MOTE_RESIZE_WIDTH], x->dims[2]};
    if (x->rank != 3)
        return mote_fail(error, MOTE_E_FORMAT,
                         "operator %s (resize): tensor %s has %d dimensions and not three: "
                         "height, width, channels",
                         op->name, x->name, x->rank);
    return mote_infer_same(g, op, MOTE_RESIZE_X, MOTE_AFFINE_OF(g), y, error) &&
           mote_param_within(op, MOTE_RESIZE_LINEAR, 0, 1, error) &&
           mote_param_within(op, MOTE_RESIZE_COORDINATES, 0, COORDINATES - 1, error) &&
           mote_param_within(op, MOTE_RESIZE_ROUNDING, 0, ROUNDINGS - 1, error) &&
           scale_fits(op, g->packed, MOTE_RESIZE_HEIGHT_SCALE, error) &&
           scale_fits(op, g->packed, MOTE_RESIZE_WIDTH_SCALE, error) && mote_shape_of(op, 3, dims, y->dtypes, y, error);
}

/* One axis of the resizing. */
typedef struct resize_axis {
    int32_t coordinates, rounding, linear;
    double from, to, scale;
} resize_axis;

static resize_axis axis_of(const mote_pass *pass, int axis)
{
    const mote_op *op = pass->op;
    const double from = mote_op_input(pass->graph, op, MOTE_RESIZE_X)->dims[axis];
    const double to = mote_op_output(pass->graph, op, 0)->dims[axis];
    const double given = (double)mote_op_real(op, MOTE_RESIZE_HEIGHT_SCALE + axis);
    return (resize_axis){
        op->params[MOTE_RESIZE_COORDINATES], op->params[MOTE_RESIZE_ROUNDING], op->params[MOTE_RESIZE_LINEAR], from, to,
        given > 0 ? given : to / from};
}

/* Returns the place in x that index i of y reads. */
static double place_of(const resize_axis *a, double i)
{
    switch (a->coordinates) {
    case ALIGNED:
        return a->to > 1 ? i * (a->from - 1) / (a->scale * a->from - 1) : 0;
    case ASYMMETRIC:
        return i / a->scale;
    case HALF_PIXEL_FLOOR:
        return (i + 0.5) / a->scale;
    case HALF_PIXEL_SYMMETRIC:
        return a->from / 2 * (1 - a->to / (a->scale * a->from)) + (i + 0.5) / a->scale - 0.5;
    default:
        return a->coordinates == HALF_PIXEL_OR_FIRST && a->to == 1 ? 0 : (i + 0.5) / a->scale - 0.5;
    }
}

static double rounded(double place, int32_t rounding)
{
    switch (rounding) {
    case NEAREST_DOWN:
        return ceil(place - 0.5);
    case NEAREST_UP:
        return floor(place + 0.5);
    default:
        return rounding == DOWN ? floor(place) : ceil(place);
    }
}

/* The two indices of x between which an index of y lies, and the share of the second one. */
typedef struct sample {
    size_t first, second;
    float share;
} sample;

static sample sample_of(const resize_axis *a, uint32_t i)
{
    double place = place_of(a, i);
    if (!a->linear)
        place = rounded(place, a->rounding);
    const double end = a->from - 1;
    place = !(place > 0) ? 0 : place > end ? end : place; /* an undefined place, too */
    const size_t first = (size_t)place, last = (size_t)end;
    return (sample){first, first < last ? first + 1 : last, (float)(place - (double)first)};
}

/* Calls `visit` for each source of the channels of each place of y, with its share of them. */
static void each_source(const mote_pass *pass,
                        void (*visit)(const mote_pass *, size_t x, size_t y, float share, size_t count))
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_RESIZE_X);
    const mote_tensor *y = mote_op_output(pass->graph, pass->op, 0);
    const resize_axis rows = axis_of(pass, 0), columns = axis_of(pass, 1);
    const size_t count = x->dims[2], width = x->dims[1];
    size_t to = 0;
    for (size_t row = 0, image = 0; row < pass->rows; row++, image += mote_tensor_elements(x))
        for (uint32_t i = 0; i < y->dims[0]; i++) {
            const sample r = sample_of(&rows, i);
            for (uint32_t j = 0; j < y->dims[1]; j++, to += count) {
                const sample s = sample_of(&columns, j);
                for (int corner = 0; corner < 4; corner++) {
                    const float share = (corner & 2 ? r.share : 1 - r.share) * (corner & 1 ? s.share : 1 - s.share);
                    const size_t at = (corner & 2 ? r.second : r.first) * width + (corner & 1 ? s.second : s.first);
                    if (share > 0)
                        visit(pass, image + at * count, to, share, count);
                }
            }
        }
}

static void add_share(const mote_pass *pass, size_t x, size_t y, float share, size_t count)
{
    for (size_t c = 0; c < count; c++)
        pass->out[0][y + c] += share * pass->in[MOTE_RESIZE_X][x + c];
}

static void give_share(const mote_pass *pass, size_t x, size_t y, float share, size_t count)
{
    for (size_t c = 0; c < count; c++)
        pass->in_grad[MOTE_RESIZE_X][x + c] += share * pass->out_grad[0][y + c];
}

static void forward(const mote_pass *pass)
{
    memset(pass->out[0], 0, mote_pass_elements(pass) * sizeof(float));
    each_source(pass, add_share);
}

static void backward(const mote_pass *pass)
{
    each_source(pass, give_share);
}

const mote_operator mote_operator_resize = {.infer = infer, .forward = forward, .backward = backward};
