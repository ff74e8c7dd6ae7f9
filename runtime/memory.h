/* The C library functions that the runtime and the code of its C compiler call. A freestanding toolchain must provide
 * them. */
#ifndef MOTE_RUNTIME_MEMORY_H
#define MOTE_RUNTIME_MEMORY_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif
