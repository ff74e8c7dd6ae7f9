#include "compiler/quantize/bias.h"

#include <stdlib.h>

#include "compiler/quantize/inputs.h"

/* Returns the index of the operator's bias, which is added if it has none; -1 when out of memory. */
static int find_bias(mote_graph *g, mote_op *op, uint32_t rows)
{
    int *bias = mote_op_slot(op, MOTE_OPERAND_BIAS);
    if (*bias >= 0)
        return *bias;
    char *name = mote_name(op->name, ".bias");
    *bias = name ? mote_graph_tensor(g, name, MOTE_F32, MOTE_CONSTANT, 1, &rows) : -1;
    free(name);
    return *bias;
}

/* bias += (W − scale·codes)·mean */
static void correct(float *bias, const float *weights, const mote_matrix *m, const double *sums, double tokens)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        double change = 0;
        for (uint32_t c = 0; c < m->columns; c++) {
            const size_t at = (size_t)r * m->columns + c;
            const float error = weights[at] - (float)m->codes[at] * mote_matrix_step(m, r, c);
            change += (double)error * sums[c] / tokens;
        }
        bias[r] += (float)change;
    }
}

bool mote_correct_biases(mote_graph *g, const mote_matrix *matrices, const mote_statistics *s, mote_error *error)
{
    for (int i = 0; i < g->op_count; i++) {
        mote_op *op = &g->ops[i];
        const int weights = mote_op_operand(op, MOTE_OPERAND_WEIGHTS);
        if (weights < 0 || !matrices[weights].codes || !s->hessians[weights].rows)
            continue;
        const mote_matrix *m = &matrices[weights];
        const int bias = find_bias(g, op, m->rows);
        if (bias < 0)
            return mote_fail(error, MOTE_E_INTERNAL, "no memory for the bias of %s", op->name);
        correct(g->tensors[bias].data, g->tensors[weights].data, m, s->sums[weights],
                (double)s->hessians[weights].rows);
    }
    return true;
}
