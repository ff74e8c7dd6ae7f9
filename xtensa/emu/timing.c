#include "xtensa/emu/timing.h"

#include <string.h>

#include "xtensa/isa/decoded.h"

/* Cycles for one cache line of 32 bytes: flash 0.125 bytes a cycle, octal PSRAM 0.3. */
#define FLASH_LINE_CYCLES 256
#define PSRAM_LINE_CYCLES 107
#define REDIRECT_CYCLES   2
#define STORE_128_TENTHS  6

/* Stages 1, 2 and 4 in two bits. */
static unsigned stage_code(unsigned stage)
{
    return stage == 4 ? 3 : stage;
}

static unsigned stage_of(uint8_t use)
{
    return use >> 6 == 3 ? 4 : use >> 6;
}

static unsigned resource_of(const mote_xt_operand *o, int32_t value)
{
    switch (o->kind) {
    case MOTE_XT_AR:
        return RESOURCE_A + (unsigned)value;
    case MOTE_XT_FR:
        return RESOURCE_F + (unsigned)value;
    case MOTE_XT_QR:
        return RESOURCE_Q + (unsigned)value;
    case MOTE_XT_MR:
        return RESOURCE_M + (unsigned)value;
    case MOTE_XT_BR:
        return RESOURCE_B;
    default:
        return RESOURCES;
    }
}

static void add_use(decoded *d, unsigned resource, unsigned stage, uint8_t *count)
{
    unsigned at = d->reads + d->writes;
    if (stage == 0 || resource >= RESOURCES || at >= MAX_USES)
        return;
    d->use[at] = (uint8_t)(resource | stage_code(stage) << 6);
    ++*count;
}

static bool returns(uint16_t id)
{
    return id == INSN_ret || id == INSN_ret_n || id == INSN_retw || id == INSN_retw_n;
}

void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values)
{
    for (int k = 0; k < insn->operand_count; k++)
        add_use(d, resource_of(&insn->operands[k], values[k]), insn->operands[k].read_stage, &d->reads);
    for (int k = 0; k < insn->state_count; k++)
        add_use(d, RESOURCE_STATE + insn->states[k].state, insn->states[k].read_stage, &d->reads);
    if (returns(insn->id))
        add_use(d, RESOURCE_A, 1, &d->reads);
    for (int k = 0; k < insn->operand_count; k++)
        add_use(d, resource_of(&insn->operands[k], values[k]), insn->operands[k].write_stage, &d->writes);
    for (int k = 0; k < insn->state_count; k++)
        add_use(d, RESOURCE_STATE + insn->states[k].state, insn->states[k].write_stage, &d->writes);
}

static void stall(mote_xt_machine *m, mote_xt_stall kind, uint32_t count)
{
    m->stalls[kind] += count;
    m->s.stalls += count;
}

/* True on a hit. On a miss the line comes in at the front and *dirty_out says whether the one that left had changed. */
static bool look_up(cache *c, uint32_t address, bool store, bool *dirty_out)
{
    uint32_t number = address / CACHE_LINE;
    uint32_t *set = c->line[number % CACHE_SETS];
    uint32_t tag = (number / CACHE_SETS + 1) << 1;
    unsigned way = 0;
    while (way < CACHE_WAYS - 1 && (set[way] & ~1u) != tag)
        way++;
    bool hit = (set[way] & ~1u) == tag;
    *dirty_out = !hit && (set[way] & 1);
    uint32_t entry = tag | (hit ? set[way] & 1 : 0) | store;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = entry;
    return hit;
}

static uint32_t line_cycles(uint8_t kind)
{
    return kind == MOTE_XT_FLASH ? FLASH_LINE_CYCLES : PSRAM_LINE_CYCLES;
}

static bool is_cached(uint8_t kind)
{
    return kind == MOTE_XT_FLASH || kind == MOTE_XT_PSRAM;
}

static void fetch(mote_xt_machine *m, uint32_t address, uint32_t last)
{
    uint8_t kind = page_at(m, address)->kind;
    for (uint32_t line = address / CACHE_LINE; is_cached(kind) && line <= last / CACHE_LINE; line++) {
        bool dirty;
        if (line != m->timing->fetched && !look_up(&m->timing->code, line * CACHE_LINE, false, &dirty))
            stall(m, MOTE_XT_STALL_FETCH, line_cycles(kind));
        m->timing->fetched = line;
    }
}

void mote_xt_timing_before(mote_xt_machine *m, const decoded *d, bool redirected)
{
    timing *t = m->timing;
    fetch(m, m->at, m->at + d->size - 1);
    if (redirected && (m->at & 3) + d->size > 4)
        stall(m, MOTE_XT_STALL_FETCH, 1);
    uint64_t now = cycles(m);
    for (unsigned k = 0; k < d->reads; k++) {
        unsigned resource = d->use[k] & 63;
        uint64_t needed = t->ready[resource];
        if (needed > now + stage_of(d->use[k])) {
            stall(m, t->waits_for[resource], (uint32_t)(needed - now - stage_of(d->use[k])));
            now = cycles(m);
        }
    }
}

static void data_access(mote_xt_machine *m)
{
    uint32_t last = m->access_address + m->access_size - 1;
    for (uint32_t line = m->access_address / CACHE_LINE; line <= last / CACHE_LINE; line++) {
        bool dirty;
        if (look_up(&m->timing->data, line * CACHE_LINE, m->access_store, &dirty))
            continue;
        stall(m, MOTE_XT_STALL_MEMORY, line_cycles(m->access_kind) + (dirty ? PSRAM_LINE_CYCLES : 0));
    }
}

void mote_xt_timing_after(mote_xt_machine *m, const decoded *d, uint64_t issued, bool redirected)
{
    timing *t = m->timing;
    const mote_xt_insn *insn = mote_xt_at(d->id);
    for (unsigned k = d->reads; k < (unsigned)d->reads + d->writes; k++) {
        t->ready[d->use[k] & 63] = issued + stage_of(d->use[k]) + 1;
        t->waits_for[d->use[k] & 63] = stage_of(d->use[k]) > 2 ? MOTE_XT_STALL_LONG : MOTE_XT_STALL_LOAD_USE;
    }
    if (insn->extra_cycles)
        stall(m, insn->extra_kind, insn->extra_cycles);
    if (redirected)
        stall(m, MOTE_XT_STALL_BRANCH, REDIRECT_CYCLES);
    if (m->access_size == 0)
        return;
    if (is_cached(m->access_kind))
        data_access(m);
    if (m->access_store && m->access_size == 16) {
        t->store_tenths += STORE_128_TENTHS;
        if (t->store_tenths >= 10)
            stall(m, MOTE_XT_STALL_STORE, 1);
        t->store_tenths %= 10;
    }
}

void mote_xt_timing_reset(timing *t)
{
    memset(t, 0, sizeof *t);
}
