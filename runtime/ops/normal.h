#ifndef MOTE_RUNTIME_NORMAL_H
#define MOTE_RUNTIME_NORMAL_H

#include "segment.h"

/* Φ − 1/2 in Q15, where Φ is the normal distribution function, in segments of 1/32; the last segment is the constant
 * for larger arguments. */
extern const mote_segment mote_normal_table[129];

#endif
