#include "run/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/graph/names.h"
#include "compiler/manifest/number.h"
#include "compiler/pack/container.h"
#include "runtime/ops/ops.h"

static mote_port port_of(const mote_tensor *t)
{
    const bool integer = t->dtype != MOTE_F32 && t->dtype != MOTE_U16 && t->quantization.scale > 0;
    mote_port p = {.name = t->name,
                   .dims = t->dims,
                   .rank = (uint32_t)t->rank,
                   .type = t->dtype,
                   .count = mote_tensor_elements(t),
                   .scale = integer ? (double)t->quantization.scale : 1,
                   .zero_point = integer ? t->quantization.zero_point : 0};
    p.size = p.count * mote_dtype_bytes(t->dtype);
    return p;
}

bool mote_ports_of(const mote_graph *g, mote_role role, mote_port **ports, int *count)
{
    for (*count = 0; mote_graph_of_role(g, role, *count) >= 0;)
        ++*count;
    *ports = calloc((size_t)*count + 1, sizeof **ports);
    for (int i = 0; *ports && i < *count; i++)
        (*ports)[i] = port_of(&g->tensors[mote_graph_of_role(g, role, i)]);
    return *ports;
}

static bool start_packed(mote_network *n, mote_error *error)
{
    const size_t size = mote_arena_size(&n->model) + mote_state_size(&n->model);
    n->memory = aligned_alloc(MOTE_ALIGNMENT, size + MOTE_ALIGNMENT);
    if (!n->memory)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its arena and state, %zu bytes", n->path, size);
    mote_begin(&n->session, &n->model, n->memory, size);
    return true;
}

static bool start_float(mote_network *n, mote_error *error)
{
    const mote_executor_options one = {.steps = 1, .streams = 1, .workers = 1};
    mote_error why;
    if (!mote_graph_check_finite(&n->graph, &why))
        return mote_fail(error, why.code, "%s: %.400s", n->path, why.text);
    n->given = calloc((size_t)n->input_count + 1, sizeof *n->given);
    for (int i = 0; n->given && i < n->input_count; i++)
        if (!(n->given[i] = calloc(1, n->inputs[i].size + 1)))
            return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its inputs", n->path);
    return n->given ? mote_executor_init(&n->executor, &n->graph, &one, error)
                    : mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its inputs", n->path);
}

static bool start(mote_network *n, mote_error *error)
{
    const mote_status status = mote_open(&n->model, n->file.data, n->file.size);
    n->packed = status == MOTE_SUCCESS;
    if (!n->packed && status != MOTE_NOT_PACKED)
        return mote_fail_open(error, status, n->file.data, n->file.size, n->path);
    if (!mote_graph_view(&n->graph, n->file.data, n->file.size, n->path, error))
        return false;
    if (!mote_ports_of(&n->graph, MOTE_INPUT, &n->inputs, &n->input_count) ||
        !mote_ports_of(&n->graph, MOTE_OUTPUT, &n->outputs, &n->output_count))
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its inputs and outputs", n->path);
    return n->packed ? start_packed(n, error) : start_float(n, error);
}

bool mote_network_open(mote_network *n, const char *path, mote_error *error)
{
    *n = (mote_network){.path = path};
    if (mote_file_read(path, MOTE_FILE_LIMIT, &n->file, error) && start(n, error))
        return true;
    mote_network_close(n);
    return false;
}

void mote_network_close(mote_network *n)
{
    if (n->executor.slices)
        mote_executor_free(&n->executor);
    for (int i = 0; n->given && i < n->input_count; i++)
        free(n->given[i]);
    free(n->given);
    free(n->memory);
    free(n->inputs);
    free(n->outputs);
    mote_graph_free(&n->graph);
    free(n->file.data);
    *n = (mote_network){0};
}

void mote_network_reset(mote_network *n)
{
    if (n->packed)
        mote_reset(&n->session);
    else
        mote_executor_reset(&n->executor, 0);
}

/* The number of rows of the smallest table that ids of the input index. */
static uint32_t table_rows(const mote_network *n, int i)
{
    const mote_graph *g = &n->graph;
    const int input = mote_graph_of_role(g, MOTE_INPUT, i);
    uint32_t rows = UINT32_MAX;
    for (int k = 0; k < g->op_count; k++) {
        const mote_op *op = &g->ops[k];
        if (!mote_op_has(op, MOTE_TRAIT_LOOKUP) || mote_op_operand(op, MOTE_OPERAND_VALUE) != input)
            continue;
        const uint32_t of_table = g->tensors[mote_op_operand(op, MOTE_OPERAND_TABLE)].dims[0];
        rows = of_table < rows ? of_table : rows;
    }
    return rows;
}

