/* Stored values of one input or output, one frame for each run, from files and to files. The ending of a name decides
 * the format. */
#ifndef MOTE_RUN_FRAMES_H
#define MOTE_RUN_FRAMES_H

#include "run/preprocess.h"

typedef struct mote_frames {
    uint8_t *data; /* owned: `count` frames of `size` bytes, the stored values of a port */
    size_t count, size;
} mote_frames;

/* Reads a file for an input:
 *   .bin                      stored values, little endian, frames back to back
 *   .npy .npz                 an array [the input's shape] or [frames, the input's shape], in an .npz of the input's
 *                             name or the only one. Integers of the input's own type are stored values, all other
 *                             numbers real ones. An array with its channels first is transposed
 *   .csv                      real values, a line for each frame; a first line that is no numbers is skipped
 *   .png .jpg .jpeg .pgm .ppm a picture, by `preprocess`
 *   .wav .flac .ogg           16-bit samples, cut into frames of the input's length; the last, incomplete one is filled
 *                             with zeros. int16 inputs store them, others get sample / 32768 as real values
 * Errors: MOTE_E_USAGE for another ending; MOTE_E_FORMAT, with the line or the shape; numbers that are not finite.
 * On failure there is nothing to free. */
bool mote_frames_read(mote_frames *f, const mote_port *port, const mote_preprocess *preprocess, const char *path,
                      mote_error *error);
void mote_frames_free(mote_frames *f);

bool mote_frames_new(mote_frames *f, const mote_port *port, size_t count, mote_error *error); /* zeroed */

/* Writes the outputs of all frames, atomically, all with equally many frames: .bin stored values, the outputs of a
 * frame one after another; .npz an array [frames, shape] of stored values for each output, or real ones (float32) if
 * `real`; .npy the same for a single output; .csv real values, a line for each frame below a line of names. Errors:
 * MOTE_E_USAGE for another ending. */
bool mote_frames_write(const mote_frames *outputs, const mote_port *ports, int count, bool real, const char *path,
                       mote_error *error);

/* Checks the ending of an output, before long work. */
bool mote_frames_can_write(const char *path, int count, mote_error *error);

/* True if the file's name has this ending, in small or capital letters. */
bool mote_has_ending(const char *path, const char *ending);

#endif
