#include "base/room.h"

#include <sys/mman.h>

enum { MOST_PIECES = 256 };

bool mote_has_room(size_t size, unsigned count)
{
    void *pieces[MOST_PIECES];
    unsigned mapped = 0;
    bool fits = true;
    while (fits && mapped < count && mapped < MOST_PIECES) {
        pieces[mapped] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        fits = pieces[mapped] != MAP_FAILED;
        mapped += fits;
    }
    while (mapped)
        munmap(pieces[--mapped], size);
    return fits;
}
