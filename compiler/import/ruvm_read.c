#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/ruvm.h"

typedef struct reader {
    mote_weight_source source;
    mote_ruvm_type type;
    mote_transformer_shape shape;
} reader;

static bool read_header(reader *r, mote_error *error)
{
    static const uint8_t zero[sizeof((mote_ruvm_header){0}).reserved];
    const mote_input_file *in = r->source.in;
    mote_ruvm_header h;
    if (in->size < sizeof h)
        return mote_fail(error, MOTE_E_FORMAT, "%s: ends at byte %" PRIu64 ", within its header of 32", in->path,
                         in->size);
    if (!mote_input_read(in, 0, &h, sizeof h, error))
        return false;
    if (memcmp(h.magic, "RUVM", 4) != 0 || memcmp(h.reserved, zero, sizeof zero) != 0)
        return mote_fail(error, MOTE_E_FORMAT, "%s: no RUVM file: its 32-byte header is not RUVM, settings and zeros",
                         in->path);
    if (h.type >= MOTE_RUVM_TYPE_COUNT)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: weights of type %u; known are 0 int8, 1 int4, 2 binary, "
                         "3 fixed16",
                         in->path, h.type);
    r->type = h.type;
    r->shape = mote_ruvm_shape(&h);
    return mote_import_valid(in->path, &r->shape, r->source.options, error);
}

static int32_t code_at(mote_ruvm_type type, const uint8_t *codes, uint64_t i)
{
    switch (type) {
    case MOTE_RUVM_INT8:
        return (int8_t)codes[i];
    case MOTE_RUVM_INT4: {
        const int nibble = codes[i / 2] >> (i % 2 ? 4 : 0) & 15;
        return nibble < 8 ? nibble : nibble - 16;
    }
    case MOTE_RUVM_BINARY:
        return codes[i / 8] >> i % 8 & 1 ? 1 : -1;
    default:
        return (int16_t)(codes[2 * i] | codes[2 * i + 1] << 8);
    }
}

static bool range_valid(const reader *r, const char *name, const mote_ruvm_range *range, mote_error *error)
{
    const mote_ruvm_codes *codes = &mote_ruvm_types[r->type];
    const bool zero_fits = r->type == MOTE_RUVM_BINARY
                               ? range->zero_point == 0
                               : range->zero_point >= codes->lowest && range->zero_point <= codes->highest;
    if (isfinite(range->scale) && range->scale >= 0 && zero_fits && range->min <= range->max)
        return true;
    return mote_fail(error, MOTE_E_FORMAT, "%s: %s cannot have scale %g, zero point %" PRId32 ", min %g and max %g",
                     r->source.in->path, name, (double)range->scale, range->zero_point, (double)range->min,
                     (double)range->max);
}

static bool restore(const reader *r, const char *name, const mote_ruvm_range *range, const uint8_t *codes,
                    uint64_t count, float *data, mote_error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        data[i] = range->scale * (float)(code_at(r->type, codes, i) - range->zero_point);
        if (!(data[i] >= range->min && data[i] <= range->max))
            return mote_fail(error, MOTE_E_FORMAT, "%s: value %" PRIu64 " of %s is %g, outside its %g to %g",
                             r->source.in->path, i, name, (double)data[i], (double)range->min, (double)range->max);
    }
    return mote_weight_finite(&r->source, name, data, count, error);
}

/* Reads the tensor at *at and advances *at. Without a graph it only checks that the tensor is within the file. */
static bool read_tensor(const reader *r, const mote_graph *g, mote_weight w, uint32_t layer, uint64_t *at,
                        mote_error *error)
{
    const mote_input_file *in = r->source.in;
    const mote_weight_name name = mote_weight_name_of(w, layer);
    uint32_t dims[2];
    const uint64_t count = mote_weight_dims(&r->shape, w, dims), size = mote_ruvm_size(r->type, count), begin = *at;
    mote_ruvm_range range;
    if (sizeof range + size > in->size - begin)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: %s [%" PRIu32 ", %" PRIu32 "] takes bytes %" PRIu64 " to %" PRIu64
                         " and the file has %" PRIu64 "; it is cut off",
                         in->path, name.text, dims[0], dims[1], begin, begin + sizeof range + size, in->size);
    *at += sizeof range + size;
    if (!g)
        return true;
    uint8_t *codes = malloc(size);
    if (!codes)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", in->path);
    const bool done = mote_input_read(in, begin, &range, sizeof range, error) &&
                      mote_input_read(in, begin + sizeof range, codes, size, error) &&
                      range_valid(r, name.text, &range, error) &&
                      restore(r, name.text, &range, codes, count, mote_weight_data(g, w, layer), error);
    free(codes);
    return done;
}

static bool walk(const reader *r, const mote_graph *g, mote_error *error)
{
    uint64_t at = sizeof(mote_ruvm_header);
    bool done = read_tensor(r, g, MOTE_W_EMBEDDING, 0, &at, error);
    for (uint32_t layer = 0; layer < r->shape.layers; layer++)
        for (int i = 0; i < MOTE_RUVM_IN_LAYER && done; i++)
            done = read_tensor(r, g, mote_ruvm_layer[i], layer, &at, error);
    done = done && read_tensor(r, g, MOTE_W_HEAD, 0, &at, error);
    if (done && at != r->source.in->size)
        return mote_fail(error, MOTE_E_FORMAT, "%s: its weights end at byte %" PRIu64 " and the file at %" PRIu64,
                         r->source.in->path, at, r->source.in->size);
    return done;
}

static bool import(mote_graph *g, reader *r, mote_error *error)
{
    const mote_import_options *options = r->source.options;
    const mote_input_file *in = r->source.in;
    if (!read_header(r, error))
        return false;
    const bool bare = in->size == sizeof(mote_ruvm_header);
    if (bare != (options->random_seed != 0))
        return mote_fail(error, MOTE_E_FORMAT,
                         bare ? "%s: a header without weights; --random-weights SEED draws some"
                              : "%s: has weights; leave out --random-weights",
                         in->path);
    if (!bare && !walk(r, NULL, error))
        return false;
    if (!mote_transformer_build(g, &r->shape, options->random_seed, error))
        return false;
    if (bare || walk(r, g, error))
        return true;
    mote_graph_free(g);
    return false;
}

bool mote_import_ruvm(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    mote_input_file in;
    reader r = {.source = {&in, options}};
    if (!mote_input_open(&in, path, error))
        return false;
    const bool done = import(g, &r, error);
    mote_input_close(&in);
    return done;
}
