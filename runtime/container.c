/* Verifies the container of a .mote file, packed or float. Reads no data before checking its bounds. */
#include "crc32.h"
#include "kernels.h"
#include "model.h"
#include "ops/blocks16.h"
#include "ops/half.h"
#include "ops/lanes16.h"
#include "ops/ops.h"
#include "ops/planes.h"
#include "ops/ternary.h"
#include "ops/tiles16.h"
#include "tokenizer.h"

#define MAX_SECTIONS  64u
#define LARGEST_FLOAT 0x7f7fffffu /* as bits: above are infinity, NaN and negative numbers */

/* The structures have the sizes given in docs/SPEC.md, without padding. */
typedef char sizes_match[sizeof(mote_header) == 80 && sizeof(mote_tensor_record) == 64 &&
                                 sizeof(mote_op_record) == 16 && sizeof(mote_section_record) == 16 &&
                                 sizeof(mote_golden) == 16
                             ? 1
                             : -1];

static int range_in_file(const mote_header *h, uint32_t offset, uint32_t size)
{
    return offset % MOTE_ALIGNMENT == 0 && offset >= sizeof *h && offset <= h->file_size &&
           size <= h->file_size - offset;
}

static mote_status check_header(const mote_header *h, size_t size)
{
    if (h->version != MOTE_FORMAT_VERSION)
        return MOTE_BAD_VERSION;
    if (h->header_size != sizeof *h || h->file_size != size)
        return MOTE_BAD_SIZE;
    if (mote_crc32(0, (const uint8_t *)h + 16, size - 16) != h->crc32)
        return MOTE_BAD_CRC;
    return MOTE_SUCCESS;
}

/* 1 if a table of `count` entries of `size` bytes lies in the file. size: at most 64. */
static int table_fits(const mote_header *h, uint32_t offset, uint32_t count, uint32_t size)
{
    return count < (1u << 26) && range_in_file(h, offset, count * size);
}

static int tables_fit(const mote_header *h)
{
    const char *strings = (const char *)h + h->string_offset;
    return h->tensor_count < MOTE_NO_INDEX && h->op_count < MOTE_NO_INDEX && h->section_count <= MAX_SECTIONS &&
           table_fits(h, h->tensor_offset, h->tensor_count, sizeof(mote_tensor_record)) &&
           table_fits(h, h->op_offset, h->op_count, sizeof(mote_op_record)) &&
           table_fits(h, h->operand_offset, h->operand_count, sizeof(uint16_t)) &&
           table_fits(h, h->word_offset, h->word_count, sizeof(uint32_t)) &&
           table_fits(h, h->section_offset, h->section_count, sizeof(mote_section_record)) &&
           range_in_file(h, h->string_offset, h->string_size) && h->string_size > 0 && strings[0] == 0 &&
           strings[h->string_size - 1] == 0 && (h->flags & ~(uint32_t)MOTE_FLAG_PACKED) == 0 && h->reserved == 0 &&
           h->arena_size % MOTE_ALIGNMENT == 0 && h->state_size % MOTE_ALIGNMENT == 0;
}

uint64_t mote_row_size(mote_dtype dtype, uint32_t columns)
{
    static const struct {
        uint8_t columns, bytes;
    } unit_of[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = {1, 4},      [MOTE_I32] = {1, 4},  [MOTE_I16] = {1, 2},   [MOTE_U16] = {1, 2},
        [MOTE_F16] = {1, 2},      [MOTE_I8] = {1, 1},   [MOTE_I8V] = {16, 16}, [MOTE_TERNARY2] = {64, 16},
        [MOTE_I4] = {32, 16},     [MOTE_I5] = {32, 16}, [MOTE_I6] = {32, 16},  [MOTE_BINARY] = {128, 16},
        [MOTE_TERNARY5] = {5, 1}, [MOTE_U8] = {1, 1},
    };
    const uint32_t unit = unit_of[dtype].columns, high = mote_high_bits(dtype);
    const uint64_t size = (uint64_t)(columns / unit + (columns % unit != 0)) * unit_of[dtype].bytes;
    if (dtype == MOTE_I8V)
        return size + sizeof(mote_vector_scale);
    return high ? size + mote_planes_row_size(high, columns) : size;
}

