/* ONNX operators that move a window over a picture or a sequence, and Resize. */
#include <string.h>

#include "compiler/import/onnx_rules.h"

/* A window of one or two dimensions: [0] is the height, 1 for sequences. */
typedef struct window {
    int spatial;
    int64_t kernel[2], stride[2], dilation[2], before[2], after[2];
} window;

static bool read_pair(const mote_onnx_import *p, const char *name, int spatial, int64_t out[2])
{
    int64_t given[2];
    const int count = mote_onnx_attribute(p, name) ? mote_onnx_ints(p, name, 0, given, 2) : 0;
    out[0] = out[1] = 1;
    for (int i = 0; i < count && count == spatial; i++)
        out[2 - spatial + i] = given[i];
    return (count == 0 || count == spatial) && out[0] > 0 && out[1] > 0 && out[0] < 65536 && out[1] < 65536;
}

static bool read_window(const mote_onnx_import *p, const mote_onnx_value *x, const int64_t *kernel, window *w)
{
    int64_t pads[4] = {0};
    const int count = mote_onnx_attribute(p, "pads") ? mote_onnx_ints(p, "pads", 0, pads, 4) : 2 * w->spatial;
    const bool lower = mote_onnx_text_is(p, "auto_pad", "SAME_LOWER", false);
    const bool equal = lower || mote_onnx_text_is(p, "auto_pad", "SAME_UPPER", false);
    if (count != 2 * w->spatial || !read_pair(p, "strides", w->spatial, w->stride) ||
        !read_pair(p, "dilations", w->spatial, w->dilation))
        return false;
    for (int i = 0; i < 2; i++) {
        const int from = i - 2 + w->spatial;
        const int64_t size = from < 0 ? 1 : x->dims[2 + from];
        w->kernel[i] = from < 0 ? 1 : kernel[from];
        w->before[i] = from < 0 ? 0 : pads[from];
        w->after[i] = from < 0 ? 0 : pads[from + w->spatial];
        if (w->kernel[i] < 1 || w->kernel[i] > 65535 || w->before[i] < 0 || w->after[i] < 0 || w->before[i] > 65535 ||
            w->after[i] > 65535)
            return false;
        const int64_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
        const int64_t steps = (size + w->stride[i] - 1) / w->stride[i] - 1;
        const int64_t all = steps * w->stride[i] + reach > size ? steps * w->stride[i] + reach - size : 0;
        if (equal) {
            w->before[i] = lower ? all - all / 2 : all / 2;
            w->after[i] = all - w->before[i];
        }
        if (mote_onnx_int(p, "ceil_mode", 0)) { /* padded to a whole number of steps that begin inside */
            const int64_t rest = (size + w->before[i] + w->after[i] - reach) % w->stride[i];
            w->after[i] += rest > 0 ? w->stride[i] - rest : 0;
        }
    }
    return true;
}

static void put_window(const window *w, int32_t *to)
{
    const int64_t values[] = {w->kernel[0],   w->kernel[1], w->stride[0], w->stride[1], w->dilation[0],
                              w->dilation[1], w->before[0], w->before[1], w->after[0],  w->after[1]};
    for (int i = 0; i < 10; i++)
        to[i] = (int32_t)values[i];
}

/* Channels last, as the operators of images need them. */
static const int channels_last[5][4] = {{0}, {0}, {0}, {0, 2, 1}, {0, 2, 3, 1}};

static int image(mote_onnx_import *p, const mote_onnx_value *x)
{
    const uint32_t dims[] = {x->rank == 4 ? (uint32_t)x->dims[2] : 1, (uint32_t)x->dims[x->rank - 1],
                             (uint32_t)x->dims[1]};
    return mote_onnx_view(p, mote_onnx_ordered(p, x, channels_last[x->rank]), 3, dims);
}

/* Makes an image [h, w, c] the result. */
static bool finish_image(mote_onnx_import *p, const mote_onnx_value *x, int tensor)
{
    if (tensor < 0)
        return false;
    const uint32_t *from = p->g->tensors[tensor].dims;
    const int64_t dims[] = {1, from[2], x->rank == 4 ? from[0] : from[1], from[1]};
    return mote_onnx_finish(p, 0, tensor, x->rank, dims, channels_last[x->rank]);
}

static bool is_image(const mote_onnx_value *x)
{
    return (x->rank == 3 || x->rank == 4) && x->dims[0] == 1;
}

