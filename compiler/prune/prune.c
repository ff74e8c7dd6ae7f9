#include "compiler/prune/prune.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/prune/compensate.h"
#include "compiler/prune/mask.h"
#include "compiler/prune/units.h"
#include "compiler/quantize/inputs.h"

enum {
    SENSITIVITY_SAMPLES = 4096,
    MOST_CHOSEN = 512 /* columns of a matrix whose weights are chosen one by one, which takes their cube per row */
};

#define DAMPING   0.01 /* damping of second-order statistics, as in Frantar and Alistarh */
#define MOST      0.95 /* highest sparsity of a matrix under a global budget */
#define STEEPNESS 20   /* assumed slope of the logarithm of the loss over sparsity, to spread a global budget */

/* A matrix that takes part. */
typedef struct part {
    int tensor;
    const char *op; /* name of the operator that reads it */
    double sparsity;
    double sensitivity;
    uint8_t *keep; /* [elements], owned */
} part;

typedef struct job {
    const mote_prune_options *o;
    const mote_graph *from;
    mote_graph *g;
    mote_activity activity;
    bool measured;
    float **importance; /* per tensor, owned */
    part *parts;
    int count;
    mote_prune_report *report;
    mote_error *error;
} job;

static const mote_tensor *tensor_of(const job *j, const part *p)
{
    return &j->g->tensors[p->tensor];
}

static bool out_of_memory(const job *j)
{
    return mote_fail(j->error, MOTE_E_INTERNAL, "out of memory while pruning");
}

static bool numbers_valid(const mote_prune_options *o, mote_error *error)
{
    bool valid = o->sparsity >= 0 && o->sparsity <= 1;
    for (int i = 0; i < o->target_count; i++)
        valid = valid && o->targets[i].sparsity >= 0 && o->targets[i].sparsity <= 1;
    if (!valid)
        return mote_fail(error, MOTE_E_USAGE, "a sparsity is a part of the weights, from 0 to 1");
    if (!(o->threshold >= 0))
        return mote_fail(error, MOTE_E_USAGE, "the threshold must be above 0");
    if (o->units && (o->global || o->threshold > 0 || o->compensate))
        return mote_fail(error, MOTE_E_USAGE,
                         "units are removed by a sparsity of each group: no threshold, global budget or compensation");
    if (!o->source && !o->mask && (o->method != MOTE_PRUNE_MAGNITUDE || o->global || o->compensate))
        return mote_fail(error, MOTE_E_USAGE, "this needs samples: add --calibrate with a text, self or DATA.npz");
    if (o->source && !o->source->task && o->global)
        return mote_fail(error, MOTE_E_USAGE,
                         "a global budget needs a loss, and the samples have no targets; add an array \"targets\"");
    return true;
}

static bool is_listed(const job *j, int tensor)
{
    for (int i = 0; i < j->count; i++)
        if (j->parts[i].tensor == tensor)
            return true;
    return false;
}

static bool list_parts(job *j)
{
    j->parts = calloc((size_t)j->g->op_count + 1, sizeof *j->parts);
    if (!j->parts)
        return out_of_memory(j);
    for (int i = 0; i < j->g->op_count; i++) {
        const mote_op *op = &j->g->ops[i];
        const int w = mote_op_has(op, MOTE_TRAIT_LOOKUP) ? mote_op_operand(op, MOTE_OPERAND_TABLE)
                                                         : mote_op_operand(op, MOTE_OPERAND_WEIGHTS);
        if (w < 0 || is_listed(j, w) || (!j->o->embeddings && mote_graph_reads_as(j->g, w, MOTE_OPERAND_TABLE)))
            continue;
        part *p = &j->parts[j->count++];
        *p = (part){.tensor = w, .op = op->name, .sparsity = j->o->sparsity, .sensitivity = NAN};
        p->keep = malloc(mote_tensor_elements(tensor_of(j, p)) + 1);
        if (!p->keep)
            return out_of_memory(j);
        memset(p->keep, 1, mote_tensor_elements(tensor_of(j, p)));
    }
    return j->count > 0 || mote_fail(j->error, MOTE_E_UNSUPPORTED, "the model has no matrix to prune");
}

static bool matches(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, 0) == 0;
}

static bool set_targets(job *j)
{
    for (int t = 0; t < j->o->target_count; t++) {
        const mote_prune_target *target = &j->o->targets[t];
        bool used = false;
        for (int i = 0; i < j->count; i++)
            if (matches(target->pattern, tensor_of(j, &j->parts[i])->name) ||
                matches(target->pattern, j->parts[i].op)) {
                j->parts[i].sparsity = target->sparsity;
                used = true;
            }
        if (!used)
            return mote_fail(
                j->error, MOTE_E_USAGE,
                "no matrix or operator has a name that matches '%s'; mote info shows the names, such as %s",
                target->pattern, tensor_of(j, &j->parts[0])->name);
    }
    return true;
}

