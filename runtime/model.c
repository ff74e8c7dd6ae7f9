#include "model.h"

uint32_t mote_of_role(const mote_model *m, mote_role role, uint32_t index)
{
    const uint32_t count = mote_header_of(m)->tensor_count;
    for (uint32_t i = 0; i < count; i++)
        if (mote_record(m, i)->role == role && index-- == 0)
            return i;
    return MOTE_NO_INDEX;
}

void *mote_data_mutable(const mote_session *s, uint32_t tensor)
{
    const mote_tensor_record *t = mote_record(s->model, tensor);
    return (t->role == MOTE_STATE ? s->state : s->arena) + t->offset;
}

const void *mote_data(const mote_session *s, uint32_t tensor)
{
    const uint8_t role = mote_record(s->model, tensor)->role;
    if (role == MOTE_CONSTANT || role == MOTE_PLACED)
        return mote_constant(s->model, tensor);
    return mote_data_mutable(s, tensor);
}
