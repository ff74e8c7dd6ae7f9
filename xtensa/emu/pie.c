#include "xtensa/emu/pie.h"

#include <string.h>

#define LANES(bits) (128 / (bits))

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

static int32_t clamp32(int32_t v, int32_t least, int32_t most)
{
    return v < least ? least : v > most ? most : v;
}

uint32_t mote_xt_clamp_32(int64_t v)
{
    return (uint32_t)clamp(v, INT32_MIN, INT32_MAX);
}

/* z.field[k] = value for every lane k, where a and b are the lanes of x and y. */
#define LANE_BY_LANE(function, field, wide, value)                                                                     \
    mote_q function(mote_q x, mote_q y)                                                                                \
    {                                                                                                                  \
        mote_q z;                                                                                                      \
        for (unsigned k = 0; k < sizeof z.field / sizeof z.field[0]; k++) {                                            \
            wide a = x.field[k], b = y.field[k];                                                                       \
            z.field[k] = (__typeof__(z.field[0]))(value);                                                              \
        }                                                                                                              \
        return z;                                                                                                      \
    }

LANE_BY_LANE(mote_xt_vadds_s8, s8, int32_t, clamp32(a + b, INT8_MIN, INT8_MAX))
LANE_BY_LANE(mote_xt_vadds_s16, s16, int32_t, clamp32(a + b, INT16_MIN, INT16_MAX))
LANE_BY_LANE(mote_xt_vadds_s32, s32, int64_t, clamp(a + b, INT32_MIN, INT32_MAX))
LANE_BY_LANE(mote_xt_vsubs_s8, s8, int32_t, clamp32(a - b, INT8_MIN, INT8_MAX))
LANE_BY_LANE(mote_xt_vsubs_s16, s16, int32_t, clamp32(a - b, INT16_MIN, INT16_MAX))
LANE_BY_LANE(mote_xt_vsubs_s32, s32, int64_t, clamp(a - b, INT32_MIN, INT32_MAX))
LANE_BY_LANE(mote_xt_vmax_s8, s8, int32_t, a > b ? a : b)
LANE_BY_LANE(mote_xt_vmax_s16, s16, int32_t, a > b ? a : b)
LANE_BY_LANE(mote_xt_vmax_s32, s32, int32_t, a > b ? a : b)
LANE_BY_LANE(mote_xt_vmin_s8, s8, int32_t, a < b ? a : b)
LANE_BY_LANE(mote_xt_vmin_s16, s16, int32_t, a < b ? a : b)
LANE_BY_LANE(mote_xt_vmin_s32, s32, int32_t, a < b ? a : b)
LANE_BY_LANE(mote_xt_vcmp_eq_s8, s8, int32_t, a == b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_eq_s16, s16, int32_t, a == b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_eq_s32, s32, int32_t, a == b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_lt_s8, s8, int32_t, a < b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_lt_s16, s16, int32_t, a < b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_lt_s32, s32, int32_t, a < b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_gt_s8, s8, int32_t, a > b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_gt_s16, s16, int32_t, a > b ? -1 : 0)
LANE_BY_LANE(mote_xt_vcmp_gt_s32, s32, int32_t, a > b ? -1 : 0)

#define MULTIPLY(type, wide)                                                                                           \
    mote_q mote_xt_vmul_##type(mote_q x, mote_q y, uint32_t shift)                                                     \
    {                                                                                                                  \
        mote_q z;                                                                                                      \
        for (unsigned k = 0; k < sizeof z.type / sizeof z.type[0]; k++)                                                \
            z.type[k] = (__typeof__(z.type[0]))((wide)x.type[k] * (wide)y.type[k] >> shift);                           \
        return z;                                                                                                      \
    }
MULTIPLY(s8, int64_t)
MULTIPLY(s16, int64_t)
MULTIPLY(u8, uint64_t)
MULTIPLY(u16, uint64_t)

/* Accumulators */

#define MOST_40 0x7fffffffffll
#define ALL_40  0xffffffffffll
#define MOST_20 0x7ffff

static int64_t extend_40(uint64_t v)
{
    return (int64_t)(v << 24) >> 24;
}

/* Unsigned forms see the accumulator as unsigned too. */
#define ACCUMULATE_SUM(type, wide, before, least, most)                                                                \
    void mote_xt_vmulas_##type##_accx(mote_xt_machine *m, mote_q x, mote_q y)                                          \
    {                                                                                                                  \
        wide sum = 0;                                                                                                  \
        for (unsigned k = 0; k < sizeof x.type / sizeof x.type[0]; k++)                                                \
            sum += (wide)x.type[k] * (wide)y.type[k];                                                                  \
        m->s.accx = extend_40((uint64_t)clamp((before) + (int64_t)sum, least, most));                                  \
    }
ACCUMULATE_SUM(s8, int32_t, m->s.accx, -MOST_40 - 1, MOST_40)
ACCUMULATE_SUM(s16, int64_t, m->s.accx, -MOST_40 - 1, MOST_40)
ACCUMULATE_SUM(u8, uint32_t, m->s.accx & ALL_40, 0, ALL_40)
ACCUMULATE_SUM(u16, uint64_t, m->s.accx & ALL_40, 0, ALL_40)

