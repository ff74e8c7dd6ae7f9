/* GRU: one step of a gated recurrent unit as PyTorch defines it:
 *
 *     gh = Wh·h + bh    r = σ(gx_r + gh_r)    z = σ(gx_z + gh_z)    n = tanh(gx_n + r·gh_n)    h' = (1−z)·n + z·h
 *
 * A LINEAR operator computes gx. gx and gh are Q10, because sums of ternary weights exceed ±16 and a clamp there would
 * change gx + gh. h is kept in Q14 and, for the product, as h8 = round(128·h). |h| stays below 2^14, so every
 * difference and sum below fits 16 bits. params: those of the product Wh·h. */
#include "ops.h"
#include "sigmoid.h"

static mote_product product_of(const uint16_t *operands, const int32_t *params)
{
    return (mote_product){.x = operands[MOTE_GRU_STATE8],
                          .weights = operands[MOTE_GRU_WEIGHTS],
                          .bias = operands[MOTE_GRU_BIAS],
                          .multiplier = operands[MOTE_GRU_MULTIPLIER],
                          .groups = operands[MOTE_GRU_GROUPS],
                          .y = operands[MOTE_OUT(GRU, SCRATCH)],
                          .params = params};
}

static int left_out(const mote_model *m, const mote_op_view *op)
{
    const mote_product p = product_of(op->inputs, op->params);
    return mote_product_is_left_out(m, &p);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t gates = op->inputs[MOTE_GRU_GATES], h = op->inputs[MOTE_GRU_STATE], h8 = op->inputs[MOTE_GRU_STATE8],
                   scratch = op->outputs[MOTE_GRU_SCRATCH];
    const uint32_t d = mote_record(m, h)->dims[0];
    mote_product p = product_of(op->inputs, op->params);
    return op->outputs[MOTE_GRU_Y] == h8 && d <= UINT16_MAX && mote_is(m, h, MOTE_I16, d, 0) &&
           mote_is(m, h8, MOTE_I8, d, 0) && mote_is(m, gates, MOTE_I16, 3 * d, 0) &&
           mote_is(m, scratch, MOTE_I16, 3 * d, 0) && mote_product_fits(m, &p);
}

void mote_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d)
{
    for (uint32_t i = 0; i < d; i++) {
        int32_t r = mote_sigmoid(mote_clamp16(gx[i] + gh[i]));
        int32_t z = mote_sigmoid(mote_clamp16(gx[d + i] + gh[d + i]));
        int32_t n = mote_tanh(mote_clamp16(gx[2 * d + i] + ((r * gh[2 * d + i]) >> 15)));
        int32_t next = n + ((z * (h[i] - n)) >> 15);
        h[i] = (int16_t)next;
        h8[i] = (int8_t)mote_clamp8((next + 64) >> 7);
    }
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    mote_product p = product_of(operands, params);
    mote_product_run(s, &p);
    s->kernels->gru_gates(mote_data(s, operands[MOTE_GRU_GATES]), mote_data(s, operands[MOTE_OUT(GRU, SCRATCH)]),
                          mote_data_mutable(s, operands[MOTE_GRU_STATE]),
                          mote_data_mutable(s, operands[MOTE_GRU_STATE8]),
                          mote_record(s->model, operands[MOTE_GRU_STATE])->dims[0]);
}

const mote_op_kind mote_op_gru = {
    .left_out = left_out,
    .fits = fits,
    .run = run,
};
