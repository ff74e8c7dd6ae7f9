#ifndef MOTE_RUNTIME_GOLDEN_H
#define MOTE_RUNTIME_GOLDEN_H

#include <mote.h>

/* The highest score, the lowest token among equals, never `unknown`. */
uint32_t mote_greedy(const mote_session *s);

/* Feeds a token and returns the digest (0 at the start) carried on over the logits it gives. */
uint32_t mote_golden_step(mote_session *s, uint32_t token, uint32_t digest);

#endif
