/* The loss curve of a training run, as a table and as a picture. */
#ifndef MOTE_COMPILER_CURVE_H
#define MOTE_COMPILER_CURVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Losses: `train` over the steps since the last point, `valid` of validation (NaN if there was none at this point). */
typedef struct mote_curve_point {
    float step, tokens, train, valid; /* tokens or samples in thousands */
} mote_curve_point;

typedef struct mote_curve {
    mote_curve_point *points;
    size_t count, capacity;
} mote_curve;

bool mote_curve_add(mote_curve *c, mote_curve_point point); /* false when out of memory */
void mote_curve_free(mote_curve *c);

/* `unit` is that of the losses, such as "bits per byte". */
bool mote_curve_save_csv(const mote_curve *c, const char *path, const char *unit, mote_error *error);
bool mote_curve_save_svg(const mote_curve *c, const char *path, const char *title, const char *unit, mote_error *error);

#endif
