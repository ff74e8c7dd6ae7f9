/* Placement: copies constants from flash to SRAM. Copies the tables too, so that the record of a placed constant can
 * hold the offset of its copy. */
#include "place.h"

#include "memory.h"
#include "model.h"

/* A table of the model. */
typedef struct table {
    const void **at; /* the model's pointer to it */
    size_t size;     /* bytes */
} table;

enum { TABLES = 5 };

static size_t round_up(size_t size)
{
    return (size + MOTE_ALIGNMENT - 1) & ~(size_t)(MOTE_ALIGNMENT - 1);
}

static void tables_of(mote_model *m, table tables[TABLES])
{
    const mote_header *h = mote_header_of(m);
    tables[0] = (table){&m->tensors, h->tensor_count * sizeof(mote_tensor_record)};
    tables[1] = (table){&m->ops, h->op_count * sizeof(mote_op_record)};
    tables[2] = (table){&m->operands, h->operand_count * sizeof(uint16_t)};
    tables[3] = (table){&m->words, h->word_count * sizeof(uint32_t)};
    tables[4] = (table){&m->header, sizeof *h};
}

static int is_constant(const mote_model *m, uint32_t tensor)
{
    return tensor < mote_header_of(m)->tensor_count && mote_record(m, tensor)->role == MOTE_CONSTANT;
}

size_t mote_place_tensors_size(const mote_model *m, const uint16_t *tensors, size_t count)
{
    table tables[TABLES];
    size_t size = 0;
    mote_model copy = *m;
    tables_of(&copy, tables);
    for (int i = 0; i < TABLES; i++)
        size += round_up(tables[i].size);
    for (size_t i = 0; i < count; i++)
        size += is_constant(m, tensors[i]) ? round_up(mote_record(m, tensors[i])->size) : 0;
    return size;
}

mote_status mote_place_tensors(mote_model *m, void *sram, size_t size, const uint16_t *tensors, size_t count,
                               size_t *used)
{
    uint8_t *const start = sram;
    table tables[TABLES];
    *used = 0;
    if ((uintptr_t)sram % MOTE_ALIGNMENT != 0)
        return MOTE_BAD_ALIGNMENT;
    if (m->sram || size < mote_place_tensors_size(m, NULL, 0))
        return MOTE_SUCCESS;
    tables_of(m, tables);
    for (int i = 0; i < TABLES; *used += round_up(tables[i].size), i++)
        *tables[i].at = memcpy(start + *used, *tables[i].at, tables[i].size);
    m->sram = start;
    for (size_t i = 0; i < count; i++) {
        if (!is_constant(m, tensors[i]))
            continue;
        mote_tensor_record *t = (mote_tensor_record *)start + tensors[i];
        if (round_up(t->size) > size - *used)
            continue;
        memcpy(start + *used, m->file + t->offset, t->size);
        t->role = MOTE_PLACED;
        t->offset = (uint32_t)*used;
        *used += round_up(t->size);
    }
    return MOTE_SUCCESS;
}

size_t mote_place_size(const mote_model *m)
{
    return mote_place_tensors_size(m, m->placement, m->placement_count);
}

mote_status mote_place(mote_model *m, void *sram, size_t size)
{
    size_t used;
    return mote_place_tensors(m, sram, size, m->placement, m->placement_count, &used);
}

mote_status mote_begin(mote_session *s, mote_model *m, void *memory, size_t size)
{
    const size_t arena = mote_arena_size(m), state = mote_state_size(m), whole = size & ~(size_t)(MOTE_ALIGNMENT - 1);
    if ((uintptr_t)memory % MOTE_ALIGNMENT != 0)
        return MOTE_BAD_ALIGNMENT;
    if (whole < arena || whole - arena < state)
        return MOTE_TOO_SMALL;
    uint8_t *const end = (uint8_t *)memory + whole;
    mote_place(m, memory, whole - arena - state);
    return mote_start(s, m, end - arena, arena, end - arena - state, state);
}
