/* Tests of Llama-style safetensors files, written here with their JSON header. */
#include <math.h>
#include <sys/stat.h>

#include "import_files.h"

enum { DIM = 8, HIDDEN = 12, LAYERS = 2, HEADS = 2, KV = 1, VOCABULARY = 11, WIDTH = DIM / HEADS, KEYS = KV * WIDTH };
enum { F32, F16, BF16 };

static const char *const config =
    "{\"model_type\": \"llama\", \"vocab_size\": 11, \"hidden_size\": 8, \"intermediate_size\": 12, "
    "\"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"num_key_value_heads\": 1, "
    "\"max_position_embeddings\": 6, \"rms_norm_eps\": 1e-5, \"rope_theta\": 50000.0, \"hidden_act\": \"silu\", "
    "\"rope_scaling\": null";

/* Names of a tensor in the format and in the graph. `rotated`: rows of heads in which the two halves form the pairs. */
static const struct tensor {
    const char *outside, *inside;
    bool in_layer, rotated, bias;
    int rows, columns; /* columns 0: a vector */
} tensors[] = {
    {"model.embed_tokens.weight", "embedding.weight", false, false, false, VOCABULARY, DIM},
    {"input_layernorm.weight", "attention.norm.gain", true, false, false, DIM, 0},
    {"self_attn.q_proj.weight", "q.weight", true, true, false, DIM, DIM},
    {"self_attn.k_proj.weight", "k.weight", true, true, false, KEYS, DIM},
    {"self_attn.v_proj.weight", "v.weight", true, false, false, KEYS, DIM},
    {"self_attn.o_proj.weight", "o.weight", true, false, false, DIM, DIM},
    {"post_attention_layernorm.weight", "feed.norm.gain", true, false, false, DIM, 0},
    {"mlp.gate_proj.weight", "gate.weight", true, false, false, HIDDEN, DIM},
    {"mlp.up_proj.weight", "up.weight", true, false, false, HIDDEN, DIM},
    {"mlp.down_proj.weight", "down.weight", true, false, false, DIM, HIDDEN},
    {"model.norm.weight", "norm.gain", false, false, false, DIM, 0},
    {"lm_head.weight", "head.weight", false, false, false, VOCABULARY, DIM},
    {"self_attn.q_proj.bias", "q.bias", true, true, true, DIM, 0},
    {"self_attn.k_proj.bias", "k.bias", true, true, true, KEYS, 0},
    {"self_attn.v_proj.bias", "v.bias", true, false, true, KEYS, 0},
    {"self_attn.o_proj.bias", "o.bias", true, false, true, DIM, 0},
};
enum { TENSORS = sizeof tensors / sizeof *tensors, HEAD = 11 };

/* Returns a value that is exact in every type: a multiple of 1/4 below 32, or of 1/64 below 2. */
static float value(int tensor, int layer, int i)
{
    return (float)((i * 29 + tensor * 17 + layer * 7) % 127 - 63) / (tensor % 2 ? 4.0f : 64.0f);
}

static void put_value(bytes *b, int type, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (type == F32) {
        put(b, &bits, 4);
        return;
    }
    uint16_t half = (uint16_t)(bits >> 16);
    if (type == F16) {
        const int exponent = (int)(bits >> 23 & 255) - 127 + 15;
        half = v == 0 ? 0 : (uint16_t)((bits >> 16 & 0x8000) | (uint32_t)exponent << 10 | (bits >> 13 & 1023));
    }
    put(b, &half, 2);
}

/* A file under construction: the header's text, and the data. */
typedef struct shard {
    char header[1 << 14];
    bytes data;
} shard;

static void begin(shard *s)
{
    strcpy(s->header, "{\"__metadata__\": {\"format\": \"pt\"}");
    s->data.size = 0;
}

static void describe(shard *s, const char *name, const char *type, int rows, int columns, size_t from, size_t to)
{
    char shape[32];
    snprintf(shape, sizeof shape, columns ? "%d, %d" : "%d", rows, columns);
    sprintf(s->header + strlen(s->header),
            ", \"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%zu, %zu]}", name, type, shape, from,
            to);
}

