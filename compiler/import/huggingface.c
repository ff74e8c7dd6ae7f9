/* Imports models in the layout of Hugging Face: safetensors, and config.json in the same folder. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/foreign.h"
#include "compiler/import/config.h"
#include "compiler/import/safetensors.h"

enum { LARGEST_INDEX = 4 << 20 };

typedef struct source {
    mote_model_config config;
    mote_safetensors files;
    const mote_import_options *options;
    const char *path; /* for messages */
    bool transposed;  /* matrices of layers are stored as [inputs, outputs], as by GPT-2's Conv1D */
} source;

/* Dims of the tensor that holds a weight, in the order of the file; a vector has 1 column. */
typedef struct form {
    uint32_t rank, dims[2];
} form;

static form form_of(const source *s, mote_weight w)
{
    form f;
    mote_weight_dims(&s->config.shape, w, f.dims);
    f.rank = mote_weight_is_vector(w) ? 1 : 2;
    f.dims[0] = w == MOTE_W_POSITIONS ? s->config.positions : f.dims[0] * s->config.stored[w].parts;
    if (s->transposed && mote_weight_is_transposed(w))
        f = (form){2, {f.dims[1], f.dims[0]}};
    return f;
}

/* Finds the tensor of a weight. Files with a tied head may have the shared matrix under the name of either. */
static mote_safetensor *find(const source *s, mote_weight w, uint32_t layer)
{
    char name[MOTE_STORED_NAME];
    mote_stored_name(s->config.stored, w, layer, name);
    mote_safetensor *t = mote_safetensors_find(&s->files, name);
    return !t && w == MOTE_W_EMBEDDING && s->config.shape.tied ? find(s, MOTE_W_HEAD, 0) : t;
}

