#include "compiler/manifest/number.h"

#include <string.h>

/* Types of inputs and outputs, with kind and size as in an array. */
static const struct type {
    mote_dtype dtype;
    char kind;
    uint32_t size;
    double least, most;
} types[] = {
    {MOTE_F32, 'f', 4, -3.4028234663852886e38, 3.4028234663852886e38},
    {MOTE_I32, 'i', 4, INT32_MIN, INT32_MAX},
    {MOTE_I16, 'i', 2, INT16_MIN, INT16_MAX},
    {MOTE_U16, 'u', 2, 0, UINT16_MAX},
    {MOTE_I8, 'i', 1, INT8_MIN, INT8_MAX},
    {MOTE_U8, 'u', 1, 0, UINT8_MAX},
};

static const struct type *type_of(mote_dtype dtype)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].dtype == dtype)
            return &types[i];
    return NULL;
}

double mote_array_number(const mote_array *form, const uint8_t *data, size_t i)
{
    const uint8_t *at = data + i * form->size;
    uint64_t bits = 0;
    memcpy(&bits, at, form->size); /* little endian, like the host */
    if (form->kind == 'f') {
        float single;
        double value;
        memcpy(&single, at, sizeof single);
        memcpy(&value, &bits, sizeof value);
        return form->size == sizeof single ? (double)single : value;
    }
    const unsigned unused = 64 - 8 * form->size;
    return form->kind == 'i' ? (double)((int64_t)(bits << unused) >> unused) : (double)bits;
}

bool mote_dtype_limits(mote_dtype dtype, double *least, double *most)
{
    const struct type *t = type_of(dtype);
    if (!t)
        return false;
    *least = t->least;
    *most = t->most;
    return true;
}

size_t mote_dtype_bytes(mote_dtype dtype)
{
    const struct type *t = type_of(dtype);
    return t ? t->size : 0;
}

double mote_dtype_get(mote_dtype dtype, const void *data, size_t i)
{
    const struct type *t = type_of(dtype);
    return mote_array_number(&(mote_array){.kind = t->kind, .size = t->size}, data, i);
}

void mote_dtype_put(mote_dtype dtype, void *data, size_t i, double value)
{
    const struct type *t = type_of(dtype);
    const float single = (float)value;
    const uint32_t bits = t->kind == 'f' ? 0 : (uint32_t)(int64_t)value;
    memcpy((uint8_t *)data + i * t->size, t->kind == 'f' ? (const void *)&single : &bits, t->size);
}
