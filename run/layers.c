#include "run/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/number.h"
#include "compiler/manifest/zip.h"

#define MOST_BYTES ((size_t)1 << 30)

/* Values of the reference for the frame under way, by the tensors of the second network. */
typedef struct wanted {
    double **values;        /* per tensor: [elements], or NULL */
    const mote_network *of; /* the second network */
    const mote_network *reference;
    bool failed;
    mote_layers *layers;
    int at; /* layer that is seen next */
} wanted;

static void free_wanted(wanted *w)
{
    for (int i = 0; w->values && i < w->of->graph.tensor_count; i++)
        free(w->values[i]);
    free(w->values);
}

static double *room_for(wanted *w, int tensor)
{
    if (!w->values[tensor])
        w->values[tensor] = malloc(mote_tensor_elements(&w->of->graph.tensors[tensor]) * sizeof(double));
    w->failed = w->failed || !w->values[tensor];
    return w->values[tensor];
}

/* Keeps a result of the reference that the second network has too. */
static void keep(void *context, int tensor, const mote_port *form, const void *stored)
{
    wanted *w = context;
    (void)tensor;
    const int to = mote_graph_find(&w->of->graph, form->name);
    if (to < 0 || mote_tensor_elements(&w->of->graph.tensors[to]) != form->count)
        return;
    double *values = room_for(w, to);
    for (size_t i = 0; values && i < form->count; i++)
        values[i] = mote_port_real(form, stored, i);
}

/* Adds the differences of a result of the second network. */
static void compare(void *context, int tensor, const mote_port *form, const void *stored)
{
    wanted *w = context;
    const double *values = w->values[tensor];
    mote_layer *l = w->layers->items;
    while (strcmp(l->name, form->name) != 0)
        l++;
    for (size_t i = 0; values && i < form->count; i++) {
        const double want = values[i], off = fabs(mote_port_real(form, stored, i) - want);
        l->power += want * want;
        l->noise += off * off;
        l->largest = fmax(l->largest, off);
        l->count++;
    }
}

static bool list_layers(mote_layers *l, const mote_network *n, mote_error *error)
{
    *l = (mote_layers){.items = calloc((size_t)n->graph.op_count + 1, sizeof *l->items)};
    if (!l->items)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to compare layers");
    for (int i = 0; i < n->graph.op_count; i++) {
        const mote_tensor *t = &n->graph.tensors[mote_op_result(&n->graph.ops[i])];
        const int weights = mote_op_operand(&n->graph.ops[i], MOTE_OPERAND_WEIGHTS);
        l->items[l->count++] = (mote_layer){.name = t->name,
                                            .operator_ = mote_operator_of(n->graph.ops[i].opcode)->name,
                                            .weights = weights < 0 ? NULL : n->graph.tensors[weights].name,
                                            .type = t->dtype};
    }
    return true;
}

/* --- sums --- */

static double share_of(const mote_layer *l)
{
    return l->noise > 0 ? (l->power > 0 ? l->noise / l->power : INFINITY) : 0;
}

/* Finds each operator's cost. A result that was not compared has the share of its inputs. */
static void find_costs(mote_layers *l, const mote_graph *g)
{
    for (int i = 0; i < g->op_count; i++) {
        mote_layer *y = &l->items[i];
        double before = 0;
        for (int k = 0; k < g->ops[i].input_count; k++)
            for (int from = 0; from < i; from++)
                if (mote_op_result(&g->ops[from]) == g->ops[i].inputs[k])
                    before = fmax(before, l->items[from].share);
        y->share = y->count ? share_of(y) : before;
        y->cost = y->count ? y->share - before : 0;
    }
}

int mote_layers_first(const mote_layers *l)
{
    for (int i = 0; i < l->count; i++)
        if (l->items[i].noise > 0)
            return i;
    return -1;
}

int mote_layers_costliest(const mote_layers *l)
{
    int worst = -1;
    for (int i = 0; i < l->count; i++)
        if (l->items[i].cost > 0 && (worst < 0 || l->items[i].cost > l->items[worst].cost))
            worst = i;
    return worst;
}

void mote_layers_free(mote_layers *l)
{
    free(l->items);
    *l = (mote_layers){0};
}

static bool finish(mote_layers *l, const wanted *w, bool done, mote_error *error)
{
    size_t compared = 0;
    for (int i = 0; i < l->count; i++)
        compared += l->items[i].count;
    if (done && w->failed)
        done = mote_fail(error, MOTE_E_INTERNAL, "no memory for the values of the reference");
    if (done && !compared)
        done =
            mote_fail(error, MOTE_E_MISMATCH,
                      "no result of an operator of %s has the name and the size of one of the reference", w->of->path);
    find_costs(l, &w->of->graph);
    return done;
}

/* --- the reference is a network --- */

