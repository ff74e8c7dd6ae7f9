#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/import/import.h"
#include "compiler/import/ruvm.h"

static bool refuse(const char *name, const char *what, mote_error *error)
{
    return mote_fail(
        error, MOTE_E_UNSUPPORTED,
        "%s: no RUVM file can hold it: %s. RUVM is RMSNorm, rotary positions at base 10000, SwiGLU, as many "
        "key as query heads, no biases",
        name, what);
}

static uint32_t dim_of(const mote_graph *g, const char *name, int axis)
{
    const int index = mote_graph_find(g, name);
    return index < 0 ? 0 : g->tensors[index].dims[axis];
}

/* Computes the header of a graph. Fails if the graph is packed or a size exceeds its field. */
static bool header_of(const mote_graph *g, const char *name, mote_ruvm_type type, mote_ruvm_header *h,
                      mote_error *error)
{
    uint32_t layers = 0;
    while (layers < 256 && mote_graph_find(g, mote_weight_name_of(MOTE_W_Q, layers).text) >= 0)
        layers++;
    uint32_t heads = 0;
    for (int i = 0; i < g->op_count && !heads; i++)
        if (g->ops[i].opcode == MOTE_OP_ATTENTION)
            heads = (uint32_t)g->ops[i].params[MOTE_ATTENTION_HEADS];
    const uint32_t vocabulary = dim_of(g, "embedding.weight", 0), dim = dim_of(g, "embedding.weight", 1),
                   hidden = dim_of(g, "layer0.up.weight", 0), context = dim_of(g, "layer0.keys", 0);
    if (g->packed)
        return refuse(name, "it is packed; export the float model it was made from", error);
    if (!heads)
        return refuse(name, "it is no transformer", error);
    if (vocabulary > UINT16_MAX || dim > UINT16_MAX || hidden > UINT16_MAX || layers > UINT8_MAX || heads > UINT8_MAX ||
        context > UINT8_MAX) {
        char text[160];
        snprintf(text, sizeof text,
                 "vocabulary %" PRIu32 ", dim %" PRIu32 ", hidden %" PRIu32 ", %" PRIu32 " layers, %" PRIu32
                 " heads, %" PRIu32 " positions is more than its header holds (positions: 255)",
                 vocabulary, dim, hidden, layers, heads, context);
        return refuse(name, text, error);
    }
    *h = (mote_ruvm_header){"RUVM",           (uint16_t)vocabulary, (uint16_t)dim,
                            (uint16_t)hidden, (uint8_t)layers,      (uint8_t)heads,
                            (uint8_t)context, (uint8_t)type,        {0}};
    return true;
}

static bool same_tensor(const mote_graph *a, int i, const mote_graph *b, int j)
{
    if (i < 0 || j < 0)
        return i == j;
    const mote_tensor *x = &a->tensors[i], *y = &b->tensors[j];
    return strcmp(x->name, y->name) == 0 && x->dtype == y->dtype && memcmp(x->dims, y->dims, sizeof x->dims) == 0 &&
           (x->dtype != MOTE_I32 || memcmp(x->data, y->data, mote_tensor_size(x)) == 0);
}

static bool same_op(const mote_graph *a, const mote_op *x, const mote_graph *b, const mote_op *y)
{
    bool same = x->opcode == y->opcode && x->input_count == y->input_count && x->output_count == y->output_count &&
                memcmp(x->params, y->params, (size_t)x->param_count * sizeof *x->params) == 0;
    for (int i = 0; i < x->input_count && same; i++)
        same = same_tensor(a, x->inputs[i], b, y->inputs[i]);
    for (int i = 0; i < x->output_count && same; i++)
        same = same_tensor(a, x->outputs[i], b, y->outputs[i]);
    return same;
}

/* Checks that the graph equals the graph that an importer would build from the header, except for its weights and a
 * tied head, which the file stores as a separate one. */