/* Adds the weights [out, kh·kw·c]; the file has [out, c, kh, kw]. */
static int conv_weights(mote_onnx_import *p, const mote_onnx_value *v)
{
    const int64_t c = v->dims[1], area = v->dims[2] * (v->rank == 4 ? v->dims[3] : 1);
    const uint32_t dims[] = {(uint32_t)v->dims[0], (uint32_t)(c * area)};
    const int tensor = mote_onnx_constant(p, 2, dims);
    float *to = tensor < 0 ? NULL : p->g->tensors[tensor].data;
    for (int64_t o = 0; to && o < v->dims[0]; o++)
        for (int64_t k = 0; k < c; k++)
            for (int64_t i = 0; i < area; i++)
                to[(o * area + i) * c + k] = (float)mote_onnx_at(v->constant, (size_t)((o * c + k) * area + i));
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

bool mote_onnx_op_conv(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *w = mote_onnx_in(p, 1);
    const int64_t parts = mote_onnx_int(p, "group", 1);
    int32_t params[32] = {0};
    if (!x)
        return done;
    window win = {.spatial = x->rank - 2};
    if (!is_image(x) || !w || !w->constant || w->rank != x->rank)
        return mote_onnx_refuse(p, "of no picture, a batch, or computed weights");
    if (!read_window(p, x, w->dims + 2, &win) || parts < 1 || parts > x->dims[1] || w->dims[0] < 1 ||
        w->dims[1] * parts != x->dims[1])
        return mote_onnx_fail(p, "has attributes or weights that do not match");
    put_window(&win, &params[MOTE_CONV_KERNEL_HEIGHT]);
    params[MOTE_CONV_PARTS] = (int32_t)parts;
    const int in = image(p, x), weights = in < 0 ? -1 : conv_weights(p, w);
    const int inputs[] = {in, weights, weights < 0 ? -1 : mote_onnx_vector(p, 2, w->dims[0])};
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_CONV, 3, inputs, params));
}

/* Adds the weights [out, kh·kw·c/parts]; the file has [c, out/parts, kh, kw]. */
static int transposed_weights(mote_onnx_import *p, const mote_onnx_value *v, int64_t parts)
{
    const int64_t c = v->dims[0] / parts, outputs = v->dims[1], area = v->dims[2] * (v->rank == 4 ? v->dims[3] : 1);
    const uint32_t dims[] = {(uint32_t)(outputs * parts), (uint32_t)(c * area)};
    const int tensor = mote_onnx_constant(p, 2, dims);
    float *to = tensor < 0 ? NULL : p->g->tensors[tensor].data;
    for (int64_t o = 0; to && o < outputs * parts; o++)
        for (int64_t k = 0; k < c; k++)
            for (int64_t i = 0; i < area; i++)
                to[(o * area + i) * c + k] = (float)mote_onnx_at(
                    v->constant, (size_t)(((o / outputs * c + k) * outputs + o % outputs) * area + i));
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

bool mote_onnx_op_conv_transpose(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *w = mote_onnx_in(p, 1);
    const int64_t parts = mote_onnx_int(p, "group", 1);
    int64_t more[2] = {0};
    int32_t params[32] = {0};
    if (!x)
        return done;
    window win = {.spatial = x->rank - 2};
    if (!is_image(x) || !w || !w->constant || w->rank != x->rank || mote_onnx_attribute(p, "output_shape") ||
        !mote_onnx_text_is(p, "auto_pad", "NOTSET", true))
        return mote_onnx_refuse(p, "of no picture, a batch, computed weights, or with a given shape of its result");
    if (!read_window(p, x, w->dims + 2, &win) || parts < 1 || w->dims[0] != x->dims[1] || w->dims[0] % parts ||
        (mote_onnx_attribute(p, "output_padding") &&
         mote_onnx_ints(p, "output_padding", 0, more + 2 - win.spatial, win.spatial) != win.spatial))
        return mote_onnx_fail(p, "has attributes or weights that do not match");
    for (int i = 0; i < 2; i++) {
        if (more[i] < 0 || more[i] > 65535)
            return mote_onnx_fail(p, "has attributes that are not valid");
        win.after[i] -= more[i];
    }
    put_window(&win, &params[MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT]);
    params[MOTE_CONV_TRANSPOSE_PARTS] = (int32_t)parts;
    const int in = image(p, x), weights = in < 0 ? -1 : transposed_weights(p, w, parts);
    const int inputs[] = {in, weights, weights < 0 ? -1 : mote_onnx_vector(p, 2, w->dims[1] * parts)};
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_CONV_TRANSPOSE, 3, inputs, params));
}

