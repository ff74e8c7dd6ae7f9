#include "compiler/pack/layout.h"

#include <string.h>

#include "runtime/ops/lanes16.h"

static void put_start(uint8_t *data, uint32_t row, int32_t value)
{
    const uint32_t byte = row % 8 * 5 / 2, bits = ((uint32_t)value & 0xfffffu) << (row % 2 * 4);
    for (uint32_t i = 0; i < 3; i++)
        data[mote_lanes16_start_byte(row, byte + i)] |= (uint8_t)(bits >> (8 * i));
}

static void put_weight(mote_dtype dtype, uint8_t *block, uint32_t lane, uint32_t column, int8_t code)
{
    if (dtype == MOTE_TERNARY2)
        block[column / 4 * MOTE_LANES + lane] |= (uint8_t)((code + 1) << (column % 4 * 2));
    else
        block[column * MOTE_LANES + lane] = (uint8_t)code;
}

void mote_lanes16_pack(mote_dtype dtype, const int8_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out)
{
    const size_t stride = mote_lanes16_stride(dtype, columns);
    const uint32_t padded = (columns + 15) & ~15u;
    memset(out, 0, mote_lanes16_size(dtype, rows, columns));
    for (uint32_t r = 0; r < mote_lanes16_blocks(rows) * MOTE_LANES; r++) {
        uint8_t *block = out + mote_lanes16_weights(rows) + r / MOTE_LANES * stride;
        put_start(out, r, bias && r < rows ? bias[r] : 0);
        for (uint32_t c = 0; c < padded; c++)
            put_weight(dtype, block, r % MOTE_LANES, c, r < rows && c < columns ? codes[r * (size_t)columns + c] : 0);
    }
}

void mote_lanes16_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int8_t *codes,
                         int32_t *bias)
{
    for (uint32_t r = 0; r < rows; r++) {
        const uint8_t *block = mote_lanes16_block(dtype, in, rows, columns, r);
        bias[r] = mote_lanes16_start(in, r);
        for (uint32_t c = 0; c < columns; c++)
            codes[r * (size_t)columns + c] = (int8_t)mote_lanes16_weight(dtype, block, r % MOTE_LANES, c);
    }
}