static bool has_shape(const mote_graph *g, const char *name, mote_transformer_shape shape, mote_error *error)
{
    mote_graph model;
    mote_error why;
    char what[128];
    shape.tied = mote_graph_find(g, mote_weight_name_of(MOTE_W_HEAD, 0).text) < 0;
    if (!mote_transformer_build(&model, &shape, 0, &why))
        return why.code == MOTE_E_USAGE ? refuse(name, why.text, error) : mote_fail(error, why.code, "%s", why.text);
    int different = 0;
    while (different < g->op_count && different < model.op_count &&
           same_op(g, &g->ops[different], &model, &model.ops[different]))
        different++;
    const bool same = different == g->op_count && different == model.op_count;
    mote_graph_free(&model);
    if (same)
        return true;
    snprintf(what, sizeof what, "operator %s is another",
             different < g->op_count ? g->ops[different].name : "after the last");
    return refuse(name, what, error);
}

typedef struct writer {
    const mote_graph *g;
    const char *name; /* name of the model in messages */
    mote_ruvm_type type;
    mote_transformer_shape shape;
    float *row;     /* one row, as long as those of the widest matrix */
    uint8_t *codes; /* codes of a tensor, as many as the largest has */
    FILE *stream;
} writer;

/* A matrix to write. `gain` has the gains of the norm before it; NULL for none. */
typedef struct matrix {
    const char *name;
    const float *data, *gain;
    uint32_t rows, columns;
} matrix;

static const float *row_of(const writer *w, const matrix *m, uint32_t row)
{
    const float *from = m->data + (size_t)row * m->columns;
    for (uint32_t i = 0; i < m->columns; i++)
        w->row[i] = m->gain ? from[i] * m->gain[i] : from[i];
    return w->row;
}

/* Rounds a scale up to `bits` significant bits, so that scale · code is exact and the restored weights give the same
 * scale again. Returns 0, so that all weights become zero, for a scale below the normal floats, where this is not
 * possible. */
static float scale_above(double exact, uint32_t bits)
{
    int exponent;
    const double mantissa = frexp(exact, &exponent), unit = ldexp(1, (int)bits);
    const double scale = ldexp(ceil(mantissa * unit) / unit, exponent);
    return scale < 0x1p-126 ? 0 : (float)scale;
}

/* Returns the mean of |weights| for binary and their maximum for the other types. The result is not finite if a weight
 * is not finite. */
static double size_of(const writer *w, const matrix *m)
{
    double sum = 0, most = 0;
    for (uint32_t r = 0; r < m->rows; r++) {
        const float *row = row_of(w, m, r);
        for (uint32_t i = 0; i < m->columns; i++) {
            sum += fabs((double)row[i]);
            most = fmax(most, fabs((double)row[i]));
        }
    }
    return w->type == MOTE_RUVM_BINARY || !isfinite(sum) ? sum / ((double)m->rows * m->columns) : most;
}

static int32_t code_of(const writer *w, float value, float scale)
{
    const int32_t most = mote_ruvm_types[w->type].scaled_to;
    if (w->type == MOTE_RUVM_BINARY)
        return value < 0 && scale > 0 ? -1 : 1;
    const double code = scale > 0 ? rint((double)value / (double)scale) : 0;
    return code > most ? most : code < -most ? -most : (int32_t)code;
}

static void put_code(mote_ruvm_type type, uint8_t *codes, uint64_t i, int32_t code)
{
    switch (type) {
    case MOTE_RUVM_INT8:
        codes[i] = (uint8_t)code;
        break;
    case MOTE_RUVM_INT4:
        codes[i / 2] |= (uint8_t)((code & 15) << (i % 2 ? 4 : 0));
        break;
    case MOTE_RUVM_BINARY:
        codes[i / 8] |= (uint8_t)((code > 0) << i % 8);
        break;
    default:
        codes[2 * i] = (uint8_t)code;
        codes[2 * i + 1] = (uint8_t)(code >> 8);
    }
}

