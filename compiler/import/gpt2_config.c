/* The settings of GPT-2, and those of nanoGPT, which names some of them otherwise. */
#include "compiler/import/config.h"

static bool known_curve(const mote_config_reader *r)
{
    static const char *const known[] = {"gelu", "gelu_new", "gelu_pytorch_tanh"};
    const json_t *curve = mote_config_get(r, "activation_function");
    bool found = !curve;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found |= mote_config_is_text(curve, known[i]);
    return found || mote_config_unsupported(r, "activation_function", "not gelu or gelu_new");
}

static bool computes_the_same(const mote_config_reader *r)
{
    return known_curve(r) && mote_config_fixed(r, "scale_attn_weights", true) &&
           mote_config_fixed(r, "scale_attn_by_inverse_layer_idx", false) &&
           mote_config_fixed(r, "add_cross_attention", false) &&
           (!mote_config_get(r, "quantization_config") || mote_config_unsupported(r, "quantization_config", "there"));
}

static bool read_shape(const mote_config_reader *r, mote_transformer_shape *s)
{
    *s = MOTE_TRANSFORMER_DEFAULTS;
    s->layer_norm = s->gelu = s->learned_positions = s->tied = s->biased = true;
    const char *const context = mote_config_get(r, "n_positions") ? "n_positions"
                                : mote_config_get(r, "n_ctx")     ? "n_ctx"
                                                                  : "block_size";
    if (!mote_config_count(r, "vocab_size", &s->vocabulary) || !mote_config_count(r, "n_embd", &s->dim) ||
        !mote_config_count(r, "n_layer", &s->layers) || !mote_config_count(r, "n_head", &s->heads) ||
        !mote_config_count(r, context, &s->context))
        return false;
    s->kv_heads = s->heads;
    s->hidden = s->dim <= INT32_MAX / 4 ? 4 * s->dim : s->dim;
    return mote_config_count(r, "n_inner", &s->hidden) && mote_config_flag(r, "tie_word_embeddings", &s->tied) &&
           mote_config_flag(r, "bias", &s->biased) &&
           mote_config_real(r, mote_config_get(r, "layer_norm_epsilon"), "layer_norm_epsilon", 0, 1, &s->epsilon);
}

bool mote_config_gpt2(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options)
{
    c->stored = mote_stored_gpt2;
    if (!computes_the_same(r) || !read_shape(r, &c->shape) || !mote_config_valid(c, r, options))
        return false;
    for (int w = 0; w < MOTE_WEIGHT_COUNT; w++) {
        const bool norm_bias = mote_weight_is_norm_bias((mote_weight)w);
        c->wanted[w] = mote_weight_exists(&c->shape, (mote_weight)w);
        c->zero_if_absent[w] = norm_bias && !c->shape.biased;
    }
    return true;
}