static bool score(job *j)
{
    j->importance = calloc((size_t)j->g->tensor_count + 1, sizeof *j->importance);
    if (!j->importance)
        return out_of_memory(j);
    for (int i = 0; i < j->count; i++)
        if (!(j->importance[j->parts[i].tensor] = calloc(mote_tensor_elements(tensor_of(j, &j->parts[i])) + 1, 4)))
            return out_of_memory(j);
    return mote_score(j->o->method, j->g, j->measured ? &j->activity : NULL, j->importance, &j->report->network,
                      j->error);
}

static bool chosen_by_row(const job *j)
{
    return mote_scores_by_row(j->o->method, j->o->granularity) && !(j->o->threshold > 0) && !j->o->mask;
}

static mote_scored scored(const job *j, const part *p)
{
    const mote_tensor *t = tensor_of(j, p);
    return (mote_scored){j->importance[p->tensor], t->dims[0], t->dims[1], j->o->granularity, chosen_by_row(j)};
}

/* Chooses the mask at the part's sparsity. Weights that were pruned before stay pruned. */
static bool choose(const job *j, const part *p)
{
    const mote_tensor *t = tensor_of(j, p);
    const mote_scored m = scored(j, p);
    if (j->o->threshold > 0)
        return mote_mask_threshold(&m, j->o->threshold, p->keep, j->error);
    mote_mask_of(t->data, t->dims[0], t->dims[1], t->pruned, p->keep);
    return mote_mask_sparsity(&m, p->sparsity, true, p->keep, j->error);
}

/* Measures the loss that pruning this part alone adds on the first samples. */
static bool measure(job *j, part *p)
{
    mote_tensor *t = &j->g->tensors[p->tensor];
    const size_t size = mote_tensor_size(t);
    const mote_source first = mote_source_part(j->o->source, 0, SENSITIVITY_SAMPLES);
    double before, after;
    float *kept = malloc(size + 1);
    if (!kept)
        return out_of_memory(j);
    memcpy(kept, t->data, size);
    bool ok = choose(j, p) && mote_source_loss(j->g, &first, &before, j->error);
    mote_mask_apply(t->data, p->keep, mote_tensor_elements(t));
    ok = ok && mote_source_loss(j->g, &first, &after, j->error);
    memcpy(t->data, kept, size);
    free(kept);
    p->sensitivity = ok ? after - before : NAN;
    return ok;
}

/* Sets the sparsities for a multiplier of e^shift. Returns the number of weights that go. */
static double set_sparsities(job *j, const double *asked, double shift)
{
    double gone = 0;
    for (int i = 0; i < j->count; i++) {
        part *p = &j->parts[i];
        const double n = (double)mote_tensor_elements(tensor_of(j, p)), d = fmax(p->sensitivity, 1e-6);
        p->sparsity = fmin(MOST, fmax(0, asked[i] + (shift + log(n / d)) / STEEPNESS));
        gone += n * p->sparsity;
    }
    return gone;
}

/* Spreads a global budget over the parts. The loss of part i is assumed to be d_i·e^(STEEPNESS·(s − S_i)), with d_i the
 * loss at S_i alone. Then the least sum for a budget Σ n_i·s_i = Σ n_i·S_i has s_i = S_i + ln(m·n_i/d_i) / STEEPNESS
 * with one m, which is found by bisection. */
static bool spread(job *j)
{
    double budget = 0, low = -100, high = 100;
    double *asked = calloc((size_t)j->count, sizeof *asked);
    bool ok = asked || out_of_memory(j);
    for (int i = 0; ok && i < j->count; i++) {
        asked[i] = j->parts[i].sparsity;
        budget += asked[i] * (double)mote_tensor_elements(tensor_of(j, &j->parts[i]));
        ok = measure(j, &j->parts[i]);
    }
    for (int round = 0; ok && round < 60; round++) {
        const double middle = (low + high) / 2;
        *(set_sparsities(j, asked, middle) < budget ? &low : &high) = middle;
    }
    free(asked);
    return ok;
}

static bool take_masks(job *j)
{
    bool any = false;
    if (j->o->mask->packed)
        return mote_fail(j->error, MOTE_E_UNSUPPORTED, "the mask is a packed model; name the float model it came from");
    for (int i = 0; i < j->count; i++) {
        const part *p = &j->parts[i];
        mote_tensor *t = &j->g->tensors[p->tensor];
        const int other = mote_graph_find(j->o->mask, t->name);
        const mote_tensor *m = other < 0 ? NULL : &j->o->mask->tensors[other];
        if (!m || !m->data || m->dtype != MOTE_F32 || m->dims[0] != t->dims[0] || m->dims[1] != t->dims[1])
            return mote_fail(j->error, MOTE_E_MISMATCH, "the mask is of another model: it has no %s of %u×%u", t->name,
                             t->dims[0], t->dims[1]);
        mote_mask_of(m->data, t->dims[0], t->dims[1], m->pruned, p->keep);
        t->pruned = m->pruned;
        any = any || t->pruned != MOTE_UNPRUNED;
    }
    return any || mote_fail(j->error, MOTE_E_USAGE, "the mask is of a model that is not pruned");
}

