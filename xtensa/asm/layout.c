/* Computes sizes and addresses in passes until nothing changes. Branches only grow, so that the passes end. */
#include "xtensa/asm/assembler.h"

#define FORCE_AFTER 40  /* passes; then items no longer widen, and a branch that does not reach takes its far form */
#define GIVE_UP     100 /* passes; then sizes are taken to depend on each other in a circle */

static uint32_t padding(const item *it)
{
    uint32_t n = (it->align - it->address % it->align) % it->align;
    return n <= it->most ? n : 0;
}

/* Returns the size of .space or .org from its expression, between 0 and MAX_OUTPUT. */
static uint32_t counted(mote_xt_assembly *a, const section *s, const item *it)
{
    value v = mote_asm_eval(a, it->count);
    int64_t from = it->kind == ITEM_ORG ? it->address : 0;
    bool fine = v.kind == VALUE_NUMBER || (it->kind == ITEM_ORG && v.kind == VALUE_PLACE && v.section == s);
    int64_t size = fine ? v.number - from : 0;
    return size < 0 ? 0 : size > MAX_OUTPUT ? MAX_OUTPUT : (uint32_t)size;
}

static void check_counted(mote_xt_assembly *a, const section *s, const item *it)
{
    const source_line *l = it->line;
    value v = mote_asm_eval(a, it->count);
    bool org = it->kind == ITEM_ORG;
    if (v.kind == VALUE_ERROR)
        mote_asm_error_at(a, l, l->text, "%s", v.problem);
    else if (v.kind != VALUE_NUMBER && !(org && v.kind == VALUE_PLACE && v.section == s))
        mote_asm_error_at(a, l, l->text,
                          org ? "the new position must be in this section" : "the count must be a number");
    else if (org && (v.number < it->address || v.number > MAX_OUTPUT))
        mote_asm_error_at(a, l, l->text, ".org to %lld: it is at %u and can only go forward, up to %u",
                          (long long)v.number, it->address, MAX_OUTPUT);
    else if (!org && (v.number < 0 || v.number > MAX_OUTPUT))
        mote_asm_error_at(a, l, l->text, "%lld bytes: expected 0 to %u", (long long)v.number, MAX_OUTPUT);
}

/* Computes the size of an item that has moved by `stretch` bytes in this pass. */
static void resize(mote_xt_assembly *a, section *s, item *it, uint32_t stretch, bool force)
{
    if (it->kind == ITEM_ALIGN)
        it->size = padding(it);
    else if (it->kind == ITEM_LEB128)
        it->size = mote_asm_leb128_size(a, it);
    else if (it->count)
        it->size = counted(a, s, it);
    else if (it->kind == ITEM_LOOP_PADDING && a->pass > 2)
        it->size = mote_asm_loop_padding(it);
    else if (it->kind == ITEM_LOOP_TAIL)
        mote_asm_relax_loop(a, s, it, stretch);
    else if (it->widens && a->pass > 2 && !force)
        mote_asm_give_way(it, stretch);
    else if (it->kind == ITEM_BRANCH && !(it->widens && a->pass > 2))
        mote_asm_relax(a, s, it, stretch, force);
}

/* Runs one pass over a section in order of address. Returns true when something changed. */
static bool lay_out_section(mote_xt_assembly *a, section *s, bool force)
{
    bool changed = false;
    uint64_t address = 0;
    for (item *it = s->first; it; it = it->next) {
        uint32_t stretch = (uint32_t)address - it->address, before = it->size;
        it->address = (uint32_t)address;
        it->pass = a->pass;
        resize(a, s, it, stretch, force);
        changed |= stretch != 0 || it->size != before;
        address += it->size;
        if (address > MAX_OUTPUT) {
            mote_asm_error_at(a, it->line, NULL, "section %s grows beyond %u MB here", s->name, MAX_OUTPUT >> 20);
            a->too_large = true;
            return false;
        }
    }
    changed |= s->size != address;
    s->size = (uint32_t)address;
    return changed;
}

/* Runs one pass over all sections. Returns true when another is necessary. The first pass computes addresses and grows
 * backward branches, the second pass grows all branches, and later passes align too. */
static bool lay_out(mote_xt_assembly *a)
{
    bool changed = a->pass++ <= 1;
    for (section *s = a->sections; s && !a->too_large; s = s->next)
        changed |= lay_out_section(a, s, a->pass >= FORCE_AFTER);
    return changed && !a->too_large;
}

void mote_asm_layout(mote_xt_assembly *a)
{
    mote_asm_prepare_alignment(a);
    while (lay_out(a) && a->pass < GIVE_UP)
        ;
    if (a->pass == GIVE_UP)
        mote_asm_error_at(a, NULL, NULL, "the sizes of .space or .org depend on each other in a circle");
    a->laid_out = true;
    for (section *s = a->sections; s; s = s->next)
        for (item *it = s->first; it; it = it->next)
            if (it->count && it->kind != ITEM_LEB128)
                check_counted(a, s, it);
}
