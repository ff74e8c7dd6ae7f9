#include "compiler/import/weights.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "compiler/pack/container.h"

typedef enum extent { ONE, VOCABULARY, CONTEXT, DIM, KEYS, HIDDEN } extent;

/* Names and dims of the weights. Names that begin with a dot belong to a layer. */
static const struct {
    const char *name;
    extent rows, columns;
} weights[MOTE_WEIGHT_COUNT] = {
    [MOTE_W_EMBEDDING] = {"embedding.weight", VOCABULARY, DIM},
    [MOTE_W_POSITIONS] = {"positions.weight", CONTEXT, DIM},
    [MOTE_W_ATTENTION_NORM] = {".attention.norm.gain", DIM, ONE},
    [MOTE_W_Q] = {".q.weight", DIM, DIM},
    [MOTE_W_K] = {".k.weight", KEYS, DIM},
    [MOTE_W_V] = {".v.weight", KEYS, DIM},
    [MOTE_W_O] = {".o.weight", DIM, DIM},
    [MOTE_W_FEED_NORM] = {".feed.norm.gain", DIM, ONE},
    [MOTE_W_GATE] = {".gate.weight", HIDDEN, DIM},
    [MOTE_W_UP] = {".up.weight", HIDDEN, DIM},
    [MOTE_W_DOWN] = {".down.weight", DIM, HIDDEN},
    [MOTE_W_NORM] = {"norm.gain", DIM, ONE},
    [MOTE_W_HEAD] = {"head.weight", VOCABULARY, DIM},
    [MOTE_W_Q_BIAS] = {".q.bias", DIM, ONE},
    [MOTE_W_K_BIAS] = {".k.bias", KEYS, ONE},
    [MOTE_W_V_BIAS] = {".v.bias", KEYS, ONE},
    [MOTE_W_O_BIAS] = {".o.bias", DIM, ONE},
    [MOTE_W_GATE_BIAS] = {".gate.bias", HIDDEN, ONE},
    [MOTE_W_UP_BIAS] = {".up.bias", HIDDEN, ONE},
    [MOTE_W_DOWN_BIAS] = {".down.bias", DIM, ONE},
    [MOTE_W_ATTENTION_NORM_BIAS] = {".attention.norm.bias", DIM, ONE},
    [MOTE_W_FEED_NORM_BIAS] = {".feed.norm.bias", DIM, ONE},
    [MOTE_W_NORM_BIAS] = {"norm.bias", DIM, ONE},
};

mote_weight_name mote_weight_name_of(mote_weight w, uint32_t layer)
{
    mote_weight_name name;
    if (weights[w].name[0] == '.')
        snprintf(name.text, sizeof name.text, "layer%" PRIu32 "%s", layer, weights[w].name);
    else
        snprintf(name.text, sizeof name.text, "%s", weights[w].name);
    return name;
}

uint32_t mote_weight_copies(const mote_transformer_shape *s, mote_weight w)
{
    return weights[w].name[0] == '.' ? s->layers : 1;
}

static uint32_t extent_of(const mote_transformer_shape *s, extent e)
{
    switch (e) {
    case ONE:
        return 1;
    case VOCABULARY:
        return s->vocabulary;
    case CONTEXT:
        return s->context;
    case DIM:
        return s->dim;
    case KEYS:
        return s->dim / s->heads * s->kv_heads;
    case HIDDEN:
        return s->hidden;
    }
    return 0;
}

uint64_t mote_weight_dims(const mote_transformer_shape *s, mote_weight w, uint32_t dims[2])
{
    dims[0] = extent_of(s, weights[w].rows);
    dims[1] = extent_of(s, weights[w].columns);
    return (uint64_t)dims[0] * dims[1];
}

bool mote_weight_is_vector(mote_weight w)
{
    return weights[w].columns == ONE;
}

bool mote_weight_is_norm_bias(mote_weight w)
{
    return w >= MOTE_W_ATTENTION_NORM_BIAS;
}

bool mote_weight_is_transposed(mote_weight w)
{
    return weights[w].name[0] == '.' && weights[w].columns != ONE;
}

bool mote_weight_exists(const mote_transformer_shape *s, mote_weight w)
{
    switch (w) {
    case MOTE_W_POSITIONS:
        return s->learned_positions;
    case MOTE_W_GATE:
        return !s->gelu;
    case MOTE_W_HEAD:
        return !s->tied;
    case MOTE_W_GATE_BIAS:
        return s->biased && !s->gelu;
    default:
        return w < MOTE_W_HEAD || (mote_weight_is_norm_bias(w) ? s->layer_norm : s->biased);
    }
}

float *mote_weight_data(const mote_graph *g, mote_weight w, uint32_t layer)
{
    const int index = mote_graph_find(g, mote_weight_name_of(w, layer).text);
    return index < 0 ? NULL : g->tensors[index].data;
}

bool mote_weight_finite(const mote_weight_source *s, const char *name, const float *data, uint64_t count,
                        mote_error *error)
{
    for (uint64_t i = 0; i < count && !s->options->allow_nonfinite; i++)
        if (!isfinite(data[i]))
            return mote_fail(error, MOTE_E_FORMAT,
                             "%s: value %" PRIu64 " of %s is %s; a sound model has none, --allow-nonfinite takes it",
                             s->in->path, i, name, isnan(data[i]) ? "NaN" : "infinite");
    return true;
}

static uint64_t total_bytes(const mote_transformer_shape *s)
{
    uint64_t elements = 0;
    uint32_t dims[2];
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        if (mote_weight_exists(s, (mote_weight)w))
            elements += mote_weight_dims(s, (mote_weight)w, dims) * mote_weight_copies(s, (mote_weight)w);
    return elements * sizeof(float);
}

bool mote_import_valid(const char *path, mote_transformer_shape *shape, const mote_import_options *options,
                       mote_error *error)
{
    mote_error why;
    if (options->context > shape->context)
        return mote_fail(error, MOTE_E_USAGE, "%s: made for %" PRIu32 " positions; --context %" PRIu32 " is more", path,
                         shape->context, options->context);
    if (options->context)
        shape->context = options->context;
    if (!mote_transformer_valid(shape, &why))
        return mote_fail(error, MOTE_E_FORMAT, "%s: %.400s", path, why.text);
    const uint64_t bytes = total_bytes(shape);
    return bytes < MOTE_FILE_LIMIT ||
           mote_fail(error, MOTE_E_UNSUPPORTED, "%s: %" PRIu64 " bytes of float weights; a model has at most %zu", path,
                     bytes, MOTE_FILE_LIMIT);
}
