/* Implements mote_input and mote_output. */
#include "model.h"

static mote_value value_of(const mote_session *s, mote_role role, uint32_t index)
{
    const mote_model *m = s->model;
    const uint32_t tensor = mote_of_role(m, role, index);
    if (tensor == MOTE_NO_INDEX)
        return (mote_value){0};
    const mote_tensor_record *t = mote_record(m, tensor);
    return (mote_value){
        .data = mote_data_mutable(s, tensor),
        .name = (const char *)m->file + mote_header_of(m)->string_offset + t->name,
        .dims = t->dims,
        .rank = t->rank,
        .size = t->size,
        .stride = t->stride,
        .type = (mote_dtype)t->dtype,
        .scale = t->scale,
        .zero_point = t->zero_point,
    };
}

mote_value mote_input(const mote_session *s, uint32_t index)
{
    return value_of(s, MOTE_INPUT, index);
}

mote_value mote_output(const mote_session *s, uint32_t index)
{
    return value_of(s, MOTE_OUTPUT, index);
}
