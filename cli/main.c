/* `mote VERB …`: finds the verb and runs it. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/verbs.h"

#ifndef MOTE_VERSION
#define MOTE_VERSION "0"
#endif

typedef struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verb;

static const verb verbs[] = {
#define VERB(name, summary) {#name, mote_cmd_##name, summary},
    MOTE_VERBS(VERB)
#undef VERB
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static void print_usage(FILE *to)
{
    fputs("mote: tiny neural networks on ESP32 chips\n\nUsage: mote VERB [OPTIONS]\n\n", to);
    for (int i = 0; i < VERB_COUNT; i++)
        fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nmote VERB --help lists options and examples. mote --version prints the version.\n", to);
}

static int unknown_verb(const char *word)
{
    const char *names[VERB_COUNT];
    for (int i = 0; i < VERB_COUNT; i++)
        names[i] = verbs[i].name;
    const char *near = mote_nearest(word, names, VERB_COUNT);
    fprintf(stderr, "mote: unknown verb %s%s%s; see mote --help\n", word, near ? "; did you mean " : "",
            near ? near : "");
    return MOTE_E_USAGE;
}

static const verb *find_verb(const char *word)
{
    for (int i = 0; i < VERB_COUNT; i++)
        if (strcmp(word, verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
}

/* The reader of standard output is gone, as after `| head -1`. */
static bool is_pipe_closed(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/* Reports incomplete JSON output and flushes standard output. A full disk there is a failure. A closed pipe ends the
 * command as it ends others: silently, by SIGPIPE. */
static int finish(int code)
{
    mote_error error;
    if (!mote_json_done(&error)) {
        fprintf(stderr, "mote: %s\n", error.text);
        code = (int)error.code; /* earlier errors may be a consequence of missing memory */
    }
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    const bool closed = is_pipe_closed();
    if (closed && code == MOTE_OK) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    if (!closed)
        fputs("mote: cannot write to standard output\n", stderr);
    return code ? code : MOTE_E_OUTPUT;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    mote_json_begin();
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "help") == 0 && argc > 2) {
        const verb *v = find_verb(argv[2]);
        return v ? finish(v->run(2, (char *[]){argv[2], "--help", NULL})) : unknown_verb(argv[2]);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return finish(MOTE_OK);
    }
    if (strcmp(word, "--version") == 0) {
        puts("mote " MOTE_VERSION);
        return finish(MOTE_OK);
    }
    if (argc < 2) {
        print_usage(stderr);
        return MOTE_E_USAGE;
    }
    const verb *v = find_verb(word);
    return v ? finish(v->run(argc - 1, argv + 1)) : unknown_verb(word);
}
