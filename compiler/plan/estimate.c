#include "compiler/plan/estimate.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/plan/arena.h"
#include "runtime/model.h"

static uint64_t aligned(uint64_t size)
{
    return (size + MOTE_ALIGNMENT - 1) & ~(uint64_t)(MOTE_ALIGNMENT - 1);
}

/* Bytes of a tensor record of the file, of a typical name, and of the text of a typical token. */
enum { RECORD = sizeof(mote_tensor_record), NAME = 24, PAIR_TEXT = 3 };

/* Returns the bytes of a constant of the packed graph with its record and its entry in the placement. */
static uint64_t constant_size(uint64_t size)
{
    return aligned(size) + RECORD + NAME + sizeof(uint16_t);
}

/* Returns the bytes of an operator of the packed graph: its record, operands, parameters and name. */
static uint64_t operator_size(mote_opcode opcode)
{
    const mote_operator_info *info = mote_operator_of(opcode);
    return sizeof(mote_op_record) + sizeof(uint16_t) * (uint64_t)(info->input_count + info->output_count) +
           sizeof(uint32_t) * (uint64_t)info->param_count + NAME;
}

/* Returns the bytes of an operator that lowering adds and of the record of its output. */
static uint64_t added_size(mote_opcode opcode)
{
    return operator_size(opcode) + RECORD + NAME;
}

static mote_dtype codes_of(const mote_tensor *w)
{
    return w->quantizer == MOTE_F32 ? MOTE_I8 : w->quantizer;
}

/* Returns the bytes of the other constants of an operator with a matrix: a multiplier per row and, for a product, a
 * bias per row, which includes the rounding term. An int8 table in a graph with fixed scales has none: its rows are the
 * input of a product unchanged. */
static uint64_t rows_size(const mote_graph *g, const mote_op *op, const mote_tensor *w)
{
    const uint64_t rows = w->dims[0], multipliers = constant_size(2 * rows);
    return mote_op_has(op, MOTE_TRAIT_PRODUCT)                     ? multipliers + constant_size(4 * rows)
           : !mote_graph_needs_ranges(g) && codes_of(w) == MOTE_I8 ? 0
                                                                   : multipliers;
}

/* Returns the bytes of the ADD operator for a bias, with the bias. Products with fixed scales contain the bias; with
 * scales computed at run time a separate operator adds it. */
static uint64_t bias_size(const mote_graph *g, const mote_tensor *bias)
{
    return !mote_graph_needs_ranges(g) ? 0 : constant_size(2 * bias->dims[0]) + added_size(MOTE_OP_ADD);
}

static uint64_t state_size(const mote_op *op, const mote_tensor *t)
{
    const uint64_t elements = mote_tensor_elements(t);
    if (op->opcode == MOTE_OP_ATTENTION) /* codes, and an exponent per position and head */
        return aligned(elements) + aligned((uint64_t)t->dims[0] * (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS]);
    return aligned(2 * elements) + aligned(elements); /* state of a GRU as int16 and as int8 */
}

static void count_constant(const mote_graph *g, const mote_op *op, int input, bool *counted, mote_estimate *e)
{
    const mote_tensor *t = mote_op_input(g, op, input);
    const int index = t ? (int)(t - g->tensors) : 0;
    if (t && t->role == MOTE_STATE)
        e->state += state_size(op, t);
    if (t && t->role == MOTE_STATE)
        e->file += RECORD + NAME;
    if (t && t->role == MOTE_CONSTANT && t->rank == 2)
        e->file += rows_size(g, op, t);
    if (!t || t->role != MOTE_CONSTANT || counted[index])
        return;
    counted[index] = true;
    e->parameters += t->dtype == MOTE_F32 ? mote_tensor_elements(t) : 0;
    if (t->rank == 2)
        e->file += constant_size(t->dims[0] * mote_row_size(codes_of(t), t->dims[1]));
    else if (mote_op_has(op, MOTE_TRAIT_PRODUCT))
        e->file += bias_size(g, t);
    else
        e->file += constant_size(t->dtype == MOTE_F32 ? 2 * mote_tensor_elements(t) : mote_tensor_size(t));
}

/* Returns the bytes of an operator's output in the arena: int16, or int8 for an embedding with fixed scales. The output
 * of a GRU is a state, outside the arena. */
static uint32_t output_size(const mote_op *op, uint32_t length, bool fixed)
{
    return op->opcode == MOTE_OP_GRU ? 0 : op->opcode == MOTE_OP_EMBEDDING && fixed ? length : 2 * length;
}

/* Returns the bytes of scratch of an operator with a state: scores of attention, or recurrent gates of a GRU. */
static uint32_t scratch_size(const mote_graph *g, const mote_op *op)
{
    const uint32_t rows = g->tensors[mote_op_operand(op, MOTE_OPERAND_STATE)].dims[0]; /* positions or units */
    return op->opcode == MOTE_OP_GRU ? 6 * rows : 2 * rows;
}

