#include "compiler/pack/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "compiler/graph/check.h"
#include "runtime/crc32.h"
#include "runtime/model.h"

enum { CRC_AT = offsetof(mote_header, crc32), CRC_FROM = 16 };

/* A file that is written to memory or to a stream. With neither, it is only measured. */
typedef struct writer {
    uint8_t *data;
    FILE *stream;
    size_t size;
    uint32_t crc;
} writer;

static size_t put(writer *w, const void *bytes, size_t size)
{
    const size_t at = w->size, skipped = at >= CRC_FROM ? 0 : size < CRC_FROM - at ? size : CRC_FROM - at;
    w->size += size;
    if (!size || (!w->data && !w->stream))
        return at;
    w->crc = mote_crc32(w->crc, (const uint8_t *)bytes + skipped, size - skipped);
    if (w->data)
        memcpy(w->data + at, bytes, size);
    else
        fwrite(bytes, 1, size, w->stream);
    return at;
}

static void align(writer *w)
{
    static const uint8_t zero[MOTE_ALIGNMENT];
    put(w, zero, (MOTE_ALIGNMENT - w->size % MOTE_ALIGNMENT) % MOTE_ALIGNMENT);
}

static size_t put_aligned(writer *w, const void *bytes, size_t size)
{
    align(w);
    return put(w, bytes, size);
}

/* The tables of a file and the pools that they point into. */
typedef struct tables {
    mote_tensor_record *tensors;
    mote_op_record *ops;
    uint16_t *operands;
    uint32_t *words;
    uint32_t operand_count, word_count;
} tables;

static void free_tables(tables *t)
{
    free(t->tensors);
    free(t->ops);
    free(t->operands);
    free(t->words);
}

static bool make_tables(const mote_graph *g, tables *t)
{
    size_t operands = 0, words = 0;
    for (int i = 0; i < g->op_count; i++) {
        operands += (size_t)(g->ops[i].input_count + g->ops[i].output_count);
        words += (size_t)g->ops[i].param_count;
    }
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].quantization.scales)
            words += g->tensors[i].dims[g->tensors[i].quantization.axis];
    *t = (tables){.tensors = calloc((size_t)g->tensor_count + 1, sizeof *t->tensors),
                  .ops = calloc((size_t)g->op_count + 1, sizeof *t->ops),
                  .operands = calloc(operands + 1, sizeof *t->operands),
                  .words = calloc(words + 1, sizeof *t->words)};
    return t->tensors && t->ops && t->operands && t->words;
}

static uint32_t add_words(tables *t, const void *words, size_t count)
{
    const uint32_t at = t->word_count;
    memcpy(t->words + at, words, count * sizeof *t->words);
    t->word_count += (uint32_t)count;
    return at;
}

static uint32_t add_operands(tables *t, const int *tensors, int count)
{
    const uint32_t at = t->operand_count;
    for (int i = 0; i < count; i++)
        t->operands[t->operand_count++] = tensors[i] < 0 ? MOTE_NO_INDEX : (uint16_t)tensors[i];
    return at;
}

static void fill_tensor(tables *to, const mote_tensor *t, mote_tensor_record *r)
{
    const mote_tensor_quantization *q = &t->quantization;
    r->dtype = (uint8_t)t->dtype;
    r->role = (uint8_t)t->role;
    r->rank = (uint8_t)t->rank;
    r->layout = (uint8_t)t->layout;
    memcpy(r->dims, t->dims, sizeof r->dims);
    r->stride = mote_tensor_stride(t);
    r->size = (uint32_t)mote_tensor_size(t);
    r->scale = q->scale;
    r->zero_point = q->zero_point;
    r->scales = q->scales ? add_words(to, q->scales, t->dims[q->axis]) : 0;
    r->axis = q->scales ? (uint8_t)q->axis : MOTE_NO_AXIS;
    r->quantizer = (uint8_t)t->quantizer;
    r->granularity = (uint8_t)t->granularity;
    r->pruned = (uint8_t)t->pruned;
    r->bound = t->bound;
}

static void fill_op(tables *to, const mote_op *op, mote_op_record *r)
{
    r->opcode = (uint8_t)op->opcode;
    r->input_count = (uint8_t)op->input_count;
    r->output_count = (uint8_t)op->output_count;
    r->param_count = (uint8_t)op->param_count;
    r->operands = add_operands(to, op->inputs, op->input_count);
    add_operands(to, op->outputs, op->output_count);
    r->params = add_words(to, op->params, (size_t)op->param_count);
}

