#include "compiler/graph/convolution.h"

#include "compiler/graph/panel.h"
#include "compiler/graph/vector.h"

enum {
    PATCH_FLOATS = 1 << 16, /* of the patches that are computed at once, so that they stay in the L2 cache */
    LINE = 16               /* floats of a cache line: packed parts begin there */
};

static uint32_t inner(const mote_convolution *c)
{
    return c->taps * c->inputs;
}

static size_t positions_of(const mote_convolution *c)
{
    return (size_t)(c->window.y.positions * c->window.x.positions);
}

static size_t image_size(const mote_convolution *c)
{
    return (size_t)(c->window.y.size * c->window.x.size) * c->window.channels;
}

/* With one input channel for each part, a product of matrices would be mostly padding. */
static bool depthwise(const mote_convolution *c)
{
    return c->inputs == 1 && c->parts > 1;
}

static bool plain_axis(const mote_window_axis *a)
{
    return a->kernel == 1 && a->stride == 1 && a->before == 0 && a->after == 0;
}

/* True if the patches are the image itself. */
static bool pointwise(const mote_convolution *c)
{
    return plain_axis(&c->window.y) && plain_axis(&c->window.x);
}

/* Returns the number of positions whose patches are made at once. */
static size_t at_once(const mote_convolution *c)
{
    const size_t fit = PATCH_FLOATS / inner(c), least = fit < 16 ? 16 : fit;
    return least < positions_of(c) ? least : positions_of(c);
}

size_t mote_convolution_scratch(const mote_convolution *c)
{
    if (depthwise(c))
        return (size_t)c->taps * c->parts * c->outputs;
    return pointwise(c) ? 0 : at_once(c) * inner(c);
}

static size_t part_size(const mote_convolution *c, bool backward)
{
    const size_t size = backward ? mote_panel_size(c->outputs, inner(c)) : mote_panel_size(inner(c), c->outputs);
    return (size + LINE - 1) / LINE * LINE;
}

size_t mote_convolution_size(const mote_convolution *c, bool backward)
{
    if (depthwise(c))
        return ((size_t)c->taps * c->parts * c->outputs + LINE - 1) / LINE * LINE;
    return c->parts * part_size(c, backward);
}

/* Copies (or, with `add`, adds) a matrix [rows, columns] to its transpose. */
static void transpose(float *to, const float *from, size_t rows, size_t columns, bool add)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            to[j * rows + i] = (add ? to[j * rows + i] : 0) + from[i * columns + j];
}

void mote_convolution_prepare(const mote_convolution *c, const float *weights, float *packed, bool backward)
{
    if (depthwise(c)) {
        transpose(packed, weights, (size_t)c->parts * c->outputs, c->taps, false);
        return;
    }
    for (size_t part = 0; part < c->parts; part++) {
        const float *w = weights + part * c->outputs * inner(c);
        if (backward)
            mote_panel_pack(packed + part * part_size(c, true), w, inner(c), 1, c->outputs, inner(c));
        else
            mote_panel_pack(packed + part * part_size(c, false), w, 1, inner(c), inner(c), c->outputs);
    }
}

/* A run of taps along a row of a window that is contiguous in the image and in the patch. */
typedef void mover(float *image, float *patch, size_t count);

static void take(float *image, float *patch, size_t count)
{
    memcpy(patch, image, count * sizeof *patch);
}

static void give(float *image, float *patch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        image[i] += patch[i];
}

/* Moves between a row of taps and `image`, which points to row `y` and the channels of the part. */
static void move_row(const mote_convolution *c, float *row, float *patch, const mote_taps *t, mover *move)
{
    const size_t n = c->inputs, dilation = (size_t)c->window.x.dilation;
    float *from = row + (t->start + t->first * c->window.x.dilation) * (int64_t)c->window.channels;
    const size_t count = (size_t)(t->end - t->first);
    patch += (size_t)t->first * n;
    if (c->parts == 1 && dilation == 1) {
        move(from, patch, count * n);
        return;
    }
    for (size_t j = 0; j < count; j++)
        move(from + j * dilation * c->window.channels, patch + j * n, n);
}

