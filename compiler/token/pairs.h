/* A hash table, with open addressing, from two tokens to the token that they make. */
#ifndef MOTE_COMPILER_PAIRS_H
#define MOTE_COMPILER_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Key of no pair, because tokens are below 65535. */
#define MOTE_NO_PAIR UINT32_MAX

typedef struct mote_pair {
    uint32_t key; /* mote_pair_key, MOTE_NO_PAIR in a free slot */
    uint32_t value;
} mote_pair;

typedef struct mote_pairs {
    mote_pair *slots;
    size_t mask, count; /* mask: number of slots, a power of two, minus 1 */
} mote_pairs;

static inline uint32_t mote_pair_key(uint32_t first, uint32_t second)
{
    return first << 16 | second;
}

/* Returns the preferred slot of a key. Fibonacci hashing: the high bits of a product are well mixed. */
static inline size_t mote_pairs_home(const mote_pairs *p, uint32_t key)
{
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & p->mask;
}

/* Allocates a table for `most` pairs that is at least half empty. False when out of memory. */
static inline bool mote_pairs_init(mote_pairs *p, size_t most)
{
    size_t size = 64;
    while (size < 2 * most)
        size *= 2;
    *p = (mote_pairs){malloc(size * sizeof *p->slots), size - 1, 0};
    for (size_t i = 0; p->slots && i < size; i++)
        p->slots[i] = (mote_pair){MOTE_NO_PAIR, 0};
    return p->slots != NULL;
}

/* Returns the slot of a key, or the free slot where it belongs. */
static inline mote_pair *mote_pairs_find(const mote_pairs *p, uint32_t key)
{
    size_t i = mote_pairs_home(p, key);
    while (p->slots[i].key != key && p->slots[i].key != MOTE_NO_PAIR)
        i = (i + 1) & p->mask;
    return &p->slots[i];
}

#endif
