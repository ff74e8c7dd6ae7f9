/* Frames of raw values and of numpy's files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/manifest/npy.h"
#include "compiler/manifest/number.h"
#include "compiler/manifest/zip.h"
#include "run/frame_formats.h"

bool mote_frames_of_bin(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    char input[160];
    mote_port_text(s->port, input, sizeof input);
    if (!s->size || s->size % s->port->size)
        return mote_fail(error, MOTE_E_FORMAT, "%s has %zu bytes, no multiple of the %zu of a frame of input %s",
                         s->path, s->size, s->port->size, input);
    if (!mote_frames_new(f, s->port, s->size / s->port->size, error))
        return false;
    memcpy(f->data, s->data, s->size);
    for (size_t i = 0; i < f->count * s->port->count; i++)
        if (!isfinite(mote_dtype_get(s->port->type, f->data, i)))
            return mote_fail(error, MOTE_E_FORMAT, "%s: number %zu is not finite", s->path, i);
    return true;
}

/* The dimensions of an array against those of a port. */
typedef enum fit { NONE, SAME, CHANNELS_FIRST } fit;

/* How dims[from...] are those of the port. */
static fit fit_of(const mote_array *form, int from, const mote_port *p)
{
    const int rank = form->rank - from, last = (int)p->rank - 1;
    if (rank == 0 && p->count == 1)
        return SAME;
    if (rank != (int)p->rank)
        return NONE;
    bool same = true, moved = rank > 1 && form->dims[from] == p->dims[last];
    for (int i = 0; i < rank; i++) {
        same &= form->dims[from + i] == p->dims[i];
        moved &= i == 0 || form->dims[from + i] == p->dims[i - 1];
    }
    return same ? SAME : moved ? CHANNELS_FIRST : NONE;
}

static bool refuse_shape(const mote_frame_source *s, const mote_array *form, mote_error *error)
{
    char has[96] = "", input[160];
    for (int i = 0, at = 0; i < form->rank; i++)
        at += snprintf(has + at, sizeof has - (size_t)at, "%s%u", i ? ", " : "", form->dims[i]);
    mote_port_text(s->port, input, sizeof input);
    return mote_fail(error, MOTE_E_FORMAT, "%s: an array [%s] is neither one frame nor [frames, ...] of input %s",
                     s->path, has, input);
}

/* Returns the index in an array with its channels first of value i of the port. */
static size_t moved_index(const mote_port *p, size_t i)
{
    const size_t channels = p->dims[p->rank - 1], places = p->count / channels;
    return i % channels * places + i / channels;
}

static bool convert(mote_frames *f, const mote_frame_source *s, const mote_array *form, const uint8_t *data, fit order,
                    mote_error *error)
{
    const mote_port *p = s->port;
    double least, most;
    mote_dtype_limits(p->type, &least, &most);
    const bool is_signed = least < 0, stored = form->size == mote_dtype_bytes(p->type) && p->type != MOTE_F32 &&
                                               form->kind == (is_signed ? 'i' : 'u');
    for (size_t i = 0; i < f->count * p->count; i++) {
        const size_t frame = i / p->count, k = i % p->count;
        const double v =
            mote_array_number(form, data, frame * p->count + (order == CHANNELS_FIRST ? moved_index(p, k) : k));
        if (!isfinite(v))
            return mote_fail(error, MOTE_E_FORMAT, "%s: number %zu is not finite", s->path, i);
        if (stored)
            mote_dtype_put(p->type, f->data, i, v);
        else
            mote_port_store(p, f->data, i, v);
    }
    return true;
}

static bool read_array(mote_frames *f, const mote_frame_source *s, const uint8_t *file, size_t size, mote_error *error)
{
    mote_array form;
    size_t begin;
    if (!mote_npy_form(&form, &begin, file, size, s->path, error))
        return false;
    const fit one = fit_of(&form, 0, s->port), many = form.rank ? fit_of(&form, 1, s->port) : NONE;
    if (one == NONE && many == NONE)
        return refuse_shape(s, &form, error);
    const size_t count = many != NONE ? form.dims[0] : 1;
    if (!count)
        return mote_fail(error, MOTE_E_FORMAT, "%s: the array is empty", s->path);
    return mote_frames_new(f, s->port, count, error) &&
           convert(f, s, &form, file + begin, many != NONE ? many : one, error);
}

bool mote_frames_of_npy(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    return read_array(f, s, s->data, s->size, error);
}

bool mote_frames_of_npz(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    mote_zip zip;
    if (!mote_zip_open(&zip, s->data, s->size, s->path, error))
        return false;
    char *member = mote_name(s->port->name, ".npy");
    const mote_zip_entry *e = member ? mote_zip_find(&zip, member) : NULL;
    e = e ? e : zip.count == 1 ? zip.entries : NULL;
    const uint8_t *bytes = e ? mote_zip_bytes(&zip, e) : NULL;
    const bool done = bytes ? read_array(f, s, bytes, e->size, error)
                            : mote_fail(error, MOTE_E_FORMAT, e ? "%s: array %s is damaged" : "%s has no array %s",
                                        s->path, s->port->name);
    free(member);
    mote_zip_close(&zip);
    return done;
}
