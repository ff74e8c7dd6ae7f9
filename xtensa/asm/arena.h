/* Arena allocator: pieces are allocated one by one and freed all at once. When memory runs out, the allocating function
 * jumps to `out_of_memory` instead of returning. */
#ifndef MOTE_XTENSA_ASM_ARENA_H
#define MOTE_XTENSA_ASM_ARENA_H

#include <setjmp.h>
#include <stddef.h>

typedef struct mote_arena_block mote_arena_block;

typedef struct mote_arena {
    mote_arena_block *blocks;
    size_t used, limit;    /* bytes over all blocks */
    jmp_buf out_of_memory; /* set by the owner before the first allocation */
} mote_arena;

/* Returns `size` zeroed bytes, aligned for any type; never NULL. */
void *mote_arena_alloc(mote_arena *arena, size_t size);
/* Copies `size` bytes of text and appends a NUL. */
char *mote_arena_text(mote_arena *arena, const char *text, size_t size);
/* Copies `size` bytes of `data`, appends a NUL, and frees `data`, which is from malloc, even when memory runs out. */
void *mote_arena_take(mote_arena *arena, void *data, size_t size);
void mote_arena_free(mote_arena *arena);

#endif