/* 1 if the stride is the size of a row, or for int8 constants that size rounded up to a multiple of 16, which vector
 * kernels need. */
static int stride_fits(const mote_tensor_record *t)
{
    const uint32_t columns = t->dims[t->rank - 1];
    if (t->layout != MOTE_ROWS)
        return t->stride == 0;
    return t->stride == mote_row_size((mote_dtype)t->dtype, columns) ||
           (t->dtype == MOTE_I8 && t->role == MOTE_CONSTANT && t->stride == ((columns + 15) & ~15u));
}

/* 1 if `count` scales are finite and not negative. The file is never written, so its words may be read as integers. */
static int scales_fit(const void *scales, uint32_t count)
{
    const uint32_t *bits = scales;
    while (count > 0 && *bits <= LARGEST_FLOAT)
        bits++, count--;
    return count == 0;
}

/* 1 if there is one scale, or for a constant one for each index along the axis. */
static int quantization_fits(const mote_header *h, const mote_tensor_record *t)
{
    if (!scales_fit(&t->scale, 1))
        return 0;
    if (t->axis == MOTE_NO_AXIS)
        return t->scales == 0;
    return t->role == MOTE_CONSTANT && t->axis < t->rank && t->scales <= h->word_count &&
           t->dims[t->axis] <= h->word_count - t->scales &&
           scales_fit((const uint8_t *)h + h->word_offset + t->scales * sizeof(float), t->dims[t->axis]);
}

static uint32_t lanes16_size(const mote_tensor_record *t)
{
    if (t->rank != 2 || (t->dtype != MOTE_I8 && t->dtype != MOTE_TERNARY2) || t->dims[0] == 0 ||
        mote_lanes16_stride(t->dtype, t->dims[1]) > UINT32_MAX)
        return 0;
    const uint64_t size = mote_lanes16_size(t->dtype, t->dims[0], t->dims[1]);
    return size <= UINT32_MAX ? (uint32_t)size : 0;
}

/* Returns the size that the dims give, or 0 if they are malformed or the size does not fit 32 bits. */
static uint32_t size_of_dims(const mote_tensor_record *t)
{
    if (t->rank < 1 || t->rank > MOTE_RANK)
        return 0;
    for (uint32_t i = 0; i < MOTE_RANK; i++)
        if (i < t->rank ? t->dims[i] == 0 : t->dims[i] != 1)
            return 0;
    if (t->layout == MOTE_LANES16)
        return lanes16_size(t);
    if (t->layout == MOTE_TILES16 || t->layout == MOTE_BLOCKS16)
        return t->size; /* mote_tiles16_valid and mote_blocks16_valid compare it with the index */
    uint64_t size = t->stride;
    for (uint32_t i = 0; i + 1 < t->rank && size <= UINT32_MAX; i++)
        size = (uint64_t)(uint32_t)size * t->dims[i];
    return size <= UINT32_MAX ? (uint32_t)size : 0;
}

/* 1 if all codes from `columns` to the end of a row of planes are `padding`. */
static int plane_is_padded(uint32_t bits, uint32_t padding, const uint8_t *row, uint32_t columns)
{
    const uint32_t end = (uint32_t)mote_planes_row_size(bits, columns) * (8 / bits);
    for (uint32_t c = columns; c < end; c++)
        if (mote_planes_code(bits, row, c) != padding)
            return 0;
    return 1;
}

