/* A checkpoint is a float graph with the run's arrays as further constants and its numbers as metadata. */
#include "compiler/train/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/pack/container.h"

typedef enum field_kind { FIELD_U32, FIELD_U64, FIELD_REAL, FIELD_FLAG, FIELD_CHOICE } field_kind;

typedef struct field {
    const char *key;
    field_kind kind;
    size_t offset;
    const char *option; /* of `mote train`, which messages name; NULL for a position */
} field;

#define OPTION(kind, name, option)                                                                                     \
    {                                                                                                                  \
        "train." #name, kind, offsetof(mote_train_options, name), option                                               \
    }
#define TRANSFORMER(kind, name, option)                                                                                \
    {                                                                                                                  \
        "train.transformer." #name, kind, offsetof(mote_train_options, transformer.name), option                       \
    }
#define POSITION(kind, name)                                                                                           \
    {                                                                                                                  \
        "at." #name, kind, offsetof(mote_train_position, name), NULL                                                   \
    }

static const field option_fields[] = {
    OPTION(FIELD_CHOICE, architecture, "arch"),
    {"train.embed", FIELD_U32, offsetof(mote_train_options, shape.embed), "embed"},
    {"train.dim", FIELD_U32, offsetof(mote_train_options, shape.dim), "dim"},
    {"train.layers", FIELD_U32, offsetof(mote_train_options, shape.layers), "layers"},
    {"train.tied", FIELD_FLAG, offsetof(mote_train_options, shape.tied), "tie"},
    TRANSFORMER(FIELD_U32, dim, "dim"),
    TRANSFORMER(FIELD_U32, layers, "layers"),
    TRANSFORMER(FIELD_U32, heads, "heads"),
    TRANSFORMER(FIELD_U32, kv_heads, "kv-heads"),
    TRANSFORMER(FIELD_U32, hidden, "hidden"),
    TRANSFORMER(FIELD_U32, context, "context"),
    TRANSFORMER(FIELD_FLAG, tied, "tie"),
    TRANSFORMER(FIELD_FLAG, biased, "bias"),
    TRANSFORMER(FIELD_FLAG, layer_norm, "norm"),
    TRANSFORMER(FIELD_FLAG, gelu, "feed"),
    TRANSFORMER(FIELD_FLAG, learned_positions, "positions"),
    OPTION(FIELD_REAL, valid_fraction, "valid"),
    OPTION(FIELD_U32, vocabulary, "vocab"),
    OPTION(FIELD_CHOICE, weights, "weights"),
    OPTION(FIELD_REAL, ramp, "ramp"),
    OPTION(FIELD_U32, batch, "batch"),
    OPTION(FIELD_U32, sequence, "sequence"),
    OPTION(FIELD_U32, threads, "threads"),
    OPTION(FIELD_REAL, epochs, "epochs"),
    OPTION(FIELD_U64, steps, "steps"),
    OPTION(FIELD_REAL, minutes, "minutes"),
    OPTION(FIELD_REAL, rate, "lr"),
    OPTION(FIELD_REAL, warmup, "warmup"),
    OPTION(FIELD_REAL, decay, "decay"),
    OPTION(FIELD_REAL, clip, "clip"),
    OPTION(FIELD_REAL, dropout, "dropout"),
    OPTION(FIELD_U64, seed, "seed"),
    OPTION(FIELD_REAL, teacher_weight, "teacher-weight"),
    OPTION(FIELD_REAL, temperature, "temperature"),
    OPTION(FIELD_REAL, prune.to, "prune-to"),
    OPTION(FIELD_CHOICE, prune.granularity, "prune-granularity"),
    OPTION(FIELD_CHOICE, prune.method, "prune-method"),
    OPTION(FIELD_CHOICE, prune.course, "prune-schedule"),
    OPTION(FIELD_U64, prune.begin, "prune-steps"),
    OPTION(FIELD_U64, prune.end, "prune-steps"),
    OPTION(FIELD_FLAG, prune.gated, "prune-gates"),
    OPTION(FIELD_REAL, prune.gates[0], "prune-gates"),
    OPTION(FIELD_REAL, prune.gates[1], "prune-gates"),
    OPTION(FIELD_REAL, prune.gates[2], "prune-gates"),
    {NULL, FIELD_U32, 0, NULL},
};

