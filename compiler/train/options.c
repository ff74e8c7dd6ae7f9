#include "compiler/train/options.h"

#include <math.h>

#define RATE_OF_ARRAYS 0.002 /* for networks trained on arrays */

mote_train_options mote_train_defaults(void)
{
    mote_transformer_shape transformer = MOTE_TRANSFORMER_DEFAULTS;
    transformer.dim = 64, transformer.layers = 4, transformer.heads = transformer.kv_heads = 4;
    transformer.hidden = 172, transformer.context = 128;
    return (mote_train_options){
        .valid_fraction = 0.1,
        .save_seconds = 300,
        .shape = {.embed = 64, .dim = 128, .layers = 1},
        .transformer = transformer,
        .weights = MOTE_F32,
        .prune.granularity = MOTE_PRUNED_WEIGHTS,
        .batch = 32,
        .threads = 2,
        .epochs = 10,
        .ramp = 0.05,
        .warmup = 0.02,
        .decay = 0.01,
        .clip = 1,
        .seed = 1,
        .teacher_weight = 0.5,
        .temperature = 2,
    };
}

const char *mote_trainable_name(mote_dtype weights)
{
    static const char *const names[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = "f32", [MOTE_I8] = "int8",          [MOTE_I6] = "int6",      [MOTE_I5] = "int5",
        [MOTE_I4] = "int4", [MOTE_TERNARY2] = "ternary", [MOTE_BINARY] = "binary"};
    return (unsigned)weights < MOTE_DTYPE_COUNT ? names[weights] : NULL;
}

bool mote_trainable(mote_dtype weights)
{
    return mote_trainable_name(weights) != NULL;
}

double mote_train_rate(const mote_train_options *o)
{
    const bool few = o->weights == MOTE_TERNARY2 || o->weights == MOTE_BINARY;
    if (o->architecture == MOTE_ARCH_TRANSFORMER)
        return fmin(0.02, (few ? 0.2 : 0.4) / o->transformer.dim);
    return fmin(0.01, (few ? 0.5 : 1.0) / o->shape.dim);
}

void mote_train_resolve(mote_train_options *o)
{
    if (o->rate == 0)
        o->rate = o->data ? RATE_OF_ARRAYS : mote_train_rate(o);
    if (o->sequence == 0)
        o->sequence = o->architecture == MOTE_ARCH_TRANSFORMER ? o->transformer.context : 64;
}

bool mote_train_options_valid(const mote_train_options *o, mote_error *error)
{
    if (o->batch < 1 || o->batch > 4096 || o->sequence < (o->data ? 1 : 2) || o->sequence > 4096)
        return mote_fail(error, MOTE_E_USAGE, "batch must be 1..4096 and sequence 2..4096");
    if (!mote_trainable(o->weights))
        return mote_fail(error, MOTE_E_USAGE, "weights are trained as f32, int8, int6, int5, int4, ternary or binary");
    if ((unsigned)o->architecture >= MOTE_ARCH_COUNT)
        return mote_fail(error, MOTE_E_USAGE, "a model is a gru or a transformer");
    if (!(o->rate > 0 && o->rate <= 1) || !(o->warmup >= 0 && o->warmup <= 0.5) ||
        !(o->dropout >= 0 && o->dropout <= 0.9) || !(o->clip >= 0) || !(o->decay >= 0 && o->decay <= 1) ||
        !(o->ramp >= 0 && o->ramp <= 0.95))
        return mote_fail(error, MOTE_E_USAGE, "the learning rate, warm-up, dropout, clip or decay is out of range");
    if (!(o->valid_fraction >= 0 && o->valid_fraction <= 0.5))
        return mote_fail(error, MOTE_E_USAGE, "the validation part must be 0 to 0.5 of the text");
    if (!(o->teacher_weight >= 0 && o->teacher_weight <= 1) || !(o->temperature >= 0.1 && o->temperature <= 100))
        return mote_fail(error, MOTE_E_USAGE, "the teacher's weight must be 0..1, the temperature 0.1..100");
    if (!o->steps && !(o->minutes > 0) && !(o->epochs > 0 && o->epochs <= 1e6))
        return mote_fail(error, MOTE_E_USAGE, "say how long to train: epochs (at most a million), steps or minutes");
    return true;
}
