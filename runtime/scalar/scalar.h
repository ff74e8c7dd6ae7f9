/* The kernels for 32-bit processors with a multiplier but no MAC or vector unit: ESP32-S2, ESP32-C3, ESP32-C6. */
#ifndef MOTE_RUNTIME_SCALAR_SCALAR_H
#define MOTE_RUNTIME_SCALAR_SCALAR_H

#include "../kernels.h"

extern const mote_kernels mote_scalar_kernels;

/* GEMV of int8 weights in MOTE_ROWS for cores whose byte loads extend the sign. */
void mote_scalar_gemv_rows4_int8(const mote_gemv *g);

/* GEMV of MOTE_BLOCKS16: of int8 weights for cores whose byte loads extend the sign (bytes) or do not (words). */
void mote_scalar_gemv_blocks16_bytes(const mote_gemv *g);
void mote_scalar_gemv_blocks16_words(const mote_gemv *g);
void mote_scalar_gemv_blocks16_ternary2(const mote_gemv *g);

#endif
