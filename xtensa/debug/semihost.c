#include "xtensa/debug/semihost.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CALL_EXIT = 1,
    CALL_READ = 3,
    CALL_WRITE = 4,
    CALL_OPEN = 5,
    CALL_CLOSE = 6,
    CALL_LSEEK = 19,
    CALL_ARGC = 1000,
    CALL_ARGV_SIZE = 1001,
    CALL_ARGV = 1002,
};

/* Open flags of the guest. They equal the host's on x86 Linux, but not on every Linux. */
enum { GUEST_CREAT = 0x40, GUEST_EXCL = 0x80, GUEST_TRUNC = 0x200, GUEST_APPEND = 0x400, GUEST_ACCESS = 3 };

enum { FIRST_FILE = 3, CHUNK = 4096, PATH_LIMIT = 512 };

static bool guest_store(mote_xt_semihost *h, mote_xt_machine *m, uint32_t address, const void *from, uint32_t size)
{
    if (h->before_store)
        h->before_store(h->context, address, size);
    return mote_xt_write(m, address, from, size);
}

static int32_t negative(int error)
{
    return -error;
}

static FILE *stream_of(const mote_xt_semihost *h, uint32_t fd)
{
    return fd == 0 ? h->in : fd == 1 ? h->out : h->err;
}

static int *file_of(mote_xt_semihost *h, uint32_t fd)
{
    uint32_t slot = fd - FIRST_FILE;
    return fd >= FIRST_FILE && slot < MOTE_XT_FILES && h->open[slot] >= 0 ? &h->open[slot] : NULL;
}

static ssize_t host_read(mote_xt_semihost *h, uint32_t fd, void *to, size_t size)
{
    int *file = file_of(h, fd);
    if (file)
        return read(*file, to, size);
    if (fd != 0)
        return negative(EBADF);
    if (!h->in)
        return 0;
    if (h->out)
        fflush(h->out); /* shows a prompt before waiting for the answer */
    return read(fileno(h->in), to, size);
}

static int32_t call_read(mote_xt_semihost *h, mote_xt_machine *m, uint32_t fd, uint32_t buffer, uint32_t size)
{
    uint8_t chunk[CHUNK];
    uint32_t done = 0;
    while (done < size) {
        uint32_t want = size - done < CHUNK ? size - done : CHUNK;
        if (!mote_xt_read(m, buffer + done, chunk, want))
            return negative(EFAULT);
        ssize_t got = host_read(h, fd, chunk, want);
        if (got < 0)
            return done ? (int32_t)done : negative(fd == 0 || errno == 0 ? EBADF : errno);
        if (got && !guest_store(h, m, buffer + done, chunk, (uint32_t)got))
            return negative(EFAULT);
        done += (uint32_t)got;
        if ((uint32_t)got < want)
            break;
    }
    return (int32_t)done;
}

static ssize_t host_write(mote_xt_semihost *h, uint32_t fd, const void *from, size_t size)
{
    int *file = file_of(h, fd);
    if (file)
        return write(*file, from, size);
    FILE *stream = stream_of(h, fd);
    return !stream || fwrite(from, 1, size, stream) == size ? (ssize_t)size : -1;
}

static int32_t call_write(mote_xt_semihost *h, mote_xt_machine *m, uint32_t fd, uint32_t buffer, uint32_t size)
{
    if (fd == 0 || (fd >= FIRST_FILE && !file_of(h, fd)))
        return negative(EBADF);
    uint8_t chunk[CHUNK];
    uint32_t done = 0;
    while (done < size) {
        uint32_t part = size - done < CHUNK ? size - done : CHUNK;
        if (!mote_xt_read(m, buffer + done, chunk, part))
            return done ? (int32_t)done : negative(EFAULT);
        ssize_t put = host_write(h, fd, chunk, part);
        if (put < 0)
            return done ? (int32_t)done : negative(errno ? errno : EIO);
        done += (uint32_t)put;
        if ((uint32_t)put < part)
            break;
    }
    return (int32_t)done;
}

/* Reads a NUL-terminated string of the guest. Returns false when it is not in memory, or does not fit in PATH_LIMIT
 * bytes. */
static bool guest_string(const mote_xt_machine *m, uint32_t address, char to[PATH_LIMIT])
{
    for (uint32_t i = 0; i < PATH_LIMIT; i++) {
        if (!mote_xt_read(m, address + i, to + i, 1))
            return false;
        if (to[i] == '\0')
            return true;
    }
    return false;
}

/* Opens a path one component at a time so that no symbolic link and no ".." leads out of the folder `root`. */
static int open_beneath(int root, const char *path, int flags, mode_t mode)
{
    int folder = root;
    char part[PATH_LIMIT];
    for (;;) {
        size_t length = strcspn(path, "/");
        memcpy(part, path, length);
        part[length] = '\0';
        bool last = path[length] == '\0';
        int next = -1;
        if (length == 0 || strcmp(part, "..") == 0)
            errno = EACCES;
        else
            next = openat(folder, part, last ? flags : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode);
        int error = errno;
        if (folder != root)
            close(folder);
        errno = error;
        if (last || next < 0)
            return next;
        folder = next;
        path += length + 1;
    }
}

