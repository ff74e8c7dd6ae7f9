#include "xtensa/debug/profile.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/profile_data.h"

enum { FIRST_SLOTS = 1 << 10 };

typedef enum flow { FLOW_ON, FLOW_CALL0, FLOW_CALL, FLOW_ENTRY, FLOW_RETURN } flow;

static flow flow_of(const mote_xt_insn *insn)
{
    const char *name = insn->mnemonic;
    if (strcmp(name, "call0") == 0 || strcmp(name, "callx0") == 0)
        return FLOW_CALL0;
    if (strncmp(name, "call", 4) == 0)
        return FLOW_CALL;
    if (strcmp(name, "entry") == 0)
        return FLOW_ENTRY;
    return strncmp(name, "ret", 3) == 0 ? FLOW_RETURN : FLOW_ON;
}

mote_xt_profile *mote_xt_profile_new(void)
{
    mote_xt_profile *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->slots = calloc(FIRST_SLOTS, sizeof *p->slots);
    p->nodes = malloc(MOTE_XT_PROFILE_NODES * sizeof *p->nodes);
    p->flow = malloc(mote_xt_count());
    if (!p->slots || !p->nodes || !p->flow) {
        mote_xt_profile_free(p);
        return NULL;
    }
    p->slot_count = FIRST_SLOTS;
    for (size_t i = 0; i < mote_xt_count(); i++)
        p->flow[i] = (uint8_t)flow_of(mote_xt_at(i));
    mote_xt_profile_clear(p);
    return p;
}

void mote_xt_profile_free(mote_xt_profile *p)
{
    if (!p)
        return;
    free(p->slots);
    free(p->nodes);
    free(p->flow);
    free(p);
}

void mote_xt_profile_clear(mote_xt_profile *p)
{
    memset(p->slots, 0, p->slot_count * sizeof *p->slots);
    p->used = 0;
    p->rest = (mote_xt_cost){0};
    p->node_count = 0;
    p->depth = p->lost = 0;
    p->before = FLOW_ON;
}

static mote_xt_profile_slot *find(mote_xt_profile_slot *slots, size_t count, uint32_t pc)
{
    size_t i = (pc * 0x9e3779b1u) >> 8 & (count - 1);
    while (slots[i].cost.count && slots[i].pc != pc)
        i = (i + 1) & (count - 1);
    return &slots[i];
}

/* Doubles the table. Keeps the old one when out of memory. */
static void grow(mote_xt_profile *p)
{
    size_t count = p->slot_count * 2;
    mote_xt_profile_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return;
    for (size_t i = 0; i < p->slot_count; i++)
        if (p->slots[i].cost.count)
            *find(slots, count, p->slots[i].pc) = p->slots[i];
    free(p->slots);
    p->slots = slots;
    p->slot_count = count;
}

static mote_xt_cost *cost_of(mote_xt_profile *p, uint32_t pc)
{
    mote_xt_profile_slot *slot = find(p->slots, p->slot_count, pc);
    if (slot->cost.count)
        return &slot->cost;
    if (p->used >= p->slot_count / 2) {
        if (p->slot_count / 2 < MOTE_XT_PROFILE_LINES)
            grow(p);
        if (p->used >= p->slot_count / 2)
            return &p->rest;
        slot = find(p->slots, p->slot_count, pc);
    }
    p->used++;
    slot->pc = pc;
    return &slot->cost;
}

static uint32_t new_node(mote_xt_profile *p, uint32_t parent, uint32_t function)
{
    uint32_t node = p->node_count++;
    p->nodes[node] = (mote_xt_profile_node){.function = function, .parent = parent};
    if (node) {
        p->nodes[node].sibling = p->nodes[parent].child;
        p->nodes[parent].child = node;
    }
    return node;
}

/* Returns the child of `parent` for that function, or `parent` itself when there are too many stacks. */
static uint32_t child(mote_xt_profile *p, uint32_t parent, uint32_t function)
{
    uint32_t node = p->nodes[parent].child;
    while (node && p->nodes[node].function != function)
        node = p->nodes[node].sibling;
    if (node)
        return node;
    return p->node_count < MOTE_XT_PROFILE_NODES ? new_node(p, parent, function) : parent;
}

static void push(mote_xt_profile *p, uint32_t function)
{
    if (p->depth == MOTE_XT_PROFILE_DEPTH) {
        p->lost++;
        return;
    }
    p->stack[p->depth++] = (mote_xt_profile_frame){.node = p->node, .resume = p->resume};
    p->node = child(p, p->node, function);
}

/* Pops the frames that a return to `pc` leaves. These may be several (longjmp) or none (an exception came between). */
static void pop(mote_xt_profile *p, uint32_t pc)
{
    enum { FRAMES_AT_ONCE = 64 };
    if (p->lost) {
        p->lost--;
        return;
    }
    for (uint32_t i = 1; i <= p->depth && i <= FRAMES_AT_ONCE; i++) {
        if (p->stack[p->depth - i].resume == pc) {
            p->depth -= i;
            p->node = p->stack[p->depth].node;
            return;
        }
    }
}

/* Updates the call stack. A windowed callee starts at its `entry`, because window overflow handlers may run before it.
 */
static void follow(mote_xt_profile *p, uint32_t pc, const mote_xt_insn *insn)
{
    flow kind = (flow)p->flow[insn->id];
    if (p->node_count == 0)
        p->node = new_node(p, 0, pc);
    else if (p->before == FLOW_CALL0 || kind == FLOW_ENTRY)
        push(p, pc);
    else if (p->before == FLOW_RETURN)
        pop(p, pc);
    if (kind == FLOW_CALL0 || kind == FLOW_CALL)
        p->resume = pc + insn->size;
    p->before = (uint8_t)kind;
}

void mote_xt_profile_add(mote_xt_profile *p, uint32_t pc, const mote_xt_insn *insn,
                         const uint32_t stalls[MOTE_XT_STALL_KINDS])
{
    follow(p, pc, insn);
    mote_xt_cost *cost = cost_of(p, pc);
    uint64_t cycles = 1;
    for (int i = 0; i < MOTE_XT_STALL_KINDS; i++) {
        cycles += stalls[i];
        cost->stalls[i] += stalls[i];
    }
    cost->count++;
    cost->cycles += cycles;
    p->nodes[p->node].cycles += cycles;
}

const mote_xt_cost *mote_xt_profile_at(const mote_xt_profile *p, uint32_t pc)
{
    const mote_xt_profile_slot *slot = find(p->slots, p->slot_count, pc);
    return slot->cost.count ? &slot->cost : NULL;
}

void mote_xt_cost_add(mote_xt_cost *to, const mote_xt_cost *from)
{
    to->count += from->count;
    to->cycles += from->cycles;
    for (int i = 0; i < MOTE_XT_STALL_KINDS; i++)
        to->stalls[i] += from->stalls[i];
}

mote_xt_cost mote_xt_profile_total(const mote_xt_profile *p)
{
    mote_xt_cost total = p->rest;
    for (size_t i = 0; i < p->slot_count; i++)
        mote_xt_cost_add(&total, &p->slots[i].cost);
    return total;
}

const char *mote_xt_stall_name(mote_xt_stall stall)
{
    static const char *const names[MOTE_XT_STALL_KINDS] = {"none",   "load-use", "branch", "fetch",
                                                           "memory", "long",     "window"};
    return names[stall];
}