static void fill_tables(const mote_graph *g, tables *t)
{
    t->operand_count = t->word_count = 0;
    for (int i = 0; i < g->tensor_count; i++)
        fill_tensor(t, &g->tensors[i], &t->tensors[i]);
    for (int i = 0; i < g->op_count; i++)
        fill_op(t, &g->ops[i], &t->ops[i]);
}

static void put_section(writer *w, mote_section_record *sections, uint32_t *count, uint32_t tag, const void *data,
                        uint32_t size)
{
    if (size)
        sections[(*count)++] = (mote_section_record){tag, (uint32_t)put_aligned(w, data, size), size, 0};
}

/* Writes the file: header, names and data, then the tables that point to them. */
static void layout(const mote_graph *g, writer *w, mote_header *h, tables *t)
{
    mote_section_record sections[4];
    put(w, h, sizeof *h);
    h->string_offset = (uint32_t)put(w, "", 1);
    for (int i = 0; i < g->tensor_count; i++)
        t->tensors[i].name = (uint32_t)put(w, g->tensors[i].name, strlen(g->tensors[i].name) + 1) - h->string_offset;
    for (int i = 0; i < g->op_count; i++)
        t->ops[i].name = (uint32_t)put(w, g->ops[i].name, strlen(g->ops[i].name) + 1) - h->string_offset;
    h->string_size = (uint32_t)(w->size - h->string_offset);
    h->section_count = 0;
    put_section(w, sections, &h->section_count, MOTE_SECTION_TOKENIZER, g->tokenizer, g->tokenizer_size);
    put_section(w, sections, &h->section_count, MOTE_SECTION_METADATA, mote_graph_metadata(g),
                (uint32_t)strlen(mote_graph_metadata(g)));
    put_section(w, sections, &h->section_count, MOTE_SECTION_GOLDEN, g->golden, g->golden_size);
    put_section(w, sections, &h->section_count, MOTE_SECTION_PLACEMENT, g->placement,
                g->placement_count * (uint32_t)sizeof *g->placement);
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *from = &g->tensors[i];
        t->tensors[i].offset =
            from->role == MOTE_CONSTANT ? (uint32_t)put_aligned(w, from->data, mote_tensor_size(from)) : from->offset;
    }
    h->tensor_count = (uint32_t)g->tensor_count;
    h->op_count = (uint32_t)g->op_count;
    h->operand_count = t->operand_count;
    h->word_count = t->word_count;
    h->section_offset = (uint32_t)put_aligned(w, sections, h->section_count * sizeof *sections);
    h->tensor_offset = (uint32_t)put_aligned(w, t->tensors, h->tensor_count * sizeof *t->tensors);
    h->op_offset = (uint32_t)put_aligned(w, t->ops, h->op_count * sizeof *t->ops);
    h->operand_offset = (uint32_t)put_aligned(w, t->operands, h->operand_count * sizeof *t->operands);
    h->word_offset = (uint32_t)put_aligned(w, t->words, h->word_count * sizeof *t->words);
}

static mote_header header_of(const mote_graph *g)
{
    return (mote_header){
        .magic = MOTE_MAGIC,
        .version = MOTE_FORMAT_VERSION,
        .header_size = sizeof(mote_header),
        .flags = g->packed ? MOTE_FLAG_PACKED : 0,
        .arena_size = g->arena_size,
        .state_size = g->state_size,
    };
}

/* Measures the file, calls `begin` (unless NULL) with its size, and writes the file. All tables are complete after
 * measuring. The caller writes the checksum afterwards. */
static bool write_file(const mote_graph *g, writer *w, bool (*begin)(writer *w, size_t size), mote_error *error)
{
    tables t;
    mote_header h = header_of(g);
    writer measured = {0};
    bool done = make_tables(g, &t);
    if (done) {
        fill_tables(g, &t);
        layout(g, &measured, &h, &t);
    }
    h.file_size = (uint32_t)measured.size;
    if (!done || (begin && measured.size <= MOTE_FILE_LIMIT && !begin(w, measured.size)))
        done = mote_fail(error, MOTE_E_INTERNAL, "out of memory while packing a model");
    else if (measured.size > MOTE_FILE_LIMIT)
        done = mote_fail(error, MOTE_E_UNSUPPORTED, "a model of %zu bytes is more than a file may have", measured.size);
    else
        layout(g, w, &h, &t);
    free_tables(&t);
    return done;
}

