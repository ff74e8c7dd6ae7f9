/* Lists every operator of a file that the import does not support. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/tflite_import.h"

enum { PLACES = 4, ROOM = 380 }; /* places that the message lists; bytes of the list */

bool mote_tflite_refuse(mote_tflite_import *p, const mote_tflite_operator *op, const char *why)
{
    for (uint32_t i = 0; i < op->outputs.count; i++)
        p->values[mote_tflite_at(&op->outputs, i)].refused = true;
    if (p->refusal_count == p->refusal_capacity) {
        const int capacity = p->refusal_capacity ? 2 * p->refusal_capacity : 16;
        void *grown = realloc(p->refusals, (size_t)capacity * sizeof *p->refusals);
        if (!grown)
            return mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory", p->model->path);
        p->refusals = grown;
        p->refusal_capacity = capacity;
    }
    p->refusals[p->refusal_count++] = (mote_tflite_refusal){op, why};
    return true;
}

static bool alike(const mote_tflite_refusal *a, const mote_tflite_refusal *b)
{
    const mote_flat_vector *x = &a->op->custom, *y = &b->op->custom;
    return a->op->code == b->op->code && a->why == b->why && x->count == y->count &&
           (!x->count || memcmp(mote_flat_data(x), mote_flat_data(y), x->count) == 0);
}

/* Describes all refusals like that at `first` and marks them as listed. */
static void describe(const mote_tflite_import *p, int first, char *text, size_t size)
{
    const mote_tflite_refusal r = p->refusals[first];
    int count = 0;
    size_t used = (size_t)snprintf(text, size, "%s", mote_tflite_operator_name(r.op->code));
    for (uint32_t i = 0; i < r.op->custom.count && i < 32; i++) {
        const uint8_t c = mote_flat_data(&r.op->custom)[i];
        used += (size_t)snprintf(text + used, size - used, "%s%c", i ? "" : " ", c >= ' ' && c < 0x7f ? c : '?');
    }
    for (int i = first; i < p->refusal_count; i++) {
        if (!alike(&p->refusals[i], &r))
            continue;
        if (count++ < PLACES)
            used += (size_t)snprintf(text + used, size - used, "%s%td", count > 1 ? ", " : " at ",
                                     p->refusals[i].op - p->model->operators);
        p->refusals[i].why = NULL;
    }
    if (count > PLACES)
        used += (size_t)snprintf(text + used, size - used, " and %d more", count - PLACES);
    snprintf(text + used, size - used, " (%s)", r.why);
}

bool mote_tflite_refused(mote_tflite_import *p)
{
    char list[ROOM + 8] = "", item[320];
    for (int i = 0; i < p->refusal_count; i++) {
        const size_t used = strlen(list);
        if (!p->refusals[i].why)
            continue;
        describe(p, i, item, sizeof item);
        if (used + strlen(item) + 2 > ROOM) {
            memcpy(list + used, "; ...", 6);
            break;
        }
        snprintf(list + used, sizeof list - used, "%s%s", used ? "; " : "", item);
    }
    return !p->refusal_count ||
           mote_fail(p->error, MOTE_E_UNSUPPORTED, "%.100s: not supported: %s", p->model->path, list);
}
