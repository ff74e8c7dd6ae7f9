#include "compiler/quantize/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/quantize/lower.h"
#include "compiler/quantize/method.h"
#include "runtime/ops/lanes16.h"

/* Limits of a row's Σ |code|: half of an accumulator over the largest input; the other half is for the bias. */
enum {
    ROOM_OF_INT8 = (1 << 30) / 128,
    ROOM_OF_INT16 = (1 << 30) / 32768,
    ROOM_OF_LANES = MOTE_LANES_BOUND / 128 / 8 * 7, /* an eighth is for the bias */
};

bool mote_is_matrix(const mote_graph *g, int tensor)
{
    const mote_tensor *t = &g->tensors[tensor];
    return t->role == MOTE_CONSTANT && t->dtype == MOTE_F32 && t->rank == 2 &&
           (mote_is_table(g, tensor) || mote_graph_reads_as(g, tensor, MOTE_OPERAND_WEIGHTS));
}

bool mote_is_table(const mote_graph *g, int tensor)
{
    return mote_graph_reads_as(g, tensor, MOTE_OPERAND_TABLE);
}

bool mote_is_head(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (mote_op_operand(&g->ops[i], MOTE_OPERAND_WEIGHTS) == tensor &&
            g->tensors[mote_op_result(&g->ops[i])].role == MOTE_OUTPUT)
            return true;
    return false;
}

static bool matches(const mote_layer_choice *layer, const mote_tensor *t)
{
    static const char ending[] = ".weight";
    const size_t length = strlen(t->name), cut = sizeof ending - 1;
    if (fnmatch(layer->pattern, t->name, 0) == 0)
        return true;
    if (length <= cut || strcmp(t->name + length - cut, ending) != 0)
        return false;
    char *base = strndup(t->name, length - cut);
    const bool matched = base && fnmatch(layer->pattern, base, 0) == 0;
    free(base);
    return matched;
}

bool mote_layers_match(const mote_graph *g, const mote_quantize_options *options, mote_error *error)
{
    for (int i = 0; i < options->layer_count; i++) {
        bool any = false;
        for (int t = 0; t < g->tensor_count; t++)
            any = any || (mote_is_matrix(g, t) && matches(&options->layers[i], &g->tensors[t]));
        if (!any)
            return mote_fail(error, MOTE_E_USAGE, "no matrix has a name that matches '%s'; see mote info",
                             options->layers[i].pattern);
    }
    return true;
}

static void apply_layers(const mote_graph *g, const mote_quantize_options *o, int tensor, mote_recipe *recipe)
{
    for (int i = 0; i < o->layer_count; i++)
        if (matches(&o->layers[i], &g->tensors[tensor])) {
            recipe->scheme = o->layers[i].scheme;
            recipe->granularity = o->granularity;
            recipe->method = o->layers[i].has_method ? o->layers[i].method : o->method;
        }
}

static mote_granularity of_tensor(mote_granularity granularity)
{
    return mote_granularity_is_pow2(granularity) ? MOTE_POW2_TENSOR : MOTE_PER_TENSOR;
}

static void fit_table(const mote_graph *g, mote_recipe *recipe)
{
    const bool small = recipe->scheme == MOTE_SCHEME_TERNARY || recipe->scheme == MOTE_SCHEME_SIGN;
    const bool narrow = !mote_graph_needs_ranges(g);
    recipe->group = 0;
    recipe->even = !narrow;
    if (recipe->scheme == MOTE_SCHEME_INT16 || recipe->scheme == MOTE_SCHEME_FP16 || (narrow && !small))
        recipe->scheme = MOTE_SCHEME_INT8;
    if (narrow && recipe->scheme == MOTE_SCHEME_INT8)
        recipe->granularity = of_tensor(recipe->granularity);
}

/* Chooses RTN or GPTQ. GPTQ gains nothing at 8 bits, unless power-of-two scales cost one of them. */
static mote_method choose_method(const mote_graph *g, mote_scheme scheme, mote_granularity granularity)
{
    const bool fine = (scheme == MOTE_SCHEME_INT8 && !mote_granularity_is_pow2(granularity)) ||
                      scheme == MOTE_SCHEME_INT16 || scheme == MOTE_SCHEME_FP16;
    return fine || !mote_graph_needs_ranges(g) ? MOTE_METHOD_RTN : MOTE_METHOD_GPTQ;
}

mote_recipe mote_recipe_of(const mote_graph *g, const mote_quantize_options *o, int tensor)
{
    const mote_tensor *t = &g->tensors[tensor];
    if (!mote_is_matrix(g, tensor))
        return (mote_recipe){.scheme = MOTE_SCHEME_FLOAT};
    mote_recipe recipe = {.scheme = mote_is_head(g, tensor)    ? o->head
                                    : mote_is_table(g, tensor) ? o->embedding
                                                               : o->weights,
                          .granularity = o->granularity,
                          .group = o->group,
                          .method = o->method,
                          .five_trits = o->five_trits,
                          .even = true,
                          .room = ROOM_OF_INT8};
    if (o->activations == MOTE_ACTIVATIONS_INT16 && mote_graph_needs_ranges(g))
        recipe.room = ROOM_OF_INT16;
    if (o->as_trained && t->quantizer != MOTE_F32) {
        recipe.scheme = mote_scheme_of(t->quantizer);
        recipe.granularity = t->granularity;
        recipe.method = MOTE_METHOD_RTN;
        recipe.group = 0;
    }
    apply_layers(g, o, tensor, &recipe);
    if (recipe.scheme == MOTE_SCHEME_FLOAT)
        recipe.scheme = MOTE_SCHEME_INT8;
    if (mote_graph_is_affine(g))
        recipe.even = false; /* factors have 31 bits */
    else if (mote_is_table(g, tensor))
        fit_table(g, &recipe);
    else if (o->for_lanes && recipe.scheme == MOTE_SCHEME_INT8)
        recipe.lanes = ROOM_OF_LANES, recipe.coarser = t->pruned == MOTE_PRUNED_BLOCKS16X16 ? 4 : 2;
    if (recipe.method == MOTE_METHOD_AUTO)
        recipe.method = choose_method(g, recipe.scheme, recipe.granularity);
    return recipe;
}

void mote_matrices_free(mote_matrix *matrices, const mote_graph *g)
{
    for (int i = 0; matrices && i < g->tensor_count; i++)
        mote_matrix_free(&matrices[i]);
    free(matrices);
}

bool mote_matrices_init(mote_matrix **matrices, const mote_graph *g, const mote_recipe *recipes,
                        const mote_hessian *hessians, mote_error *error)
{
    *matrices = calloc((size_t)g->tensor_count + 1, sizeof **matrices);
    if (!*matrices)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantizing");
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_hessian *h = hessians && hessians[i].columns ? &hessians[i] : NULL;
        if (recipes[i].scheme == MOTE_SCHEME_FLOAT)
            continue;
        if (!mote_matrix_init(&(*matrices)[i], &g->tensors[i], &recipes[i], h, error)) {
            mote_matrices_free(*matrices, g);
            *matrices = NULL;
            return false;
        }
    }
    return true;
}

void mote_matrices_store(const mote_matrix *matrices, int count, mote_graph *g)
{
    for (int i = 0; i < count; i++)
        if (matrices[i].codes)
            mote_matrix_floats(&matrices[i], g->tensors[i].data);
}
