#include "compiler/import/tflite_model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/limits.h"

/* Numbers of fields, in the order of the schema. */
enum {
    MODEL_VERSION,
    MODEL_CODES,
    MODEL_SUBGRAPHS,
    MODEL_BUFFERS = 4,
    CODE_OLD = 0,
    CODE_CUSTOM,
    CODE_BUILTIN = 3,
    SUBGRAPH_TENSORS = 0,
    SUBGRAPH_INPUTS,
    SUBGRAPH_OUTPUTS,
    SUBGRAPH_OPERATORS,
    TENSOR_SHAPE = 0,
    TENSOR_TYPE,
    TENSOR_BUFFER,
    TENSOR_NAME,
    TENSOR_QUANTIZATION,
    TENSOR_VARIABLE,
    TENSOR_SPARSITY,
    QUANTIZATION_SCALE = 2,
    QUANTIZATION_ZERO_POINT,
    QUANTIZATION_AXIS = 6,
    OPERATOR_CODE = 0,
    OPERATOR_INPUTS,
    OPERATOR_OUTPUTS,
    OPERATOR_OPTIONS = 4, /* after the type of the union */
    BUFFER_DATA = 0,
    BUFFER_OFFSET,
    VERSION = 3,
};

uint32_t mote_tflite_type_size(int type)
{
    switch (type) {
    case MOTE_TFLITE_F32:
    case MOTE_TFLITE_I32:
        return 4;
    case MOTE_TFLITE_F16:
    case MOTE_TFLITE_I16:
        return 2;
    case MOTE_TFLITE_I64:
        return 8;
    case MOTE_TFLITE_U8:
    case MOTE_TFLITE_I8:
        return 1;
    default:
        return 0;
    }
}

const char *mote_tflite_operator_name(int code)
{
    switch (code) {
#define OPERATOR(NAME, number)                                                                                         \
    case number:                                                                                                       \
        return #NAME;
#include "compiler/import/tflite_codes.def"
#undef OPERATOR
    default:
        return "an unknown operator";
    }
}

int mote_tflite_at(const mote_flat_vector *list, uint32_t i)
{
    return i < list->count ? (int32_t)mote_flat_u32(mote_flat_data(list) + 4 * i) : -1;
}

float mote_tflite_scale(const mote_tflite_tensor *t, uint32_t i)
{
    const uint32_t k = t->scales.count > 1 ? i : 0;
    return k < t->scales.count ? mote_flat_f32(mote_flat_data(&t->scales) + 4 * k) : 0;
}

int32_t mote_tflite_zero_point(const mote_tflite_tensor *t, uint32_t i)
{
    const uint32_t k = t->zero_points.count > 1 ? i : 0;
    return k < t->zero_points.count ? (int32_t)mote_flat_i64(mote_flat_data(&t->zero_points) + 8 * k) : 0;
}

int64_t mote_tflite_integer(const mote_tflite_tensor *t, uint32_t i)
{
    const uint8_t *at = t->data + (size_t)i * mote_tflite_type_size(t->type);
    switch (t->type) {
    case MOTE_TFLITE_I64:
        return mote_flat_i64(at);
    case MOTE_TFLITE_I32:
        return (int32_t)mote_flat_u32(at);
    case MOTE_TFLITE_I16:
        return (int16_t)(at[0] | at[1] << 8);
    case MOTE_TFLITE_U8:
        return *at;
    default:
        return (int8_t)*at;
    }
}

static bool fail_tensor(const mote_tflite_model *m, uint32_t i, const char *what, mote_error *error)
{
    return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %" PRIu32 " %s", m->path, i, what);
}

static bool read_shape(const mote_tflite_model *m, uint32_t i, const mote_flat_vector *shape, mote_error *error)
{
    mote_tflite_tensor *t = &m->tensors[i];
    uint64_t elements = 1;
    if (shape->count > MOTE_TFLITE_RANK)
        return fail_tensor(m, i, "has more than 8 dimensions", error);
    t->rank = (int)shape->count;
    for (int k = 0; k < t->rank; k++) {
        t->dims[k] = mote_tflite_at(shape, (uint32_t)k);
        if (t->dims[k] < 0)
            return fail_tensor(m, i, "has a negative dimension", error);
        elements *= (uint32_t)t->dims[k];
        if (elements > MOTE_MOST_ELEMENTS)
            return fail_tensor(m, i, "has more elements than one may have", error);
    }
    t->elements = (uint32_t)elements;
    return true;
}

