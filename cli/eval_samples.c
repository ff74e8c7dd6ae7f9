#include "cli/eval_samples.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/progress.h"
#include "run/dataset.h"
#include "run/network.h"

#define LEAST_PROBABILITY 1e-7 /* of a class to which integers give none */

enum { MOST_PRINTED = 20 }; /* maximum number of classes of a printed confusion matrix */

typedef struct measured {
    const char *path;
    size_t file_size;
    mote_tally tally;
    mote_labels classes;
    double loss;
} measured;

/* True if the first output is a softmax, so that its logarithm is what a cross-entropy is computed of. */
static bool gives_probabilities(const mote_graph *g)
{
    int y = mote_graph_of_role(g, MOTE_OUTPUT, 0);
    for (int i = g->op_count - 1; i >= 0; i--) {
        const mote_op *op = &g->ops[i];
        if (mote_op_result(op) != y)
            continue;
        if (!mote_op_has(op, MOTE_TRAIT_VIEW))
            return op->opcode == MOTE_OP_SOFTMAX && !op->params[MOTE_SOFTMAX_LOGARITHM];
        y = op->inputs[0];
    }
    return false;
}

static bool set_inputs(mote_network *n, void **inputs, mote_error *error)
{
    bool set = true;
    for (int i = 0; i < n->input_count && set; i++)
        set = mote_network_set_real(n, i, inputs[i], error);
    return set;
}

/* Writes the first output as real values. */
static void get_output(mote_network *n, uint8_t *stored, bool logarithm, float *y)
{
    mote_network_get(n, 0, stored);
    for (size_t k = 0; k < n->outputs[0].count; k++) {
        const double v = mote_port_real(&n->outputs[0], stored, k);
        y[k] = (float)(logarithm ? log(fmax(v, LEAST_PROBABILITY)) : v);
    }
}

static bool score(measured *m, mote_network *n, const mote_dataset *d, mote_error *error)
{
    mote_walk walk;
    const mote_source source = mote_arrays_source(&d->arrays);
    const bool logarithm = source.task->chooses && gives_probabilities(&n->graph);
    uint8_t *stored = malloc(n->outputs[0].size + 1);
    float *y = malloc(n->outputs[0].count * sizeof *y);
    bool done = (stored && y) || mote_fail(error, MOTE_E_INTERNAL, "no memory to measure %s", m->path);
    done = done && mote_walk_init(&walk, &source, &d->shape, MOTE_READ_SCORED, 0, 1, error);
    mote_progress progress = mote_progress_begin(m->path, source.count);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));) {
        if (batch->begins)
            mote_network_reset(n);
        done = set_inputs(n, batch->inputs, error);
        if (!done)
            break;
        mote_network_run(n);
        get_output(n, stored, logarithm, y);
        mote_tally_add(&m->tally, y, batch->targets, 1);
        mote_progress_update(&progress, walk.read, "%s", "");
    }
    mote_progress_end(&progress);
    if (stored && y)
        mote_walk_free(&walk);
    free(stored);
    free(y);
    return done;
}

static bool measure_network(measured *m, mote_network *n, const char *data, mote_error *error)
{
    mote_dataset d;
    char boxes[8];
    mote_graph_get_meta(&n->graph, "boxes", boxes, sizeof boxes);
    if (*boxes)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s gives boxes, which have no accuracy; mote run --json prints them", m->path);
    if (!mote_dataset_load(&d, data, &n->graph, error))
        return false;
    bool done = d.arrays.task || mote_fail(error, MOTE_E_USAGE,
                                           "%s has no targets to compare the outputs of %s with (an array \"targets\", "
                                           "folders of classes, or a class on each line); it can be used to calibrate: "
                                           "mote quantize --calibrate",
                                           data, m->path);
    done = done && mote_tally_init(&m->tally, d.arrays.task, (uint32_t)n->outputs[0].count, true, error) &&
           score(m, n, &d, error) && mote_tally_loss(&m->tally, &m->loss, error);
    m->classes = d.classes;
    d.classes = (mote_labels){0};
    mote_dataset_free(&d);
    return done;
}

static bool measure(measured *m, const char *data, mote_error *error)
{
    mote_network n;
    if (!mote_network_open(&n, m->path, error))
        return false;
    m->file_size = n.file.size;
    const bool done = measure_network(m, &n, data, error);
    mote_network_close(&n);
    return done;
}

static void name_of(const measured *m, uint32_t class, char *to, size_t size)
{
    if (class < m->classes.count)
        snprintf(to, size, "%s", m->classes.names[class]);
    else
        snprintf(to, size, "%u", class);
}

static uint64_t chosen(const mote_tally *t, uint32_t class)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r < t->outputs; r++)
        sum += t->confusion[(size_t)r * t->outputs + class];
    return sum;
}

