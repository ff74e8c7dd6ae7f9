#include <mote.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/pack/container.h"
#include "runtime/kernels.h"

#define LARGEST_FILE ((size_t)1 << 30)

static bool replay(mote_session *s, const mote_kernels *kernels, const char *path, mote_error *error)
{
    s->kernels = kernels;
    if (mote_selftest(s) != MOTE_SUCCESS)
        return mote_fail(error, MOTE_E_MISMATCH,
                         "%s: self-test failed: the output of the %s kernels differs from the golden output", path,
                         kernels->name);
    printf("%s: the output of the %s kernels equals the golden output\n", path, kernels->name);
    return true;
}

static bool replay_all(const mote_model *m, const char *path, mote_error *error)
{
    void *arena = aligned_alloc(MOTE_ALIGNMENT, mote_arena_size(m));
    void *state = aligned_alloc(MOTE_ALIGNMENT, mote_state_size(m) + MOTE_ALIGNMENT);
    mote_session s;
    bool same = arena && state;
    if (!same) {
        mote_fail(error, MOTE_E_INTERNAL, "%s: no memory to run it", path);
    } else {
        mote_start(&s, m, arena, mote_arena_size(m), state, mote_state_size(m));
        for (uint32_t i = 0; same && mote_kernels_at(i); i++)
            same = replay(&s, mote_kernels_at(i), path, error);
    }
    free(arena);
    free(state);
    return same;
}

static bool verify_float(const mote_bytes *file, const char *path, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_view(&g, file->data, file->size, path, error))
        return false;
    mote_graph_free(&g);
    printf("%s: a valid float model; quantize it for a chip\n", path);
    return true;
}

static bool verify(const mote_bytes *file, const char *path, mote_error *error)
{
    mote_model m;
    const mote_status status = mote_open(&m, file->data, file->size);
    if (status == MOTE_NOT_PACKED)
        return verify_float(file, path, error);
    if (status != MOTE_SUCCESS)
        return mote_fail_open(error, status, file->data, path);
    printf("%s: valid, safe to run\n", path);
    if (m.golden)
        return replay_all(&m, path, error);
    printf("%s: has no golden output to compare with\n", path);
    return true;
}

int mote_cmd_verify(int argc, char **argv)
{
    const mote_option options[] = {{0}};
    const mote_command command = {
        .name = "verify",
        .operands = "MODEL...",
        .summary =
            "Verifies model files as a chip does when it opens them, and compares the golden output with the output of "
            "every\nset of kernels of this machine. Exit code 4: a file is damaged; 7: an output differs.",
        .options = options,
        .examples = "  mote verify story.mote\n",
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    for (int i = 0; i < count; i++) {
        mote_error error = {0};
        mote_bytes file;
        bool sound = mote_file_read(operands[i], LARGEST_FILE, &file, &error);
        if (sound) {
            sound = verify(&file, operands[i], &error);
            free(file.data);
        }
        if (!sound)
            return mote_report("verify", &error);
    }
    return MOTE_OK;
}