/* Returns the granularity of a matrix with masks of two kinds: single weights if they differ. */
static mote_pruned merged(mote_pruned before, mote_pruned now)
{
    return before == MOTE_UNPRUNED || before == now ? now : MOTE_PRUNED_WEIGHTS;
}

/* Chooses weights again, by the loss that remains after the others compensate. */
static bool choose_again(job *j, const part *p, const mote_hessian *h, const float *cross)
{
    mote_tensor *t = &j->g->tensors[p->tensor];
    mote_mask_of(t->data, t->dims[0], t->dims[1], t->pruned, p->keep);
    return mote_compensate_choose(t->data, p->keep, t->dims[0], (uint32_t)(p->sparsity * t->dims[1] + 1e-6), h, cross,
                                  DAMPING, j->error);
}

/* Compensates with the weights of a part that stay, for this part and for the parts before it, which are pruned
 * already. */
static bool compensate(job *j, const part *p)
{
    mote_tensor *t = &j->g->tensors[p->tensor];
    const size_t columns = t->dims[1];
    mote_hessian h;
    float *cross = calloc(columns * columns + 1, sizeof *cross);
    if (!cross)
        return out_of_memory(j);
    bool ok = mote_hessian_init(&h, t->dims[1], j->error);
    if (ok) {
        ok = mote_activity_pair(j->from, j->g, p->tensor, j->o->source, &h, cross, j->error) &&
             (!chosen_by_row(j) || columns > MOST_CHOSEN || choose_again(j, p, &h, cross)) &&
             mote_compensate(t->data, p->keep, t->dims[0], &h, cross, DAMPING, j->error);
        mote_hessian_free(&h);
    }
    free(cross);
    return ok;
}

static bool apply(job *j)
{
    for (int i = 0; i < j->count; i++) {
        const part *p = &j->parts[i];
        mote_tensor *t = &j->g->tensors[p->tensor];
        if (j->o->compensate && j->activity.square[p->tensor] && !compensate(j, p))
            return false;
        mote_mask_apply(t->data, p->keep, mote_tensor_elements(t));
        if (!j->o->mask && memchr(p->keep, 0, mote_tensor_elements(t)))
            t->pruned = merged(t->pruned, j->o->granularity);
    }
    return true;
}

static bool prune_weights(job *j)
{
    if (j->o->mask)
        return take_masks(j) && apply(j);
    if (!score(j) || (j->o->global && !spread(j)))
        return false;
    for (int i = 0; i < j->count; i++)
        if (!choose(j, &j->parts[i]))
            return false;
    return apply(j);
}

/* Returns the sparsity of a group: the one asked for its first matrix. */
static double sparsity_of(const job *j, const mote_unit_group *group)
{
    for (int i = 0; i < j->count; i++)
        for (int k = 0; k < group->axis_count; k++)
            if (group->axes[k].tensor == j->parts[i].tensor)
                return j->parts[i].sparsity;
    return 0;
}

/* Returns the number of units that stay, rounded to the nearest multiple and at least one multiple; 0 if less than half
 * a unit would stay. */
static uint32_t units_left(const job *j, const mote_unit_group *group, double sparsity)
{
    const double left = (1 - sparsity) * group->units, multiple = j->o->multiple ? j->o->multiple : 1;
    if (left < 0.5)
        return 0;
    const double rounded = fmax(1, rint(left / multiple)) * multiple;
    return rounded > group->units ? group->units : (uint32_t)rounded;
}

static bool prune_group(job *j, const mote_unit_group *group)
{
    const uint32_t left = units_left(j, group, sparsity_of(j, group));
    if (left == 0)
        return mote_fail(j->error, MOTE_E_USAGE, "%s would keep none of its %u units; ask for a lower sparsity",
                         group->name, group->units);
    double *value = malloc(group->units * sizeof *value);
    uint8_t *keep = malloc(group->units);
    if (value && keep) {
        memset(keep, 1, group->units);
        mote_unit_values(j->g, group, j->importance, value);
        for (uint32_t gone = 0; gone < group->units - left; gone++) {
            uint32_t least = 0;
            for (uint32_t u = 0; u < group->units; u++)
                if (keep[u] && (!keep[least] || value[u] < value[least]))
                    least = u;
            keep[least] = 0;
        }
        mote_units_remove(j->g, group, keep);
    }
    const bool ok = value && keep;
    free(value);
    free(keep);
    return ok || out_of_memory(j);
}

