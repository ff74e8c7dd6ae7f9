/* Recordings: WAV and the other files of libsndfile. */
#ifndef MOTE_MEDIA_SOUND_H
#define MOTE_MEDIA_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { MOTE_MOST_SAMPLES = 1 << 27 };

typedef struct mote_sound {
    uint32_t rate; /* samples a second */
    size_t count;
    int16_t *samples; /* owned; several channels are averaged */
} mote_sound;

/* Loads a recording as 16-bit samples; other precisions are rounded. Errors: MOTE_E_INPUT, MOTE_E_FORMAT. On failure
 * there is nothing to free. */
bool mote_sound_load(mote_sound *sound, const char *path, mote_error *error);
void mote_sound_free(mote_sound *sound);

#endif
