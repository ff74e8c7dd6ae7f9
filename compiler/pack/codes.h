/* Integer weights and halves as the file stores them, and back. */
#ifndef MOTE_COMPILER_CODES_H
#define MOTE_COMPILER_CODES_H

#include <stdint.h>

#include "runtime/format.h"

/* codes [rows, columns], within the range of the type (format.h), as a tensor of that type stores them in rows:
 * MOTE_I16, MOTE_I8, MOTE_I4, MOTE_I5, MOTE_I6, MOTE_TERNARY2, MOTE_TERNARY5, MOTE_BINARY, or MOTE_F16, whose codes are
 * the bits of the halves. `out` has the size of such a tensor. Padding gets the code of zero. */
void mote_codes_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out);
void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes);

/* IEEE 754 binary16 and float: nearest, ties to even; beyond 65504 by half a unit or more infinite, subnormals kept,
 * every NaN quiet. */
uint16_t mote_half_of(float value);
float mote_half_value(uint16_t half); /* exact */

#endif