static bool write_matrix(const writer *w, const matrix *m, mote_error *error)
{
    const mote_ruvm_codes *type = &mote_ruvm_types[w->type];
    const float scale = scale_above(size_of(w, m) / type->scaled_to, type->significant_bits);
    if (!isfinite(scale * (float)type->scaled_to))
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s has NaN or weights too large for a RUVM file", w->name, m->name);
    mote_ruvm_range range = {.scale = scale, .min = INFINITY, .max = -INFINITY};
    const uint64_t size = mote_ruvm_size(w->type, (uint64_t)m->rows * m->columns);
    memset(w->codes, 0, size);
    for (uint32_t r = 0; r < m->rows; r++) {
        const float *row = row_of(w, m, r);
        for (uint32_t i = 0; i < m->columns; i++) {
            const int32_t code = code_of(w, row[i], scale);
            range.min = fminf(range.min, scale * (float)code);
            range.max = fmaxf(range.max, scale * (float)code);
            put_code(w->type, w->codes, (uint64_t)r * m->columns + i, code);
        }
    }
    fwrite(&range, sizeof range, 1, w->stream);
    fwrite(w->codes, 1, size, w->stream);
    return true;
}

/* Returns the norm whose output the matrix multiplies, MOTE_WEIGHT_COUNT for none. */
static mote_weight norm_before(mote_weight weight)
{
    switch (weight) {
    case MOTE_W_Q:
    case MOTE_W_K:
    case MOTE_W_V:
        return MOTE_W_ATTENTION_NORM;
    case MOTE_W_UP:
    case MOTE_W_GATE:
        return MOTE_W_FEED_NORM;
    case MOTE_W_HEAD:
        return MOTE_W_NORM;
    default:
        return MOTE_WEIGHT_COUNT;
    }
}

static bool write_weight(const writer *w, mote_weight weight, uint32_t layer, mote_error *error)
{
    const mote_weight_name name = mote_weight_name_of(weight, layer);
    const mote_weight norm = norm_before(weight);
    uint32_t dims[2];
    mote_weight_dims(&w->shape, weight, dims);
    matrix m = {name.text, mote_weight_data(w->g, weight, layer), NULL, dims[0], dims[1]};
    if (!m.data)
        m.data = mote_weight_data(w->g, MOTE_W_EMBEDDING, 0); /* a tied head */
    if (norm != MOTE_WEIGHT_COUNT)
        m.gain = mote_weight_data(w->g, norm, layer);
    return write_matrix(w, &m, error);
}

static bool write_weights(const writer *w, mote_error *error)
{
    bool done = write_weight(w, MOTE_W_EMBEDDING, 0, error);
    for (uint32_t layer = 0; layer < w->shape.layers; layer++)
        for (int i = 0; i < MOTE_RUVM_IN_LAYER && done; i++)
            done = write_weight(w, mote_ruvm_layer[i], layer, error);
    return done && write_weight(w, MOTE_W_HEAD, 0, error);
}

/* Writes the file. Failed writes set the error flag of the stream, which mote_output_commit reports. */
static bool write_file(writer *w, const mote_ruvm_header *h, const char *path, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    w->stream = out.stream;
    fwrite(h, sizeof *h, 1, out.stream);
    if (write_weights(w, error))
        return mote_output_commit(&out, error);
    mote_output_discard(&out);
    return false;
}

bool mote_export_ruvm(const mote_graph *g, const char *name, mote_ruvm_type type, const char *path, mote_error *error)
{
    mote_ruvm_header h;
    if (!header_of(g, name, type, &h, error))
        return false;
    writer w = {.g = g, .name = name, .type = type, .shape = mote_ruvm_shape(&h)};
    if (!has_shape(g, name, w.shape, error))
        return false;
    const uint64_t columns = h.dim > h.hidden ? h.dim : h.hidden,
                   rows = h.vocabulary > columns ? h.vocabulary : columns;
    w.row = calloc(columns + 1, sizeof *w.row);
    w.codes = malloc(mote_ruvm_size(type, rows * h.dim));
    const bool done = w.row && w.codes ? write_file(&w, &h, path, error)
                                       : mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", name);
    free(w.row);
    free(w.codes);
    return done;
}
