#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/backtrace.h"
#include "xtensa/debug/gdb_commands.h"

static void help(mote_xt_gdb *g, FILE *out);

static void reset(mote_xt_gdb *g, FILE *out)
{
    mote_error error;
    if (mote_xt_program_reset(g->program, &error))
        fputs("loaded again, at the entry\n", out);
    else
        fprintf(out, "%s\n", error.text);
}

static void cycles(mote_xt_gdb *g, FILE *out)
{
    fprintf(out, "%" PRIu64 " instructions, %" PRIu64 " cycles\n", mote_xt_instructions(g->program->machine),
            mote_xt_cycles(g->program->machine));
}

static void profile(mote_xt_gdb *g, FILE *out)
{
    mote_error error;
    if (g->program->profile)
        mote_xt_profile_write(g->program, MOTE_XT_PROFILE_TEXT, out, NULL);
    else if (mote_xt_program_profile(g->program, &error))
        fputs("recording from here on; say it again to see\n", out);
    else
        fprintf(out, "%s\n", error.text);
}

static void backtrace(mote_xt_gdb *g, FILE *out)
{
    mote_xt_backtrace_write(g->program, out);
}

static void fault(mote_xt_gdb *g, FILE *out)
{
    if (g->stop == MOTE_XT_STOP_FAULT)
        mote_xt_fault_report(g->program, out);
    else
        fputs("no fault\n", out);
}

static const struct {
    const char *name;
    void (*run)(mote_xt_gdb *g, FILE *out);
    const char *summary;
} commands[] = {
    {"help", help, "this list"},
    {"reset", reset, "load the program again and go to its entry"},
    {"cycles", cycles, "instructions and cycles so far"},
    {"profile", profile, "start recording; then: where the cycles went"},
    {"backtrace", backtrace, "the frames as the emulator sees them"},
    {"fault", fault, "the report of the fault that stopped the program"},
};

static void help(mote_xt_gdb *g, FILE *out)
{
    (void)g;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "monitor %-10s %s\n", commands[i].name, commands[i].summary);
}

void mote_xt_gdb_monitor(mote_xt_gdb *g, const char *line, mote_xt_gdb_answer *a)
{
    char *text = NULL;
    size_t size = 0, i = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        mote_xt_gdb_say(a, "E0c");
        return;
    }
    while (i < sizeof commands / sizeof commands[0] && strcmp(line, commands[i].name) != 0)
        i++;
    if (i < sizeof commands / sizeof commands[0])
        commands[i].run(g, out);
    else
        fprintf(out, "unknown command; see monitor help\n");
    fclose(out);
    mote_xt_gdb_hex(a, text, size); /* an answer has room for the first 2048 characters */
    free(text);
}
