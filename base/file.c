#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
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
