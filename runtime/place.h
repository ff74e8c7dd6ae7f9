#ifndef MOTE_RUNTIME_PLACE_H
#define MOTE_RUNTIME_PLACE_H

#include <mote.h>

/* mote_place with a list of its own: the numbers of constants, of which those are copied that fit. Numbers that are
 * none of a constant are passed over. `used` becomes the bytes taken, 0 when not even the tables fit or the model was
 * placed before. */
mote_status mote_place_tensors(mote_model *m, void *sram, size_t size, const uint16_t *tensors, size_t count,
                               size_t *used);
size_t mote_place_tensors_size(const mote_model *m, const uint16_t *tensors, size_t count); /* bytes that all take */

#endif
