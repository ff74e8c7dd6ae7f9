/* A verb's command line as a table: options are parsed, checked and listed by --help from the same rows. */
#ifndef MOTE_CLI_OPTIONS_H
#define MOTE_CLI_OPTIONS_H

#include "base/error.h"

typedef enum mote_option_kind {
    MOTE_OPTION_FLAG,   /* target bool: set to true */
    MOTE_OPTION_INT,    /* target long: min..max, suffixes K M G (powers of 1024) */
    MOTE_OPTION_REAL,   /* target double: min..max */
    MOTE_OPTION_TEXT,   /* target const char *: points into argv */
    MOTE_OPTION_INPUT,  /* the same, a file to read */
    MOTE_OPTION_OUTPUT, /* the same, a file to write: neither an operand, an input nor another output; "-" is standard
                           output */
    MOTE_OPTION_CHOICE, /* target int: index into `choices` */
    MOTE_OPTION_TEXTS,  /* target mote_texts: each use adds one */
} mote_option_kind;

/* Texts of an option that may be repeated; they point into argv. */
enum { MOTE_TEXTS_MOST = 64 };

typedef struct mote_texts {
    const char *items[MOTE_TEXTS_MOST];
    int count;
} mote_texts;

typedef struct mote_option {
    const char *name; /* without the dashes */
    char letter;      /* short form, or 0 */
    mote_option_kind kind;
    void *target;               /* holds the default before parsing */
    const char *argument;       /* its name in --help: "FILE", "N"; NULL for flags */
    const char *help;           /* what it does and its default */
    double min, max;            /* INT and REAL, both ends included; both 0: any */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *if_bare;        /* the value of `--name` alone; another value then needs `--name=VALUE` */
    /* Lists of options, "prune-to" or of a choice "arch=gru", with spaces between. The option is an error unless one of
     * `needs` is given, and if one of `excludes` is. --help says both. */
    const char *needs, *excludes;
} mote_option;

typedef struct mote_command {
    const char *name;               /* "train" */
    const char *operands;           /* "TEXT... -o MODEL" */
    const char *summary;            /* a sentence or two */
    const mote_option *options;     /* ends with a row whose name is NULL */
    const mote_option *more;        /* a second table that verbs share, or NULL */
    const char *more_title;         /* its heading in --help */
    const char *examples;           /* lines, each "  mote ...\n" */
    int min_operands, max_operands; /* max -1: any number */
    bool stop_at_operand;           /* words after the first operand are not parsed */
} mote_command;

/* Fills the targets; *operands points into argv. False when the verb should end now with *exit_code: after --help, or
 * after a mistake, which has been reported on standard error. */
bool mote_options_parse(const mote_command *command, int argc, char **argv, char ***operands, int *operand_count,
                        int *exit_code);

/* "mote VERB: message" on standard error; returns the exit code. */
int mote_report(const char *verb, const mote_error *error);

/* The closest of `count` names by edit distance, or NULL when none is close. `stride` bytes apart. */
const char *mote_nearest(const char *word, const char *const *names, int count);

#endif
