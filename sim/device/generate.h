/* The generation loop of a firmware, with a digest and a trace. The chip and the PC run the same code. */
#ifndef MOTE_SIM_GENERATE_H
#define MOTE_SIM_GENERATE_H

#include <mote.h>

#include "box.h"
#include "runtime/format.h"

/* Feeds the prompt to a language model, then draws and feeds `output_count` tokens. For any other network repeats the
 * runs of its golden section, `output_count` in all. `tokens` has room for prompt and output, `trace` for
 * request->trace_size bytes. The trace contains the tensors of mote_sim_traced after every operator, in order of
 * execution. It ends before the first tensor that does not fit. */
void mote_sim_generate(mote_session *s, const mote_sim_request *request, const uint8_t *prompt, mote_sim_reply *reply,
                       uint16_t *tokens, uint8_t *trace);

/* Returns the traced tensor `index`, below mote_sim_operands, of an operator: its outputs except scratch, then the
 * states among its inputs that are not outputs too. Returns MOTE_NO_INDEX for indices that are not traced. */
uint32_t mote_sim_traced(const mote_model *m, uint32_t op, uint32_t index);
uint32_t mote_sim_operands(const mote_model *m, uint32_t op);

/* Called when the work of a slot begins. The program that links this file defines it. */
void mote_sim_enter(uint32_t slot);

#endif