static bool set_all(mote_network *n, const mote_dataset *d, size_t frame, mote_error *error)
{
    bool set = true;
    for (int i = 0; i < n->input_count && set; i++)
        set = mote_network_set_real(n, i, d->arrays.inputs[i] + frame * d->arrays.input_size[i], error);
    return set;
}

static bool begins(const mote_dataset *d, size_t frame)
{
    return frame == 0 || (d->arrays.sequence && frame % d->arrays.sequence == 0);
}

static bool same_inputs(const mote_network *a, const mote_network *b, mote_error *error)
{
    bool same = a->input_count == b->input_count;
    for (int i = 0; same && i < a->input_count; i++)
        same = a->inputs[i].count == b->inputs[i].count &&
               (a->inputs[i].type == MOTE_U16) == (b->inputs[i].type == MOTE_U16);
    return same || mote_fail(error, MOTE_E_MISMATCH, "%s and %s have different inputs", a->path, b->path);
}

static bool run_both(wanted *w, mote_network *reference, mote_network *n, const mote_dataset *d, mote_error *error)
{
    for (size_t k = 0; k < d->arrays.count; k++) {
        if (begins(d, k)) {
            mote_network_reset(reference);
            mote_network_reset(n);
        }
        if (!set_all(reference, d, k, error) || !set_all(n, d, k, error))
            return false;
        mote_network_trace(reference, keep, w);
        mote_network_trace(n, compare, w);
        w->layers->frames++;
    }
    return true;
}

bool mote_layers_of(mote_layers *l, mote_network *reference, mote_network *n, const mote_dataset *samples,
                    mote_error *error)
{
    wanted w = {.of = n, .reference = reference, .layers = l};
    if (!same_inputs(reference, n, error) || !list_layers(l, n, error))
        return false;
    w.values = calloc((size_t)n->graph.tensor_count + 1, sizeof *w.values);
    const bool run = w.values ? run_both(&w, reference, n, samples, error)
                              : mote_fail(error, MOTE_E_INTERNAL, "no memory to compare layers");
    const bool done = finish(l, &w, run, error);
    free_wanted(&w);
    if (!done)
        mote_layers_free(l);
    return done;
}

/* --- the reference is an .npz --- */

/* Reads frame k of the array of a tensor. Returns false without a message if the file has none that fits. */
static bool read_array(wanted *w, mote_zip *zip, int tensor, size_t k)
{
    const mote_tensor *t = &w->of->graph.tensors[tensor];
    mote_array form;
    mote_error none;
    size_t begin;
    char *member = mote_name(t->name, ".npy");
    w->failed = w->failed || !member;
    const mote_zip_entry *e = member ? mote_zip_find(zip, member) : NULL;
    const uint8_t *bytes = e ? mote_zip_bytes(zip, e) : NULL;
    free(member);
    if (!bytes || !mote_npy_form(&form, &begin, bytes, e->size, t->name, &none))
        return false;
    const size_t each = mote_tensor_elements(t), all = mote_array_bytes(&form) / form.size;
    if (!each || all % each || k >= all / each)
        return false;
    double *values = room_for(w, tensor);
    for (size_t i = 0; values && i < each; i++)
        values[i] = mote_array_number(&form, bytes + begin, k * each + i);
    return values;
}

static bool run_beside(wanted *w, mote_zip *zip, mote_network *n, const mote_dataset *d, mote_error *error)
{
    for (size_t k = 0; k < d->arrays.count; k++) {
        if (begins(d, k))
            mote_network_reset(n);
        if (!set_all(n, d, k, error))
            return false;
        for (int i = 0; i < n->graph.op_count; i++) {
            const int t = mote_op_result(&n->graph.ops[i]);
            if (!read_array(w, zip, t, k)) {
                free(w->values[t]);
                w->values[t] = NULL;
            }
        }
        mote_network_trace(n, compare, w);
        w->layers->frames++;
    }
    return true;
}

static bool beside(mote_layers *l, wanted *w, mote_zip *zip, mote_network *n, const mote_dataset *samples,
                   mote_error *error)
{
    w->values = calloc((size_t)n->graph.tensor_count + 1, sizeof *w->values);
    const bool run = w->values ? run_beside(w, zip, n, samples, error)
                               : mote_fail(error, MOTE_E_INTERNAL, "no memory to compare layers");
    const bool done = finish(l, w, run, error);
    free_wanted(w);
    if (!done)
        mote_layers_free(l);
    return done;
}

bool mote_layers_of_arrays(mote_layers *l, const char *path, mote_network *n, const mote_dataset *samples,
                           mote_error *error)
{
    wanted w = {.of = n, .layers = l};
    mote_bytes file;
    mote_zip zip;
    if (!mote_file_read(path, MOST_BYTES, &file, error))
        return false;
    bool done = mote_zip_open(&zip, file.data, file.size, path, error);
    if (done) {
        done = list_layers(l, n, error) && beside(l, &w, &zip, n, samples, error);
        mote_zip_close(&zip);
    }
    free(file.data);
    return done;
}
