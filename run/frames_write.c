#include <stdlib.h>
#include <string.h>

#include "compiler/manifest/npy.h"
#include "compiler/manifest/number.h"
#include "compiler/manifest/zip.h"
#include "run/frames.h"

typedef struct result {
    const mote_frames *outputs;
    const mote_port *ports;
    int count;
    bool real;
} result;

static bool write_bin(const result *r, FILE *to)
{
    for (size_t k = 0; k < r->outputs[0].count; k++)
        for (int i = 0; i < r->count; i++)
            fwrite(r->outputs[i].data + k * r->outputs[i].size, 1, r->outputs[i].size, to);
    return true;
}

/* Writes one line of names, then one of values for each frame. */
static bool write_csv(const result *r, FILE *to)
{
    for (int i = 0, first = 1; i < r->count; i++)
        for (size_t k = 0; k < r->ports[i].count; k++, first = 0)
            fprintf(to, "%s%s.%zu", first ? "" : ",", r->ports[i].name, k);
    for (size_t n = 0; n < r->outputs[0].count; n++)
        for (int i = 0; i < r->count; i++)
            for (size_t k = 0; k < r->ports[i].count; k++)
                fprintf(to, "%s%.9g", i || k ? "," : "\n",
                        mote_port_real(&r->ports[i], r->outputs[i].data + n * r->outputs[i].size, k));
    fputc('\n', to);
    return true;
}

/* Returns the numbers of an output as an array [frames, shape]; NULL when out of memory. */
static uint8_t *array_of(const result *r, int i, mote_array *a)
{
    const mote_port *p = &r->ports[i];
    const size_t frames = r->outputs[i].count, values = frames * p->count;
    const bool real = r->real || p->type == MOTE_F32;
    double least, most;
    mote_dtype_limits(p->type, &least, &most);
    const size_t bytes = real ? sizeof(float) : mote_dtype_bytes(p->type);
    *a = (mote_array){.kind = real ? 'f' : least < 0 ? 'i' : 'u', .size = (uint32_t)bytes};
    a->dims[a->rank++] = (uint32_t)frames;
    for (uint32_t d = 0; d < p->rank; d++)
        a->dims[a->rank++] = p->dims[d];
    uint8_t *data = malloc(values * bytes + 1);
    for (size_t k = 0; data && k < values; k++) {
        const double v =
            real ? mote_port_real(p, r->outputs[i].data, k) : mote_dtype_get(p->type, r->outputs[i].data, k);
        mote_dtype_put(real ? MOTE_F32 : p->type, data, k, v);
    }
    return data;
}

static bool write_npy(const result *r, FILE *to)
{
    mote_array a;
    uint8_t header[MOTE_NPY_HEADER], *data = array_of(r, 0, &a);
    if (!data)
        return false;
    mote_npy_header(&a, header);
    fwrite(header, 1, sizeof header, to);
    fwrite(data, 1, mote_array_bytes(&a), to);
    free(data);
    return true;
}

static bool add_member(mote_zip_writer *w, const result *r, int i)
{
    mote_array a;
    uint8_t header[MOTE_NPY_HEADER], *data = array_of(r, i, &a);
    char *member = mote_name(r->ports[i].name, ".npy");
    mote_npy_header(&a, header);
    const bool done = data && member && mote_zip_add(w, member, header, sizeof header, data, mote_array_bytes(&a));
    free(data);
    free(member);
    return done;
}

static bool write_npz(const result *r, FILE *to)
{
    mote_zip_writer w = {.stream = to};
    for (int i = 0; i < r->count; i++)
        if (!add_member(&w, r, i))
            return mote_zip_discard(&w), false;
    return mote_zip_finish(&w);
}

static const struct format {
    const char *ending;
    int most; /* outputs; 0: any number */
    bool (*write)(const result *r, FILE *to);
} formats[] = {{".bin", 0, write_bin}, {".npy", 1, write_npy}, {".npz", 0, write_npz}, {".csv", 0, write_csv}};

static const struct format *format_of(const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (mote_has_ending(path, formats[i].ending))
            return &formats[i];
    return NULL;
}

bool mote_frames_can_write(const char *path, int count, mote_error *error)
{
    const struct format *format = format_of(path);
    if (!format)
        return mote_fail(
            error, MOTE_E_USAGE,
            "%s: the ending of an output is .bin (stored values), .npy, .npz or .csv; of a detector also .png", path);
    return !format->most || count <= format->most ||
           mote_fail(error, MOTE_E_USAGE, "%s: the network has %d outputs, and %s holds one; .npz holds them all", path,
                     count, format->ending);
}

bool mote_frames_write(const mote_frames *outputs, const mote_port *ports, int count, bool real, const char *path,
                       mote_error *error)
{
    const result r = {outputs, ports, count, real};
    mote_output_file out;
    if (!mote_frames_can_write(path, count, error) || !mote_output_begin(&out, path, error))
        return false;
    if (format_of(path)->write(&r, out.stream))
        return mote_output_commit(&out, error);
    mote_output_discard(&out);
    return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for it, or larger than a zip archive can be", path);
}
