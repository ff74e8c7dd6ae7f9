/* Pictures of 8 bits a channel: PNG, JPEG and PNM files to pixels, pixels to PNG files, scaling. */
#ifndef MOTE_MEDIA_IMAGE_H
#define MOTE_MEDIA_IMAGE_H

#include "base/file.h"

enum { MOTE_MOST_PIXELS = 1 << 26 /* of a picture */ };

typedef struct mote_image {
    uint32_t width, height;
    uint32_t channels; /* 1: grey, 3: red, green, blue */
    uint8_t *pixels;   /* [height, width, channels], owned */
} mote_image;

/* Allocates black pixels. `name` is for messages. */
bool mote_image_new(mote_image *image, uint32_t width, uint32_t height, uint32_t channels, const char *name,
                    mote_error *error);

/* True if the bytes begin like a picture that mote_image_decode reads. */
bool mote_is_image(const uint8_t *data, size_t size);

/* Decodes a PNG, JPEG or binary PNM (P5, P6) file to `channels` channels, 1 or 3. Grey and colour are converted to each
 * other (grey = 0.299 red + 0.587 green + 0.114 blue); transparent pixels are put on black. `name` is for messages.
 * Errors: MOTE_E_FORMAT for damaged files, MOTE_E_UNSUPPORTED for more than MOTE_MOST_PIXELS. On failure there is
 * nothing to free. */
bool mote_image_decode(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                       mote_error *error);
void mote_image_free(mote_image *image);

/* Writes a PNG file, atomically. */
bool mote_image_save(const mote_image *image, const char *path, mote_error *error);

/* Part of a picture that shows the original: all of it, or with bars at the right or the bottom less. */
typedef struct mote_shown {
    uint32_t width, height;
} mote_shown;

/* Returns the part of a picture of width x height that mote_image_scale makes of `from`. */
mote_shown mote_image_fit(const mote_image *from, uint32_t width, uint32_t height, bool letterbox);

/* Scales to width x height with bilinear interpolation between the centres of pixels. With `letterbox` the proportions
 * stay: the scaled picture lies at the top left, the rest is black. `fit`, unless NULL, becomes the part that shows the
 * picture. The result is newly allocated. */
bool mote_image_scale(const mote_image *from, uint32_t width, uint32_t height, bool letterbox, mote_image *to,
                      mote_shown *fit, mote_error *error);

#endif
