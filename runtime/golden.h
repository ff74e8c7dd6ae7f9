/* The golden section: inputs, and a digest of what the network must make of them. */
#ifndef MOTE_RUNTIME_GOLDEN_H
#define MOTE_RUNTIME_GOLDEN_H

#include <mote.h>

uint32_t mote_input_size(const mote_model *m); /* bytes of all inputs of one run, at most UINT32_MAX */

/* Runs the inputs, mote_input_size bytes, and returns the digest (0 at the start) carried on over all outputs. */
uint32_t mote_golden_run(mote_session *s, const uint8_t *inputs, uint32_t digest);

#endif
