/* Command line of a verb: one table from which options are parsed, checked and listed by --help. */
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
    MOTE_OPTION_TEXTS,  /* target mote_texts: each use adds an item */
    MOTE_OPTION_INPUTS, /* the same, files to read */
} mote_option_kind;

/* Texts of an option that may be repeated; they point into argv. */
enum { MOTE_TEXTS_MOST = 64 };

typedef struct mote_texts {
    const char *items[MOTE_TEXTS_MOST];
    int count;
} mote_texts;

enum { MOTE_OPTIONS_MOST = 64 }; /* of a command */

typedef struct mote_option {
    const char *name; /* without the dashes */
    char letter;      /* short form, or 0 */
    mote_option_kind kind;
    void *target;               /* holds the default before parsing */
    const char *argument;       /* name of the argument in --help: "FILE", "N"; NULL for flags */
    const char *help;           /* effect and default */
    double min, max;            /* range of INT and REAL, inclusive; both 0: any */
    const char *const *choices; /* choices of CHOICE, NULL-terminated */
    const char *if_bare;        /* value if `--name` stands alone; other values then need `--name=VALUE` */
    /* Lists of options, separated by spaces: "prune-to", or "arch=gru" for a choice. It is an error to give the option
     * without any of `needs`, or with one of `excludes`. "output=-" is an option for files on standard output. --help
     * shows both. */
    const char *needs, *excludes;
    const char *beside;     /* OUTPUT: endings of further files that are written beside it: ".csv .svg" */
    const char *not_stdout; /* OUTPUT: why "-" is refused; NULL if it may be given */
} mote_option;

typedef struct mote_command {
    const char *name;               /* "train" */
    const char *operands;           /* "TEXT... -o MODEL" */
    const char *summary;            /* a sentence or two */
    const mote_option *options;     /* ends with a row whose name is NULL */
    const mote_option *more;        /* a second table that verbs share, or NULL */
    const char *more_title;         /* heading of `more` in --help */
    const char *examples;           /* lines, each "  mote ...\n" */
    int min_operands, max_operands; /* max -1: no limit */
    bool *given;                    /* [MOTE_OPTIONS_MOST], filled: row i was given; or NULL */
    bool stop_at_operand;           /* words after the first operand are not parsed */
} mote_command;

/* Parses the command line and fills the targets; *operands points into argv. Returns false if the verb must end with
 * *exit_code: after --help, or after an error, which is already printed on standard error. */
bool mote_options_parse(const mote_command *command, int argc, char **argv, char ***operands, int *operand_count,
                        int *exit_code);

/* Prints "mote VERB: message" on standard error and returns the exit code. */
int mote_report(const char *verb, const mote_error *error);

/* Returns the closest of `count` names by edit distance, or NULL if none is close. */
const char *mote_nearest(const char *word, const char *const *names, int count);

#endif
