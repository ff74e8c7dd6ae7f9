#ifndef MOTE_RUNTIME_PLACE_H
#define MOTE_RUNTIME_PLACE_H

#include <mote.h>

/* Does what mote_place does, but for the tensors with the indices given. Copies those that still fit, in this order,
 * and skips indices that are not those of constants. Sets *used to the bytes taken: 0 if not even the tables fit or the
 * model was placed before. */
mote_status mote_place_tensors(mote_model *m, void *sram, size_t size, const uint16_t *tensors, size_t count,
                               size_t *used);
size_t mote_place_tensors_size(const mote_model *m, const uint16_t *tensors, size_t count); /* bytes that all need */

#endif
