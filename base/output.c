#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool output_fail(mote_output_file *out, mote_error *error)
{
    mote_fail(error, errno == ENOMEM ? MOTE_E_INTERNAL : MOTE_E_OUTPUT, "%s: %s", out->path ? out->path : "an output",
              strerror(errno));
    mote_output_discard(out);
    return false;
}

/* Returns the file that an output replaces: the target of a symbolic link, else the path itself. NULL on failure. */
static char *real_output(const char *path, mote_error *error)
{
    struct stat st;
    const bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    char *real = link ? realpath(path, NULL) : strdup(path);
    if (!real && errno == ENOMEM)
        mote_fail(error, MOTE_E_INTERNAL, "%s: no memory", path);
    else if (!real)
        mote_fail(error, MOTE_E_OUTPUT, "%s: a symbolic link without a target: %s", path, strerror(errno));
    return real;
}

/* Fails if the output exists and must not be replaced. Otherwise sets the permissions of the new file: those of the old
 * one, or of an ordinary new file. */
static bool may_replace(const char *path, mode_t *mode, mote_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        const mode_t mask = umask(0);
        umask(mask);
        *mode = 0666 & ~mask;
        return true;
    }
    if (!S_ISREG(st.st_mode))
        return mote_fail(error, MOTE_E_OUTPUT, "%s: exists and is not a regular file; choose another name", path);
    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
        return mote_fail(error, MOTE_E_OUTPUT, "%s: %s", path, strerror(errno));
    *mode = st.st_mode & 0777;
    return true;
}

enum { UNUSABLE = -1, BUSY = -2, GONE = -3, FOREIGN = -4 };

/* Opens and locks the temporary file, and empties one that a killed run has left. Another process may rename or remove
 * the file between opening and locking: then the descriptor is not that of the name, and the result is GONE. */
static int lock_beside(const char *name)
{
    const int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    struct stat held, named;
    int problem = 0;
    if (fd < 0)
        return errno == ELOOP || errno == EISDIR ? FOREIGN : UNUSABLE;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        problem = BUSY;
    else if (fstat(fd, &held) != 0 || lstat(name, &named) != 0 || held.st_ino != named.st_ino ||
             held.st_dev != named.st_dev)
        problem = GONE;
    else if (!S_ISREG(held.st_mode) || held.st_nlink != 1 || held.st_uid != geteuid())
        problem = FOREIGN;
    else if (ftruncate(fd, 0) != 0)
        problem = UNUSABLE;
    if (!problem)
        return fd;
    const int why = errno;
    close(fd);
    errno = why;
    return problem;
}

/* Opens the temporary file next to the output. Its name is always the same, so that the next run reuses the one of a
 * killed run. */
static bool open_beside(mote_output_file *out, mode_t mode, mote_error *error)
{
    enum { TRIES = 16 };
    int fd = GONE;
    if (asprintf(&out->beside, "%s" MOTE_UNFINISHED, out->path) < 0) {
        out->beside = NULL;
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory", out->path);
    }
    for (int i = 0; fd == GONE && i < TRIES; i++)
        fd = lock_beside(out->beside);
    if (fd == BUSY || fd == GONE)
        return mote_fail(error, MOTE_E_OUTPUT, "%s: another run is writing this file", out->path);
    if (fd == FOREIGN)
        return mote_fail(error, MOTE_E_OUTPUT, "%s: in the way, and not a file of this program; remove it",
                         out->beside);
    if (fd < 0)
        return mote_fail(error, MOTE_E_OUTPUT, "%s: %s", out->path, strerror(errno));
    if (fchmod(fd, mode) == 0 && (out->stream = fdopen(fd, "wb")))
        return true;
    mote_fail(error, errno == ENOMEM ? MOTE_E_INTERNAL : MOTE_E_OUTPUT, "%s: %s", out->path, strerror(errno));
    unlink(out->beside);
    close(fd);
    return false;
}

static bool begin_stdout(mote_output_file *out, mote_error *error)
{
    if (isatty(STDOUT_FILENO))
        return mote_fail(error, MOTE_E_OUTPUT, "standard output is a terminal; redirect it to a file");
    *out = (mote_output_file){.path = strdup("standard output"), .stream = tmpfile()}; /* writers seek */
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
    mode_t mode = 0;
    if (strcmp(path, "-") == 0)
        return begin_stdout(out, error);
    *out = (mote_output_file){.path = real_output(path, error)};
    if (out->path && may_replace(out->path, &mode, error) && open_beside(out, mode, error))
        return true;
    free(out->beside);
    free(out->path);
    *out = (mote_output_file){0};
    return false;
}

bool mote_output_probe(const char *path, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    mote_output_discard(&out);
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
    if (rename(out->beside, out->path) != 0)
        return output_fail(out, error);
    fclose(stream); /* after the rename, because it ends the lock; the data is on the disk already */
    sync_directory(out->path);
    free(out->beside);
    free(out->path);
    *out = (mote_output_file){0};
    return true;
}

void mote_output_discard(mote_output_file *out)
{
    if (out->beside)
        unlink(out->beside);
    if (out->stream)
        fclose(out->stream); /* last, because it ends the lock */
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
