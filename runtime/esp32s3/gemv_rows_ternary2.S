/* void mote_s3_gemv_rows_ternary2(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c (code[r][c] - 1)·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs and registers: planes.h. */
#include "planes.h"

    GEMV_PLANES mote_s3_gemv_rows_ternary2, 1, 0, 1
