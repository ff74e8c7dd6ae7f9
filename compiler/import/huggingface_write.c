#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "compiler/import/import.h"
#include "compiler/import/recover.h"
#include "compiler/import/stored.h"

typedef struct writer {
    const mote_graph *g;
    const char *name; /* of the model, for messages */
    mote_transformer_shape shape;
    const mote_stored *stored;
    bool transposed; /* matrices of layers are written as [inputs, outputs] */
} writer;

static bool holds(writer *w, mote_error *error)
{
    mote_error why = {0};
    if (!mote_transformer_recover(w->g, &w->shape, &why))
        return mote_fail(error, why.code, "%s: neither a Llama nor a GPT-2 model: %.400s", w->name, why.text);
    const mote_transformer_shape *s = &w->shape;
    const bool gpt2 = s->layer_norm && s->gelu && s->learned_positions && s->heads == s->kv_heads,
               llama = !s->layer_norm && !s->gelu && !s->learned_positions;
    w->stored = gpt2 ? mote_stored_gpt2 : mote_stored_llama;
    w->transposed = gpt2;
    return gpt2 || llama ||
           mote_fail(
               error, MOTE_E_UNSUPPORTED,
               "%s: neither a Llama model (RMSNorm, SwiGLU, rotary positions) nor a GPT-2 model (LayerNorm, GELU, "
               "learned positions, as many key as query heads)",
               w->name);
}

/* Calls `visit` for every tensor of the file, named by its first weight. Returns false once a call has failed. */
static bool each(const writer *w, bool (*visit)(const writer *w, mote_weight weight, uint32_t layer, void *to),
                 void *to)
{
    for (int i = 0; i < MOTE_WEIGHT_COUNT; i++) {
        const mote_weight weight = (mote_weight)i;
        const bool here = mote_weight_exists(&w->shape, weight) && w->stored[i].part == 0;
        for (uint32_t layer = 0; here && layer < mote_weight_copies(&w->shape, weight); layer++)
            if (!visit(w, weight, layer, to))
                return false;
    }
    return true;
}

typedef struct header {
    json_t *tensors;
    uint64_t size; /* of the data so far */
} header;

static bool describe(const writer *w, mote_weight weight, uint32_t layer, void *to)
{
    header *h = to;
    char name[MOTE_STORED_NAME];
    uint32_t dims[2];
    const uint64_t begin = h->size, count = mote_weight_dims(&w->shape, weight, dims) * w->stored[weight].parts;
    mote_stored_name(w->stored, weight, layer, name);
    const uint32_t rows = dims[0] * w->stored[weight].parts;
    const bool swapped = w->transposed && mote_weight_is_transposed(weight);
    json_t *shape = mote_weight_is_vector(weight) ? json_pack("[I]", (json_int_t)rows)
                                                  : json_pack("[I, I]", (json_int_t)(swapped ? dims[1] : rows),
                                                              (json_int_t)(swapped ? rows : dims[1]));
    h->size += count * sizeof(float);
    json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets", (json_int_t)begin,
                              (json_int_t)h->size);
    return json_object_set_new(h->tensors, name, entry) == 0;
}

/* Fills values[parts · rows, columns] with the weights of one tensor, in the order of the file. */
static void gather(const writer *w, mote_weight weight, uint32_t layer, float *values, float *scratch)
{
    const mote_transformer_shape *s = &w->shape;
    uint32_t dims[2];
    const size_t each_size = (size_t)mote_weight_dims(s, weight, dims), rows = dims[0] * w->stored[weight].parts;
    for (unsigned part = 0; part < w->stored[weight].parts; part++)
        memcpy(values + part * each_size, mote_weight_data(w->g, (mote_weight)(weight + part), layer),
               each_size * sizeof *values);
    if (mote_stored_is_rotated(s, weight))
        mote_stored_rotate(values, dims[0], dims[1], s->dim / s->heads, true, scratch);
    if (!w->transposed || !mote_weight_is_transposed(weight))
        return;
    memcpy(scratch, values, rows * dims[1] * sizeof *values);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < dims[1]; c++)
            values[c * rows + r] = scratch[r * dims[1] + c];
}

