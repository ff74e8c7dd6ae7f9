#include "run/frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "run/frame_formats.h"

static const struct format {
    const char *endings; /* separated by spaces */
    mote_frame_reader *read;
} formats[] = {
    {".bin", mote_frames_of_bin},
    {".npy", mote_frames_of_npy},
    {".npz", mote_frames_of_npz},
    {".csv", mote_frames_of_csv},
    {".png .jpg .jpeg .pgm .ppm", mote_frames_of_image},
    {".wav .flac .ogg", mote_frames_of_sound},
};

bool mote_has_ending(const char *path, const char *ending)
{
    const size_t length = strlen(path), n = strlen(ending);
    return length > n && strcasecmp(path + length - n, ending) == 0;
}

/* True if the name has one of the endings, which spaces separate. */
static bool has_one(const char *path, const char *endings)
{
    char ending[8];
    for (int n; sscanf(endings, "%7s%n", ending, &n) == 1; endings += n)
        if (mote_has_ending(path, ending))
            return true;
    return false;
}

bool mote_frames_new(mote_frames *f, const mote_port *port, size_t count, mote_error *error)
{
    *f = (mote_frames){.count = count, .size = port->size};
    if (!port->size || count <= MOTE_FRAMES_LIMIT / port->size)
        f->data = calloc(count * port->size + 1, 1);
    return f->data || mote_fail(error, MOTE_E_INTERNAL, "no memory for %zu frames of %s", count, port->name);
}

void mote_frames_free(mote_frames *f)
{
    free(f->data);
    *f = (mote_frames){0};
}

bool mote_frames_read(mote_frames *f, const mote_port *port, const mote_preprocess *preprocess, const char *path,
                      mote_error *error)
{
    mote_bytes file;
    *f = (mote_frames){0};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!has_one(path, formats[i].endings))
            continue;
        if (!mote_file_read(path, MOTE_FRAMES_LIMIT, &file, error))
            return false;
        const mote_frame_source source = {path, file.data, file.size, port, preprocess};
        const bool done = formats[i].read(f, &source, error);
        free(file.data);
        if (!done)
            mote_frames_free(f);
        return done;
    }
    struct stat s;
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode))
        return mote_fail(error, MOTE_E_USAGE, "%s is a folder; name its files, each with --input", path);
    return mote_fail(
        error, MOTE_E_USAGE,
        "%s: the ending of an input is .bin (stored values), .npy, .npz, .csv, .png, .jpg, .pgm, .ppm, .wav, "
        ".flac or .ogg",
        path);
}