/* Lane k of 20 bits starts at bit 20k of its half; two lanes are 5 bytes. Lanes of 40 bits are 5 bytes each. */
uint32_t *mote_xt_qacc_words(mote_xt_state *s)
{
    uint8_t bytes[40 + 3];
    if (s->qacc_shape == QACC_WORDS)
        return s->qacc.words;
    for (unsigned k = 0; k < 8; k++) {
        uint64_t v = s->qacc_shape == QACC_LANES_40 ? (uint64_t)s->qacc.lane40[k]
                                                    : (uint64_t)((uint32_t)s->qacc.lane20[2 * k] & 0xfffff) |
                                                          (uint64_t)s->qacc.lane20[2 * k + 1] << 20;
        memcpy(bytes + 5 * k, &v, 5);
    }
    memcpy(s->qacc.words, bytes, 40);
    s->qacc_shape = QACC_WORDS;
    return s->qacc.words;
}

static int64_t five_bytes(const uint8_t *from)
{
    uint64_t v = 0;
    memcpy(&v, from, 5);
    return extend_40(v);
}

static int64_t *lanes_40(mote_xt_state *s)
{
    uint8_t bytes[40];
    if (s->qacc_shape == QACC_LANES_40)
        return s->qacc.lane40;
    memcpy(bytes, mote_xt_qacc_words(s), 40);
    for (unsigned k = 0; k < 8; k++)
        s->qacc.lane40[k] = five_bytes(bytes + 5 * k);
    s->qacc_shape = QACC_LANES_40;
    return s->qacc.lane40;
}

static int32_t *lanes_20(mote_xt_state *s)
{
    uint8_t bytes[40];
    if (s->qacc_shape == QACC_LANES_20)
        return s->qacc.lane20;
    memcpy(bytes, mote_xt_qacc_words(s), 40);
    for (unsigned k = 0; k < 8; k++) {
        int64_t v = five_bytes(bytes + 5 * k);
        s->qacc.lane20[2 * k] = (int32_t)((uint32_t)v << 12) >> 12;
        s->qacc.lane20[2 * k + 1] = (int32_t)(v >> 20);
    }
    s->qacc_shape = QACC_LANES_20;
    return s->qacc.lane20;
}

/* Lanes are kept sign extended; unsigned operations see their low bits and clamp at all ones. */
void mote_xt_vmulas_s8_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int32_t *lane = lanes_20(&m->s);
    for (unsigned k = 0; k < 16; k++)
        lane[k] = clamp32(lane[k] + x.s8[k] * y.s8[k], -MOST_20 - 1, MOST_20);
}

void mote_xt_vmulas_u8_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int32_t *lane = lanes_20(&m->s);
    for (unsigned k = 0; k < 16; k++) {
        int32_t sum = clamp32((lane[k] & 0xfffff) + x.u8[k] * y.u8[k], 0, 0xfffff);
        lane[k] = (int32_t)((uint32_t)sum << 12) >> 12;
    }
}

void mote_xt_vmulas_s16_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int64_t *lane = lanes_40(&m->s);
    for (unsigned k = 0; k < 8; k++)
        lane[k] = clamp(lane[k] + (int64_t)(x.s16[k] * y.s16[k]), -MOST_40 - 1, MOST_40);
}

void mote_xt_vmulas_u16_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int64_t *lane = lanes_40(&m->s);
    for (unsigned k = 0; k < 8; k++) {
        int64_t sum = clamp((lane[k] & ALL_40) + (int64_t)x.u16[k] * y.u16[k], 0, ALL_40);
        lane[k] = extend_40((uint64_t)sum);
    }
}

void mote_xt_zero_qacc(mote_xt_machine *m)
{
    memset(&m->s.qacc, 0, sizeof m->s.qacc);
}

void mote_xt_qacc_from_s8(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_20;
    for (unsigned k = 0; k < 16; k++)
        m->s.qacc.lane20[k] = v.s8[k];
}

void mote_xt_qacc_from_u8(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_20;
    for (unsigned k = 0; k < 16; k++)
        m->s.qacc.lane20[k] = v.u8[k];
}

void mote_xt_qacc_from_s16(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_40;
    for (unsigned k = 0; k < 8; k++)
        m->s.qacc.lane40[k] = v.s16[k];
}

void mote_xt_qacc_from_u16(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_40;
    for (unsigned k = 0; k < 8; k++)
        m->s.qacc.lane40[k] = v.u16[k];
}

mote_q mote_xt_srcmb_s8(mote_xt_machine *m, uint32_t shift)
{
    int32_t *lane = lanes_20(&m->s);
    mote_q z;
    for (unsigned k = 0; k < 16; k++) {
        lane[k] = (int32_t)((int64_t)lane[k] >> shift);
        z.s8[k] = (int8_t)clamp32(lane[k], INT8_MIN, INT8_MAX);
    }
    return z;
}

