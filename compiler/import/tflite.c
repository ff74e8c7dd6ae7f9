/* Imports TensorFlow Lite: an integer file becomes a packed graph, a float file a float graph. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/check.h"
#include "compiler/import/tflite.h"
#include "compiler/import/tflite_import.h"
#include "compiler/pack/container.h"
#include "compiler/plan/arena.h"

static bool reads_values(const mote_tflite_operator *op, uint32_t input)
{
    const mote_tflite_rule *rule = mote_tflite_rule_of(op->code);
    return !rule || input >= 32 || (rule->values >> input & 1);
}

/* True if an output depends on the operator, or if it has effects instead of results. */
static bool is_needed(const mote_tflite_import *p, const mote_tflite_operator *op)
{
    for (uint32_t i = 0; i < op->outputs.count; i++)
        if (p->values[mote_tflite_at(&op->outputs, i)].needed)
            return true;
    return !op->outputs.count;
}

/* Marks what the outputs depend on and counts the readers. */
static void mark(mote_tflite_import *p)
{
    const mote_tflite_model *m = p->model;
    for (uint32_t i = 0; i < m->tensor_count; i++)
        p->values[i] = (mote_tflite_value){
            .tensor = -1, .reader = -1, .constant = m->tensors[i].data && !m->tensors[i].variable ? (int)i : -1};
    for (uint32_t i = 0; i < m->outputs.count; i++) {
        mote_tflite_value *v = &p->values[mote_tflite_at(&m->outputs, i)];
        v->needed = true;
        v->readers++;
    }
    for (uint32_t k = m->operator_count; k-- > 0;) {
        const mote_tflite_operator *op = &m->operators[k];
        if (!is_needed(p, op)) {
            p->folded[op->code & 255]++;
            continue;
        }
        for (uint32_t i = 0; i < op->inputs.count; i++) {
            const int index = mote_tflite_at(&op->inputs, i);
            if (index < 0 || !reads_values(op, i))
                continue;
            p->values[index].needed = true;
            p->values[index].readers++;
            p->values[index].reader = (int)k;
            p->values[index].convolved +=
                i == 0 && (op->code == MOTE_TFLITE_OP_CONV_2D || op->code == MOTE_TFLITE_OP_DEPTHWISE_CONV_2D);
        }
    }
}

/* True for a type that stands for reals. */
static bool is_stored(int type)
{
    return type == MOTE_TFLITE_I8 || type == MOTE_TFLITE_U8 || type == MOTE_TFLITE_I16;
}

/* Decides whether the network is packed: if operators compute in integers. Refuses one that computes in floats then. */
static bool find_arithmetic(mote_tflite_import *p)
{
    const mote_tflite_operator *real = NULL; /* the first one */
    for (uint32_t k = 0; k < p->model->operator_count; k++) {
        const mote_tflite_operator *op = &p->model->operators[k];
        const bool converts = op->code == MOTE_TFLITE_OP_QUANTIZE || op->code == MOTE_TFLITE_OP_DEQUANTIZE;
        if (!is_needed(p, op) || !op->outputs.count)
            continue;
        const mote_tflite_tensor *x = mote_tflite_input(p, op, 0);
        const int type = mote_tflite_output(p, op)->type;
        if (type == MOTE_TFLITE_F32 && !converts && !real)
            real = op;
        if ((is_stored(type) && mote_tflite_rule_of(op->code)) ||
            (converts && x && x->type != MOTE_TFLITE_F32 && !mote_tflite_constant(p, op, 0)))
            p->g->packed = true;
    }
    return !real || !p->g->packed ||
           mote_tflite_refuse(p, real, "in floats beside operators in integers; convert with int8 throughout");
}

/* Returns the integer tensor that a float input of an integer network becomes; NULL if there is none. */
static const mote_tflite_tensor *quantized_input(const mote_tflite_import *p, int index)
{
    for (uint32_t k = 0; k < p->model->operator_count; k++) {
        const mote_tflite_operator *op = &p->model->operators[k];
        if (op->code == MOTE_TFLITE_OP_QUANTIZE && op->inputs.count && op->outputs.count &&
            mote_tflite_at(&op->inputs, 0) == index)
            return mote_tflite_output(p, op);
    }
    return NULL;
}

/* Notes the numbers of the inputs or outputs that were floats and are integers now. */
static bool note_floats(mote_tflite_import *p, const char *key, const mote_flat_vector *list)
{
    char text[128] = "";
    for (uint32_t i = 0; i < list->count; i++) {
        const size_t used = strlen(text);
        if (p->model->tensors[mote_tflite_at(list, i)].type == MOTE_TFLITE_F32 && used < sizeof text - 12)
            snprintf(text + used, sizeof text - used, "%s%" PRIu32, used ? " " : "", i);
    }
    return !p->g->packed || !text[0] || mote_graph_set_meta(p->g, key, text) ||
           mote_fail(p->error, MOTE_E_INTERNAL, "out of memory");
}

