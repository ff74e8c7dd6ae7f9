#include "compiler/quantize/fit_measure.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/plan/cost.h"
#include "compiler/quantize/fit_trial.h"
#include "compiler/quantize/method.h"
#include "compiler/quantize/probe.h"
#include "compiler/quantize/select.h"
#include "runtime/model.h"
#include "runtime/place.h"

static const mote_scheme tried[MOTE_FIT_TYPES] = {MOTE_SCHEME_INT8, MOTE_SCHEME_INT6,    MOTE_SCHEME_INT5,
                                                  MOTE_SCHEME_INT4, MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN};

/* Returns the recipe that the options give a matrix of another scheme, without layer choices. */
static mote_recipe recipe_with(const mote_quantization *q, int tensor, mote_scheme scheme)
{
    mote_quantize_options options = q->options;
    options.as_trained = false;
    options.layer_count = 0;
    options.weights = options.head = options.embedding = scheme;
    return mote_recipe_of(q->from, &options, tensor);
}

/* Lists the types that every matrix may have, int8 first. A type that the recipe replaces by another is left out. */
static bool list_choices(mote_fit_table *t, const mote_quantization *q, mote_error *error)
{
    t->rows = calloc((size_t)q->from->tensor_count + 1, sizeof *t->rows);
    if (!t->rows)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to choose types");
    for (int i = 0; i < q->from->tensor_count; i++) {
        if (!mote_is_matrix(q->from, i))
            continue;
        mote_fit_row *row = &t->rows[t->count++];
        row->tensor = i;
        for (int j = 0; j < MOTE_FIT_TYPES; j++) {
            const mote_recipe recipe = recipe_with(q, i, tried[j]);
            if (recipe.scheme == tried[j])
                row->choices[row->count++].recipe = recipe;
        }
    }
    return true;
}

static mote_fit_choice *choice_of(mote_fit_row *row, mote_scheme scheme)
{
    for (int j = 0; j < row->count; j++)
        if (row->choices[j].recipe.scheme == scheme)
            return &row->choices[j];
    return NULL;
}

static uint64_t aligned_size(const mote_tensor *t)
{
    return (mote_tensor_size(t) + MOTE_ALIGNMENT - 1) / MOTE_ALIGNMENT * MOTE_ALIGNMENT;
}

static bool reads(const mote_op *op, int tensor)
{
    for (int i = 0; i < op->input_count; i++)
        if (op->inputs[i] == tensor)
            return true;
    return false;
}

/* Returns the bytes of a matrix and of the other constants of its operators, such as biases, which some layouts
 * contain.
 */
static uint64_t bytes_of(const mote_graph *packed, int tensor)
{
    uint64_t bytes = aligned_size(&packed->tensors[tensor]);
    for (int o = 0; o < packed->op_count; o++) {
        const mote_op *op = &packed->ops[o];
        for (int i = 0; reads(op, tensor) && i < op->input_count; i++) {
            const mote_tensor *c = op->inputs[i] < 0 ? NULL : &packed->tensors[op->inputs[i]];
            if (c && c->role == MOTE_CONSTANT && op->inputs[i] != tensor)
                bytes += aligned_size(c);
        }
    }
    return bytes;
}

/* Sets the costs of a type in all rows from the packed model. */
static bool read_costs(mote_fit_table *t, const mote_quantization *q, mote_scheme scheme, const mote_fit_trial *trial,
                       mote_error *error)
{
    for (int i = 0; i < t->count; i++) {
        mote_fit_choice *c = choice_of(&t->rows[i], scheme);
        if (!c)
            continue;
        const char *name = q->from->tensors[t->rows[i].tensor].name;
        const int tensor = mote_graph_find(&trial->packed, name);
        if (tensor < 0)
            return mote_fail(error, MOTE_E_INTERNAL, "the packed model has no matrix %s", name);
        c->dtype = trial->packed.tensors[tensor].dtype;
        c->bytes = bytes_of(&trial->packed, tensor);
        c->work = t->chip ? mote_constant_work(&trial->model, t->chip, (uint32_t)tensor) : 0;
    }
    return true;
}

/* Sets what is beside the matrices, from the packed model in which every row has its first type. */
static bool read_rest(mote_fit_table *t, const mote_fit_trial *trial, mote_error *error)
{
    uint64_t bytes = 0, flash = mote_place_tensors_size(&trial->model, NULL, 0);
    double work = 0;
    for (int i = 0; i < t->count; i++) {
        bytes += t->rows[i].choices[0].bytes;
        work += t->rows[i].choices[0].work;
    }
    t->other_bytes = trial->file.size > bytes ? trial->file.size - bytes : 0;
    t->working = (uint64_t)trial->packed.arena_size + trial->packed.state_size;
    if (!t->chip)
        return true;
    const mote_prediction p = mote_predict(&trial->model, t->chip, &(mote_placement){0});
    if (!p.known)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "an operator of the model has no measured cost on %s, so its speed is unknown; --size BYTES "
                         "needs no speed; products with --group or --activations int16 have no cost on any chip",
                         t->chip->name);
    for (uint32_t i = 0; i < mote_header_of(&trial->model)->tensor_count; i++)
        flash += mote_record(&trial->model, i)->role == MOTE_CONSTANT ? mote_bytes_read(&trial->model, i) : 0;
    t->other_work = p.work - work;
    t->room = (double)bytes + (double)mote_sram_left(&trial->model, t->chip) - (double)flash;
    return true;
}