static void add(shard *s, int t, int layer, int type)
{
    static const char *const types[] = {"F32", "F16", "BF16"};
    char name[80];
    const size_t from = s->data.size;
    const int columns = tensors[t].columns ? tensors[t].columns : 1;
    snprintf(name, sizeof name, tensors[t].in_layer ? "model.layers.%d.%s" : "%.0d%s", layer, tensors[t].outside);
    for (int i = 0; i < tensors[t].rows * columns; i++)
        put_value(&s->data, type, value(t, layer, i));
    describe(s, name, types[type], tensors[t].rows, tensors[t].columns, from, s->data.size);
}

static void finish(shard *s, bytes *out)
{
    strcat(s->header, "}");
    const uint64_t length = strlen(s->header);
    out->size = 0;
    put(out, &length, 8);
    put(out, s->header, length);
    put(out, s->data.data, s->data.size);
}

static bool has(int t, bool tied, bool biased)
{
    return tensors[t].bias ? biased : t != HEAD || !tied;
}

static void model_file(bytes *out, int type, bool tied, bool biased)
{
    static shard s;
    begin(&s);
    for (int t = TENSORS - 1; t >= 0; t--)
        for (int layer = 0; layer < (tensors[t].in_layer ? LAYERS : 1) && has(t, tied, biased); layer++)
            add(&s, t, layer, type);
    finish(&s, out);
}

static void write_config(const char *text)
{
    write_import("config.json", text, strlen(text));
}

static const char *configured(const char *more)
{
    static char text[2048];
    snprintf(text, sizeof text, "%s%s}", config, more);
    return text;
}

static void check_graph(const mote_graph *g, bool tied, bool biased)
{
    for (int t = 0; t < TENSORS; t++)
        for (int layer = 0; layer < (tensors[t].in_layer ? LAYERS : 1) && has(t, tied, biased); layer++) {
            char name[80];
            size_t count;
            snprintf(name, sizeof name, tensors[t].in_layer ? "layer%d.%s" : "%.0d%s", layer, tensors[t].inside);
            const float *data = values_of(g, name, &count);
            const int columns = tensors[t].columns ? tensors[t].columns : 1;
            assert_int_equal(count, tensors[t].rows * columns);
            for (int r = 0; r < tensors[t].rows; r++) {
                const int half = r % WIDTH / (WIDTH / 2), pair = r % (WIDTH / 2);
                const int to = tensors[t].rotated ? r / WIDTH * WIDTH + 2 * pair + half : r;
                for (int c = 0; c < columns; c++)
                    if (data[to * columns + c] != value(t, layer, r * columns + c))
                        fail_msg("%s [%d, %d]", name, to, c);
            }
        }
    assert_int_equal(mote_graph_find(g, "head.weight") < 0, tied);
    assert_int_equal(mote_graph_find(g, "layer0.o.bias") >= 0, biased);
}

static void every_type(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        static bytes b;
        mote_graph g;
        const bool tied = i / 3 % 2, biased = i / 6;
        char more[100];
        snprintf(more, sizeof more, ", \"tie_word_embeddings\": %s, \"attention_bias\": %s", tied ? "true" : "false",
                 biased ? "true" : "false");
        write_config(configured(more));
        model_file(&b, i % 3, tied, biased);
        write_import("model.safetensors", b.data, b.size);
        must_import(&g, i % 2 ? import_folder() : import_path("model.safetensors"), (mote_import_options){0});
        check_graph(&g, tied, biased);
        mote_graph_free(&g);
    }
}

/* The second pair is rotated by theta^(-2/4) radians per position; epsilon is that of the norms. */
static void options_of_the_config(void **state)
{
    (void)state;
    static bytes b;
    mote_graph g;
    float epsilon;
    write_config(configured(""));
    model_file(&b, F32, false, false);
    write_import("model.safetensors", b.data, b.size);
    must_import(&g, import_folder(), (mote_import_options){.context = 5});
    const uint32_t *turns = g.tensors[mote_graph_find(&g, "turns")].data;
    assert_true(fabs((double)turns[1] * 2 * 3.14159265358979 / 4294967296.0 - pow(50000, -0.5)) < 1e-8);
    for (int i = 0; i < g.op_count; i++)
        if (g.ops[i].opcode == MOTE_OP_RMSNORM) {
            memcpy(&epsilon, &g.ops[i].params[MOTE_NORM_EPSILON], 4);
            assert_true(epsilon == 1e-5f);
        }
    assert_int_equal(g.tensors[mote_graph_find(&g, "layer0.keys")].dims[0], 5);
    mote_graph_free(&g);
}

