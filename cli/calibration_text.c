#include "cli/calibration_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/quantize/own_text.h"
#include "compiler/token/encoder.h"

#define LARGEST_FILE ((size_t)1 << 30)

static bool own_tokens(const mote_graph *g, uint16_t **tokens, size_t *count, mote_error *error)
{
    *count = MOTE_OWN_TEXT;
    *tokens = malloc(*count * sizeof **tokens);
    if (!*tokens)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for %zu tokens", *count);
    if (mote_own_text(g, *tokens, *count, error))
        return true;
    free(*tokens);
    *tokens = NULL;
    return false;
}

bool mote_calibration_tokens(const mote_graph *g, const char *source, uint16_t **tokens, size_t *count,
                             mote_error *error)
{
    mote_bytes text;
    if (!source || strcmp(source, "self") == 0)
        return own_tokens(g, tokens, count, error);
    if (!g->tokenizer)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "the model has no tokenizer to read %s with; calibrate it with its own text: --calibrate self",
                         source);
    if (!mote_file_read(source, LARGEST_FILE, &text, error))
        return false;
    mote_token_list list = {0};
    const bool done = mote_encode_text((const void *)g->tokenizer, text.data, text.size, &list, error);
    free(text.data);
    *tokens = list.tokens;
    *count = list.count;
    return done;
}
