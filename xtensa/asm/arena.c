#include "xtensa/asm/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)64 << 10)

struct mote_arena_block {
    mote_arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

/* Adds a block of at least `size` bytes. Returns NULL when memory runs out. */
static mote_arena_block *grow(mote_arena *arena, size_t size)
{
    size_t wanted = size > BLOCK ? size : BLOCK;
    mote_arena_block *block = wanted > arena->limit - arena->used ? NULL : calloc(1, sizeof *block + wanted);
    if (!block)
        return NULL;
    block->size = wanted;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used += wanted;
    return block;
}

void *mote_arena_alloc(mote_arena *arena, size_t size)
{
    size_t align = alignof(max_align_t);
    if (size > arena->limit)
        longjmp(arena->out_of_memory, 1);
    size = (size + align - 1) & ~(align - 1);
    mote_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size)
        block = grow(arena, size);
    if (!block)
        longjmp(arena->out_of_memory, 1);
    void *result = block->bytes + block->used;
    block->used += size;
    return result;
}

char *mote_arena_text(mote_arena *arena, const char *text, size_t size)
{
    char *copy = mote_arena_alloc(arena, size + 1);
    memcpy(copy, text, size);
    return copy;
}

void *mote_arena_take(mote_arena *arena, void *data, size_t size)
{
    mote_arena_block *block = size < arena->limit ? grow(arena, size + 1) : NULL;
    if (block && size)
        memcpy(block->bytes, data, size);
    if (block)
        block->used = block->size;
    free(data);
    if (!block)
        longjmp(arena->out_of_memory, 1);
    return block->bytes;
}

void mote_arena_free(mote_arena *arena)
{
    while (arena->blocks) {
        mote_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
