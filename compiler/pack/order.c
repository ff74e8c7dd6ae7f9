#include "compiler/pack/order.h"

#include <stdlib.h>

#include "compiler/pack/container.h"
#include "compiler/plan/placement.h"
#include "runtime/model.h"

/* A constant, its size in SRAM in units of MOTE_ALIGNMENT bytes, and the bytes that a run reads from it. */
typedef struct item {
    uint32_t tensor;
    uint64_t units, read;
} item;

/* Sorts by bytes read per unit, then by size, both in descending order, then by the order in the file. */
static int better_first(const void *a, const void *b)
{
    const item *x = a, *y = b;
    const uint64_t gain_x = x->read * y->units, gain_y = y->read * x->units;
    if (gain_x != gain_y)
        return gain_x < gain_y ? 1 : -1;
    if (x->units != y->units)
        return x->units < y->units ? 1 : -1;
    return (x->tensor > y->tensor) - (x->tensor < y->tensor);
}

static bool order_constants(mote_graph *g, const mote_model *m, const mote_placement *planned, mote_error *error)
{
    item *items = calloc((size_t)g->tensor_count + 1, sizeof *items);
    uint16_t *order = calloc((size_t)g->tensor_count + 1, sizeof *order);
    if (!items || !order) {
        free(items);
        free(order);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while placing the constants");
    }
    uint32_t count = 0, used = 0;
    for (uint32_t i = 0; i < mote_header_of(m)->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        const uint64_t bytes = t->role == MOTE_CONSTANT ? mote_bytes_read(m, i) : 0;
        if (bytes)
            items[count++] = (item){i, ((uint64_t)t->size + MOTE_ALIGNMENT - 1) / MOTE_ALIGNMENT, bytes};
    }
    qsort(items, count, sizeof *items, better_first);
    for (int first = 1; first >= 0; first--)
        for (uint32_t i = 0; i < count; i++)
            if (mote_is_placed(planned, items[i].tensor) == first)
                order[used++] = (uint16_t)items[i].tensor;
    free(items);
    free(g->placement);
    g->placement = order;
    g->placement_count = used;
    return true;
}

bool mote_graph_order_constants(mote_graph *g, const mote_chip *chip, mote_error *error)
{
    mote_bytes file;
    mote_model m;
    mote_placement planned = {0};
    if (!mote_graph_encode(g, &file, error))
        return false;
    const mote_status status = mote_open(&m, file.data, file.size);
    bool done = status == MOTE_SUCCESS || mote_fail(error, MOTE_E_INTERNAL, "%s", mote_status_text(status));
    if (done && chip)
        done = mote_plan_placement(&m, MOTE_AS_PLANNED, mote_sram_left(&m, chip), &planned, error);
    done = done && order_constants(g, &m, &planned, error);
    mote_placement_free(&planned);
    free(file.data);
    return done;
}