static void special_values(void **state)
{
    (void)state;
    static const struct {
        int type;
        uint16_t bits;
        double value;
    } cases[] = {{F16, 0x0001, 0x1p-24},    {F16, 0x83ff, -1023 * 0x1p-24},
                 {F16, 0x7bff, 65504},      {F16, 0x0400, 0x1p-14},
                 {F16, 0xfc00, -HUGE_VAL},  {BF16, 0x7f7f, 0x1.fep127},
                 {BF16, 0x0001, 0x1p-133},  {BF16, 0x8000, 0},
                 {BF16, 0xff80, -HUGE_VAL}, {F16, 0x7e00, NAN},
                 {BF16, 0x7fc0, NAN}};
    write_config(configured(""));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static bytes b;
        mote_graph g;
        size_t count;
        model_file(&b, cases[i].type, false, false);
        memcpy(b.data + b.size - 2 * VOCABULARY * DIM + 2 * 5, &cases[i].bits, 2); /* the embedding is last */
        write_import("model.safetensors", b.data, b.size);
        if (!isfinite(cases[i].value))
            must_refuse(import_path("model.safetensors"), (mote_import_options){0}, MOTE_E_FORMAT,
                        isnan(cases[i].value) ? "value 5 of model.embed_tokens.weight is NaN"
                                              : "value 5 of model.embed_tokens.weight is infinite");
        must_import(&g, import_path("model.safetensors"), (mote_import_options){.allow_nonfinite = true});
        const double got = (double)values_of(&g, "embedding.weight", &count)[5];
        assert_true(got == cases[i].value || (isnan(got) && isnan(cases[i].value)));
        mote_graph_free(&g);
    }
}

static void shards(void **state)
{
    (void)state;
    static shard s[2];
    static bytes b;
    static char index[1 << 14];
    mote_graph g;
    strcpy(index, "{\"metadata\": {}, \"weight_map\": {\"__none\": \"m-2.safetensors\"");
    begin(&s[0]), begin(&s[1]);
    for (int t = 0; t < HEAD + 1; t++)
        for (int layer = 0; layer < (tensors[t].in_layer ? LAYERS : 1); layer++) {
            add(&s[(t + layer) % 2], t, layer, F32);
            sprintf(index + strlen(index), ", \"%d.%d\": \"m-%d.safetensors\"", t, layer, (t + layer) % 2 + 1);
        }
    strcat(index, "}}");
    finish(&s[0], &b), write_import("m-1.safetensors", b.data, b.size);
    finish(&s[1], &b), write_import("m-2.safetensors", b.data, b.size);
    unlink(import_path("model.safetensors"));
    write_config(configured(""));
    must_refuse(import_folder(), (mote_import_options){0}, MOTE_E_INPUT, "neither model.safetensors nor its index");
    write_import("model.safetensors.index.json", index, strlen(index));
    must_import(&g, import_folder(), (mote_import_options){0});
    check_graph(&g, false, false);
    mote_graph_free(&g);
    write_import("m-2.safetensors", b.data, b.size), write_import("m-1.safetensors", b.data, b.size);
    must_refuse(import_folder(), (mote_import_options){0}, MOTE_E_FORMAT, "is in");
    static const char *const bad[] = {"{\"weight_map\": {\"a\": \"../m-1.safetensors\"}}",
                                      "{\"weight_map\": {\"a\": 1}}", "{\"weight_map\": 3}", "{}"};
    for (int i = 0; i < 4; i++) {
        write_import("model.safetensors.index.json", bad[i], strlen(bad[i]));
        must_refuse(import_folder(), (mote_import_options){0}, MOTE_E_FORMAT,
                    i < 2 ? "tensor a is in no" : "weight_map");
    }
    unlink(import_path("model.safetensors.index.json"));
}

