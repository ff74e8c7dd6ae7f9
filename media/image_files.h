/* The formats of mote_image_decode, and what they share. */
#ifndef MOTE_MEDIA_IMAGE_FILES_H
#define MOTE_MEDIA_IMAGE_FILES_H

#include "media/image.h"

bool mote_image_from_png(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                         mote_error *error);
bool mote_image_from_jpeg(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                          mote_error *error);
bool mote_image_from_pnm(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                         mote_error *error);

#endif
