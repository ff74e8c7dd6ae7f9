/* An allocator that fails on demand, for the command. It is linked with --wrap for each function below, so that calls
 * from Mote, from its libraries in this executable and from jansson come here. With MOTE_FAIL_AT=N the N-th allocation
 * fails; with MOTE_FAIL_ON=1 all later ones fail too. With MOTE_FAIL_COUNT=FILE the number of allocations is written to
 * FILE at the end. */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
FILE *__real_open_memstream(char **bytes, size_t *size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
FILE *__wrap_open_memstream(char **bytes, size_t *size);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static atomic_long count;
static long fail_at;
static int fail_on;

static void report(void)
{
    const char *path = getenv("MOTE_FAIL_COUNT");
    FILE *to = path ? fopen(path, "w") : NULL;
    if (to) {
        fprintf(to, "%ld\n", (long)count);
        fclose(to);
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("MOTE_FAIL_AT"), *on = getenv("MOTE_FAIL_ON");
    fail_at = at ? atol(at) : 0;
    fail_on = on && atoi(on);
    json_set_alloc_funcs(__wrap_malloc, free);
    atexit(report);
}

static int fails(void)
{
    const long n = atomic_fetch_add(&count, 1) + 1;
    if (!fail_at || (fail_on ? n < fail_at : n != fail_at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return fails() ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : __real_strndup(text, size);
}

FILE *__wrap_open_memstream(char **bytes, size_t *size)
{
    return fails() ? NULL : __real_open_memstream(bytes, size);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    if (fails())
        return -1;
    va_start(arguments, format);
    const int length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}
