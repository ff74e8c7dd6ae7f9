#include "compiler/import/onnx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/check.h"
#include "compiler/import/onnx_rules.h"

enum { FILE_LIMIT = 1 << 30, MOST_NODES = 1 << 16, MOST_VALUES = 256 };

static bool invalid(const mote_onnx_import *p, const char *why)
{
    return mote_fail(p->error, MOTE_E_FORMAT, "%s: %s", p->path, why);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mote_onnx_value *)a)->name, ((const mote_onnx_value *)b)->name);
}

static void name_value(mote_onnx_import *p, const char *name)
{
    p->values[p->value_count++] = (mote_onnx_value){.name = name ? name : "", .tensor = -1};
}

/* Lists every name of the file once, sorted. */
static bool list_values(mote_onnx_import *p)
{
    const MoteOnnx__Graph *f = p->file;
    size_t count = f->n_inputs + f->n_initializers + f->n_outputs, kept = 0;
    for (size_t i = 0; i < f->n_nodes; i++)
        count += f->nodes[i]->n_inputs + f->nodes[i]->n_outputs;
    p->values = calloc(count + 1, sizeof *p->values);
    if (!p->values)
        return mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory", p->path);
    for (size_t i = 0; i < f->n_inputs; i++)
        name_value(p, f->inputs[i]->name);
    for (size_t i = 0; i < f->n_outputs; i++)
        name_value(p, f->outputs[i]->name);
    for (size_t i = 0; i < f->n_initializers; i++)
        name_value(p, f->initializers[i]->name);
    for (size_t i = 0; i < f->n_nodes; i++) {
        for (size_t k = 0; k < f->nodes[i]->n_inputs; k++)
            name_value(p, f->nodes[i]->inputs[k]);
        for (size_t k = 0; k < f->nodes[i]->n_outputs; k++)
            name_value(p, f->nodes[i]->outputs[k]);
    }
    qsort(p->values, p->value_count, sizeof *p->values, by_name);
    for (size_t i = 0; i < p->value_count; i++)
        if (!kept || strcmp(p->values[i].name, p->values[kept - 1].name) != 0)
            p->values[kept++] = p->values[i];
    p->value_count = kept;
    return true;
}

static void count_readers(mote_onnx_import *p)
{
    for (size_t i = 0; i < p->file->n_nodes; i++)
        for (size_t k = 0; k < p->file->nodes[i]->n_inputs; k++)
            mote_onnx_find(p, p->file->nodes[i]->inputs[k])->readers++;
    for (size_t i = 0; i < p->file->n_outputs; i++)
        mote_onnx_find(p, p->file->outputs[i]->name ? p->file->outputs[i]->name : "")->readers++;
}

static bool set_constant(mote_onnx_import *p, mote_onnx_value *v, const MoteOnnx__Tensor *t)
{
    if (v->constant || v->tensor >= 0)
        return invalid(p, "two values have one name");
    if (t->location)
        return mote_fail(p->error, MOTE_E_UNSUPPORTED,
                         "%s: its values are in another file; save the model with its values inside", p->path);
    if (!mote_onnx_sound(t))
        return mote_fail(p->error, MOTE_E_FORMAT,
                         "%s: the constant %.100s has a type, a shape or a size that is not supported", p->path,
                         v->name);
    v->constant = t;
    v->rank = (int)t->n_dims;
    for (int i = 0; i < v->rank; i++) {
        v->dims[i] = t->dims[i];
        v->order[i] = i;
    }
    return true;
}

static bool add_initializers(mote_onnx_import *p)
{
    for (size_t i = 0; i < p->file->n_initializers; i++) {
        const MoteOnnx__Tensor *t = p->file->initializers[i];
        if (!set_constant(p, mote_onnx_find(p, t->name ? t->name : ""), t))
            return false;
    }
    return true;
}

