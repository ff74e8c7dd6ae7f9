#include "compiler/pack/codes.h"

#include <stddef.h>
#include <string.h>

#include "runtime/model.h"
#include "runtime/ops/planes.h"
#include "runtime/ops/weight.h"

static void put_code(uint32_t bits, uint8_t *out, uint32_t column, uint32_t code)
{
    const uint32_t group = mote_planes_group(bits);
    out[column / group * 16 + column % 16] |= (uint8_t)(code << (column % group / 16 * bits));
}

static uint32_t padded_to(uint32_t bits, uint32_t columns)
{
    return (uint32_t)mote_planes_row_size(bits, columns) * 8 / bits;
}

static void pack_planes(mote_planes p, const int16_t *row, uint32_t columns, uint8_t *out)
{
    memset(out, 0, mote_planes_row_size(p.bits, columns));
    for (uint32_t c = 0; c < padded_to(p.bits, columns); c++)
        put_code(p.bits, out, c, c < columns ? (uint32_t)((row[c] + p.zero) / p.step) : p.padding);
}

/* Packs a row as two sets of planes: the low four bits of the codes, then the high bits. */
static void pack_split(uint32_t high_bits, const int16_t *row, uint32_t columns, uint8_t *out)
{
    uint8_t *high = out + mote_planes_row_size(4, columns);
    const int32_t zero = mote_split_zero(high_bits);
    memset(out, 0, mote_planes_row_size(4, columns) + mote_planes_row_size(high_bits, columns));
    for (uint32_t c = 0; c < padded_to(high_bits, columns); c++) {
        const uint32_t code = (uint32_t)((c < columns ? row[c] : 0) + zero);
        if (c < padded_to(4, columns))
            put_code(4, out, c, code & 15);
        put_code(high_bits, high, c, code >> 4);
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
    if (dtype == MOTE_I16 || dtype == MOTE_F16)
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
        else if (mote_high_bits(dtype))
            pack_split(mote_high_bits(dtype), codes, columns, out);
        else if (dtype == MOTE_TERNARY5)
            pack_ternary5(codes, columns, out);
        else
            pack_whole(dtype, codes, columns, out);
}

void mote_codes_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes)
{
    const size_t row_size = mote_row_size(dtype, columns);
    if (dtype == MOTE_F16)
        dtype = MOTE_I16;
    for (uint32_t r = 0; r < rows; r++, codes += columns, in += row_size) {
        const mote_row row = {in, columns, dtype, 0};
        int16_t w[MOTE_UNPACKED];
        for (uint32_t c = 0; c < columns; c += MOTE_UNPACKED)
            memcpy(codes + c, w, mote_unpack(&row, c, w) * sizeof *w);
    }
}
