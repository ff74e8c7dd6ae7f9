#include "cli/eval_samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/json.h"
#include "compiler/graph/language.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/probe.h"
#include "compiler/task/arrays.h"

#define LARGEST_FILE ((size_t)1 << 30)

enum { MOST_PRINTED = 20 }; /* maximum number of classes of a printed confusion matrix */

typedef struct measured {
    const char *path;
    size_t file_size;
    mote_tally tally;
    double loss;
} measured;

static bool score(measured *m, const mote_graph *g, const mote_arrays *a, mote_error *error)
{
    mote_probe p;
    const mote_source source = mote_arrays_source(a);
    if (!mote_probe_init(&p, g, &source, error))
        return false;
    const bool done = mote_tally_init(&m->tally, source.task, mote_graph_vocabulary(g), true, error);
    if (done)
        mote_probe_add(&p, &m->tally);
    mote_probe_free(&p);
    return done && mote_tally_loss(&m->tally, &m->loss, error);
}

static bool measure_graph(measured *m, const mote_graph *g, const char *data, mote_error *error)
{
    mote_arrays a;
    if (g->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: packed, and packed models are measured on texts only (--text); name the float model that "
                         "it was made from",
                         m->path);
    if (!mote_arrays_load(&a, data, g, error))
        return false;
    const bool done = a.task
                          ? score(m, g, &a, error)
                          : mote_fail(error, MOTE_E_USAGE,
                                      "%s has no array \"targets\" to compare the outputs of %s with; it can be used "
                                      "to calibrate: mote quantize --calibrate",
                                      data, m->path);
    mote_arrays_free(&a);
    return done;
}

static bool measure(measured *m, const char *data, mote_error *error)
{
    mote_bytes file;
    mote_graph g;
    if (!mote_file_read(m->path, LARGEST_FILE, &file, error))
        return false;
    m->file_size = file.size;
    const bool loaded = mote_graph_decode(&g, file.data, file.size, m->path, error);
    free(file.data);
    if (!loaded)
        return false;
    const bool done = measure_graph(m, &g, data, error);
    mote_graph_free(&g);
    return done;
}

static void print_confusion(const mote_tally *t)
{
    if (!t->confusion || t->outputs > MOST_PRINTED)
        return;
    printf("\nright\\chosen");
    for (uint32_t c = 0; c < t->outputs; c++)
        printf(" %6u", c);
    for (uint32_t r = 0; r < t->outputs; r++) {
        printf("\n%12u", r);
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
    if (count == 1)
        print_confusion(&m[0].tally);
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
        mote_tally_free(&m[i].tally);
    free(m);
    return done;
}
