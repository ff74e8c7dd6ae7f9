/* `mote emu`: runs, profiles and debugs Xtensa programs on the PC. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "xtensa/debug/backtrace.h"
#include "xtensa/debug/debugger.h"
#include "xtensa/debug/gdb.h"
#include "xtensa/debug/program.h"
#include "xtensa/emu/vectors.h"

/* Exit codes of programs that do not end by themselves. */
enum { EXIT_LIMIT = 124, EXIT_FAULT = 125 };

enum { SLICE = 1 << 22 /* instructions between checks of the clock */ };

typedef struct settings {
    int chip, profile;
    bool timing, interactive;
    long max_insns;
    double timeout;
    long gdb_port;
    const char *vectors, *files;
} settings;

enum { NO_PROFILE, PROFILE_TEXT, PROFILE_JSON, PROFILE_FOLDED };

static const char *const chip_names[] = {"esp32", "esp32s2", "esp32s3", NULL};
static const mote_xt_chip chips[] = {MOTE_XT_ESP32, MOTE_XT_ESP32S2, MOTE_XT_ESP32S3};
static const char *const profile_names[] = {"none", "text", "json", "folded", NULL};

/* The program that Ctrl-C stops. Global, because a signal handler has no other access. */
static mote_xt_program *volatile running;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (running)
        mote_xt_program_interrupt(running); /* NOLINT(bugprone-signal-handler): it sets a flag */
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Runs to the end or to a limit. Returns MOTE_XT_STOP_NONE at a limit. */
static mote_xt_stop run(mote_xt_program *p, const settings *s)
{
    double deadline = seconds() + s->timeout;
    uint64_t left = s->max_insns ? (uint64_t)s->max_insns : UINT64_MAX;
    mote_xt_stop stop = MOTE_XT_STOP_NONE;
    while (stop == MOTE_XT_STOP_NONE && left && (s->timeout <= 0 || seconds() < deadline)) {
        uint64_t slice = left < SLICE ? left : SLICE;
        stop = mote_xt_program_run(p, slice);
        left -= slice;
    }
    return stop;
}

static int conclude(mote_xt_program *p, mote_xt_stop stop)
{
    fflush(stdout);
    if (stop == MOTE_XT_STOP_EXIT)
        return p->semihost.exit_code;
    if (stop == MOTE_XT_STOP_FAULT && mote_xt_fault_is_no_memory(p->machine)) {
        mote_error error;
        mote_fail(&error, MOTE_E_INTERNAL, "%s", mote_xt_fault_text(p->machine));
        return mote_report("emu", &error);
    }
    if (stop == MOTE_XT_STOP_FAULT) {
        mote_xt_fault_report(p, stderr);
        return EXIT_FAULT;
    }
    char location[MOTE_XT_LOCATION];
    uint32_t pc = mote_xt_get(p->machine, "pc");
    if (stop == MOTE_XT_STOP_BREAK) {
        fprintf(stderr, "mote emu: a break instruction at 0x%08x <%s>; use -i or --gdb to debug it\n", pc,
                mote_xt_program_location(p, pc, location));
        return EXIT_FAULT;
    }
    fprintf(stderr, "mote emu: stopped after %" PRIu64 " instructions at 0x%08x <%s>; raise --max-insns or --timeout\n",
            mote_xt_instructions(p->machine), pc, mote_xt_program_location(p, pc, location));
    return EXIT_LIMIT;
}

static int run_plain(mote_xt_program *p, const settings *s)
{
    static const mote_xt_profile_form forms[] = {[PROFILE_TEXT] = MOTE_XT_PROFILE_TEXT,
                                                 [PROFILE_JSON] = MOTE_XT_PROFILE_JSON,
                                                 [PROFILE_FOLDED] = MOTE_XT_PROFILE_FOLDED};
    mote_error error;
    if (s->profile && !mote_xt_program_profile(p, &error))
        return mote_report("emu", &error);
    int code = conclude(p, run(p, s));
    if (s->timing)
        fprintf(stderr, "%" PRIu64 " instructions, %" PRIu64 " cycles\n", mote_xt_instructions(p->machine),
                mote_xt_cycles(p->machine));
    if (s->profile && !mote_xt_profile_write(p, forms[s->profile], stderr, &error))
        return mote_report("emu", &error);
    return code;
}

static int run_debugger(mote_xt_program *p, const settings *s)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    mote_xt_debugger_options options = {stdin, stdout, terminal, (uint64_t)s->max_insns};
    mote_error error;
    p->semihost.in = NULL; /* standard input carries the commands */
    running = p;
    void (*before)(int) = signal(SIGINT, on_interrupt);
    bool ok = mote_xt_debugger_run(p, &options, &error);
    signal(SIGINT, before);
    running = NULL;
    return ok ? MOTE_OK : mote_report("emu", &error);
}

static int run_gdb(mote_xt_program *p, const settings *s)
{
    mote_error error;
    bool ok = mote_xt_program_history(p, &error) && mote_xt_gdb_serve(p, (unsigned)s->gdb_port, stderr, &error);
    return ok ? MOTE_OK : mote_report("emu", &error);
}

static void report_mismatch(void *context, const mote_xt_mismatch *m)
{
    (void)context;
    printf("vector %u, %s: %s is %s, expected %s%s%s\n", m->index, m->insn ? m->insn->mnemonic : "no instruction",
           m->field, m->got, m->expected, m->reason ? "; kept, since " : "", m->reason ? m->reason : "");
}

