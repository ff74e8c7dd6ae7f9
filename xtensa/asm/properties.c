/* Writes .xt.prop, which tells disassemblers which bytes of the code are instructions, literals, data or padding.
 * Everything but literals is marked NO_TRANSFORM: a linker must not move code, because targets in the same section have
 * no relocations. */
#include <string.h>

#include "xtensa/asm/assembler.h"

enum { LITERAL = 0x1, INSN = 0x2, DATA = 0x4, UNREACHABLE = 0x8, NO_TRANSFORM = 0x100 };

typedef struct property {
    uint32_t address, size, flags;
} property;

static uint8_t class_of(const item *it)
{
    switch (it->kind) {
    case ITEM_BRANCH:
    case ITEM_LOOP_PADDING:
    case ITEM_NARROW:
        return INSN;
    case ITEM_POOL:
        return LITERAL;
    case ITEM_ALIGN:
    case ITEM_UNREACHABLE:
        return UNREACHABLE;
    default:
        return DATA;
    }
}

static void mark(uint8_t *classes, const section *s, uint32_t offset, uint32_t size, uint8_t class)
{
    if (offset <= s->size && size <= s->size - offset)
        memset(classes + offset, class, size);
}

/* Returns an array with the class of each byte. */
static const uint8_t *classify(mote_xt_assembly *a, const section *s)
{
    uint8_t *classes = mote_arena_alloc(&a->arena, s->size);
    for (const item *it = s->first; it; it = it->next)
        mark(classes, s, it->address, it->size, s->code ? LITERAL : class_of(it));
    for (const fixup *f = s->fixups; f; f = f->next)
        if (f->insn)
            mark(classes, s, f->item->address + f->offset, f->size, INSN);
    return classes;
}

/* Returns the property table for a section: one for the file, or one in its group, which the linker drops with the
 * group. */
static section *table_of(mote_xt_assembly *a, const section *s)
{
    const char *suffix = s->group ? strrchr(s->name, '.') : NULL;
    section *table =
        mote_asm_section(a, suffix && suffix != s->name ? mote_asm_print(a, ".xt.prop%s", suffix) : ".xt.prop");
    if (s->group && !table->group) {
        table->group = s->group;
        table->comdat = s->comdat;
    }
    return table;
}

static void describe(mote_xt_assembly *a, section *s)
{
    section *table = table_of(a, s);
    bool own = table->properties || !table->first, /* the source does not define the table */
        fits = s->group ? table->group && strcmp(table->group, s->group) == 0
                        : !table->group; /* its name is not that of another group's table */
    if (!own || !fits || table->flags & SHF_ALLOC)
        return;
    table->properties = true;
    const uint8_t *classes = classify(a, s);
    for (uint32_t begin = 0, end; begin < s->size; begin = end) {
        for (end = begin + 1; end < s->size && classes[end] == classes[begin];)
            end++;
        property p = {0, end - begin, classes[begin] == LITERAL ? LITERAL : classes[begin] | NO_TRANSFORM};
        mote_asm_relocate(a, table, table->size, R_XTENSA_32,
                          (value){.kind = VALUE_PLACE, .section = s, .number = begin});
        mote_asm_bytes(a, table, &p, sizeof p);
        table->size += sizeof p;
    }
    table->image = table->last ? table->last->bytes : NULL;
}

void mote_asm_properties(mote_xt_assembly *a)
{
    for (const section *s = a->sections; s; s = s->next)
        if (s->properties)
            return;
    for (section *s = a->sections; s; s = s->next)
        if ((s->flags & SHF_EXECINSTR) && s->type != SHT_NOBITS && s->size)
            describe(a, s);
}
