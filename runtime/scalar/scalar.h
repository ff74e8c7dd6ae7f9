/* For 32-bit processors with a multiplier and nothing beside it: ESP32-S2, ESP32-C3, ESP32-C6. */
#ifndef MOTE_RUNTIME_SCALAR_SCALAR_H
#define MOTE_RUNTIME_SCALAR_SCALAR_H

#include "../kernels.h"

extern const mote_kernels mote_scalar_kernels;

/* Its int8 product where loads extend signs. */
void mote_scalar_gemv_rows4_int8(const mote_gemv *g);

/* For MOTE_BLOCKS16; of int8 weights where loads extend signs, and where they do not. */
void mote_scalar_gemv_blocks16_bytes(const mote_gemv *g);
void mote_scalar_gemv_blocks16_words(const mote_gemv *g);
void mote_scalar_gemv_blocks16_ternary2(const mote_gemv *g);

#endif
