/* The arithmetic of PIE on whole registers. It is in a header so that the compiler can inline and vectorize it. */
#ifndef MOTE_XTENSA_PIE_H
#define MOTE_XTENSA_PIE_H

#include <string.h>

#include "xtensa/emu/state.h"

/* QACC as the ten words that rur reads and memory holds (QACC_L then QACC_H), as 16 lanes of 20 bits, or as 8 lanes of
 * 40 bits. A call converts QACC to that shape. Lanes are sign extended. */
uint32_t *mote_xt_qacc_words(mote_xt_state *s);
int32_t *mote_xt_qacc_to_lanes_20(mote_xt_state *s);
int64_t *mote_xt_qacc_to_lanes_40(mote_xt_state *s);

/* Clamps the lanes to 20 bits and recomputes lane20_bound. */
void mote_xt_clamp_lanes_20(mote_xt_state *s);

static inline int32_t *mote_xt_qacc_lanes_20(mote_xt_state *s)
{
    return s->qacc_shape == QACC_LANES_20 ? s->qacc.lane20 : mote_xt_qacc_to_lanes_20(s);
}

static inline int64_t *mote_xt_qacc_lanes_40(mote_xt_state *s)
{
    return s->qacc_shape == QACC_LANES_40 ? s->qacc.lane40 : mote_xt_qacc_to_lanes_40(s);
}

/* True if a product of 8-bit numbers can be added to every lane of 20 bits without clamping. */
static inline bool mote_xt_has_room_20(const mote_xt_state *s)
{
    return s->qacc_shape == QACC_LANES_20 && s->lane20_bound <= 0x7ffff - INT8_MIN * INT8_MIN;
}

