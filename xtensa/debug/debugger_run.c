#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/asm.h"
#include "xtensa/debug/backtrace.h"
#include "xtensa/debug/debugger_data.h"

static uint32_t pc_of(const mote_xt_debugger *d)
{
    return mote_xt_get(d->program->machine, "pc");
}

static uint32_t sp_of(const mote_xt_debugger *d)
{
    return mote_xt_get(d->program->machine, "a1");
}

static bool can_run(mote_xt_debugger *d)
{
    if (d->over)
        mote_xt_debugger_complain(d, "the program is over; reset, or go back with reverse-step");
    return !d->over;
}

/* True if a break instruction of the program caused the stop, not a breakpoint. */
static bool own_break(const mote_xt_debugger *d, mote_xt_stop stop)
{
    return stop == MOTE_XT_STOP_BREAK && !mote_xt_program_has_breakpoint(d->program, pc_of(d));
}

/* Records how a run ended, and prints where and why it ended and what it changed. */
static void report(mote_xt_debugger *d, mote_xt_stop stop, const mote_xt_stopper *stopper)
{
    FILE *out = d->options.out;
    if (d->program->semihost.out)
        fflush(d->program->semihost.out);
    d->stop = stop;
    d->over = stop == MOTE_XT_STOP_EXIT || stop == MOTE_XT_STOP_FAULT;
    if (stop == MOTE_XT_STOP_EXIT) {
        fprintf(out, "the program ended with exit code %d\n", d->program->semihost.exit_code);
        return;
    }
    if (stop == MOTE_XT_STOP_FAULT) {
        mote_xt_fault_report(d->program, out);
        return;
    }
    if (stopper)
        fprintf(out, "%s %d\n", stopper->watch.size ? "watchpoint" : "breakpoint", stopper->number);
    else if (stop == MOTE_XT_STOP_INTERRUPT)
        fputs("interrupted\n", out);
    else if (own_break(d, stop))
        fputs("the program's own break instruction; `set pc` goes past it\n", out);
    mote_xt_debugger_show_changes(d);
    mote_xt_debugger_show_line(d, pc_of(d));
}

/* A place to stop in addition to the user's stops: at `address`, if a1 is `sp` or above. */
typedef struct target {
    bool set;
    uint32_t address, sp;
} target;

static bool arrived(const mote_xt_debugger *d, const target *t)
{
    return t->set && pc_of(d) == t->address && sp_of(d) >= t->sp;
}

/* Runs until the target, a stop of the user whose condition holds, the limit, or an event in the program stops it. */
static mote_xt_stop go(mote_xt_debugger *d, const target *t, mote_xt_stopper **stopper)
{
    uint64_t limit = d->options.max_instructions ? d->options.max_instructions : UINT64_MAX;
    uint64_t start = mote_xt_instructions(d->program->machine);
    bool fresh = true;
    for (;;) {
        uint64_t used = mote_xt_instructions(d->program->machine) - start;
        if (used >= limit) {
            fprintf(d->options.out, "stopped after %" PRIu64 " instructions (--max-insns)\n", used);
            return MOTE_XT_STOP_NONE;
        }
        mote_xt_stop stop = mote_xt_program_run(d->program, limit - used);
        bool stale = stop == MOTE_XT_STOP_INTERRUPT && mote_xt_instructions(d->program->machine) == start && fresh;
        fresh = false;
        if (stop == MOTE_XT_STOP_NONE || stale) /* Ctrl-C at the prompt does not stop a later run */
            continue;
        *stopper = NULL;
        if (stop == MOTE_XT_STOP_BREAK || stop == MOTE_XT_STOP_WATCH)
            *stopper = mote_xt_debugger_stopper(d, stop);
        bool ours = stop == MOTE_XT_STOP_WATCH || (stop == MOTE_XT_STOP_BREAK && !own_break(d, stop));
        if (*stopper || arrived(d, t) || !ours)
            return stop;
    }
}

static mote_xt_stop go_to(mote_xt_debugger *d, target t, mote_xt_stopper **stopper)
{
    bool had = mote_xt_program_has_breakpoint(d->program, t.address);
    if (!mote_xt_program_breakpoint(d->program, t.address, true)) {
        mote_xt_debugger_complain(d, "too many breakpoints; delete one first");
        return MOTE_XT_STOP_NONE;
    }
    t.set = true;
    mote_xt_stop stop = go(d, &t, stopper);
    if (!had)
        mote_xt_program_breakpoint(d->program, t.address, false);
    return stop;
}

