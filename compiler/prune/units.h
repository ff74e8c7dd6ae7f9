/* Whole units removed from a graph: hidden units of a GRU, channels of a feed-forward, heads of an attention, with all
 * that depends on them. */
#ifndef MOTE_COMPILER_UNITS_H
#define MOTE_COMPILER_UNITS_H

#include "compiler/graph/graph.h"

/* An axis of a tensor along which units lie: element e belongs to unit (e / run) mod units. */
typedef struct mote_unit_axis {
    int tensor, axis;
    uint32_t run;
} mote_unit_axis;

/* Units that have to be removed together, and every axis that shrinks with them. */
typedef struct mote_unit_group {
    const char *name; /* of the activation it was found at; the graph's */
    uint32_t units;
    mote_unit_axis *axes; /* owned by the groups */
    int axis_count;
} mote_unit_group;

typedef struct mote_unit_groups {
    mote_unit_group *groups;
    int count;
} mote_unit_groups;

/* Those of a float graph whose units can go: not what tokens, logits or a residual stream with a norm depend on. On
 * failure (MOTE_E_INTERNAL) there is nothing to free. */
bool mote_unit_groups_find(const mote_graph *g, mote_unit_groups *groups, mote_error *error);
void mote_unit_groups_free(mote_unit_groups *groups);

/* value[unit] = Σ of the importance (per tensor, NULL for none) of the weights that would go with it. */
void mote_unit_values(const mote_graph *g, const mote_unit_group *group, float *const *importance, double *value);

/* Shrinks every tensor of the group to the units marked in keep [units], of which at least one is, and adapts the
 * operators. */
void mote_units_remove(mote_graph *g, const mote_unit_group *group, const uint8_t *keep);

#endif
