/* libFuzzer target: a file that opens must run within its arena and state, in place and copied. The input is a file
 * from byte 16 on; the bytes before are filled in correctly, so that the checksum does not stop it. */
#include <mote_text.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crc32.h"
#include "runtime/format.h"
#include "runtime/kernels.h"

enum { LARGEST_ARENA = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *exact_memory(size_t size)
{
    void *p = NULL;
    if (posix_memalign(&p, 16, size) != 0)
        abort();
    return p;
}

static void encode(const mote_model *m)
{
    static const uint8_t text[] = "abab aba\n\xc3\xa9\xff";
    uint16_t *tokens = exact_memory(sizeof text * sizeof *tokens);
    const int32_t count = mote_encode(m, text, sizeof text - 1, tokens, sizeof text);
    for (int32_t i = 0; i < count; i++) {
        size_t size;
        const uint8_t *part = mote_decode(m, mote_start_token(m), tokens[i], &size);
        if (tokens[i] >= mote_vocabulary(m))
            abort();
        mote_crc32(0, part, size); /* reads all of the part */
    }
    free(tokens);
}

/* Fills every input to its last byte; the values count up from `first`. */
static void fill_inputs(const mote_session *s, uint32_t first)
{
    mote_value in;
    for (uint32_t i = 0; (in = mote_input(s, i)).data; i++)
        for (uint32_t k = 0; k < in.size; k++)
            ((uint8_t *)in.data)[k] = (uint8_t)(first + k * 37);
}

static uint32_t digest_of_outputs(const mote_session *s)
{
    uint32_t digest = 0;
    mote_value out;
    for (uint32_t i = 0; (out = mote_output(s, i)).data; i++)
        digest = mote_crc32(mote_crc32(digest, out.name, strlen(out.name)), out.data, out.size);
    return digest;
}

static uint32_t run(mote_session *s)
{
    mote_sampler sampler = mote_sampler_init(1);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < 4; i++) {
        s->kernels = i % 2 ? mote_best_kernels() : &mote_portable_kernels;
        fill_inputs(s, i);
        if (mote_is_language_model(s->model)) {
            mote_step(s, i * 3);
            size_t size;
            mote_decode(s->model, i, mote_sample(s, &sampler), &size);
        } else {
            mote_run(s);
        }
        digest = digest * 31 + digest_of_outputs(s);
    }
    mote_selftest(s);
    return digest;
}

static void run_all(mote_model *m)
{
    const size_t arena_size = mote_arena_size(m), state_size = mote_state_size(m);
    if (mote_is_language_model(m))
        encode(m);
    if (arena_size > LARGEST_ARENA || state_size > LARGEST_ARENA || mote_place_size(m) > LARGEST_ARENA)
        return;
    const size_t whole = arena_size + state_size + mote_place_size(m);
    void *arena = exact_memory(arena_size), *state = exact_memory(state_size), *memory = exact_memory(whole);
    mote_session s;
    if (mote_start(&s, m, arena, arena_size, state, state_size) != MOTE_SUCCESS)
        abort();
    const uint32_t digest = run(&s);
    if (mote_begin(&s, m, memory, whole) != MOTE_SUCCESS || run(&s) != digest)
        abort();
    free(arena);
    free(state);
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = exact_memory(size + 16);
    const mote_header h = {.magic = MOTE_MAGIC,
                           .version = MOTE_FORMAT_VERSION,
                           .header_size = sizeof h,
                           .file_size = (uint32_t)size + 16,
                           .crc32 = mote_crc32(0, data, size)};
    memcpy(file, &h, 16);
    if (size)
        memcpy(file + 16, data, size);
    mote_model m;
    if (mote_open(&m, file, size + 16) == MOTE_SUCCESS)
        run_all(&m);
    free(file);
    return 0;
}
