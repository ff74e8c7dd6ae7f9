#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check_regular(int fd, const char *path, size_t limit, size_t *size, mote_error *error)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return mote_fail(error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return mote_fail(error, MOTE_E_INPUT, "%s: is a directory; name a file", path);
    if (!S_ISREG(st.st_mode))
        return mote_fail(error, MOTE_E_INPUT, "%s: not a regular file", path);
    if ((uint64_t)st.st_size > limit)
        return mote_fail(error, MOTE_E_INPUT, "%s: %lld bytes, more than the %zu this reads", path,
                         (long long)st.st_size, limit);
    *size = (size_t)st.st_size;
    return true;
}

static bool read_all(int fd, const char *path, uint8_t *data, size_t size, mote_error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mote_fail(error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
        if (n == 0)
            return mote_fail(error, MOTE_E_INPUT, "%s: became shorter while being read; try again", path);
        done += (size_t)n;
    }
    return true;
}

bool mote_file_read(const char *path, size_t limit, mote_bytes *out, mote_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return mote_fail(error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
    size_t size = 0;
    bool ok = check_regular(fd, path, limit, &size, error);
    uint8_t *data = NULL;
    if (ok && !(data = aligned_alloc(64, (size + 64) & ~(size_t)63)))
        ok = mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for %zu bytes", path, size);
    ok = ok && read_all(fd, path, data, size, error);
    close(fd);
    if (!ok) {
        free(data);
        return false;
    }
    *out = (mote_bytes){data, size};
    return true;
}

static bool output_fail(mote_output_file *out, mote_error *error)
{
    mote_fail(error, errno == ENOMEM ? MOTE_E_INTERNAL : MOTE_E_OUTPUT, "%s: %s", out->path, strerror(errno));
    mote_output_discard(out);
    return false;
}

/* Opens a temporary file next to `path` with the permissions of an ordinary new file. Returns -1 with errno on failure.
 */
static int open_beside(mote_output_file *out)
{
    char *name;
    if (asprintf(&name, "%s.XXXXXX", out->path) < 0)
        return -1;
    int fd = mkstemp(name);
    if (fd < 0) {
        free(name);
        return -1;
    }
    out->beside = name;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    return fd;
}

static bool begin_stdout(mote_output_file *out, mote_error *error)
{
    if (isatty(STDOUT_FILENO))
        return mote_fail(error, MOTE_E_OUTPUT, "standard output is a terminal; redirect it to a file");
    out->path = strdup("standard output");
    out->stream = tmpfile(); /* writers seek */
    return (out->path && out->stream) || output_fail(out, error);
}

static void copy_to_stdout(FILE *from)
{
    char piece[4096];
    rewind(from);
    for (size_t size; (size = fread(piece, 1, sizeof piece, from)) > 0;)
        fwrite(piece, 1, size, stdout);
}

bool mote_output_begin(mote_output_file *out, const char *path, mote_error *error)
{
    *out = (mote_output_file){0};
    if (strcmp(path, "-") == 0)
        return begin_stdout(out, error);
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return mote_fail(error, MOTE_E_OUTPUT, "%s: exists and is not a regular file; choose another name", path);
    out->path = strdup(path);
    if (!out->path)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory", path);
    int fd = open_beside(out);
    if (fd < 0)
        return output_fail(out, error);
    out->stream = fdopen(fd, "wb");
    if (!out->stream) {
        close(fd);
        return output_fail(out, error);
    }
    return true;
}

/* Syncs the directory of `path`: a rename is durable only after its directory is. */
static void sync_directory(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

bool mote_output_commit(mote_output_file *out, mote_error *error)
{
    FILE *stream = out->stream;
    if (!stream || !out->path)
        return mote_fail(error, MOTE_E_INTERNAL, "committed an output that was never begun");
    if (ferror(stream) || fflush(stream) != 0 || fsync(fileno(stream)) != 0)
        return output_fail(out, error);
    if (!out->beside) {
        copy_to_stdout(stream);
        mote_output_discard(out);
        return true;
    }
    out->stream = NULL;
    if (fclose(stream) != 0 || rename(out->beside, out->path) != 0)
        return output_fail(out, error);
    sync_directory(out->path);
    free(out->beside);
    free(out->path);
    *out = (mote_output_file){0};
    return true;
}

void mote_output_discard(mote_output_file *out)
{
    if (out->stream)
        fclose(out->stream);
    if (out->beside)
        unlink(out->beside);
    free(out->beside);
    free(out->path);
    *out = (mote_output_file){0};
}

bool mote_file_write(const char *path, const void *data, size_t size, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    fwrite(data, 1, size, out.stream); /* a short write sets the stream's error flag, which commit reports */
    return mote_output_commit(&out, error);
}