static const field position_fields[] = {
    POSITION(FIELD_U64, step),        POSITION(FIELD_U64, epoch_step),   POSITION(FIELD_U64, epoch),
    POSITION(FIELD_U64, since),       POSITION(FIELD_REAL, loss),        POSITION(FIELD_U64, loss_tokens),
    POSITION(FIELD_REAL, since_loss), POSITION(FIELD_U64, since_tokens), POSITION(FIELD_REAL, best),
    POSITION(FIELD_REAL, seconds),    {NULL, FIELD_U32, 0, NULL},
};

/* Writes a field of the structure at `from` as text; `real` is the format of FIELD_REAL. */
static void print_field(const field *f, const void *from, const char *real, char text[64])
{
    const void *at = (const char *)from + f->offset;
    switch (f->kind) {
    case FIELD_U32:
    case FIELD_CHOICE:
        snprintf(text, 64, "%" PRIu32, *(const uint32_t *)at);
        break;
    case FIELD_U64:
        snprintf(text, 64, "%" PRIu64, *(const uint64_t *)at);
        break;
    case FIELD_REAL:
        snprintf(text, 64, real, *(const double *)at);
        break;
    case FIELD_FLAG:
        snprintf(text, 64, "%d", *(const bool *)at);
        break;
    }
}

static bool write_fields(mote_graph *g, const field *fields, const void *from)
{
    bool ok = true;
    for (; fields->key; fields++) {
        char value[64];
        print_field(fields, from, "%a", value); /* exact */
        ok = ok && mote_graph_set_meta(g, fields->key, value);
    }
    return ok;
}

static bool read_fields(const mote_graph *g, const field *fields, void *to, mote_error *error)
{
    for (; fields->key; fields++) {
        void *at = (char *)to + fields->offset;
        char value[64], *end = value;
        mote_graph_get_meta(g, fields->key, value, sizeof value);
        switch (fields->kind) {
        case FIELD_U32:
        case FIELD_CHOICE:
            *(uint32_t *)at = (uint32_t)strtoul(value, &end, 10);
            break;
        case FIELD_U64:
            *(uint64_t *)at = strtoull(value, &end, 10);
            break;
        case FIELD_REAL:
            *(double *)at = strtod(value, &end);
            break;
        case FIELD_FLAG:
            *(bool *)at = strtoul(value, &end, 10) != 0;
            break;
        }
        if (end == value || *end)
            return mote_fail(error, MOTE_E_FORMAT, "the file to resume from has no number %s; train anew", fields->key);
    }
    return true;
}

/* An array of the run: `count` floats to save or to restore. */
typedef struct array {
    const char *name;
    float *data;
    size_t count;
} array;

enum { NAME_SIZE = 48 };
enum { STATES = 2, MAX_ARRAYS = STATES + 2 * 64 };

/* Lists the moments, then every worker's states and those of its teacher. */
static int arrays_of(mote_trainer *t, array arrays[MAX_ARRAYS], char names[MAX_ARRAYS][NAME_SIZE])
{
    int count = 0;
    arrays[count++] = (array){"train.m", t->m, t->executor.parameter_count};
    arrays[count++] = (array){"train.v", t->v, t->executor.parameter_count};
    for (uint32_t w = 0; w < t->workers; w++) {
        snprintf(names[count], NAME_SIZE, "train.state%u", w);
        arrays[count] = (array){names[count], t->executor.slices[w].state, t->executor.state_count};
        count++;
        if (!t->has_teacher)
            continue;
        snprintf(names[count], NAME_SIZE, "train.teacher_state%u", w);
        arrays[count] = (array){names[count], t->teacher.slices[w].state, t->teacher.state_count};
        count++;
    }
    return count;
}

static bool add_array(mote_graph *g, const char *name, const float *data, size_t count)
{
    if (!count)
        return true;
    uint32_t dims[1] = {(uint32_t)count};
    int index = mote_graph_tensor(g, name, MOTE_F32, MOTE_CONSTANT, 1, dims);
    if (index < 0)
        return false;
    memcpy(g->tensors[index].data, data, count * sizeof *data);
    return true;
}

