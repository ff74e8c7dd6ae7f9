/* Operators whose integer form another file will define: refused until then. */
#include "ops.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    (void)m, (void)op;
    return 0;
}

__attribute__((weak)) const mote_op_kind mote_op_matmul = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_sub = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_div = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_softmax = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_reduce = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_pad = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_resize = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_gather = {.fits = fits};
__attribute__((weak)) const mote_op_kind mote_op_argmax = {.fits = fits};
