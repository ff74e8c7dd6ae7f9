#include "media/draw.h"

#include <math.h>
#include <string.h>

uint32_t mote_line_width(const mote_image *image)
{
    const uint32_t longer = image->width > image->height ? image->width : image->height;
    return longer / 300 + (longer < 300);
}

static uint32_t limited(double v, uint32_t most)
{
    return !(v > 0) ? 0 : v < most ? (uint32_t)lrint(v) : most;
}

static void fill(mote_image *image, double left, double top, double right, double bottom, const uint8_t color[3])
{
    const uint32_t x0 = limited(left, image->width), x1 = limited(right, image->width);
    const uint32_t y0 = limited(top, image->height), y1 = limited(bottom, image->height);
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t x = x0; x < x1; x++)
            memcpy(image->pixels + ((size_t)y * image->width + x) * 3, color, 3);
}

void mote_draw_box(mote_image *image, double left, double top, double right, double bottom, uint32_t width,
                   const uint8_t color[3])
{
    const double w = fmin(width, (right - left) / 2), h = fmin(width, (bottom - top) / 2);
    fill(image, left, top, right, top + h, color);
    fill(image, left, bottom - h, right, bottom, color);
    fill(image, left, top, left + w, bottom, color);
    fill(image, right - w, top, right, bottom, color);
}

void mote_draw_point(mote_image *image, double x, double y, uint32_t size, const uint8_t color[3])
{
    const double half = size / 2.0;
    fill(image, x - half, y - half, x + half, y + half, color);
}