static void run_to(mote_xt_debugger *d, uint32_t address, uint32_t sp)
{
    mote_xt_stopper *stopper = NULL;
    mote_xt_stop stop = go_to(d, (target){.address = address, .sp = sp}, &stopper);
    report(d, stop, stopper);
}

void mote_xt_debugger_continue(mote_xt_debugger *d, const mote_xt_words *w)
{
    mote_xt_stopper *stopper = NULL;
    (void)w;
    if (!can_run(d))
        return;
    mote_xt_stop stop = go(d, &(target){0}, &stopper);
    report(d, stop, stopper);
}

static mote_xt_stop step_one(mote_xt_debugger *d, mote_xt_stopper **stopper)
{
    mote_xt_stop stop = mote_xt_program_run(d->program, 1);
    bool stopped = stop == MOTE_XT_STOP_WATCH || stop == MOTE_XT_STOP_BREAK;
    *stopper = stopped ? mote_xt_debugger_stopper(d, stop) : NULL;
    return stopped && !*stopper && !own_break(d, stop) ? MOTE_XT_STOP_NONE : stop;
}

static mote_xt_stop step_over(mote_xt_debugger *d, mote_xt_stopper **stopper)
{
    uint32_t pc = pc_of(d);
    const mote_xt_insn *insn = mote_xt_program_decode(d->program, pc, NULL, NULL, 0);
    if (!insn || strncmp(insn->mnemonic, "call", 4) != 0)
        return step_one(d, stopper);
    target back = {.address = pc + insn->size, .sp = sp_of(d)};
    mote_xt_stop stop = go_to(d, back, stopper);
    back.set = true;
    return stop == MOTE_XT_STOP_BREAK && !*stopper && arrived(d, &back) ? MOTE_XT_STOP_NONE : stop;
}

static void repeat(mote_xt_debugger *d, const mote_xt_words *w,
                   mote_xt_stop (*one)(mote_xt_debugger *d, mote_xt_stopper **stopper))
{
    uint64_t count;
    mote_xt_stopper *stopper = NULL;
    mote_xt_stop stop = MOTE_XT_STOP_NONE;
    if (!mote_xt_debugger_number(d, w, 1, &count) || !can_run(d))
        return;
    for (uint64_t i = 0; i < count && stop == MOTE_XT_STOP_NONE; i++)
        stop = one(d, &stopper);
    report(d, stop, stopper);
}

void mote_xt_debugger_step(mote_xt_debugger *d, const mote_xt_words *w)
{
    repeat(d, w, step_one);
}

void mote_xt_debugger_next(mote_xt_debugger *d, const mote_xt_words *w)
{
    repeat(d, w, step_over);
}

/* Without a place, runs to the instruction after this one; at the backward branch of a loop, this leaves the loop. */
void mote_xt_debugger_until(mote_xt_debugger *d, const mote_xt_words *w)
{
    uint32_t address = pc_of(d);
    const mote_xt_insn *insn = mote_xt_program_decode(d->program, address, NULL, NULL, 0);
    if (!can_run(d))
        return;
    if (w->count == 1)
        run_to(d, address + (insn ? insn->size : 0), sp_of(d));
    else if (mote_xt_debugger_address(d, w->word[1], &address))
        run_to(d, address, 0);
}

void mote_xt_debugger_finish(mote_xt_debugger *d, const mote_xt_words *w)
{
    mote_xt_frame frames[MOTE_XT_FRAMES];
    (void)w;
    if (!can_run(d))
        return;
    if (mote_xt_backtrace(d->program, frames) < 2)
        mote_xt_debugger_complain(d, "nobody called this function, as far as can be seen");
    else
        run_to(d, frames[1].resume, frames[1].sp);
}

void mote_xt_debugger_reset(mote_xt_debugger *d, const mote_xt_words *w)
{
    mote_error error;
    (void)w;
    if (!mote_xt_program_reset(d->program, &error)) {
        mote_xt_debugger_complain(d, "%s", error.text);
        return;
    }
    mote_xt_debugger_remember(d);
    report(d, MOTE_XT_STOP_NONE, NULL);
}

static void reverse(mote_xt_debugger *d, mote_xt_moment *when, void *context)
{
    bool found = mote_xt_program_back(d->program, when, context);
    if (!found)
        fputs("no further back: this is the oldest moment remembered\n", d->options.out);
    report(d, MOTE_XT_STOP_NONE, NULL);
}

static bool at_age(void *context, const mote_xt_machine *m, uint64_t age)
{
    (void)m;
    return age == *(const uint64_t *)context;
}

