/* Integer weights as the file stores them, and back. */
#ifndef MOTE_COMPILER_CODES_H
#define MOTE_COMPILER_CODES_H

#include "runtime/format.h"

/* codes [rows, columns] to `out` as MOTE_I16, as MOTE_I8 (-128..127) or as MOTE_TERNARY2 or MOTE_TERNARY5 (-1, 0, +1);
 * `out` has the size of such a tensor. Padding gets the code of zero. */
void mote_codes_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out);
void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes);

#endif
