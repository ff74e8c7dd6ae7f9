#include <png.h>
#include <string.h>

#include "media/image_files.h"

bool mote_image_from_png(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                         mote_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    const png_color black = {0};
    if (!png_image_begin_read_from_memory(&png, data, size))
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s", name, png.message);
    png.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    bool read = mote_image_new(image, png.width, png.height, channels, name, error);
    if (read && !png_image_finish_read(&png, &black, image->pixels, (png_int_32)(png.width * channels), NULL))
        read = mote_fail(error, MOTE_E_FORMAT, "%s: %s", name, png.message);
    png_image_free(&png);
    return read;
}

bool mote_image_save(const mote_image *image, const char *path, mote_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = image->width,
                     .height = image->height,
                     .format = image->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    if (!png_image_write_to_stdio(&png, out.stream, 0, image->pixels, (png_int_32)(image->width * image->channels),
                                  NULL)) {
        mote_output_discard(&out);
        return mote_fail(error, MOTE_E_OUTPUT, "%s: %s", path, png.message);
    }
    return mote_output_commit(&out, error);
}
