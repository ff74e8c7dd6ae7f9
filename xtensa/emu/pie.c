#include "xtensa/emu/pie.h"

#include <string.h>

#define LANES(bits) (128 / (bits))

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

int64_t *mote_xt_qacc_to_lanes_40(mote_xt_state *s)
{
    uint8_t bytes[40];
    memcpy(bytes, mote_xt_qacc_words(s), 40);
    for (unsigned k = 0; k < 8; k++)
        s->qacc.lane40[k] = five_bytes(bytes + 5 * k);
    s->qacc_shape = QACC_LANES_40;
    return s->qacc.lane40;
}

int32_t *mote_xt_qacc_to_lanes_20(mote_xt_state *s)
{
    uint8_t bytes[40];
    memcpy(bytes, mote_xt_qacc_words(s), 40);
    for (unsigned k = 0; k < 8; k++) {
        int64_t v = five_bytes(bytes + 5 * k);
        s->qacc.lane20[2 * k] = (int32_t)((uint32_t)v << 12) >> 12;
        s->qacc.lane20[2 * k + 1] = (int32_t)(v >> 20);
    }
    s->qacc_shape = QACC_LANES_20;
    s->lane20_bound = MOST_20 + 1;
    return s->qacc.lane20;
}

void mote_xt_clamp_lanes_20(mote_xt_state *s)
{
    int32_t *lane = s->qacc.lane20, bound = 0;
    for (unsigned k = 0; k < 16; k++) {
        lane[k] = clamp32(lane[k], -MOST_20 - 1, MOST_20);
        bound |= lane[k] < 0 ? -lane[k] : lane[k];
    }
    s->lane20_bound = bound;
}

void mote_xt_zero_qacc(mote_xt_machine *m)
{
    memset(&m->s.qacc, 0, sizeof m->s.qacc);
    m->s.lane20_bound = 0;
}

void mote_xt_qacc_from_s8(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_20;
    m->s.lane20_bound = -INT8_MIN;
    for (unsigned k = 0; k < 16; k++)
        m->s.qacc.lane20[k] = v.s8[k];
}

void mote_xt_qacc_from_u8(mote_xt_machine *m, mote_q v)
{
    m->s.qacc_shape = QACC_LANES_20;
    m->s.lane20_bound = UINT8_MAX;
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

/* Movement */

mote_q mote_xt_reverse_words(mote_q v)
{
    return (mote_q){.u32 = {v.u32[3], v.u32[2], v.u32[1], v.u32[0]}};
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

/* The pair is one row of 2n lanes. zip interleaves the lanes of low and high; unzip is its inverse. */
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
