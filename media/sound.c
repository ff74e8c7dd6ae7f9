#include "media/sound.h"

#include <sndfile.h>
#include <stdlib.h>

enum { BLOCK = 4096, MOST_CHANNELS = 16 };

void mote_sound_free(mote_sound *sound)
{
    free(sound->samples);
    *sound = (mote_sound){0};
}

static bool read_samples(mote_sound *sound, SNDFILE *file, int channels, const char *path, mote_error *error)
{
    int16_t block[BLOCK];
    const sf_count_t frames = BLOCK / channels;
    size_t done = 0;
    for (sf_count_t count; done < sound->count && (count = sf_readf_short(file, block, frames)) > 0;)
        for (sf_count_t i = 0; i < count && done < sound->count; i++) {
            int32_t sum = 0;
            for (int c = 0; c < channels; c++)
                sum += block[i * channels + c];
            sound->samples[done++] = (int16_t)(sum / channels);
        }
    return done == sound->count || mote_fail(error, MOTE_E_FORMAT, "%s: the recording ends early", path);
}

bool mote_sound_load(mote_sound *sound, const char *path, mote_error *error)
{
    SF_INFO info = {0};
    *sound = (mote_sound){0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file)
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s", path, sf_strerror(NULL));
    bool read = false;
    if (info.frames <= 0 || info.frames > MOTE_MOST_SAMPLES || info.channels < 1 || info.channels > MOST_CHANNELS)
        mote_fail(error, MOTE_E_UNSUPPORTED,
                  "%s: %lld samples of %d channels; 1 to %d samples and %d channels are read", path,
                  (long long)info.frames, info.channels, MOTE_MOST_SAMPLES, MOST_CHANNELS);
    else if (!(sound->samples = malloc((size_t)info.frames * sizeof *sound->samples)))
        mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for %lld samples", path, (long long)info.frames);
    else {
        sound->rate = (uint32_t)info.samplerate;
        sound->count = (size_t)info.frames;
        read = read_samples(sound, file, info.channels, path, error);
    }
    sf_close(file);
    if (!read)
        mote_sound_free(sound);
    return read;
}
