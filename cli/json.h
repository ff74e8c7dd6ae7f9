/* JSON on standard output. */
#ifndef MOTE_CLI_JSON_H
#define MOTE_CLI_JSON_H

#include <jansson.h>

#include "base/error.h"

/* Makes lack of memory for JSON end the program with a message. Must be called before the first value is made. */
void mote_json_begin(void);

/* Return a string with a text of any origin. Bytes that are not valid UTF-8 become U+FFFD. NULL counts as a failed
 * allocation. */
json_t *mote_json_text(const char *text);
json_t *mote_json_bytes(const char *text, size_t size);

/* Prints a value and a newline, and releases the value. flags: JSON_INDENT and the like; members keep their order.
 * Prints nothing after a failed allocation. */
void mote_json_print(json_t *value, size_t flags);

/* Returns true if all values were built and printed; otherwise sets the error. */
bool mote_json_done(mote_error *error);

#endif
