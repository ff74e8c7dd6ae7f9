#include "compiler/quantize/quantization.h"

#include <stdlib.h>

#include "compiler/graph/check.h"
#include "compiler/pack/lay_out.h"
#include "compiler/pack/order.h"
#include "compiler/quantize/affine_bias.h"
#include "compiler/quantize/bias.h"
#include "compiler/quantize/lower.h"
#include "compiler/quantize/select.h"

bool mote_needs_samples(const mote_graph *from, const mote_quantize_options *options, bool correct_biases)
{
    bool needed = correct_biases || mote_graph_needs_ranges(from);
    for (int i = 0; i < from->tensor_count; i++)
        needed = needed || mote_recipe_of(from, options, i).method != MOTE_METHOD_RTN;
    return needed;
}

/* True if a recipe needs statistics of a matrix's inputs. */
static bool second_order(const mote_quantization *q)
{
    bool needed = false;
    for (int i = 0; i < q->from->tensor_count; i++)
        needed = needed || (q->recipes[i].scheme != MOTE_SCHEME_FLOAT && q->recipes[i].method != MOTE_METHOD_RTN);
    return needed;
}

static bool begin(mote_quantization *q, mote_error *error)
{
    if (!mote_layers_match(q->from, &q->options, error))
        return false;
    q->recipes = calloc((size_t)q->from->tensor_count + 1, sizeof *q->recipes);
    if (!q->recipes)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantizing");
    for (int i = 0; i < q->from->tensor_count; i++)
        q->recipes[i] = mote_recipe_of(q->from, &q->options, i);
    if (mote_graph_is_affine(q->from) && !second_order(q))
        return !q->has_source || mote_source_enough(&q->source, error);
    return !q->has_source ||
           (mote_source_enough(&q->source, error) && mote_statistics_init(&q->statistics, q->from, &q->source, error));
}

bool mote_quantization_init(mote_quantization *q, const mote_graph *from, const mote_quantize_options *options,
                            bool correct_biases, const mote_source *source, mote_error *error)
{
    *q = (mote_quantization){
        .from = from, .options = *options, .correct_biases = correct_biases, .has_source = source != NULL};
    if (source)
        q->source = mote_source_part(source, 0, MOTE_CALIBRATION_MOST);
    if (from->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "the model is packed already; quantize the float model it came from");
    if (mote_graph_check_finite(from, error) && begin(q, error))
        return true;
    mote_quantization_free(q);
    return false;
}

void mote_quantization_free(mote_quantization *q)
{
    mote_matrices_free(q->matrices, q->from);
    mote_statistics_free(&q->statistics);
    free(q->recipes);
    *q = (mote_quantization){0};
}

const mote_hessian *mote_quantization_hessian(const mote_quantization *q, int tensor)
{
    const mote_hessian *h = q->statistics.hessians ? &q->statistics.hessians[tensor] : NULL;
    return h && h->rows ? h : NULL;
}

bool mote_quantization_make(mote_quantization *q, mote_error *error)
{
    mote_matrices_free(q->matrices, q->from);
    return mote_matrices_init(&q->matrices, q->from, q->recipes, q->statistics.hessians, error);
}

bool mote_quantization_seen(const mote_quantization *q, mote_graph *seen, mote_error *error)
{
    if (!mote_graph_copy(seen, q->from, error))
        return false;
    if (q->correct_biases && !mote_correct_biases(seen, q->matrices, &q->statistics, error)) {
        mote_graph_free(seen);
        return false;
    }
    mote_matrices_store(q->matrices, q->from->tensor_count, seen);
    for (int i = 0; i < q->from->tensor_count; i++)
        seen->tensors[i].quantizer = MOTE_F32;
    return true;
}

/* Packs `seen`. Its ranges come from the options, else from calibration with the quantized weights. */
static bool pack_seen(const mote_quantization *q, const mote_graph *seen, mote_graph *packed, mote_error *error)
{
    mote_quantize_options options = q->options;
    mote_calibration calibration;
    options.matrices = q->matrices;
    if (options.calibration || !q->has_source || !mote_graph_needs_ranges(seen))
        return mote_graph_quantize(seen, &options, packed, error);
    const bool affine = mote_graph_is_affine(seen); /* then corrected biases restore the float network's means */
    if (!mote_calibrate(&calibration, affine ? q->from : seen, &q->source, error))
        return false;
    options.calibration = &calibration;
    bool done = mote_graph_quantize(seen, &options, packed, error);
    mote_calibration_free(&calibration);
    if (done && affine && !mote_affine_correct(packed, q->from, &q->source, error)) {
        mote_graph_free(packed);
        done = false;
    }
    return done;
}

bool mote_quantization_pack(const mote_quantization *q, mote_graph *packed, mote_error *error)
{
    mote_graph seen;
    if (!mote_quantization_seen(q, &seen, error))
        return false;
    const bool done = pack_seen(q, &seen, packed, error);
    mote_graph_free(&seen);
    if (!done)
        return false;
    const bool lays_out = q->chip && !mote_graph_is_affine(q->from); /* convolutions read rows on every chip */
    if ((!lays_out || mote_graph_lay_out(packed, q->chip, error)) && mote_graph_order_constants(packed, q->chip, error))
        return true;
    mote_graph_free(packed);
    return false;
}
