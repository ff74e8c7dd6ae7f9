#include "xtensa/debug/backtrace.h"

#include <string.h>

#include "xtensa/asm/dis.h"

enum { WINDOWS = 16, SCAN_LIMIT = 4096 /* bytes of code read to understand a prologue */ };

/* Stack state of a call0 function at a given pc. */
typedef struct prologue {
    uint32_t frame; /* bytes by which a1 was lowered */
    bool saved;     /* a0 is in memory at a1 + offset */
    uint32_t offset;
} prologue;

static bool is(const mote_xt_insn *insn, const char *name)
{
    return strcmp(insn->mnemonic, name) == 0;
}

static bool read_word(const mote_xt_program *p, uint32_t address, uint32_t *word)
{
    return mote_xt_read(p->machine, address, word, 4);
}

static bool is_windowed(const mote_xt_program *p, uint32_t pc)
{
    const mote_xt_elf_symbol *f = mote_xt_program_function(p, pc);
    const mote_xt_insn *first = f ? mote_xt_program_decode(p, f->value, NULL, NULL, 0) : NULL;
    return first && is(first, "entry");
}

static void follow(prologue *now, prologue *body, int32_t *constant, const mote_xt_insn *insn, const int32_t *v)
{
    if ((is(insn, "addi") || is(insn, "addmi")) && v[0] == 1 && v[1] == 1) {
        now->frame -= (uint32_t)v[2];
        if (v[2] < 0)
            *body = *now;
    } else if (is(insn, "movi") && v[0] == 9) {
        *constant = v[1];
    } else if (is(insn, "sub") && v[0] == 1 && v[1] == 1 && v[2] == 9) {
        now->frame += (uint32_t)*constant;
        *body = *now;
    } else if ((is(insn, "s32i") || is(insn, "s32i.n")) && v[0] == 0 && v[1] == 1) {
        now->saved = true;
        now->offset = (uint32_t)v[2];
        *body = *now;
    } else if ((is(insn, "l32i") || is(insn, "l32i.n")) && v[0] == 0 && v[1] == 1) {
        now->saved = false;
    } else if (is(insn, "ret") || is(insn, "ret.n") || is(insn, "j") || is(insn, "jx")) {
        *now = *body; /* later code is reached by a jump, with the frame in place */
    }
}

static prologue prologue_at(const mote_xt_program *p, uint32_t pc)
{
    prologue now = {0}, body = {0};
    const mote_xt_elf_symbol *f = mote_xt_program_function(p, pc);
    if (!f || pc - f->value > SCAN_LIMIT)
        return now;
    int32_t constant = 0;
    for (uint32_t at = f->value; at < pc;) {
        int32_t values[MOTE_XT_MAX_OPERANDS];
        const mote_xt_insn *insn = mote_xt_program_decode(p, at, values, NULL, 0);
        if (!insn)
            break;
        follow(&now, &body, &constant, insn, values);
        at += insn->size;
    }
    return now;
}

/* Returns the address from a return address of the windowed ABI, whose top two bits are the window increment. The top
 * bits of the address are those of the pc. */
static uint32_t plain(uint32_t a0, uint32_t pc)
{
    return (a0 & 0x3fffffff) | (pc & 0xc0000000);
}

static uint32_t window_register(const mote_xt_program *p, uint32_t window, uint32_t number)
{
    char name[8];
    snprintf(name, sizeof name, "ar%u", (window * 4 + number) % (WINDOWS * 4));
    return mote_xt_get(p->machine, name);
}

/* State of unwinding: registers of the current frame. */
typedef struct walk {
    uint32_t pc, a0, sp;
    uint32_t window, turned; /* `turned`: distance of the window below that of the innermost frame */
    bool live;               /* the window's registers are in the register file, not spilled */
} walk;

static bool up_windowed(const mote_xt_program *p, walk *w, bool innermost)
{
    const mote_xt_elf_symbol *f = mote_xt_program_function(p, w->pc);
    uint32_t increment = w->a0 >> 30;
    if (innermost && f && f->value == w->pc) { /* `entry` has not rotated the window yet */
        uint32_t call = mote_xt_get(p->machine, "ps") >> 16 & 3;
        w->pc = plain(window_register(p, w->window, call * 4), w->pc);
        return call != 0;
    }
    if (increment == 0 || (w->a0 & 0x3fffffff) == 0)
        return false;
    w->pc = plain(w->a0, w->pc);
    w->window = (w->window + WINDOWS - increment) % WINDOWS;
    w->turned += increment;
    w->live = w->live && w->turned < WINDOWS && (mote_xt_get(p->machine, "windowstart") >> w->window & 1);
    uint32_t sp = w->sp;
    if (!w->live)
        return read_word(p, sp - 16, &w->a0) && read_word(p, sp - 12, &w->sp) && w->sp > sp;
    w->a0 = window_register(p, w->window, 0);
    w->sp = window_register(p, w->window, 1);
    return w->sp >= sp;
}

