/* How a picture becomes the values of an input: one line of text, kept in a model's metadata as "preprocess". */
#ifndef MOTE_RUN_PREPROCESS_H
#define MOTE_RUN_PREPROCESS_H

#include "media/image.h"
#include "run/network.h"

/* value = (pixel − mean) / deviation, pixels 0..255, per channel in the order of the input. */
typedef struct mote_preprocess {
    bool letterbox; /* keep the proportions, with black bars at the right or the bottom; else stretch */
    bool bgr;       /* blue first */
    bool scaled;    /* mean and deviation were given; else the range of pixels is spread over that of the input */
    double mean[3], deviation[3];
} mote_preprocess;

/* Parses words separated by spaces: "stretch" (default) or "letterbox", "rgb" (default) or "bgr", "mean=M" and "std=S"
 * with one number or one for each channel, "mean=103,116,123". Errors: MOTE_E_USAGE, with the word. */
bool mote_preprocess_parse(mote_preprocess *p, const char *text, mote_error *error);

/* The metadata's line, or the defaults. */
bool mote_preprocess_of(mote_preprocess *p, const mote_graph *g, mote_error *error);

/* True if the input is a picture: [height, width], [height, width, 1] or [height, width, 3]. */
bool mote_port_is_picture(const mote_port *port);

/* Scales a picture with the channels of the input to its size and writes its stored values. `fit`, unless NULL, becomes
 * the part of the input that shows the picture. Without mean and deviation, int8 inputs get pixel − 128, uint8 inputs
 * the pixel, int16 inputs (pixel − 128) · 256 and floats pixel / 255. */
bool mote_preprocess_image(const mote_preprocess *p, const mote_port *port, const mote_image *image, void *stored,
                           mote_shown *fit, mote_error *error);

#endif
