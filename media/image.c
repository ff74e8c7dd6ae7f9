#include "media/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mote_image_free(mote_image *image)
{
    free(image->pixels);
    *image = (mote_image){0};
}

bool mote_image_new(mote_image *image, uint32_t width, uint32_t height, uint32_t channels, const char *name,
                    mote_error *error)
{
    *image = (mote_image){.width = width, .height = height, .channels = channels};
    if (!width || !height || (uint64_t)width * height > MOTE_MOST_PIXELS)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: a picture of %u x %u pixels; it may have 1 to %d pixels", name,
                         width, height, MOTE_MOST_PIXELS);
    image->pixels = calloc((size_t)width * height, channels);
    return image->pixels || mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for %u x %u pixels", name, width, height);
}

/* Place of a pixel of the result between two pixels of the source. */
typedef struct place {
    uint32_t low, high;
    float share; /* of the higher pixel */
} place;

static place place_of(uint32_t i, uint32_t from, uint32_t to)
{
    const float at = ((float)i + 0.5f) * (float)from / (float)to - 0.5f;
    const float low = floorf(fmaxf(at, 0));
    const uint32_t first = (uint32_t)low < from ? (uint32_t)low : from - 1;
    return (place){first, first + 1 < from ? first + 1 : first, fmaxf(at, 0) - low};
}

static void scale_row(const mote_image *from, mote_image *to, uint32_t y, const mote_shown *fit)
{
    const uint32_t channels = from->channels;
    const place v = place_of(y, from->height, fit->height);
    const uint8_t *upper = from->pixels + (size_t)v.low * from->width * channels;
    const uint8_t *lower = from->pixels + (size_t)v.high * from->width * channels;
    uint8_t *out = to->pixels + (size_t)y * to->width * channels;
    for (uint32_t x = 0; x < fit->width; x++) {
        const place h = place_of(x, from->width, fit->width);
        const size_t left = (size_t)h.low * channels, right = (size_t)h.high * channels;
        for (uint32_t c = 0; c < channels; c++) {
            const float top = (float)upper[left + c] * (1 - h.share) + (float)upper[right + c] * h.share;
            const float bottom = (float)lower[left + c] * (1 - h.share) + (float)lower[right + c] * h.share;
            *out++ = (uint8_t)lrintf(top * (1 - v.share) + bottom * v.share);
        }
    }
}

mote_shown mote_image_fit(const mote_image *from, uint32_t width, uint32_t height, bool letterbox)
{
    mote_shown fit = {width, height};
    const double wide = (double)width / from->width, high = (double)height / from->height;
    if (letterbox && wide < high)
        fit.height = (uint32_t)fmax(1, from->height * wide);
    else if (letterbox)
        fit.width = (uint32_t)fmax(1, from->width * high);
    return fit;
}

bool mote_image_scale(const mote_image *from, uint32_t width, uint32_t height, bool letterbox, mote_image *to,
                      mote_shown *fit, mote_error *error)
{
    const mote_shown part = mote_image_fit(from, width, height, letterbox);
    if (!mote_image_new(to, width, height, from->channels, "the scaled picture", error))
        return false;
    for (uint32_t y = 0; y < part.height; y++)
        scale_row(from, to, y, &part);
    if (fit)
        *fit = part;
    return true;
}
