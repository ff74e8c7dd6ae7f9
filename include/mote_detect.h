/* Boxes around objects, from the outputs of a detector network: what follows the network in a program that shows or
 * counts faces, or things of any kind.
 *
 *     mote_detector d = mote_detector_ultraface(320, 240);
 *     mote_value outputs[] = {mote_output(&s, 0), mote_output(&s, 1)};
 *     mote_box boxes[200];
 *     uint32_t count = mote_detect(&d, outputs, 2, boxes, 200);
 *
 * It needs no memory besides the boxes, and floating point in software where the chip has none. Results on different
 * chips may differ by the rounding of floats. */
#ifndef MOTE_DETECT_H
#define MOTE_DETECT_H

#include "mote.h"

enum { MOTE_DETECT_STRIDES = 6, MOTE_DETECT_SIZES = 4, MOTE_DETECT_POINTS = 5 };

/* Positions are relative to the network's input: 0 is its left or upper edge, 1 its right or lower one. Boxes may reach
 * beyond it. */
typedef struct mote_box {
    float left, top, right, bottom;
    float score;    /* 0..1 */
    uint32_t label; /* index of the class among the scores; 0 for yunet */
    uint32_t point_count;
    float points[MOTE_DETECT_POINTS][2]; /* x and y of landmarks */
} mote_box;

typedef enum mote_detector_kind {
    MOTE_DETECTOR_SSD,   /* offsets from boxes of given sizes (priors) at the cells of several grids */
    MOTE_DETECTOR_YUNET, /* offsets from the cells of several grids, with five landmarks */
    MOTE_DETECTOR_FOMO,  /* scores of the cells of one grid; neighbours of a class are one object */
} mote_detector_kind;

typedef struct mote_detector {
    mote_detector_kind kind;
    uint32_t width, height; /* of the network's input, pixels */
    float threshold;        /* least score */
    float overlap; /* of two boxes of a class that overlap by more than this part of their union, the one of the lower
                      score is dropped */
    uint8_t strides[MOTE_DETECT_STRIDES];                   /* pixels from cell to cell of each grid; 0 ends */
    uint16_t sizes[MOTE_DETECT_STRIDES][MOTE_DETECT_SIZES]; /* ssd: pixels of the priors of a grid; 0 ends */
    float center_variance, size_variance;                   /* ssd: factors of the offsets */
} mote_detector;

/* The detectors of these networks, with their usual thresholds, which may be changed. UltraFace: an SSD with strides of
 * 8, 16, 32 and 64. */
mote_detector mote_detector_ultraface(uint32_t width, uint32_t height);
mote_detector mote_detector_yunet(uint32_t width, uint32_t height);
mote_detector mote_detector_fomo(uint32_t width, uint32_t height);

/* Returns 1 if the outputs are those of the detector; outputs are found by their shapes, in any order:
 *   ssd    scores [priors, classes], class 0 is the background, and offsets [priors, 4]; priors in the order grid, row,
 *          column, size. With 4 classes the scores come first
 *   yunet  for each stride of 8, 16 and 32, [cells, 1] twice, whose product is the score, [cells, 4] and [cells, 10]
 *   fomo   the first output: [rows, columns, classes], class 0 is the background
 * Types are i8, u8, i16 and, on the PC, f32. Scores are probabilities. */
int mote_detector_fits(const mote_detector *d, const mote_value *outputs, uint32_t count);

/* Writes the boxes, best first. `boxes` holds candidates too: of more than `capacity` above the threshold the best are
 * kept. Returns the number of boxes; 0 if the outputs do not fit. */
uint32_t mote_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_box *boxes,
                     uint32_t capacity);

#endif