void mote_xt_debugger_reverse_step(mote_xt_debugger *d, const mote_xt_words *w)
{
    uint64_t count;
    if (mote_xt_debugger_number(d, w, 1, &count))
        reverse(d, at_age, &count);
}

/* A function and its stack pointer, to find the moments before it called another function. */
typedef struct caller {
    const mote_xt_program *program;
    const mote_xt_elf_symbol *function;
    uint32_t sp;
} caller;

static bool in_caller(void *context, const mote_xt_machine *m, uint64_t age)
{
    const caller *c = context;
    uint32_t sp = mote_xt_get(m, "a1");
    (void)age;
    return sp > c->sp || (sp == c->sp && mote_xt_program_function(c->program, mote_xt_get(m, "pc")) == c->function);
}

static bool stands_at_return(const mote_xt_debugger *d)
{
    const mote_xt_insn *insn = mote_xt_program_decode(d->program, pc_of(d), NULL, NULL, 0);
    return insn && strncmp(insn->mnemonic, "ret", 3) == 0;
}

void mote_xt_debugger_reverse_next(mote_xt_debugger *d, const mote_xt_words *w)
{
    uint64_t count, one = 1;
    bool found = true;
    if (!mote_xt_debugger_number(d, w, 1, &count))
        return;
    for (uint64_t i = 0; i < count && found; i++) {
        caller c = {d->program, mote_xt_program_function(d->program, pc_of(d)), sp_of(d)};
        found = mote_xt_program_back(d->program, at_age, &one);
        if (found && stands_at_return(d))
            found = mote_xt_program_back(d->program, in_caller, &c);
    }
    if (!found)
        fputs("no further back: this is the oldest moment remembered\n", d->options.out);
    report(d, MOTE_XT_STOP_NONE, NULL);
}

static bool at_breakpoint(void *context, const mote_xt_machine *m, uint64_t age)
{
    (void)m;
    (void)age;
    return mote_xt_debugger_break_here(context);
}

void mote_xt_debugger_reverse_continue(mote_xt_debugger *d, const mote_xt_words *w)
{
    (void)w;
    reverse(d, at_breakpoint, d);
}

/* Executes an instruction word as if it were at the pc. The pc changes only when the instruction is a jump. Returns
 * false on a fault, which leaves everything unchanged. */
static bool execute(mote_xt_debugger *d, uint32_t word, unsigned size)
{
    mote_xt_machine *m = d->program->machine;
    void *saved = malloc(mote_xt_state_size());
    if (!saved)
        return false;
    mote_xt_state_save(m, saved);
    mote_xt_stop stop = mote_xt_execute(m, word, size);
    if (stop == MOTE_XT_STOP_FAULT) {
        mote_xt_debugger_complain(d, "%s", mote_xt_fault_text(m));
        mote_xt_state_restore(m, saved);
    }
    free(saved);
    if (d->program->history)
        mote_xt_history_mark(d->program->history);
    return stop != MOTE_XT_STOP_FAULT;
}

/* Copies an instruction with the program's symbols replaced by their addresses. */
static void resolve_symbols(const mote_xt_debugger *d, const char *from, char *to, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.$0123456789";
    FILE *out = fmemopen(to, size - 1, "w");
    size_t length = strspn(from, " \t") + strcspn(from + strspn(from, " \t"), " \t");
    if (!out)
        return;
    fprintf(out, "%.*s", (int)length, from); /* the mnemonic */
    for (from += length; *from; from += length) {
        char word[128];
        length = strspn(from, letters);
        snprintf(word, sizeof word, "%.*s", (int)length, from);
        const mote_xt_elf_symbol *symbol =
            length && !mote_xt_register_find(word) ? mote_xt_elf_symbol_find(&d->program->elf, word) : NULL;
        length += length == 0;
        if (symbol)
            fprintf(out, "0x%x", symbol->value);
        else
            fprintf(out, "%.*s", (int)length, from);
    }
    fclose(out);
}

void mote_xt_debugger_execute(mote_xt_debugger *d, const char *instruction)
{
    char line[512] = "";
    uint32_t word = 0;
    uint8_t bytes[MOTE_XT_MAX_BYTES];
    unsigned size;
    mote_error error;
    resolve_symbols(d, instruction, line, sizeof line);
    if (!mote_xt_assemble_line(line, pc_of(d), d->program->chip, bytes, &size, &error)) {
        mote_xt_debugger_complain(d, "%s", error.text);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        word |= (uint32_t)bytes[i] << 8 * i;
    if (execute(d, word, size))
        report(d, MOTE_XT_STOP_NONE, NULL);
}
