/* Reader for archives of object files (.a). Verifies every header, so that all members lie inside the archive. */
#ifndef MOTE_XTENSA_ASM_ARCHIVE_H
#define MOTE_XTENSA_ASM_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mote_xt_archive {
    const uint8_t *data;
    size_t size, at;   /* `at`: offset of the next member's header */
    const char *name;  /* for messages */
    const char *names; /* the table of long names, or NULL */
    size_t names_size;
} mote_xt_archive;

typedef struct mote_xt_member {
    char name[256];      /* without the slash; truncated when longer */
    const uint8_t *data; /* `size` bytes inside the archive */
    size_t size;
} mote_xt_member;

/* True if the bytes begin as an archive does. */
bool mote_xt_is_archive(const uint8_t *data, size_t size);

/* Opens an archive at its first member. `data` must stay valid while the archive is used. */
void mote_xt_archive_open(mote_xt_archive *a, const uint8_t *data, size_t size, const char *name);

/* Reads the next member; skips symbol and name tables. Returns 1, 0 at the end, or -1 with MOTE_E_FORMAT when the
 * archive is damaged. */
int mote_xt_archive_next(mote_xt_archive *a, mote_xt_member *member, mote_error *error);

#endif