static bool prune_units(job *j)
{
    mote_unit_groups groups;
    if (!score(j) || !mote_unit_groups_find(j->g, &groups, j->error))
        return false;
    bool ok = groups.count > 0 ||
              mote_fail(j->error, MOTE_E_UNSUPPORTED, "the model has no units that could be removed by themselves");
    for (int i = 0; ok && i < groups.count; i++)
        ok = prune_group(j, &groups.groups[i]);
    mote_unit_groups_free(&groups);
    for (int i = 0; i < j->g->tensor_count; i++)
        if (j->g->tensors[i].pruned) /* the blocks have moved */
            j->g->tensors[i].pruned = MOTE_PRUNED_WEIGHTS;
    return ok && mote_graph_check(j->g, j->error);
}

static bool calibrate(job *j)
{
    const bool gradients = j->o->method == MOTE_PRUNE_GRADIENT && !j->o->mask;
    j->report->loss_before = j->report->loss_after = NAN;
    if (!j->o->source)
        return true;
    j->measured = mote_activity_measure(&j->activity, j->g, j->o->source, gradients, j->error);
    j->report->loss_before = j->activity.loss;
    return j->measured;
}

static size_t tiles_of(uint32_t rows, uint32_t columns)
{
    return (size_t)((rows + 15) / 16) * ((columns + 15) / 16);
}

static size_t tiles_left(const mote_tensor *t, uint8_t *keep)
{
    size_t count = 0;
    mote_mask_of(t->data, t->dims[0], t->dims[1], MOTE_PRUNED_BLOCKS16X16, keep);
    for (uint32_t r = 0; r < t->dims[0]; r += 16)
        for (uint32_t c = 0; c < t->dims[1]; c += 16)
            count += keep[(size_t)r * t->dims[1] + c];
    return count;
}

static bool report_layers(job *j, const mote_graph *from)
{
    mote_prune_report *r = j->report;
    r->layers = calloc((size_t)j->count + 1, sizeof *r->layers);
    for (int i = 0; r->layers && i < j->count; i++) {
        const mote_tensor *t = tensor_of(j, &j->parts[i]);
        mote_prune_layer *l = &r->layers[r->layer_count++];
        *l = (mote_prune_layer){.rows = t->dims[0],
                                .columns = t->dims[1],
                                .granularity = t->pruned,
                                .total = mote_tensor_elements(&from->tensors[j->parts[i].tensor]),
                                .sensitivity = j->parts[i].sensitivity};
        l->name = t->name;
        uint8_t *keep = j->parts[i].keep;
        mote_mask_of(t->data, t->dims[0], t->dims[1], t->pruned, keep);
        l->removed = l->total;
        for (size_t k = 0; k < mote_tensor_elements(t); k++)
            l->removed -= keep[k];
        const mote_tensor *before = &from->tensors[j->parts[i].tensor];
        l->old_rows = before->dims[0], l->old_columns = before->dims[1];
        l->dtype = t->quantizer == MOTE_TERNARY2 ? MOTE_TERNARY2 : MOTE_I8;
        l->tiles = tiles_of(before->dims[0], before->dims[1]);
        l->tiles_left = tiles_left(t, keep);
        r->total += l->total;
        r->removed += l->removed;
    }
    if (!r->layers)
        return out_of_memory(j);
    return !j->o->source || !j->o->source->task || mote_source_loss(j->g, j->o->source, &r->loss_after, j->error);
}

static void free_job(job *j)
{
    for (int i = 0; j->parts && i < j->count; i++)
        free(j->parts[i].keep);
    free(j->parts);
    for (int i = 0; j->importance && i < j->g->tensor_count; i++)
        free(j->importance[i]);
    free(j->importance);
    if (j->measured)
        mote_activity_free(&j->activity);
}

bool mote_prune(const mote_graph *from, const mote_prune_options *options, mote_graph *to, mote_prune_report *report,
                mote_error *error)
{
    *report = (mote_prune_report){0};
    if (from->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "the model is packed; prune the float model it came from");
    if (!numbers_valid(options, error) || !mote_graph_check_finite(from, error) || !mote_graph_copy(to, from, error))
        return false;
    job j = {.o = options, .from = from, .g = to, .report = report, .error = error};
    const bool ok = list_parts(&j) && set_targets(&j) && calibrate(&j) &&
                    (options->units ? prune_units(&j) : prune_weights(&j)) && report_layers(&j, from);
    free_job(&j);
    if (!ok) {
        mote_prune_report_free(report);
        mote_graph_free(to);
    }
    return ok;
}

void mote_prune_report_free(mote_prune_report *report)
{
    free(report->layers);
    *report = (mote_prune_report){0};
}
