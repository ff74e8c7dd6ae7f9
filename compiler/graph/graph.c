#include "compiler/graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/model.h"
#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"

enum { MAX_TENSORS = MOTE_NO_INDEX, MAX_OPS = MOTE_NO_INDEX };

void mote_graph_init(mote_graph *g)
{
    memset(g, 0, sizeof *g);
}

void mote_graph_free(mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++) {
        free(g->tensors[i].name);
        if (!g->borrowed)
            free(g->tensors[i].data);
        free(g->tensors[i].quantization.scales);
    }
    for (int i = 0; i < g->op_count; i++) {
        free(g->ops[i].name);
        free(g->ops[i].inputs);
    }
    free(g->tensors);
    free(g->index);
    free(g->ops);
    free(g->metadata);
    free(g->golden);
    free(g->placement);
    free(g->tokenizer);
    memset(g, 0, sizeof *g);
}

static void *duplicate(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);
    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

static bool copy_tensor(mote_tensor *to, const mote_tensor *from)
{
    const mote_tensor_quantization *q = &from->quantization;
    *to = *from;
    to->name = duplicate(from->name, strlen(from->name) + 1);
    to->data = from->data ? duplicate(from->data, mote_tensor_size(from)) : NULL;
    to->quantization.scales = q->scales ? duplicate(q->scales, from->dims[q->axis] * sizeof *q->scales) : NULL;
    return to->name && !to->data == !from->data && !to->quantization.scales == !q->scales;
}

static void place_operands(mote_op *op, int *operands)
{
    op->inputs = operands;
    op->outputs = op->inputs + op->input_count;
    op->params = op->outputs + op->output_count;
}

static size_t operands_size(const mote_op *op)
{
    return (size_t)(op->input_count + op->output_count + op->param_count) * sizeof *op->inputs;
}

static bool copy_op(mote_op *to, const mote_op *from)
{
    *to = *from;
    to->name = duplicate(from->name, strlen(from->name) + 1);
    place_operands(to, duplicate(from->inputs, operands_size(from)));
    return to->name && to->inputs;
}

static bool copy_parts(mote_graph *to, const mote_graph *from)
{
    to->tensors = calloc((size_t)from->tensor_count + 1, sizeof *to->tensors);
    to->ops = calloc((size_t)from->op_count + 1, sizeof *to->ops);
    to->index = duplicate(from->index, (size_t)from->index_size * sizeof *to->index);
    if (from->metadata)
        to->metadata = duplicate(from->metadata, strlen(from->metadata) + 1);
    if (from->golden)
        to->golden = duplicate(from->golden, from->golden_size);
    if (from->placement)
        to->placement = duplicate(from->placement, from->placement_count * sizeof *from->placement);
    if (from->tokenizer)
        to->tokenizer = duplicate(from->tokenizer, from->tokenizer_size);
    if (!to->tensors || !to->ops || !to->index || (from->metadata && !to->metadata) || (from->golden && !to->golden) ||
        (from->placement && !to->placement) || (from->tokenizer && !to->tokenizer))
        return false;
    bool copied = true;
    for (; copied && to->tensor_count < from->tensor_count; to->tensor_count++)
        copied = copy_tensor(&to->tensors[to->tensor_count], &from->tensors[to->tensor_count]);
    for (; copied && to->op_count < from->op_count; to->op_count++)
        copied = copy_op(&to->ops[to->op_count], &from->ops[to->op_count]);
    return copied;
}

bool mote_graph_copy(mote_graph *to, const mote_graph *from, mote_error *error)
{
    *to = *from;
    to->tensors = NULL, to->index = NULL, to->ops = NULL, to->metadata = NULL, to->golden = NULL;
    to->placement = NULL, to->tokenizer = NULL;
    to->borrowed = false;
    to->tensor_count = to->op_count = 0;
    to->tensor_capacity = from->tensor_count;
    to->op_capacity = from->op_count;
    if (copy_parts(to, from))
        return true;
    mote_graph_free(to);
    return mote_fail(error, MOTE_E_INTERNAL, "out of memory while copying a graph");
}

/* Makes room for one more element; the array at *items may move. */
static bool grow(void **items, int count, int *capacity, size_t size, int limit)
{
    if (count < *capacity)
        return true;
    if (count >= limit)
        return false;
    int wanted = *capacity ? 2 * *capacity : 16;
    void *moved = realloc(*items, (size_t)wanted * size);
    if (!moved)
        return false;
    *items = moved;
    *capacity = wanted;
    return true;
}

/* FNV-1a. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

/* Returns the slot of a name in the index: the slot that holds it, or the empty one in which to insert it. */
static int *slot_of(const mote_graph *g, const char *name)
{
    uint32_t at = hash_of(name);
    for (;; at++) {
        int *slot = &g->index[at & (uint32_t)(g->index_size - 1)];
        if (*slot < 0 || strcmp(g->tensors[*slot].name, name) == 0)
            return slot;
    }
}

