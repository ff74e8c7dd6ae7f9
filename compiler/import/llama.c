/* Imports Llama-style models in safetensors: maps tensor names and converts their rotary layout. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/import/llama_config.h"
#include "compiler/import/safetensors.h"

enum { LARGEST_INDEX = 4 << 20 };

static const char *const names[MOTE_WEIGHT_COUNT] = {
    [MOTE_W_EMBEDDING] = "model.embed_tokens.weight",
    [MOTE_W_ATTENTION_NORM] = "model.layers.%u.input_layernorm.weight",
    [MOTE_W_Q] = "model.layers.%u.self_attn.q_proj.weight",
    [MOTE_W_K] = "model.layers.%u.self_attn.k_proj.weight",
    [MOTE_W_V] = "model.layers.%u.self_attn.v_proj.weight",
    [MOTE_W_O] = "model.layers.%u.self_attn.o_proj.weight",
    [MOTE_W_FEED_NORM] = "model.layers.%u.post_attention_layernorm.weight",
    [MOTE_W_GATE] = "model.layers.%u.mlp.gate_proj.weight",
    [MOTE_W_UP] = "model.layers.%u.mlp.up_proj.weight",
    [MOTE_W_DOWN] = "model.layers.%u.mlp.down_proj.weight",
    [MOTE_W_NORM] = "model.norm.weight",
    [MOTE_W_HEAD] = "lm_head.weight",
    [MOTE_W_Q_BIAS] = "model.layers.%u.self_attn.q_proj.bias",
    [MOTE_W_K_BIAS] = "model.layers.%u.self_attn.k_proj.bias",
    [MOTE_W_V_BIAS] = "model.layers.%u.self_attn.v_proj.bias",
    [MOTE_W_O_BIAS] = "model.layers.%u.self_attn.o_proj.bias",
    [MOTE_W_GATE_BIAS] = "model.layers.%u.mlp.gate_proj.bias",
    [MOTE_W_UP_BIAS] = "model.layers.%u.mlp.up_proj.bias",
    [MOTE_W_DOWN_BIAS] = "model.layers.%u.mlp.down_proj.bias",
};

typedef struct source {
    mote_llama_config config;
    mote_safetensors files;
    const mote_import_options *options;
    const char *path; /* for messages */
    float *head;      /* [w, dim]: scratch to permute a head */
} source;

/* Writes the name, as in "model.layers.3...". 64 bytes are enough: the longest pattern has 48. */
static void name_of(char name[64], mote_weight w, uint32_t layer)
{
    const char *number = strstr(names[w], "%u");
    if (number)
        snprintf(name, 64, "%.*s%" PRIu32 "%s", (int)(number - names[w]), names[w], layer, number + 2);
    else
        snprintf(name, 64, "%s", names[w]);
}

static mote_safetensor *find(const source *s, mote_weight w, uint32_t layer)
{
    char name[64];
    name_of(name, w, layer);
    return mote_safetensors_find(&s->files, name);
}

static bool shape_fits(const source *s, mote_weight w, uint32_t layer, mote_error *error)
{
    char name[64];
    uint32_t dims[2];
    mote_safetensor *t = find(s, w, layer);
    name_of(name, w, layer);
    mote_weight_dims(&s->config.shape, w, dims);
    if (!t)
        return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %s is missing", s->path, name);
    t->wanted = true;
    const bool vector = mote_weight_is_vector(w);
    if (t->rank == (vector ? 1 : 2) && t->dims[0] == dims[0] && (vector || t->dims[1] == dims[1]))
        return true;
    return mote_fail(error, MOTE_E_FORMAT,
                     "%s: tensor %s is of rank %" PRIu32 ", [%" PRIu64 ", %" PRIu64
                     "], and its config.json makes it of rank %d, [%" PRIu32 ", %" PRIu32 "]",
                     s->path, name, t->rank, t->rank ? t->dims[0] : 1, t->rank > 1 ? t->dims[1] : 1, vector ? 1 : 2,
                     dims[0], dims[1]);
}

/* True for tables of rotary frequencies, which are computed here, and for the head of a model whose config ties it to
 * the embedding. */
static bool may_be_ignored(const source *s, const char *name)
{
    const char *end = strstr(name, ".rotary_emb.inv_freq");
    return (end && strcmp(end, ".rotary_emb.inv_freq") == 0) ||
           (s->config.shape.tied && strcmp(name, names[MOTE_W_HEAD]) == 0);
}

static bool all_there(const source *s, mote_error *error)
{
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        for (uint32_t i = 0; s->config.wanted[w] && i < mote_weight_copies(&s->config.shape, (mote_weight)w); i++)
            if (!shape_fits(s, (mote_weight)w, i, error))
                return false;
    for (size_t i = 0; i < s->files.tensor_count; i++) {
        const mote_safetensor *t = &s->files.tensors[i];
        if (!t->wanted && !may_be_ignored(s, t->name))
            return mote_fail(error, MOTE_E_UNSUPPORTED,
                             "%s: tensor %.100s is none of a model as its config.json describes it",
                             s->files.files[t->file].path, t->name);
    }
    return true;
}

/* Permutes rows of q and k within each head. These models rotate value i of a head with value i + w/2; the graph
 * rotates 2i with 2i + 1. */
static void interleave(const source *s, float *data, uint32_t rows, uint32_t columns)
{
    const uint32_t width = s->config.width;
    for (uint32_t first = 0; first < rows; first += width) {
        float *head = data + (size_t)first * columns;
        memcpy(s->head, head, (size_t)width * columns * sizeof *head);
        for (uint32_t i = 0; i < width; i++)
            memcpy(head + (size_t)i * columns, s->head + (size_t)(i / 2 + i % 2 * (width / 2)) * columns,
                   columns * sizeof *head);
    }
}

static bool rotated(mote_weight w)
{
    return w == MOTE_W_Q || w == MOTE_W_K || w == MOTE_W_Q_BIAS || w == MOTE_W_K_BIAS;
}

static bool read_weight(const source *s, const mote_graph *g, mote_weight w, uint32_t layer, mote_error *error)
{
    uint32_t dims[2];
    const mote_safetensor *t = find(s, w, layer);
    const mote_weight_source from = {&s->files.files[t->file], s->options};
    float *data = mote_weight_data(g, w, layer);
    const uint64_t count = mote_weight_dims(&s->config.shape, w, dims);
    if (!mote_safetensors_read(&s->files, t, data, error) || !mote_weight_finite(&from, t->name, data, count, error))
        return false;
    if (rotated(w))
        interleave(s, data, dims[0], dims[1]);
    return true;
}

static bool fill(source *s, const mote_graph *g, mote_error *error)
{
    const mote_transformer_shape *shape = &s->config.shape;
    s->head = malloc((size_t)s->config.width * shape->dim * sizeof *s->head);
    bool done = s->head || mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", s->path);
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++)
        for (uint32_t i = 0; done && s->config.wanted[w] && i < mote_weight_copies(shape, (mote_weight)w); i++)
            done = read_weight(s, g, (mote_weight)w, i, error);
    free(s->head);
    return done;
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
    const size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".json") == 0;
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
    return mote_llama_config_load(&s->config, config, s->options, error) &&
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