bool mote_onnx_op_pool(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const bool largest = strcmp(p->node->operator_, "MaxPool") == 0;
    int64_t kernel[2];
    int32_t params[32] = {0};
    if (!x)
        return done;
    window win = {.spatial = x->rank - 2};
    if (!is_image(x) || p->node->n_outputs != 1 || !mote_onnx_attribute(p, "kernel_shape"))
        return mote_onnx_refuse(p, "of no picture, of a batch, or with indices");
    if (mote_onnx_ints(p, "kernel_shape", 0, kernel, 2) != win.spatial || !read_window(p, x, kernel, &win))
        return mote_onnx_fail(p, "has attributes that do not match");
    put_window(&win, &params[largest ? MOTE_MAX_POOL_KERNEL_HEIGHT : MOTE_AVERAGE_POOL_KERNEL_HEIGHT]);
    if (!largest && mote_onnx_int(p, "count_include_pad", 0)) {
        if (mote_onnx_int(p, "ceil_mode", 0))
            return mote_onnx_refuse(p, "ceil_mode with count_include_pad");
        params[MOTE_AVERAGE_POOL_COUNTS_PADDING] = 1;
    }
    const int in = image(p, x);
    return finish_image(p, x, mote_onnx_make(p, largest ? MOTE_OP_MAX_POOL : MOTE_OP_AVERAGE_POOL, 1, &in, params));
}

/* Pictures enlarged by constant scales. */
bool mote_onnx_op_resize(mote_onnx_import *p)
{
    static const char *const coordinates[] = {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel",
                                              "tf_half_pixel_for_nn"},
                             *const roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *scales = mote_onnx_in(p, 2), *sizes = mote_onnx_in(p, 3);
    int32_t params[32] = {0};
    int coordinate = 0, rounding = 0;
    if (!x)
        return done;
    const mote_onnx_value *from = sizes ? sizes : scales;
    if (!is_image(x) || x->rank != 4 || !from || !from->constant || from->rank != 1 || from->dims[0] != 4 ||
        mote_onnx_text_is(p, "mode", "cubic", false))
        return mote_onnx_refuse(p, "of no picture, cubic, or to a computed size");
    while (coordinate < 5 &&
           !mote_onnx_text_is(p, "coordinate_transformation_mode", coordinates[coordinate], coordinate == 0))
        coordinate++;
    while (rounding < 4 && !mote_onnx_text_is(p, "nearest_mode", roundings[rounding], rounding == 0))
        rounding++;
    if (coordinate == 5 || rounding == 4)
        return mote_onnx_refuse(p, "with such coordinates");
    for (int i = 0; i < 2; i++) {
        const double v = mote_onnx_at(from->constant, (size_t)i + 2), size = sizes ? v : v * (double)x->dims[2 + i];
        if (!(size >= 1 && size < 65536))
            return mote_onnx_fail(p, "has a size that is not valid");
        params[MOTE_RESIZE_HEIGHT + i] = (int32_t)size;
        params[MOTE_RESIZE_HEIGHT_SCALE + i] = mote_onnx_bits(sizes ? 0 : (float)v);
    }
    params[MOTE_RESIZE_LINEAR] = mote_onnx_text_is(p, "mode", "linear", false);
    params[MOTE_RESIZE_COORDINATES] = coordinate;
    params[MOTE_RESIZE_ROUNDING] = rounding;
    const int in = image(p, x);
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_RESIZE, 1, &in, params));
}

/* Resize as it was before opset 10: by scales, from the upper left corner. */
bool mote_onnx_op_upsample(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *scales = mote_onnx_in(p, 1);
    const MoteOnnx__Attribute *given = mote_onnx_attribute(p, "scales");
    int32_t params[32] = {0};
    if (!x)
        return done;
    const bool stated =
        given ? given->n_floats == 4 : scales && scales->constant && scales->rank == 1 && scales->dims[0] == 4;
    if (!is_image(x) || x->rank != 4 || !stated)
        return mote_onnx_refuse(p, "of no picture, or by a computed scale");
    for (int i = 0; i < 2; i++) {
        const double scale = given ? (double)given->floats[i + 2] : mote_onnx_at(scales->constant, (size_t)i + 2);
        if (!(scale >= 1 && scale * (double)x->dims[2 + i] < 65536))
            return mote_onnx_fail(p, "has a scale that is not valid");
        params[MOTE_RESIZE_HEIGHT + i] = (int32_t)(scale * (double)x->dims[2 + i]);
        params[MOTE_RESIZE_HEIGHT_SCALE + i] = mote_onnx_bits((float)scale);
    }
    params[MOTE_RESIZE_LINEAR] = !mote_onnx_text_is(p, "mode", "nearest", true);
    params[MOTE_RESIZE_COORDINATES] = 2; /* asymmetric */
    params[MOTE_RESIZE_ROUNDING] = 2;    /* down */
    const int in = image(p, x);
    return finish_image(p, x, mote_onnx_make(p, MOTE_OP_RESIZE, 1, &in, params));
}
