#include "compiler/task/arrays.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/language.h"
#include "compiler/graph/names.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/number.h"
#include "compiler/manifest/zip.h"

#define LARGEST_FILE ((size_t)1 << 30)

bool mote_names_arrays(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".npz") == 0;
}

/* --- batches --- */

static void fill(const mote_source *s, const mote_sample_row *rows, uint32_t count, mote_batch *b)
{
    const mote_arrays *a = s->data;
    for (int k = 0; k < a->input_count; k++)
        for (size_t i = 0, size = a->input_size[k]; i < count; i++)
            if (rows[i].input == MOTE_START)
                memset((uint8_t *)b->inputs[k] + i * size, 0, size);
            else
                memcpy((uint8_t *)b->inputs[k] + i * size, a->inputs[k] + (s->first + rows[i].input) * size, size);
    for (size_t i = 0; b->targets && i < count; i++) {
        uint8_t *to = (uint8_t *)b->targets + i * a->target_size;
        const size_t sample = s->first + rows[i].target;
        const bool absent =
            rows[i].target == MOTE_ABSENT || (a->last_counts && sample % a->sequence != a->sequence - 1);
        if (!absent)
            memcpy(to, a->targets + (a->last_counts ? sample / a->sequence : sample) * a->target_size, a->target_size);
        else if (a->task->chooses)
            memcpy(to, &(uint16_t){MOTE_NO_TARGET}, sizeof(uint16_t));
        else
            memcpy(to, &(float){NAN}, sizeof(float));
    }
}

mote_source mote_arrays_source(const mote_arrays *a)
{
    return (mote_source){.count = a->count,
                         .sequence = a->sequence,
                         .last_counts = a->last_counts,
                         .least = 1,
                         .task = a->task,
                         .data = a,
                         .fill = fill};
}

/* --- numbers --- */

/* An array in the file. */
typedef struct stored {
    const char *name;
    mote_array form;
    const uint8_t *data;
} stored;

/* Converts all numbers to `dtype`. Each must be in least..most, and whole unless `dtype` is F32. NULL on failure. */
static uint8_t *convert(const stored *s, size_t count, mote_dtype dtype, double least, double most, mote_error *error)
{
    uint8_t *values = malloc(count * mote_dtype_bytes(dtype) + 1);
    if (!values) {
        mote_fail(error, MOTE_E_INTERNAL, "no memory for array %s", s->name);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const double v = mote_array_number(&s->form, s->data, i);
        if (!(v >= least && v <= most) || (dtype != MOTE_F32 && v != floor(v))) {
            mote_fail(error, MOTE_E_FORMAT, "array %s: number %zu is %g; they should be %s, from %g to %g", s->name, i,
                      v, dtype == MOTE_F32 ? "finite" : "whole", least, most);
            free(values);
            return NULL;
        }
        mote_dtype_put(dtype, values, i, v);
    }
    return values;
}

/* --- arrays --- */

typedef struct job {
    mote_arrays *a;
    const mote_graph *g;
    mote_zip zip;
    size_t sequences, steps; /* steps 0: the arrays have no time axis */
    bool sized;
    mote_error *error;
} job;

/* Finds an array. Returns false without a message if the file has none of this name. */
static bool find(const job *j, const char *name, stored *s, bool *valid)
{
    char *member = mote_name(name, ".npy");
    *valid = member || mote_fail(j->error, MOTE_E_INTERNAL, "no memory for array %s", name);
    const mote_zip_entry *e = member ? mote_zip_find(&j->zip, member) : NULL;
    free(member);
    if (!e)
        return false;
    const uint8_t *bytes = mote_zip_bytes(&j->zip, e);
    size_t begin;
    *s = (stored){.name = name};
    *valid = (bytes || mote_fail(j->error, MOTE_E_FORMAT, "array %s is damaged", name)) &&
             mote_npy_form(&s->form, &begin, bytes, e->size, name, j->error);
    s->data = *valid ? bytes + begin : NULL;
    return *valid;
}

