#include "compiler/pack/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crc32.h"
#include "runtime/model.h"

enum { CRC_AT = offsetof(mote_header, crc32), CRC_FROM = 16 };

/* A file being written: first only measured, then filled, in memory or in a stream. */
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

static mote_tensor_record record_of(const mote_tensor *t, uint32_t name, uint32_t offset)
{
    mote_tensor_record r = {
        .name = name,
        .dtype = (uint8_t)t->dtype,
        .role = (uint8_t)t->role,
        .rank = (uint8_t)t->rank,
        .quantiser = (uint8_t)t->quantiser,
        .offset = offset,
        .size = (uint32_t)mote_tensor_size(t),
        .scale = t->scale,
        .granularity = (uint8_t)t->granularity,
        .bound = t->bound,
        .layout = (uint8_t)t->layout,
    };
    memcpy(r.dims, t->dims, sizeof r.dims);
    return r;
}

static uint16_t index_of(int tensor)
{
    return tensor < 0 ? MOTE_NO_INDEX : (uint16_t)tensor;
}

static mote_op_record op_record_of(const mote_op *op, uint32_t name)
{
    mote_op_record r = {
        .opcode = (uint16_t)op->opcode,
        .input_count = (uint8_t)op->input_count,
        .output_count = (uint8_t)op->output_count,
        .name = name,
    };
    for (int i = 0; i < 8; i++)
        r.inputs[i] = index_of(i < op->input_count ? op->inputs[i] : -1);
    for (int i = 0; i < 4; i++)
        r.outputs[i] = index_of(i < op->output_count ? op->outputs[i] : -1);
    memcpy(r.params, op->params, sizeof r.params);
    return r;
}

/* Names and data first, the tables that point at them last. */
static void layout(const mote_graph *g, writer *w, mote_header *h, mote_tensor_record *tensors, mote_op_record *ops)
{
    put(w, h, sizeof *h);
    h->string_offset = (uint32_t)put(w, "", 1);
    for (int i = 0; i < g->tensor_count; i++)
        tensors[i].name = (uint32_t)put(w, g->tensors[i].name, strlen(g->tensors[i].name) + 1) - h->string_offset;
    for (int i = 0; i < g->op_count; i++)
        ops[i] =
            op_record_of(&g->ops[i], (uint32_t)put(w, g->ops[i].name, strlen(g->ops[i].name) + 1) - h->string_offset);
    h->string_size = (uint32_t)(w->size - h->string_offset);

    mote_section_record sections[3];
    uint32_t count = 0;
    if (g->tokenizer)
        sections[count++] = (mote_section_record){
            MOTE_SECTION_TOKENIZER, (uint32_t)put_aligned(w, g->tokenizer, g->tokenizer_size), g->tokenizer_size, 0};
    const uint32_t metadata_size = (uint32_t)strlen(g->metadata);
    if (metadata_size)
        sections[count++] = (mote_section_record){
            MOTE_SECTION_METADATA, (uint32_t)put_aligned(w, g->metadata, metadata_size), metadata_size, 0};
    if (g->golden)
        sections[count++] = (mote_section_record){
            MOTE_SECTION_GOLDEN, (uint32_t)put_aligned(w, g->golden, g->golden_size), g->golden_size, 0};
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const size_t at = t->role == MOTE_CONSTANT ? put_aligned(w, t->data, mote_tensor_size(t)) : t->offset;
        tensors[i] = record_of(t, tensors[i].name, (uint32_t)at);
    }

    h->section_count = count;
    h->tensor_count = (uint32_t)g->tensor_count;
    h->op_count = (uint32_t)g->op_count;
    h->section_offset = (uint32_t)put_aligned(w, sections, count * sizeof *sections);
    h->tensor_offset = (uint32_t)put_aligned(w, tensors, h->tensor_count * sizeof *tensors);
    h->op_offset = (uint32_t)put_aligned(w, ops, h->op_count * sizeof *ops);
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

/* Measures the file; then `begin` says where it goes, and it is written. Every table is complete after measuring, so
 * that only the checksum is put in afterwards, by the caller. */
