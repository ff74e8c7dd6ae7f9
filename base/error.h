/* Errors of the host tools: every function that can fail returns bool and fills a mote_error on failure. */
#ifndef MOTE_BASE_ERROR_H
#define MOTE_BASE_ERROR_H

#include <stdbool.h>

/* Error codes, which are the exit codes of the `mote` command; docs/cli.md lists them for users. */
typedef enum mote_code {
    MOTE_OK = 0,
    MOTE_E_INTERNAL = 1,    /* out of memory, or a bug */
    MOTE_E_USAGE = 2,       /* the command line is wrong */
    MOTE_E_INPUT = 3,       /* an input cannot be opened or read */
    MOTE_E_FORMAT = 4,      /* an input was read but is not valid */
    MOTE_E_OUTPUT = 5,      /* an output cannot be written */
    MOTE_E_UNSUPPORTED = 6, /* valid, but not supported by this tool or this chip */
    MOTE_E_MISMATCH = 7,    /* a check ran and failed */
} mote_code;

typedef struct mote_error {
    mote_code code;
    char text[512]; /* one line, no newline: what is wrong, with which file, and what to do */
} mote_error;

/* Fills `error` (which may be NULL) and returns false, so that `return mote_fail(...)` ends a function. */
__attribute__((format(printf, 3, 4))) bool mote_fail(mote_error *error, mote_code code, const char *format, ...);

/* The analyzer sees one file at a time and would follow paths on which mote_fail returns true. */
#ifdef __clang_analyzer__
#define mote_fail(...) (mote_fail(__VA_ARGS__), false)
#endif

#endif
