/* Boxes and points on a picture of red, green and blue. What lies outside is cut off. */
#ifndef MOTE_MEDIA_DRAW_H
#define MOTE_MEDIA_DRAW_H

#include "media/image.h"

/* Returns the width of lines that are seen in a picture of this size: 1 pixel for each 300 of the longer side, at least
 * 1. */
uint32_t mote_line_width(const mote_image *image);

/* Draws the outline of a rectangle, of pixel `left` up to but not including `right`, inside its edges. */
void mote_draw_box(mote_image *image, double left, double top, double right, double bottom, uint32_t width,
                   const uint8_t color[3]);

/* Fills a square of `size` pixels around a point. */
void mote_draw_point(mote_image *image, double x, double y, uint32_t size, const uint8_t color[3]);

#endif