static int row_is_padded(const mote_tensor_record *t, const uint8_t *row, uint32_t columns)
{
    const mote_dtype dtype = (mote_dtype)t->dtype;
    const uint32_t high = mote_high_bits(dtype);
    for (uint32_t i = columns; dtype == MOTE_I8 && i < t->stride; i++)
        if (row[i])
            return 0;
    if (dtype == MOTE_I8)
        return 1;
    if (high)
        return plane_is_padded(4, 0, row, columns) && plane_is_padded(high, (uint32_t)mote_split_zero(high) >> 4,
                                                                      row + mote_planes_row_size(4, columns), columns);
    const mote_planes planes = mote_planes_of(dtype);
    if (planes.bits)
        return plane_is_padded(planes.bits, planes.padding, row, columns);
    for (uint32_t c = columns; c < (columns + 4) / 5 * 5; c++)
        if (mote_ternary5_code(row, c) != 1)
            return 0;
    return 1;
}

/* 1 if every ternary code is 0, 1 or 2 and every half is finite. */
static int codes_exist(const mote_tensor_record *t, const uint8_t *data)
{
    if (t->dtype == MOTE_TERNARY2)
        return mote_ternary2_exist(data, t->size);
    for (uint32_t i = 0; t->dtype == MOTE_TERNARY5 && i < t->size; i++)
        if (data[i] > 242)
            return 0;
    for (uint32_t i = 1; t->dtype == MOTE_F16 && i < t->size; i += 2)
        if (!mote_half_is_finite((uint16_t)(data[i] << 8)))
            return 0;
    return 1;
}

/* 1 if the padding of every row has the value that format.h states. */
static int rows_are_padded(const mote_tensor_record *t, const uint8_t *data)
{
    const uint32_t columns = t->dims[t->rank - 1];
    if (t->dtype != MOTE_TERNARY5 && t->dtype != MOTE_I8 && !mote_planes_of(t->dtype).bits && !mote_high_bits(t->dtype))
        return 1;
    for (const uint8_t *row = data; row < data + t->size; row += t->stride)
        if (!row_is_padded(t, row, columns))
            return 0;
    return 1;
}

static int tensor_fits(const mote_header *h, const mote_tensor_record *t)
{
    if (t->name >= h->string_size || t->dtype >= MOTE_DTYPE_COUNT || t->role >= MOTE_ROLE_COUNT ||
        t->quantizer >= MOTE_DTYPE_COUNT || t->granularity >= MOTE_GRANULARITY_COUNT)
        return 0;
    if (t->layout >= MOTE_LAYOUT_COUNT || (t->layout != MOTE_ROWS && t->role != MOTE_CONSTANT))
        return 0;
    if (t->pruned >= MOTE_PRUNED_COUNT || (t->pruned && ((h->flags & MOTE_FLAG_PACKED) || t->role != MOTE_CONSTANT ||
                                                         t->dtype != MOTE_F32 || t->rank != 2)))
        return 0;
    if (t->size == 0 || t->size != size_of_dims(t) || !stride_fits(t) || !quantization_fits(h, t))
        return 0;
    if (t->role != MOTE_CONSTANT)
        return 1;
    if (!range_in_file(h, t->offset, t->size))
        return 0;
    const uint8_t *data = (const uint8_t *)h + t->offset;
    if (MOTE_LIES_IN(t, LANES16))
        return mote_lanes16_valid(t, data);
    if (MOTE_LIES_IN(t, TILES16))
        return mote_tiles16_valid(t, data);
    if (MOTE_LIES_IN(t, BLOCKS16))
        return mote_blocks16_valid(t, data);
    return t->layout != MOTE_ROWS || (codes_exist(t, data) && rows_are_padded(t, data));
}

/* Checks that operands and parameters lie in their tables, that their numbers are those of operators.def, and that
 * every operand is a tensor or absent. */
