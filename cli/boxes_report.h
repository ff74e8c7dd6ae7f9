/* Boxes of a detector on the frames of a report, as text, as JSON and as a picture. */
#ifndef MOTE_CLI_BOXES_REPORT_H
#define MOTE_CLI_BOXES_REPORT_H

#include <jansson.h>

#include "cli/frames_data.h"
#include "media/image.h"

/* Boxes of one frame. Edges and points times `pixels` are pixels of the file, or if it is no picture of the input. */
typedef struct mote_found {
    mote_box boxes[MOTE_MOST_BOXES];
    uint32_t count;
    double pixels[2];
} mote_found;

/* Finds the boxes of frame `index` of all, which is one of sequence `s`. Errors: a picture that cannot be read again.
 */
bool mote_find_boxes(const mote_frames_report *r, int s, size_t index, mote_found *found, mote_error *error);

/* Prints a line for each box: label, score, left, top, right and bottom. `name` precedes each line. */
void mote_boxes_print(const mote_frames_report *r, const mote_found *found, const char *name);
json_t *mote_boxes_json(const mote_frames_report *r, const mote_found *found);

/* Writes the picture of the only sequence with its boxes. Errors: several frames, a file that is no picture. */
bool mote_boxes_draw(const mote_frames_report *r, const char *path, mote_error *error);

#endif
