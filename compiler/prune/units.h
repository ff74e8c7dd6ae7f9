/* Removes whole units from a graph: hidden units of a GRU, channels of a feed-forward layer, heads of attention, with
 * everything that depends on them. */
#ifndef MOTE_COMPILER_UNITS_H
#define MOTE_COMPILER_UNITS_H

#include "compiler/graph/graph.h"

/* An axis of a tensor along which units lie. Element e belongs to unit (e / run) mod units. */
typedef struct mote_unit_axis {
    int tensor, axis;
    uint32_t run;
} mote_unit_axis;

/* Units that must be removed together, and all axes that shrink with them. */
typedef struct mote_unit_group {
    const char *name; /* name of the activation where the group was found; owned by the graph */
    uint32_t units;
    mote_unit_axis *axes; /* owned by the groups */
    int axis_count;
} mote_unit_group;

typedef struct mote_unit_groups {
    mote_unit_group *groups;
    int count;
} mote_unit_groups;

/* Finds the groups of a float graph whose units can be removed. Units that tokens, logits or a residual stream with a
 * norm depend on cannot. On failure (MOTE_E_INTERNAL) there is nothing to free. */
bool mote_unit_groups_find(const mote_graph *g, mote_unit_groups *groups, mote_error *error);
void mote_unit_groups_free(mote_unit_groups *groups);

/* Sets value[unit] to the sum of the importance (per tensor, NULL for none) of the weights that belong to the unit. */
void mote_unit_values(const mote_graph *g, const mote_unit_group *group, float *const *importance, double *value);

/* Shrinks every tensor of the group to the units marked in keep [units], at least one, and adapts the operators. */
void mote_units_remove(mote_graph *g, const mote_unit_group *group, const uint8_t *keep);

#endif
