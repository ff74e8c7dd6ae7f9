/* Learns a byte pair encoding (Sennrich, Haddow and Birch, 2016): from the bytes on, the most frequent pair of tokens
 * within words becomes a token, again and again. */
#ifndef MOTE_COMPILER_LEARN_H
#define MOTE_COMPILER_LEARN_H

#include "base/file.h"

typedef struct mote_learn_options {
    uint32_t vocabulary; /* tokens, at most 65534: bytes, one for unknown bytes unless there are 256, pairs */
    bool all_bytes;      /* begin with all 256 bytes and not with those that occur */
} mote_learn_options;

/* A BPE section. The same text gives the same bytes: of equally frequent pairs the one of the earlier tokens wins.
 * Refuses a vocabulary smaller than its bytes, and one larger than the pairs that occur twice can fill. */
bool mote_bpe_learn(const uint8_t *text, size_t size, const mote_learn_options *options, mote_bytes *section,
                    mote_error *error);

#endif