static mote_status op_fits(const mote_model *m, uint32_t index)
{
    const mote_header *h = m->header;
    const mote_op_record *op = (const mote_op_record *)m->ops + index;
    if (op->opcode >= MOTE_OPCODE_COUNT || op->name >= h->string_size)
        return MOTE_BAD_OPERATOR;
    const mote_op_entry *entry = mote_op_entry_of(op->opcode);
    if (!entry)
        return MOTE_NO_KERNEL;
    const uint32_t count = (uint32_t)op->input_count + op->output_count;
    if (op->input_count != entry->inputs || op->output_count != entry->outputs || op->param_count != entry->params ||
        op->operands > h->operand_count || count > h->operand_count - op->operands || op->params > h->word_count ||
        op->param_count > h->word_count - op->params)
        return MOTE_BAD_OPERATOR;
    const uint16_t *operands = (const uint16_t *)m->operands + op->operands;
    for (uint32_t i = 0; i < count; i++)
        if (operands[i] != MOTE_NO_INDEX && operands[i] >= h->tensor_count)
            return MOTE_BAD_OPERATOR;
    return MOTE_SUCCESS;
}

static int golden_fits(const mote_golden *g, uint32_t size)
{
    return size >= sizeof *g && g->reserved == 0 && g->run_count >= 1 && g->run_count <= MOTE_GOLDEN_RUNS_MOST &&
           (uint64_t)g->run_count * g->input_size == size - sizeof *g;
}

/* 1 if every entry is the index of a constant. */
static int placement_fits(const mote_model *m, const uint16_t *tensors, uint32_t size)
{
    for (uint32_t i = 0; i < size / 2; i++)
        if (tensors[i] >= mote_header_of(m)->tensor_count || mote_record(m, tensors[i])->role != MOTE_CONSTANT)
            return 0;
    return size % 2 == 0;
}

/* Checks a section and stores the address of a known one. Ignores unknown sections; each known one may appear once. */
static int section_fits(mote_model *m, const mote_section_record *section)
{
    if (section->reserved != 0 || !range_in_file(m->header, section->offset, section->size))
        return 0;
    const void *data = m->file + section->offset;
    if (section->tag == MOTE_SECTION_TOKENIZER) {
        if (m->tokenizer || !mote_tokenizer_fits(data, section->size))
            return 0;
        m->tokenizer = data;
    } else if (section->tag == MOTE_SECTION_GOLDEN) {
        if (m->golden || !golden_fits(data, section->size))
            return 0;
        m->golden = data;
    } else if (section->tag == MOTE_SECTION_PLACEMENT) {
        if (m->placement || !placement_fits(m, data, section->size))
            return 0;
        m->placement = data;
        m->placement_count = section->size / 2;
    }
    return 1;
}

mote_status mote_check_container(mote_model *m, const void *file, size_t size)
{
    const mote_header *h = file;
    if ((uintptr_t)file % MOTE_ALIGNMENT != 0)
        return MOTE_BAD_ALIGNMENT;
    if (size < sizeof h->magic || h->magic != MOTE_MAGIC)
        return MOTE_BAD_MAGIC;
    if (size < sizeof *h)
        return MOTE_BAD_SIZE;
    mote_status status = check_header(h, size);
    if (status != MOTE_SUCCESS)
        return status;
    if (!tables_fit(h))
        return MOTE_BAD_TABLE;
    *m = (mote_model){.file = file,
                      .header = h,
                      .tensors = (const uint8_t *)file + h->tensor_offset,
                      .ops = (const uint8_t *)file + h->op_offset,
                      .operands = (const uint8_t *)file + h->operand_offset,
                      .words = (const uint8_t *)file + h->word_offset};
    uint64_t room = h->file_size; /* constants share no bytes, so together they are smaller than the file */
    for (uint32_t i = 0; i < h->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        if (t->role == MOTE_CONSTANT && t->size > room)
            return MOTE_BAD_TABLE;
        room -= t->role == MOTE_CONSTANT ? t->size : 0;
        if (!tensor_fits(h, t))
            return MOTE_BAD_TABLE;
    }
    for (uint32_t i = 0; i < h->op_count; i++)
        if ((status = op_fits(m, i)) != MOTE_SUCCESS)
            return status;
    const mote_section_record *sections = (const void *)(m->file + h->section_offset);
    for (uint32_t i = 0; i < h->section_count; i++)
        if (!section_fits(m, sections + i))
            return MOTE_BAD_TABLE;
    return MOTE_SUCCESS;
}