void mote_xt_zero_qacc(mote_xt_machine *m);
void mote_xt_qacc_from_s8(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_s16(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_u8(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_u16(mote_xt_machine *m, mote_q v);

mote_q mote_xt_reverse_words(mote_q v);
void mote_xt_shift_pair_left(mote_q *high, mote_q *low, uint32_t bytes);
void mote_xt_shift_pair_right(mote_q *high, mote_q *low, uint32_t bytes);
void mote_xt_vzip_8(mote_q *low, mote_q *high), mote_xt_vunzip_8(mote_q *low, mote_q *high);
void mote_xt_vzip_16(mote_q *low, mote_q *high), mote_xt_vunzip_16(mote_q *low, mote_q *high);
void mote_xt_vzip_32(mote_q *low, mote_q *high), mote_xt_vunzip_32(mote_q *low, mote_q *high);

/* Fourier transforms (emu/fft.c): complex numbers are pairs of 16-bit lanes, real part first. */
mote_q mote_xt_cmul(mote_q z, mote_q x, mote_q y, uint32_t select, uint32_t shift);
mote_q mote_xt_fft_cmul(mote_q z, mote_q x, mote_q y, uint32_t select, uint32_t shift);
mote_q mote_xt_fft_cmul_store(mote_q x, mote_q y, mote_q v, uint32_t select, uint32_t update, uint32_t sar4,
                              uint32_t shift);
mote_q mote_xt_bitrev(uint32_t from, uint32_t width);
mote_q mote_xt_r2bf(mote_q v, unsigned apart);
mote_q mote_xt_scaled_sum_16(mote_q x, mote_q y, uint32_t shift);
mote_q mote_xt_difference_16(mote_q x, mote_q y);
void mote_xt_fft_ams(mote_q *z, mote_q *z1, mote_q x, mote_q y, mote_q factor, uint32_t select, uint32_t shift);
mote_q mote_xt_fft_ams_store(mote_q *z1, uint32_t *pair, mote_q v, mote_q x, mote_q y, mote_q factor, uint32_t select,
                             uint32_t shift);

static inline int64_t clamp(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

static inline int32_t clamp32(int32_t v, int32_t least, int32_t most)
{
    return v < least ? least : v > most ? most : v;
}

static inline uint32_t mote_xt_clamp_32(int64_t v)
{
    return (uint32_t)clamp(v, INT32_MIN, INT32_MAX);
}

/* z.field[k] = value for every lane k, where a and b are the lanes of x and y. */
#define LANE_BY_LANE(function, field, wide, value)                                                                     \
    static inline mote_q function(mote_q x, mote_q y)                                                                  \
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

/* With SAR of 32 and more every product becomes 0; measured on a chip for 32 (docs/xtensa-model.md). */
#define MULTIPLY(type, wide)                                                                                           \
    static inline mote_q mote_xt_vmul_##type(mote_q x, mote_q y, uint32_t shift)                                       \
    {                                                                                                                  \
        mote_q z;                                                                                                      \
        for (unsigned k = 0; k < sizeof z.type / sizeof z.type[0]; k++)                                                \
            z.type[k] = (__typeof__(z.type[0]))(shift < 32 ? (wide)x.type[k] * (wide)y.type[k] >> shift : 0);          \
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

static inline int64_t extend_40(uint64_t v)
{
    return (int64_t)(v << 24) >> 24;
}

/* Unsigned forms take the accumulator as unsigned too. */
#define ACCUMULATE_SUM(type, wide, before, least, most)                                                                \
    static inline void mote_xt_vmulas_##type##_accx(mote_xt_machine *m, mote_q x, mote_q y)                            \
    {                                                                                                                  \
        wide sum = 0;                                                                                                  \
        for (unsigned k = 0; k < sizeof x.type / sizeof x.type[0]; k++)                                                \
            sum += (wide)x.type[k] * (wide)y.type[k];                                                                  \
        m->s.accx = extend_40((uint64_t)clamp((before) + (int64_t)sum, least, most));                                  \
    }
ACCUMULATE_SUM(s8, int32_t, m->s.accx, -MOST_40 - 1, MOST_40)
ACCUMULATE_SUM(s16, int64_t, m->s.accx, -MOST_40 - 1, MOST_40)
ACCUMULATE_SUM(u8, uint32_t, m->s.accx &ALL_40, 0, ALL_40)
ACCUMULATE_SUM(u16, uint64_t, m->s.accx &ALL_40, 0, ALL_40)

/* Lanes are kept sign extended; unsigned operations use their low bits and clamp at all ones. */
/* Clamps only once enough products were added that a lane could overflow. */
static inline void mote_xt_vmulas_s8_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int32_t *lane = mote_xt_qacc_lanes_20(&m->s);
    for (unsigned k = 0; k < 16; k++)
        lane[k] += x.s8[k] * y.s8[k];
    m->s.lane20_bound += INT8_MIN * INT8_MIN;
    if (m->s.lane20_bound > MOST_20)
        mote_xt_clamp_lanes_20(&m->s);
}

static inline void mote_xt_vmulas_u8_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int32_t *lane = mote_xt_qacc_lanes_20(&m->s);
    for (unsigned k = 0; k < 16; k++) {
        int32_t sum = clamp32((lane[k] & 0xfffff) + x.u8[k] * y.u8[k], 0, 0xfffff);
        lane[k] = (int32_t)((uint32_t)sum << 12) >> 12;
    }
    m->s.lane20_bound = MOST_20 + 1;
}

static inline void mote_xt_vmulas_s16_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int64_t *lane = mote_xt_qacc_lanes_40(&m->s);
    for (unsigned k = 0; k < 8; k++)
        lane[k] = clamp(lane[k] + (int64_t)(x.s16[k] * y.s16[k]), -MOST_40 - 1, MOST_40);
}

static inline void mote_xt_vmulas_u16_qacc(mote_xt_machine *m, mote_q x, mote_q y)
{
    int64_t *lane = mote_xt_qacc_lanes_40(&m->s);
    for (unsigned k = 0; k < 8; k++) {
        int64_t sum = clamp((lane[k] & ALL_40) + (int64_t)x.u16[k] * y.u16[k], 0, ALL_40);
        lane[k] = extend_40((uint64_t)sum);
    }
}

static inline mote_q mote_xt_srcmb_s8(mote_xt_machine *m, uint32_t shift)
{
    int32_t *lane = mote_xt_qacc_lanes_20(&m->s);
    mote_q z;
    for (unsigned k = 0; k < 16; k++) {
        lane[k] = (int32_t)((int64_t)lane[k] >> shift);
        z.s8[k] = (int8_t)clamp32(lane[k], INT8_MIN, INT8_MAX);
    }
    return z;
}

static inline mote_q mote_xt_srcmb_s16(mote_xt_machine *m, uint32_t shift)
{
    int64_t *lane = mote_xt_qacc_lanes_40(&m->s);
    mote_q z;
    for (unsigned k = 0; k < 8; k++) {
        lane[k] >>= shift;
        z.s16[k] = (int16_t)clamp(lane[k], INT16_MIN, INT16_MAX);
    }
    return z;
}

/* Movement */

/* SAR of 32 and more, measured for 32: a left shift saturates, a right shift gives 0 even for negative lanes. */
static inline mote_q mote_xt_vsl_32(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 4; k++)
        x.u32[k] = shift < 32 ? x.u32[k] << shift : mote_xt_clamp_32((int64_t)x.s32[k] * 0x100000000);
    return x;
}

static inline mote_q mote_xt_vsr_32(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 4; k++)
        x.s32[k] = shift < 32 ? x.s32[k] >> shift : 0;
    return x;
}

