#include "golden.h"

#include "crc32.h"
#include "memory.h"
#include "model.h"

void mote_set_inputs(mote_session *s, const uint8_t *inputs)
{
    uint32_t tensor;
    for (uint32_t i = 0; (tensor = mote_of_role(s->model, MOTE_INPUT, i)) != MOTE_NO_INDEX; i++) {
        memcpy(mote_data_mutable(s, tensor), inputs, mote_record(s->model, tensor)->size);
        inputs += mote_record(s->model, tensor)->size;
    }
}

uint32_t mote_golden_run(mote_session *s, const uint8_t *inputs, uint32_t digest)
{
    uint32_t tensor;
    mote_set_inputs(s, inputs);
    mote_run(s);
    for (uint32_t i = 0; (tensor = mote_of_role(s->model, MOTE_OUTPUT, i)) != MOTE_NO_INDEX; i++)
        digest = mote_crc32(digest, mote_data(s, tensor), mote_record(s->model, tensor)->size);
    return digest;
}

mote_status mote_selftest(mote_session *s)
{
    const mote_golden *golden = s->model->golden;
    if (!golden)
        return MOTE_SUCCESS;
    const uint8_t *inputs = (const uint8_t *)(golden + 1);
    uint32_t digest = 0;
    mote_reset(s);
    for (uint32_t i = 0; i < golden->run_count; i++, inputs += golden->input_size)
        digest = mote_golden_run(s, inputs, digest);
    mote_reset(s);
    return digest == golden->digest ? MOTE_SUCCESS : MOTE_BAD_GOLDEN;
}
