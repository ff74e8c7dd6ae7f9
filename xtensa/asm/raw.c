/* Writes an assembly as bytes at fixed addresses. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

typedef struct placing {
    uint32_t base;
    uint64_t next;  /* address */
    uint64_t bytes; /* end of the last section with bytes */
} placing;

static void put(placing *p, section *s)
{
    if (!(s->flags & SHF_ALLOC) || s->size == 0)
        return;
    p->next = (p->next + s->align - 1) & ~(uint64_t)(s->align - 1);
    s->address = (uint32_t)p->next;
    p->next += s->size;
    if (s->type != SHT_NOBITS)
        p->bytes = p->next;
}

/* Assigns addresses: code with its literals before it, then data, then zero-initialized sections. */
static void place_sections(mote_xt_assembly *a, placing *p)
{
    for (int kind = 0; kind < 3; kind++)
        for (section *s = a->sections; s; s = s->next) {
            bool code = s->flags & SHF_EXECINSTR, zero = s->type == SHT_NOBITS;
            if (s->code || (code ? 0 : zero ? 2 : 1) != kind)
                continue;
            for (section *l = a->sections; l; l = l->next)
                if (l->code == s)
                    put(p, l);
            put(p, s);
        }
}

bool mote_xt_assembly_raw(mote_xt_assembly *a, uint32_t base, mote_bytes *out, mote_error *error)
{
    if (a->errors)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not assembled, errors: %zu", a->options.name, a->errors);
    placing p = {base, base, base};
    place_sections(a, &p);
    if (base % 16)
        return mote_fail(error, MOTE_E_USAGE, "raw output starts at an address that is a multiple of 16, not 0x%x",
                         base);
    if (p.next > UINT64_C(1) << 32)
        return mote_fail(error, MOTE_E_USAGE, "%s: does not fit between 0x%x and the end of memory", a->options.name,
                         base);
    if (setjmp(a->arena.out_of_memory))
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for the raw output", a->options.name);
    a->placed = true;
    mote_asm_emit(a);
    a->placed = false;
    if (a->errors)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not assembled, errors: %zu", a->options.name, a->errors);
    size_t size = (size_t)(p.bytes - base);
    uint8_t *bytes = calloc(1, size + 1);
    if (!bytes)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for %zu bytes", a->options.name, size);
    for (const section *s = a->sections; s; s = s->next)
        if ((s->flags & SHF_ALLOC) && s->type != SHT_NOBITS && s->size)
            memcpy(bytes + (s->address - base), s->image, s->size);
    *out = (mote_bytes){bytes, size};
    return true;
}
