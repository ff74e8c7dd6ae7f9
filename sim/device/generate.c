#include "generate.h"

#include <mote_text.h>
#include <string.h>

#include "runtime/crc32.h"
#include "runtime/golden.h"
#include "runtime/model.h"
#include "runtime/ops/ops.h"

typedef struct trace {
    uint8_t *to;
    uint32_t used, size;
} trace;

uint32_t mote_sim_traced(const mote_model *m, uint32_t op, uint32_t index)
{
    const mote_op_view view = mote_op_at(m, op);
    const mote_op_entry *entry = mote_op_entry_of(view.opcode);
    const uint8_t *roles = entry->operands;
    if (index < entry->outputs) {
        const uint8_t operand = roles[entry->inputs + index];
        return mote_operand_role_of(operand) == MOTE_OPERAND_SCRATCH ? MOTE_NO_INDEX : view.outputs[index];
    }
    index -= entry->outputs;
    if (index >= entry->inputs || mote_operand_role_of(roles[index]) != MOTE_OPERAND_STATE)
        return MOTE_NO_INDEX;
    for (uint32_t i = 0; i < entry->outputs; i++)
        if (view.outputs[i] == view.inputs[index])
            return MOTE_NO_INDEX;
    return view.inputs[index];
}

uint32_t mote_sim_operands(const mote_model *m, uint32_t op)
{
    const mote_op_record *record = (const mote_op_record *)m->ops + op;
    return (uint32_t)record->input_count + record->output_count;
}

static void append(trace *t, const mote_session *s, uint32_t op)
{
    const uint32_t operands = mote_sim_operands(s->model, op);
    for (uint32_t i = 0; i < operands && t->size; i++) {
        const uint32_t tensor = mote_sim_traced(s->model, op, i);
        if (tensor == MOTE_NO_INDEX)
            continue;
        const uint32_t size = mote_record(s->model, tensor)->size;
        if (size > t->size - t->used) {
            t->size = 0;
            return;
        }
        memcpy(t->to + t->used, mote_data(s, tensor), size);
        t->used += size;
    }
}

static uint32_t slot_of(uint32_t op)
{
    const uint32_t last = MOTE_SIM_SLOTS - 1 - MOTE_SIM_AT_OPERATORS;
    return MOTE_SIM_AT_OPERATORS + (op < last ? op : last);
}

/* Does what mote_run does, entering the slot of every operator and tracing it. Returns the digest updated with the
 * outputs. */
static uint32_t run(mote_session *s, uint32_t digest, trace *t)
{
    const uint32_t count = mote_header_of(s->model)->op_count;
    uint32_t tensor;
    for (uint32_t i = 0; i < count; i++) {
        mote_sim_enter(slot_of(i));
        mote_operator_run(s, i);
        if (t->size) {
            mote_sim_enter(MOTE_SIM_AT_OTHER);
            append(t, s, i);
        }
    }
    s->position++;
    mote_sim_enter(MOTE_SIM_AT_OTHER);
    for (uint32_t i = 0; (tensor = mote_of_role(s->model, MOTE_OUTPUT, i)) != MOTE_NO_INDEX; i++)
        digest = mote_crc32(digest, mote_data(s, tensor), mote_record(s->model, tensor)->size);
    return digest;
}

/* Repeats the runs of the golden section. Does nothing without one. */
static void repeat_golden(mote_session *s, uint32_t runs, mote_sim_reply *reply, trace *t)
{
    const mote_golden *golden = s->model->golden;
    for (uint32_t i = 0; golden && i < runs; i++) {
        const uint8_t *inputs = (const uint8_t *)(golden + 1) + i % golden->run_count * golden->input_size;
        mote_set_inputs(s, inputs);
        reply->digest = run(s, reply->digest, t);
        reply->fed = i + 1;
    }
}

static uint8_t *keep_outputs(const mote_session *s, uint8_t *to)
{
    uint32_t tensor;
    for (uint32_t i = 0; (tensor = mote_of_role(s->model, MOTE_OUTPUT, i)) != MOTE_NO_INDEX; i++) {
        const uint32_t size = mote_record(s->model, tensor)->size;
        memcpy(to, mote_data(s, tensor), size);
        to += size;
    }
    return to;
}

static void run_frames(mote_session *s, const mote_sim_request *request, mote_sim_reply *reply, uint8_t *data, trace *t)
{
    uint8_t *outputs = data + request->inputs_size;
    for (uint32_t i = 0; i < request->output_count; i++, data += s->model->input_size) {
        mote_set_inputs(s, data);
        reply->digest = run(s, reply->digest, t);
        outputs = keep_outputs(s, outputs);
        reply->fed = i + 1;
    }
}

void mote_sim_generate(mote_session *s, const mote_sim_request *request, const uint8_t *prompt, mote_sim_reply *reply,
                       uint16_t *tokens, uint8_t *data)
{
    mote_sampler sampler = {
        .rng = (uint64_t)request->rng[1] << 32 | request->rng[0],
        .temperature = request->temperature,
        .top_k = request->top_k,
        .top_p = request->top_p,
    };
    trace t = {data + request->inputs_size + request->outputs_size, 0, request->trace_size};
    if (request->inputs_size || !mote_is_language_model(s->model)) {
        if (request->inputs_size)
            run_frames(s, request, reply, data, &t);
        else
            repeat_golden(s, request->output_count, reply, &t);
        reply->trace_used = t.used;
        return;
    }
    const uint32_t prompt_count = (uint32_t)mote_encode_prompt(s->model, prompt, request->prompt_size, tokens,
                                                               MOTE_SIM_MAX_TOKENS - request->output_count);
    for (uint32_t i = 0; i < prompt_count + request->output_count; i++) {
        if (i >= prompt_count) {
            mote_sim_enter(MOTE_SIM_AT_SAMPLE);
            tokens[i] = (uint16_t)mote_sample(s, &sampler);
            mote_sim_enter(MOTE_SIM_AT_OTHER);
        }
        mote_set_inputs(s, (const uint8_t *)&tokens[i]);
        reply->digest = run(s, reply->digest, &t);
        reply->fed = i + 1;
    }
    reply->prompt_count = prompt_count;
    reply->trace_used = t.used;
}
