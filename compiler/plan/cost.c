#include "compiler/plan/cost.h"

#include <math.h>
#include <mote_text.h>
#include <string.h>
#include <strings.h>

#include "chip/memory.h"
#include "compiler/graph/operator_info.h"
#include "runtime/model.h"

typedef struct cost {
    const char *chip;
    const char *kernel; /* name in chip/costs.def */
    mote_layout layout;
    mote_dtype dtype;
    double call, row, column, weight, byte;
} cost;

static const cost costs[] = {
#define COST(chip, kernel, layout, dtype, call, row, column, weight, byte)                                             \
    {chip, #kernel, MOTE_##layout, MOTE_##dtype, call, row, column, weight, byte},
#define CHIP(...)
#include "chip/costs.def"
#undef COST
#undef CHIP
};

static const struct chip_cost {
    const char *chip;
    uint32_t columns, lines;
} chips[] = {
#define COST(...)
#define CHIP(chip, columns, lines) {chip, columns, lines},
#include "chip/costs.def"
#undef COST
#undef CHIP
};

enum { LANES = 16 }; /* rows of a block of MOTE_LANES16 and MOTE_TILES16 */

static const cost *cost_of(const mote_chip *chip, const char *kernel, mote_layout layout, mote_dtype dtype)
{
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        const cost *c = &costs[i];
        if (strcmp(c->chip, chip->name) == 0 && strcasecmp(c->kernel, kernel) == 0 && c->layout == layout &&
            c->dtype == dtype)
            return c;
    }
    return NULL;
}

static const struct chip_cost *costs_of(const mote_chip *chip)
{
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
        if (strcmp(chips[i].chip, chip->name) == 0)
            return &chips[i];
    return NULL;
}

/* Factors of the terms of a cost. */
typedef struct amount {
    double rows, columns, weights, bytes;
} amount;

static amount amount_of(mote_layout layout, uint32_t rows, uint32_t columns, uint64_t bytes)
{
    if (layout == MOTE_LANES16 || layout == MOTE_TILES16)
        rows = (rows + LANES - 1) / LANES * LANES;
    return (amount){rows, columns, (double)rows * columns, (double)bytes};
}

static double work_of(const cost *c, const amount *by)
{
    return c->call + c->row * by->rows + c->column * by->columns + c->weight * by->weights + c->byte * by->bytes;
}

static const char *product_of(const mote_chip *chip, mote_layout layout, mote_dtype dtype, uint32_t columns)
{
    const struct chip_cost *c = costs_of(chip);
    return layout == MOTE_ROWS && dtype == MOTE_I8 && c && columns % c->columns != 0 ? "RAGGED" : "PRODUCT";
}

double mote_product_work(const mote_chip *chip, mote_layout layout, mote_dtype dtype, uint32_t rows, uint32_t columns,
                         uint64_t bytes)
{
    const cost *c = cost_of(chip, product_of(chip, layout, dtype, columns), layout, dtype);
    const amount by = amount_of(layout, rows, columns, bytes);
    return c ? work_of(c, &by) : NAN;
}

bool mote_chip_multiplies(const mote_chip *chip, mote_layout layout, mote_dtype dtype)
{
    return cost_of(chip, "PRODUCT", layout, dtype);
}

static void add_amount(mote_prediction *p, const mote_chip *chip, const char *kernel, const mote_tensor_record *w,
                       const amount *by)
{
    const cost *c = cost_of(chip, kernel, w->layout, w->dtype);
    if (c)
        p->work += work_of(c, by);
    else
        p->known = false;
}

static void add(mote_prediction *p, const mote_chip *chip, const char *kernel, const mote_tensor_record *w,
                uint32_t rows, uint32_t columns)
{
    add_amount(p, chip, kernel, w, &(amount){rows, columns, (double)rows * columns, 0});
}

static void add_product(mote_prediction *p, const mote_chip *chip, const mote_tensor_record *w)
{
    const uint32_t columns = w->layout == MOTE_ROWS && w->dtype == MOTE_I8 ? w->stride : w->dims[1];
    const amount by = amount_of(w->layout, w->dims[0], columns, w->size);
    add_amount(p, chip, product_of(chip, w->layout, w->dtype, columns), w, &by);
}

static void add_linear(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_LINEAR_X]);
    const mote_tensor_record *w = mote_record(m, op->inputs[MOTE_LINEAR_WEIGHTS]);
    const bool grouped = op->inputs[MOTE_LINEAR_GROUPS] != MOTE_NO_INDEX;
    p->known = p->known && x->dtype != MOTE_I16 && !grouped; /* no costs for the general product */
    add_product(p, chip, w);
    if (x->dtype == MOTE_I8V)
        add(p, chip, "RESCALE", mote_record(m, op->outputs[MOTE_LINEAR_Y]), w->dims[0], 0);
}

/* Adds the cost of attention with a full window, which takes longest. */
static void add_attention(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    const mote_tensor_record *keys = mote_record(m, op->inputs[MOTE_ATTENTION_KEYS]);
    const uint32_t d = mote_record(m, op->outputs[MOTE_ATTENTION_Y])->dims[0],
                   heads = (uint32_t)op->params[MOTE_ATTENTION_HEADS];
    const double looks = (double)heads * keys->dims[0];
    add_amount(p, chip, "ATTENTION", keys, &(amount){looks, heads, looks * d / heads, d});
}

static void add_gru(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    const mote_tensor_record *w = mote_record(m, op->inputs[MOTE_GRU_WEIGHTS]);
    add_product(p, chip, w);
    add(p, chip, "GATES", mote_record(m, op->inputs[MOTE_GRU_GATES]), w->dims[1], 0);
}

