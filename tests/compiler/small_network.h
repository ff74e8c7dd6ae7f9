/* A small convolutional network: image [8, 8, 1] -> conv, relu, max_pool, depthwise conv, pointwise conv, hard swish,
 * mean over the image, linear -> scores [3]. */
#ifndef MOTE_TESTS_SMALL_NETWORK_H
#define MOTE_TESTS_SMALL_NETWORK_H

#include <stdio.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/functions.h"

enum { SMALL_NETWORK_SIZE = 8, SMALL_NETWORK_CLASSES = 3 };

static inline int small_convolution(mote_builder *b, const char *name, int x, uint32_t out, int kernel, int stride,
                                    uint32_t parts)
{
    char weights[32], bias[32];
    int32_t params[MOTE_CONV_PARAMS] = {0};
    const uint32_t columns = (uint32_t)(kernel * kernel) * b->g->tensors[x].dims[2] / parts;
    for (int axis = 0; axis < 2; axis++) {
        params[MOTE_CONV_KERNEL_HEIGHT + axis] = kernel;
        params[MOTE_CONV_STRIDE_HEIGHT + axis] = stride;
        params[MOTE_CONV_DILATION_HEIGHT + axis] = 1;
        params[MOTE_CONV_TOP + axis] = params[MOTE_CONV_BOTTOM + axis] = kernel / 2;
    }
    params[MOTE_CONV_PARTS] = (int32_t)parts;
    snprintf(weights, sizeof weights, "%s.weight", name);
    snprintf(bias, sizeof bias, "%s.bias", name);
    const int inputs[] = {x, mote_build_normal(b, weights, out, columns, 0.4f), mote_build_filled(b, bias, out, 0.01f)};
    return mote_build_op(b, name, MOTE_OP_CONV, 3, inputs, params);
}

static inline bool small_network(mote_graph *g, mote_error *error)
{
    mote_graph_init(g);
    mote_builder b = {.g = g, .random = {3}};
    const int32_t pool[MOTE_MAX_POOL_PARAMS] = {2, 2, 2, 2, 1, 1};
    const int32_t mean[MOTE_REDUCE_PARAMS] = {[MOTE_REDUCE_AXES] = 3};
    const int image =
        mote_graph_tensor(g, "image", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){SMALL_NETWORK_SIZE, SMALL_NETWORK_SIZE, 1});
    int x = small_convolution(&b, "first", image, 8, 3, 1, 1);
    x = mote_build_op(&b, "relu", MOTE_OP_MAP, 1, &x, (int32_t[MOTE_MAP_PARAMS]){MOTE_FUNCTION_RELU});
    x = mote_build_op(&b, "pool", MOTE_OP_MAX_POOL, 1, &x, pool);
    x = small_convolution(&b, "deep", x, 8, 3, 1, 8);
    x = small_convolution(&b, "point", x, 12, 1, 1, 1);
    x = mote_build_op(&b, "swish", MOTE_OP_MAP, 1, &x, (int32_t[MOTE_MAP_PARAMS]){MOTE_FUNCTION_HARD_SWISH});
    x = mote_build_op(&b, "mean", MOTE_OP_REDUCE, 1, &x, mean);
    const int head[] = {x, mote_build_normal(&b, "head.weight", SMALL_NETWORK_CLASSES, 12, 0.3f),
                        mote_build_filled(&b, "head.bias", SMALL_NETWORK_CLASSES, 0)};
    mote_build_output(&b, mote_build_op(&b, "head", MOTE_OP_LINEAR, 3, head, NULL), "scores");
    return mote_build_end(&b, "convolutional network", error);
}

#endif
