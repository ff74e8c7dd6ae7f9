/* How large a graph may be: what bounds the memory and the time that a file from outside can ask for. */
#ifndef MOTE_COMPILER_LIMITS_H
#define MOTE_COMPILER_LIMITS_H

#include <stddef.h>

enum {
    MOTE_MOST_ELEMENTS = 1 << 30, /* of a tensor */
    MOTE_MOST_CONTEXT = 32768,    /* positions of a key/value cache */
    MOTE_MOST_HEAD = 256,         /* values of a head of attention */
    MOTE_MOST_TOKENS = 65534,     /* of a vocabulary: the ids are of 16 bits, and one says that there is none */
};

/* Bytes that one allocation for running a graph may have: the memory of this machine. */
size_t mote_most_memory(void);

#endif
