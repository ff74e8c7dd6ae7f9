#include "cli/quantize_fit.h"

#include <math.h>

#include "cli/progress.h"
#include "cli/quantize_report.h"
#include "compiler/plan/cost.h"

static void show_progress(void *context, size_t done, size_t total)
{
    mote_progress *p = context;
    p->total = total;
    mote_progress_update(p, done, "%zu of %zu", done, total);
}

/* Sets the most bytes of the file. For a chip these are those of flash: the price of reading it is part of the cycles.
 * On a chip for which that price is not known, they are those of RAM if the smallest mix fits. A smaller number that
 * was asked for replaces them. */
static bool find_bytes(const mote_fit_request *r, const mote_fit_table *t, mote_fit_budget *budget, mote_error *error)
{
    *budget = (mote_fit_budget){r->bytes, "as asked"};
    if (!r->chip)
        return true;
    const uint64_t ram = (uint64_t)r->chip->ram_kb << 10, flash = (uint64_t)r->chip->flash_kb << 10;
    if (t->working > ram)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "arena and state take %llu bytes and %s has %llu for a model; a shorter --context needs less",
                         (unsigned long long)t->working, r->chip->name, (unsigned long long)ram);
    const bool in_ram = mote_flash_byte_work(r->chip) == 0 && mote_fit_least(t) <= ram - t->working;
    const mote_fit_budget own = in_ram ? (mote_fit_budget){ram - t->working, "of RAM beside arena and state"}
                                       : (mote_fit_budget){flash, "of flash"};
    if (!r->bytes || r->bytes > own.bytes)
        *budget = own;
    return true;
}

static bool search(const mote_fit_request *r, mote_quantization *q, mote_fit_table *t,
                   const mote_calibration *calibration, mote_error *error)
{
    const double cycles = r->tokens_per_second > 0 ? r->chip->mhz * 1e6 / r->tokens_per_second : INFINITY;
    mote_fit_frontier f;
    mote_fit_budget budget;
    if (!find_bytes(r, t, &budget, error))
        return false;
    mote_progress progress = mote_progress_begin("trying mixes", 1);
    const bool done = mote_fit_search(&f, t, q, budget.bytes, cycles, calibration,
                                      &(mote_fit_progress){show_progress, &progress}, error);
    mote_progress_end(&progress);
    if (done) {
        mote_print_fit(t, &f, q->from, &budget, r->json);
        mote_fit_frontier_free(&f);
    }
    return done;
}

static bool fit(const mote_fit_request *r, mote_quantization *q, const mote_calibration *calibration, mote_error *error)
{
    mote_fit_table t;
    mote_progress progress = mote_progress_begin("measuring losses", 1);
    const bool measured =
        mote_fit_measure(&t, q, r->chip, calibration, &(mote_fit_progress){show_progress, &progress}, error);
    mote_progress_end(&progress);
    if (!measured)
        return false;
    const bool done = search(r, q, &t, calibration, error);
    mote_fit_free(&t);
    return done;
}

bool mote_quantize_fit(mote_quantization *q, const mote_fit_request *r, mote_graph *packed, mote_error *error)
{
    mote_calibration calibration;
    const bool needed = mote_graph_needs_ranges(q->from);
    if (needed && !mote_calibrate(&calibration, q->from, &q->source, error))
        return false;
    const bool done = fit(r, q, needed ? &calibration : NULL, error);
    if (needed)
        mote_calibration_free(&calibration);
    return done && mote_quantization_make(q, error) && mote_quantization_pack(q, packed, error);
}
