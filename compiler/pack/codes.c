#include "compiler/pack/codes.h"

#include <stddef.h>
#include <string.h>

#include "runtime/model.h"
#include "runtime/ops/ternary.h"

static unsigned code_of(const int8_t *row, uint32_t column, uint32_t columns)
{
    return column < columns ? (unsigned)(row[column] + 1) : 1;
}

static void pack_ternary2(const int8_t *row, uint32_t columns, uint8_t *out)
{
    for (uint32_t group = 0; group < columns; group += 64)
        for (uint32_t j = 0; j < 16; j++) {
            unsigned byte = 0;
            for (uint32_t k = 0; k < 4; k++)
                byte |= code_of(row, group + 16 * k + j, columns) << 2 * k;
            *out++ = (uint8_t)byte;
        }
}

static void pack_ternary5(const int8_t *row, uint32_t columns, uint8_t *out)
{
    for (uint32_t c = 0; c < columns; c += 5) {
        unsigned byte = 0;
        for (uint32_t k = 5; k-- > 0;)
            byte = 3 * byte + code_of(row, c + k, columns);
        *out++ = (uint8_t)byte;
    }
}

void mote_codes_pack(mote_dtype dtype, const int8_t *codes, uint32_t rows, uint32_t columns, uint8_t *out)
{
    const size_t row_size = mote_row_size(dtype, columns);
    for (uint32_t r = 0; r < rows; r++, codes += columns, out += row_size)
        if (dtype == MOTE_TERNARY2)
            pack_ternary2(codes, columns, out);
        else if (dtype == MOTE_TERNARY5)
            pack_ternary5(codes, columns, out);
        else
            memcpy(out, codes, columns);
}

void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int8_t *codes)
{
    const size_t row_size = mote_row_size(dtype, columns);
    for (uint32_t r = 0; r < rows; r++, codes += columns, in += row_size)
        for (uint32_t c = 0; c < columns; c++)
            codes[c] = dtype == MOTE_I8 ? (int8_t)in[c] : (int8_t)((int)mote_ternary_code(dtype, in, c) - 1);
}
