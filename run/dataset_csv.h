/* Samples of text: mote_frames_of_csv with the class of each line. */
#ifndef MOTE_RUN_DATASET_CSV_H
#define MOTE_RUN_DATASET_CSV_H

#include "run/frame_formats.h"
#include "run/labels.h"

/* Reads lines of the values of a port, all of them with or all without a class behind. *targets becomes the classes,
 * which the caller frees, or NULL. `labels` may be empty. On failure there is nothing to free. */
bool mote_samples_of_csv(mote_frames *f, uint16_t **targets, const mote_frame_source *s, const mote_labels *labels,
                         size_t outputs, mote_error *error);

#endif
