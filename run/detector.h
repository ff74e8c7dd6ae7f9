/* How outputs become boxes: one line of text, kept in a model's metadata as "boxes". */
#ifndef MOTE_RUN_DETECTOR_H
#define MOTE_RUN_DETECTOR_H

#include <mote_detect.h>

#include "run/network.h"

enum { MOTE_MOST_BOXES = 200 };

/* Parses a kind, "ultraface", "yunet", "fomo" or "ssd", and then words: "threshold=S" (least score), "overlap=P"; for
 * ssd also "strides=8,16", "sizes=10,16/32" (pixels of the priors of each stride) and "variances=C,S". The input of the
 * network gives the size of the picture. Errors: MOTE_E_USAGE, with the word. */
bool mote_detector_parse(mote_detector *d, const char *text, const mote_port *input, mote_error *error);

/* Writes at most MOTE_MOST_BOXES boxes. frames[i] are the stored values of output i. */
uint32_t mote_detect_frame(const mote_detector *d, const mote_port *outputs, int count, const uint8_t *const *frames,
                           mote_box *boxes);

/* Fails, with the shapes that it needs, unless these are outputs of the detector. `name` is that of the network. */
bool mote_detector_check(const mote_detector *d, const mote_port *outputs, int count, const char *name,
                         mote_error *error);

#endif
