/* Single-precision arithmetic of the chip, on the host's floating-point unit: while a program runs, the host rounds as
 * FCR selects, and its sticky flags are the program's. */
#ifndef MOTE_XTENSA_FLOAT_H
#define MOTE_XTENSA_FLOAT_H

#include "xtensa/emu/state.h"

#define SIGN_S 0x80000000u
#define ONE_S  0x3f800000u

typedef enum rounding { ROUND_NEAREST, ROUND_ZERO, ROUND_UP, ROUND_DOWN } rounding; /* numbers of FCR */
enum { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

/* Before and after a run: saves the host's rounding mode and flags and sets the program's; restores them. */
void mote_xt_float_enter(const mote_xt_state *s);
void mote_xt_float_leave(mote_xt_state *s);

uint32_t mote_xt_read_fsr(mote_xt_state *s);
void mote_xt_write_fsr(mote_xt_state *s, uint32_t value);
void mote_xt_write_fcr(mote_xt_state *s, uint32_t value);

uint32_t mote_xt_add_s(uint32_t a, uint32_t b);
uint32_t mote_xt_sub_s(uint32_t a, uint32_t b);
uint32_t mote_xt_mul_s(uint32_t a, uint32_t b);
uint32_t mote_xt_div_s(uint32_t a, uint32_t b);
uint32_t mote_xt_sqrt_s(uint32_t a);
uint32_t mote_xt_madd_s(uint32_t sum, uint32_t a, uint32_t b);  /* sum + a * b, rounded once */
uint32_t mote_xt_maddn_s(uint32_t sum, uint32_t a, uint32_t b); /* the same to nearest, leaving the flags alone */
uint32_t mote_xt_const_s(uint32_t index);
uint32_t mote_xt_reciprocal_estimate(uint32_t a, bool of_root); /* 1/a or 1/sqrt(a) to 8 bits, flags alone */
uint32_t mote_xt_nexp01_s(uint32_t a);
uint32_t mote_xt_to_integer(uint32_t a, unsigned scale, rounding mode, bool is_signed); /* a * 2^scale */
uint32_t mote_xt_from_integer(int64_t value, unsigned scale);                           /* value / 2^scale */
bool mote_xt_compare_s(uint32_t a, uint32_t b, unsigned accepted, bool quiet);

#endif
