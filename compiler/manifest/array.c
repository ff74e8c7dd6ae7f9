#include "compiler/manifest/array.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/graph/names.h"
#include "compiler/graph/scheme.h"
#include "compiler/pack/codes.h"
#include "runtime/model.h"
#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"

/* Range of the codes of a type that has fewer than 8 bits per code. */
typedef struct code_range {
    int16_t least, most;
} code_range;

static const code_range ranges[MOTE_DTYPE_COUNT] = {
    [MOTE_TERNARY2] = {-1, 1}, [MOTE_TERNARY5] = {-1, 1}, [MOTE_BINARY] = {-1, 1},
    [MOTE_I4] = {-8, 7},       [MOTE_I5] = {-16, 15},     [MOTE_I6] = {-32, 31},
};

static bool is_packed(mote_dtype dtype)
{
    return ranges[dtype].most > 0;
}

size_t mote_array_bytes(const mote_array *a)
{
    size_t bytes = a->size;
    for (int i = 0; i < a->rank; i++)
        bytes *= a->dims[i];
    return bytes;
}

void mote_array_free(mote_array *a)
{
    free(a->data);
    *a = (mote_array){0};
}

mote_array mote_array_form(const mote_tensor *t, uint32_t bytes)
{
    static const struct {
        char kind;
        uint8_t size;
    } forms[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = {'f', 4}, [MOTE_F16] = {'f', 2}, [MOTE_I32] = {'i', 4}, [MOTE_I16] = {'i', 2},
        [MOTE_I8] = {'i', 1},  [MOTE_U16] = {'u', 2}, [MOTE_I8V] = {'u', 1}, [MOTE_U8] = {'u', 1},
    };
    if (bytes)
        return (mote_array){.kind = 'u', .size = 1, .rank = 1, .dims = {bytes}};
    mote_array a = {.kind = is_packed(t->dtype) ? 'i' : forms[t->dtype].kind,
                    .size = is_packed(t->dtype) ? 1 : forms[t->dtype].size,
                    .rank = t->rank};
    memcpy(a.dims, t->dims, sizeof t->dims);
    return a;
}

static uint32_t columns_of(const mote_tensor *t)
{
    return t->dims[t->rank - 1];
}

static uint32_t rows_of(const mote_tensor *t)
{
    return (uint32_t)(mote_tensor_elements(t) / columns_of(t));
}

/* Unpacks the codes of a packed type to bytes. False if packing them does not reproduce the data, or out of memory. */
static bool unpack(const mote_tensor *t, uint8_t *bytes)
{
    const size_t count = mote_tensor_elements(t), size = mote_tensor_size(t);
    int16_t *codes = malloc(count * sizeof *codes);
    uint8_t *again = calloc(size, 1);
    bool same = codes && again;
    if (same) {
        mote_codes_unpack(t->dtype, t->data, rows_of(t), columns_of(t), codes);
        mote_codes_pack(t->dtype, codes, rows_of(t), columns_of(t), again);
        same = memcmp(again, t->data, size) == 0;
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)codes[i];
    }
    free(codes);
    free(again);
    return same;
}

static bool take(mote_array *a, const mote_tensor *t, mote_error *error)
{
    a->data = malloc(mote_array_bytes(a) + 1);
    return a->data || mote_fail(error, MOTE_E_INTERNAL, "no memory for the numbers of %s", t->name);
}

bool mote_array_of(const mote_tensor *t, mote_array *a, mote_error *error)
{
    if (t->layout == MOTE_ROWS && !t->stride) {
        *a = mote_array_form(t, 0);
        if (!take(a, t, error))
            return false;
        if (is_packed(t->dtype) ? unpack(t, a->data) : mote_array_bytes(a) == mote_tensor_size(t)) {
            if (!is_packed(t->dtype))
                memcpy(a->data, t->data, mote_array_bytes(a));
            return true;
        }
        mote_array_free(a);
    }
    *a = mote_array_form(t, (uint32_t)mote_tensor_size(t));
    if (!take(a, t, error))
        return false;
    memcpy(a->data, t->data, mote_array_bytes(a));
    return true;
}

static bool pack(const mote_array *a, mote_tensor *t, mote_error *error)
{
    const size_t count = mote_tensor_elements(t);
    const code_range range = ranges[t->dtype];
    int16_t *codes = malloc(count * sizeof *codes);
    bool fits = codes || mote_fail(error, MOTE_E_INTERNAL, "no memory for the numbers of %s", t->name);
    for (size_t i = 0; fits && i < count; i++) {
        codes[i] = (int8_t)a->data[i];
        if (codes[i] < range.least || codes[i] > range.most || (t->dtype == MOTE_BINARY && codes[i] == 0))
            fits = mote_fail(error, MOTE_E_FORMAT, "tensor %s: %d is no %s code", t->name, codes[i],
                             mote_dtype_name(t->dtype));
    }
    if (fits)
        mote_codes_pack(t->dtype, codes, rows_of(t), columns_of(t), t->data);
    free(codes);
    return fits;
}

/* True if the bytes are valid data for the tensor. The index of a sparse layout determines their size; it is not read
 * past their end. */
static bool bytes_fit(const mote_tensor *t, const mote_tensor_record *r, const uint8_t *bytes)
{
    if (t->layout == MOTE_TILES16)
        return t->rank == 2 && mote_tiles16_valid(r, bytes);
    if (t->layout == MOTE_BLOCKS16)
        return mote_blocks16_valid(r, bytes);
    return r->size == mote_tensor_size(t);
}

/* Copies bytes to the tensor unchanged, after checking them. */
static bool take_bytes(const mote_array *a, mote_tensor *t, mote_error *error)
{
    const size_t size = mote_array_bytes(a);
    const mote_tensor_record r = {.dtype = (uint8_t)t->dtype,
                                  .rank = (uint8_t)t->rank,
                                  .dims = {t->dims[0], t->dims[1], t->dims[2], t->dims[3]},
                                  .size = (uint32_t)size,
                                  .layout = (uint8_t)t->layout};
    if (!bytes_fit(t, &r, a->data))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: its %zu bytes are not such a matrix", t->name, size);
    void *room = realloc(t->data, size + 1);
    if (!room)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for the numbers of %s", t->name);
    memcpy(room, a->data, size);
    t->data = room;
    return true;
}

bool mote_array_store(const mote_array *a, mote_tensor *t, mote_error *error)
{
    const mote_array whole = mote_array_form(t, 0);
    const bool numbers = a->kind == whole.kind && a->size == whole.size && a->rank == whole.rank &&
                         memcmp(a->dims, whole.dims, sizeof a->dims) == 0;
    if (!numbers || t->layout != MOTE_ROWS || t->stride)
        return take_bytes(a, t, error);
    if (is_packed(t->dtype))
        return pack(a, t, error);
    if (mote_array_bytes(a) != mote_tensor_size(t))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: its numbers do not fill it", t->name);
    memcpy(t->data, a->data, mote_array_bytes(a));
    return true;
}