static bool write_tensor(const writer *w, mote_weight weight, uint32_t layer, void *to)
{
    uint32_t dims[2];
    const size_t count = (size_t)mote_weight_dims(&w->shape, weight, dims) * w->stored[weight].parts;
    float *values = malloc(2 * count * sizeof *values);
    if (!values)
        return false;
    gather(w, weight, layer, values, values + count);
    fwrite(values, sizeof *values, count, to);
    free(values);
    return true;
}

/* Returns the header as text, padded so that the data is aligned to 8 bytes. NULL when out of memory. */
static char *header_text(const writer *w, size_t *size)
{
    header h = {json_pack("{s:{s:s}}", "__metadata__", "format", "pt"), 0};
    char *text = h.tensors && each(w, describe, &h) ? json_dumps(h.tensors, JSON_COMPACT) : NULL;
    json_decref(h.tensors);
    *size = text ? strlen(text) : 0;
    const size_t padding = (8 - *size % 8) % 8;
    char *padded = text ? realloc(text, *size + padding + 1) : NULL;
    if (padded)
        memset(padded + *size, ' ', padding);
    else
        free(text);
    *size += padding;
    return padded;
}

static bool write_tensors(const writer *w, const char *path, mote_error *error)
{
    mote_output_file out;
    size_t size;
    char *text = header_text(w, &size);
    if (!text)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", w->name);
    bool done = mote_output_begin(&out, path, error);
    if (done) {
        const uint64_t length = size;
        fwrite(&length, sizeof length, 1, out.stream);
        fwrite(text, 1, size, out.stream);
        done = each(w, write_tensor, out.stream) || mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", w->name);
        if (done)
            done = mote_output_commit(&out, error);
        else
            mote_output_discard(&out);
    }
    free(text);
    return done;
}

static json_t *llama_config(const mote_transformer_shape *s)
{
    return json_pack("{s:[s], s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:f, s:f, s:b, s:b, s:b}", "architectures",
                     "LlamaForCausalLM", "model_type", "llama", "vocab_size", (json_int_t)s->vocabulary, "hidden_size",
                     (json_int_t)s->dim, "intermediate_size", (json_int_t)s->hidden, "num_hidden_layers",
                     (json_int_t)s->layers, "num_attention_heads", (json_int_t)s->heads, "num_key_value_heads",
                     (json_int_t)s->kv_heads, "max_position_embeddings", (json_int_t)s->context, "hidden_act", "silu",
                     "rms_norm_eps", mote_shortest(s->epsilon), "rope_theta", mote_shortest(s->theta),
                     "tie_word_embeddings", s->tied, "attention_bias", s->biased, "mlp_bias", s->biased);
}

static json_t *gpt2_config(const mote_transformer_shape *s)
{
    return json_pack("{s:[s], s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:f, s:b, s:b}", "architectures",
                     "GPT2LMHeadModel", "model_type", "gpt2", "vocab_size", (json_int_t)s->vocabulary, "n_embd",
                     (json_int_t)s->dim, "n_inner", (json_int_t)s->hidden, "n_layer", (json_int_t)s->layers, "n_head",
                     (json_int_t)s->heads, "n_positions", (json_int_t)s->context, "activation_function", "gelu",
                     "layer_norm_epsilon", mote_shortest(s->epsilon), "tie_word_embeddings", s->tied, "bias",
                     s->biased);
}

static bool write_config(const writer *w, const char *path, mote_error *error)
{
    json_t *config = w->transposed ? gpt2_config(&w->shape) : llama_config(&w->shape);
    char *text = config ? json_dumps(config, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
    const bool done = text ? mote_file_write(path, text, strlen(text), error)
                           : mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", w->name);
    free(text);
    json_decref(config);
    return done;
}

bool mote_export_huggingface(const mote_graph *g, const char *name, const char *folder, mote_error *error)
{
    writer w = {.g = g, .name = name};
    char tensors[4096], config[4096];
    if (!holds(&w, error))
        return false;
    if (snprintf(tensors, sizeof tensors, "%s/model.safetensors", folder) >= (int)sizeof tensors)
        return mote_fail(error, MOTE_E_OUTPUT, "%.100s...: the name is too long", folder);
    snprintf(config, sizeof config, "%s/config.json", folder);
    if (mkdir(folder, 0777) != 0)
        return mote_fail(error, MOTE_E_OUTPUT, "%s: cannot make this folder: %s", folder, strerror(errno));
    if (write_tensors(&w, tensors, error) && write_config(&w, config, error))
        return true;
    unlink(tensors);
    rmdir(folder);
    return false;
}