static bool begin_memory(writer *w, size_t size)
{
    w->data = aligned_alloc(64, (size + 63) & ~(size_t)63);
    return w->data;
}

bool mote_graph_encode(const mote_graph *g, mote_bytes *out, mote_error *error)
{
    *out = (mote_bytes){0};
    writer w = {0};
    if (!write_file(g, &w, begin_memory, error))
        return false;
    memcpy(w.data + CRC_AT, &w.crc, sizeof w.crc);
    *out = (mote_bytes){w.data, w.size};
    return true;
}

static const char *string_at(const mote_model *m, uint32_t offset)
{
    return (const char *)m->file + ((const mote_header *)m->header)->string_offset + offset;
}

/* Copies the data of a constant, or points to it. Reallocates, because a layout may need more room than the rows that
 * the graph allocated. */
static bool take_data(mote_graph *g, mote_tensor *t, const uint8_t *data, const mote_tensor_record *r,
                      mote_error *error)
{
    t->offset = 0;
    t->layout = r->layout;
    t->role = MOTE_CONSTANT;
    if (g->borrowed) {
        t->data = (uint8_t *)(uintptr_t)data;
        return true;
    }
    void *room = realloc(t->data, r->size);
    if (!room)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for tensor %s", t->name);
    memcpy(room, data, r->size);
    t->data = room;
    return true;
}

static bool take_quantization(mote_tensor *t, const mote_tensor_record *r, const mote_model *m)
{
    const float *scales = (const float *)m->words + r->scales;
    t->quantization.scale = r->scale;
    t->quantization.zero_point = r->zero_point;
    return r->axis == MOTE_NO_AXIS || mote_tensor_set_scales(t, r->axis, scales);
}

static bool decode_tensor(mote_graph *g, const mote_model *m, uint32_t i, const char *file, mote_error *error)
{
    const mote_tensor_record *r = mote_record(m, i);
    const char *text = string_at(m, r->name);
    if (mote_graph_find(g, text) >= 0)
        return mote_fail(error, MOTE_E_FORMAT, "%s: two tensors are named '%s'", file, text);
    const mote_role role = r->role == MOTE_CONSTANT ? MOTE_ACTIVATION : r->role; /* take_data allocates */
    const int index = mote_graph_tensor(g, text, r->dtype, role, r->rank, r->dims);
    if (index < 0 || !take_quantization(&g->tensors[index], r, m))
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for tensor %s", file, text);
    mote_tensor *t = &g->tensors[index];
    t->stride = r->layout == MOTE_ROWS && r->stride != mote_tensor_stride(t) ? r->stride : 0;
    t->bound = r->bound;
    t->quantizer = r->quantizer;
    t->granularity = r->granularity;
    t->pruned = r->pruned;
    t->offset = r->offset;
    if (r->role == MOTE_CONSTANT)
        return take_data(g, t, m->file + r->offset, r, error);
    return true;
}

/* Copies operands; absent ones become -1. */
static void take_operands(int *to, const uint16_t *from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = from[i] == MOTE_NO_INDEX ? -1 : from[i];
}

static bool decode_op(mote_graph *g, const mote_model *m, uint32_t i, const char *file, mote_error *error)
{
    const mote_op_view view = mote_op_at(m, i);
    const char *text = string_at(m, ((const mote_op_record *)m->ops + i)->name);
    const int index = mote_graph_op(g, text, view.opcode, 0, NULL, 0, NULL);
    if (index < 0)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for operator %s", file, text);
    mote_op *op = &g->ops[index];
    take_operands(op->inputs, view.inputs, op->input_count);
    take_operands(op->outputs, view.outputs, op->output_count);
    memcpy(op->params, view.params, (size_t)op->param_count * sizeof *op->params);
    return true;
}

static void *copy_of(const void *data, size_t size)
{
    char *copy = calloc(1, size + 1);
    if (copy)
        memcpy(copy, data, size);
    return copy;
}

