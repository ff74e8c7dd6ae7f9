/* The golden section: inputs, and a digest of what the network must make of them. */
#ifndef MOTE_RUNTIME_GOLDEN_H
#define MOTE_RUNTIME_GOLDEN_H

#include <mote.h>

/* Fills all inputs of one run from model->input_size bytes, one after another. */
void mote_set_inputs(mote_session *s, const uint8_t *inputs);

/* Runs such inputs and returns the digest (0 at the start) carried on over all outputs. */
uint32_t mote_golden_run(mote_session *s, const uint8_t *inputs, uint32_t digest);

#endif