/* Lifetimes of the items of the arena: `tensors` has one per tensor; `extra` has its int8 copy or, for a state, the
 * scratch of its operator. Operator o runs at time 2o + 1; the operator that quantizes its input runs at 2o. */
typedef struct arena {
    mote_lifetime *tensors, *extra;
} arena;

static void read_at(mote_lifetime *life, int time)
{
    if (life->last < time)
        life->last = time;
}

/* Extends the lifetimes of an operator's inputs. Without fixed scales, linear operators read an int8 copy of their
 * input; it is quantized once. */
static void read_inputs(const mote_graph *g, const arena *a, int o, bool fixed, mote_estimate *e)
{
    const mote_op *op = &g->ops[o];
    for (int i = 0; i < op->input_count; i++) {
        const int x = op->inputs[i];
        const bool copied = op->opcode == MOTE_OP_LINEAR && i == MOTE_LINEAR_X && !fixed;
        if (x >= 0 && copied && !a->extra[x].size) {
            e->file += added_size(MOTE_OP_QUANTIZE);
            a->extra[x] = (mote_lifetime){.size = (uint32_t)aligned(g->tensors[x].dims[0]) + 16, .first = 2 * o};
            read_at(&a->tensors[x], 2 * o);
        }
        if (x >= 0)
            read_at(copied ? &a->extra[x] : &a->tensors[x], 2 * o + 1);
    }
}

static void find_lifetimes(const mote_graph *g, const arena *a, mote_estimate *e)
{
    const bool fixed = !mote_graph_needs_ranges(g);
    for (int i = 0; i < g->tensor_count; i++)
        a->tensors[i] = (mote_lifetime){.size = g->tensors[i].role == MOTE_INPUT ? 2 : 0, .last = -1};
    for (int o = 0; o < g->op_count; o++) {
        const mote_op *op = &g->ops[o];
        const int y = mote_op_result(op);
        const uint32_t length = g->tensors[y].dims[0];
        read_inputs(g, a, o, fixed, e);
        a->tensors[y] = (mote_lifetime){.size = output_size(op, length, fixed), .first = 2 * o + 1, .last = 2 * o + 1};
        const int state = mote_op_operand(op, MOTE_OPERAND_STATE);
        if (state >= 0)
            a->extra[state] = (mote_lifetime){scratch_size(g, op), .first = 2 * o + 1, .last = 2 * o + 1};
    }
    for (int i = 0; i < g->tensor_count; i++) /* outputs stay to the end */
        if (g->tensors[i].role == MOTE_OUTPUT)
            read_at(&a->tensors[i], 2 * g->op_count);
}

uint64_t mote_estimate_tokenizer(uint32_t pairs)
{
    return pairs ? sizeof(mote_bpe_tokenizer) + pairs * (uint64_t)(8 + PAIR_TEXT) : sizeof(mote_byte_tokenizer);
}

bool mote_estimate_packed(const mote_graph *g, mote_estimate *e, mote_error *error)
{
    const uint64_t tokenizer = g->tokenizer ? g->tokenizer_size : mote_estimate_tokenizer(0);
    *e = (mote_estimate){.file = sizeof(mote_header) + sizeof(mote_golden) + tokenizer};
    mote_lifetime *lives = calloc(2 * (size_t)g->tensor_count + 1, sizeof *lives);
    bool *counted = calloc((size_t)g->tensor_count + 1, sizeof *counted);
    uint32_t arena_size = 0;
    bool done = (lives && counted) || mote_fail(error, MOTE_E_INTERNAL, "out of memory while estimating a model");
    if (done) {
        for (int o = 0; o < g->op_count; o++) {
            e->file += operator_size(g->ops[o].opcode) + RECORD + NAME; /* the operator and the record of its output */
            for (int i = 0; i < g->ops[o].input_count; i++)
                count_constant(g, &g->ops[o], i, counted, e);
        }
        find_lifetimes(g, &(arena){lives, lives + g->tensor_count}, e);
        done = mote_place_items(lives, 2 * g->tensor_count, &arena_size, error);
    }
    e->arena = arena_size;
    free(lives);
    free(counted);
    return done;
}

bool mote_transformer_estimate(const mote_transformer_shape *shape, mote_dtype weights, mote_estimate *estimate,
                               mote_error *error)
{
    mote_graph g;
    if (!mote_transformer_build(&g, shape, 1, error))
        return false;
    for (int i = 0; i < g.tensor_count; i++)
        g.tensors[i].quantizer = g.tensors[i].rank == 2 && g.tensors[i].role == MOTE_CONSTANT ? weights : MOTE_F32;
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