static bool add_run(mote_trainer *t, mote_graph *g)
{
    array arrays[MAX_ARRAYS];
    char names[MAX_ARRAYS][NAME_SIZE], digest[16];
    bool ok = write_fields(g, option_fields, &t->options) && write_fields(g, position_fields, &t->at);
    snprintf(digest, sizeof digest, "%" PRIu32, t->digest);
    ok = ok && mote_graph_set_meta(g, "train.text", digest);
    ok = ok && mote_graph_set_meta(g, "train.prune_layers", t->options.prune.layers ? t->options.prune.layers : "");
    ok = ok && mote_graph_set_meta(g, "train.teacher", t->has_teacher ? "yes" : "no");
    ok = ok && mote_graph_set_meta(g, "train.init", t->options.init ? "yes" : "no");
    for (int i = 0, count = arrays_of(t, arrays, names); i < count; i++)
        ok = ok && add_array(g, arrays[i].name, arrays[i].data, arrays[i].count);
    if (t->curve.count)
        ok = ok && add_array(g, "train.curve", &t->curve.points[0].step, 4 * t->curve.count);
    return ok;
}

bool mote_checkpoint_save(mote_trainer *t, mote_error *error)
{
    char path[4096];
    mote_graph g;
    if (!mote_beside(t->options.out, ".resume", path, sizeof path, error))
        return false;
    mote_executor_store(&t->executor, &t->graph);
    if (!mote_graph_copy(&g, &t->graph, error))
        return false;
    bool ok = add_run(t, &g) ? mote_graph_save(&g, path, error)
                             : mote_fail(error, MOTE_E_INTERNAL, "out of memory while saving %s", path);
    mote_graph_free(&g);
    return ok;
}

static bool other_option(const field *f, const char *out, const char *then, const char *now, mote_error *error)
{
    if (f->kind == FIELD_CHOICE || f->kind == FIELD_FLAG)
        return mote_fail(error, MOTE_E_USAGE,
                         "%s.resume was started with another --%s; give the options of the first start", out,
                         f->option);
    return mote_fail(error, MOTE_E_USAGE,
                     "%s.resume was started with %s for --%s, not %s; give the options of the first start", out, then,
                     f->option, now);
}

static bool is_given(const mote_train_options *o, const char *option)
{
    for (const char *const *name = o->given; name && *name; name++)
        if (strcmp(*name, option) == 0)
            return true;
    return false;
}

/* The number of threads may change. The shape of the other architecture has no effect. */
static bool is_fixed(const field *f, const mote_train_options *saved)
{
    const size_t gru = offsetof(mote_train_options, shape), transformer = offsetof(mote_train_options, transformer);
    const bool of_gru = f->offset >= gru && f->offset < gru + sizeof saved->shape,
               of_transformer = f->offset >= transformer && f->offset < transformer + sizeof saved->transformer;
    return f->offset != offsetof(mote_train_options, threads) &&
           !(saved->architecture == MOTE_ARCH_TRANSFORMER ? of_gru : of_transformer);
}

/* Options that are given or not the default are those of the saved run. */
static bool same_options(const mote_train_options *given, const mote_train_options *saved, mote_error *error)
{
    const mote_train_options defaults = mote_train_defaults();
    for (const field *f = option_fields; f->key; f++) {
        char now[64], usual[64], then[64];
        print_field(f, given, "%.9g", now);
        print_field(f, &defaults, "%.9g", usual);
        print_field(f, saved, "%.9g", then);
        const bool counts = strcmp(now, usual) != 0 || is_given(given, f->option);
        if (counts && is_fixed(f, saved) && strcmp(now, then) != 0)
            return other_option(f, given->out, then, now, error);
    }
    return true;
}

/* Fails if the length of the run is given in another unit than that of the first start. */
static bool same_length(const mote_train_options *given, const mote_train_options *saved, mote_error *error)
{
    static const char *const units[] = {"steps", "minutes", "epochs"};
    const char *then = saved->steps ? units[0] : saved->minutes > 0 ? units[1] : units[2];
    for (int i = 0; i < 3; i++)
        if (is_given(given, units[i]) && units[i] != then)
            return mote_fail(error, MOTE_E_USAGE,
                             "%s.resume has its length by --%s, not --%s; give the options of the first start",
                             given->out, then, units[i]);
    return true;
}

