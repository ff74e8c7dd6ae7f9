/* The arithmetic of PIE on whole registers. */
#ifndef MOTE_XTENSA_PIE_H
#define MOTE_XTENSA_PIE_H

#include "xtensa/emu/state.h"

/* One function per lane width: x op y. */
#define EACH_WIDTH(name)                                                                                               \
    mote_q name##_s8(mote_q x, mote_q y), name##_s16(mote_q x, mote_q y), name##_s32(mote_q x, mote_q y)
EACH_WIDTH(mote_xt_vadds);
EACH_WIDTH(mote_xt_vsubs);
EACH_WIDTH(mote_xt_vmax);
EACH_WIDTH(mote_xt_vmin);
EACH_WIDTH(mote_xt_vcmp_eq);
EACH_WIDTH(mote_xt_vcmp_lt);
EACH_WIDTH(mote_xt_vcmp_gt);

/* Products shifted right by `shift`, low bits kept. */
mote_q mote_xt_vmul_s8(mote_q x, mote_q y, uint32_t shift);
mote_q mote_xt_vmul_s16(mote_q x, mote_q y, uint32_t shift);
mote_q mote_xt_vmul_u8(mote_q x, mote_q y, uint32_t shift);
mote_q mote_xt_vmul_u16(mote_q x, mote_q y, uint32_t shift);

/* Accumulate: clamped to 40 bits, or to 20 or 40 bits a lane. */
void mote_xt_vmulas_s8_accx(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_s16_accx(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_u8_accx(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_u16_accx(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_s8_qacc(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_s16_qacc(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_u8_qacc(mote_xt_machine *m, mote_q x, mote_q y);
void mote_xt_vmulas_u16_qacc(mote_xt_machine *m, mote_q x, mote_q y);

/* QACC as the ten words that rur reads and memory holds: QACC_L then QACC_H. */
uint32_t *mote_xt_qacc_words(mote_xt_state *s);
void mote_xt_zero_qacc(mote_xt_machine *m);
void mote_xt_qacc_from_s8(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_s16(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_u8(mote_xt_machine *m, mote_q v);
void mote_xt_qacc_from_u16(mote_xt_machine *m, mote_q v);

/* Lanes shifted right in place, returned clamped. */
mote_q mote_xt_srcmb_s8(mote_xt_machine *m, uint32_t shift);
mote_q mote_xt_srcmb_s16(mote_xt_machine *m, uint32_t shift);
uint32_t mote_xt_clamp_32(int64_t v);

/* ReLU family: lanes that are not positive become lane * factor >> shift. */
mote_q mote_xt_vrelu_s8(mote_q x, uint32_t factor, uint32_t shift);
mote_q mote_xt_vrelu_s16(mote_q x, uint32_t factor, uint32_t shift);
mote_q mote_xt_vprelu_s8(mote_q x, mote_q factors, uint32_t shift);
mote_q mote_xt_vprelu_s16(mote_q x, mote_q factors, uint32_t shift);

mote_q mote_xt_vsl_32(mote_q x, uint32_t shift);
mote_q mote_xt_vsr_32(mote_q x, uint32_t shift);
mote_q mote_xt_vsra_16(mote_q x, uint32_t shift);
mote_q mote_xt_broadcast_8(uint8_t v);
mote_q mote_xt_broadcast_16(uint16_t v);
mote_q mote_xt_broadcast_32(uint32_t v);
mote_q mote_xt_double_16(mote_q v, unsigned first); /* lanes first..first+3, each twice */
mote_q mote_xt_reverse_words(mote_q v);

/* 16 bytes of {high, low} from byte `from` up. */
mote_q mote_xt_src_q(mote_q low, mote_q high, uint32_t from);
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

#endif
