#include "cli/frames_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/boxes_report.h"
#include "cli/json.h"

enum { SHOWN_LABELS = 5, SHOWN_VALUES = 16 };

bool mote_frames_report_begin(mote_frames_report *r, const mote_network *n, const mote_texts *files, mote_error *error)
{
    r->ports = n->outputs;
    r->count = n->output_count;
    r->paths = files->items;
    r->inputs = n->input_count;
    r->sequences = files->count / (n->input_count ? n->input_count : 1);
    r->outputs = calloc((size_t)r->count + 1, sizeof *r->outputs);
    r->lengths = calloc((size_t)r->sequences + 1, sizeof *r->lengths);
    if (!r->outputs || !r->lengths)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for %d outputs", r->count);
    for (int i = 0; i < r->count; i++)
        r->outputs[i].size = n->outputs[i].size;
    return true;
}

bool mote_frames_report_boxes(mote_frames_report *r, const mote_network *n, const char *text,
                              const mote_preprocess *preprocess, mote_error *error)
{
    char stored[256];
    mote_graph_get_meta(&n->graph, "boxes", stored, sizeof stored);
    r->preprocess = *preprocess;
    r->detects = text || *stored;
    return !r->detects || (mote_detector_parse(&r->detector, text ? text : stored, &n->inputs[0], error) &&
                           mote_detector_check(&r->detector, r->ports, r->count, n->path, error));
}

bool mote_frames_report_labels(mote_frames_report *r, const mote_network *n, const char *path, mote_error *error)
{
    if (!mote_labels_read(&r->labels, path, &n->graph, error))
        return false;
    return !path || r->detects || mote_labels_fit(&r->labels, r->ports, r->count) ||
           mote_fail(error, MOTE_E_MISMATCH, "%s has %zu labels, but no output of %s has as many values", path,
                     r->labels.count, n->path);
}

void mote_frames_report_end(mote_frames_report *r)
{
    for (int i = 0; r->outputs && i < r->count; i++)
        mote_frames_free(&r->outputs[i]);
    free(r->outputs);
    free(r->lengths);
    mote_labels_free(&r->labels);
    *r = (mote_frames_report){0};
}

typedef struct frame {
    const mote_frames_report *r;
    size_t index; /* over all sequences */
} frame;

static double value_of(const frame *f, int output, size_t k)
{
    const mote_frames *of = &f->r->outputs[output];
    return mote_port_real(&f->r->ports[output], of->data + f->index * of->size, k);
}

static bool is_labelled(const mote_frames_report *r, int output)
{
    return r->labels.count && r->ports[output].count == r->labels.count;
}

/* Fills `order` with the indices of the `count` largest values, largest first, the first of equal ones before. */
static void rank(const frame *f, int output, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        order[i] = SIZE_MAX;
        for (size_t k = 0; k < f->r->ports[output].count; k++) {
            bool taken = false;
            for (size_t n = 0; n < i; n++)
                taken = taken || order[n] == k;
            if (!taken && (order[i] == SIZE_MAX || value_of(f, output, k) > value_of(f, output, order[i])))
                order[i] = k;
        }
    }
}

static size_t shown_labels(const mote_frames_report *r)
{
    return r->labels.count < SHOWN_LABELS ? r->labels.count : SHOWN_LABELS;
}

static void print_labels(const frame *f, int output)
{
    size_t order[SHOWN_LABELS];
    const size_t count = shown_labels(f->r);
    rank(f, output, order, count);
    for (size_t i = 0; i < count; i++)
        printf("%s%s %.2f", i ? ", " : "", f->r->labels.names[order[i]], value_of(f, output, order[i]));
    putchar('\n');
}

static void print_values(const frame *f, int output)
{
    const mote_port *p = &f->r->ports[output];
    const size_t shown = p->count < SHOWN_VALUES ? p->count : SHOWN_VALUES;
    char name[160];
    mote_port_text(p, name, sizeof name);
    printf("%s:", name);
    for (size_t k = 0; k < shown; k++)
        printf(" %.6g", value_of(f, output, k));
    if (shown < p->count) {
        size_t largest;
        rank(f, output, &largest, 1);
        printf(" ... and %zu more; the largest: %.6g, number %zu", p->count - shown, value_of(f, output, largest),
               largest);
    }
    putchar('\n');
}

