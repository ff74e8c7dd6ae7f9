/* Packs integer weights and halves as in a file, and unpacks them. */
#ifndef MOTE_COMPILER_CODES_H
#define MOTE_COMPILER_CODES_H

#include <stdint.h>

#include "runtime/format.h"

/* Packs codes [rows, columns], within the range of the type (format.h), as a tensor of that type in rows. The type is
 * MOTE_I16, MOTE_I8, MOTE_I4, MOTE_I5, MOTE_I6, MOTE_TERNARY2, MOTE_TERNARY5, MOTE_BINARY, or MOTE_F16, whose codes are
 * the bits of the halves. `out` has the size of such a tensor. Padding gets the code of zero. */
void mote_codes_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out);
void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes);

/* Converts a float to IEEE 754 binary16, rounding to nearest, ties to even. Magnitudes of 65520 or more become
 * infinite, subnormals are kept, and every NaN becomes quiet. */
uint16_t mote_half_of(float value);
float mote_half_value(uint16_t half); /* converts a binary16 to float, exactly */

#endif
