/* Constants copied from flash to SRAM. The tables go along, so that a copied record can say where its copy is. */
#include "model.h"

#include <string.h>

static size_t round_up(size_t size)
{
    return (size + MOTE_ALIGNMENT - 1) & ~(size_t)(MOTE_ALIGNMENT - 1);
}

static int all_constant(const mote_model *m, const uint16_t *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tensors[i] >= mote_header_of(m)->tensor_count || mote_record(m, tensors[i])->role != MOTE_CONSTANT)
            return 0;
    return 1;
}

static size_t table_size(const mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    return sizeof *h + h->tensor_count * sizeof(mote_tensor_record) + h->op_count * sizeof(mote_op_record);
}

size_t mote_place_size(const mote_model *m, const uint16_t *tensors, size_t count)
{
    size_t size = table_size(m);
    for (size_t i = 0; i < count; i++)
        size += tensors[i] < mote_header_of(m)->tensor_count ? round_up(mote_record(m, tensors[i])->size) : 0;
    return size;
}

static void copy_tables(mote_model *m, uint8_t *to)
{
    const mote_header *h = mote_header_of(m);
    const size_t tensors = h->tensor_count * sizeof(mote_tensor_record), ops = h->op_count * sizeof(mote_op_record);
    m->header = memcpy(to, h, sizeof *h);
    m->tensors = memcpy(to + sizeof *h, m->tensors, tensors);
    m->ops = memcpy(to + sizeof *h + tensors, m->ops, ops);
}

mote_status mote_place(mote_model *m, void *sram, size_t size, const uint16_t *tensors, size_t count)
{
    if ((uintptr_t)sram % MOTE_ALIGNMENT != 0)
        return MOTE_BAD_ALIGNMENT;
    if (!all_constant(m, tensors, count))
        return MOTE_BAD_TABLE;
    if (size < mote_place_size(m, tensors, count))
        return MOTE_TOO_SMALL;
    uint8_t *const start = sram;
    m->sram = start;
    size_t used = table_size(m);
    copy_tables(m, start);
    mote_tensor_record *records = (mote_tensor_record *)(start + sizeof(mote_header));
    for (size_t i = 0; i < count; i++) {
        mote_tensor_record *t = &records[tensors[i]];
        if (t->role == MOTE_PLACED) /* named twice */
            continue;
        memcpy(start + used, m->file + t->offset, t->size);
        t->role = MOTE_PLACED;
        t->offset = (uint32_t)used;
        used += round_up(t->size);
    }
    return MOTE_SUCCESS;
}