static void config_refused(const char *text, mote_code code, const char *part)
{
    static bytes b;
    write_config(text);
    model_file(&b, F32, false, false);
    write_import("model.safetensors", b.data, b.size);
    must_refuse(import_folder(), (mote_import_options){0}, code, part);
}

static void configs(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        mote_code code;
        const char *part;
    } cases[] = {
        {", \"vocab_size\": 11", MOTE_E_FORMAT, "duplicate object key"},
        {", \"head_dim\": 16", MOTE_E_UNSUPPORTED, "head_dim"},
        {", \"sliding_window\": 4", MOTE_E_UNSUPPORTED, "sliding_window is 4, less than the 6"},
        {", \"quantization_config\": {}", MOTE_E_UNSUPPORTED, "quantization_config"},
        {", \"partial_rotary_factor\": 0.5", MOTE_E_UNSUPPORTED, "partial_rotary_factor"},
        {", \"rope_parameters\": {\"rope_type\": \"yarn\"}", MOTE_E_UNSUPPORTED, "rope_parameters"},
        {", \"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": -1}", MOTE_E_FORMAT, "rope_theta"},
        {", \"tie_word_embeddings\": true, \"attention_bias\": true", MOTE_E_FORMAT, "q_proj.bias is missing"},
        {", \"tie_word_embeddings\": \"true\"", MOTE_E_FORMAT, "tie_word_embeddings has to be true or false"},
        {", \"attention_bias\": 1", MOTE_E_FORMAT, "attention_bias has to be true or false"},
        {", \"mlp_bias\": \"no\"", MOTE_E_FORMAT, "mlp_bias has to be true or false"},
        {", \"use_sliding_window\": 0", MOTE_E_FORMAT, "use_sliding_window has to be true or false"},
        {", \"head_dim\": 4.0", MOTE_E_FORMAT, "head_dim has to be a whole number"},
        {", \"partial_rotary_factor\": \"1\"", MOTE_E_FORMAT, "partial_rotary_factor has to be a number"},
        {", \"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": \"10\"}", MOTE_E_FORMAT,
         "rope_theta has to be a number"},
        {", \"sliding_window\": \"4\"", MOTE_E_FORMAT, "sliding_window has to be a whole number"},
        {", \"mlp_bias\": true", MOTE_E_FORMAT, "model.layers.0.mlp.gate_proj.bias is missing"},
    };
    static const struct {
        const char *text;
        mote_code code;
        const char *part;
    } whole[] = {
        {"", MOTE_E_FORMAT, "the file is empty"},
        {"{", MOTE_E_FORMAT, "not valid JSON"},
        {"version https://git-lfs.github.com/spec/v1\n", MOTE_E_FORMAT, "a Git LFS pointer"},
        {"\n <!DOCTYPE html>", MOTE_E_FORMAT, "a web page"},
        {"{\"model_type\": 3}", MOTE_E_UNSUPPORTED, "model_type is not a text"},
        {"{\"block_size\": 8, \"vocab_size\": 11, \"n_embd\": 8, \"n_layer\": 2, \"n_head\": \"2\"}", MOTE_E_FORMAT,
         "n_head has to be a whole number"},
        {"{\"model_type\": \"gpt2\", \"activation_function\": \"relu\"}", MOTE_E_UNSUPPORTED, "activation_function"},
        {"{\"model_type\": \"gpt2\", \"scale_attn_weights\": false}", MOTE_E_UNSUPPORTED, "scale_attn_weights"},
        {"{\"model_type\": \"gpt2\", \"n_ctx\": 6, \"vocab_size\": 11, \"n_embd\": 8, \"n_layer\": 2, \"n_head\": 2}",
         MOTE_E_FORMAT, "tensor transformer.wpe.weight is missing"},
        {"[]", MOTE_E_FORMAT, "not an object"},
        {"{}", MOTE_E_UNSUPPORTED, "model_type"},
        {"{\"model_type\": \"gemma\"}", MOTE_E_UNSUPPORTED, "model_type"},
        {"{\"model_type\": \"llama\"}", MOTE_E_FORMAT, "vocab_size"},
        {"{\"model_type\": \"llama\", \"vocab_size\": 1e30}", MOTE_E_FORMAT, "vocab_size"},
        {"{\"model_type\": \"llama\", \"rope_scaling\": {\"rope_type\": \"llama3\"}}", MOTE_E_UNSUPPORTED,
         "rope_scaling"},
        {"{\"model_type\": \"llama\", \"hidden_act\": \"gelu\"}", MOTE_E_UNSUPPORTED, "hidden_act"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        config_refused(configured(cases[i].more), cases[i].code, cases[i].part);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        config_refused(whole[i].text, whole[i].code, whole[i].part);
    char other[2048];
    strcpy(other, configured(""));
    memcpy(strstr(other, "\"intermediate_size\": 12"), "\"intermediate_size\": 13", 23);
    config_refused(other, MOTE_E_FORMAT,
                   "model.layers.0.mlp.gate_proj.weight is of rank 2, [12, 8], and its config.json makes it of rank 2, "
                   "[13, 8]");
    unlink(import_path("config.json"));
    must_refuse(import_folder(), (mote_import_options){0}, MOTE_E_INPUT, "config.json");
}

/* A window as wide as the context, or turned off, changes nothing. */
static void windows(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        uint32_t context;
    } cases[] = {{", \"sliding_window\": 6", 0},
                 {", \"sliding_window\": 4", 4},
                 {", \"sliding_window\": 4, \"use_sliding_window\": false", 0},
                 {", \"sliding_window\": null", 0}};
    static bytes b;
    model_file(&b, BF16, false, false);
    write_import("model.safetensors", b.data, b.size);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mote_graph g;
        write_config(configured(cases[i].more));
        must_import(&g, import_folder(), (mote_import_options){.context = cases[i].context});
        mote_graph_free(&g);
    }
}

