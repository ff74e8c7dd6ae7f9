/* IEEE 754 binary16 and float. */
#ifndef MOTE_COMPILER_HALF_H
#define MOTE_COMPILER_HALF_H

#include <stdint.h>

/* Nearest, ties to even; beyond 65504 by half a unit or more infinite, subnormals kept, every NaN quiet. */
uint16_t mote_half_of(float value);
float mote_half_value(uint16_t half); /* exact */

#endif
