#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "media/image_files.h"

/* libjpeg reports errors by a function that must not return. */
typedef struct handler {
    struct jpeg_error_mgr manager; /* first, because libjpeg knows only this part */
    jmp_buf back;
    char text[JMSG_LENGTH_MAX];
} handler;

static void fail(j_common_ptr jpeg)
{
    handler *h = (handler *)jpeg->err;
    h->manager.format_message(jpeg, h->text);
    longjmp(h->back, 1);
}

/* A damaged file gives warnings and pixels that the file does not have. */
static void warn(j_common_ptr jpeg, int level)
{
    if (level < 0)
        fail(jpeg);
}

static bool read_pixels(struct jpeg_decompress_struct *jpeg, mote_image *image, uint32_t channels, const char *name,
                        mote_error *error)
{
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: a picture of four inks; save it in colours of a screen", name);
    jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    if (!mote_image_new(image, jpeg->image_width, jpeg->image_height, channels, name, error))
        return false;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = image->pixels + (size_t)jpeg->output_scanline * image->width * channels;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return true;
}

bool mote_image_from_jpeg(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                          mote_error *error)
{
    struct jpeg_decompress_struct jpeg;
    handler h;
    jpeg.err = jpeg_std_error(&h.manager);
    h.manager.error_exit = fail;
    h.manager.emit_message = warn;
    bool read = false;
    if (setjmp(h.back)) {
        mote_fail(error, MOTE_E_FORMAT, "%s: %s", name, h.text);
    } else {
        jpeg_create_decompress(&jpeg);
        jpeg_mem_src(&jpeg, data, (unsigned long)size);
        read = read_pixels(&jpeg, image, channels, name, error);
    }
    jpeg_destroy_decompress(&jpeg);
    return read;
}
