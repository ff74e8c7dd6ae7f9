/* Writes small files of every importable format to a folder, as seeds of the fuzzer, each after the byte that
 * fuzz_import.c removes. Usage: seeds FOLDER */
#include <stdlib.h>

#include "base/file.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/import.h"
#include "tests/fuzz/llama_seed.h"
#include "tests/fuzz/tflite_cases.h"

static char content[4096];

static void write_seed(const char *folder, const char *name, char kind, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fputc(kind, f) == EOF || fwrite(content, 1, size, f) != size || fclose(f) != 0)
        exit(1);
}

/* Writes checkpoints of llama2.c with weights of zero, and with groups of two values in version 2. */
static void write_checkpoints(const char *folder)
{
    enum { EMBEDDING = 6, MATRICES = 4 * 4 + 3 * 2, NORMS = 6, ROTATION = 8 };
    static const int32_t settings[] = {2, 1, 1, 1, 1, 3, 4};
    const size_t codes = EMBEDDING + MATRICES;
    const size_t sizes[] = {28 + 4 * (codes + NORMS + ROTATION), 256 + 4 * (codes + NORMS),
                            256 + 4 * NORMS + codes + 4 * codes / 2};
    for (int32_t version = 0; version < 3; version++) {
        char name[8] = {'v', (char)('0' + version)};
        memset(content, 0, sizeof content);
        memcpy(content, "24ka", 4);
        memcpy(content + 4, &version, 4);
        memcpy(content + (version ? 8 : 0), settings, sizeof settings);
        if (version)
            memcpy(content + 36, "\1\2", 2);
        write_seed(folder, name, 0, sizes[version]);
    }
}

static void write_tflite(const char *folder, const char *name, const seed_file *f)
{
    memcpy(content, f->data, f->size);
    write_seed(folder, name, 0, f->size);
}

static void write_tflites(const char *folder)
{
    static seed_file f;
    seed_tflite(&f, false);
    write_tflite(folder, "tflite", &f);
    seed_tflite(&f, true);
    write_tflite(folder, "tflite_float", &f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%zu", i);
        write_one(&f, &cases[i]);
        write_tflite(folder, name, &f);
    }
}

static bool write_ruvm(const char *folder, int type, mote_error *error)
{
    const mote_transformer_shape shape = {3, 2, 1, 1, 1, 1, 4, .theta = 10000, .epsilon = 1e-5f};
    char path[512], name[8] = {'r', (char)('0' + type)};
    mote_graph g;
    mote_bytes file;
    snprintf(path, sizeof path, "%s.ruvm", folder);
    if (!mote_transformer_build(&g, &shape, 1, error))
        return false;
    const bool done = mote_export_ruvm(&g, "seed", (mote_ruvm_type)type, path, error) &&
                      mote_file_read(path, sizeof content, &file, error);
    mote_graph_free(&g);
    if (!done)
        return false;
    memcpy(content, file.data, file.size);
    write_seed(folder, name, 0, file.size);
    free(file.data);
    return true;
}

int main(int argc, char **argv)
{
    mote_error error = {0};
    if (argc != 2)
        return 2;
    write_checkpoints(argv[1]);
    write_seed(argv[1], "safetensors", 1, seed_safetensors(content));
    strcpy(content, seed_config);
    write_seed(argv[1], "config", 2, strlen(content));
    write_tflites(argv[1]);
    for (int type = 0; type < MOTE_RUVM_TYPE_COUNT; type++)
        if (!write_ruvm(argv[1], type, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return (int)error.code;
        }
    return 0;
}
