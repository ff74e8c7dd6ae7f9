/* Options of import and export. */
#ifndef MOTE_COMPILER_IMPORT_OPTIONS_H
#define MOTE_COMPILER_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mote_import_options {
    bool allow_nonfinite; /* accept NaN and infinities; otherwise the first one is an error that names it */
    uint64_t random_seed; /* seed of random weights for a RUVM file that is only a header; 0 for a file with weights */
    uint32_t context;     /* positions of the key/value cache, at most those of the model; 0 for those of the model */
} mote_import_options;

/* Type of the weights in a RUVM file, as in its header. */
typedef enum mote_ruvm_type {
    MOTE_RUVM_INT8 = 0,
    MOTE_RUVM_INT4 = 1,
    MOTE_RUVM_BINARY = 2,
    MOTE_RUVM_FIXED16 = 3,
    MOTE_RUVM_TYPE_COUNT
} mote_ruvm_type;

#endif
