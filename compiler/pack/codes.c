#include "compiler/pack/codes.h"

#include <stddef.h>
#include <string.h>

#include "runtime/model.h"
#include "runtime/ops/ternary.h"

static void pack_planes(mote_planes p, const int16_t *row, uint32_t columns, uint8_t *out)
{
    memset(out, 0, mote_planes_row_size(p.bits, columns));
    const uint32_t group = mote_planes_group(p.bits), padded = (columns + group - 1) / group * group;
    for (uint32_t c = 0; c < padded; c++) {
        const uint32_t code = c < columns ? (uint32_t)((row[c] + p.zero) / p.step) : p.padding;
        out[c / group * 16 + c % 16] |= (uint8_t)(code << (c % group / 16 * p.bits));
    }
}

static unsigned trit_of(const int16_t *row, uint32_t column, uint32_t columns)
{
    return column < columns ? (unsigned)(row[column] + 1) : 1;
}

static void pack_ternary5(const int16_t *row, uint32_t columns, uint8_t *out)
{
    for (uint32_t c = 0; c < columns; c += 5) {
        unsigned byte = 0;
        for (uint32_t k = 5; k-- > 0;)
            byte = 3 * byte + trit_of(row, c + k, columns);
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
        if (mote_planes_of(dtype).bits)
            pack_planes(mote_planes_of(dtype), codes, columns, out);
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
        return (int16_t)mote_packed_weight(dtype, row, column);
    }
}

void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes)
{
    const size_t row_size = mote_row_size(dtype, columns);
    for (uint32_t r = 0; r < rows; r++, codes += columns, in += row_size)
        for (uint32_t c = 0; c < columns; c++)
            codes[c] = code_at(dtype, in, c);
}
