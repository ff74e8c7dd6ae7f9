#include "compiler/import/flatbuffer.h"

#include <string.h>

static bool fault(mote_flat *f, uint32_t at, const char *what)
{
    if (!f->fault) {
        f->fault = what;
        f->fault_at = at;
    }
    return false;
}

/* True if `count` elements of `bytes` bytes lie in the data. */
static bool lies_in(mote_flat *f, uint32_t at, uint64_t count, uint32_t bytes)
{
    if (f->fault)
        return false;
    if (at > f->size || count * bytes > f->size - at)
        return fault(f, at, "points past the end");
    return true;
}

uint32_t mote_flat_u32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

int64_t mote_flat_i64(const uint8_t *from)
{
    return (int64_t)(mote_flat_u32(from) | (uint64_t)mote_flat_u32(from + 4) << 32);
}

float mote_flat_f32(const uint8_t *from)
{
    const uint32_t bits = mote_flat_u32(from);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint16_t u16_at(const mote_flat *f, uint32_t at)
{
    return (uint16_t)(f->data[at] | f->data[at + 1] << 8);
}

/* Returns the place that the offset at `at` points to, 0 after a fault. Offsets point forwards, which excludes circles.
 */
static uint32_t follow(mote_flat *f, uint32_t at)
{
    if (!lies_in(f, at, 1, 4))
        return 0;
    const uint32_t offset = mote_flat_u32(f->data + at);
    if (offset < 4 || offset >= f->size - at) {
        fault(f, at, "is an offset that points out of the file");
        return 0;
    }
    return at + offset;
}

static mote_flat_table table_at(mote_flat *f, uint32_t at)
{
    const mote_flat_table absent = {0};
    if (!lies_in(f, at, 1, 4))
        return absent;
    const int64_t vtable = (int64_t)at - (int32_t)mote_flat_u32(f->data + at);
    if (vtable < 0 || vtable > f->size - 4) {
        fault(f, at, "is a table whose field list lies out of the file");
        return absent;
    }
    mote_flat_table t = {.in = f, .at = at, .vtable = (uint32_t)vtable};
    const uint16_t bytes = u16_at(f, t.vtable);
    t.size = u16_at(f, t.vtable + 2);
    if (bytes < 4 || bytes % 2 || t.size < 4) {
        fault(f, t.vtable, "is a field list of no valid size");
        return absent;
    }
    t.fields = (uint16_t)((bytes - 4) / 2);
    return lies_in(f, t.vtable, 1, bytes) && lies_in(f, at, 1, t.size) ? t : absent;
}

mote_flat_table mote_flat_root(mote_flat *f, const uint8_t *data, size_t size)
{
    *f = (mote_flat){.data = data, .size = size <= INT32_MAX ? (uint32_t)size : 0};
    const uint32_t at = follow(f, 0);
    return f->fault ? (mote_flat_table){0} : table_at(f, at);
}

/* Returns the place of a field of `bytes` bytes, 0 if it is absent. */
static uint32_t place_of(mote_flat_table *t, int field, uint32_t bytes)
{
    if (!t->in || t->in->fault || field >= t->fields)
        return 0;
    const uint32_t offset = u16_at(t->in, t->vtable + 4 + 2 * (uint32_t)field);
    if (offset && (offset < 4 || offset + bytes > t->size)) {
        fault(t->in, t->vtable, "is a field list that leaves its table");
        return 0;
    }
    return offset ? t->at + offset : 0;
}

int64_t mote_flat_int(mote_flat_table *t, int field, int bytes, int64_t absent)
{
    const uint32_t at = place_of(t, field, (uint32_t)bytes);
    if (!at)
        return absent;
    const uint8_t *from = t->in->data + at;
    return bytes == 1 ? (int8_t)*from : bytes == 4 ? (int32_t)mote_flat_u32(from) : mote_flat_i64(from);
}

float mote_flat_float(mote_flat_table *t, int field, float absent)
{
    const uint32_t at = place_of(t, field, 4);
    return at ? mote_flat_f32(t->in->data + at) : absent;
}

mote_flat_table mote_flat_child(mote_flat_table *t, int field)
{
    const uint32_t at = place_of(t, field, 4), to = at ? follow(t->in, at) : 0;
    return to ? table_at(t->in, to) : (mote_flat_table){0};
}

mote_flat_vector mote_flat_vector_of(mote_flat_table *t, int field, uint32_t bytes)
{
    const mote_flat_vector empty = {0};
    const uint32_t at = place_of(t, field, 4), to = at ? follow(t->in, at) : 0;
    if (!to || !lies_in(t->in, to, 1, 4))
        return empty;
    const uint32_t count = mote_flat_u32(t->in->data + to);
    return lies_in(t->in, to + 4, count, bytes) ? (mote_flat_vector){t->in, to + 4, count} : empty;
}

mote_flat_table mote_flat_element(const mote_flat_vector *v, uint32_t index)
{
    const uint32_t to = index < v->count ? follow(v->in, v->at + 4 * index) : 0;
    return to ? table_at(v->in, to) : (mote_flat_table){0};
}