static inline mote_q mote_xt_vsra_16(mote_q x, uint32_t shift)
{
    for (unsigned k = 0; k < 8; k++)
        x.s16[k] = (int16_t)(x.s16[k] >> shift);
    return x;
}

static inline mote_q mote_xt_broadcast_8(uint8_t v)
{
    mote_q z;
    memset(&z, v, sizeof z);
    return z;
}

static inline mote_q mote_xt_broadcast_16(uint16_t v)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.u16[k] = v;
    return z;
}

static inline mote_q mote_xt_broadcast_32(uint32_t v)
{
    mote_q z;
    for (unsigned k = 0; k < 4; k++)
        z.u32[k] = v;
    return z;
}

static inline mote_q mote_xt_double_16(mote_q v, unsigned first)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.u16[k] = v.u16[first + k / 2];
    return z;
}

/* 16 bytes of {high, low} from byte `from` up. */
static inline mote_q mote_xt_src_q(mote_q low, mote_q high, uint32_t from)
{
    uint8_t pair[32];
    mote_q z;
    memcpy(pair, &low, 16);
    memcpy(pair + 16, &high, 16);
    memcpy(&z, pair + (from & 15), 16);
    return z;
}

/* Activations */

static inline mote_q mote_xt_vprelu_s8(mote_q x, mote_q factors, uint32_t shift)
{
    for (unsigned k = 0; k < 16; k++)
        if (x.s8[k] <= 0)
            x.s8[k] = (int8_t)((x.s8[k] * factors.s8[k]) >> (shift & 31));
    return x;
}

static inline mote_q mote_xt_vprelu_s16(mote_q x, mote_q factors, uint32_t shift)
{
    for (unsigned k = 0; k < 8; k++)
        if (x.s16[k] <= 0)
            x.s16[k] = (int16_t)((x.s16[k] * factors.s16[k]) >> (shift & 31));
    return x;
}

static inline mote_q mote_xt_vrelu_s8(mote_q x, uint32_t factor, uint32_t shift)
{
    return mote_xt_vprelu_s8(x, mote_xt_broadcast_8((uint8_t)factor), shift);
}

static inline mote_q mote_xt_vrelu_s16(mote_q x, uint32_t factor, uint32_t shift)
{
    return mote_xt_vprelu_s16(x, mote_xt_broadcast_16((uint16_t)factor), shift);
}

#endif