static bool shape_fits(const source *s, mote_weight w, uint32_t layer, mote_error *error)
{
    char name[MOTE_STORED_NAME];
    mote_safetensor *t = find(s, w, layer);
    mote_stored_name(s->config.stored, w, layer, name);
    const form f = form_of(s, w);
    if (!t)
        return s->config.zero_if_absent[w] ||
               mote_fail(error, MOTE_E_FORMAT, "%s: tensor %s is missing", s->path, name);
    t->wanted = true;
    if (!mote_safetensors_is_float(t))
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: tensor %s is of a type without fractions", s->path, t->name);
    if (t->rank == f.rank && t->dims[0] == f.dims[0] && (f.rank == 1 || t->dims[1] == f.dims[1]))
        return true;
    return mote_fail(error, MOTE_E_FORMAT,
                     "%s: tensor %s is of rank %" PRIu32 ", [%" PRIu64 ", %" PRIu64
                     "], and its config.json makes it of rank %" PRIu32 ", [%" PRIu32 ", %" PRIu32 "]",
                     s->path, t->name, t->rank, t->rank ? t->dims[0] : 1, t->rank > 1 ? t->dims[1] : 1, f.rank,
                     f.dims[0], f.dims[1]);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* True for tensors that are computed here: tables of rotary frequencies, masks of attention, and the head of a model
 * whose config ties it to the embedding. */
static bool may_be_ignored(const source *s, const mote_safetensor *t)
{
    return ends_with(t->name, ".rotary_emb.inv_freq") || ends_with(t->name, ".attn.bias") ||
           ends_with(t->name, ".attn.masked_bias") ||
           (s->config.shape.tied && mote_safetensors_find(&s->files, "lm_head.weight") == t);
}

static bool all_there(source *s, mote_error *error)
{
    const mote_safetensor *first = s->config.shape.learned_positions ? find(s, MOTE_W_Q, 0) : NULL;
    s->transposed = first && first->rank == 2 && first->dims[0] == s->config.shape.dim;
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        for (uint32_t i = 0; s->config.wanted[w] && i < mote_weight_copies(&s->config.shape, (mote_weight)w); i++)
            if (!shape_fits(s, (mote_weight)w, i, error))
                return false;
    for (size_t i = 0; i < s->files.tensor_count; i++) {
        const mote_safetensor *t = &s->files.tensors[i];
        if (!t->wanted && !may_be_ignored(s, t))
            return mote_fail(error, MOTE_E_UNSUPPORTED,
                             "%s: tensor %.100s is none of a model as its config.json describes it",
                             s->files.files[t->file].path, t->name);
    }
    return true;
}

/* Copies the weight from the values of its tensor. */
static void extract(const source *s, mote_weight w, const float *from, float *data)
{
    const form f = form_of(s, w);
    uint32_t dims[2];
    mote_weight_dims(&s->config.shape, w, dims);
    const size_t first = (size_t)s->config.stored[w].part * dims[0];
    if (s->transposed && mote_weight_is_transposed(w))
        for (size_t r = 0; r < dims[0]; r++)
            for (size_t c = 0; c < dims[1]; c++)
                data[r * dims[1] + c] = from[c * f.dims[1] + first + r];
    else
        memcpy(data, from + first * dims[1], (size_t)dims[0] * dims[1] * sizeof *data);
}

static bool read_weight(const source *s, const mote_graph *g, mote_weight w, uint32_t layer, mote_error *error)
{
    uint32_t dims[2];
    const mote_safetensor *t = find(s, w, layer);
    if (!t)
        return true; /* zero if absent */
    const mote_weight_source from = {&s->files.files[t->file], s->options};
    const form f = form_of(s, w);
    const size_t count = (size_t)f.dims[0] * (f.rank == 1 ? 1 : f.dims[1]);
    float *data = mote_weight_data(g, w, layer);
    mote_weight_dims(&s->config.shape, w, dims);
    const bool same = count == (size_t)dims[0] * dims[1] && !(s->transposed && mote_weight_is_transposed(w));
    float *values = same ? data : malloc(count * sizeof *values);
    const bool done = values ? mote_safetensors_read(&s->files, t, values, error) &&
                                   mote_weight_finite(&from, t->name, values, count, error)
                             : mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", s->path);
    if (done && !same)
        extract(s, w, values, data);
    if (!same)
        free(values);
    return done;
}

/* Puts the rows of q and k in the order of the graph. */
static bool rotate(const source *s, const mote_graph *g, mote_error *error)
{
    const mote_transformer_shape *shape = &s->config.shape;
    const uint32_t width = shape->dim / shape->heads;
    uint32_t dims[2];
    float *head = malloc((size_t)width * shape->dim * sizeof *head);
    if (!head)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", s->path);
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        for (uint32_t i = 0; s->config.wanted[w] && mote_stored_is_rotated(shape, (mote_weight)w) && i < shape->layers;
             i++) {
            mote_weight_dims(shape, (mote_weight)w, dims);
            mote_stored_rotate(mote_weight_data(g, (mote_weight)w, i), dims[0], dims[1], width, false, head);
        }
    free(head);
    return true;
}

static bool fill(const source *s, const mote_graph *g, mote_error *error)
{
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        for (uint32_t i = 0; s->config.wanted[w] && i < mote_weight_copies(&s->config.shape, (mote_weight)w); i++)
            if (!read_weight(s, g, (mote_weight)w, i, error))
                return false;
    return rotate(s, g, error);
}

/* Adds each file that an index names once. */
static bool add_shards(source *s, const char *folder, const char *index, mote_error *error)
{
    json_t *root = mote_json_load(index, LARGEST_INDEX, error), *seen = json_object(), *value;
    json_t *map = json_object_get(root, "weight_map");
    const char *name;
    bool done =
        root && seen && (json_is_object(map) || mote_fail(error, MOTE_E_FORMAT, "%s: has no weight_map", index));
    json_object_foreach(map, name, value)
    {
        const char *file = json_string_value(value);
        char path[4096];
        if (!done || (file && json_object_get(seen, file)))
            continue;
        if (!file || !file[0] || strchr(file, '/'))
            done = mote_fail(error, MOTE_E_FORMAT, "%s: tensor %.100s is in no file of this folder", index, name);
        else if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
            done = mote_fail(error, MOTE_E_INPUT, "%s: the name of a file is too long", index);
        else
            done = json_object_set_new(seen, file, json_true()) == 0 && mote_safetensors_add(&s->files, path, error);
    }
    json_decref(root);
    json_decref(seen);
    return done;
}

static bool is_index(const char *path)
{
    return ends_with(path, ".json");
}

/* Opens a model. `path` is its folder, its index or its only file. */
static bool open_files(source *s, const char *path, mote_error *error)
{
    char folder[2048], config[4096], file[4096];
    struct stat st;
    if (strlen(path) >= sizeof folder)
        return mote_fail(error, MOTE_E_INPUT, "%s: the name is too long", path);
    const bool whole = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    const char *slash = strrchr(path, '/');
    if (whole)
        snprintf(folder, sizeof folder, "%s", path);
    else
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
    snprintf(config, sizeof config, "%s/config.json", folder);
    snprintf(file, sizeof file, "%s", path);
    if (whole) {
        snprintf(file, sizeof file, "%s/model.safetensors", folder);
        if (stat(file, &st) != 0)
            snprintf(file, sizeof file, "%s/model.safetensors.index.json", folder);
        if (stat(file, &st) != 0)
            return mote_fail(error, MOTE_E_INPUT, "%s: neither model.safetensors nor its index is in this folder",
                             path);
    }
    return mote_model_config_load(&s->config, config, s->options, error) &&
           (is_index(file) ? add_shards(s, folder, file, error) : mote_safetensors_add(&s->files, file, error)) &&
           mote_safetensors_finish(&s->files, error);
}

static bool import(source *s, mote_graph *g, const char *path, mote_error *error)
{
    if (!open_files(s, path, error) || !all_there(s, error) || !mote_transformer_build(g, &s->config.shape, 0, error))
        return false;
    if (fill(s, g, error))
        return true;
    mote_graph_free(g);
    return false;
}

bool mote_import_safetensors(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    source *s = calloc(1, sizeof *s);
    if (!s)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", path);
    s->options = options;
    s->path = path;
    const bool done = import(s, g, path, error);
    mote_safetensors_free(&s->files);
    free(s);
    return done;
}
