/* Limits on the size of a graph. They bound the memory and the time that an untrusted file can ask for. */
#ifndef MOTE_COMPILER_LIMITS_H
#define MOTE_COMPILER_LIMITS_H

#include <stddef.h>

enum {
    MOTE_MOST_ELEMENTS = 1 << 30, /* elements of a tensor */
    MOTE_MOST_CONTEXT = 32768,    /* positions of a key/value cache */
    MOTE_MOST_HEAD = 256,         /* values of an attention head */
    MOTE_MOST_TOKENS = 65534,     /* tokens of a vocabulary: ids have 16 bits, and one id means "no token" */
};

/* Returns the most bytes that one allocation for running a graph may take: the physical memory of this machine, or
 * 4 GiB if that is unknown. */
size_t mote_most_memory(void);

#endif
