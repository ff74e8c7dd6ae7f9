/* SOFTMAX over the last dimension, in fixed point as TensorFlow Lite Micro. params: logarithm (0), the factor of the
 * differences, least. */
#include "affine.h"

#define LONGEST 4095 /* the sum of exponentials, at most 2^19 each, fits 31 bits */

/* The least value stands for 0. */
static int zero_fits(const mote_tensor_record *y)
{
    return y->zero_point == (y->dtype == MOTE_I8 ? INT8_MIN : INT16_MIN);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_SOFTMAX_X], y = op->outputs[MOTE_SOFTMAX_Y];
    const mote_tensor_record *t = mote_record(m, x);
    return mote_affine_fits(m, x, 1u << MOTE_I8) && mote_values_fit(m, y, MOTE_NARROW) &&
           zero_fits(mote_record(m, y)) && mote_same_shape(t, mote_record(m, y)) && t->dims[t->rank - 1] <= LONGEST &&
           op->params[MOTE_SOFTMAX_LOGARITHM] == 0 && mote_factor_fits(op->params + MOTE_SOFTMAX_MULTIPLIER) &&
           mote_in_range(op->params[MOTE_SOFTMAX_LEAST], -65536, 0);
}

/* Returns a·b / 2^31. */
static int32_t high(int32_t a, int32_t b)
{
    return mote_scaled(a, b, 0, 0);
}

static int32_t saturated(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

/* Returns e^(a / 2^26) in 1/2^31 for a <= 0: a polynomial for the quarter that a lies in, times powers of e. */
static int32_t exponential(int32_t a)
{
    static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (a >= 0)
        return INT32_MAX;
    const int32_t quarter = 1 << 24, part = (a & (quarter - 1)) - quarter, rest = part - a;
    const int32_t x = part * 32 + (1 << 28), x2 = high(x, x), x3 = high(x2, x), x4 = high(x2, x2);
    const int32_t series = mote_halved(high(mote_halved(x4, 2) + x3, 715827883) + x2, 1);
    int32_t y = saturated((int64_t)1895147668 + high(x + series, 1895147668));
    for (uint32_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (rest & (1 << (24 + i)))
            y = high(y, powers[i]);
    return y;
}

/* Returns 1/(1 + a) for 0 <= a < 1, both in 1/2^31, by Newton's method. */
static int32_t reciprocal(int32_t a)
{
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 - high(half, 1010580540);
    for (int i = 0; i < 3; i++)
        x += saturated((int64_t)high((1 << 29) - high(half, x), x) * 4);
    return saturated((int64_t)x * 2);
}

typedef struct row {
    const int8_t *x;
    uint32_t count;
    int32_t most, multiplier, shift, least;
} row;

/* Returns e^(difference to the largest), 0 for differences below `least`. */
static int32_t part_of(const row *r, uint32_t i)
{
    const int32_t difference = r->x[i] - r->most;
    return difference < r->least ? 0 : exponential(mote_scaled(difference, r->multiplier, r->shift, 0));
}

static void run_row(const row *r, void *y, uint32_t type)
{
    const int32_t bits = type == MOTE_I8 ? 8 : 16, least = -(1 << (bits - 1));
    uint32_t sum = 0, zeros = 0;
    for (uint32_t i = 0; i < r->count; i++)
        sum += (uint32_t)mote_halved(part_of(r, i), 12);
    while (!(sum << zeros & 1u << 31))
        zeros++;
    const int32_t factor = reciprocal((int32_t)((sum << zeros) - (1u << 31)));
    for (uint32_t i = 0; i < r->count; i++) {
        const int32_t v = mote_halved(high(part_of(r, i), factor), (uint32_t)(12 + 31 - bits) - zeros) + least;
        mote_value_put(y, type, i, r->x[i] - r->most < r->least ? least : v > -least - 1 ? -least - 1 : v);
    }
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const uint32_t of_y = operands[MOTE_OUT(SOFTMAX, Y)], type = mote_record(s->model, of_y)->dtype;
    const mote_tensor_record *t = mote_record(s->model, operands[MOTE_SOFTMAX_X]);
    uint8_t *y = mote_data_mutable(s, of_y);
    row r = {.x = mote_data(s, operands[MOTE_SOFTMAX_X]),
             .count = t->dims[t->rank - 1],
             .multiplier = params[MOTE_SOFTMAX_MULTIPLIER],
             .shift = params[MOTE_SOFTMAX_SHIFT],
             .least = params[MOTE_SOFTMAX_LEAST]};
    for (uint32_t left = t->size; left; left -= r.count) {
        r.most = r.x[0];
        for (uint32_t i = 1; i < r.count; i++)
            r.most = r.x[i] > r.most ? r.x[i] : r.most;
        run_row(&r, y, type);
        r.x += r.count;
        y += r.count * mote_type_bytes(type);
    }
}

const mote_op_kind mote_op_softmax = {.fits = fits, .run = run};
