#include "media/image_files.h"

#include <string.h>

static const struct {
    const char *start;
    size_t size;
    bool (*decode)(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                   mote_error *error);
} formats[] = {
    {"\x89PNG\r\n\x1a\n", 8, mote_image_from_png},
    {"\xff\xd8\xff", 3, mote_image_from_jpeg},
    {"P5", 2, mote_image_from_pnm},
    {"P6", 2, mote_image_from_pnm},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

static int format_of(const uint8_t *data, size_t size)
{
    int i = 0;
    while (i < FORMATS && (size < formats[i].size || memcmp(data, formats[i].start, formats[i].size) != 0))
        i++;
    return i;
}

bool mote_is_image(const uint8_t *data, size_t size)
{
    return format_of(data, size) < FORMATS;
}

bool mote_image_decode(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                       mote_error *error)
{
    const int format = format_of(data, size);
    *image = (mote_image){0};
    if (format == FORMATS)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not a PNG, JPEG, PGM or PPM picture", name);
    if (formats[format].decode(image, data, size, channels, name, error))
        return true;
    mote_image_free(image);
    return false;
}
