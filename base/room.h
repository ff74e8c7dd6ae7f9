/* Room in the address space of the process. */
#ifndef MOTE_BASE_ROOM_H
#define MOTE_BASE_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/* OpenBLAS maps one buffer of this size for each thread of its own at its start, and one at its first product. It tries
 * without end while a limit of the address space (ulimit -v) leaves no room: check before. */
#define MOTE_BLAS_BUFFER ((size_t)128 << 20)

/* True if `count` pieces of `size` bytes could be mapped now, besides all that is mapped already. */
bool mote_has_room(size_t size, unsigned count);

#endif
