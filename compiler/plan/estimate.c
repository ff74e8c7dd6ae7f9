#include "compiler/plan/estimate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/plan/arena.h"
#include "runtime/model.h"

static uint64_t aligned(uint64_t size)
{
    return (size + MOTE_ALIGNMENT - 1) & ~(uint64_t)(MOTE_ALIGNMENT - 1);
}

/* Bytes of one record of the file and of a usual name. */
enum { RECORD = 64, NAME = 24 };

/* A constant of the packed graph, with its record. */
static uint64_t constant_size(uint64_t size)
{
    return aligned(size) + RECORD + NAME;
}

static bool multiplies(const mote_op *op)
{
    return op->opcode == MOTE_OP_LINEAR || op->opcode == MOTE_OP_GRU;
}

/* The weights of an operator become codes, a multiplier a row, and where there is a product a bias, into which its
 * rounding goes. */
static uint64_t matrix_size(const mote_op *op, const mote_tensor *w)
{
    const mote_dtype dtype = w->quantiser == MOTE_F32 ? MOTE_I8 : w->quantiser;
    const uint64_t rows = w->dims[0];
    return constant_size(rows * mote_row_size(dtype, w->dims[1])) + constant_size(2 * rows) +
           (multiplies(op) ? constant_size(4 * rows) : 0);
}

static uint64_t state_size(const mote_op *op, const mote_tensor *t)
{
    const uint64_t elements = mote_tensor_elements(t);
    if (op->opcode == MOTE_OP_ATTENTION) /* codes, and an exponent for each head */
        return aligned(elements) + aligned((uint64_t)t->dims[0] * (uint32_t)op->params[MOTE_PARAM_KV_HEADS]);
    return aligned(2 * elements) + aligned(elements); /* a GRU's, in 16 and in 8 bits */
}

static void count_constant(const mote_graph *g, const mote_op *op, int input, bool *counted, mote_estimate *e)
{
    const mote_tensor *t = mote_op_input(g, op, input);
    const int index = t ? (int)(t - g->tensors) : 0;
    if (t && t->role == MOTE_STATE)
        e->state += state_size(op, t);
    if (t && t->role == MOTE_STATE)
        e->file += RECORD + NAME;
    if (!t || t->role != MOTE_CONSTANT || counted[index])
        return;
    counted[index] = true;
    e->parameters += t->dtype == MOTE_F32 ? mote_tensor_elements(t) : 0;
    if (t->rank == 2)
        e->file += matrix_size(op, t);
    else if (!multiplies(op)) /* those have been given their bias */
        e->file += constant_size(t->dtype == MOTE_F32 ? 2 * mote_tensor_elements(t) : mote_tensor_size(t));
}

/* One lifetime a tensor, and one for what a product or an attention takes beside it: an input in 8 bits, scores. */
static void find_lifetimes(const mote_graph *g, mote_lifetime *lives, mote_estimate *e)
{
    const bool quantises = mote_graph_context(g) > 0; /* else activations are of 8 bits already */
    mote_lifetime *extra = lives + g->tensor_count;
    for (int i = 0; i < g->tensor_count; i++)
        lives[i] = extra[i] = (mote_lifetime){.first = INT_MAX, .last = -1};
    for (int o = 0; o < g->op_count; o++) {
        const mote_op *op = &g->ops[o];
        const int y = op->outputs[0], x = op->inputs[0];
        lives[y] = (mote_lifetime){.size = 2 * g->tensors[y].dims[0], .first = o, .last = o};
        for (int i = 0; i < op->input_count; i++)
            if (op->inputs[i] >= 0 && lives[op->inputs[i]].size)
                lives[op->inputs[i]].last = o;
        if (op->opcode == MOTE_OP_ATTENTION)
            extra[y] = (mote_lifetime){.size = 2 * g->tensors[op->inputs[4]].dims[0], .first = o, .last = o};
        if (op->opcode == MOTE_OP_GRU)
            extra[y] = (mote_lifetime){.size = 6 * g->tensors[y].dims[0], .first = o, .last = o};
        if (op->opcode == MOTE_OP_LINEAR && x >= 0) {
            if (!extra[x].size && quantises)
                e->file += 2 * (RECORD + NAME);
            if (!extra[x].size)
                extra[x] = (mote_lifetime){.size = g->tensors[x].dims[0] + 16, .first = o};
            extra[x].last = o;
        }
    }
}

bool mote_estimate_packed(const mote_graph *g, mote_estimate *e, mote_error *error)
{
    const uint64_t tokenizer = g->tokenizer ? g->tokenizer_size : sizeof(mote_byte_tokenizer);
    *e = (mote_estimate){.file = sizeof(mote_header) + sizeof(mote_golden) + tokenizer};
    mote_lifetime *lives = calloc(2 * (size_t)g->tensor_count + 1, sizeof *lives);
    bool *counted = calloc((size_t)g->tensor_count + 1, sizeof *counted);
    if (lives && counted) {
        for (int o = 0; o < g->op_count; o++) {
            e->file += 2 * (RECORD + NAME); /* itself and its output */
            for (int i = 0; i < g->ops[o].input_count; i++)
                count_constant(g, &g->ops[o], i, counted, e);
        }
        find_lifetimes(g, lives, e);
        e->arena = mote_place_items(lives, 2 * g->tensor_count);
    }
    free(lives);
    free(counted);
    return e->arena || mote_fail(error, MOTE_E_INTERNAL, "out of memory while estimating a model");
}

bool mote_transformer_estimate(const mote_transformer_shape *shape, mote_dtype weights, mote_estimate *estimate,
                               mote_error *error)
{
    mote_graph g;
    if (!mote_transformer_build(&g, shape, 1, error))
        return false;
    for (int i = 0; i < g.tensor_count; i++)
        g.tensors[i].quantiser = g.tensors[i].rank == 2 && g.tensors[i].role == MOTE_CONSTANT ? weights : MOTE_F32;
    const bool estimated = mote_estimate_packed(&g, estimate, error);
    mote_graph_free(&g);
    return estimated;
}

bool mote_estimate_fits(const mote_estimate *e, const mote_chip *chip, mote_error *error)
{
    const mote_fit fit = mote_chip_fit(chip, e->file, e->arena, e->state);
    if (!fit.flash)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: a file of some %.0f KB is more than the %u KB of flash a model may "
                         "have; fewer layers or a smaller --dim, --hidden or vocabulary need less",
                         chip->name, (double)e->file / 1024, chip->flash_kb);
    return fit.ram || mote_fail(error, MOTE_E_UNSUPPORTED,
                                "%s: arena and state of %.1f KB are more than the %u KB of RAM a "
                                "model may have; a smaller --context or --kv-heads needs less",
                                chip->name, (double)(e->arena + e->state) / 1024, chip->ram_kb);
}
