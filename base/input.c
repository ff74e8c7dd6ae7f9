#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool mote_input_open(mote_input_file *in, const char *path, mote_error *error)
{
    struct stat st;
    *in = (mote_input_file){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (in->fd < 0)
        return mote_fail(error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
    bool ok = true;
    if (fstat(in->fd, &st) != 0)
        ok = mote_fail(error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        ok = mote_fail(error, MOTE_E_INPUT, "%s: %s", path,
                       S_ISDIR(st.st_mode) ? "is a directory; name a file" : "not a regular file");
    else if (!(in->path = strdup(path)))
        ok = mote_fail(error, MOTE_E_INTERNAL, "%s: no memory", path);
    if (ok)
        in->size = (uint64_t)st.st_size;
    else
        close(in->fd);
    return ok;
}

void mote_input_close(mote_input_file *in)
{
    close(in->fd);
    free(in->path);
    *in = (mote_input_file){.fd = -1};
}

bool mote_input_read(const mote_input_file *in, uint64_t offset, void *data, size_t size, mote_error *error)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = pread(in->fd, (uint8_t *)data + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mote_fail(error, MOTE_E_INPUT, "%s: %s", in->path, strerror(errno));
        if (n == 0)
            return mote_fail(error, MOTE_E_INPUT, "%s: became shorter while being read; try again", in->path);
        done += (size_t)n;
    }
    return true;
}
