#include "compiler/import/llama_config.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/import/safetensors.h"

enum { LARGEST_CONFIG = 1 << 20, MISTRAL_WINDOW = 4096 };

typedef struct reader {
    const json_t *root;
    const char *path;
    mote_error *error;
} reader;

/* Returns the value of a key, NULL if it is absent or null. */
static const json_t *get(const reader *r, const char *key)
{
    const json_t *value = json_object_get(r->root, key);
    return json_is_null(value) ? NULL : value;
}

static bool flag(const reader *r, const char *key)
{
    return json_is_true(get(r, key));
}

/* Reads a count of at least 1. `missing` is the value of an absent key, 0 if the key is required. */
static bool count(const reader *r, const char *key, uint32_t missing, uint32_t *out)
{
    const json_t *value = get(r, key);
    const json_int_t number = value ? json_integer_value(value) : missing;
    if (number < 1 || number > INT32_MAX)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s has to be a whole number of at least 1", r->path, key);
    *out = (uint32_t)number;
    return true;
}

static bool real(const reader *r, const json_t *value, const char *key, double least, double most, float *out)
{
    const double number = json_number_value(value);
    if (!value)
        return true;
    if (!(number >= least && number <= most))
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s has to be a number from %g to %g", r->path, key, least, most);
    *out = (float)number;
    return true;
}

static bool unsupported(const reader *r, const char *key, const char *why)
{
    return mote_fail(r->error, MOTE_E_UNSUPPORTED, "%s: %s is %s; such a model cannot be imported", r->path, key, why);
}

static bool is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* True for plain rotary positions: the settings are absent or of type "default". */
static bool plain_rotation(const json_t *rope)
{
    const json_t *type = json_object_get(rope, "rope_type");
    return !rope || is_text(type ? type : json_object_get(rope, "type"), "default");
}

static bool known_model(const reader *r)
{
    static const char *const known[] = {"llama", "mistral", "qwen2"};
    const json_t *type = get(r, "model_type"), *curve = get(r, "hidden_act");
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found |= is_text(type, known[i]);
    if (!found)
        return unsupported(r, "model_type", "not llama, mistral or qwen2");
    if (curve && !is_text(curve, "silu") && !is_text(curve, "swish"))
        return unsupported(r, "hidden_act", "not silu");
    if (get(r, "quantization_config"))
        return unsupported(r, "quantization_config", "there");
    if (!plain_rotation(get(r, "rope_scaling")))
        return unsupported(r, "rope_scaling", "there");
    if (!plain_rotation(get(r, "rope_parameters")))
        return unsupported(r, "rope_parameters", "not of rope_type default");
    if (get(r, "partial_rotary_factor") && json_number_value(get(r, "partial_rotary_factor")) != 1)
        return unsupported(r, "partial_rotary_factor", "not 1");
    return true;
}

/* Fails if the model has a sliding window smaller than the context. A window of at least the context has no effect. */
static bool window_fits(const reader *r, const mote_transformer_shape *s)
{
    const bool mistral = is_text(get(r, "model_type"), "mistral"),
               off = json_is_false(json_object_get(r->root, "use_sliding_window")) ||
                     (is_text(get(r, "model_type"), "qwen2") && !flag(r, "use_sliding_window"));
    uint32_t window = s->context;
    if (json_object_get(r->root, "sliding_window") ? get(r, "sliding_window") && !off : mistral)
        if (!count(r, "sliding_window", MISTRAL_WINDOW, &window))
            return false;
    if (window >= s->context)
        return true;
    return mote_fail(r->error, MOTE_E_UNSUPPORTED,
                     "%s: sliding_window is %" PRIu32 ", less than the %" PRIu32 " positions; with --context %" PRIu32
                     " the model can be imported",
                     r->path, window, s->context, window);
}

static bool read_shape(const reader *r, mote_transformer_shape *s)
{
    *s = MOTE_TRANSFORMER_DEFAULTS;
    s->epsilon = 1e-6f;
    if (!count(r, "vocab_size", 0, &s->vocabulary) || !count(r, "hidden_size", 0, &s->dim) ||
        !count(r, "intermediate_size", 0, &s->hidden) || !count(r, "num_hidden_layers", 0, &s->layers) ||
        !count(r, "num_attention_heads", 0, &s->heads) || !count(r, "num_key_value_heads", s->heads, &s->kv_heads) ||
        !count(r, "max_position_embeddings", 0, &s->context))
        return false;
    const json_t *theta = json_object_get(get(r, "rope_parameters"), "rope_theta");
    s->tied = flag(r, "tie_word_embeddings");
    return real(r, get(r, "rms_norm_eps"), "rms_norm_eps", 0, 1, &s->epsilon) &&
           real(r, theta ? theta : get(r, "rope_theta"), "rope_theta", 1, 1e12, &s->theta);
}

static void want(mote_llama_config *c, const reader *r)
{
    static const mote_weight attention[] = {MOTE_W_Q_BIAS, MOTE_W_K_BIAS, MOTE_W_V_BIAS, MOTE_W_O_BIAS};
    static const mote_weight feed[] = {MOTE_W_GATE_BIAS, MOTE_W_UP_BIAS, MOTE_W_DOWN_BIAS};
    const bool qwen = is_text(get(r, "model_type"), "qwen2");
    for (int w = 0; w <= MOTE_W_HEAD; w++)
        c->wanted[w] = w != MOTE_W_HEAD || !c->shape.tied;
    for (int i = 0; i < 4; i++)
        c->wanted[attention[i]] = qwen ? i < 3 : flag(r, "attention_bias");
    for (int i = 0; i < 3; i++)
        c->wanted[feed[i]] = flag(r, "mlp_bias");
    for (int w = MOTE_W_HEAD + 1; w < MOTE_WEIGHT_COUNT; w++)
        c->shape.biased |= c->wanted[w];
}

static bool take(mote_llama_config *c, const reader *r, const mote_import_options *options)
{
    if (!known_model(r) || !read_shape(r, &c->shape) || !mote_import_valid(r->path, &c->shape, options, r->error) ||
        !window_fits(r, &c->shape) || !count(r, "head_dim", c->shape.dim / c->shape.heads, &c->width))
        return false;
    if (c->width != c->shape.dim / c->shape.heads)
        return unsupported(r, "head_dim", "not hidden_size / num_attention_heads");
    want(c, r);
    return true;
}

bool mote_llama_config_load(mote_llama_config *c, const char *path, const mote_import_options *options,
                            mote_error *error)
{
    *c = (mote_llama_config){0};
    json_t *root = mote_json_load(path, LARGEST_CONFIG, error);
    const bool done = root && take(c, &(reader){root, path, error}, options);
    json_decref(root);
    return done;
}
