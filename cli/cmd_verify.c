#include <mote.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/pack/container.h"
#include "runtime/kernels.h"

#define LARGEST_FILE ((size_t)1 << 30)

enum { MOST_KERNELS = 16 };

/* Result for one file. `kernels` has the names of those that gave the golden output. */
typedef struct verdict {
    const char *path;
    mote_error error; /* code MOTE_OK: valid */
    bool packed, golden;
    const char *kernels[MOST_KERNELS];
    int kernel_count;
} verdict;

static bool replay_all(verdict *v, mote_session *s)
{
    for (uint32_t i = 0; i < MOST_KERNELS && mote_kernels_at(i); i++) {
        s->kernels = mote_kernels_at(i);
        if (mote_selftest(s) != MOTE_SUCCESS)
            return mote_fail(&v->error, MOTE_E_MISMATCH,
                             "%s: self-test failed: the output of the %s kernels differs from the golden output",
                             v->path, s->kernels->name);
        v->kernels[v->kernel_count++] = s->kernels->name;
    }
    return true;
}

static bool replay(verdict *v, const mote_model *m)
{
    void *arena = aligned_alloc(MOTE_ALIGNMENT, mote_arena_size(m));
    void *state = aligned_alloc(MOTE_ALIGNMENT, mote_state_size(m) + MOTE_ALIGNMENT);
    mote_session s;
    bool same = (arena && state) || mote_fail(&v->error, MOTE_E_INTERNAL, "%s: no memory to run it", v->path);
    if (same) {
        mote_start(&s, m, arena, mote_arena_size(m), state, mote_state_size(m));
        same = replay_all(v, &s);
    }
    free(arena);
    free(state);
    return same;
}

static bool verify_float(verdict *v, const mote_bytes *file)
{
    mote_graph g;
    if (!mote_graph_view(&g, file->data, file->size, v->path, &v->error))
        return false;
    mote_graph_free(&g);
    return true;
}

static bool verify_data(verdict *v, const mote_bytes *file)
{
    mote_model m;
    const mote_status status = mote_open(&m, file->data, file->size);
    if (status == MOTE_NOT_PACKED)
        return verify_float(v, file);
    if (status != MOTE_SUCCESS)
        return mote_fail_open(&v->error, status, file->data, file->size, v->path);
    v->packed = true;
    v->golden = m.golden != NULL;
    return !v->golden || replay(v, &m);
}

static verdict verify(const char *path)
{
    verdict v = {.path = path};
    mote_bytes file;
    if (mote_file_read(path, LARGEST_FILE, &file, &v.error)) {
        verify_data(&v, &file);
        free(file.data);
    }
    return v;
}

static void print(const verdict *v)
{
    if (v->packed)
        printf("%s: valid, safe to run\n", v->path);
    else if (!v->error.code)
        printf("%s: a valid float model; quantize it for a chip\n", v->path);
    for (int i = 0; i < v->kernel_count; i++)
        printf("%s: the output of the %s kernels equals the golden output\n", v->path, v->kernels[i]);
    if (v->packed && !v->golden)
        printf("%s: has no golden output to compare with\n", v->path);
}

static json_t *json_of(const verdict *v)
{
    json_t *kernels = json_array();
    for (int i = 0; i < v->kernel_count; i++)
        json_array_append_new(kernels, json_string(v->kernels[i]));
    return json_pack("{s:o, s:b, s:i, s:o, s:b, s:b, s:o}", "model", mote_json_text(v->path), "valid",
                     v->error.code == MOTE_OK, "code", (int)v->error.code, "error",
                     v->error.code ? mote_json_text(v->error.text) : json_null(), "packed", v->packed, "golden",
                     v->golden, "equal_kernels", kernels);
}

int mote_cmd_verify(int argc, char **argv)
{
    bool json = false;
    const mote_option options[] = {{.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
                                   {0}};
    const mote_command command = {
        .name = "verify",
        .operands = "MODEL... [OPTIONS]",
        .summary =
            "Verifies model files as a chip does when it opens them, and compares the golden output with the output of "
            "every set of kernels of this machine. Exit code 4: a file is damaged; 7: an output differs; with several "
            "files the highest code of all.",
        .options = options,
        .examples = "  mote verify story.mote\n"
                    "  mote verify *.mote --json\n",
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    int worst = MOTE_OK;
    json_t *files = json ? json_array() : NULL;
    for (int i = 0; i < count; i++) {
        const verdict v = verify(operands[i]);
        if (json)
            json_array_append_new(files, json_of(&v));
        else
            print(&v);
        const int code = v.error.code ? mote_report("verify", &v.error) : MOTE_OK;
        worst = code > worst ? code : worst;
    }
    if (json)
        mote_json_print(files, JSON_INDENT(2));
    return worst;
}
