/* State of the debugger and declarations of its parts: debugger_stops.c has breakpoints and watchpoints with
 * conditions, debugger_show.c the output, debugger_run.c the commands that run and reverse the program, prompt.c the
 * input. */
#ifndef MOTE_XTENSA_DEBUGGER_DATA_H
#define MOTE_XTENSA_DEBUGGER_DATA_H

#include "xtensa/debug/debugger.h"

enum { MOTE_XT_STOPS = 64, MOTE_XT_WORDS = 16, MOTE_XT_SHOWN = 96, MOTE_XT_WIDEST = 32 };

/* REGISTER OP VALUE, where VALUE is a number or a register; both are compared as signed 32-bit numbers. */
typedef struct mote_xt_condition {
    const mote_xt_register *left; /* NULL: always true */
    char op[3];                   /* == != < <= > >= */
    const mote_xt_register *right;
    int32_t value; /* used when `right` is NULL */
} mote_xt_condition;

/* A breakpoint or a watchpoint as the user sees it. */
typedef struct mote_xt_stopper {
    int number;
    mote_xt_watch watch; /* size 0: a breakpoint at watch.address */
    mote_xt_condition condition;
    uint64_t hits;
} mote_xt_stopper;

typedef struct mote_xt_lanes {
    const char *name;
    uint8_t size; /* bytes of a lane */
    char form;    /* s signed, u unsigned, x hexadecimal */
} mote_xt_lanes;

typedef struct mote_xt_debugger {
    mote_xt_program *program;
    mote_xt_debugger_options options;
    mote_xt_stopper stops[MOTE_XT_STOPS];
    size_t stop_count;
    int next_number;
    const mote_xt_lanes *lanes; /* format of vectors */
    struct {
        const mote_xt_register *r;
        uint8_t before[MOTE_XT_WIDEST]; /* its value before the latest command that can change it */
    } shown[MOTE_XT_SHOWN];
    size_t shown_count;
    mote_xt_stop stop; /* reason for the end of the latest run */
    bool over;         /* the program has ended or faulted; it must be reset or reversed before it can run */
    bool quit;
} mote_xt_debugger;

/* A command's words; words[0] is its name. */
typedef struct mote_xt_words {
    int count;
    char *word[MOTE_XT_WORDS];
} mote_xt_words;

typedef struct mote_xt_debugger_command {
    const char *name, *shorter, *arguments, *summary;
    void (*run)(mote_xt_debugger *d, const mote_xt_words *w);
    bool looks; /* only inspects: changes are still shown relative to the command before */
} mote_xt_debugger_command;

/* debugger.c */
extern const mote_xt_debugger_command mote_xt_debugger_commands[]; /* ends with a NULL name */
void mote_xt_debugger_complain(mote_xt_debugger *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool mote_xt_debugger_address(mote_xt_debugger *d, const char *text,
                              uint32_t *address); /* parses an address or a register such as "a3"; reports errors */
bool mote_xt_debugger_number(mote_xt_debugger *d, const mote_xt_words *w, int index, uint64_t *value);

/* debugger_stops.c */
void mote_xt_debugger_break(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_watch(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_delete(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_show_stops(mote_xt_debugger *d);
/* Returns the breakpoint at the pc or the watchpoint just hit, and counts the hit. Returns NULL when there is none
 * whose condition holds. */
mote_xt_stopper *mote_xt_debugger_stopper(mote_xt_debugger *d, mote_xt_stop stop);
bool mote_xt_debugger_break_here(const mote_xt_debugger *d); /* a breakpoint whose condition holds is at the pc */

/* debugger_run.c */
void mote_xt_debugger_step(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_next(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_until(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_finish(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_continue(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_reset(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_reverse_step(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_reverse_next(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_reverse_continue(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_execute(mote_xt_debugger *d, const char *instruction);

/* debugger_show.c */
void mote_xt_debugger_remember(mote_xt_debugger *d); /* saves the registers, to show later what changed */
void mote_xt_debugger_show_changes(mote_xt_debugger *d);
void mote_xt_debugger_show_line(mote_xt_debugger *d, uint32_t address); /* one line of disassembly with its cost */
void mote_xt_debugger_info(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_print(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_set(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_set_lanes(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_memory(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_list(mote_xt_debugger *d, const mote_xt_words *w);
void mote_xt_debugger_backtrace(mote_xt_debugger *d, const mote_xt_words *w);
const mote_xt_lanes *mote_xt_debugger_lanes(const char *name);

/* prompt.c: input lines; those from a terminal have editing, history and completion. */
typedef struct mote_xt_prompt mote_xt_prompt;
mote_xt_prompt *mote_xt_prompt_open(mote_xt_debugger *d); /* NULL: out of memory */
const char *mote_xt_prompt_line(mote_xt_prompt *p);       /* valid until the next call; NULL at the end */
void mote_xt_prompt_close(mote_xt_prompt *p);

#endif
