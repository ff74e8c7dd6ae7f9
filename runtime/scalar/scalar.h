/* For 32-bit processors with a multiplier and nothing beside it: ESP32-S2, ESP32-C3, ESP32-C6. */
#ifndef MOTE_RUNTIME_SCALAR_SCALAR_H
#define MOTE_RUNTIME_SCALAR_SCALAR_H

#include "../kernels.h"

extern const mote_kernels mote_scalar_kernels;

/* Its int8 product where loads extend signs. */
void mote_scalar_gemv_rows4_int8(const mote_gemv *g);

#endif
