#include "run/sequence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mote_sequence_check(const mote_network *n, int files, mote_error *error)
{
    char list[400] = "", one[160];
    if (n->input_count && files % n->input_count == 0)
        return true;
    for (int i = 0; i < n->input_count; i++) {
        mote_port_text(&n->inputs[i], one, sizeof one);
        const size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", one);
    }
    return mote_fail(error, MOTE_E_USAGE,
                     "%s has %d inputs (%s), but %d files were given; give --input for each, in this order", n->path,
                     n->input_count, list, files);
}

static bool read_all(mote_sequence *s, const mote_network *n, const mote_preprocess *preprocess,
                     const char *const *paths, mote_error *error)
{
    for (int i = 0; i < s->input_count; i++) {
        mote_frames *f = &s->inputs[i];
        if (!mote_frames_read(f, &n->inputs[i], preprocess, paths[i], error))
            return false;
        if (f->count > 1 && s->count > 1 && f->count != s->count)
            return mote_fail(error, MOTE_E_MISMATCH, "%s has %zu frames, but the inputs before it have %zu", paths[i],
                             f->count, s->count);
        s->count = f->count > s->count ? f->count : s->count;
    }
    return true;
}

bool mote_sequence_read(mote_sequence *s, const mote_network *n, const mote_preprocess *preprocess,
                        const char *const *paths, mote_error *error)
{
    *s = (mote_sequence){.input_count = n->input_count, .count = 1};
    s->inputs = calloc((size_t)n->input_count + 1, sizeof *s->inputs);
    if (s->inputs ? read_all(s, n, preprocess, paths, error)
                  : mote_fail(error, MOTE_E_INTERNAL, "no memory for %d inputs", n->input_count))
        return true;
    mote_sequence_free(s);
    return false;
}

void mote_sequence_free(mote_sequence *s)
{
    for (int i = 0; s->inputs && i < s->input_count; i++)
        mote_frames_free(&s->inputs[i]);
    free(s->inputs);
    *s = (mote_sequence){0};
}

const uint8_t *mote_sequence_input(const mote_sequence *s, int i, size_t k)
{
    const mote_frames *f = &s->inputs[i];
    return f->data + (f->count > 1 ? k : 0) * f->size;
}
