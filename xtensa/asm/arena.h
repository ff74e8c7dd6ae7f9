/* Memory that is given out piece by piece and freed at once. Running out jumps to the one place that handles it. */
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

/* Zeroed, aligned for any type; never NULL. */
void *mote_arena_alloc(mote_arena *arena, size_t size);
/* `size` bytes and a NUL. */
char *mote_arena_text(mote_arena *arena, const char *text, size_t size);
/* A copy of `data` with a NUL behind it; `data`, from malloc, is freed also when memory runs out. */
void *mote_arena_take(mote_arena *arena, void *data, size_t size);
void mote_arena_free(mote_arena *arena);

#endif