/* True if the array's dimensions from `lead` on are those of t. A single number needs none. */
static bool ends_as(const mote_array *form, int lead, const mote_tensor *t)
{
    if (form->rank == lead && mote_tensor_elements(t) == 1)
        return true;
    return form->rank == lead + t->rank && memcmp(form->dims + lead, t->dims, (size_t)t->rank * sizeof *t->dims) == 0;
}

static bool refuse_shape(const job *j, const stored *s, const mote_tensor *t)
{
    char shape[96] = "";
    for (int i = 0, at = 0; i < t->rank; i++)
        at += snprintf(shape + at, sizeof shape - (size_t)at, ", %u", t->dims[i]);
    return mote_fail(j->error, MOTE_E_FORMAT,
                     "array %s does not have the shape [samples%s] or [sequences, steps%s], with as many as the other "
                     "arrays",
                     s->name, shape, shape);
}

/* Checks that the array has as many sequences and steps as the arrays before it. */
static bool sizes_fit(job *j, const stored *s, const mote_tensor *t)
{
    const int lead = ends_as(&s->form, 1, t) ? 1 : ends_as(&s->form, 2, t) ? 2 : 0;
    const size_t sequences = s->form.dims[0], steps = lead == 2 ? s->form.dims[1] : 0;
    if (!lead || (j->sized && (sequences != j->sequences || steps != j->steps)))
        return refuse_shape(j, s, t);
    if (!sequences || (lead == 2 && !steps))
        return mote_fail(j->error, MOTE_E_FORMAT, "array %s is empty", s->name);
    j->sequences = sequences, j->steps = steps, j->sized = true;
    return true;
}

/* Returns the largest value that an input may have: below the rows of the tables that it indexes. */
static double most_of(const mote_graph *g, int input, double most)
{
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        if (mote_op_has(op, MOTE_TRAIT_LOOKUP) && mote_op_operand(op, MOTE_OPERAND_VALUE) == input)
            most = fmin(most, (double)g->tensors[mote_op_operand(op, MOTE_OPERAND_TABLE)].dims[0] - 1);
    }
    return most;
}

static bool read_input(job *j, int k)
{
    const int input = mote_graph_of_role(j->g, MOTE_INPUT, k);
    const mote_tensor *t = &j->g->tensors[input];
    mote_arrays *a = j->a;
    stored s;
    double least, most;
    bool valid;
    if (!mote_dtype_limits(t->dtype, &least, &most))
        return mote_fail(j->error, MOTE_E_UNSUPPORTED, "no array can be read for input %s of type %s", t->name,
                         mote_dtype_name(t->dtype));
    if (!find(j, t->name, &s, &valid))
        return !valid ? false
                      : mote_fail(j->error, MOTE_E_FORMAT,
                                  "there is no array %s, which the network's input of that name needs", t->name);
    if (!sizes_fit(j, &s, t))
        return false;
    const size_t samples = j->sequences * (j->steps ? j->steps : 1), elements = mote_tensor_elements(t);
    a->input_size[k] = mote_tensor_size(t);
    a->inputs[k] = convert(&s, samples * elements, t->dtype, least, most_of(j->g, input, most), j->error);
    return a->inputs[k] != NULL;
}

/* True if the array has one number per sample, or per sequence. */
static bool is_plain(const job *j, const mote_array *form, bool *last_counts)
{
    *last_counts = j->steps && form->rank == 1 && form->dims[0] == j->sequences;
    return *last_counts || (form->dims[0] == j->sequences &&
                            (j->steps ? form->rank == 2 && form->dims[1] == j->steps : form->rank == 1));
}

/* True if the array has one output per sample, or per sequence. */
static bool is_shaped(const job *j, const mote_array *form, const mote_tensor *y, bool *last_counts)
{
    *last_counts = j->steps && form->dims[0] == j->sequences && ends_as(form, 1, y);
    return *last_counts || (form->dims[0] == j->sequences &&
                            (j->steps ? ends_as(form, 2, y) && form->dims[1] == j->steps : ends_as(form, 1, y)));
}

