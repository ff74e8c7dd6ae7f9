/* void mote_s3_gemv_rows_int4(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c (code[r][c] - 8)·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs and registers: planes.h. */
#include "planes.h"

    GEMV_PLANES mote_s3_gemv_rows_int4, 2, 3, 1