static int check_vectors(const settings *s)
{
    mote_error error;
    mote_xt_vector_counts counts;
    if (!mote_xt_check_vectors(s->vectors, report_mismatch, NULL, &counts, &error))
        return mote_report("emu", &error);
    printf("%u vectors, %u failed, %u differ for a known reason\n", counts.vectors, counts.failed, counts.overruled);
    return counts.failed ? MOTE_E_MISMATCH : MOTE_OK;
}

/* Accepts a port as a separate word, as in `--gdb 4000 program.elf`, which the option table parses as an operand. */
static void take_port(settings *s, char ***operands, int *count)
{
    char *end;
    if (s->gdb_port < 0 || *count < 2)
        return;
    long port = strtol((*operands)[0], &end, 10);
    if (*end || port < 0 || port > 65535)
        return;
    s->gdb_port = port;
    ++*operands;
    --*count;
}

int mote_cmd_emu(int argc, char **argv)
{
    settings s = {.chip = 2, .gdb_port = -1};
    const mote_option options[] = {
        {.name = "chip",
         .kind = MOTE_OPTION_CHOICE,
         .target = &s.chip,
         .argument = "CHIP",
         .choices = chip_names,
         .help = "the chip whose instructions and memory map to use (esp32s3)"},
        {.name = "timing", .kind = MOTE_OPTION_FLAG, .target = &s.timing, .help = "count and print cycles"},
        {.name = "profile",
         .kind = MOTE_OPTION_CHOICE,
         .target = &s.profile,
         .argument = "FORM",
         .choices = profile_names,
         .if_bare = "text",
         .help = "print a profile of cycles on standard error: text, json, folded (call stacks)"},
        {.name = "max-insns",
         .kind = MOTE_OPTION_INT,
         .target = &s.max_insns,
         .argument = "N",
         .min = 0,
         .max = 9e15,
         .help = "stop after N instructions, exit code 124 (0: no limit)"},
        {.name = "timeout",
         .kind = MOTE_OPTION_REAL,
         .target = &s.timeout,
         .argument = "SECONDS",
         .min = 0,
         .max = 1e9,
         .help = "stop after that time, exit code 124 (0: no limit)"},
        {.name = "files",
         .kind = MOTE_OPTION_TEXT,
         .target = &s.files,
         .argument = "FOLDER",
         .help = "the program may read and write files in and below FOLDER (else: none)"},
        {.name = "interactive",
         .letter = 'i',
         .kind = MOTE_OPTION_FLAG,
         .target = &s.interactive,
         .help = "a debugger; its `help` lists the commands"},
        {.name = "gdb",
         .kind = MOTE_OPTION_INT,
         .target = &s.gdb_port,
         .argument = "PORT",
         .min = 0,
         .max = 65535,
         .if_bare = "3333",
         .help = "wait for gdb on this port of 127.0.0.1 (3333; 0: any free one)",
         .excludes = "interactive"},
        {.name = "vectors",
         .kind = MOTE_OPTION_TEXT,
         .target = &s.vectors,
         .argument = "FILE",
         .help = "check the instructions against a file of machine states instead",
         .excludes = "interactive gdb profile timing max-insns timeout files"},
        {0},
    };
    const mote_command command = {
        .name = "emu",
        .operands = "PROGRAM.elf [ARGUMENTS...]",
        .summary =
            "Runs a static ELF32 program for ESP32, ESP32-S2 or ESP32-S3 on this computer. The exit code is the\n"
            "program's own; 124: a limit was reached; 125: a fault, reported on standard error.",
        .options = options,
        .examples = "  mote emu hello.elf world\n"
                    "  mote emu --timing --profile kernel.elf\n"
                    "  mote emu --profile=folded kernel.elf 2>stacks.txt\n"
                    "  mote emu -i kernel.elf\n"
                    "  mote emu --gdb=3333 kernel.elf\n"
                    "  mote emu --files data reader.elf input.txt\n",
        .min_operands = 0,
        .max_operands = -1,
        .stop_at_operand = true,
    };
    char **operands;
    int count, code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &code))
        return code;
    take_port(&s, &operands, &count);
    if (s.vectors)
        return check_vectors(&s);
    mote_error error;
    if (count == 0) {
        mote_fail(&error, MOTE_E_USAGE, "no program named; usage: mote emu PROGRAM.elf; see mote emu --help");
        return mote_report("emu", &error);
    }
    mote_xt_program program;
    if (!mote_xt_program_open(&program, operands[0], chips[s.chip], &error))
        return mote_report("emu", &error);
    if (program.lines_error.code)
        fprintf(stderr, "mote emu: source lines are not known: %s\n", program.lines_error.text);
    program.semihost.argc = count;
    program.semihost.argv = operands;
    if (s.files && !mote_xt_semihost_files(&program.semihost, s.files, &error)) {
        mote_xt_program_close(&program);
        return mote_report("emu", &error);
    }
    mote_xt_set_timing(program.machine, s.timing);
    code = s.interactive     ? run_debugger(&program, &s)
           : s.gdb_port >= 0 ? run_gdb(&program, &s)
                             : run_plain(&program, &s);
    mote_xt_program_close(&program);
    return code;
}
