#include "affine.h"

/* Returns v·m / 2^31 rounded to nearest, halves up. This is what TensorFlow Lite computes: it adds 2^30, or 1 − 2^30 to
 * negative products, and divides towards zero. */
static int32_t high_multiply(int32_t v, int32_t m)
{
    return (int32_t)(((int64_t)v * m + (1 << 30)) >> 31);
}

int32_t mote_halved(int32_t v, uint32_t e)
{
    if (e > 31)
        return 0;
    const int32_t mask = (int32_t)((1u << e) - 1), rest = v & mask, half = (int32_t)((uint32_t)mask >> 1) + (v < 0);
    return (v >> e) + (rest > half);
}

int32_t mote_scaled(int32_t v, int32_t m, int32_t shift, int32_t rounding)
{
    if (rounding) {
        const uint32_t down = (uint32_t)(31 - shift);
        return (int32_t)(((int64_t)v * m + ((int64_t)1 << (down - 1))) >> down);
    }
    if (shift > 0)
        return high_multiply((int32_t)((uint32_t)v << shift), m);
    return mote_halved(high_multiply(v, m), (uint32_t)-shift);
}

int32_t mote_scaled_wide(int64_t v, int32_t m, int32_t shift)
{
    const int64_t reduced = m < 0x7fff0000 ? (m + (1 << 15)) >> 16 : 0x7fff;
    if (shift > 14)
        return (int32_t)((uint64_t)(v * reduced) << (shift - 15));
    const uint32_t down = (uint32_t)(15 - shift);
    return (int32_t)((v * reduced + ((int64_t)1 << (down - 1))) >> down);
}

mote_ending mote_ending_of(const mote_session *s, uint32_t result, const int32_t *params)
{
    return (mote_ending){mote_record(s->model, result)->zero_point, params[MOTE_ENDING_LOW], params[MOTE_ENDING_HIGH],
                         params[MOTE_ENDING_ROUNDING]};
}

uint32_t mote_type_bytes(uint32_t type)
{
    return (1u << type) & MOTE_BYTES ? 1 : type == MOTE_I16 || type == MOTE_U16 ? 2 : 4;
}

uint32_t mote_count_of(const mote_tensor_record *t)
{
    return t->size / mote_type_bytes(t->dtype);
}

static int32_t least_of(uint32_t type)
{
    return type == MOTE_I8 ? -128 : type == MOTE_U8 ? 0 : type == MOTE_I16 ? -32768 : INT32_MIN;
}

static int32_t most_of(uint32_t type)
{
    return type == MOTE_I8 ? 127 : type == MOTE_U8 ? 255 : type == MOTE_I16 ? 32767 : INT32_MAX;
}

int mote_values_fit(const mote_model *m, uint32_t tensor, uint32_t types)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    return ((types >> t->dtype) & 1) && t->layout == MOTE_ROWS &&
           t->stride == t->dims[t->rank - 1] * mote_type_bytes(t->dtype);
}

int mote_affine_fits(const mote_model *m, uint32_t tensor, uint32_t types)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    if (!mote_values_fit(m, tensor, types))
        return 0;
    return (1u << t->dtype) & MOTE_BYTES ? mote_in_range(t->zero_point, least_of(t->dtype), most_of(t->dtype))
                                         : t->zero_point == 0;
}

int mote_value_fits(uint32_t type, int32_t v)
{
    return mote_in_range(v, least_of(type), most_of(type));
}

int mote_same_shape(const mote_tensor_record *a, const mote_tensor_record *b)
{
    int same = a->rank == b->rank;
    for (uint32_t i = 0; i < MOTE_RANK; i++)
        same = same && a->dims[i] == b->dims[i];
    return same;
}

int mote_same_affine(const mote_tensor_record *a, const mote_tensor_record *b)
{
    return a->dtype == b->dtype && a->zero_point == b->zero_point;
}

int mote_factor_fits(const int32_t *params)
{
    return params[MOTE_FACTOR_MULTIPLIER] >= 0 && mote_in_range(params[MOTE_FACTOR_SHIFT], -31, 30);
}

int mote_ending_fits(const mote_model *m, uint32_t result, const int32_t *params)
{
    const uint32_t type = mote_record(m, result)->dtype;
    return params[MOTE_ENDING_LOW] >= least_of(type) && params[MOTE_ENDING_HIGH] <= most_of(type) &&
           params[MOTE_ENDING_LOW] <= params[MOTE_ENDING_HIGH] && mote_in_range(params[MOTE_ENDING_ROUNDING], 0, 1);
}
