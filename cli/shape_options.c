#include "cli/shape_options.h"

#include <stdio.h>
#include <string.h>

#include "compiler/plan/models.h"

static const char *const weight_names[] = {"f32", "int8", "int6", "int5", "int4", "ternary", "binary", NULL};
static const mote_dtype weight_dtypes[] = {MOTE_F32, MOTE_I8, MOTE_I6, MOTE_I5, MOTE_I4, MOTE_TERNARY2, MOTE_BINARY};
static const char *const architecture_names[] = {"gru", "transformer", NULL};
static const char *const norm_names[] = {"rms", "layer", NULL};
static const char *const feed_names[] = {"swiglu", "gelu", NULL};
static const char *const position_names[] = {"rotary", "learned", NULL};

/* A chip alone stands for the transformer that fits it. */
#define TRANSFORMER "arch=transformer chip"

void mote_shape_options(mote_shape_choices *c, mote_option rows[MOTE_SHAPE_OPTIONS])
{
    const mote_option all[MOTE_SHAPE_OPTIONS] = {
        {"arch", 'a', MOTE_OPTION_CHOICE, &c->architecture, "KIND", "the kind of model (gru)",
         .choices = architecture_names, .excludes = "init"},
        {"weights", 'w', MOTE_OPTION_CHOICE, &c->weights, "TYPE", "the quantizer in the loop (f32, packed as int8)",
         .choices = weight_names},
        {"vocab", 0, MOTE_OPTION_INT, &c->vocabulary, "N",
         "size of the vocabulary of byte pairs (no pairs, bytes only; with --chip the chip's)", .min = 1, .max = 65534,
         .excludes = "init"},
        {"dim", 'd', MOTE_OPTION_INT, &c->dim, "N", "units of a GRU layer (128); width of a transformer (64)", .min = 1,
         .max = 4096, .excludes = "init"},
        {"layers", 'l', MOTE_OPTION_INT, &c->layers, "N", "layers (1; transformer 4)", .min = 1, .max = 128,
         .excludes = "init"},
        {"embed", 0, MOTE_OPTION_INT, &c->embed, "N", "width of a GRU's embedding (64; dim when tied)", .min = 1,
         .max = 4096, .excludes = "arch=transformer chip init"},
        {"heads", 0, MOTE_OPTION_INT, &c->heads, "N", "heads (4)", .min = 1, .max = 256, .needs = TRANSFORMER},
        {"kv-heads", 0, MOTE_OPTION_INT, &c->kv_heads, "N",
         "key and value heads, shared by the heads (as many as heads)", .min = 1, .max = 256, .needs = TRANSFORMER},
        {"hidden", 0, MOTE_OPTION_INT, &c->hidden, "N", "width of the feed-forward layer (8/3 dim; with gelu 4 dim)",
         .min = 1, .max = 16384, .needs = TRANSFORMER},
        {"context", 0, MOTE_OPTION_INT, &c->context, "N", "attention window in tokens (128)", .min = 2, .max = 4096,
         .needs = TRANSFORMER},
        {"norm", 0, MOTE_OPTION_CHOICE, &c->norm, "KIND", "kind of norm (rms)", .choices = norm_names,
         .needs = TRANSFORMER},
        {"feed", 0, MOTE_OPTION_CHOICE, &c->feed, "KIND", "kind of feed-forward (swiglu)", .choices = feed_names,
         .needs = TRANSFORMER},
        {"positions", 0, MOTE_OPTION_CHOICE, &c->positions, "KIND", "kind of position encoding (rotary)",
         .choices = position_names, .needs = TRANSFORMER},
        {"bias", 0, MOTE_OPTION_FLAG, &c->biased, NULL, "linear operators have biases", .needs = TRANSFORMER},
        {"tie", 0, MOTE_OPTION_FLAG, &c->tied, NULL, "the head's weights are the embedding", .excludes = "init"},
    };
    memcpy(rows, all, sizeof all);
}

static void set(uint32_t *to, long given)
{
    if (given)
        *to = (uint32_t)given;
}

