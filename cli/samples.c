#include "cli/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/language.h"
#include "compiler/quantize/own_text.h"
#include "compiler/token/encoder.h"

#define LARGEST_FILE ((size_t)1 << 30)

static bool open_own(mote_samples *s, const mote_graph *g, mote_error *error)
{
    if (!mote_graph_is_language_model(g, NULL))
        return mote_fail(error, MOTE_E_USAGE,
                         "the network is not a language model and cannot generate a calibration text; add --calibrate "
                         "with samples of its inputs: a folder of files, DATA.npz, DATA.csv or one file");
    s->tokens = malloc(MOTE_OWN_TEXT * sizeof *s->tokens);
    if (!s->tokens)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for %d tokens", MOTE_OWN_TEXT);
    s->source = mote_text_source(g, s->tokens, MOTE_OWN_TEXT);
    return mote_own_text(g, s->tokens, MOTE_OWN_TEXT, error);
}

static bool open_text(mote_samples *s, const mote_graph *g, const char *path, mote_error *error)
{
    mote_bytes text;
    if (!g->tokenizer)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "the model has no tokenizer to read %s with; calibrate it with its own text: --calibrate self",
                         path);
    if (!mote_file_read(path, LARGEST_FILE, &text, error))
        return false;
    mote_token_list list = {0};
    const bool done = mote_encode_text((const void *)g->tokenizer, text.data, text.size, &list, error);
    free(text.data);
    s->tokens = list.tokens;
    s->source = mote_text_source(g, list.tokens, list.count);
    return done;
}

static bool open_data(mote_samples *s, const mote_graph *g, const char *path, mote_error *error)
{
    const bool done = mote_dataset_load(&s->data, path, g, error);
    s->source = mote_arrays_source(&s->data.arrays);
    return done;
}

bool mote_samples_open(mote_samples *s, const mote_graph *g, const char *path, mote_error *error)
{
    *s = (mote_samples){0};
    const bool own = !path || strcmp(path, "self") == 0;
    const bool text = !own && !mote_names_arrays(path) && mote_graph_is_language_model(g, NULL);
    if (own ? open_own(s, g, error) : text ? open_text(s, g, path, error) : open_data(s, g, path, error))
        return true;
    mote_samples_close(s);
    return false;
}

void mote_samples_close(mote_samples *s)
{
    free(s->tokens);
    mote_dataset_free(&s->data);
    *s = (mote_samples){0};
}
