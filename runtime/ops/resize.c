/* RESIZE of an image [height, width, channels], nearest or linear with 10 bits of position as TensorFlow Lite Micro.
 * params: height, width, linear, coordinates, rounding, scales (0). */
#include "affine.h"

#define MOST 32767

/* Numbers of SPEC. */
enum { HALF_PIXEL, ALIGNED, ASYMMETRIC, HALF_PIXEL_UNLESS_ONE, HALF_PIXEL_DOWN };
enum { HALVES_DOWN, HALVES_UP, DOWN, UP };

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_RESIZE_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_RESIZE_Y]);
    const int32_t *p = op->params;
    int fits = mote_affine_fits(m, op->inputs[MOTE_RESIZE_X], MOTE_AFFINE) &&
               mote_affine_fits(m, op->outputs[MOTE_RESIZE_Y], MOTE_AFFINE) && mote_same_affine(x, y) && x->rank == 3 &&
               y->rank == 3 && x->dims[2] == y->dims[2];
    for (uint32_t i = 0; fits && i < 2; i++)
        fits = x->dims[i] <= MOST && y->dims[i] <= MOST && p[MOTE_RESIZE_HEIGHT + (int)i] == (int32_t)y->dims[i];
    return fits && mote_in_range(p[MOTE_RESIZE_LINEAR], 0, 1) && mote_in_range(p[MOTE_RESIZE_COORDINATES], 0, 4) &&
           mote_in_range(p[MOTE_RESIZE_ROUNDING], 0, 3) && p[MOTE_RESIZE_HEIGHT_SCALE] == 0 &&
           p[MOTE_RESIZE_WIDTH_SCALE] == 0;
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return 4 * (uint64_t)mote_count_of(mote_record(m, op->outputs[MOTE_RESIZE_Y]));
}

/* Returns ⌊a / b⌋ for b > 0. */
static int64_t divided(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Returns the index of the value nearest to the position of output i, a fraction above/below. */
static int32_t nearest(int32_t i, int32_t from, int32_t to, const int32_t *p)
{
    const int32_t mode = p[MOTE_RESIZE_COORDINATES], rounding = p[MOTE_RESIZE_ROUNDING];
    int64_t above = 2 * (int64_t)i * from, below = 2 * (int64_t)to;
    if (mode == ALIGNED) {
        above = to > 1 ? 2 * (int64_t)i * (from - 1) : 0;
        below = to > 1 ? 2 * (int64_t)(to - 1) : 2;
    } else if (mode != ASYMMETRIC) {
        above = (2 * (int64_t)i + 1) * from - (mode == HALF_PIXEL_DOWN ? 0 : to);
        above = mode == HALF_PIXEL_UNLESS_ONE && to == 1 ? 0 : above;
    }
    const int64_t at = rounding == DOWN        ? divided(above, below)
                       : rounding == UP        ? -divided(-above, below)
                       : rounding == HALVES_UP ? divided(2 * above + below, 2 * below)
                                               : -divided(below - 2 * above, 2 * below);
    return at < 0 ? 0 : at >= from ? from - 1 : (int32_t)at;
}

/* Two neighbours and the weight of the second in 1/1024. */
typedef struct mix {
    int32_t first, second, weight;
} mix;

static mix neighbours(int32_t i, int32_t from, int32_t to, const int32_t *p)
{
    const int32_t mode = p[MOTE_RESIZE_COORDINATES];
    int32_t scale = (1024 * from + to / 2) / to;
    if (mode == ALIGNED && to > 1)
        scale = (1024 * (from - 1) + (to - 1) / 2) / (to - 1);
    const int32_t at = i * scale + (mode == ALIGNED || mode == ASYMMETRIC ? 0 : scale / 2 - 512);
    const int32_t low = at < 0 ? 0 : at / 1024, high = at < 0 ? 0 : (at + 1023) / 1024;
    const int32_t first = low < from ? low : from - 1;
    return (mix){first, high < from ? high : from - 1, at - 1024 * low};
}

typedef struct image {
    const void *x;
    uint32_t type;
    int32_t width, channels;
} image;

static int32_t value_at(const image *p, int32_t row, int32_t column, int32_t channel)
{
    return mote_value_at(p->x, p->type,
                         ((size_t)row * (size_t)p->width + (size_t)column) * (size_t)p->channels + (size_t)channel);
}

static int32_t mixed(const image *p, const mix *r, const mix *c, int32_t channel)
{
    const int64_t top = (int64_t)value_at(p, r->first, c->first, channel) * (1024 - c->weight) +
                        (int64_t)value_at(p, r->first, c->second, channel) * c->weight;
    const int64_t bottom = (int64_t)value_at(p, r->second, c->first, channel) * (1024 - c->weight) +
                           (int64_t)value_at(p, r->second, c->second, channel) * c->weight;
    const int64_t sum = top * (1024 - r->weight) + bottom * r->weight;
    return (int32_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *p)
{
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_RESIZE_X]);
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(RESIZE, Y)]);
    const int32_t height = (int32_t)y->dims[0], width = (int32_t)y->dims[1];
    const image from = {mote_data(s, operands[MOTE_RESIZE_X]), x->dtype, (int32_t)x->dims[1], (int32_t)x->dims[2]};
    void *to = mote_data_mutable(s, operands[MOTE_OUT(RESIZE, Y)]);
    size_t at = 0;
    for (int32_t r = 0; r < height; r++) {
        const mix row = neighbours(r, (int32_t)x->dims[0], height, p);
        const int32_t near_row = nearest(r, (int32_t)x->dims[0], height, p);
        for (int32_t c = 0; c < width; c++) {
            const mix column = neighbours(c, from.width, width, p);
            const int32_t near_column = nearest(c, from.width, width, p);
            for (int32_t k = 0; k < from.channels; k++)
                mote_value_put(to, y->dtype, at++,
                               p[MOTE_RESIZE_LINEAR] ? mixed(&from, &row, &column, k)
                                                     : value_at(&from, near_row, near_column, k));
        }
    }
}

const mote_op_kind mote_op_resize = {.fits = fits, .run = run, .work = work};