/* True for a picture that convolutions alone read: its tensor has the channels last. */
static bool is_picture(const mote_onnx_import *p, const mote_onnx_value *v)
{
    bool convolved = v->rank == 4 && v->dims[0] == 1 && v->readers > 0;
    for (size_t i = 0; i < p->file->n_nodes && convolved; i++) {
        const MoteOnnx__Node *n = p->file->nodes[i];
        for (size_t k = 0; k < n->n_inputs; k++)
            convolved &= strcmp(n->inputs[k], v->name) != 0 || (n->operator_ && strcmp(n->operator_, "Conv") == 0);
    }
    return convolved;
}

static bool add_input(mote_onnx_import *p, const MoteOnnx__ValueInfo *info)
{
    const MoteOnnx__TensorType *type = info->type ? info->type->tensor : NULL;
    mote_onnx_value *v = mote_onnx_find(p, info->name ? info->name : "");
    uint32_t dims[MOTE_RANK];
    if (v->constant) /* old files list initializers as inputs */
        return true;
    if (v->tensor >= 0)
        return invalid(p, "two values have one name");
    if (!type || type->type != MOTE_ONNX_F32 || !type->shape || type->shape->n_dims > MOTE_ONNX_RANK)
        return mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: the input %.100s is no tensor of float32 of a known shape",
                         p->path, v->name);
    v->rank = (int)type->shape->n_dims;
    for (int i = 0; i < v->rank; i++) {
        const MoteOnnx__Dimension *d = type->shape->dims[i];
        v->dims[i] = i == 0 && !d->has_value ? 1 : d->has_value ? d->value : 0;
        v->order[i] = i;
        if (v->dims[i] < 1 || v->dims[i] > INT32_MAX)
            return mote_fail(p->error, MOTE_E_UNSUPPORTED,
                             "%s: dimension %d of the input %.100s is not known or not valid; export the model with "
                             "fixed sizes",
                             p->path, i, v->name);
    }
    if (is_picture(p, v))
        memcpy(v->order, (const int[]){0, 2, 3, 1}, 4 * sizeof *v->order);
    char name[100];
    snprintf(name, sizeof name, "%s", v->name[0] ? v->name : "input");
    for (char *c = name; *c; c++)
        *c = *c < ' ' || *c > '~' ? '_' : *c;
    v->tensor =
        mote_graph_tensor(p->g, name, MOTE_F32, MOTE_INPUT, mote_onnx_stored(v->rank, v->dims, v->order, dims), dims);
    return v->tensor >= 0 ||
           mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: the input %.100s cannot be a tensor of a model", p->path, name);
}

static bool any_refused(const mote_onnx_import *p)
{
    bool refused = false;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        refused |= v && v->refused;
    }
    return refused;
}

static bool any_missing(const mote_onnx_import *p)
{
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (v && v->tensor < 0 && !v->constant)
            return true;
    }
    return false;
}

static bool convert_node(mote_onnx_import *p)
{
    const char *name = p->node->operator_ ? p->node->operator_ : "";
    const bool own = p->node->domain && p->node->domain[0] && strcmp(p->node->domain, "ai.onnx") != 0;
    const mote_onnx_convert convert = own ? NULL : mote_onnx_rule(name);
    const bool known = convert || (!own && mote_onnx_can_fold(name));
    bool done;
    if (known && any_refused(p)) {
        for (size_t i = 0; i < p->node->n_outputs; i++)
            mote_onnx_find(p, p->node->outputs[i])->refused = true;
        return true;
    }
    if (known && any_missing(p))
        return mote_onnx_fail(p, "reads a value that no node before it makes");
    if (known && mote_onnx_fold(p, &done))
        return done;
    if (!convert)
        return mote_onnx_refuse(p, "");
    if (strcmp(name, "Constant") != 0)
        return convert(p);
    const MoteOnnx__Attribute *a = mote_onnx_attribute(p, "value");
    if (!a || !a->t || p->node->n_outputs != 1)
        return mote_onnx_refuse(p, "without a tensor");
    return set_constant(p, mote_onnx_find(p, p->node->outputs[0]), a->t);
}

