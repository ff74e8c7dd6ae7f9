#include "compiler/quantize/fit_trial.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/pack/container.h"
#include "compiler/plan/cost.h"

static bool open_packed(mote_fit_trial *t, mote_error *error)
{
    if (!mote_graph_encode(&t->packed, &t->file, error))
        return false;
    const mote_status status = mote_open(&t->model, t->file.data, t->file.size);
    if (status == MOTE_SUCCESS)
        return true;
    free(t->file.data);
    return mote_fail(error, MOTE_E_INTERNAL, "%s", mote_status_text(status));
}

bool mote_fit_trial_init(mote_fit_trial *t, mote_quantization *q, const mote_calibration *calibration,
                         mote_error *error)
{
    if (!mote_quantization_make(q, error))
        return false;
    mote_quantization with_ranges = *q;
    with_ranges.options.calibration = calibration;
    if (!mote_quantization_pack(&with_ranges, &t->packed, error))
        return false;
    if (open_packed(t, error))
        return true;
    mote_graph_free(&t->packed);
    return false;
}

void mote_fit_trial_free(mote_fit_trial *t)
{
    free(t->file.data);
    mote_graph_free(&t->packed);
}

bool mote_fit_trial_cycles(const mote_fit_trial *t, const mote_chip *chip, double *cycles, mote_error *error)
{
    mote_placement planned;
    if (!mote_plan_placement(&t->model, MOTE_AS_PLANNED, mote_sram_left(&t->model, chip), &planned, error))
        return false;
    const mote_prediction p = mote_predict(&t->model, chip, &planned);
    mote_placement_free(&planned);
    *cycles = p.known ? p.work + p.memory : NAN;
    return true;
}