static bool check_ids(const mote_network *n, int i, const uint16_t *ids, mote_error *error)
{
    const uint32_t rows = table_rows(n, i);
    for (size_t k = 0; k < n->inputs[i].count; k++)
        if (ids[k] >= rows)
            return mote_fail(error, MOTE_E_INPUT, "value %zu of input %s is %u, but ids are below %u", k,
                             n->inputs[i].name, ids[k], rows);
    return true;
}

/* Copies rows of the last dimension between contiguous memory and the value's stride. */
static void copy_rows(const mote_value *v, const mote_port *p, void *contiguous, bool in)
{
    const size_t row = p->dims[p->rank - 1] * mote_dtype_bytes(p->type), rows = row ? p->size / row : 0;
    for (size_t r = 0; r < rows; r++) {
        uint8_t *device = (uint8_t *)v->data + r * v->stride, *host = (uint8_t *)contiguous + r * row;
        memcpy(in ? device : host, in ? host : device, row);
    }
}

bool mote_network_set(mote_network *n, int i, const void *stored, mote_error *error)
{
    const mote_port *p = &n->inputs[i];
    if (p->type == MOTE_U16 && !check_ids(n, i, stored, error))
        return false;
    if (n->packed) {
        const mote_value v = mote_input(&n->session, (uint32_t)i);
        copy_rows(&v, p, (void *)(uintptr_t)stored, true);
    } else {
        memcpy(n->given[i], stored, p->size);
    }
    return true;
}

bool mote_network_set_real(mote_network *n, int i, const void *values, mote_error *error)
{
    const mote_port *p = &n->inputs[i];
    if (p->type == MOTE_U16 || p->type == MOTE_F32)
        return mote_network_set(n, i, values, error);
    uint8_t *stored = malloc(p->size + 1);
    if (!stored)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for input %s", p->name);
    for (size_t k = 0; k < p->count; k++)
        mote_port_store(p, stored, k, (double)((const float *)values)[k]);
    const bool done = mote_network_set(n, i, stored, error);
    free(stored);
    return done;
}

static void show(const mote_network *n, int op, mote_tensor_reader *reader, void *context)
{
    const unsigned plain =
        1u << MOTE_F32 | 1u << MOTE_I32 | 1u << MOTE_I16 | 1u << MOTE_I8 | 1u << MOTE_U16 | 1u << MOTE_U8;
    const int t = mote_op_result(&n->graph.ops[op]);
    const mote_port form = port_of(&n->graph.tensors[t]);
    const void *stored = n->packed                       ? mote_data(&n->session, (uint32_t)t)
                         : n->executor.table_rows[t] > 0 ? NULL
                                                         : n->executor.slices[0].seen[t];
    if (stored && plain >> form.type & 1)
        reader(context, t, &form, stored);
}

void mote_network_trace(mote_network *n, mote_tensor_reader *reader, void *context)
{
    if (!n->packed)
        mote_network_run(n);
    for (int i = 0; i < n->graph.op_count; i++) {
        if (n->packed)
            mote_operator_run(&n->session, (uint32_t)i);
        show(n, i, reader, context);
    }
    n->session.position += n->packed;
}

void mote_network_run(mote_network *n)
{
    if (n->packed)
        mote_run(&n->session);
    else
        mote_executor_forward(&n->executor, 0, (const void *const *)n->given, 1, 0);
}

void mote_network_get(mote_network *n, int i, void *stored)
{
    if (n->packed) {
        const mote_value v = mote_output(&n->session, (uint32_t)i);
        copy_rows(&v, &n->outputs[i], stored, false);
    } else {
        memcpy(stored, mote_executor_output(&n->executor, 0, i), n->outputs[i].size);
    }
}

double mote_port_real(const mote_port *p, const void *stored, size_t i)
{
    return (mote_dtype_get(p->type, stored, i) - p->zero_point) * p->scale;
}

void mote_port_store(const mote_port *p, void *stored, size_t i, double real)
{
    double least, most;
    mote_dtype_limits(p->type, &least, &most);
    const double value = p->type == MOTE_F32 ? real : round(real / p->scale) + p->zero_point;
    mote_dtype_put(p->type, stored, i, fmin(fmax(value, least), most));
}

void mote_port_text(const mote_port *p, char *to, size_t size)
{
    size_t n = (size_t)snprintf(to, size, "%s [", p->name);
    for (uint32_t i = 0; i < p->rank && n < size; i++)
        n += (size_t)snprintf(to + n, size - n, "%s%u", i ? ", " : "", p->dims[i]);
    if (n < size)
        snprintf(to + n, size - n, "] of %s", mote_dtype_name(p->type));
}