static bool read_targets(job *j)
{
    const mote_tensor *y = &j->g->tensors[mote_graph_of_role(j->g, MOTE_OUTPUT, 0)];
    const size_t outputs = mote_tensor_elements(y);
    mote_arrays *a = j->a;
    stored s;
    bool valid;
    if (!j->g->packed && y->dtype != MOTE_F32)
        return true; /* nothing to compare with real values: no loss */
    if (!find(j, "targets", &s, &valid) && (!valid || !find(j, y->name, &s, &valid)))
        return valid;
    const bool classes =
        s.form.kind != 'f' && outputs > 1 && outputs < MOTE_NO_TARGET && is_plain(j, &s.form, &a->last_counts);
    if (!classes && !is_shaped(j, &s.form, y, &a->last_counts))
        return refuse_shape(j, &s, y);
    const size_t rows = a->last_counts ? j->sequences : j->sequences * (j->steps ? j->steps : 1);
    a->task = classes ? &mote_task_classification : &mote_task_regression;
    a->target_size = mote_task_target_size(a->task, (uint32_t)outputs);
    a->targets = classes ? convert(&s, rows, MOTE_U16, 0, (double)outputs - 1, j->error)
                         : convert(&s, rows * outputs, MOTE_F32, -3.4e38, 3.4e38, j->error);
    return a->targets;
}

static bool has_state(const mote_graph *g)
{
    return mote_graph_of_role(g, MOTE_STATE, 0) >= 0;
}

static bool read_all(job *j)
{
    mote_arrays *a = j->a;
    while (mote_graph_of_role(j->g, MOTE_INPUT, a->input_count) >= 0)
        a->input_count++;
    a->inputs = calloc((size_t)a->input_count + 1, sizeof *a->inputs);
    a->input_size = calloc((size_t)a->input_count + 1, sizeof *a->input_size);
    if (!a->inputs || !a->input_size)
        return mote_fail(j->error, MOTE_E_INTERNAL, "no memory to read arrays");
    if (!a->input_count)
        return mote_fail(j->error, MOTE_E_UNSUPPORTED, "the network has no input");
    for (int k = 0; k < a->input_count; k++)
        if (!read_input(j, k))
            return false;
    a->count = j->sequences * (j->steps ? j->steps : 1);
    a->sequence = j->steps ? j->steps : has_state(j->g) ? 0 : 1;
    return read_targets(j);
}

/* FNV-1a. */
static uint32_t digest_of(const uint8_t *data, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash;
}

bool mote_arrays_read(mote_arrays *a, const void *file, size_t size, const char *name, const mote_graph *g,
                      mote_error *error)
{
    mote_error why = {.code = MOTE_E_INTERNAL};
    job j = {.a = a, .g = g, .error = &why};
    *a = (mote_arrays){.digest = digest_of(file, size)};
    if (mote_graph_of_role(g, MOTE_OUTPUT, 0) < 0)
        return mote_fail(error, MOTE_E_FORMAT, "the network has no output");
    if (!mote_zip_open(&j.zip, file, size, name, error))
        return false;
    const bool done = read_all(&j);
    mote_zip_close(&j.zip);
    if (done)
        return true;
    mote_arrays_free(a);
    return mote_fail(error, why.code, "%s: %s", name, why.text);
}

bool mote_arrays_load(mote_arrays *a, const char *path, const mote_graph *g, mote_error *error)
{
    mote_bytes file;
    if (!mote_file_read(path, LARGEST_FILE, &file, error))
        return false;
    const bool done = mote_arrays_read(a, file.data, file.size, path, g, error);
    free(file.data);
    return done;
}

void mote_arrays_free(mote_arrays *a)
{
    for (int k = 0; a->inputs && k < a->input_count; k++)
        free(a->inputs[k]);
    free(a->inputs);
    free(a->input_size);
    free(a->targets);
    *a = (mote_arrays){0};
}
