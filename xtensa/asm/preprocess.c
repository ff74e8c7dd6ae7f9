/* Runs the C preprocessor as a child process, without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xtensa/asm/assembler.h"

#define MAX_ARGUMENTS 8192

extern char **environ;

/* Command line that replaces the host's predefined macros by those of Espressif's compiler for assembly. */
static const char *const fixed[] = {
    "cc",
    "-E",
    "-x",
    "assembler-with-cpp",
    "-undef",
    "-nostdinc",
    "-D__XTENSA__=1",
    "-D__xtensa__=1",
    "-D__ELF__=1",
    "-D__ASSEMBLER__=1",
    "-D__XTENSA_EL__=1",
};

static bool start(const char *const *argv, int *pipe_end, pid_t *child)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    /* posix_spawnp takes char *const *, but does not modify the strings */
    errno = posix_spawnp(child, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    int failure = errno;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failure)
        close(ends[0]);
    errno = failure;
    *pipe_end = ends[0];
    return failure == 0;
}

/* Reads the child's output. Returns false when it is larger than MAX_TEXT, or on an error. */
static bool read_all(int from, mote_bytes *out)
{
    size_t capacity = 1 << 16;
    *out = (mote_bytes){malloc(capacity), 0};
    while (out->data && out->size <= MAX_TEXT) {
        if (out->size == capacity) {
            capacity *= 2;
            uint8_t *bigger = realloc(out->data, capacity);
            if (!bigger)
                break;
            out->data = bigger;
        }
        ssize_t n = read(from, out->data + out->size, capacity - out->size);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0)
            out->size += (size_t)n;
    }
    return false;
}

bool mote_xt_preprocess(const char *path, const char *const *arguments, mote_bytes *out, mote_error *error)
{
    const char *argv[MAX_ARGUMENTS + 16];
    size_t n = 0, given = 0;
    for (; n < sizeof fixed / sizeof *fixed; n++)
        argv[n] = fixed[n];
    for (; arguments && arguments[given]; given++) {
        if (given == MAX_ARGUMENTS)
            return mote_fail(error, MOTE_E_USAGE, "more than %d options for the preprocessor", MAX_ARGUMENTS);
        argv[n++] = arguments[given];
    }
    char *safe; /* keeps a name that begins with a dash from being an option */
    if (asprintf(&safe, "%s%s", *path == '-' ? "./" : "", path) < 0)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory");
    argv[n++] = safe;
    argv[n] = NULL;

    int from;
    pid_t child;
    bool started = start(argv, &from, &child);
    free(safe);
    if (!started)
        return mote_fail(error, MOTE_E_INPUT,
                         "cannot run the C preprocessor 'cc' (%s); install a C compiler (Debian: apt install gcc), or "
                         "name the file .s when it has no #include or #define",
                         strerror(errno));
    bool complete = read_all(from, out);
    close(from);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (complete && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    free(out->data);
    *out = (mote_bytes){0};
    if (!complete)
        return mote_fail(error, MOTE_E_FORMAT, "%s: more than %zu MB after preprocessing", path, MAX_TEXT >> 20);
    return mote_fail(error, MOTE_E_FORMAT, "%s: the C preprocessor refused it; see its messages", path);
}