static bool write_file(const mote_graph *g, writer *w, bool (*begin)(writer *w, size_t size), mote_error *error)
{
    mote_tensor_record *tensors = calloc((size_t)g->tensor_count + 1, sizeof *tensors);
    mote_op_record *ops = calloc((size_t)g->op_count + 1, sizeof *ops);
    mote_header h = header_of(g);
    writer measured = {0};
    bool done = tensors && ops;
    if (done)
        layout(g, &measured, &h, tensors, ops);
    h.file_size = (uint32_t)measured.size;
    if (!done || (begin && measured.size <= MOTE_FILE_LIMIT && !begin(w, measured.size)))
        done = mote_fail(error, MOTE_E_INTERNAL, "out of memory while packing a model");
    else if (measured.size > MOTE_FILE_LIMIT)
        done = mote_fail(error, MOTE_E_UNSUPPORTED, "a model of %zu bytes is more than a file may have", measured.size);
    else
        layout(g, w, &h, tensors, ops);
    free(tensors);
    free(ops);
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

/* Names longer than the graph keeps would stop being unique. */
static bool name_fits(const char *text, const char *file, mote_error *error)
{
    if (strnlen(text, MOTE_NAME_SIZE) < MOTE_NAME_SIZE)
        return true;
    return mote_fail(error, MOTE_E_FORMAT, "%s: a name is longer than %d bytes", file, MOTE_NAME_SIZE - 1);
}

/* A layout of its own may need more room than the rows that the graph made it with. */
static bool take_data(mote_tensor *t, const uint8_t *data, const mote_tensor_record *r, mote_error *error)
{
    t->offset = 0;
    t->layout = r->layout;
    void *room = realloc(t->data, r->size);
    if (!room)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for tensor %s", t->name);
    memcpy(room, data, r->size);
    t->data = room;
    return true;
}

static bool decode_tensor(mote_graph *g, const mote_model *m, uint32_t i, const char *file, mote_error *error)
{
    const mote_tensor_record *r = mote_record(m, i);
    const char *text = string_at(m, r->name);
    if (!name_fits(text, file, error))
        return false;
    const int index = mote_graph_tensor(g, text, r->dtype, r->role, r->rank, r->dims);
    if (index < 0)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for tensor %s", file, text);
    mote_tensor *t = &g->tensors[index];
    t->scale = r->scale;
    t->bound = r->bound;
    t->quantiser = r->quantiser;
    t->granularity = r->granularity;
    t->offset = r->offset;
    if (r->role == MOTE_CONSTANT)
        return take_data(t, m->file + r->offset, r, error);
    return true;
}

static bool decode_op(mote_graph *g, const mote_model *m, uint32_t i, const char *file, mote_error *error)
{
    const mote_op_record *r = (const mote_op_record *)m->ops + i;
    const char *text = string_at(m, r->name);
    if (!name_fits(text, file, error))
        return false;
    int inputs[8], outputs[4];
    for (int k = 0; k < 8; k++)
        inputs[k] = r->inputs[k] == MOTE_NO_INDEX ? -1 : r->inputs[k];
    for (int k = 0; k < 4; k++)
        outputs[k] = r->outputs[k] == MOTE_NO_INDEX ? -1 : r->outputs[k];
    const int index = mote_graph_op(g, text, r->opcode, r->input_count, inputs, r->output_count, outputs);
    if (index < 0)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for operator %s", file, text);
    memcpy(g->ops[index].params, r->params, sizeof r->params);
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

/* What mote_open proves of a packed file mote_graph_check proves of a float graph. */
static bool float_graph_is_sound(const mote_graph *g, const char *file, mote_error *error)
{
    mote_error why;
    if (g->packed || mote_graph_check(g, &why))
        return true;
    return mote_fail(error, MOTE_E_FORMAT, "%s: %.400s", file, why.text);
}

bool mote_graph_decode(mote_graph *g, const void *data, size_t size, const char *name, mote_error *error)
{
    mote_model m;
    const mote_status status = mote_open(&m, data, size);
    if (status != MOTE_SUCCESS && status != MOTE_NOT_PACKED)
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s", name, mote_status_text(status));
    mote_graph_init(g);
    if (decode_all(g, &m, name, error) && float_graph_is_sound(g, name, error))
        return true;
    mote_graph_free(g);
    return false;
}

/* Written piece by piece, so that a large model is not in memory twice. Failed writes set the stream's error flag,
 * which the commit reports. */
bool mote_graph_save(const mote_graph *g, const char *path, mote_error *error)
{
    mote_output out;
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
