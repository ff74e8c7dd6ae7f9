/* Aligns branch targets, loops and return points of calls so that their first instruction lies within one aligned word
 * and can be fetched at once. To move such a point, 16-bit instructions before it take their 24-bit form, and zeros are
 * inserted where code does not run. No instruction is added; loops add no-ops (loop.c) when this does not suffice.
 *
 * Each pass of layout computes, in order of address, how many bytes each item that can grow adds. Only the items before
 * it have their final addresses of that pass. The sizes settle as those of branches do. The rules are those of GNU as,
 * so that the same source takes the same cycles. */
#include "xtensa/asm/forms.h"

#define WORD        4u
#define MOST_WIDE   4  /* with so many narrow instructions before a point, the first of them never needs to grow */
#define NARROW_SPAN 61 /* distance in bytes, from its end, that a narrow branch always reaches */

/* The next point to be aligned. */
typedef struct point {
    const item *item;
    uint32_t address;  /* if no narrow instruction before it grows, and without zeros */
    unsigned wideners; /* number of narrow instructions before it that can grow */
    bool padded;       /* zeros may be inserted before it */
} point;

static bool gives_way(const item *it)
{
    return (it->kind == ITEM_NARROW || it->kind == ITEM_BRANCH) && it->widens;
}

static bool is_point(const item *it)
{
    return it->kind == ITEM_LOOP_PADDING || (it->kind == ITEM_TARGET && it->aligns);
}

/* Finds the next point from `it`, which is taken to start at `address`. Returns false when there is none that `it` can
 * move. */
static bool find(const item *it, uint32_t address, point *out)
{
    *out = (point){0};
    for (; it; it = it->next) {
        if (it->kind == ITEM_TARGET && it->target && it->target->loop_end)
            return false;
        if (is_point(it)) {
            out->item = it;
            out->address = address;
            return true;
        }
        bool fixed = it->kind == ITEM_DATA || it->kind == ITEM_TARGET || it->kind == ITEM_NARROW ||
                     it->kind == ITEM_BRANCH || it->kind == ITEM_LOOP_TAIL || (it->kind == ITEM_SPACE && !it->count);
        if (gives_way(it)) {
            address += 2;
            if (++out->wideners == MOST_WIDE)
                return false;
        } else if (it->kind == ITEM_UNREACHABLE) {
            out->padded |= it->widens;
        } else if (fixed) {
            address += it->size;
        } else {
            return false;
        }
    }
    return false;
}

/* Computes the least number of bytes by which the point must move to be aligned, and the most by which it may move and
 * still need no further word. */
static void distance(const point *p, uint32_t address, uint32_t *least, uint32_t *most)
{
    uint32_t size = mote_asm_first_size(p->item);
    if (p->item->kind == ITEM_LOOP_PADDING)
        address += p->item->insn->insn->size;
    size = size ? size : 3;
    for (*least = 0; (address + *least) % WORD + size > WORD;)
        ++*least;
    *most = *least + WORD - (size + (address + *least) % WORD);
}

/* Returns 1 if a narrow instruction is to grow: the `wanted` ones nearest to the point grow by a byte each. `wideners`
 * is the number of them from this one to the point. */
static uint32_t share(unsigned wideners, uint32_t wanted)
{
    return wanted && wanted == wideners;
}

/* Returns the number of bytes by which the item is to exceed its least size. The item has moved by `stretch` in this
 * pass. */
static uint32_t wanted_bytes(item *it, uint32_t stretch)
{
    uint32_t own = it->kind == ITEM_UNREACHABLE ? it->size : it->size - 2, local, best, most;
    point next, later;
    if (!find(it, it->address, &next)) {
        it->widens = false;
        return 0;
    }
    distance(&next, next.address, &local, &most);
    if (most == 0)
        return 0;
    /* Later points are aligned too, as far as this point stays aligned. */
    best = local;
    for (const item *from = next.item->next; from && best < most; from = later.item->next) {
        uint32_t least, reach;
        if (!find(from, from->address, &later) || later.padded)
            break;
        distance(&later, later.address + stretch - own + best, &least, &reach);
        least += best;
        reach += best;
        if (least <= most && least > best)
            best = least;
        if (reach < most)
            most = reach;
    }
    if (next.padded)
        return it->kind == ITEM_UNREACHABLE ? best : 0;
    uint32_t here = share(next.wideners, local), ahead = share(next.wideners, best);
    return here > ahead ? here : ahead;
}

