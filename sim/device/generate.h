/* The loop of a firmware that talks, and what is written down meanwhile. The same code on the chip and on the PC. */
#ifndef MOTE_SIM_GENERATE_H
#define MOTE_SIM_GENERATE_H

#include <mote.h>

#include "box.h"
#include "runtime/format.h"

/* A language model is fed the prompt, then `output_count` tokens are drawn and fed; any other network repeats the runs
 * of its golden section, `output_count` in all. `tokens` has room for prompt and output, `trace` for
 * request->trace_size bytes. The trace holds what every operator left behind, in order of execution: the tensors of
 * mote_sim_traced, in its order; it ends before the first that does not fit. */
void mote_sim_generate(mote_session *s, const mote_sim_request *request, const uint8_t *prompt, mote_sim_reply *reply,
                       uint16_t *tokens, uint8_t *trace);

/* For `index` below mote_sim_operands: an operator's outputs, scratch apart, then the states among its inputs;
 * MOTE_NO_INDEX for indices without one. */
uint32_t mote_sim_traced(const mote_model *m, uint32_t op, uint32_t index);
uint32_t mote_sim_operands(const mote_model *m, uint32_t op);

/* Called when the work of a slot begins; defined by whoever links this. */
void mote_sim_enter(uint32_t slot);

#endif
