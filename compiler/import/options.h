/* Options of import and export. */
#ifndef MOTE_COMPILER_IMPORT_OPTIONS_H
#define MOTE_COMPILER_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mote_import_options {
    bool allow_nonfinite; /* take NaN and infinities as they are; otherwise the first is named and refused */
    uint64_t random_seed; /* not 0: a RUVM file is a header alone, and gets weights drawn from this */
    uint32_t context;     /* not 0: positions of the key/value cache, at most what the model was made for */
} mote_import_options;

/* How a RUVM file stores weights; the numbers are those of its header. */
typedef enum mote_ruvm_type {
    MOTE_RUVM_INT8 = 0,
    MOTE_RUVM_INT4 = 1,
    MOTE_RUVM_BINARY = 2,
    MOTE_RUVM_FIXED16 = 3,
    MOTE_RUVM_TYPE_COUNT
} mote_ruvm_type;

#endif
