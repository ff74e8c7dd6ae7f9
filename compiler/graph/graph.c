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
    g->metadata = calloc(1, 1);
    if (!g->metadata)
        abort();
}

void mote_graph_free(mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++)
        free(g->tensors[i].data);
    free(g->tensors);
    free(g->ops);
    free(g->metadata);
    free(g->golden);
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

static bool copy_parts(mote_graph *to, const mote_graph *from)
{
    to->tensors = duplicate(from->tensors, (size_t)from->tensor_count * sizeof *from->tensors);
    to->ops = duplicate(from->ops, (size_t)from->op_count * sizeof *from->ops);
    to->metadata = duplicate(from->metadata, strlen(from->metadata) + 1);
    if (from->golden)
        to->golden = duplicate(from->golden, from->golden_size);
    if (from->tokenizer)
        to->tokenizer = duplicate(from->tokenizer, from->tokenizer_size);
    if (!to->tensors || !to->ops || !to->metadata || (from->golden && !to->golden) ||
        (from->tokenizer && !to->tokenizer))
        return false;
    to->op_count = from->op_count;
    for (; to->tensor_count < from->tensor_count; to->tensor_count++) {
        const mote_tensor *t = &from->tensors[to->tensor_count];
        void *data = t->data ? duplicate(t->data, mote_tensor_size(t)) : NULL;
        if (t->data && !data)
            return false;
        to->tensors[to->tensor_count].data = data;
    }
    return true;
}

bool mote_graph_copy(mote_graph *to, const mote_graph *from, mote_error *error)
{
    *to = *from;
    to->tensors = NULL, to->ops = NULL, to->metadata = NULL, to->golden = NULL, to->tokenizer = NULL;
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

static void set_name(char *to, const char *name)
{
    size_t length = strnlen(name, MOTE_NAME_SIZE - 1);
    memset(to, 0, MOTE_NAME_SIZE);
    memcpy(to, name, length);
}

int mote_graph_tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, int rank, const uint32_t *dims)
{
    void *tensors = g->tensors;
    bool room = grow(&tensors, g->tensor_count, &g->tensor_capacity, sizeof *g->tensors, MAX_TENSORS);
    g->tensors = tensors;
    if (!room || rank < 1 || rank > 4)
        return -1;
    mote_tensor *t = &g->tensors[g->tensor_count];
    *t = (mote_tensor){.dtype = dtype, .role = role, .rank = rank, .dims = {1, 1, 1, 1}};
    set_name(t->name, name);
    memcpy(t->dims, dims, (size_t)rank * sizeof *dims);
    if (role == MOTE_CONSTANT) {
        size_t size = mote_tensor_size(t);
        t->data = calloc(1, size ? size : 1);
        if (!t->data)
            return -1;
    }
    return g->tensor_count++;
}

int mote_graph_op(mote_graph *g, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  int output_count, const int *outputs)
{
    void *ops = g->ops;
    bool room = grow(&ops, g->op_count, &g->op_capacity, sizeof *g->ops, MAX_OPS);
    g->ops = ops;
    if (!room || input_count < 0 || input_count > 8 || output_count < 0 || output_count > 4)
        return -1;
    mote_op *op = &g->ops[g->op_count];
    *op = (mote_op){.opcode = opcode, .input_count = input_count, .output_count = output_count};
    set_name(op->name, name);
    for (int i = 0; i < 8; i++)
        op->inputs[i] = i < input_count ? inputs[i] : -1;
    for (int i = 0; i < 4; i++)
        op->outputs[i] = i < output_count ? outputs[i] : -1;
    return g->op_count++;
}

int mote_graph_find(const mote_graph *g, const char *tensor_name)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (strcmp(g->tensors[i].name, tensor_name) == 0)
            return i;
    return -1;
}

const char *mote_dtype_name(mote_dtype dtype)
{
    static const char *const names[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = "f32",
        [MOTE_I32] = "int32",
        [MOTE_I16] = "int16",
        [MOTE_I8] = "int8",
        [MOTE_U16] = "ids",
        [MOTE_TERNARY2] = "ternary",
        [MOTE_TERNARY5] = "ternary/5",
        [MOTE_I4] = "int4",
        [MOTE_BINARY] = "binary",
        [MOTE_I5] = "int5",
        [MOTE_I6] = "int6",
        [MOTE_F16] = "fp16",
        [MOTE_I8V] = "int8/vector",
    };
    return names[dtype];
}

size_t mote_tensor_elements(const mote_tensor *t)
{
    return (size_t)t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3];
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
    return columns ? mote_tensor_elements(t) / columns * mote_row_size(t->dtype, columns) : 0;
}

uint32_t mote_graph_context(const mote_graph *g)
{
    uint32_t context = 0;
    for (int i = 0; i < g->op_count; i++) {
        const mote_tensor *keys = g->ops[i].opcode == MOTE_OP_ATTENTION ? mote_op_input(g, &g->ops[i], 4) : NULL;
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

/* The line of `key` in the metadata, or NULL; *end is past its newline. */
static char *find_meta(const mote_graph *g, const char *key, char **value, char **end)
{
    size_t length = strlen(key);
    for (char *line = g->metadata; *line; line = *end) {
        char *newline = strchr(line, '\n');
        *end = newline ? newline + 1 : line + strlen(line);
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            *value = line + length + 1;
            return line;
        }
    }
    return NULL;
}

void mote_graph_get_meta(const mote_graph *g, const char *key, char *out, size_t size)
{
    char *value, *end;
    if (!size)
        return;
    out[0] = 0;
    if (!find_meta(g, key, &value, &end))
        return;
    size_t length = (size_t)(end - value);
    if (length && value[length - 1] == '\n')
        length--;
    if (length > size - 1)
        length = size - 1;
    memcpy(out, value, length);
    out[length] = 0;
}

bool mote_graph_set_meta(mote_graph *g, const char *key, const char *value)
{
    if (strpbrk(key, "=\n") || strchr(value, '\n'))
        return false;
    char *old_value, *end, *line = find_meta(g, key, &old_value, &end);
    if (line)
        memmove(line, end, strlen(end) + 1);
    size_t length = strlen(g->metadata), added = strlen(key) + strlen(value) + 3;
    char *metadata = realloc(g->metadata, length + added);
    if (!metadata)
        return false;
    g->metadata = metadata;
    snprintf(metadata + length, added, "%s=%s\n", key, value);
    return true;
}

const mote_tensor *mote_op_input(const mote_graph *g, const mote_op *op, int index)
{
    return index < op->input_count && op->inputs[index] >= 0 ? &g->tensors[op->inputs[index]] : NULL;
}

const mote_tensor *mote_op_output(const mote_graph *g, const mote_op *op, int index)
{
    return index < op->output_count && op->outputs[index] >= 0 ? &g->tensors[op->outputs[index]] : NULL;
}
