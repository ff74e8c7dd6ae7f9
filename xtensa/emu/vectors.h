/* State vectors: an instruction with the machine's state before and after it, to check the emulator. */
#ifndef MOTE_XTENSA_VECTORS_H
#define MOTE_XTENSA_VECTORS_H

#include "base/error.h"
#include "xtensa/isa/isa.h"

typedef struct mote_xt_mismatch {
    uint32_t index;             /* of the vector in its file */
    const mote_xt_insn *insn;   /* NULL when the bytes are no instruction */
    char field[16];             /* "q3", "a5", "memory+12", "fault" */
    char expected[40], got[40]; /* hexadecimal, in memory order */
    const char *reason;         /* why the vector is overruled, or NULL */
} mote_xt_mismatch;

typedef struct mote_xt_vector_counts {
    unsigned vectors, failed, overruled; /* overruled: differ for a known reason, not counted as failed */
} mote_xt_vector_counts;

/* Runs every vector of a file of the XVEC format (docs/xtensa-model.md) on an ESP32-S3 and reports each field that
 * differs, or the first fault. Returns false when the file cannot be read or is not of that format; `report` may be
 * NULL. */
bool mote_xt_check_vectors(const char *path, void (*report)(void *context, const mote_xt_mismatch *mismatch),
                           void *context, mote_xt_vector_counts *counts, mote_error *error);

#endif