static int host_flags(uint32_t guest)
{
    static const int access[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
    /* O_NONBLOCK keeps the opening of a pipe from blocking; call_open then refuses it. O_TRUNC is left out: call_open
     * truncates when it has verified that the file is a regular one. */
    return access[guest & GUEST_ACCESS] | (guest & GUEST_CREAT ? O_CREAT : 0) | (guest & GUEST_EXCL ? O_EXCL : 0) |
           (guest & GUEST_APPEND ? O_APPEND : 0) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
}

static int32_t call_open(mote_xt_semihost *h, mote_xt_machine *m, uint32_t path, uint32_t flags, uint32_t mode)
{
    char name[PATH_LIMIT];
    if (!guest_string(m, path, name))
        return negative(EFAULT);
    if (h->folder < 0)
        return negative(EACCES);
    uint32_t slot = 0;
    while (slot < MOTE_XT_FILES && h->open[slot] >= 0)
        slot++;
    if (slot == MOTE_XT_FILES)
        return negative(EMFILE);
    int fd = open_beneath(h->folder, name, host_flags(flags), mode & 0777);
    if (fd < 0)
        return negative(errno == ELOOP ? EACCES : errno);
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return negative(EACCES);
    }
    if ((flags & GUEST_TRUNC) && (flags & GUEST_ACCESS) && ftruncate(fd, 0) != 0) {
        int error = errno;
        close(fd);
        return negative(error);
    }
    h->open[slot] = fd;
    return (int32_t)slot + FIRST_FILE;
}

static int32_t call_close(mote_xt_semihost *h, uint32_t fd)
{
    int *file = file_of(h, fd);
    if (!file)
        return fd < FIRST_FILE ? 0 : negative(EBADF);
    close(*file);
    *file = -1;
    return 0;
}

static int32_t call_lseek(mote_xt_semihost *h, uint32_t fd, int32_t offset, uint32_t whence)
{
    int *file = file_of(h, fd);
    if (!file)
        return negative(fd < FIRST_FILE ? ESPIPE : EBADF);
    if (whence > 2)
        return negative(EINVAL);
    static const int host_whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t at = lseek(*file, offset, host_whence[whence]);
    return at < 0 ? negative(errno) : at > INT32_MAX ? negative(EOVERFLOW) : (int32_t)at;
}

static uint32_t argv_size(const mote_xt_semihost *h)
{
    size_t size = ((size_t)h->argc + 1) * 4;
    for (int i = 0; i < h->argc; i++)
        size += strlen(h->argv[i]) + 1;
    return (uint32_t)size;
}

static int32_t call_argv(mote_xt_semihost *h, mote_xt_machine *m, uint32_t buffer)
{
    uint32_t string = buffer + ((uint32_t)h->argc + 1) * 4, null = 0;
    for (int i = 0; i < h->argc; i++) {
        uint32_t size = (uint32_t)strlen(h->argv[i]) + 1;
        if (!guest_store(h, m, buffer + (uint32_t)i * 4, &string, 4) || !guest_store(h, m, string, h->argv[i], size))
            return negative(EFAULT);
        string += size;
    }
    return guest_store(h, m, buffer + (uint32_t)h->argc * 4, &null, 4) ? 0 : negative(EFAULT);
}

static int32_t serve(mote_xt_semihost *h, mote_xt_machine *m, uint32_t call, const uint32_t args[3])
{
    errno = 0;
    switch (call) {
    case CALL_READ:
        return call_read(h, m, args[0], args[1], args[2]);
    case CALL_WRITE:
        return call_write(h, m, args[0], args[1], args[2]);
    case CALL_OPEN:
        return call_open(h, m, args[0], args[1], args[2]);
    case CALL_CLOSE:
        return call_close(h, args[0]);
    case CALL_LSEEK:
        return call_lseek(h, args[0], (int32_t)args[1], args[2]);
    case CALL_ARGC:
        return h->argc;
    case CALL_ARGV_SIZE:
        return (int32_t)argv_size(h);
    case CALL_ARGV:
        return call_argv(h, m, args[0]);
    default:
        return negative(ENOSYS);
    }
}

bool mote_xt_semihost_call(mote_xt_semihost *h, mote_xt_machine *m)
{
    uint32_t call = mote_xt_get(m, "a2");
    uint32_t args[3] = {mote_xt_get(m, "a3"), mote_xt_get(m, "a4"), mote_xt_get(m, "a5")};
    if (call == CALL_EXIT) {
        h->exit_code = (int)(args[0] & 0xff);
        return false;
    }
    int32_t result = serve(h, m, call, args);
    mote_xt_set(m, "a2", result < 0 ? UINT32_MAX : (uint32_t)result);
    mote_xt_set(m, "a3", result < 0 ? (uint32_t)-result : 0);
    return true;
}

void mote_xt_semihost_open(mote_xt_semihost *h, int argc, char **argv)
{
    *h = (mote_xt_semihost){.argc = argc, .argv = argv, .folder = -1, .in = stdin, .out = stdout, .err = stderr};
    for (int i = 0; i < MOTE_XT_FILES; i++)
        h->open[i] = -1;
}

bool mote_xt_semihost_files(mote_xt_semihost *h, const char *folder, mote_error *error)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return mote_fail(error, MOTE_E_INPUT, "%s: %s", folder, strerror(errno));
    if (h->folder >= 0)
        close(h->folder);
    h->folder = fd;
    return true;
}

void mote_xt_semihost_close(mote_xt_semihost *h)
{
    if (h->folder >= 0)
        close(h->folder);
    h->folder = -1;
    for (int i = 0; i < MOTE_XT_FILES; i++) {
        if (h->open[i] >= 0)
            close(h->open[i]);
        h->open[i] = -1;
    }
}