static bool add_inputs(mote_tflite_import *p)
{
    const mote_tflite_model *m = p->model;
    for (uint32_t i = 0; i < m->inputs.count; i++) {
        const int index = mote_tflite_at(&m->inputs, i);
        const mote_tflite_tensor *t = &m->tensors[index], *like = t;
        if (p->values[index].tensor >= 0 || p->values[index].constant >= 0)
            return mote_fail(p->error, MOTE_E_FORMAT, "%s: input %" PRIu32 " is another input, or a constant", m->path,
                             i);
        if (!p->values[index].needed)
            continue;
        if (p->g->packed && t->type == MOTE_TFLITE_F32 && quantized_input(p, index))
            like = quantized_input(p, index);
        p->values[index].tensor = mote_tflite_add_input(p, t, like);
        if (p->values[index].tensor < 0)
            return false;
    }
    return note_floats(p, "float_inputs", &m->inputs);
}

static bool any_refused(const mote_tflite_import *p, const mote_tflite_operator *op)
{
    for (uint32_t i = 0; i < op->inputs.count; i++)
        if (mote_tflite_at(&op->inputs, i) >= 0 && p->values[mote_tflite_at(&op->inputs, i)].refused)
            return true;
    return false;
}

static bool convert(mote_tflite_import *p)
{
    for (uint32_t k = 0; k < p->model->operator_count; k++) {
        const mote_tflite_operator *op = &p->model->operators[k];
        const mote_tflite_rule *rule = op->outputs.count ? mote_tflite_rule_of(op->code) : NULL;
        p->first = p->g->tensor_count;
        if (!is_needed(p, op))
            continue;
        if (rule && any_refused(p, op)) {
            for (uint32_t i = 0; i < op->outputs.count; i++)
                p->values[mote_tflite_at(&op->outputs, i)].refused = true;
            continue;
        }
        if (!(rule ? rule->convert(p, op) : mote_tflite_refuse(p, op, mote_tflite_advice(op->code))))
            return false;
    }
    return mote_tflite_refused(p);
}

static bool add_outputs(mote_tflite_import *p)
{
    const mote_tflite_model *m = p->model;
    for (uint32_t i = 0; i < m->outputs.count; i++) {
        const int index = mote_tflite_at(&m->outputs, i);
        const mote_tflite_value *v = &p->values[index];
        if (v->tensor < 0)
            return mote_fail(p->error, MOTE_E_FORMAT, "%s: no operator makes output %" PRIu32, m->path, i);
        if (!mote_tflite_add_output(p, &m->tensors[index], v->tensor))
            return false;
    }
    return note_floats(p, "float_outputs", &m->outputs);
}

/* Notes the operators of the file that the graph does without. */
static bool note_folded(mote_tflite_import *p)
{
    char text[400] = "";
    for (int code = 0; code < 256; code++) {
        const size_t used = strlen(text);
        const char *name = mote_tflite_operator_name(code);
        if (p->folded[code])
            snprintf(text + used, sizeof text - used, "%s%s %u", used ? ", " : "", name, p->folded[code]);
    }
    return !text[0] || mote_graph_set_meta(p->g, "import_folded", text) ||
           mote_fail(p->error, MOTE_E_INTERNAL, "out of memory");
}

static bool is_sound(const mote_tflite_import *p)
{
    mote_error why;
    return (mote_graph_check(p->g, &why) && (!p->g->packed || mote_graph_plan(p->g, &why))) ||
           mote_fail(p->error, why.code, "%s: %.400s", p->model->path, why.text);
}

static bool import(mote_tflite_import *p)
{
    p->values = calloc(p->model->tensor_count + (size_t)1, sizeof *p->values);
    if (!p->values)
        return mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory", p->model->path);
    mark(p);
    return find_arithmetic(p) && add_inputs(p) && convert(p) && add_outputs(p) && note_folded(p) && is_sound(p);
}

bool mote_import_tflite_bytes(mote_graph *g, const char *path, const uint8_t *data, size_t size,
                              const mote_import_options *options, mote_error *error)
{
    mote_tflite_model m;
    mote_graph_init(g);
    if (!mote_tflite_read(&m, path, data, size, error))
        return false;
    mote_tflite_import p = {
        .model = &m, .g = g, .allow_nonfinite = options->allow_nonfinite, .room = 8 * (uint64_t)size, .error = error};
    const bool done = import(&p);
    free(p.values);
    free(p.refusals);
    mote_tflite_free(&m);
    if (!done)
        mote_graph_free(g);
    return done;
}

bool mote_import_tflite(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    mote_bytes file;
    if (!mote_file_read(path, MOTE_FILE_LIMIT, &file, error))
        return false;
    const bool done = mote_import_tflite_bytes(g, path, file.data, file.size, options, error);
    free(file.data);
    return done;
}