static uint64_t right(const mote_tally *t, uint32_t class)
{
    uint64_t sum = 0;
    for (uint32_t c = 0; c < t->outputs; c++)
        sum += t->confusion[(size_t) class * t->outputs + c];
    return sum;
}

/* Writes a part in percent; a dash for a part of nothing. */
static const char *share(uint64_t part, uint64_t whole, char to[16])
{
    snprintf(to, 16, whole ? "%.2f %%" : "-", 100 * (double)part / (double)(whole ? whole : 1));
    return to;
}

/* Prints a line for each class that occurs: recall is the share of its samples that were found, precision the share of
 * those found that are of it. */
static void print_classes(const measured *m)
{
    const mote_tally *t = &m->tally;
    char name[40], recall[16], precision[16];
    if (!t->confusion)
        return;
    printf("\n%-24s  %8s  %8s  %9s\n", "class", "samples", "recall", "precision");
    for (uint32_t c = 0; c < t->outputs; c++) {
        const uint64_t samples = right(t, c), found = chosen(t, c), both = t->confusion[(size_t)c * (t->outputs + 1)];
        if (!samples && !found)
            continue;
        name_of(m, c, name, sizeof name);
        printf("%-24s  %8" PRIu64 "  %8s  %9s\n", name, samples, share(both, samples, recall),
               share(both, found, precision));
    }
}

static void print_confusion(const measured *m)
{
    const mote_tally *t = &m->tally;
    char name[40];
    if (!t->confusion || t->outputs > MOST_PRINTED)
        return;
    printf("\nright\\chosen");
    for (uint32_t c = 0; c < t->outputs; c++)
        name_of(m, c, name, sizeof name), printf(" %6.6s", name);
    for (uint32_t r = 0; r < t->outputs; r++) {
        name_of(m, r, name, sizeof name);
        printf("\n%12.12s", name);
        for (uint32_t c = 0; c < t->outputs; c++)
            printf(" %6" PRIu64, t->confusion[(size_t)r * t->outputs + c]);
    }
    putchar('\n');
}

static void print_table(const measured *m, int count)
{
    printf("%12s  %9s  %9s  %8s  %8s  model\n", m[0].tally.task->unit, "to first", "accuracy", "samples", "bytes");
    for (int i = 0; i < count; i++) {
        const mote_tally *t = &m[i].tally;
        printf("%12.6f  ", m[i].loss);
        if (i)
            printf("%+7.2f %%  ", 100 * (m[i].loss / m[0].loss - 1));
        else
            printf("%9s  ", "");
        if (t->task->chooses)
            printf("%7.2f %%  ", 100 * mote_tally_accuracy(t));
        else
            printf("%9s  ", "");
        printf("%8" PRIu64 "  %8zu  %s\n", t->rows, m[i].file_size, m[i].path);
    }
    if (count == 1) {
        print_classes(&m[0]);
        print_confusion(&m[0]);
    }
}

static json_t *json_of(const measured *m)
{
    const mote_tally *t = &m->tally;
    json_t *model = json_pack("{s:o, s:I, s:s, s:s, s:f, s:I}", "model", mote_json_text(m->path), "file_bytes",
                              (json_int_t)m->file_size, "task", t->task->name, "unit", t->task->unit, "loss", m->loss,
                              "samples", (json_int_t)t->rows);
    if (t->task->chooses)
        json_object_set_new(model, "accuracy", json_real(mote_tally_accuracy(t)));
    json_t *rows = t->confusion ? json_array() : NULL;
    for (uint32_t r = 0; rows && r < t->outputs; r++) {
        json_t *row = json_array();
        for (uint32_t c = 0; c < t->outputs; c++)
            json_array_append_new(row, json_integer((json_int_t)t->confusion[(size_t)r * t->outputs + c]));
        json_array_append_new(rows, row);
    }
    if (rows)
        json_object_set_new(model, "confusion", rows);
    return model;
}

bool mote_eval_samples(char **models, int count, const char *data, bool json, mote_error *error)
{
    measured *m = calloc((size_t)count, sizeof *m);
    bool done = m || mote_fail(error, MOTE_E_INTERNAL, "no memory for %d results", count);
    for (int i = 0; done && i < count; i++) {
        m[i].path = models[i];
        done = measure(&m[i], data, error);
    }
    if (done && json) {
        json_t *list = json_array();
        for (int i = 0; i < count; i++)
            json_array_append_new(list, json_of(&m[i]));
        mote_json_print(json_pack("{s:o, s:o}", "data", mote_json_text(data), "models", list), JSON_INDENT(2));
    } else if (done) {
        print_table(m, count);
    }
    for (int i = 0; m && i < count; i++)
        mote_tally_free(&m[i].tally), mote_labels_free(&m[i].classes);
    free(m);
    return done;
}
