/* The smallest Llama-style model: vocabulary 3, dim 2, hidden 1, one layer, one head, all weights zero. */
#ifndef MOTE_TESTS_LLAMA_SEED_H
#define MOTE_TESTS_LLAMA_SEED_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *const seed_config =
    "{\"model_type\": \"llama\", \"vocab_size\": 3, \"hidden_size\": 2, \"intermediate_size\": 1, "
    "\"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"num_key_value_heads\": 1, "
    "\"max_position_embeddings\": 4, \"rms_norm_eps\": 1e-5, \"rope_theta\": 10000.0, \"sliding_window\": null, "
    "\"tie_word_embeddings\": true}";

/* Its safetensors file; `out` has room for 4096 bytes. Returns the size. */
static inline size_t seed_safetensors(char *out)
{
    static const struct {
        const char *name, *shape;
        int values;
    } tensors[] = {{"model.embed_tokens", "3, 2", 6},
                   {"model.layers.0.input_layernorm", "2", 2},
                   {"model.layers.0.self_attn.q_proj", "2, 2", 4},
                   {"model.layers.0.self_attn.k_proj", "2, 2", 4},
                   {"model.layers.0.self_attn.v_proj", "2, 2", 4},
                   {"model.layers.0.self_attn.o_proj", "2, 2", 4},
                   {"model.layers.0.post_attention_layernorm", "2", 2},
                   {"model.layers.0.mlp.gate_proj", "1, 2", 2},
                   {"model.layers.0.mlp.up_proj", "1, 2", 2},
                   {"model.layers.0.mlp.down_proj", "2, 1", 2},
                   {"model.norm", "2", 2}};
    int at = 0, length = 8;
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
        length += sprintf(out + length, "%c\"%s.weight\":{\"dtype\":\"BF16\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
                          i ? ',' : '{', tensors[i].name, tensors[i].shape, at, at + 2 * tensors[i].values);
        at += 2 * tensors[i].values;
    }
    out[length++] = '}';
    const uint64_t header = (uint64_t)length - 8;
    memcpy(out, &header, sizeof header);
    memset(out + length, 0, (size_t)at);
    return (size_t)(length + at);
}

#endif
