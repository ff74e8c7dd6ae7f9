#include "compiler/import/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHOLE(text)                                                                                                    \
    {                                                                                                                  \
        text, 0, 1                                                                                                     \
    }

const mote_stored mote_stored_llama[MOTE_WEIGHT_COUNT] = {
    [MOTE_W_EMBEDDING] = WHOLE("model.embed_tokens.weight"),
    [MOTE_W_ATTENTION_NORM] = WHOLE("model.layers.%u.input_layernorm.weight"),
    [MOTE_W_Q] = WHOLE("model.layers.%u.self_attn.q_proj.weight"),
    [MOTE_W_K] = WHOLE("model.layers.%u.self_attn.k_proj.weight"),
    [MOTE_W_V] = WHOLE("model.layers.%u.self_attn.v_proj.weight"),
    [MOTE_W_O] = WHOLE("model.layers.%u.self_attn.o_proj.weight"),
    [MOTE_W_FEED_NORM] = WHOLE("model.layers.%u.post_attention_layernorm.weight"),
    [MOTE_W_GATE] = WHOLE("model.layers.%u.mlp.gate_proj.weight"),
    [MOTE_W_UP] = WHOLE("model.layers.%u.mlp.up_proj.weight"),
    [MOTE_W_DOWN] = WHOLE("model.layers.%u.mlp.down_proj.weight"),
    [MOTE_W_NORM] = WHOLE("model.norm.weight"),
    [MOTE_W_HEAD] = WHOLE("lm_head.weight"),
    [MOTE_W_Q_BIAS] = WHOLE("model.layers.%u.self_attn.q_proj.bias"),
    [MOTE_W_K_BIAS] = WHOLE("model.layers.%u.self_attn.k_proj.bias"),
    [MOTE_W_V_BIAS] = WHOLE("model.layers.%u.self_attn.v_proj.bias"),
    [MOTE_W_O_BIAS] = WHOLE("model.layers.%u.self_attn.o_proj.bias"),
    [MOTE_W_GATE_BIAS] = WHOLE("model.layers.%u.mlp.gate_proj.bias"),
    [MOTE_W_UP_BIAS] = WHOLE("model.layers.%u.mlp.up_proj.bias"),
    [MOTE_W_DOWN_BIAS] = WHOLE("model.layers.%u.mlp.down_proj.bias"),
};

const mote_stored mote_stored_gpt2[MOTE_WEIGHT_COUNT] = {
    [MOTE_W_EMBEDDING] = WHOLE("transformer.wte.weight"),
    [MOTE_W_POSITIONS] = WHOLE("transformer.wpe.weight"),
    [MOTE_W_ATTENTION_NORM] = WHOLE("transformer.h.%u.ln_1.weight"),
    [MOTE_W_Q] = {"transformer.h.%u.attn.c_attn.weight", 0, 3},
    [MOTE_W_K] = {"transformer.h.%u.attn.c_attn.weight", 1, 3},
    [MOTE_W_V] = {"transformer.h.%u.attn.c_attn.weight", 2, 3},
    [MOTE_W_O] = WHOLE("transformer.h.%u.attn.c_proj.weight"),
    [MOTE_W_FEED_NORM] = WHOLE("transformer.h.%u.ln_2.weight"),
    [MOTE_W_UP] = WHOLE("transformer.h.%u.mlp.c_fc.weight"),
    [MOTE_W_DOWN] = WHOLE("transformer.h.%u.mlp.c_proj.weight"),
    [MOTE_W_NORM] = WHOLE("transformer.ln_f.weight"),
    [MOTE_W_HEAD] = WHOLE("lm_head.weight"),
    [MOTE_W_Q_BIAS] = {"transformer.h.%u.attn.c_attn.bias", 0, 3},
    [MOTE_W_K_BIAS] = {"transformer.h.%u.attn.c_attn.bias", 1, 3},
    [MOTE_W_V_BIAS] = {"transformer.h.%u.attn.c_attn.bias", 2, 3},
    [MOTE_W_O_BIAS] = WHOLE("transformer.h.%u.attn.c_proj.bias"),
    [MOTE_W_UP_BIAS] = WHOLE("transformer.h.%u.mlp.c_fc.bias"),
    [MOTE_W_DOWN_BIAS] = WHOLE("transformer.h.%u.mlp.c_proj.bias"),
    [MOTE_W_ATTENTION_NORM_BIAS] = WHOLE("transformer.h.%u.ln_1.bias"),
    [MOTE_W_FEED_NORM_BIAS] = WHOLE("transformer.h.%u.ln_2.bias"),
    [MOTE_W_NORM_BIAS] = WHOLE("transformer.ln_f.bias"),
};

void mote_stored_name(const mote_stored *stored, mote_weight w, uint32_t layer, char name[MOTE_STORED_NAME])
{
    const char *pattern = stored[w].name, *number = strstr(pattern, "%u");
    if (number)
        snprintf(name, MOTE_STORED_NAME, "%.*s%" PRIu32 "%s", (int)(number - pattern), pattern, layer, number + 2);
    else
        snprintf(name, MOTE_STORED_NAME, "%s", pattern);
}

void mote_stored_rotate(float *data, uint32_t rows, uint32_t columns, uint32_t width, bool outward, float *head)
{
    for (uint32_t first = 0; first < rows; first += width) {
        float *at = data + (size_t)first * columns;
        memcpy(head, at, (size_t)width * columns * sizeof *head);
        for (uint32_t i = 0; i < width; i++) {
            const uint32_t halves = i / 2 + i % 2 * (width / 2), to = outward ? halves : i, from = outward ? i : halves;
            memcpy(at + (size_t)to * columns, head + (size_t)from * columns, columns * sizeof *head);
        }
    }
}

bool mote_stored_is_rotated(const mote_transformer_shape *shape, mote_weight w)
{
    return !shape->learned_positions && (w == MOTE_W_Q || w == MOTE_W_K || w == MOTE_W_Q_BIAS || w == MOTE_W_K_BIAS);
}
