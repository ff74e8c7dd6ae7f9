#ifndef MOTE_RUNTIME_NORMAL_H
#define MOTE_RUNTIME_NORMAL_H

#include "segment.h"

/* Φ − 1/2 in Q15, Φ the distribution function of the normal distribution, in segments of 1/32; the last is
 * what lies beyond. */
extern const mote_segment mote_normal_table[129];

#endif
