/* Writes small files of every importable format to a folder, as seeds of the fuzzer, each after the byte that
 * fuzz_import.c removes. Usage: seeds FOLDER */
#include <stdlib.h>

#include "base/file.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/import.h"
#include "onnx.pb-c.h"
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

/* Writes a file of a convolution and a relu. */
static void write_onnx(const char *folder)
{
    int64_t dims[] = {2, 1, 3, 3};
    float values[18] = {1, -1};
    char *reads[] = {"x", "w"}, *makes[] = {"c"}, *last[] = {"y"};
    MoteOnnx__Dimension sizes[4];
    MoteOnnx__Dimension *sizes_at[4];
    for (int i = 0; i < 4; i++) {
        mote_onnx__dimension__init(&sizes[i]);
        sizes[i].has_value = 1;
        sizes[i].value = i < 2 ? 1 : 5;
        sizes_at[i] = &sizes[i];
    }
    MoteOnnx__Shape shape = MOTE_ONNX__SHAPE__INIT;
    MoteOnnx__TensorType tensor = MOTE_ONNX__TENSOR_TYPE__INIT;
    MoteOnnx__Type type = MOTE_ONNX__TYPE__INIT;
    MoteOnnx__ValueInfo x = MOTE_ONNX__VALUE_INFO__INIT, y = MOTE_ONNX__VALUE_INFO__INIT, *xs[] = {&x}, *ys[] = {&y};
    MoteOnnx__Tensor w = MOTE_ONNX__TENSOR__INIT, *ws[] = {&w};
    MoteOnnx__Node conv = MOTE_ONNX__NODE__INIT, relu = MOTE_ONNX__NODE__INIT, *nodes[] = {&conv, &relu};
    MoteOnnx__Graph graph = MOTE_ONNX__GRAPH__INIT;
    MoteOnnx__OperatorSet set = MOTE_ONNX__OPERATOR_SET__INIT, *sets[] = {&set};
    MoteOnnx__Model model = MOTE_ONNX__MODEL__INIT;
    shape.n_dims = 4, shape.dims = sizes_at;
    tensor.has_type = 1, tensor.type = 1, tensor.shape = &shape;
    type.tensor = &tensor;
    x.name = "x", x.type = &type, y.name = "y";
    w.name = "w", w.has_type = 1, w.type = 1, w.n_dims = 4, w.dims = dims, w.n_floats = 18, w.floats = values;
    conv.operator_ = "Conv", conv.n_inputs = 2, conv.inputs = reads, conv.n_outputs = 1, conv.outputs = makes;
    relu.operator_ = "Relu", relu.n_inputs = 1, relu.inputs = makes, relu.n_outputs = 1, relu.outputs = last;
    graph.n_nodes = 2, graph.nodes = nodes, graph.n_initializers = 1, graph.initializers = ws;
    graph.n_inputs = 1, graph.inputs = xs, graph.n_outputs = 1, graph.outputs = ys;
    set.has_version = 1, set.version = 13;
    model.graph = &graph, model.n_operator_sets = 1, model.operator_sets = sets;
    write_seed(folder, "onnx", 3, mote_onnx__model__pack(&model, (uint8_t *)content));
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
    write_onnx(argv[1]);
    for (int type = 0; type < MOTE_RUVM_TYPE_COUNT; type++)
        if (!write_ruvm(argv[1], type, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return (int)error.code;
        }
    return 0;
}