/* Writes what comes before the outputs of a frame. */
static void name_of(const mote_frames_report *r, int s, size_t k, char *to, size_t size)
{
    const char *path = r->paths[s * r->inputs];
    const int length =
        snprintf(to, size, "%.*s%s", (int)size / 2, r->sequences > 1 ? path : "", r->sequences > 1 ? ": " : "");
    if (r->lengths[s] > 1)
        snprintf(to + length, size - (size_t)length, "frame %zu: ", k);
}

static void print_frame(const frame *f, const char *name)
{
    for (int i = 0; i < f->r->count; i++) {
        fputs(name, stdout);
        if (is_labelled(f->r, i))
            print_labels(f, i);
        else
            print_values(f, i);
    }
}

bool mote_frames_report_print(const mote_frames_report *r, mote_error *error)
{
    frame f = {.r = r};
    mote_found found;
    char name[1024];
    for (int s = 0; s < r->sequences; s++)
        for (size_t k = 0; k < r->lengths[s]; k++, f.index++) {
            name_of(r, s, k, name, sizeof name);
            if (r->detects) {
                if (!mote_find_boxes(r, s, f.index, &found, error))
                    return false;
                mote_boxes_print(r, &found, name);
            } else {
                print_frame(&f, name);
            }
        }
    return true;
}

static json_t *values_json(const frame *f, int output)
{
    json_t *values = json_array();
    for (size_t k = 0; k < f->r->ports[output].count; k++) {
        const double v = value_of(f, output, k);
        json_array_append_new(values, isfinite(v) ? json_real(v) : json_null()); /* JSON has neither infinity nor NaN */
    }
    return values;
}

static json_t *labels_json(const frame *f, int output, const json_t *values)
{
    size_t order[SHOWN_LABELS];
    const size_t count = shown_labels(f->r);
    json_t *list = json_array();
    rank(f, output, order, count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:O}", "label", mote_json_text(f->r->labels.names[order[i]]),
                                              "value", json_array_get(values, order[i])));
    return list;
}

/* NULL after a failure. */
static json_t *boxes_frame_json(const frame *f, int s, size_t k, mote_error *error)
{
    mote_found found;
    if (!mote_find_boxes(f->r, s, f->index, &found, error))
        return NULL;
    return json_pack("{s:o, s:I, s:o}", "input", mote_json_text(f->r->paths[s * f->r->inputs]), "frame", (json_int_t)k,
                     "boxes", mote_boxes_json(f->r, &found));
}

static json_t *frame_json(const frame *f, int s, size_t k, mote_error *error)
{
    const mote_frames_report *r = f->r;
    if (r->detects)
        return boxes_frame_json(f, s, k, error);
    json_t *outputs = json_object(), *one;
    for (int i = 0; i < r->count; i++) {
        one = json_pack("{s:o}", "values", values_json(f, i));
        if (is_labelled(r, i))
            json_object_set_new(one, "labels", labels_json(f, i, json_object_get(one, "values")));
        json_t *name = mote_json_text(r->ports[i].name); /* as valid UTF-8 */
        json_object_set_new(outputs, json_string_value(name), one);
        json_decref(name);
    }
    return json_pack("{s:o, s:I, s:o}", "input", mote_json_text(r->paths[s * r->inputs]), "frame", (json_int_t)k,
                     "outputs", outputs);
}

bool mote_frames_report_print_json(const mote_frames_report *r, mote_error *error)
{
    json_t *frames = json_array();
    frame f = {.r = r};
    for (int s = 0; s < r->sequences; s++)
        for (size_t k = 0; k < r->lengths[s]; k++, f.index++) {
            json_t *one = frame_json(&f, s, k, error);
            if (!one) {
                json_decref(frames);
                return false;
            }
            json_array_append_new(frames, one);
        }
    mote_json_print(frames, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    return mote_json_done(error);
}
