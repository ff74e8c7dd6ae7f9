#include "compiler/pack/codes.h"

#include <stddef.h>
#include <string.h>

#include "runtime/model.h"
#include "runtime/ops/ternary.h"

static unsigned code_of(const int16_t *row, uint32_t column, uint32_t columns)
{
    return column < columns ? (unsigned)(row[column] + 1) : 1;
}

static void pack_ternary2(const int16_t *row, uint32_t columns, uint8_t *out)
{
    for (uint32_t group = 0; group < columns; group += 64)
        for (uint32_t j = 0; j < 16; j++) {
            unsigned byte = 0;
            for (uint32_t k = 0; k < 4; k++)
                byte |= code_of(row, group + 16 * k + j, columns) << 2 * k;
            *out++ = (uint8_t)byte;
        }
}

static void pack_ternary5(const int16_t *row, uint32_t columns, uint8_t *out)
{
    for (uint32_t c = 0; c < columns; c += 5) {
        unsigned byte = 0;
        for (uint32_t k = 5; k-- > 0;)
            byte = 3 * byte + code_of(row, c + k, columns);
        *out++ = (uint8_t)byte;
    }
}

static void pack_whole(mote_dtype dtype, const int16_t *row, uint32_t columns, uint8_t *out)
{
    if (dtype == MOTE_I16)
        memcpy(out, row, columns * sizeof *row);
    for (uint32_t c = 0; dtype == MOTE_I8 && c < columns; c++)
        out[c] = (uint8_t)row[c];
}

void mote_codes_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out)
{
    const size_t row_size = mote_row_size(dtype, columns);
    for (uint32_t r = 0; r < rows; r++, codes += columns, out += row_size)
        if (dtype == MOTE_TERNARY2)
            pack_ternary2(codes, columns, out);
        else if (dtype == MOTE_TERNARY5)
            pack_ternary5(codes, columns, out);
        else
            pack_whole(dtype, codes, columns, out);
}

static int16_t code_at(mote_dtype dtype, const uint8_t *row, uint32_t column)
{
    switch (dtype) {
    case MOTE_I16:
        return (int16_t)(row[2 * (size_t)column] | row[2 * (size_t)column + 1] << 8);
    case MOTE_I8:
        return (int8_t)row[column];
    default:
        return (int16_t)((int)mote_ternary_code(dtype, row, column) - 1);
    }
}

void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes)
{
    const size_t row_size = mote_row_size(dtype, columns);
    for (uint32_t r = 0; r < rows; r++, codes += columns, in += row_size)
        for (uint32_t c = 0; c < columns; c++)
            codes[c] = code_at(dtype, in, c);
}