static bool read_scales(mote_tflite_model *m, uint32_t i, mote_flat_table *quantization, mote_error *error)
{
    mote_tflite_tensor *t = &m->tensors[i];
    t->scales = mote_flat_vector_of(quantization, QUANTIZATION_SCALE, 4);
    t->zero_points = mote_flat_vector_of(quantization, QUANTIZATION_ZERO_POINT, 8);
    t->axis = (int)mote_flat_int(quantization, QUANTIZATION_AXIS, 4, 0);
    const uint32_t count = t->scales.count;
    m->scales += count + 2ull * t->zero_points.count;
    if (m->scales > 4ull * m->flat.size)
        return fail_tensor(m, i, "shares its scales with others", error);
    if (count > 1 && (t->axis < 0 || t->axis >= t->rank || (uint32_t)t->dims[t->axis] != count))
        t->axis = -1; /* usual for biases, whose scales nothing needs */
    if (t->zero_points.count > 1 && t->zero_points.count != count)
        return fail_tensor(m, i, "has other numbers of scales and zero points", error);
    for (uint32_t k = 0; k < count; k++) {
        const float scale = mote_tflite_scale(t, k);
        if (!(scale >= 0 && scale < 1e30f))
            return fail_tensor(m, i, "has a scale that is no positive number", error);
    }
    for (uint32_t k = 0; k < t->zero_points.count; k++) {
        const int64_t zero = mote_flat_i64(mote_flat_data(&t->zero_points) + 8 * k);
        if (zero < INT16_MIN || zero > INT16_MAX)
            return fail_tensor(m, i, "has a zero point outside of 16 bits", error);
    }
    return true;
}

static bool read_data(const mote_tflite_model *m, uint32_t i, mote_flat_table *table, const mote_flat_vector *buffers,
                      mote_error *error)
{
    mote_tflite_tensor *t = &m->tensors[i];
    const int64_t index = mote_flat_int(table, TENSOR_BUFFER, 4, 0);
    if (index < 0 || index >= buffers->count)
        return fail_tensor(m, i, "has the number of no buffer", error);
    mote_flat_table buffer = mote_flat_element(buffers, (uint32_t)index);
    if (mote_flat_int(&buffer, BUFFER_OFFSET, 8, 0) > 1)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: tensor %" PRIu32 " has its data after the FlatBuffer", m->path,
                         i);
    const mote_flat_vector data = mote_flat_vector_of(&buffer, BUFFER_DATA, 1);
    if (!data.count)
        return true;
    const uint32_t size = mote_tflite_type_size(t->type);
    mote_flat_table sparsity = mote_flat_child(table, TENSOR_SPARSITY);
    if (sparsity.in)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: tensor %" PRIu32 " is stored sparse; convert the model without sparsity", m->path, i);
    if (size && (uint64_t)t->elements * size != data.count)
        return fail_tensor(m, i, "has a buffer of another size than its shape", error);
    t->data = size ? mote_flat_data(&data) : NULL;
    return true;
}

static bool read_tensor(mote_tflite_model *m, uint32_t i, const mote_flat_vector *tensors,
                        const mote_flat_vector *buffers, mote_error *error)
{
    mote_flat_table table = mote_flat_element(tensors, i);
    mote_flat_table quantization = mote_flat_child(&table, TENSOR_QUANTIZATION);
    const mote_flat_vector shape = mote_flat_vector_of(&table, TENSOR_SHAPE, 4);
    mote_tflite_tensor *t = &m->tensors[i];
    t->name = mote_flat_vector_of(&table, TENSOR_NAME, 1);
    t->type = (int)mote_flat_int(&table, TENSOR_TYPE, 1, 0);
    t->variable = mote_flat_int(&table, TENSOR_VARIABLE, 1, 0);
    return read_shape(m, i, &shape, error) && read_scales(m, i, &quantization, error) &&
           read_data(m, i, &table, buffers, error);
}

static bool list_fits(const mote_tflite_model *m, const mote_flat_vector *list, int least, mote_error *error)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const int index = mote_tflite_at(list, i);
        if (index < least || index >= (int)m->tensor_count)
            return mote_fail(error, MOTE_E_FORMAT, "%s: a list at byte %" PRIu32 " names tensor %d of %" PRIu32,
                             m->path, list->at, index, m->tensor_count);
    }
    return true;
}