static bool up_call0(const mote_xt_program *p, walk *w, bool innermost)
{
    prologue seen = prologue_at(p, w->pc);
    if (seen.saved && !read_word(p, w->sp + seen.offset, &w->a0))
        return false;
    if (!seen.saved && !innermost)
        return false;
    if (w->a0 == 0 || w->sp + seen.frame < w->sp)
        return false;
    w->pc = w->a0;
    w->sp += seen.frame;
    return true;
}

size_t mote_xt_backtrace(const mote_xt_program *p, mote_xt_frame frames[MOTE_XT_FRAMES])
{
    const mote_xt_machine *m = p->machine;
    walk w = {.pc = mote_xt_get(m, "pc"),
              .a0 = mote_xt_get(m, "a0"),
              .sp = mote_xt_get(m, "a1"),
              .window = mote_xt_get(m, "windowbase"),
              .live = true};
    frames[0] = (mote_xt_frame){w.pc, w.pc, w.sp};
    size_t count = 1;
    while (count < MOTE_XT_FRAMES) {
        bool innermost = count == 1;
        bool more = is_windowed(p, frames[count - 1].pc) ? up_windowed(p, &w, innermost) : up_call0(p, &w, innermost);
        if (!more || !mote_xt_program_decode(p, w.pc, NULL, NULL, 0))
            break;
        frames[count++] = (mote_xt_frame){w.pc - 3, w.pc, w.sp}; /* a call is 3 bytes long */
        w.pc -= 3;
    }
    return count;
}

void mote_xt_backtrace_write(const mote_xt_program *p, FILE *out)
{
    mote_xt_frame frames[MOTE_XT_FRAMES];
    size_t count = mote_xt_backtrace(p, frames);
    for (size_t i = 0; i < count; i++) {
        char location[MOTE_XT_LOCATION], source[MOTE_XT_LOCATION];
        mote_xt_program_source(p, frames[i].pc, source);
        fprintf(out, "#%-2zu 0x%08x  %s%s%s\n", i, frames[i].pc, mote_xt_program_location(p, frames[i].pc, location),
                *source ? "  " : "", source);
    }
    if (count == MOTE_XT_FRAMES)
        fprintf(out, "... more frames follow\n");
}

static void explain_stack(const mote_xt_program *p, FILE *out)
{
    const mote_xt_elf_symbol *bottom = mote_xt_elf_symbol_find(&p->elf, "_stack_bottom");
    const mote_xt_elf_symbol *top = mote_xt_elf_symbol_find(&p->elf, "_stack_top");
    uint32_t sp = mote_xt_get(p->machine, "a1");
    if (bottom && top && sp < bottom->value)
        fprintf(out, "stack overflow: a1 = 0x%08x is below the stack, 0x%08x..0x%08x\n", sp, bottom->value, top->value);
}

void mote_xt_fault_report(const mote_xt_program *p, FILE *out)
{
    char text[MOTE_XT_TEXT + MOTE_XT_LOCATION], location[MOTE_XT_LOCATION], source[MOTE_XT_LOCATION];
    uint32_t pc = mote_xt_get(p->machine, "pc");
    fprintf(out, "fault: %s\n", mote_xt_fault_text(p->machine));
    explain_stack(p, out);
    mote_xt_program_decode(p, pc, NULL, text, sizeof text);
    mote_xt_program_source(p, pc, source);
    fprintf(out, "at 0x%08x <%s>%s%s: %s\n", pc, mote_xt_program_location(p, pc, location), *source ? " " : "", source,
            text);
    for (unsigned i = 0; i < 16; i++) {
        char name[4];
        snprintf(name, sizeof name, "a%u", i);
        fprintf(out, "  %-3s 0x%08x%s", name, mote_xt_get(p->machine, name), i % 4 == 3 ? "\n" : "");
    }
    static const char *const others[] = {"sar", "ps", "exccause", "excvaddr", "epc1", "windowbase", "windowstart"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        fprintf(out, "  %s 0x%x", others[i], mote_xt_get(p->machine, others[i]));
    fprintf(out, "\ncalled through:\n");
    mote_xt_backtrace_write(p, out);
}
