#include "xtensa/emu/timing.h"

#include <string.h>

#include "xtensa/isa/decoded.h"

/* Exceeds the sum of a fetch and an access that each miss two lines, a window spill, and a jump. */
#define OTHER_CYCLES 2048

/* Stages 1 to 4 in two bits. */
static unsigned stage_code(unsigned stage)
{
    return stage & 3;
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

/* These wait for the last product and have a late result. */
static bool reads_accumulator(uint16_t id)
{
    return id == INSN_rsr_acclo || id == INSN_rsr_acchi || id == INSN_xsr_acclo || id == INSN_xsr_acchi;
}

/* The data pipeline of the ESP32 and S2 is one stage longer than the S3's: loaded integers, but not floats, are ready
 * one cycle later. */
static unsigned result_stage(const mote_xt_insn *insn, const mote_xt_operand *o, mote_xt_chip chip)
{
    if (reads_accumulator(insn->id))
        return o->write_stage ? 2 : 0;
    bool loaded = o->write_stage == 2 && (o->kind == MOTE_XT_MR || (o->kind == MOTE_XT_AR && !multiplies(insn->id)));
    return loaded && chip != MOTE_XT_ESP32S3 ? 3 : o->write_stage;
}

void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values, mote_xt_chip chip)
{
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

/* True on a hit. On a miss the line moves in at the front; *dirty_out tells whether the evicted one had changed. */
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

bool mote_xt_leaves_line(const mote_xt_machine *m, uint32_t start, uint32_t end)
{
    return mote_xt_is_cached(page_at(m, start)->kind) && start / MOTE_CACHE_LINE != (end - 1) / MOTE_CACHE_LINE;
}

void mote_xt_timing_fetch(mote_xt_machine *m, uint32_t address, uint32_t size)
{
    uint32_t last = (address + size - 1) / MOTE_CACHE_LINE;
    for (uint32_t line = address / MOTE_CACHE_LINE; line <= last; line++) {
        bool dirty;
        if (line != m->timing->fetched && !look_up(&m->timing->code, line * MOTE_CACHE_LINE, false, &dirty))
            mote_xt_stall_for(m, MOTE_XT_STALL_FETCH, line_cycles(page_at(m, address)->kind));
        m->timing->fetched = line;
    }
}

bool mote_xt_timing_access(mote_xt_machine *m, uint8_t kind, uint32_t address, uint32_t size, bool store)
{
    bool hit = true;
    uint32_t last = (address + size - 1) / MOTE_CACHE_LINE;
    for (uint32_t line = address / MOTE_CACHE_LINE; line <= last; line++) {
        bool dirty;
        if (look_up(&m->timing->data, line * MOTE_CACHE_LINE, store, &dirty))
            continue;
        mote_xt_stall_for(m, MOTE_XT_STALL_MEMORY, line_cycles(kind) + (dirty ? MOTE_PSRAM_LINE_CYCLES : 0));
        hit = false;
    }
    return hit;
}

/* Cycle in which an instruction issues that could issue in cycle `now` at the earliest. Adds its waits to `stalls`. */
static uint64_t issue(const pipeline *p, const decoded *d, uint64_t now, uint32_t stalls[MOTE_XT_STALL_KINDS])
{
    for (unsigned k = 0; k < d->reads && now + 1 < p->pending; k++) {
        unsigned resource = d->use[k] & 63;
        if (p->ready[resource] > now + 1) {
            stalls[p->waits_for[resource]] += (uint32_t)(p->ready[resource] - now - 1);
            now = p->ready[resource] - 1;
        }
    }
    return now;
}

/* Results in stage E matter only while later ones are pending. */
static void write_results(pipeline *p, const decoded *d, uint64_t issued)
{
    if (!d->slow && issued + 1 >= p->pending)
        return;
    for (unsigned k = d->reads; k < (unsigned)d->reads + d->writes; k++) {
        unsigned resource = d->use[k] & 63, stage = stage_of(d->use[k]);
        p->ready[resource] = issued + stage + 1;
        p->waits_for[resource] = stage > 3 ? MOTE_XT_STALL_LONG : MOTE_XT_STALL_LOAD_USE;
        p->pending = p->ready[resource] > p->pending ? p->ready[resource] : p->pending;
    }
}

static bool straddles(const decoded *d)
{
    return (d->at & 3) + d->size > 4;
}

uint64_t mote_xt_timing_before(mote_xt_machine *m, const decoded *d)
{
    if (mote_xt_is_cached(page_at(m, d->at)->kind))
        mote_xt_timing_fetch(m, d->at, d->size);
    if (m->s.jumped && straddles(d))
        mote_xt_stall_for(m, MOTE_XT_STALL_FETCH, 1);
    uint64_t now = cycles(m), issued = issue(&m->timing->pipeline, d, now, m->stalls);
    m->s.stalls += issued - now;
    m->stalled |= issued != now;
    return issued;
}

void mote_xt_timing_after(mote_xt_machine *m, const decoded *d, uint64_t issued)
{
    write_results(&m->timing->pipeline, d, issued);
    if (d->extra_cycles)
        mote_xt_stall_for(m, d->extra_kind, d->extra_cycles);
    if (m->s.jumped)
        mote_xt_stall_for(m, MOTE_XT_STALL_BRANCH, REDIRECT_CYCLES);
}

/* Results that are pending at the start of a block come at most MOST_STAGES cycles later, so only its first
 * instructions can wait for them. */
enum { MOST_STAGES = 4 };

void mote_xt_timing_block(const mote_xt_machine *m, block *b)
{
    pipeline p = {.pending = 0};
    uint32_t stalls[MOTE_XT_STALL_KINDS] = {0};
    uint64_t now = 1, start = now, worst = 0;
    for (unsigned k = 0; k < b->count; k++) {
        decoded *d = &b->code[k];
        uint64_t issued = issue(&p, d, now, stalls);
        write_results(&p, d, issued);
        d->waits = (uint16_t)(issued - start - k);
        now = issued + 1 + d->extra_cycles;
        worst += 1 + MOST_STAGES + d->extra_cycles;
    }
    b->cached = mote_xt_is_cached(page_at(m, b->start)->kind);
    b->straddles = straddles(&b->code[0]);
    b->stalls = (uint16_t)(now - start - b->count);
    b->worst = (uint16_t)(worst + OTHER_CYCLES);
    b->awaited = b->count;
    for (unsigned k = b->count; k-- > 0;)
        for (unsigned n = 0; n < b->code[k].writes; n++)
            if (start + k + b->code[k].waits + stage_of(b->code[k].use[b->code[k].reads + n]) + 1 > now + 1)
                b->awaited = (uint16_t)k;
}

/* True if an instruction of the block waits for a result from before `started`, or such a result is still pending at
 * its end. */
static bool meets_pending(const pipeline *p, const block *b, uint64_t started)
{
    if (started + 1 >= p->pending)
        return false;
    if (started + b->count + b->stalls + 1 < p->pending)
        return true;
    for (unsigned k = 0; k < b->count && k + b->code[k].waits < MOST_STAGES; k++)
        for (unsigned n = 0; n < b->code[k].reads; n++)
            if (p->ready[b->code[k].use[n] & 63] > started + k + b->code[k].waits + 1)
                return true;
    return false;
}

void mote_xt_timing_ran(mote_xt_machine *m, const block *b, unsigned ran, uint64_t started)
{
    pipeline *p = &m->timing->pipeline;
    if (ran == b->count && !meets_pending(p, b, started)) {
        for (unsigned k = b->awaited; k < ran; k++)
            write_results(p, &b->code[k], started + k + b->code[k].waits);
        m->s.stalls += b->stalls;
        return;
    }
    uint64_t now = started;
    for (unsigned k = 0; k < ran; k++) {
        uint64_t issued = issue(p, &b->code[k], now, m->stalls);
        write_results(p, &b->code[k], issued);
        now = issued + 1 + b->code[k].extra_cycles;
    }
    if (ran < b->count && was_stopped(m))
        now = issue(p, &b->code[ran], now, m->stalls); /* the instruction that stopped the machine had issued */
    m->s.stalls += now - started - ran;
}

void mote_xt_empty_data_cache(mote_xt_machine *m)
{
    memset(&m->timing->data, 0, sizeof m->timing->data);
}

void mote_xt_timing_reset(timing *t)
{
    memset(t, 0, sizeof *t);
}