bool mote_checkpoint_options(const mote_graph *saved, mote_train_options *options, mote_error *error)
{
    const mote_train_options given = *options;
    return read_fields(saved, option_fields, options, error) && same_options(&given, options, error) &&
           same_length(&given, options, error);
}

static bool restore_array(const mote_graph *saved, const char *name, float *data, size_t count, mote_error *error)
{
    if (!count)
        return true;
    int index = mote_graph_find(saved, name);
    const mote_tensor *t = index < 0 ? NULL : &saved->tensors[index];
    if (!t || t->dtype != MOTE_F32 || t->role != MOTE_CONSTANT || mote_tensor_elements(t) != count)
        return mote_fail(error, MOTE_E_FORMAT, "the file to resume from has no fitting %s; train anew", name);
    memcpy(data, t->data, count * sizeof *data);
    return true;
}

static bool restore_curve(mote_trainer *t, const mote_graph *saved)
{
    int index = mote_graph_find(saved, "train.curve");
    const mote_tensor *points = index < 0 ? NULL : &saved->tensors[index];
    bool fits = points && points->dtype == MOTE_F32 && points->role == MOTE_CONSTANT;
    size_t count = fits ? mote_tensor_elements(points) / 4 : 0;
    for (size_t i = 0; i < count; i++) {
        mote_curve_point point;
        memcpy(&point, (const float *)points->data + 4 * i, sizeof point);
        if (!mote_curve_add(&t->curve, point))
            return false;
    }
    return true;
}

static bool same_run(const mote_trainer *t, const mote_graph *saved, mote_error *error)
{
    char text[16], teacher[16], init[16], layers[256];
    const char *own_layers = t->options.prune.layers ? t->options.prune.layers : "";
    mote_graph_get_meta(saved, "train.prune_layers", layers, sizeof layers);
    mote_graph_get_meta(saved, "train.text", text, sizeof text);
    mote_graph_get_meta(saved, "train.teacher", teacher, sizeof teacher);
    mote_graph_get_meta(saved, "train.init", init, sizeof init);
    if (strtoul(text, NULL, 10) != t->digest)
        return mote_fail(error, MOTE_E_MISMATCH, "these are not the texts %s.resume was learning; name the same ones",
                         t->options.out);
    if (strcmp(layers, own_layers) != 0)
        return mote_fail(error, MOTE_E_USAGE, "%s.resume was pruning the layers '%s': name the same ones",
                         t->options.out, layers);
    if (t->has_teacher != (strcmp(teacher, "yes") == 0))
        return mote_fail(error, MOTE_E_USAGE, "%s.resume was trained %s a teacher: name the same one again or none",
                         t->options.out, t->has_teacher ? "without" : "with");
    if (!t->options.init != (strcmp(init, "yes") != 0))
        return mote_fail(error, MOTE_E_USAGE, "%s.resume was started %s --init: name the same model again or none",
                         t->options.out, t->options.init ? "without" : "with");
    return true;
}

bool mote_checkpoint_restore(mote_trainer *t, const mote_graph *saved, mote_error *error)
{
    array arrays[MAX_ARRAYS];
    char names[MAX_ARRAYS][NAME_SIZE];
    if (!same_run(t, saved, error) || !read_fields(saved, position_fields, &t->at, error))
        return false;
    for (int i = 0, count = arrays_of(t, arrays, names); i < count; i++)
        if (!restore_array(saved, arrays[i].name, arrays[i].data, arrays[i].count, error))
            return false;
    const mote_executor *x = &t->executor;
    for (int i = 0; i < x->graph.tensor_count; i++) {
        const mote_tensor *tensor = &x->graph.tensors[i];
        if (x->offset[i] != SIZE_MAX &&
            !restore_array(saved, tensor->name, x->parameters + x->offset[i], mote_tensor_elements(tensor), error))
            return false;
        if (x->offset[i] != SIZE_MAX)
            t->graph.tensors[i].pruned = saved->tensors[mote_graph_find(saved, tensor->name)].pruned;
    }
    if (access(t->options.out, F_OK) != 0)
        t->at.best = INFINITY; /* the best model is gone: save the next one */
    mote_trainer_shuffle(t);
    return restore_curve(t, saved) || mote_fail(error, MOTE_E_INTERNAL, "out of memory while resuming");
}