/* Packs the model with this type wherever a matrix may have it, and with the first type elsewhere. */
static bool find_costs_of(mote_fit_table *t, mote_quantization *q, int type, const mote_calibration *calibration,
                          mote_error *error)
{
    mote_fit_trial trial;
    bool any = false;
    for (int i = 0; i < t->count; i++) {
        const mote_fit_choice *c = choice_of(&t->rows[i], tried[type]);
        any = any || c;
        q->recipes[t->rows[i].tensor] = c ? c->recipe : t->rows[i].choices[0].recipe;
    }
    if (!any)
        return true;
    if (!mote_fit_trial_init(&trial, q, calibration, error))
        return false;
    const bool done = read_costs(t, q, tried[type], &trial, error) && (type || read_rest(t, &trial, error));
    mote_fit_trial_free(&trial);
    return done;
}

/* Removes choices whose loss or work is not finite. Fails if a row has none left. */
static bool keep_finite(mote_fit_table *t, const mote_quantization *q, mote_code code, const char *reason,
                        mote_error *error)
{
    for (int i = 0; i < t->count; i++) {
        mote_fit_row *row = &t->rows[i];
        int kept = 0;
        for (int j = 0; j < row->count; j++)
            if (isfinite(row->choices[j].loss) && isfinite(row->choices[j].work))
                row->choices[kept++] = row->choices[j];
        row->count = kept;
        if (!kept)
            return mote_fail(error, code, "%s: %s", q->from->tensors[row->tensor].name, reason);
    }
    return true;
}

static bool find_costs(mote_fit_table *t, mote_quantization *q, const mote_calibration *calibration, mote_error *error)
{
    for (int type = 0; type < MOTE_FIT_TYPES; type++)
        if (!find_costs_of(t, q, type, calibration, error))
            return false;
    return keep_finite(t, q, MOTE_E_UNSUPPORTED, "no type has a kernel with a measured cost on the chip", error);
}

/* Measures the loss with one matrix quantized: infinite or undefined if the network computes such values. */
static bool find_loss(mote_fit_choice *c, const mote_quantization *q, int tensor, mote_probe *p, mote_error *error)
{
    mote_matrix m;
    if (!mote_matrix_init(&m, &q->from->tensors[tensor], &c->recipe, mote_quantization_hessian(q, tensor), error))
        return false;
    float *values = malloc((size_t)m.rows * m.columns * sizeof *values);
    bool measured =
        values || mote_fail(error, MOTE_E_INTERNAL, "no memory to measure %s", q->from->tensors[tensor].name);
    if (values) {
        mote_matrix_floats(&m, values);
        mote_probe_replace(p, tensor, values);
        measured = mote_probe_loss(p, &c->loss, error) || error->code == MOTE_E_FORMAT;
        mote_probe_restore(p, tensor);
    }
    free(values);
    mote_matrix_free(&m);
    return measured;
}

static bool find_losses(mote_fit_table *t, const mote_quantization *q, mote_probe *p, const mote_fit_progress *progress,
                        mote_error *error)
{
    size_t done = 0, total = 0;
    if (!mote_probe_loss(p, &t->float_loss, error))
        return false;
    for (int i = 0; i < t->count; i++)
        total += (size_t)t->rows[i].count;
    for (int i = 0; i < t->count; i++)
        for (int j = 0; j < t->rows[i].count; j++) {
            mote_fit_choice *c = &t->rows[i].choices[j];
            if (!find_loss(c, q, t->rows[i].tensor, p, error))
                return false;
            c->loss -= t->float_loss;
            if (progress->show)
                progress->show(progress->context, ++done, total);
        }
    return keep_finite(t, q, MOTE_E_FORMAT, "with every type the loss is infinite or undefined", error);
}

static bool measure(mote_fit_table *t, mote_quantization *q, const mote_calibration *calibration,
                    const mote_fit_progress *progress, mote_error *error)
{
    mote_probe p;
    if (!list_choices(t, q, error) || !find_costs(t, q, calibration, error) ||
        !mote_probe_init(&p, q->from, &q->source, error))
        return false;
    const bool done = find_losses(t, q, &p, progress, error);
    mote_probe_free(&p);
    return done;
}

bool mote_fit_measure(mote_fit_table *t, mote_quantization *q, const mote_chip *chip,
                      const mote_calibration *calibration, const mote_fit_progress *progress, mote_error *error)
{
    *t = (mote_fit_table){.chip = chip};
    if (measure(t, q, calibration, progress, error))
        return true;
    mote_fit_free(t);
    return false;
}

void mote_fit_free(mote_fit_table *t)
{
    free(t->rows);
    *t = (mote_fit_table){0};
}
