/* Outputs of a network, frame by frame, as text and as JSON. */
#ifndef MOTE_CLI_FRAMES_REPORT_H
#define MOTE_CLI_FRAMES_REPORT_H

#include "cli/frames_data.h"

/* Begins a report of the outputs of a network, without labels, on files, one for each input. The network and the texts
 * must outlive it. On failure there is nothing to end. */
bool mote_frames_report_begin(mote_frames_report *r, const mote_network *n, const mote_texts *files, mote_error *error);
/* Takes outputs as boxes, by `text` or if that is NULL by the network's metadata, if it has any (run/detector.h). */
bool mote_frames_report_boxes(mote_frames_report *r, const mote_network *n, const char *text,
                              const mote_preprocess *preprocess, mote_error *error);
/* Reads labels from a file, or if `path` is NULL from the network. Fails if no output can have those of a file, unless
 * these are classes of boxes. */
bool mote_frames_report_labels(mote_frames_report *r, const mote_network *n, const char *path, mote_error *error);
void mote_frames_report_end(mote_frames_report *r);

/* Prints boxes, or the labels with the largest values of an output that has as many values as there are labels, and the
 * first values of other outputs. */
bool mote_frames_report_print(const mote_frames_report *r, mote_error *error);
bool mote_frames_report_print_json(const mote_frames_report *r, mote_error *error); /* all values */

#endif