static void add_embedding(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    const mote_tensor_record *table = mote_record(m, op->inputs[MOTE_EMBEDDING_TABLE]);
    const bool wide = mote_record(m, op->outputs[MOTE_EMBEDDING_Y])->dtype == MOTE_I16;
    add(p, chip, wide ? "EMBEDDING16" : "EMBEDDING", table, 0, table->dims[1]);
}

/* Adds the cost of an operator on vectors of one length. Its kernel has the name of the operator. */
static void add_vector(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    const mote_opcode opcode = (mote_opcode)op->opcode;
    const mote_tensor_record *x = mote_record(m, op->inputs[mote_operator_input(opcode, MOTE_OPERAND_VALUE)]);
    add(p, chip, mote_operator_of(opcode)->name, x, x->dims[0], 0);
}

static void add_unknown(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    (void)m, (void)chip, (void)op;
    p->known = false;
}

static void add_operator(mote_prediction *p, const mote_model *m, const mote_chip *chip, const mote_op_view *op)
{
    static void (*const add_cost[])(mote_prediction *, const mote_model *, const mote_chip *, const mote_op_view *) = {
        [MOTE_COST_EMBEDDING] = add_embedding, [MOTE_COST_LINEAR] = add_linear,       [MOTE_COST_GRU] = add_gru,
        [MOTE_COST_VECTOR] = add_vector,       [MOTE_COST_ATTENTION] = add_attention, [MOTE_COST_CONV] = add_unknown,
        [MOTE_COST_WINDOW] = add_unknown,      [MOTE_COST_UNKNOWN] = add_unknown,
    };
    add_cost[mote_operator_of((mote_opcode)op->opcode)->cost](p, m, chip, op);
}

/* Number of lines that a token reads per set of the cache. The file is assumed to begin at the first set, whatever its
 * address in flash. */
typedef struct lines {
    uint64_t of[MOTE_CACHE_SETS];
} lines;

static void touch(lines *l, uint64_t offset, uint64_t size)
{
    for (uint64_t line = offset / MOTE_CACHE_LINE; line * MOTE_CACHE_LINE < offset + size; line++)
        l->of[line % MOTE_CACHE_SETS]++;
}

static void touch_constants(lines *l, const mote_model *m, const mote_placement *placement)
{
    for (uint32_t i = 0; i < mote_header_of(m)->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        if (t->role == MOTE_CONSTANT && !mote_is_placed(placement, i)) {
            const uint64_t size = mote_bytes_read(m, i);
            touch(l, t->offset, size < t->size ? size : t->size);
        }
    }
}

/* Returns the cycles per token of waiting for flash. The cache replaces the least recently used line and every token
 * reads in the same order, so all lines of a set with more lines than ways miss. If the cache is empty before each
 * token, all lines miss. `own_lines` is the number of lines of the runtime's own constants. */
static double stalls(const mote_model *m, const mote_placement *placement, uint32_t own_lines)
{
    const mote_header *h = mote_header_of(m);
    lines l = {0};
    touch(&l, 0, (uint64_t)own_lines * MOTE_CACHE_LINE);
    if (!placement->tables) {
        touch(&l, 0, sizeof *h);
        touch(&l, h->tensor_offset, h->tensor_count * sizeof(mote_tensor_record));
        touch(&l, h->op_offset, h->op_count * sizeof(mote_op_record));
        touch(&l, h->operand_offset, h->operand_count * sizeof(uint16_t));
        touch(&l, h->word_offset, h->word_count * sizeof(uint32_t));
    }
    touch_constants(&l, m, placement);
    uint64_t missing = 0;
    for (int i = 0; i < MOTE_CACHE_SETS; i++)
        missing += placement->streamed || l.of[i] > MOTE_CACHE_WAYS ? l.of[i] : 0;
    return (double)missing * MOTE_FLASH_LINE_CYCLES;
}

double mote_flash_byte_work(const mote_chip *chip)
{
    const struct chip_cost *c = costs_of(chip);
    return c && c->lines ? (double)MOTE_FLASH_LINE_CYCLES / MOTE_CACHE_LINE : 0;
}

double mote_flash_work(const mote_chip *chip, double bytes)
{
    const struct chip_cost *c = costs_of(chip);
    const double kept = c ? MOTE_CACHE_BYTES / 2 - (double)c->lines * MOTE_CACHE_LINE : 0;
    return bytes > kept ? bytes * mote_flash_byte_work(chip) : 0;
}

static bool reads(const mote_op_view *op, uint32_t tensor)
{
    for (const uint16_t *i = op->inputs; i < op->outputs; i++)
        if (*i == tensor)
            return true;
    return false;
}

double mote_constant_work(const mote_model *m, const mote_chip *chip, uint32_t tensor)
{
    mote_prediction p = {.known = true};
    for (uint32_t o = 0; o < mote_header_of(m)->op_count; o++) {
        const mote_op_view op = mote_op_at(m, o);
        if (reads(&op, tensor))
            add_operator(&p, m, chip, &op);
    }
    return p.known ? p.work : NAN;
}

mote_prediction mote_predict(const mote_model *m, const mote_chip *chip, const mote_placement *placement)
{
    mote_prediction p = {.known = true, .counted = true};
    for (uint32_t o = 0; o < mote_header_of(m)->op_count; o++) {
        const mote_op_view op = mote_op_at(m, o);
        add_operator(&p, m, chip, &op);
    }
    if (mote_is_language_model(m))
        add(&p, chip, "SAMPLE", mote_record(m, m->output), mote_vocabulary(m), 0);
    const struct chip_cost *c = costs_of(chip);
    if (c && c->lines) {
        p.counted = false;
        p.memory = stalls(m, placement, c->lines);
    }
    return p;
}