static void raw_refused(uint64_t length, const char *header, size_t data, mote_code code, const char *part)
{
    static bytes b;
    static const uint8_t zero[64];
    b.size = 0;
    put(&b, &length, 8);
    put(&b, header, strlen(header));
    put(&b, zero, data);
    must_refuse(write_import("model.safetensors", b.data, b.size), (mote_import_options){0}, code, part);
}

static void header_refused(const char *header, size_t data, mote_code code, const char *part)
{
    raw_refused(strlen(header), header, data, code, part);
}

#define TENSOR(name, type, shape, from, to)                                                                            \
    "\"" name "\": {\"dtype\": \"" type "\", \"shape\": [" shape "], \"data_offsets\": [" from ", " to "]}"

static void headers(void **state)
{
    (void)state;
    write_config(configured(""));
    raw_refused(0xffffffffffffffffu, "{}", 0, MOTE_E_FORMAT, "a header of 18446744073709551615 bytes");
    raw_refused(1 << 23, "{}", 0, MOTE_E_FORMAT, "a header of 8388608 bytes");
    raw_refused(3, "{}", 0, MOTE_E_FORMAT, "a header of 3 bytes in a file of 10");
    must_refuse(write_import("model.safetensors", "1234", 4), (mote_import_options){0}, MOTE_E_FORMAT,
                "before its header");
    must_refuse(write_import("model.safetensors", "", 0), (mote_import_options){0}, MOTE_E_FORMAT, "is empty");
    must_refuse(write_import("model.safetensors", "PK\3\4 and more", 12), (mote_import_options){0}, MOTE_E_UNSUPPORTED,
                "a zip archive");
    must_refuse(write_import("model.safetensors", "version https://git-lfs", 23), (mote_import_options){0},
                MOTE_E_FORMAT, "a Git LFS pointer");
    header_refused("{]", 0, MOTE_E_FORMAT, "not valid JSON");
    header_refused("{" TENSOR("model.a", "F32", "2", "0", "8") "," TENSOR("_orig_mod.a", "F32", "2", "8", "16") "}", 16,
                   MOTE_E_FORMAT, "tensor");
    header_refused("{}", 0, MOTE_E_FORMAT, "tensor model.embed_tokens.weight is missing");
    header_refused("{" TENSOR("a", "F32", "2", "0", "8") "," TENSOR("a", "F32", "2", "8", "16") "}", 16, MOTE_E_FORMAT,
                   "duplicate object key");
    header_refused("{" TENSOR("a", "F32", "2", "0", "8") "," TENSOR("b", "F32", "2", "4", "12") "}", 12, MOTE_E_FORMAT,
                   "tensors a and b overlap");
    header_refused("{" TENSOR("a", "F32", "2", "0", "8") "," TENSOR("b", "F32", "2", "12", "20") "}", 20, MOTE_E_FORMAT,
                   "the 4 bytes before tensor b");
    header_refused("{" TENSOR("a", "F32", "2", "0", "8") "}", 12, MOTE_E_FORMAT, "the last 4 bytes");
    header_refused("{" TENSOR("a", "F32", "2", "0", "8") "}", 7, MOTE_E_FORMAT,
                   "ends at byte 8 of the data, which has 7");
    header_refused("{" TENSOR("a", "F32", "2", "0", "9223372036854775807") "}", 8, MOTE_E_FORMAT, "ends at byte");
    header_refused("{" TENSOR("a", "F32", "2", "0", "9223372036854775808") "}", 8, MOTE_E_FORMAT, "not valid JSON");
    header_refused("{" TENSOR("a", "F32", "2", "8", "0") "}", 8, MOTE_E_FORMAT, "no data_offsets");
    header_refused("{" TENSOR("a", "F32", "2", "-8", "0") "}", 8, MOTE_E_FORMAT, "no data_offsets");
    header_refused("{" TENSOR("a", "F32", "3", "0", "8") "}", 8, MOTE_E_FORMAT, "has 8 bytes where its shape takes 12");
    header_refused("{" TENSOR("a", "F32", "-2", "0", "8") "}", 8, MOTE_E_FORMAT, "no shape");
    header_refused("{" TENSOR("a", "F32", "4294967296, 4294967296", "0", "0") "}", 0, MOTE_E_FORMAT, "no shape");
    header_refused("{" TENSOR("a", "F32", "1, 1, 1, 1, 1", "0", "4") "}", 4, MOTE_E_FORMAT, "no shape");
    header_refused("{" TENSOR("a", "F64", "1", "0", "8") "}", 8, MOTE_E_UNSUPPORTED, "tensor a is of type F64");
    header_refused("{\"a\": 5}", 0, MOTE_E_FORMAT, "tensor a is of type nothing");
}