static bool read_operator(const mote_tflite_model *m, uint32_t i, const mote_flat_vector *operators,
                          const mote_flat_vector *codes, mote_error *error)
{
    mote_flat_table table = mote_flat_element(operators, i);
    mote_tflite_operator *op = &m->operators[i];
    const int64_t index = mote_flat_int(&table, OPERATOR_CODE, 4, 0);
    if (index < 0 || index >= codes->count)
        return mote_fail(error, MOTE_E_FORMAT, "%s: operator %" PRIu32 " has no code", m->path, i);
    mote_flat_table code = mote_flat_element(codes, (uint32_t)index);
    const int64_t old = mote_flat_int(&code, CODE_OLD, 1, 0), builtin = mote_flat_int(&code, CODE_BUILTIN, 4, 0);
    op->code = (int)(old > builtin ? old : builtin);
    op->custom = mote_flat_vector_of(&code, CODE_CUSTOM, 1);
    op->inputs = mote_flat_vector_of(&table, OPERATOR_INPUTS, 4);
    op->outputs = mote_flat_vector_of(&table, OPERATOR_OUTPUTS, 4);
    op->options = mote_flat_child(&table, OPERATOR_OPTIONS);
    if (op->inputs.count > MOTE_TFLITE_OPERANDS || op->outputs.count > MOTE_TFLITE_OPERANDS)
        return mote_fail(error, MOTE_E_FORMAT, "%s: operator %" PRIu32 " has too many operands", m->path, i);
    return list_fits(m, &op->inputs, -1, error) && list_fits(m, &op->outputs, 0, error);
}

static bool read_subgraph(mote_tflite_model *m, mote_flat_table *root, mote_error *error)
{
    const mote_flat_vector subgraphs = mote_flat_vector_of(root, MODEL_SUBGRAPHS, 4);
    const mote_flat_vector codes = mote_flat_vector_of(root, MODEL_CODES, 4);
    const mote_flat_vector buffers = mote_flat_vector_of(root, MODEL_BUFFERS, 4);
    mote_flat_table subgraph = mote_flat_element(&subgraphs, 0);
    const mote_flat_vector tensors = mote_flat_vector_of(&subgraph, SUBGRAPH_TENSORS, 4);
    const mote_flat_vector operators = mote_flat_vector_of(&subgraph, SUBGRAPH_OPERATORS, 4);
    m->inputs = mote_flat_vector_of(&subgraph, SUBGRAPH_INPUTS, 4);
    m->outputs = mote_flat_vector_of(&subgraph, SUBGRAPH_OUTPUTS, 4);
    if (m->inputs.count > MOTE_TFLITE_OPERANDS || m->outputs.count > MOTE_TFLITE_OPERANDS)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: more than %d inputs or outputs", m->path,
                         MOTE_TFLITE_OPERANDS);
    if (tensors.count > MOTE_TFLITE_MOST || operators.count > MOTE_TFLITE_MOST)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: %" PRIu32 " tensors and %" PRIu32 " operators; at most %d of each are supported", m->path,
                         tensors.count, operators.count, MOTE_TFLITE_MOST);
    m->tensors = calloc(tensors.count + (size_t)1, sizeof *m->tensors);
    m->operators = calloc(operators.count + (size_t)1, sizeof *m->operators);
    if (!m->tensors || !m->operators)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", m->path);
    m->tensor_count = tensors.count;
    m->operator_count = operators.count;
    for (uint32_t i = 0; i < tensors.count && !m->flat.fault; i++)
        if (!read_tensor(m, i, &tensors, &buffers, error))
            return false;
    for (uint32_t i = 0; i < operators.count && !m->flat.fault; i++)
        if (!read_operator(m, i, &operators, &codes, error))
            return false;
    return m->flat.fault || (list_fits(m, &m->inputs, 0, error) && list_fits(m, &m->outputs, 0, error));
}

bool mote_tflite_read(mote_tflite_model *m, const char *path, const uint8_t *data, size_t size, mote_error *error)
{
    *m = (mote_tflite_model){.path = path};
    mote_flat_table root = mote_flat_root(&m->flat, data, size);
    const int64_t version = mote_flat_int(&root, MODEL_VERSION, 4, 0);
    bool done =
        m->flat.fault || version == VERSION ||
        mote_fail(error, MOTE_E_UNSUPPORTED, "%s: version %" PRId64 " of the format; only 3 is known", path, version);
    done = done && read_subgraph(m, &root, error);
    if (m->flat.fault)
        done = mote_fail(error, MOTE_E_FORMAT, "%s: byte %" PRIu32 " of the file %s; it is damaged", path,
                         m->flat.fault_at, m->flat.fault);
    if (!done)
        mote_tflite_free(m);
    return done;
}

void mote_tflite_free(mote_tflite_model *m)
{
    free(m->tensors);
    free(m->operators);
    *m = (mote_tflite_model){0};
}
