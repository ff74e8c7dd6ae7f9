/* Frames of pictures and recordings. */
#include "compiler/manifest/number.h"
#include "media/sound.h"
#include "run/frame_formats.h"

bool mote_frames_of_image(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    const mote_port *p = s->port;
    char input[160];
    mote_image image;
    mote_port_text(p, input, sizeof input);
    if (!mote_port_is_picture(p))
        return mote_fail(error, MOTE_E_MISMATCH,
                         "%s is a picture, but input %s has no shape [height, width, 1 or 3 channels]", s->path, input);
    if (!mote_image_decode(&image, s->data, s->size, p->rank == 3 ? p->dims[2] : 1, s->path, error))
        return false;
    const bool done =
        mote_frames_new(f, p, 1, error) && mote_preprocess_image(s->preprocess, p, &image, f->data, NULL, error);
    mote_image_free(&image);
    return done;
}

bool mote_frames_of_sound(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    const mote_port *p = s->port;
    mote_sound sound;
    if (!mote_sound_load(&sound, s->path, error))
        return false;
    const bool done = (sound.count || mote_fail(error, MOTE_E_FORMAT, "%s has no samples", s->path)) &&
                      mote_frames_new(f, p, (sound.count + p->count - 1) / p->count, error);
    for (size_t i = 0; done && i < f->count * p->count; i++) {
        const int sample = i < sound.count ? sound.samples[i] : 0;
        if (p->type == MOTE_I16)
            mote_dtype_put(p->type, f->data, i, sample);
        else
            mote_port_store(p, f->data, i, sample / 32768.0);
    }
    mote_sound_free(&sound);
    return done;
}
