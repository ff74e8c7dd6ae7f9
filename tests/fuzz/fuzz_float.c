/* libFuzzer target: a float graph read from a .mote file or a manifest can be run, trained, quantized and pruned, or is
 * refused with a message. The first byte of the input selects the kind of file, the next four are choices. The rest of
 * the input is a manifest, or a .mote file from byte 16 on; the bytes before are filled in correctly. */
#include <unistd.h>

#include "compiler/manifest/manifest.h"
#include "runtime/crc32.h"
#include "tests/fuzz/float_work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { HEAD = 5, BEFORE = 16 };

static bool read_file(mote_graph *g, const uint8_t *data, size_t size, mote_error *error)
{
    const mote_header h = {.magic = MOTE_MAGIC,
                           .version = MOTE_FORMAT_VERSION,
                           .header_size = sizeof h,
                           .file_size = (uint32_t)size + BEFORE,
                           .crc32 = mote_crc32(0, data, size)};
    uint8_t *file = NULL;
    if (posix_memalign((void **)&file, 16, size + BEFORE) != 0)
        abort();
    memcpy(file, &h, BEFORE);
    memcpy(file + BEFORE, data, size);
    const bool read = mote_graph_decode(g, file, size + BEFORE, "file", error);
    free(file);
    return read;
}

static bool read_manifest(mote_graph *g, const uint8_t *data, size_t size, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, "manifest", error) || fwrite(data, 1, size, out.stream) != size ||
        !mote_output_commit(&out, error))
        abort();
    return mote_manifest_load(g, "manifest", error);
}

/* Writes a graph that was read, and reads it again. */
static void write_again(const mote_graph *g)
{
    mote_graph back;
    mote_error error = {0};
    const bool saved = mote_manifest_save(g, MOTE_MANIFEST_JSON, "again", &error);
    work_check(saved, &error);
    if (!saved)
        return;
    if (!mote_manifest_load(&back, "again", &error)) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    mote_graph_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mote_graph g;
    mote_error error = {0};
    work_done done = {0};
    uint32_t choice;
    if (size <= HEAD)
        return 0;
    memcpy(&choice, data + 1, sizeof choice);
    if (!(data[0] % 2 ? read_manifest : read_file)(&g, data + HEAD, size - HEAD, &error)) {
        work_check(false, &error);
        return 0;
    }
    if (!g.packed) {
        if (choice % 16 == 0)
            write_again(&g);
        work_on_float_graph(&g, choice, &done);
    }
    mote_graph_free(&g);
    return 0;
}

/* In half of the cases, replaces a field in the tables of a .mote file by another field or by an extreme value. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static const uint32_t values[] = {0, 1, 2, 3, 4, 5, 8, 16, 255, 0xffff, 0x7fffffff, 0x80000000u, 0x7fc00000u};
    mote_header h;
    uint32_t random = seed;
    if (size < HEAD + sizeof h || data[0] % 2 || work_choose(&random, 2))
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy((uint8_t *)&h + BEFORE, data + HEAD, sizeof h - BEFORE);
    const uint32_t starts[] = {h.tensor_offset, h.op_offset, h.operand_offset, h.word_offset};
    const uint32_t start = starts[work_choose(&random, 4)];
    const size_t width = (size_t)1 << work_choose(&random, 3);
    if (start < BEFORE || start - BEFORE + HEAD >= size)
        return LLVMFuzzerMutate(data, size, max_size);
    const size_t first = start - BEFORE + HEAD, room = (size - first) / width;
    if (!room)
        return size;
    uint8_t *at = data + first + work_choose(&random, (uint32_t)room) * width;
    const uint8_t *from = data + first + work_choose(&random, (uint32_t)room) * width;
    const uint32_t value = values[work_choose(&random, sizeof values / sizeof *values)];
    memcpy(at, work_choose(&random, 2) ? from : (const uint8_t *)&value, width);
    return size;
}
