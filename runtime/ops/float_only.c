/* SUB and DIV, which only float graphs have: integers are subtracted by SCALED_ADD. */
#include "ops.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    (void)m, (void)op;
    return 0;
}

const mote_op_kind mote_op_sub = {.fits = fits};
const mote_op_kind mote_op_div = {.fits = fits};
