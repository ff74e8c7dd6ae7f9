#include "compiler/prune/score.h"

#include <math.h>
#include <string.h>

const char *const mote_prune_method_names[MOTE_PRUNE_METHOD_COUNT + 1] = {
    [MOTE_PRUNE_MAGNITUDE] = "magnitude",
    [MOTE_PRUNE_ACTIVATION] = "activation",
    [MOTE_PRUNE_GRADIENT] = "gradient",
    [MOTE_PRUNE_MINCUT] = "mincut",
};

/* Scores weights by |w| · rms(x), or by |w| if x is unknown. */
static void score_products(const mote_tensor *t, const double *square, float *importance)
{
    const float *w = t->data;
    const size_t columns = t->dims[1];
    for (size_t i = 0; i < mote_tensor_elements(t); i++)
        importance[i] = fabsf(w[i]) * (square ? (float)sqrt(square[i % columns]) : 1);
}

bool mote_scores_by_row(mote_prune_method method, mote_pruned granularity)
{
    return method == MOTE_PRUNE_ACTIVATION && granularity == MOTE_PRUNED_WEIGHTS;
}

bool mote_score(mote_prune_method method, const mote_graph *g, const mote_activity *c, float **importance,
                mote_network_report *network, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        if (!importance[i])
            continue;
        const bool read = c && c->square[i];
        if (method == MOTE_PRUNE_GRADIENT && read)
            memcpy(importance[i], c->gradient[i], mote_tensor_size(t));
        else if (method == MOTE_PRUNE_MINCUT && read)
            memset(importance[i], 0, mote_tensor_size(t));
        else
            score_products(t, method == MOTE_PRUNE_ACTIVATION && read ? c->square[i] : NULL, importance[i]);
    }
    return method != MOTE_PRUNE_MINCUT || mote_network_importance(g, c, importance, network, error);
}
