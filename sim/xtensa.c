/* Backend for Xtensa: runs the program in the project's emulator with the timing model. */
#include <stddef.h>
#include <time.h>

#include "sim/backend.h"
#include "xtensa/debug/program.h"

enum { SLICE = 1 << 22 /* instructions between checks of the clock */ };

/* Counts instructions and stalls per slot. Every instruction counts for the slot that mote_sim_enter set last. */
typedef struct watcher {
    mote_xt_program *program;
    mote_sim_cost *cost;
    uint32_t slot;
    uint32_t enter; /* address of mote_sim_enter */
    bool streamed;  /* empties the cache before the first operator of every token */
} watcher;

static bool on_syscall(void *context, mote_xt_machine *m)
{
    watcher *w = context;
    return mote_xt_semihost_call(&w->program->semihost, m);
}

static void on_retired(void *context, mote_xt_machine *m, uint32_t pc, const mote_xt_insn *insn,
                       const uint32_t stalls[MOTE_XT_STALL_KINDS])
{
    watcher *w = context;
    (void)insn;
    if (pc == w->enter) {
        const uint32_t slot = mote_xt_get(m, "a2");
        w->slot = slot < MOTE_SIM_SLOTS ? slot : MOTE_SIM_AT_OTHER;
        if (w->streamed && w->slot == MOTE_SIM_AT_OPERATORS)
            mote_xt_empty_data_cache(m);
    }
    mote_sim_cost *cost = &w->cost[w->slot];
    cost->instructions++;
    for (int i = 0; i < MOTE_XT_STALL_KINDS; i++)
        cost->stalls[i] += stalls[i];
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void tell(const mote_xt_machine *m, const mote_sim_options *o)
{
    uint32_t fed;
    if (o->progress && mote_xt_read(m, MOTE_SIM_WINDOW_XTENSA + offsetof(mote_sim_box, reply.fed), &fed, sizeof fed))
        o->progress(o->context, fed);
}

static bool run(mote_xt_program *p, const mote_sim_chip *chip, const mote_sim_options *o, mote_error *error)
{
    const double deadline = seconds() + o->timeout;
    mote_xt_stop stop;
    do {
        stop = mote_xt_program_run(p, SLICE);
        tell(p->machine, o);
    } while (stop == MOTE_XT_STOP_NONE && seconds() < deadline);
    if (stop == MOTE_XT_STOP_EXIT)
        return true;
    if (stop == MOTE_XT_STOP_NONE)
        return mote_fail(error, MOTE_E_MISMATCH, "the program on %s did not end within %g seconds; raise --timeout",
                         chip->name, o->timeout);
    if (mote_xt_fault_is_no_memory(p->machine))
        return mote_fail(error, MOTE_E_INTERNAL, "%s", mote_xt_fault_text(p->machine));
    char location[MOTE_XT_LOCATION];
    const uint32_t pc = mote_xt_get(p->machine, "pc");
    return mote_fail(error, MOTE_E_MISMATCH, "the program on %s stopped at 0x%08x <%s>: %s", chip->name, pc,
                     mote_xt_program_location(p, pc, location), mote_xt_fault_text(p->machine));
}

static bool set_up(mote_xt_program *p, const mote_sim_chip *chip, mote_bytes model, watcher *w,
                   const mote_sim_result *result, mote_error *error)
{
    const mote_xt_elf_symbol *enter = mote_xt_elf_symbol_find(&p->elf, "mote_sim_enter");
    if (!mote_xt_map(p->machine, MOTE_SIM_WINDOW_XTENSA, MOTE_SIM_WINDOW_SIZE, MOTE_XT_MEM_R | MOTE_XT_MEM_W,
                     MOTE_XT_SRAM, error))
        return false;
    if (!enter || !mote_xt_write(p->machine, chip->flash, model.data, model.size) ||
        !mote_xt_write(p->machine, MOTE_SIM_WINDOW_XTENSA, result->window, mote_sim_prepared(result)))
        return mote_fail(error, MOTE_E_INTERNAL, "the program for %s is not one of this version of Mote", chip->name);
    w->enter = enter->value;
    mote_xt_set_timing(p->machine, true);
    mote_xt_set_hooks(p->machine, &(mote_xt_hooks){.context = w, .syscall = on_syscall, .retired = on_retired});
    return true;
}

bool mote_sim_on_xtensa(const mote_sim_chip *chip, const char *elf, mote_bytes model, const mote_sim_options *o,
                        mote_sim_result *result, mote_error *error)
{
    mote_xt_program program;
    if (!mote_xt_program_open(&program, elf, chip->xtensa, error))
        return false;
    watcher w = {.program = &program, .cost = result->cost, .streamed = o->weights == MOTE_STREAMED};
    const bool ok = set_up(&program, chip, model, &w, result, error) && run(&program, chip, o, error);
    if (ok)
        mote_xt_read(program.machine, MOTE_SIM_WINDOW_XTENSA, result->window, MOTE_SIM_WINDOW_SIZE);
    mote_xt_program_close(&program);
    return ok;
}
