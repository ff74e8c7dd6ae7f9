#include "xtensa/emu/timing.h"

#include <string.h>

#include "xtensa/isa/decoded.h"

/* Stages 1 to 4 in two bits. */
static unsigned stage_code(unsigned stage)
{
    return stage & 3;
}

static bool is_cached(uint8_t kind)
{
    return kind == MOTE_XT_FLASH || kind == MOTE_XT_PSRAM;
}

static unsigned stage_of(uint8_t use)
{
    return use >> 6 ? use >> 6 : 4;
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

/* A read in stage M never waits: only float results come later than M, and those are read in E. */
static void add_read(decoded *d, unsigned resource, unsigned stage)
{
    if (stage < 2)
        add_use(d, resource, stage, &d->reads);
}

static bool returns(uint16_t id)
{
    return id == INSN_ret || id == INSN_ret_n || id == INSN_retw || id == INSN_retw_n;
}

static bool multiplies(uint16_t id)
{
    return id == INSN_mull || id == INSN_muluh || id == INSN_mulsh || id == INSN_mul16u || id == INSN_mul16s;
}

/* These wait for the last product, and what they read comes late. */
static bool reads_accumulator(uint16_t id)
{
    return id == INSN_rsr_acclo || id == INSN_rsr_acchi || id == INSN_xsr_acclo || id == INSN_xsr_acchi;
}

/* The ESP32 and S2 have a data pipeline one stage longer than the S3's: what they load comes later. Loaded floats do
 * not. */
static unsigned result_stage(const mote_xt_insn *insn, const mote_xt_operand *o, mote_xt_chip chip)
{
    if (reads_accumulator(insn->id))
        return o->write_stage ? 2 : 0;
    bool loaded = o->write_stage == 2 && (o->kind == MOTE_XT_MR || (o->kind == MOTE_XT_AR && !multiplies(insn->id)));
    return loaded && chip != MOTE_XT_ESP32S3 ? 3 : o->write_stage;
}

void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values, uint8_t memory_kind,
                           mote_xt_chip chip)
{
    d->cached = is_cached(memory_kind);
    d->extra_kind = insn->extra_kind;
    d->extra_cycles = insn->extra_cycles;
    for (int k = 0; k < insn->operand_count; k++)
        add_read(d, resource_of(&insn->operands[k], values[k]), insn->operands[k].read_stage);
    for (int k = 0; k < insn->state_count; k++)
        add_read(d, RESOURCE_STATE + insn->states[k].state, insn->states[k].read_stage);
    if (returns(insn->id))
        add_read(d, RESOURCE_A, 1);
    if (reads_accumulator(insn->id))
        add_read(d, RESOURCE_STATE + MOTE_XT_STATE_acc, 1);
    for (int k = 0; k < insn->operand_count; k++)
        add_use(d, resource_of(&insn->operands[k], values[k]), result_stage(insn, &insn->operands[k], chip),
                &d->writes);
    for (int k = 0; k < insn->state_count; k++)
        add_use(d, RESOURCE_STATE + insn->states[k].state, insn->states[k].write_stage, &d->writes);
    for (unsigned k = d->reads; k < (unsigned)d->reads + d->writes; k++)
        d->slow |= stage_of(d->use[k]) > 1;
}

/* True on a hit. On a miss the line comes in at the front and *dirty_out says whether the one that left had changed. */
static bool look_up(cache *c, uint32_t address, bool store, bool *dirty_out)
{
    uint32_t number = address / MOTE_CACHE_LINE;
    uint32_t *set = c->line[number % MOTE_CACHE_SETS];
    uint32_t tag = (number / MOTE_CACHE_SETS + 1) << 1;
    unsigned way = 0;
    while (way < MOTE_CACHE_WAYS - 1 && (set[way] & ~1u) != tag)
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
    return kind == MOTE_XT_FLASH ? MOTE_FLASH_LINE_CYCLES : MOTE_PSRAM_LINE_CYCLES;
}

void mote_xt_timing_fetch(mote_xt_machine *m, const decoded *d)
{
    uint32_t last = (m->at + d->size - 1) / MOTE_CACHE_LINE;
    for (uint32_t line = m->at / MOTE_CACHE_LINE; line <= last; line++) {
        bool dirty;
        if (line != m->timing->fetched && !look_up(&m->timing->code, line * MOTE_CACHE_LINE, false, &dirty))
            mote_xt_stall_for(m, MOTE_XT_STALL_FETCH, line_cycles(page_at(m, m->at)->kind));
        m->timing->fetched = line;
    }
}

void mote_xt_timing_wait(mote_xt_machine *m, const decoded *d)
{
    const timing *t = m->timing;
    for (unsigned k = 0; k < d->reads; k++) {
        unsigned resource = d->use[k] & 63;
        uint64_t may_read = cycles(m) + 1;
        if (t->ready[resource] > may_read)
            mote_xt_stall_for(m, t->waits_for[resource], (uint32_t)(t->ready[resource] - may_read));
    }
}

void mote_xt_timing_results(mote_xt_machine *m, const decoded *d, uint64_t issued)
{
    timing *t = m->timing;
    for (unsigned k = d->reads; k < (unsigned)d->reads + d->writes; k++) {
        unsigned resource = d->use[k] & 63, stage = stage_of(d->use[k]);
        t->ready[resource] = issued + stage + 1;
        t->waits_for[resource] = stage > 3 ? MOTE_XT_STALL_LONG : MOTE_XT_STALL_LOAD_USE;
        t->pending = t->ready[resource] > t->pending ? t->ready[resource] : t->pending;
    }
}

static void through_cache(mote_xt_machine *m)
{
    uint32_t last = (m->access_address + m->access_size - 1) / MOTE_CACHE_LINE;
    for (uint32_t line = m->access_address / MOTE_CACHE_LINE; line <= last; line++) {
        bool dirty;
        if (!look_up(&m->timing->data, line * MOTE_CACHE_LINE, m->access_store, &dirty))
            mote_xt_stall_for(m, MOTE_XT_STALL_MEMORY,
                              line_cycles(m->access_kind) + (dirty ? MOTE_PSRAM_LINE_CYCLES : 0));
    }
}

void mote_xt_timing_access(mote_xt_machine *m)
{
    if (is_cached(m->access_kind))
        through_cache(m);
}

void mote_xt_empty_data_cache(mote_xt_machine *m)
{
    memset(&m->timing->data, 0, sizeof m->timing->data);
}

void mote_xt_timing_reset(timing *t)
{
    memset(t, 0, sizeof *t);
}
