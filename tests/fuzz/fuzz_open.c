/* libFuzzer: whatever opens must run within its arena and state. The input is a file from byte 16 on; what stands
 * before is made right here, so that the checksum stops nothing. */
#include <mote.h>
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
        mote_crc32(0, part, size); /* reads all of it */
    }
    free(tokens);
}

static void run(const mote_model *m)
{
    encode(m);
    const size_t arena_size = mote_arena_size(m), state_size = mote_state_size(m);
    if (arena_size > LARGEST_ARENA || state_size > LARGEST_ARENA)
        return;
    void *arena = exact_memory(arena_size), *state = exact_memory(state_size);
    mote_session s;
    if (mote_start(&s, m, arena, arena_size, state, state_size) != MOTE_SUCCESS)
        abort();
    mote_sampler sampler = mote_sampler_init(1);
    for (uint32_t i = 0; i < 4; i++) {
        s.kernels = i % 2 ? mote_best_kernels() : &mote_portable_kernels;
        mote_step(&s, i * 3);
        size_t size;
        mote_decode(m, i, mote_sample(&s, &sampler), &size);
    }
    free(arena);
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = exact_memory(size + 16);
    const mote_header h = {MOTE_MAGIC, MOTE_FORMAT_VERSION, sizeof h, (uint32_t)size + 16, mote_crc32(0, data, size)};
    memcpy(file, &h, 16);
    if (size)
        memcpy(file + 16, data, size);
    mote_model m;
    if (mote_open(&m, file, size + 16) == MOTE_SUCCESS)
        run(&m);
    free(file);
    return 0;
}