/* Rebuilds the index with `size` slots, of which at most half are used. */
static bool make_index(mote_graph *g, int size)
{
    int *index = malloc((size_t)size * sizeof *index);
    if (!index)
        return false;
    free(g->index);
    g->index = index;
    g->index_size = size;
    memset(index, -1, (size_t)size * sizeof *index);
    for (int i = 0; i < g->tensor_count; i++)
        *slot_of(g, g->tensors[i].name) = i;
    return true;
}

int mote_graph_find(const mote_graph *g, const char *tensor_name)
{
    return g->index_size ? *slot_of(g, tensor_name) : -1;
}

bool mote_graph_rename(mote_graph *g, int tensor, const char *name)
{
    char *copy = duplicate(name, strlen(name) + 1);
    if (!copy)
        return false;
    free(g->tensors[tensor].name);
    g->tensors[tensor].name = copy;
    return make_index(g, g->index_size);
}

void mote_graph_swap_names(mote_graph *g, int a, int b)
{
    char *name = g->tensors[a].name;
    int *slot_a = slot_of(g, name), *slot_b = slot_of(g, g->tensors[b].name);
    *slot_a = b;
    *slot_b = a;
    g->tensors[a].name = g->tensors[b].name;
    g->tensors[b].name = name;
}

char *mote_name(const char *base, const char *suffix)
{
    char *name;
    return asprintf(&name, "%s%s", base, suffix) < 0 ? NULL : name;
}

int mote_graph_tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, int rank, const uint32_t *dims)
{
    void *tensors = g->tensors;
    bool room = grow(&tensors, g->tensor_count, &g->tensor_capacity, sizeof *g->tensors, MAX_TENSORS);
    g->tensors = tensors;
    if (2 * (g->tensor_count + 1) > g->index_size)
        room = room && make_index(g, g->index_size ? 2 * g->index_size : 32);
    if (!room || rank < 1 || rank > MOTE_RANK || mote_graph_find(g, name) >= 0)
        return -1;
    mote_tensor *t = &g->tensors[g->tensor_count];
    *t = (mote_tensor){.dtype = dtype, .role = role, .rank = rank, .quantization.axis = -1};
    for (int i = 0; i < MOTE_RANK; i++)
        t->dims[i] = i < rank ? dims[i] : 1;
    const size_t size = mote_tensor_size(t);
    t->name = duplicate(name, strlen(name) + 1);
    t->data = role == MOTE_CONSTANT ? calloc(1, size ? size : 1) : NULL;
    if (!t->name || (role == MOTE_CONSTANT && !t->data)) {
        free(t->name);
        free(t->data);
        return -1;
    }
    *slot_of(g, name) = g->tensor_count;
    return g->tensor_count++;
}

int mote_graph_op(mote_graph *g, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  int output_count, const int *outputs)
{
    const mote_operator_info *info = mote_operator_of(opcode);
    void *ops = g->ops;
    bool room = grow(&ops, g->op_count, &g->op_capacity, sizeof *g->ops, MAX_OPS);
    g->ops = ops;
    if (!room || input_count > info->input_count || output_count > info->output_count)
        return -1;
    mote_op op = {.opcode = opcode,
                  .input_count = info->input_count,
                  .output_count = info->output_count,
                  .param_count = info->param_count,
                  .name = duplicate(name, strlen(name) + 1)};
    int *operands = calloc(1, operands_size(&op));
    if (!op.name || !operands) {
        free(op.name);
        free(operands);
        return -1;
    }
    place_operands(&op, operands);
    for (int i = 0; i < op.input_count; i++)
        op.inputs[i] = i < input_count ? inputs[i] : -1;
    for (int i = 0; i < op.output_count; i++)
        op.outputs[i] = i < output_count ? outputs[i] : -1;
    g->ops[g->op_count] = op;
    return g->op_count++;
}

int *mote_op_slot(mote_op *op, mote_operand_role role)
{
    const int index = mote_operator_input(op->opcode, role);
    return index < 0 ? NULL : &op->inputs[index];
}

int mote_op_operand(const mote_op *op, mote_operand_role role)
{
    const int index = mote_operator_input(op->opcode, role);
    return index < 0 ? -1 : op->inputs[index];
}

const mote_tensor *mote_op_input(const mote_graph *g, const mote_op *op, int index)
{
    return op->inputs[index] < 0 ? NULL : &g->tensors[op->inputs[index]];
}

const mote_tensor *mote_op_output(const mote_graph *g, const mote_op *op, int index)
{
    return op->outputs[index] < 0 ? NULL : &g->tensors[op->outputs[index]];
}

