#ifndef MOTE_RUNTIME_ESP32_MAC16_H
#define MOTE_RUNTIME_ESP32_MAC16_H

#include "../kernels.h"

extern const mote_kernels mote_mac16_kernels;

/* GEMV of MOTE_ROWS. Shapes that the assembly does not support use the portable kernels. */
void mote_mac16_gemv_int16(const mote_gemv *g);
void mote_mac16_gemv_int8(const mote_gemv *g);
void mote_mac16_gemv_ternary2(const mote_gemv *g);

/* GEMV of MOTE_BLOCKS16, likewise; defined in blocks16.c. */
void mote_mac16_gemv_blocks16_int8(const mote_gemv *g);
void mote_mac16_gemv_blocks16_ternary2(const mote_gemv *g);

#endif