static void fill_gru(const mote_shape_choices *c, mote_tinylm_shape *shape)
{
    set(&shape->dim, c->dim);
    set(&shape->layers, c->layers);
    shape->tied = c->tied;
    if (c->tied)
        shape->embed = shape->dim;
    set(&shape->embed, c->embed);
    shape->vocabulary = c->vocabulary ? (uint32_t)c->vocabulary : 256;
}

/* Fills the shape from the chip's model or the default one, then from the options. The default width of the
 * feed-forward is 8/3 of the model's for SwiGLU, which has three matrices, and 4 times with two matrices. */
static void fill_transformer(const mote_shape_choices *c, mote_transformer_shape *shape)
{
    if (c->chip >= 0)
        *shape = mote_chip_models[c->chip].shape;
    shape->layer_norm = c->norm > 0, shape->gelu = c->feed > 0, shape->learned_positions = c->positions > 0;
    shape->tied = c->tied, shape->biased = c->biased;
    set(&shape->dim, c->dim);
    if (c->dim || c->feed >= 0)
        shape->hidden = shape->gelu ? 4 * shape->dim : (8 * shape->dim / 3 + 3) / 4 * 4;
    set(&shape->hidden, c->hidden);
    set(&shape->layers, c->layers);
    set(&shape->heads, c->heads);
    if (c->heads)
        shape->kv_heads = shape->heads;
    set(&shape->kv_heads, c->kv_heads);
    set(&shape->context, c->context);
    if (!shape->vocabulary)
        shape->vocabulary = 256;
    set(&shape->vocabulary, c->vocabulary);
}

static int print_gru(const mote_train_options *o, char *to, size_t size)
{
    const mote_tinylm_shape *s = &o->shape;
    return snprintf(to, size, "--arch gru --dim %u --layers %u --embed %u%s", s->dim, s->layers, s->embed,
                    s->tied ? " --tie" : "");
}

static int print_transformer(const mote_train_options *o, char *to, size_t size)
{
    const mote_transformer_shape *s = &o->transformer;
    return snprintf(
        to, size, "--arch transformer --dim %u --layers %u --heads %u --kv-heads %u --hidden %u --context %u%s%s%s%s%s",
        s->dim, s->layers, s->heads, s->kv_heads, s->hidden, s->context, s->layer_norm ? " --norm layer" : "",
        s->gelu ? " --feed gelu" : "", s->learned_positions ? " --positions learned" : "", s->biased ? " --bias" : "",
        s->tied ? " --tie" : "");
}

void mote_shape_print(const mote_train_options *o, char *to, size_t size)
{
    const bool gru = o->architecture == MOTE_ARCH_GRU;
    int n = (gru ? print_gru : print_transformer)(o, to, size);
    if (o->vocabulary && (size_t)n < size)
        n += snprintf(to + n, size - (size_t)n, " --vocab %u", o->vocabulary);
    if (o->weights != MOTE_F32 && (size_t)n < size)
        snprintf(to + n, size - (size_t)n, " --weights %s", mote_trainable_name(o->weights));
}

bool mote_shape_given(const mote_shape_choices *c)
{
    return c->dim || c->layers || c->embed || c->hidden || c->heads || c->kv_heads || c->context || c->vocabulary ||
           c->weights || c->architecture >= 0 || c->norm >= 0 || c->feed >= 0 || c->positions >= 0 || c->tied ||
           c->biased;
}

void mote_shape_apply(const mote_shape_choices *c, mote_train_options *o)
{
    o->architecture = c->architecture >= 0 ? (mote_architecture)c->architecture
                      : c->chip >= 0       ? MOTE_ARCH_TRANSFORMER
                                           : MOTE_ARCH_GRU;
    o->weights = weight_dtypes[c->weights];
    o->chip = c->chip >= 0 ? mote_chip_of(&mote_chip_models[c->chip]) : NULL;
    fill_gru(c, &o->shape);
    fill_transformer(c, &o->transformer);
    o->vocabulary = (uint32_t)c->vocabulary;
    if (c->chip >= 0 && o->architecture == MOTE_ARCH_TRANSFORMER && !c->vocabulary && !o->tokenizer)
        o->vocabulary = o->transformer.vocabulary;
}
