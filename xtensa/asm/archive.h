/* An archive of object files (.a), read safely. */
#ifndef MOTE_XTENSA_ASM_ARCHIVE_H
#define MOTE_XTENSA_ASM_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mote_xt_archive {
    const uint8_t *data;
    size_t size, at;   /* `at`: where the next member's header stands */
    const char *name;  /* for messages */
    const char *names; /* the table of long names, or NULL */
    size_t names_size;
} mote_xt_archive;

typedef struct mote_xt_member {
    char name[256];      /* without the slash; what is longer is cut off */
    const uint8_t *data; /* `size` bytes inside the archive */
    size_t size;
} mote_xt_member;

/* Whether the bytes begin as an archive does. */
bool mote_xt_is_archive(const uint8_t *data, size_t size);

/* Starts at the first member. `data` must stay while the archive is used. */
void mote_xt_archive_open(mote_xt_archive *a, const uint8_t *data, size_t size, const char *name);

/* The next member, symbol and name tables left out: 1, or 0 at the end, or -1 with MOTE_E_FORMAT when damaged. */
int mote_xt_archive_next(mote_xt_archive *a, mote_xt_member *member, mote_error *error);

#endif