int mote_graph_readers(const mote_graph *g, int tensor)
{
    int count = 0;
    for (int i = 0; i < g->op_count; i++)
        for (int k = 0; k < g->ops[i].input_count; k++)
            count += g->ops[i].inputs[k] == tensor;
    return count;
}

bool mote_graph_reads_as(const mote_graph *g, int tensor, mote_operand_role role)
{
    for (int i = 0; i < g->op_count; i++)
        for (int k = 0; k < g->ops[i].input_count; k++)
            if (g->ops[i].inputs[k] == tensor && mote_operator_of(g->ops[i].opcode)->inputs[k].role == role)
                return true;
    return false;
}

/* True for outputs and for the gates of a GRU: the format defines their scale. */
static bool has_fixed_scale(const mote_graph *g, int tensor)
{
    if (g->tensors[tensor].role == MOTE_OUTPUT)
        return true;
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_GRU && g->ops[i].inputs[MOTE_GRU_GATES] == tensor)
            return true;
    return false;
}

bool mote_graph_needs_ranges(const mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].role == MOTE_INPUT && g->tensors[i].dtype == MOTE_F32)
            return true;
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        if (mote_op_has(op, MOTE_TRAIT_RANGED) ||
            (op->opcode == MOTE_OP_LINEAR && !has_fixed_scale(g, mote_op_result(op))))
            return true;
    }
    return false;
}

bool mote_graph_remove(mote_graph *g, int tensor)
{
    mote_tensor *t = &g->tensors[tensor];
    free(t->name);
    free(t->data);
    free(t->quantization.scales);
    g->tensor_count--;
    memmove(t, t + 1, (size_t)(g->tensor_count - tensor) * sizeof *t);
    for (int i = 0; i < g->op_count; i++) {
        mote_op *op = &g->ops[i];
        for (int k = 0; k < op->input_count + op->output_count; k++)
            op->inputs[k] -= op->inputs[k] > tensor;
    }
    uint32_t left = 0;
    for (uint32_t i = 0; i < g->placement_count; i++)
        if (g->placement[i] != tensor)
            g->placement[left++] = (uint16_t)(g->placement[i] - (g->placement[i] > tensor));
    g->placement_count = left;
    return make_index(g, g->index_size);
}

int mote_graph_of_role(const mote_graph *g, mote_role role, int i)
{
    for (int t = 0; t < g->tensor_count; t++)
        if (g->tensors[t].role == role && i-- == 0)
            return t;
    return -1;
}

size_t mote_tensor_elements(const mote_tensor *t)
{
    size_t elements = 1;
    for (int i = 0; i < MOTE_RANK; i++)
        elements *= t->dims[i];
    return elements;
}

size_t mote_tensor_size(const mote_tensor *t)
{
    const uint32_t columns = t->dims[t->rank - 1];
    if (t->layout == MOTE_LANES16)
        return mote_lanes16_size(t->dtype, t->dims[0], t->dims[1]);
    if (t->layout == MOTE_TILES16)
        return mote_tiles16_size(t->dtype, t->dims[0], mote_tiles16_count(t->data, t->dims[0]));
    if (t->layout == MOTE_BLOCKS16)
        return mote_blocks16_size(t->dtype, t->dims[0], mote_index_parts(t->data, t->dims[0]));
    return columns ? mote_tensor_elements(t) / columns * mote_tensor_stride(t) : 0;
}

uint32_t mote_tensor_stride(const mote_tensor *t)
{
    if (t->layout != MOTE_ROWS)
        return 0;
    return t->stride ? t->stride : (uint32_t)mote_row_size(t->dtype, t->dims[t->rank - 1]);
}

bool mote_tensor_set_scales(mote_tensor *t, int axis, const float *scales)
{
    float *copy = duplicate(scales, t->dims[axis] * sizeof *scales);
    if (!copy)
        return false;
    free(t->quantization.scales);
    t->quantization.scales = copy;
    t->quantization.axis = axis;
    return true;
}

uint32_t mote_graph_context(const mote_graph *g)
{
    uint32_t context = 0;
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_tensor *keys = op->opcode == MOTE_OP_ATTENTION ? mote_op_input(g, op, MOTE_ATTENTION_KEYS) : NULL;
        if (keys && (!context || keys->dims[0] < context))
            context = keys->dims[0];
    }
    return context;
}

bool mote_graph_set_tokenizer(mote_graph *g, const void *section, uint32_t size)
{
    uint8_t *copy = section ? duplicate(section, size) : NULL;
    if (section && !copy)
        return false;
    free(g->tokenizer);
    g->tokenizer = copy;
    g->tokenizer_size = section ? size : 0;
    return true;
}
