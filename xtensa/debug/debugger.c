#include "xtensa/debug/debugger.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/debugger_data.h"

static void help(mote_xt_debugger *d, const mote_xt_words *w);
static void quit(mote_xt_debugger *d, const mote_xt_words *w);

const mote_xt_debugger_command mote_xt_debugger_commands[] = {
    {"step", "s", "[N]", "execute one instruction, or N", mote_xt_debugger_step, false},
    {"next", "n", "[N]", "the same, but run through calls", mote_xt_debugger_next, false},
    {"until", "u", "[PLACE]", "run to PLACE; alone: past the end of a loop", mote_xt_debugger_until, false},
    {"finish", "fin", "", "run until this function returns", mote_xt_debugger_finish, false},
    {"continue", "c", "", "run until something stops the program", mote_xt_debugger_continue, false},
    {"break", "b", "[PLACE] [if R OP V]", "stop before PLACE", mote_xt_debugger_break, false},
    {"watch", "w", "PLACE [SIZE] [r|w|rw] [if R OP V]", "stop after an access", mote_xt_debugger_watch, false},
    {"delete", "d", "[NUMBER]", "remove a breakpoint or watchpoint, or all", mote_xt_debugger_delete, false},
    {"reverse-step", "rs", "[N]", "undo one instruction, or N", mote_xt_debugger_reverse_step, false},
    {"reverse-next", "rn", "[N]", "the same, but back through calls", mote_xt_debugger_reverse_next, false},
    {"reverse-continue", "rc", "", "back to the latest breakpoint passed", mote_xt_debugger_reverse_continue, false},
    {"reset", "run", "", "load the program again", mote_xt_debugger_reset, false},
    {"info", "i", "WHAT", "registers vector float special break cycles profile history", mote_xt_debugger_info, true},
    {"print", "p", "NAME...", "registers or symbols", mote_xt_debugger_print, true},
    {"set", "set", "REGISTER VALUE...", "change a register", mote_xt_debugger_set, false},
    {"lanes", "lanes", "FORM", "show vectors as s8 u8 x8 s16 u16 x16 s32 u32 x32", mote_xt_debugger_set_lanes, true},
    {"x", "x", "PLACE [COUNT [FORM]]", "memory", mote_xt_debugger_memory, true},
    {"list", "l", "[PLACE [N]]", "disassembly with the mean cycles of each line", mote_xt_debugger_list, true},
    {"backtrace", "bt", "", "who called whom", mote_xt_debugger_backtrace, true},
    {"help", "h", "", "this list", help, true},
    {"quit", "q", "", "leave", quit, true},
    {0},
};

static void help(mote_xt_debugger *d, const mote_xt_words *w)
{
    (void)w;
    for (const mote_xt_debugger_command *c = mote_xt_debugger_commands; c->name; c++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", c->name, c->arguments);
        fprintf(d->options.out, "%-5s %-42s %s\n", strcmp(c->shorter, c->name) ? c->shorter : "", left, c->summary);
    }
    fputs("\nPLACE is an address, FILE:LINE, or a symbol or a register with or without +NUMBER; R OP V compares a "
          "register\n"
          "with a number or a register, such as a2 == 5. Anything else is an instruction, executed where the program\n"
          "stands: `addi a2, a2, 1`. An empty line on a terminal repeats the last command.\n",
          d->options.out);
}

static void quit(mote_xt_debugger *d, const mote_xt_words *w)
{
    (void)w;
    d->quit = true;
}

void mote_xt_debugger_complain(mote_xt_debugger *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(d->options.out, format, args);
    va_end(args);
    fputc('\n', d->options.out);
}

/* Parses a register with an optional offset: a3, a3+8, a3-8. */
static bool register_address(const mote_xt_debugger *d, const char *text, uint32_t *address)
{
    char name[32];
    size_t length = strcspn(text, "+-");
    char *end = NULL;
    uint32_t offset = text[length] ? (uint32_t)strtoul(text + length + 1, &end, 0) : 0;
    if (length >= sizeof name || (text[length] && (*end || end == text + length + 1)))
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    const mote_xt_register *r = mote_xt_register_find(name);
    if (!r || r->size != 4)
        return false;
    mote_xt_register_read(d->program->machine, r, address);
    *address = text[length] == '-' ? *address - offset : *address + offset;
    return true;
}

bool mote_xt_debugger_address(mote_xt_debugger *d, const char *text, uint32_t *address)
{
    if (mote_xt_program_address(d->program, text, address) || register_address(d, text, address))
        return true;
    mote_xt_debugger_complain(d, "%s is no address, line, symbol or register", text);
    return false;
}

bool mote_xt_debugger_number(mote_xt_debugger *d, const mote_xt_words *w, int index, uint64_t *value)
{
    char *end;
    *value = 1;
    if (index >= w->count)
        return true;
    *value = strtoull(w->word[index], &end, 0);
    if (*end == '\0' && w->word[index][0] != '-')
        return true;
    mote_xt_debugger_complain(d, "%s is no number", w->word[index]);
    return false;
}

static mote_xt_words split(char *line)
{
    mote_xt_words w = {0};
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t", &rest); word && w.count < MOTE_XT_WORDS;
         word = strtok_r(NULL, " \t", &rest))
        w.word[w.count++] = word;
    return w;
}

static const mote_xt_debugger_command *find_command(const char *name)
{
    for (const mote_xt_debugger_command *c = mote_xt_debugger_commands; c->name; c++)
        if (strcmp(c->name, name) == 0 || strcmp(c->shorter, name) == 0)
            return c;
    return NULL;
}

static void carry_out(mote_xt_debugger *d, const char *line)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", line);
    mote_xt_words w = split(copy);
    if (w.count == 0 || w.word[0][0] == '#')
        return;
    const mote_xt_debugger_command *c = find_command(w.word[0]);
    if (!c || !c->looks)
        mote_xt_debugger_remember(d);
    if (c)
        c->run(d, &w);
    else
        mote_xt_debugger_execute(d, line);
}

bool mote_xt_debugger_run(mote_xt_program *program, const mote_xt_debugger_options *options, mote_error *error)
{
    mote_xt_debugger d = {.program = program, .options = *options, .next_number = 1};
    d.lanes = mote_xt_debugger_lanes("s8");
    if (!mote_xt_program_profile(program, error) || !mote_xt_program_history(program, error))
        return false;
    mote_xt_prompt *prompt = mote_xt_prompt_open(&d);
    if (!prompt)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the prompt");
    mote_xt_debugger_remember(&d);
    mote_xt_debugger_show_line(&d, mote_xt_get(program->machine, "pc"));
    for (const char *line; !d.quit && (line = mote_xt_prompt_line(prompt));) {
        carry_out(&d, line);
        fflush(options->out);
    }
    mote_xt_prompt_close(prompt);
    return true;
}