/* Moves between the patch of one position and the image. Taps outside the image are left alone. */
static void move_patch(const mote_convolution *c, float *image, float *patch, size_t position, mover *move)
{
    const mote_window *w = &c->window;
    const mote_taps rows = mote_window_taps(&w->y, (int64_t)position / w->x.positions);
    const mote_taps columns = mote_window_taps(&w->x, (int64_t)position % w->x.positions);
    for (int64_t i = rows.first; i < rows.end && columns.first < columns.end; i++)
        move_row(c, image + (size_t)((rows.start + i * w->y.dilation) * w->x.size) * w->channels,
                 patch + (size_t)(i * w->x.kernel) * c->inputs, &columns, move);
}

void mote_convolution_patches(const mote_convolution *c, const float *image, uint32_t part, size_t first, size_t count,
                              float *patches)
{
    memset(patches, 0, count * inner(c) * sizeof *patches);
    for (size_t p = 0; p < count; p++)
        move_patch(c, (float *)image + (size_t)part * c->inputs, patches + p * inner(c), first + p, take);
}

/* Returns the patches of positions first to first + count − 1 in the scratch memory. */
static float *patches_of(const mote_convolution *c, const float *image, uint32_t part, size_t first, size_t count)
{
    mote_convolution_patches(c, image, part, first, count, c->scratch);
    return c->scratch;
}

MOTE_CLONES static void add_products(float *restrict y, const float *restrict x, const float *restrict w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i] * w[i];
}

/* What a depthwise convolution does at one tap: x are the channels of the image, y those of the position, w the
 * weights of the tap. */
typedef void tap_function(const mote_convolution *c, float *x, float *y, float *w);

static void tap_forward(const mote_convolution *c, float *x, float *y, float *w)
{
    const size_t n = c->outputs;
    if (n == 1)
        add_products(y, x, w, c->parts);
    for (size_t part = 0; n > 1 && part < c->parts; part++)
        for (size_t i = 0; i < n; i++)
            y[part * n + i] += x[part] * w[part * n + i];
}

static void tap_backward(const mote_convolution *c, float *x, float *y, float *w)
{
    const size_t n = c->outputs;
    if (n == 1)
        add_products(x, y, w, c->parts);
    for (size_t part = 0; n > 1 && part < c->parts; part++)
        for (size_t i = 0; i < n; i++)
            x[part] += y[part * n + i] * w[part * n + i];
}

static void tap_gradient(const mote_convolution *c, float *x, float *y, float *w)
{
    const size_t n = c->outputs;
    if (n == 1)
        add_products(w, x, y, c->parts);
    for (size_t part = 0; n > 1 && part < c->parts; part++)
        for (size_t i = 0; i < n; i++)
            w[part * n + i] += x[part] * y[part * n + i];
}

static void each_tap(const mote_convolution *c, float *image, float *positions, float *weights, tap_function *visit)
{
    const mote_window *w = &c->window;
    const size_t channels = (size_t)c->parts * c->outputs;
    for (int64_t r = 0; r < w->y.positions; r++)
        for (int64_t s = 0; s < w->x.positions; s++, positions += channels) {
            const mote_taps rows = mote_window_taps(&w->y, r), columns = mote_window_taps(&w->x, s);
            for (int64_t i = rows.first; i < rows.end; i++)
                for (int64_t j = columns.first; j < columns.end; j++) {
                    const int64_t y = rows.start + i * w->y.dilation, x = columns.start + j * w->x.dilation;
                    visit(c, image + (size_t)(y * w->x.size + x) * w->channels, positions,
                          weights + (size_t)(i * w->x.kernel + j) * channels);
                }
        }
}

/* Visits the taps of every image. */
static void depthwise_images(const mote_convolution *c, float *image, float *positions, float *weights,
                             tap_function *visit)
{
    for (size_t i = 0; i < c->images; i++)
        each_tap(c, image + i * image_size(c), positions + i * positions_of(c) * c->parts * c->outputs, weights, visit);
}

