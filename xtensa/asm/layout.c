/* Sizes and addresses: repeated until nothing changes. Branches only ever grow, so that this ends. */
#include "xtensa/asm/assembler.h"

#define FORCE_AFTER 40  /* passes; then every branch takes its far form */
#define GIVE_UP     100 /* passes; then sizes depend on each other in a circle */

static uint32_t padding(const item *it)
{
    uint32_t n = (it->align - it->address % it->align) % it->align;
    return n <= it->most ? n : 0;
}

/* The size of .space and .org from their expression. */
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

/* One item's address and size; true when something changed. */
static bool settle(mote_xt_assembly *a, section *s, item *it, uint32_t address, bool force)
{
    uint32_t size = it->size;
    bool changed = it->address != address;
    it->address = address;
    switch (it->kind) {
    case ITEM_ALIGN:
        it->size = padding(it);
        break;
    case ITEM_SPACE:
    case ITEM_ORG:
        if (it->count)
            it->size = counted(a, s, it);
        break;
    case ITEM_BRANCH:
        changed |= mote_asm_relax(a, s, it, force);
        break;
    case ITEM_LOOP:
        it->form = mote_asm_loop_padding(it);
        it->size = it->form + 3U;
        break;
    default:
        break;
    }
    return changed || it->size != size;
}

static bool pass(mote_xt_assembly *a, bool force)
{
    bool changed = false;
    for (section *s = a->sections; s; s = s->next) {
        uint64_t address = 0;
        for (item *it = s->first; it; it = it->next) {
            changed |= settle(a, s, it, (uint32_t)address, force);
            address += it->size;
            if (address > MAX_OUTPUT) {
                mote_asm_error_at(a, it->line, NULL, "section %s grows beyond %u MB here", s->name, MAX_OUTPUT >> 20);
                return false;
            }
        }
        changed |= s->size != address;
        s->size = (uint32_t)address;
    }
    return changed;
}

void mote_asm_layout(mote_xt_assembly *a)
{
    int passes = 0;
    while (pass(a, passes >= FORCE_AFTER) && passes < GIVE_UP)
        passes++;
    if (passes == GIVE_UP)
        mote_asm_error_at(a, NULL, NULL, "the sizes of .space or .org depend on each other in a circle");
    a->laid_out = true;
    for (section *s = a->sections; s; s = s->next)
        for (item *it = s->first; it; it = it->next)
            if (it->count)
                check_counted(a, s, it);
}