mote_q mote_xt_srcmb_s16(mote_xt_machine *m, uint32_t shift)
{
    int64_t *lane = lanes_40(&m->s);
    mote_q z;
    for (unsigned k = 0; k < 8; k++) {
        lane[k] >>= shift;
        z.s16[k] = (int16_t)clamp(lane[k], INT16_MIN, INT16_MAX);
    }
    return z;
}

/* Activations */

mote_q mote_xt_vprelu_s8(mote_q x, mote_q factors, uint32_t shift)
{
    for (unsigned k = 0; k < 16; k++)
        if (x.s8[k] <= 0)
            x.s8[k] = (int8_t)((x.s8[k] * factors.s8[k]) >> (shift & 31));
    return x;
}

mote_q mote_xt_vprelu_s16(mote_q x, mote_q factors, uint32_t shift)
{
    for (unsigned k = 0; k < 8; k++)
        if (x.s16[k] <= 0)
            x.s16[k] = (int16_t)((x.s16[k] * factors.s16[k]) >> (shift & 31));
    return x;
}

mote_q mote_xt_vrelu_s8(mote_q x, uint32_t factor, uint32_t shift)
{
    return mote_xt_vprelu_s8(x, mote_xt_broadcast_8((uint8_t)factor), shift);
}

mote_q mote_xt_vrelu_s16(mote_q x, uint32_t factor, uint32_t shift)
{
    return mote_xt_vprelu_s16(x, mote_xt_broadcast_16((uint16_t)factor), shift);
}

/* Movement */

mote_q mote_xt_vsl_32(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 4; k++)
        x.u32[k] = (uint32_t)((uint64_t)x.u32[k] << shift);
    return x;
}

mote_q mote_xt_vsr_32(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 4; k++)
        x.s32[k] = (int32_t)((int64_t)x.s32[k] >> shift);
    return x;
}

mote_q mote_xt_vsra_16(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 8; k++)
        x.s16[k] = (int16_t)(x.s16[k] >> shift);
    return x;
}

mote_q mote_xt_broadcast_8(uint8_t v)
{
    mote_q z;
    memset(&z, v, sizeof z);
    return z;
}

mote_q mote_xt_broadcast_16(uint16_t v)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.u16[k] = v;
    return z;
}

mote_q mote_xt_broadcast_32(uint32_t v)
{
    mote_q z;
    for (unsigned k = 0; k < 4; k++)
        z.u32[k] = v;
    return z;
}

mote_q mote_xt_double_16(mote_q v, unsigned first)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.u16[k] = v.u16[first + k / 2];
    return z;
}

mote_q mote_xt_reverse_words(mote_q v)
{
    return (mote_q){.u32 = {v.u32[3], v.u32[2], v.u32[1], v.u32[0]}};
}

mote_q mote_xt_src_q(mote_q low, mote_q high, uint32_t from)
{
    uint8_t pair[32];
    mote_q z;
    memcpy(pair, &low, 16);
    memcpy(pair + 16, &high, 16);
    memcpy(&z, pair + (from & 15), 16);
    return z;
}

void mote_xt_shift_pair_left(mote_q *high, mote_q *low, uint32_t bytes)
{
    uint8_t pair[48] = {0};
    memcpy(pair + 16, low, 16);
    memcpy(pair + 32, high, 16);
    memcpy(low, pair + 16 - bytes, 16);
    memcpy(high, pair + 32 - bytes, 16);
}

void mote_xt_shift_pair_right(mote_q *high, mote_q *low, uint32_t bytes)
{
    uint8_t pair[48] = {0};
    memcpy(pair, low, 16);
    memcpy(pair + 16, high, 16);
    memcpy(low, pair + bytes, 16);
    memcpy(high, pair + 16 + bytes, 16);
}

/* The pair as one row of 2n lanes; zip puts lane k of low and of high side by side, unzip takes them apart. */
#define ZIP_AND_UNZIP(bits)                                                                                            \
    void mote_xt_vzip_##bits(mote_q *low, mote_q *high)                                                                \
    {                                                                                                                  \
        mote_q row[2];                                                                                                 \
        for (unsigned k = 0; k < LANES(bits); k++) {                                                                   \
            row[2 * k / LANES(bits)].u##bits[2 * k % LANES(bits)] = low->u##bits[k];                                   \
            row[2 * k / LANES(bits)].u##bits[2 * k % LANES(bits) + 1] = high->u##bits[k];                              \
        }                                                                                                              \
        *low = row[0];                                                                                                 \
        *high = row[1];                                                                                                \
    }                                                                                                                  \
    void mote_xt_vunzip_##bits(mote_q *low, mote_q *high)                                                              \
    {                                                                                                                  \
        mote_q row[2] = {*low, *high};                                                                                 \
        for (unsigned k = 0; k < LANES(bits); k++) {                                                                   \
            low->u##bits[k] = row[2 * k / LANES(bits)].u##bits[2 * k % LANES(bits)];                                   \
            high->u##bits[k] = row[2 * k / LANES(bits)].u##bits[2 * k % LANES(bits) + 1];                              \
        }                                                                                                              \
    }
ZIP_AND_UNZIP(8)
ZIP_AND_UNZIP(16)
ZIP_AND_UNZIP(32)