/* Some positions of one image and one part. */
typedef struct piece {
    size_t image, first, count;
    uint32_t part;
} piece;

typedef void piece_function(const mote_convolution *c, const piece *p, float *image, float *positions, float *weights,
                            bool add);

static void each_piece(const mote_convolution *c, float *image, float *positions, float *weights, bool add,
                       piece_function *visit)
{
    const size_t channels = (size_t)c->parts * c->outputs, all = positions_of(c), most = at_once(c);
    for (size_t i = 0; i < c->images; i++)
        for (uint32_t part = 0; part < c->parts; part++)
            for (size_t first = 0; first < all; first += most) {
                const piece p = {i, first, all - first < most ? all - first : most, part};
                visit(c, &p, image + i * image_size(c), positions + (i * all + first) * channels + part * c->outputs,
                      weights, add);
            }
}

/* Patches of a piece and the distance from one to the next. */
static const float *patches(const mote_convolution *c, const piece *p, const float *image, size_t *stride)
{
    *stride = pointwise(c) ? c->window.channels : inner(c);
    return pointwise(c) ? image + p->first * c->window.channels + (size_t)p->part * c->inputs
                        : patches_of(c, image, p->part, p->first, p->count);
}

static void forward_piece(const mote_convolution *c, const piece *p, float *image, float *positions, float *weights,
                          bool add)
{
    size_t stride;
    const float *from = patches(c, p, image, &stride);
    (void)weights;
    mote_panel_multiply_strided(positions, (size_t)c->parts * c->outputs, from, stride,
                                c->forward + p->part * part_size(c, false), p->count, inner(c), c->outputs, add);
}

static void backward_piece(const mote_convolution *c, const piece *p, float *image, float *positions, float *weights,
                           bool add)
{
    const float *panels = c->backward + p->part * part_size(c, true);
    const size_t channels = (size_t)c->parts * c->outputs;
    float *part = image + (size_t)p->part * c->inputs;
    (void)weights;
    if (pointwise(c)) {
        mote_panel_multiply_strided(part + p->first * c->window.channels, c->window.channels, positions, channels,
                                    panels, p->count, c->outputs, inner(c), add);
        return;
    }
    mote_panel_multiply_strided(c->scratch, inner(c), positions, channels, panels, p->count, c->outputs, inner(c),
                                false);
    for (size_t i = 0; i < p->count; i++)
        move_patch(c, part, c->scratch + i * inner(c), p->first + i, give);
}

static void gradient_piece(const mote_convolution *c, const piece *p, float *image, float *positions, float *weights,
                           bool add)
{
    size_t stride;
    const float *from = patches(c, p, image, &stride);
    (void)add;
    mote_panel_gradient_strided(weights + (size_t)p->part * c->outputs * inner(c), positions,
                                (size_t)c->parts * c->outputs, from, stride, p->count, c->outputs, inner(c));
}

void mote_convolution_forward(const mote_convolution *c, float *positions, const float *image, bool add)
{
    if (!depthwise(c)) {
        each_piece(c, (float *)image, positions, NULL, add, forward_piece);
        return;
    }
    if (!add)
        memset(positions, 0, c->images * positions_of(c) * c->parts * c->outputs * sizeof *positions);
    depthwise_images(c, (float *)image, positions, (float *)c->forward, tap_forward);
}

void mote_convolution_backward(const mote_convolution *c, float *image, const float *positions)
{
    if (depthwise(c))
        depthwise_images(c, image, (float *)positions, (float *)c->backward, tap_backward);
    else
        each_piece(c, image, (float *)positions, NULL, true, backward_piece);
}

void mote_convolution_gradient(const mote_convolution *c, float *weights, const float *image, const float *gradient)
{
    if (!depthwise(c)) {
        each_piece(c, (float *)image, (float *)gradient, weights, true, gradient_piece);
        return;
    }
    memset(c->scratch, 0, mote_convolution_scratch(c) * sizeof *c->scratch);
    depthwise_images(c, (float *)image, (float *)gradient, c->scratch, tap_gradient);
    transpose(weights, c->scratch, c->taps, (size_t)c->parts * c->outputs, true);
}
