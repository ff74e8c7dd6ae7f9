#include <inttypes.h>

#include "compiler/import/config.h"

enum { MISTRAL_WINDOW = 4096 };

/* True for plain rotary positions: the settings are absent or of type "default". */
static bool plain_rotation(const json_t *rope)
{
    const json_t *type = json_object_get(rope, "rope_type");
    return !rope || mote_config_is_text(type ? type : json_object_get(rope, "type"), "default");
}

static bool computes_the_same(const mote_config_reader *r)
{
    const json_t *curve = mote_config_get(r, "hidden_act");
    float rotated = 1;
    if (curve && !mote_config_is_text(curve, "silu") && !mote_config_is_text(curve, "swish"))
        return mote_config_unsupported(r, "hidden_act", "not silu");
    if (mote_config_get(r, "quantization_config"))
        return mote_config_unsupported(r, "quantization_config", "there");
    if (!plain_rotation(mote_config_get(r, "rope_scaling")))
        return mote_config_unsupported(r, "rope_scaling", "there");
    if (!plain_rotation(mote_config_get(r, "rope_parameters")))
        return mote_config_unsupported(r, "rope_parameters", "not of rope_type default");
    if (!mote_config_real(r, mote_config_get(r, "partial_rotary_factor"), "partial_rotary_factor", 0, 1, &rotated))
        return false;
    return rotated == 1 || mote_config_unsupported(r, "partial_rotary_factor", "not 1");
}

/* Fails if the model has a sliding window smaller than the context. A window of at least the context has no effect. */
static bool window_fits(const mote_config_reader *r, const mote_transformer_shape *s)
{
    const json_t *type = mote_config_get(r, "model_type");
    bool used = !mote_config_is_text(type, "qwen2");
    uint32_t window = mote_config_is_text(type, "mistral") ? MISTRAL_WINDOW : s->context;
    if (!mote_config_flag(r, "use_sliding_window", &used))
        return false;
    if (json_is_null(json_object_get(r->root, "sliding_window")))
        used = false;
    if (!mote_config_count(r, "sliding_window", &window))
        return false;
    if (!used || window >= s->context)
        return true;
    return mote_fail(r->error, MOTE_E_UNSUPPORTED,
                     "%s: sliding_window is %" PRIu32 ", less than the %" PRIu32 " positions; with --context %" PRIu32
                     " the model can be imported",
                     r->path, window, s->context, window);
}

static bool read_shape(const mote_config_reader *r, mote_transformer_shape *s)
{
    *s = MOTE_TRANSFORMER_DEFAULTS;
    s->epsilon = 1e-6f;
    if (!mote_config_count(r, "vocab_size", &s->vocabulary) || !mote_config_count(r, "hidden_size", &s->dim) ||
        !mote_config_count(r, "intermediate_size", &s->hidden) ||
        !mote_config_count(r, "num_hidden_layers", &s->layers) ||
        !mote_config_count(r, "num_attention_heads", &s->heads))
        return false;
    s->kv_heads = s->heads;
    const json_t *theta = json_object_get(mote_config_get(r, "rope_parameters"), "rope_theta");
    return mote_config_count(r, "num_key_value_heads", &s->kv_heads) &&
           mote_config_count(r, "max_position_embeddings", &s->context) &&
           mote_config_flag(r, "tie_word_embeddings", &s->tied) &&
           mote_config_real(r, mote_config_get(r, "rms_norm_eps"), "rms_norm_eps", 0, 1, &s->epsilon) &&
           mote_config_real(r, theta ? theta : mote_config_get(r, "rope_theta"), "rope_theta", 1, 1e12, &s->theta);
}

static bool want(mote_model_config *c, const mote_config_reader *r)
{
    static const mote_weight attention[] = {MOTE_W_Q_BIAS, MOTE_W_K_BIAS, MOTE_W_V_BIAS, MOTE_W_O_BIAS};
    static const mote_weight feed[] = {MOTE_W_GATE_BIAS, MOTE_W_UP_BIAS, MOTE_W_DOWN_BIAS};
    const bool qwen = mote_config_is_text(mote_config_get(r, "model_type"), "qwen2");
    bool attention_bias = false, feed_bias = false;
    if (!mote_config_flag(r, "attention_bias", &attention_bias) || !mote_config_flag(r, "mlp_bias", &feed_bias))
        return false;
    for (int w = 0; w <= MOTE_W_HEAD; w++)
        c->wanted[w] = mote_weight_exists(&c->shape, (mote_weight)w);
    for (int i = 0; i < 4; i++)
        c->wanted[attention[i]] = qwen ? i < 3 : attention_bias;
    for (int i = 0; i < 3; i++)
        c->wanted[feed[i]] = feed_bias;
    for (int w = MOTE_W_HEAD + 1; w < MOTE_WEIGHT_COUNT; w++)
        c->shape.biased |= c->wanted[w];
    return true;
}

bool mote_config_llama(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options)
{
    c->stored = mote_stored_llama;
    if (!computes_the_same(r) || !read_shape(r, &c->shape) || !mote_config_valid(c, r, options) ||
        !window_fits(r, &c->shape))
        return false;
    uint32_t width = c->shape.dim / c->shape.heads;
    if (!mote_config_count(r, "head_dim", &width))
        return false;
    if (width != c->shape.dim / c->shape.heads)
        return mote_config_unsupported(r, "head_dim", "not hidden_size / num_attention_heads");
    return want(c, r);
}
