#include "compiler/import/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/foreign.h"
#include "compiler/graph/language.h"
#include "compiler/import/onnx.h"
#include "compiler/import/tflite.h"
#include "compiler/import/weights.h"
#include "compiler/token/token.h"

typedef struct format {
    const char *name;
    bool (*import)(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
} format;

static const format llama2c = {"llama2.c", mote_import_llama2c}, ruvm = {"RUVM", mote_import_ruvm},
                    safetensors = {"safetensors", mote_import_safetensors},
                    tflite = {"TensorFlow Lite", mote_import_tflite}, onnx = {"ONNX", mote_import_onnx};

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const format *recognise(const char *path, mote_error *error)
{
    uint8_t start[MOTE_FOREIGN_BYTES] = {0};
    mote_input_file in;
    if (is_folder(path) || ends_with(path, ".safetensors") || ends_with(path, ".json"))
        return &safetensors;
    if (!mote_input_open(&in, path, error))
        return NULL;
    const size_t size = in.size < sizeof start ? (size_t)in.size : sizeof start;
    const bool read = mote_input_read(&in, 0, start, size, error);
    mote_input_close(&in);
    if (!read || !mote_foreign_none(path, start, size, error))
        return NULL;
    if (memcmp(start, "RUVM", 4) == 0)
        return &ruvm;
    if (memcmp(start + 4, "TFL3", 4) == 0)
        return &tflite;
    if (ends_with(path, ".onnx"))
        return &onnx;
    if (memcmp(start, "MOTE", 4) == 0) {
        mote_fail(error, MOTE_E_FORMAT, "%s: is a Mote model already", path);
        return NULL;
    }
    return &llama2c;
}

bool mote_import(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error)
{
    const format *f = recognise(path, error);
    if (!f)
        return false;
    if (options->random_seed && f != &ruvm)
        return mote_fail(error, MOTE_E_USAGE, "%s: random weights are for RUVM headers, and this is %s", path, f->name);
    if (!f->import(g, path, options, error))
        return false;
    if (mote_graph_set_meta(g, "imported_from", f->name))
        return true;
    mote_graph_free(g);
    return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", path);
}

bool mote_import_tokenizer(mote_graph *g, const char *name, const char *path, mote_error *error)
{
    mote_bytes section;
    if (!mote_tokenizer_load(path, &section, error))
        return false;
    const mote_tokenizer *t = (const void *)section.data;
    const uint32_t vocabulary = mote_graph_vocabulary(g);
    bool done = t->vocabulary == vocabulary;
    if (!done)
        mote_fail(error, MOTE_E_MISMATCH,
                  "%s: a tokenizer of %u tokens, and %s has a vocabulary of %" PRIu32
                  "; give the one it was trained with",
                  path, t->vocabulary, name, vocabulary);
    else if (!mote_graph_set_tokenizer(g, section.data, (uint32_t)section.size))
        done = mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", path);
    free(section.data);
    return done;
}