static bool decode_sections(mote_graph *g, const mote_model *m, const char *file, mote_error *error)
{
    const mote_header *h = m->header;
    const mote_section_record *s = (const void *)(m->file + h->section_offset);
    for (uint32_t i = 0; i < h->section_count; i++, s++) {
        const uint8_t *data = m->file + s->offset;
        if (s->tag == MOTE_SECTION_TOKENIZER) {
            if (!mote_graph_set_tokenizer(g, data, s->size))
                return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", file);
        } else if (s->tag == MOTE_SECTION_GOLDEN) {
            g->golden = copy_of(data, s->size);
            g->golden_size = s->size;
            if (!g->golden)
                return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", file);
        } else if (s->tag == MOTE_SECTION_PLACEMENT) {
            g->placement = copy_of(data, s->size);
            g->placement_count = s->size / (uint32_t)sizeof *g->placement;
            if (!g->placement)
                return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", file);
        } else if (s->tag == MOTE_SECTION_METADATA) {
            if (memchr(data, 0, s->size))
                return mote_fail(error, MOTE_E_FORMAT, "%s: the metadata is not text", file);
            free(g->metadata);
            g->metadata = copy_of(data, s->size);
            if (!g->metadata)
                return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", file);
        }
    }
    return true;
}

static bool decode_all(mote_graph *g, const mote_model *m, const char *file, mote_error *error)
{
    const mote_header *h = m->header;
    g->packed = h->flags & MOTE_FLAG_PACKED;
    g->arena_size = h->arena_size;
    g->state_size = h->state_size;
    for (uint32_t i = 0; i < h->tensor_count; i++)
        if (!decode_tensor(g, m, i, file, error))
            return false;
    for (uint32_t i = 0; i < h->op_count; i++)
        if (!decode_op(g, m, i, file, error))
            return false;
    return decode_sections(g, m, file, error);
}

/* Checks a float graph by mote_graph_check. mote_open has checked a packed one. */
static bool float_graph_is_sound(const mote_graph *g, const char *file, mote_error *error)
{
    mote_error why;
    if (g->packed || mote_graph_check(g, &why))
        return true;
    return mote_fail(error, why.code, "%s: %.400s", file, why.text);
}

bool mote_fail_open(mote_error *error, mote_status status, const void *data, size_t size, const char *name)
{
    if (status == MOTE_BAD_MAGIC)
        return mote_foreign_none(name, data, size, error) &&
               mote_fail(error, MOTE_E_FORMAT,
                         "%s: not a .mote file; mote import makes one of another program's model, mote train of a text",
                         name);
    if (status != MOTE_BAD_VERSION)
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s", name, mote_status_text(status));
    return mote_fail(error, MOTE_E_FORMAT,
                     "%s: a file of format version %u, and this program reads version %u; make it again with this "
                     "program from what it was made of",
                     name, ((const mote_header *)data)->version, MOTE_FORMAT_VERSION);
}

static bool decode(mote_graph *g, const void *data, size_t size, bool borrowed, const char *name, mote_error *error)
{
    mote_model m;
    const mote_status status = mote_open(&m, data, size);
    if (status != MOTE_SUCCESS && status != MOTE_NOT_PACKED)
        return mote_fail_open(error, status, data, size, name);
    mote_graph_init(g);
    g->borrowed = borrowed;
    if (decode_all(g, &m, name, error) && float_graph_is_sound(g, name, error))
        return true;
    mote_graph_free(g);
    return false;
}

bool mote_graph_decode(mote_graph *g, const void *data, size_t size, const char *name, mote_error *error)
{
    return decode(g, data, size, false, name, error);
}

bool mote_graph_view(mote_graph *g, const void *data, size_t size, const char *name, mote_error *error)
{
    return decode(g, data, size, true, name, error);
}

/* Writes directly to the stream, so that a large model is not in memory twice. Failed writes set the error flag of the
 * stream, which mote_output_commit reports. */
bool mote_graph_save(const mote_graph *g, const char *path, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    writer w = {.stream = out.stream};
    bool written = write_file(g, &w, NULL, error);
    if (written && fseek(out.stream, CRC_AT, SEEK_SET) != 0)
        written = mote_fail(error, MOTE_E_OUTPUT, "%s: %s", path, strerror(errno));
    if (!written) {
        mote_output_discard(&out);
        return false;
    }
    fwrite(&w.crc, sizeof w.crc, 1, out.stream);
    return mote_output_commit(&out, error);
}

bool mote_graph_load(mote_graph *g, const char *path, mote_error *error)
{
    mote_bytes bytes;
    if (!mote_file_read(path, MOTE_FILE_LIMIT, &bytes, error))
        return false;
    const bool loaded = mote_graph_decode(g, bytes.data, bytes.size, path, error);
    free(bytes.data);
    return loaded;
}
