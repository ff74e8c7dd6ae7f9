/* The readers behind mote_frames_read. */
#ifndef MOTE_RUN_FRAME_FORMATS_H
#define MOTE_RUN_FRAME_FORMATS_H

#include "run/frames.h"

#define MOTE_FRAMES_LIMIT ((size_t)1 << 30) /* bytes of a file, and of all frames together */

typedef struct mote_frame_source {
    const char *path;
    const uint8_t *data; /* the whole file */
    size_t size;
    const mote_port *port;
    const mote_preprocess *preprocess;
} mote_frame_source;

typedef bool mote_frame_reader(mote_frames *f, const mote_frame_source *s, mote_error *error);

mote_frame_reader mote_frames_of_bin, mote_frames_of_npy, mote_frames_of_npz, mote_frames_of_csv, mote_frames_of_image,
    mote_frames_of_sound;

#endif