static bool convert_nodes(mote_onnx_import *p)
{
    for (p->position = 0; p->position < p->file->n_nodes; p->position++) {
        p->node = p->file->nodes[p->position];
        if (!p->node->n_outputs)
            return mote_onnx_fail(p, "has no output");
        if (!convert_node(p))
            return false;
    }
    p->node = NULL;
    return !p->refused[0] || mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: not supported: %s%s", p->path, p->refused,
                                       p->unlisted ? "; and more" : "");
}

/* The outputs of a graph are in the order of its tensors: a value that is an input, an output or too early gets a view
 * as the output. */
static bool add_output(mote_onnx_import *p, const char *name)
{
    const mote_onnx_value *v = mote_onnx_find(p, name ? name : "");
    if (v->tensor < 0)
        return invalid(p, "no node makes one of the outputs");
    p->output = name;
    int tensor = mote_onnx_plain(p, v);
    if (tensor < 0)
        return false;
    bool late = p->g->tensors[tensor].role == MOTE_ACTIVATION;
    for (int i = tensor + 1; i < p->g->tensor_count && late; i++)
        late = p->g->tensors[i].role != MOTE_OUTPUT;
    int32_t params[MOTE_RANK] = {0};
    for (int i = 0; i < p->g->tensors[tensor].rank; i++)
        params[i] = (int32_t)p->g->tensors[tensor].dims[i];
    if (!late)
        tensor = mote_onnx_make(p, MOTE_OP_RESHAPE, 1, &tensor, params);
    if (tensor >= 0)
        p->g->tensors[tensor].role = MOTE_OUTPUT;
    return tensor >= 0;
}

static bool import(mote_onnx_import *p)
{
    mote_error why;
    if (!list_values(p) || !add_initializers(p))
        return false;
    count_readers(p);
    for (size_t i = 0; i < p->file->n_inputs; i++)
        if (!add_input(p, p->file->inputs[i]))
            return false;
    if (!convert_nodes(p))
        return false;
    for (size_t i = 0; i < p->file->n_outputs; i++)
        if (!add_output(p, p->file->outputs[i]->name))
            return false;
    return mote_graph_check(p->g, &why) || mote_fail(p->error, why.code, "%s: %.400s", p->path, why.text);
}

static bool check_model(mote_onnx_import *p, const MoteOnnx__Model *m)
{
    for (size_t i = 0; i < m->n_operator_sets; i++)
        if (!m->operator_sets[i]->domain || !m->operator_sets[i]->domain[0])
            p->opset = m->operator_sets[i]->version;
    if (!m->graph || !m->graph->n_nodes || !m->graph->n_outputs)
        return invalid(p, "no ONNX model, or one without nodes or outputs");
    if (p->opset < 7 || p->opset > 21)
        return mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: opset %" PRId64 "; opsets 7 to 21 can be imported", p->path,
                         p->opset);
    if (m->graph->n_nodes > MOST_NODES)
        return mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: %zu nodes; at most %d can be imported", p->path,
                         m->graph->n_nodes, MOST_NODES);
    if (m->graph->n_inputs > MOST_NODES || m->graph->n_inputs > MOST_VALUES + m->graph->n_initializers ||
        m->graph->n_outputs > MOST_VALUES)
        return mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: more than %d inputs or outputs", p->path, MOST_VALUES);
    p->file = m->graph;
    return true;
}

bool mote_import_onnx(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    mote_bytes file;
    mote_onnx_import p = {.path = path, .g = g, .allow_nonfinite = options->allow_nonfinite, .error = error};
    mote_graph_init(g);
    if (!mote_file_read(path, FILE_LIMIT, &file, error))
        return false;
    p.room = 8 * (uint64_t)file.size + (1 << 16);
    MoteOnnx__Model *m = mote_onnx__model__unpack(NULL, file.size, file.data);
    free(file.data);
    if (!m)
        return mote_fail(error, MOTE_E_FORMAT, "%s: no valid ONNX file", path);
    const bool done = check_model(&p, m) && import(&p);
    free(p.values);
    for (mote_onnx_folded *n = p.folded, *next; n; n = next) {
        next = n->next;
        free(n);
    }
    mote_onnx__model__free_unpacked(m, NULL);
    if (!done)
        mote_graph_free(g);
    return done;
}
