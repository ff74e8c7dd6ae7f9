/* Binary PNM: "P5" or "P6", width, height and the largest value as text, one white space, the pixels. */
#include <ctype.h>
#include <math.h>

#include "media/image_files.h"

typedef struct reader {
    const uint8_t *data;
    size_t size, at;
} reader;

/* Returns the next number, 0 if there is none or it is too large. A comment lasts from # to the end of the line. */
static uint32_t number(reader *r)
{
    uint32_t value = 0;
    while (r->at < r->size && (isspace(r->data[r->at]) || r->data[r->at] == '#'))
        if (r->data[r->at++] == '#')
            while (r->at < r->size && r->data[r->at] != '\n')
                r->at++;
    while (r->at < r->size && isdigit(r->data[r->at]) && value < MOTE_MOST_PIXELS)
        value = 10 * value + (uint32_t)(r->data[r->at++] - '0');
    return value;
}

static uint8_t grey_of(const uint8_t *rgb)
{
    return (uint8_t)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

static void convert(const uint8_t *from, uint32_t stored, uint8_t *to, uint32_t channels, size_t count)
{
    for (size_t i = 0; i < count; i++, from += stored)
        for (uint32_t c = 0; c < channels; c++)
            *to++ = stored == channels ? from[c] : stored == 1 ? from[0] : grey_of(from);
}

bool mote_image_from_pnm(mote_image *image, const uint8_t *data, size_t size, uint32_t channels, const char *name,
                         mote_error *error)
{
    reader r = {data, size, 2};
    const uint32_t stored = data[1] == '5' ? 1 : 3, width = number(&r), height = number(&r), most = number(&r);
    if (!width || !height || most != 255)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not a PNM picture of 8 bits a channel", name);
    if (!mote_image_new(image, width, height, channels, name, error))
        return false;
    const size_t count = (size_t)width * height;
    if (size - r.at < count * stored + 1)
        return mote_fail(error, MOTE_E_FORMAT, "%s: the picture ends early", name);
    convert(data + r.at + 1, stored, image->pixels, channels, count);
    return true;
}
