/* The functions that `map` applies to each value (functions.def). */
#ifndef MOTE_COMPILER_FUNCTIONS_H
#define MOTE_COMPILER_FUNCTIONS_H

#define FUNCTION(ID, ...) MOTE_FUNCTION_##ID,
typedef enum mote_function {
#include "compiler/graph/functions.def"
    MOTE_FUNCTION_COUNT
} mote_function;
#undef FUNCTION

const char *mote_function_name(mote_function function);

/* Returns the value at x. Functions without parameters ignore alpha and beta. */
float mote_function_value(mote_function function, float alpha, float beta, float x);

#endif
