/* Runs of the golden section: its inputs, and the digest of the outputs. */
#ifndef MOTE_RUNTIME_GOLDEN_H
#define MOTE_RUNTIME_GOLDEN_H

#include <mote.h>

/* Copies model->input_size bytes to the inputs of one run, in the order of the tensors. */
void mote_set_inputs(mote_session *s, const uint8_t *inputs);

/* Runs the network on these inputs and returns the digest (0 at the start) updated with all outputs. */
uint32_t mote_golden_run(mote_session *s, const uint8_t *inputs, uint32_t digest);

#endif