void mote_asm_give_way(item *it, uint32_t stretch)
{
    uint32_t bytes = wanted_bytes(it, stretch);
    it->size = it->kind == ITEM_UNREACHABLE ? bytes : 2 + bytes;
}

/* True if the item is the first that could change its size after the target of a branch or in a loop. It keeps its
 * size, for which the target or the loop is aligned. */
static bool begins_something(const item *it)
{
    bool branch = it->kind == ITEM_BRANCH; /* a branch may grow after a label */
    for (it = it->previous; it; it = it->previous) {
        if (it->kind == ITEM_TARGET && it->target && !branch)
            return it->target->branched_to;
        if (it->kind == ITEM_TARGET && branch)
            continue;
        if (it->kind != ITEM_DATA && it->kind != ITEM_LOOP_TAIL)
            return it->kind == ITEM_LOOP_PADDING;
    }
    return false;
}

/* Returns the largest size that an item is assumed to reach. Includes the code for a loop with a distant end, as GNU as
 * does. */
static uint32_t most_bytes(const item *it)
{
    switch (it->kind) {
    case ITEM_NARROW:
        return 3;
    case ITEM_BRANCH:
        return it->insn->scratch ? 9 : it->form == 0 ? 12 : 13;
    case ITEM_UNREACHABLE:
        return WORD;
    case ITEM_LOOP_PADDING:
        return mote_asm_is(it->insn, "loop") ? 32 : mote_asm_is(it->insn, "loopnez") ? 35 : 38;
    case ITEM_TARGET:
        return it->target && it->target->loop_end ? WORD : 0;
    default:
        return it->size;
    }
}

/* True if a narrow branch reaches its target whatever grows in between. Only such a branch may grow for alignment. */
static bool is_sure_to_reach(const item *it)
{
    const instruction *in = it->insn;
    const expr *e = in->operands[in->insn->operand_count - 1];
    if (it->form != 0 || e->op != EXPR_SYMBOL || e->symbol->kind != SYMBOL_PLACE)
        return false;
    const place *p = &e->symbol->place;
    uint32_t distance_to = p->offset;
    bool next = true;
    for (it = it->next; it && it != p->item && distance_to <= NARROW_SPAN; it = it->next) {
        distance_to += most_bytes(it);
        next &= it->size == 0;
    }
    return it == p->item && distance_to <= NARROW_SPAN && !(next && p->offset == 0);
}

/* True for the return point of a call, and for a label that is the target of a branch. */
static bool is_target(const item *it)
{
    if (!it->target)
        return true;
    for (; it && it->size == 0 && (it->kind == ITEM_TARGET || it->kind == ITEM_DATA || it->kind == ITEM_UNREACHABLE);
         it = it->next)
        if (it->kind == ITEM_TARGET && it->target && it->target->branched_to)
            return true;
    return false;
}

void mote_asm_prepare_alignment(mote_xt_assembly *a)
{
    for (section *s = a->sections; s; s = s->next)
        for (item *it = s->first; it; it = it->next) {
            if (it->kind == ITEM_TARGET)
                it->aligns = it->aligns && is_target(it);
            else if (it->kind == ITEM_UNREACHABLE)
                it->widens = true;
            else if (it->kind == ITEM_NARROW)
                it->widens = !begins_something(it);
            else if (it->kind == ITEM_BRANCH)
                it->widens =
                    a->modes.target_align && it->insn->density && is_sure_to_reach(it) && !begins_something(it);
        }
}
