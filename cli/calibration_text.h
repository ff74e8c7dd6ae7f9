/* The tokens that a float model is calibrated with. */
#ifndef MOTE_CLI_CALIBRATION_TEXT_H
#define MOTE_CLI_CALIBRATION_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "compiler/graph/graph.h"

/* Those of the text file `source`, or, where that is NULL or "self", of a text the model says itself; not the token
 * that begins a sequence. The caller frees *tokens. Errors: a file that cannot be read; a model without a tokenizer for
 * it. */
bool mote_calibration_tokens(const mote_graph *g, const char *source, uint16_t **tokens, size_t *count,
                             mote_error *error);

#endif
