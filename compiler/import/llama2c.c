/* Imports checkpoints that export.py of llama2.c writes: versions 0 (float), 1 (float) and 2 (int8 in groups). */
#include <inttypes.h>
#include <string.h>

#include "compiler/import/llama2c.h"

enum { VERSIONS = 3, LARGEST = 1 << 24 };

const mote_llama2c_part mote_llama2c_parts[] = {
    {MOTE_LLAMA2C_FLOAT, MOTE_W_EMBEDDING}, {MOTE_LLAMA2C_FLOAT, MOTE_W_ATTENTION_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_Q},         {MOTE_LLAMA2C_FLOAT, MOTE_W_K},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_V},         {MOTE_LLAMA2C_FLOAT, MOTE_W_O},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_FEED_NORM}, {MOTE_LLAMA2C_FLOAT, MOTE_W_GATE},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_DOWN},      {MOTE_LLAMA2C_FLOAT, MOTE_W_UP},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_NORM},      {MOTE_LLAMA2C_FLOAT, MOTE_LLAMA2C_FREQUENCIES},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_HEAD},      {MOTE_LLAMA2C_END, 0},
};
static const mote_llama2c_part float_norms_first[] = {
    {MOTE_LLAMA2C_FLOAT, MOTE_W_ATTENTION_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_FEED_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_EMBEDDING},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_Q},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_K},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_V},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_O},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_GATE},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_DOWN},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_UP},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_HEAD},
    {MOTE_LLAMA2C_END, 0},
};
static const mote_llama2c_part groups_norms_first[] = {
    {MOTE_LLAMA2C_FLOAT, MOTE_W_ATTENTION_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_FEED_NORM},
    {MOTE_LLAMA2C_FLOAT, MOTE_W_NORM},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_EMBEDDING},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_Q},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_K},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_V},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_O},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_GATE},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_DOWN},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_UP},
    {MOTE_LLAMA2C_GROUPS, MOTE_W_HEAD},
    {MOTE_LLAMA2C_END, 0},
};

static const struct {
    uint32_t header; /* bytes */
    const mote_llama2c_part *parts;
} versions[VERSIONS] = {{28, mote_llama2c_parts}, {256, float_norms_first}, {256, groups_norms_first}};

typedef struct checkpoint {
    mote_weight_source source;
    uint32_t version, group, trained; /* `trained`: number of positions in the file; the graph may keep fewer */
    mote_transformer_shape shape;
} checkpoint;

static bool take_settings(checkpoint *c, const int32_t s[MOTE_LLAMA2C_SETTINGS], mote_error *error)
{
    static const char *const names[MOTE_LLAMA2C_SETTINGS] = {"dim",        "hidden_dim", "n_layers",   "n_heads",
                                                             "n_kv_heads", "vocab_size", "max_seq_len"};
    for (int i = 0; i < MOTE_LLAMA2C_SETTINGS; i++)
        if (s[i] < (i == 5 && !c->version ? -LARGEST : 1) || s[i] == 0 || s[i] > LARGEST)
            return mote_fail(error, MOTE_E_FORMAT,
                             c->version ? "%s: a llama2.c checkpoint whose %s is %" PRId32
                                        : "%s: in none of the formats that mote import --help lists; in a llama2.c "
                                          "checkpoint %s would be %" PRId32,
                             c->source.in->path, names[i], s[i]);
    c->shape = MOTE_TRANSFORMER_DEFAULTS;
    c->shape.dim = (uint32_t)s[0];
    c->shape.hidden = (uint32_t)s[1];
    c->shape.layers = (uint32_t)s[2];
    c->shape.heads = (uint32_t)s[3];
    c->shape.kv_heads = (uint32_t)s[4];
    c->shape.tied = s[5] > 0;
    c->shape.vocabulary = (uint32_t)(s[5] < 0 ? -s[5] : s[5]);
    c->shape.context = c->trained = (uint32_t)s[6];
    return true;
}

/* Reads the fields after the settings: a byte, 1 if the head is the embedding, then the group size. */
static bool take_flags(checkpoint *c, const uint8_t *flags, mote_error *error)
{
    if (flags[0] > 1)
        return mote_fail(error, MOTE_E_FORMAT, "%s: shared_classifier is %u, neither 0 nor 1", c->source.in->path,
                         flags[0]);
    c->shape.tied = flags[0];
    memcpy(&c->group, flags + 1, sizeof c->group);
    if (c->version == 2 && (c->group < 1 || c->group > INT32_MAX))
        return mote_fail(error, MOTE_E_FORMAT, "%s: a group size of %" PRIu32, c->source.in->path, c->group);
    return true;
}

static bool read_header(checkpoint *c, mote_error *error)
{
    uint8_t header[256] = {0};
    const mote_input_file *in = c->source.in;
    const size_t size = in->size < sizeof header ? (size_t)in->size : sizeof header;
    uint32_t start[2];
    int32_t settings[MOTE_LLAMA2C_SETTINGS];
    if (!mote_input_read(in, 0, header, size, error))
        return false;
    memcpy(start, header, sizeof start);
    const bool old = start[0] != MOTE_LLAMA2C_MAGIC;
    c->version = old ? 0 : start[1];
    if (!old && (c->version == 0 || c->version >= VERSIONS))
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: a llama2.c checkpoint of version %" PRIu32 "; 0, 1 and 2 can be imported", in->path,
                         c->version);
    if (size < versions[c->version].header)
        return mote_fail(error, MOTE_E_FORMAT, "%s: ends at byte %zu, within its header of %" PRIu32, in->path, size,
                         versions[c->version].header);
    memcpy(settings, header + (old ? 0 : 8), sizeof settings);
    return take_settings(c, settings, error) && (old || take_flags(c, header + 36, error)) &&
           mote_import_valid(in->path, &c->shape, c->source.options, error);
}