static void more_tensors(void **state)
{
    (void)state;
    static shard s;
    static bytes b;
    write_config(configured(""));
    for (int i = 0; i < 2; i++) {
        mote_graph g;
        begin(&s);
        for (int t = 0; t <= HEAD; t++)
            for (int layer = 0; layer < (tensors[t].in_layer ? LAYERS : 1); layer++)
                add(&s, t, layer, F32);
        describe(&s, i ? "model.layers.2.mlp.up_proj.weight" : "model.layers.0.self_attn.rotary_emb.inv_freq", "F32", 1,
                 0, s.data.size, s.data.size + 4);
        put_f32(&s.data, 1);
        finish(&s, &b);
        write_import("model.safetensors", b.data, b.size);
        if (i) {
            must_refuse(import_folder(), (mote_import_options){0}, MOTE_E_UNSUPPORTED,
                        "tensor model.layers.2.mlp.up_proj.weight is none");
        } else {
            must_import(&g, import_folder(), (mote_import_options){0});
            mote_graph_free(&g);
        }
    }
}

static void attacked(void **state)
{
    (void)state;
    static bytes b;
    write_config(configured(""));
    for (int type = 0; type < 3; type++) {
        model_file(&b, type, false, false);
        attack("model.safetensors", &b, b.size > 3000 ? 3000 : b.size, 1000);
    }
    b.size = 0;
    put(&b, configured(""), strlen(configured("")));
    attack("config.json", &b, b.size, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type), cmocka_unit_test(options_of_the_config),
        cmocka_unit_test(shards),     cmocka_unit_test(special_values),
        cmocka_unit_test(configs),    cmocka_unit_test(windows),
        cmocka_unit_test(headers),    cmocka_unit_test(more_tensors),
        cmocka_unit_test(attacked),
    };
    return cmocka_run_group_tests(tests, NULL, remove_import_folder);
}
