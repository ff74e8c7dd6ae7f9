/* The parts of cli/options.h: parsing, rules and help work on the same rows. */
#ifndef MOTE_CLI_OPTION_TABLE_H
#define MOTE_CLI_OPTION_TABLE_H

#include <stddef.h>

#include "cli/options.h"

/* Row i of both tables; NULL after the last. */
const mote_option *mote_option_row(const mote_command *c, int i);

/* Writes those options of a list (`needs`, `excludes`) that the command has: "--a, --b or --c x"; "" for none. */
void mote_option_join(const mote_command *c, char *to, size_t size, const char *list);

/* Checks what holds between options that were given: `needs`, `excludes`, and that no output is an operand, an input or
 * another output, by whatever name. Then checks that every output can be written, so that long work is not lost.
 * given[i] belongs to row i. */
bool mote_option_rules(const mote_command *c, const bool *given, char **operands, int operand_count, mote_error *error);

/* Prints --help on standard output, wrapped to the terminal's width, or to 100 columns elsewhere. */
void mote_option_help(const mote_command *c);

#endif
