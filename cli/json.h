/* JSON on standard output. */
#ifndef MOTE_CLI_JSON_H
#define MOTE_CLI_JSON_H

#include <jansson.h>

#include "base/error.h"

/* Call before the first value is made. From then on, values that are incomplete for lack of memory are detected. */
void mote_json_begin(void);

/* A string of a text that a file brought: where it is not UTF-8, a question mark for every byte above 127. NULL counts
 * as memory refused. */
json_t *mote_json_text(const char *text);

/* Prints a value and a newline, and releases it. `flags`: JSON_INDENT and the like; members keep their order. What
 * lacks something is not printed. */
void mote_json_print(json_t *value, size_t flags);

/* Whether all values could be made and printed; if not, the error says why. */
bool mote_json_done(mote_error *error);

#endif
