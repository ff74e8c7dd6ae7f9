/* libFuzzer target: an imported file must give a valid graph, and any other file is refused with its name. The first
 * byte of the input selects what the rest is: a single file, a safetensors file, the config.json next to one, or
 * an ONNX file. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/graph/check.h"
#include "compiler/import/import.h"
#include "tests/fuzz/llama_seed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_file(const char *path, const void *data, size_t size)
{
    unlink(path);
    FILE *f = fopen(path, "wb");
    if (!f || (size && fwrite(data, 1, size, f) != size) || fclose(f) != 0)
        abort();
}

/* Writes a folder of two files: the input and a valid one. */
static void write_folder(const uint8_t *data, size_t size, bool config)
{
    static char sound[4096];
    mkdir("folder", 0700);
    if (config) {
        write_file("folder/config.json", data, size);
        write_file("folder/model.safetensors", sound, seed_safetensors(sound));
    } else {
        write_file("folder/config.json", seed_config, strlen(seed_config));
        write_file("folder/model.safetensors", data, size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const mote_import_options options = {0};
    if (!size)
        return 0;
    const char *const paths[] = {"alone", "folder", "folder", "alone.onnx"}, *path = paths[data[0] % 4];
    if (data[0] % 4 == 1 || data[0] % 4 == 2)
        write_folder(data + 1, size - 1, data[0] % 4 == 2);
    else
        write_file(path, data + 1, size - 1);
    mote_graph g;
    mote_error error = {0};
    if (mote_import(&g, path, &options, &error)) {
        if (!mote_graph_check(&g, &error))
            abort();
        mote_graph_free(&g);
    } else if (error.code < MOTE_E_INPUT || strncmp(error.text, path, strlen(path)) != 0) {
        abort();
    }
    return 0;
}
