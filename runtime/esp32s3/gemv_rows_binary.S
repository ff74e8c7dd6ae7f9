/* void mote_s3_gemv_rows_binary(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c (2·code[r][c] - 1)·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs and registers: planes.h. */
#include "planes.h"

    GEMV_PLANES mote_s3_gemv_rows_binary, 0, 0, 2
