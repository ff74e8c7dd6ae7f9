#include "golden.h"

#include "crc32.h"
#include "memory.h"
#include "model.h"

void mote_set_inputs(mote_session *s, const uint8_t *inputs)
{
    const uint32_t count = mote_header_of(s->model)->tensor_count;
    for (uint32_t i = 0; i < count; i++) {
        const mote_tensor_record *t = mote_record(s->model, i);
        if (t->role != MOTE_INPUT)
            continue;
        memcpy(mote_data_mutable(s, i), inputs, t->size);
        inputs += t->size;
    }
}

uint32_t mote_golden_run(mote_session *s, const uint8_t *inputs, uint32_t digest)
{
    const uint32_t count = mote_header_of(s->model)->tensor_count;
    mote_set_inputs(s, inputs);
    mote_run(s);
    for (uint32_t i = 0; i < count; i++)
        if (mote_record(s->model, i)->role == MOTE_OUTPUT)
            digest = mote_crc32(digest, mote_data(s, i), mote_record(s->model, i)->size);
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
