/* Writes .xt.prop, which tells disassemblers and linkers which bytes of the code are instructions, literals, data or
 * padding, and .xt.lit, the places of the literals. Unless the linker may relax the code, everything but literals is
 * marked NO_TRANSFORM: the linker must not move code whose targets have no relocations. */
#include <string.h>

#include "xtensa/asm/assembler.h"

enum {
    LITERAL = 0x1,
    INSN = 0x2,
    DATA = 0x4,
    UNREACHABLE = 0x8,
    LOOP_TARGET = 0x10,
    BRANCH_TARGET = 0x20,
    TARGET = LOOP_TARGET | BRANCH_TARGET,
    NO_DENSITY = 0x40,
    NO_TRANSFORM = 0x100,
    ALIGN = 0x800, /* what follows the block is aligned */
    ALIGNMENT_SHIFT = 12,
};

typedef struct property {
    uint32_t address, size, flags;
} property;

typedef struct writer {
    mote_xt_assembly *a;
    section *code, *properties, *literals;
    property block; /* flags 0: none is begun */
} writer;

static uint16_t flags_of(const instruction *in)
{
    return (uint16_t)(INSN | (in->exact ? NO_TRANSFORM : in->density ? 0 : NO_DENSITY));
}

static uint16_t class_of(const item *it)
{
    switch (it->kind) {
    case ITEM_BRANCH:
    case ITEM_LOOP_PADDING:
    case ITEM_LOOP_TAIL:
    case ITEM_NARROW:
        return flags_of(it->insn);
    case ITEM_POOL:
        return LITERAL;
    case ITEM_ALIGN:
    case ITEM_UNREACHABLE:
        return UNREACHABLE;
    default:
        return DATA;
    }
}

static void mark(uint16_t *classes, const section *s, uint32_t offset, uint32_t size, uint16_t class)
{
    if (offset <= s->size && size <= s->size - offset)
        for (uint32_t i = 0; i < size; i++)
            classes[offset + i] = class;
}

static void mark_target(uint16_t *classes, const section *s, uint32_t offset, uint16_t kind)
{
    if (offset < s->size && (classes[offset] & INSN))
        classes[offset] |= kind;
}

/* Fixes the distances in a long loop, which are numbers in its instructions. */
static void mark_long_loop(mote_xt_assembly *a, uint16_t *classes, const section *s, const item *tail)
{
    value end = mote_asm_eval(a, tail->insn->operands[1]);
    for (uint32_t i = tail->address; end.kind == VALUE_PLACE && i < end.number && i < s->size; i++)
        classes[i] |= NO_TRANSFORM;
}

/* Returns an array with the flags of each byte. */
static const uint16_t *classify(mote_xt_assembly *a, const section *s)
{
    uint16_t *classes = mote_arena_alloc(&a->arena, s->size * sizeof *classes);
    for (const item *it = s->first; it; it = it->next)
        mark(classes, s, it->address, it->size, s->code ? LITERAL : class_of(it));
    for (const fixup *f = s->fixups; f; f = f->next)
        if (f->insn)
            mark(classes, s, f->item->address + f->offset, f->size, flags_of(f->insn));
    for (const fixup *f = s->fixups; f; f = f->next)
        if (f->insn && mote_asm_is_loop(f->insn->insn))
            mark_target(classes, s, f->item->address + f->offset + f->size, LOOP_TARGET);
    for (const item *it = s->first; it; it = it->next)
        if (it->kind == ITEM_TARGET && it->target && it->target->branched_to)
            mark_target(classes, s, it->address, BRANCH_TARGET);
        else if (it->kind == ITEM_LOOP_TAIL && it->size)
            mark_long_loop(a, classes, s, it);
    return classes;
}

/* Returns a property table for a section: one for the file, or one in its group, which the linker drops with the
 * group; NULL if the source defines the table. */
static section *table_of(mote_xt_assembly *a, const section *s, const char *name)
{
    const char *suffix = s->group ? strrchr(s->name, '.') : NULL;
    section *table = mote_asm_section(a, suffix && suffix != s->name ? mote_asm_print(a, "%s%s", name, suffix) : name);
    if (s->group && !table->group) {
        table->group = s->group;
        table->comdat = s->comdat;
    }
    bool own = table->properties || !table->first,
         fits = s->group ? table->group && strcmp(table->group, s->group) == 0
                         : !table->group; /* its name is not that of another group's table */
    if (!own || !fits || table->flags & SHF_ALLOC)
        return NULL;
    table->properties = true;
    return table;
}

static void put_row(writer *w, section *table, const void *row, uint32_t size)
{
    value at = {.kind = VALUE_PLACE, .section = w->code, .number = w->block.address};
    mote_asm_relocate(w->a, table, table->size, R_XTENSA_32, at);
    mote_asm_bytes(w->a, table, row, size);
    table->size += size;
    table->image = table->last ? table->last->bytes : NULL;
}

static void end_block(writer *w)
{
    property p = {0, w->block.size, w->block.flags};
    if (!p.flags)
        return;
    if (!(p.flags & LITERAL) && !w->a->options.link_relax)
        p.flags |= NO_TRANSFORM;
    put_row(w, w->properties, &p, sizeof p);
    if (p.flags & LITERAL)
        put_row(w, w->literals, &p, 8); /* without flags */
    w->block.flags = 0;
}

/* Adds bytes to the current block, or begins one where flags change or a target is. */
static void put_bytes(writer *w, const uint16_t *classes, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end; i++)
        if (w->block.flags && classes[i] == (w->block.flags & ~(uint32_t)TARGET)) {
            w->block.size++;
        } else {
            end_block(w);
            w->block = (property){i, 1, classes[i]};
        }
}

/* Describes padding that the linker may change: it is in no block, and the block before it says how to align. Padding
 * at the start of a section is as the section is aligned. */
static void put_padding(writer *w, const item *it)
{
    if (it->kind == ITEM_UNREACHABLE) {
        end_block(w);
        w->block = (property){it->address, 0, UNREACHABLE};
    } else if (w->block.flags) {
        uint32_t before = w->block.flags >> ALIGNMENT_SHIFT, align = (uint32_t)__builtin_ctz(it->align);
        w->block.flags &= (1U << ALIGNMENT_SHIFT) - 1;
        w->block.flags |= ALIGN | (align > before ? align : before) << ALIGNMENT_SHIFT;
    }
}

static void describe(mote_xt_assembly *a, section *s)
{
    writer w = {.a = a, .code = s, .properties = table_of(a, s, ".xt.prop"), .literals = table_of(a, s, ".xt.lit")};
    if (!w.properties || !w.literals)
        return;
    const uint16_t *classes = classify(a, s);
    for (const item *it = s->first; it; it = it->next)
        if (a->options.link_relax && (it->kind == ITEM_ALIGN || it->kind == ITEM_UNREACHABLE))
            put_padding(&w, it);
        else if (it->address <= s->size && it->size <= s->size - it->address)
            put_bytes(&w, classes, it->address, it->address + it->size);
    end_block(&w);
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