static uint64_t elements_of(const checkpoint *c, int weight, uint32_t dims[2])
{
    if (weight != MOTE_LLAMA2C_FREQUENCIES)
        return mote_weight_dims(&c->shape, (mote_weight)weight, dims);
    dims[0] = c->trained;
    dims[1] = c->shape.dim / c->shape.heads; /* cosines, then sines */
    return (uint64_t)dims[0] * dims[1];
}

/* Computes the number of bytes of a part, for one layer, in the file. */
static bool stored_size(const checkpoint *c, const mote_llama2c_part *p, const char *name, uint64_t *size,
                        mote_error *error)
{
    uint32_t dims[2];
    const uint64_t elements = elements_of(c, p->weight, dims);
    if (p->encoding == MOTE_LLAMA2C_GROUPS && elements % c->group)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: the %" PRIu64 " values of %s cannot be divided into groups of %" PRIu32,
                         c->source.in->path, elements, name, c->group);
    *size =
        p->encoding == MOTE_LLAMA2C_GROUPS ? elements + elements / c->group * sizeof(float) : elements * sizeof(float);
    return true;
}

/* Reads int8 codes and, after them, a scale for each group. The codes are read into the last quarter of the float array
 * and converted in place: writing value i, 4 bytes at 4i, never overwrites a code that is still unread. */
static bool read_groups(const checkpoint *c, uint64_t at, float *data, uint64_t count, mote_error *error)
{
    enum { SCALES = 1024 };
    const int8_t *codes = (int8_t *)data + 3 * count;
    const uint64_t groups = count / c->group;
    float scales[SCALES];
    if (!mote_input_read(c->source.in, at, (int8_t *)data + 3 * count, count, error))
        return false;
    for (uint64_t i = 0; i < groups; i++) {
        if (i % SCALES == 0) {
            const uint64_t left = groups - i < SCALES ? groups - i : SCALES;
            if (!mote_input_read(c->source.in, at + count + i * sizeof(float), scales, left * sizeof(float), error))
                return false;
        }
        for (uint64_t k = i * c->group; k < (i + 1) * c->group; k++)
            data[k] = (float)codes[k] * scales[i % SCALES];
    }
    return true;
}

static bool read_part(const checkpoint *c, const mote_llama2c_part *p, uint32_t layer, uint64_t at, const mote_graph *g,
                      mote_error *error)
{
    uint32_t dims[2];
    if (p->weight == MOTE_LLAMA2C_FREQUENCIES)
        return true;
    float *data = mote_weight_data(g, (mote_weight)p->weight, layer);
    const uint64_t count = elements_of(c, p->weight, dims);
    return (p->encoding == MOTE_LLAMA2C_GROUPS
                ? read_groups(c, at, data, count, error)
                : mote_input_read(c->source.in, at, data, count * sizeof(float), error)) &&
           mote_weight_finite(&c->source, mote_weight_name_of((mote_weight)p->weight, layer).text, data, count, error);
}

/* Walks through the file. Without a graph it checks the size of the file against the header; with a graph it fills its
 * weights. */
static bool walk(const checkpoint *c, const mote_graph *g, mote_error *error)
{
    const mote_input_file *in = c->source.in;
    uint64_t at = versions[c->version].header, size = 0;
    for (const mote_llama2c_part *p = versions[c->version].parts; p->encoding != MOTE_LLAMA2C_END; p++) {
        const bool known = p->weight != MOTE_LLAMA2C_FREQUENCIES;
        const uint32_t copies = known ? mote_weight_copies(&c->shape, (mote_weight)p->weight) : 1;
        for (uint32_t i = 0; i < copies && !(p->weight == MOTE_W_HEAD && c->shape.tied); i++, at += size) {
            uint32_t dims[2];
            const mote_weight_name name =
                known ? mote_weight_name_of((mote_weight)p->weight, i) : (mote_weight_name){"freq_cis"};
            elements_of(c, p->weight, dims);
            if (!stored_size(c, p, name.text, &size, error))
                return false;
            if (size > in->size - at)
                return mote_fail(error, MOTE_E_FORMAT,
                                 "%s: %s [%" PRIu32 ", %" PRIu32 "] takes bytes %" PRIu64 " to %" PRIu64
                                 " and the file has %" PRIu64 "; it is cut off, or no llama2.c checkpoint",
                                 in->path, name.text, dims[0], dims[1], at, at + size, in->size);
            if (g && !read_part(c, p, i, at, g, error))
                return false;
        }
    }
    if (at != in->size)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: its weights end at byte %" PRIu64 " and the file at %" PRIu64
                         "; it is no llama2.c checkpoint of version %" PRIu32,
                         in->path, at, in->size, c->version);
    return true;
}

static bool import(mote_graph *g, checkpoint *c, mote_error *error)
{
    if (!read_header(c, error) || !walk(c, NULL, error) || !mote_transformer_build(g, &c->shape, 0, error))
        return false;
    if (walk(c, g, error))
        return true;
    mote_graph_free(g);
    return false;
}

bool mote_import_llama2c(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    mote_input_file in;
    checkpoint c = {.source = {&in, options}};
    if (!mote_input_open(&in, path, error))
        return false;
    const bool done = import(g, &c, error);
    mote_input_close(&in);
    return done;
}
