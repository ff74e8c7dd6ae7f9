#include "xtensa/emu/block.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/emu/exception.h"
#include "xtensa/emu/exec.h"
#include "xtensa/emu/pages.h"
#include "xtensa/emu/timing.h"
#include "xtensa/emu/watch.h"
#include "xtensa/isa/decoded.h"

/* Instructions */

const decoded *mote_xt_hand_back(mote_xt_machine *m, const decoded *i)
{
    (void)m;
    return i;
}

static const decoded *run_illegal(mote_xt_machine *m, const decoded *i)
{
    m->at = i->at;
    mote_xt_raise(m, CAUSE_ILLEGAL, 0);
    return i + 1;
}

static const decoded *run_coprocessor_off(mote_xt_machine *m, const decoded *i)
{
    unsigned bit = mote_xt_at(i->id)->coprocessor;
    m->at = i->at;
    mote_xt_raise(m, CAUSE_COPROCESSOR + (unsigned)__builtin_ctz(bit), 0);
    return i + 1;
}

static void set_slot(decoded *d, unsigned slot, int32_t value)
{
    uint8_t *const letters[] = {&d->r, &d->s, &d->t, &d->u, &d->v, &d->w, &d->x, &d->y, &d->z};
    if (slot == SLOT_imm)
        d->imm = value;
    else if (slot == SLOT_constant)
        d->constant = value;
    else
        *letters[slot] = (uint8_t)value;
}

void mote_xt_decode_at(const mote_xt_machine *m, const uint8_t *bytes, size_t available, uint32_t address, decoded *d)
{
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    const mote_xt_insn *insn = mote_xt_decode(bytes, available, m->chip, address, values);
    *d = (decoded){.run = run_illegal,
                   .at = address,
                   .size = (uint8_t)mote_xt_size(bytes[0]),
                   .id = INSN_ill,
                   .flow = MOTE_XT_ENDS};
    if (!insn)
        return;
    bool off = insn->coprocessor && !(m->s.sr[SR_cpenable] & insn->coprocessor);
    d->run = off ? run_coprocessor_off : mote_xt_behaviours[insn->id];
    d->flow = off ? MOTE_XT_ENDS : insn->flow;
    d->id = insn->id;
    for (int k = 0; k < insn->operand_count; k++) {
        set_slot(d, insn->operands[k].slot, values[k]);
        if (insn->operands[k].kind == MOTE_XT_AR && values[k] >= d->window)
            d->window = (uint8_t)(values[k] + 1);
    }
    mote_xt_timing_decode(d, insn, values, m->chip);
}

static size_t fetch(const mote_xt_machine *m, uint32_t address, uint8_t bytes[4])
{
    size_t n = 0;
    while (n < 4 && (page_at(m, address + (uint32_t)n)->access & MOTE_XT_MEM_X) &&
           mote_xt_read(m, address + (uint32_t)n, bytes + n, 1))
        n++;
    return n;
}

/* Blocks */

static bool stops_at(const mote_xt_machine *m, uint32_t address)
{
    return mote_xt_is_breakpoint(m, address) || mote_xt_ibreak_at(m, address);
}

/* True if the instruction may follow others in the block that starts at `start`. */
static bool may_follow(const mote_xt_machine *m, uint32_t start, const decoded *d)
{
    return d->flow != MOTE_XT_ALONE && d->at != m->s.sr[SR_lend] && d->at / PAGE_SIZE == start / PAGE_SIZE &&
           !stops_at(m, d->at) && !(m->timed && mote_xt_leaves_line(m, start, d->at + d->size));
}

/* Decodes up to MOTE_XT_BLOCK instructions; returns how many of them form a block. */
static unsigned decode_run(const mote_xt_machine *m, uint32_t start, decoded *code)
{
    uint32_t at = start;
    unsigned count = 0;
    do {
        uint8_t bytes[4] = {0};
        size_t available = fetch(m, at, bytes);
        if (available == 0)
            break;
        mote_xt_decode_at(m, bytes, available, at, &code[count]);
        if (count && !may_follow(m, start, &code[count]))
            break;
        at += code[count++].size;
    } while (count < MOTE_XT_BLOCK && code[count - 1].flow == MOTE_XT_GOES_ON);
    return count;
}

static code_page *code_of(mote_xt_machine *m, uint32_t address)
{
    page *p = page_at(m, address);
    if (!p->code) {
        p->code = calloc(1, sizeof *p->code);
        m->code_bytes += sizeof *p->code;
        mote_xt_mark_views(m, p);
    }
    return p->code;
}

static block *make_block(mote_xt_machine *m, uint32_t address)
{
    decoded code[MOTE_XT_BLOCK];
    unsigned count = decode_run(m, address, code);
    size_t size = sizeof(block) + (count + 1) * sizeof(decoded);
    block *b = calloc(1, size);
    if (!b)
        return NULL;
    memcpy(b->code, code, count * sizeof *code);
    b->next = m->blocks;
    m->blocks = b;
    m->code_bytes += size;
    b->start = address;
    b->count = (uint16_t)count;
    b->end = code[count - 1].at + code[count - 1].size;
    b->code[count] = (decoded){.run = mote_xt_hand_back, .at = b->end};
    b->last = &b->code[count];
    for (unsigned k = 0; k < count; k++)
        b->gate = code[k].window > b->gate ? code[k].window : b->gate;
    if (code[0].flow == MOTE_XT_ALONE || stops_at(m, address))
        b->gate = GATE_CLOSED;
    mote_xt_timing_block(m, b);
    return b;
}

block *mote_xt_new_block(mote_xt_machine *m, uint32_t address)
{
    if (!(page_at(m, address)->access & MOTE_XT_MEM_X)) {
        m->at = address;
        mote_xt_raise(m, CAUSE_FETCH, address);
        return NULL;
    }
    if (mote_xt_code_is_full(m)) {
        need_attention(m);
        return NULL;
    }
    code_page *code = code_of(m, address);
    block *b = code ? make_block(m, address) : NULL;
    if (!b || (b->end / PAGE_SIZE != address / PAGE_SIZE && !code_of(m, b->end - 1))) {
        mote_xt_stop_fault(m, "out of memory for decoded instructions");
        m->no_memory = true;
        return NULL;
    }
    uint32_t offset = address % PAGE_SIZE;
    code->start[offset] = b;
    memset(code->is_code + offset, true, b->end - address);
    return b;
}
