/* Small instances of the operators of networks. */
#ifndef MOTE_TESTS_NETWORK_EXAMPLES_H
#define MOTE_TESTS_NETWORK_EXAMPLES_H

#include "compiler/graph/graph.h"

enum { MOST = 8 }; /* operands of an example */

typedef enum operand_kind { NONE, CONSTANT, VALUE, INDICES } operand_kind;

typedef struct operand {
    operand_kind kind;
    int rank;
    uint32_t dims[MOTE_RANK];
} operand;

typedef struct example {
    mote_opcode opcode;
    operand inputs[MOST];
    int32_t params[24];
    float low, high; /* range of the values; −1.5 to 1.5 if both are 0 */
} example;

#define V(rank, ...)                                                                                                   \
    {                                                                                                                  \
        VALUE, rank,                                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define C(rank, ...)                                                                                                   \
    {                                                                                                                  \
        CONSTANT, rank,                                                                                                \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
/* The window of a convolution. */
#define WINDOW(OP, kh, kw, sh, sw, dh, dw, t, l, b, r)                                                                 \
    [MOTE_##OP##_KERNEL_HEIGHT] = kh, [MOTE_##OP##_KERNEL_WIDTH] = kw, [MOTE_##OP##_STRIDE_HEIGHT] = sh,               \
    [MOTE_##OP##_STRIDE_WIDTH] = sw, [MOTE_##OP##_DILATION_HEIGHT] = dh, [MOTE_##OP##_DILATION_WIDTH] = dw,            \
    [MOTE_##OP##_TOP] = t, [MOTE_##OP##_LEFT] = l, [MOTE_##OP##_BOTTOM] = b, [MOTE_##OP##_RIGHT] = r
#define CONV(parts, ...)                                                                                               \
    {                                                                                                                  \
        WINDOW(CONV, __VA_ARGS__), [MOTE_CONV_PARTS] = parts                                                           \
    }
#define CONV_TRANSPOSE(parts, ...)                                                                                     \
    {                                                                                                                  \
        WINDOW(CONV_TRANSPOSE, __VA_ARGS__), [MOTE_CONV_TRANSPOSE_PARTS] = parts                                       \
    }

/* clang-format off */
static const example examples[] = {
    /* Convolutions: one channel, pointwise, strides, dilations, padding on one side, parts, depthwise. */
    {MOTE_OP_CONV, {V(3, 5, 4, 1), C(2, 3, 9), C(1, 3)}, CONV(1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 3, 4, 5), C(2, 6, 5), C(1, 6)}, CONV(1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 3, 4, 6), C(2, 4, 3)}, CONV(2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 6, 5, 2), C(2, 3, 12)}, CONV(1, 3, 2, 2, 1, 1, 1, 0, 0, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 7, 6, 2), C(2, 3, 8), C(1, 3)}, CONV(1, 2, 2, 1, 2, 3, 2, 2, 0, 0, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 5, 6), C(2, 4, 27), C(1, 4)}, CONV(2, 3, 3, 1, 2, 1, 1, 1, 0, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 5, 5), C(2, 5, 9), C(1, 5)}, CONV(5, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 4, 3), C(2, 6, 4)}, CONV(3, 2, 2, 1, 1, 2, 1, 0, 1, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 1, 9, 2), C(2, 3, 6), C(1, 3)}, CONV(1, 1, 3, 1, 2, 1, 2, 0, 1, 0, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 3, 2, 2), C(2, 3, 18), C(1, 3)},
     CONV_TRANSPOSE(1, 3, 3, 2, 2, 1, 1, 1, 1, 0, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 2, 3, 4), C(2, 4, 8)}, CONV_TRANSPOSE(2, 2, 2, 1, 2, 2, 1, 0, 0, -1, 0), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 3, 3, 3), C(2, 3, 9), C(1, 3)},
     CONV_TRANSPOSE(3, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 2, 2, 5), C(2, 3, 5)}, CONV_TRANSPOSE(1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},

    {MOTE_OP_MAX_POOL, {V(3, 5, 4, 3)}, {WINDOW(MAX_POOL, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1)}, 0, 0},
    {MOTE_OP_MAX_POOL, {V(3, 5, 5, 2)}, {WINDOW(MAX_POOL, 2, 2, 1, 1, 2, 3, 0, 0, 0, 0)}, 0, 0},
    {MOTE_OP_AVERAGE_POOL, {V(3, 5, 4, 3)}, {WINDOW(AVERAGE_POOL, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1)}, 0, 0},
    {MOTE_OP_AVERAGE_POOL, {V(3, 4, 4, 2)},
     {WINDOW(AVERAGE_POOL, 3, 3, 1, 2, 1, 1, 1, 1, 1, 1), [MOTE_AVERAGE_POOL_COUNTS_PADDING] = 1}, 0, 0},

    {MOTE_OP_MATMUL, {V(2, 3, 4), V(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), V(3, 2, 5, 4)}, {[MOTE_MATMUL_TRANSPOSED] = 1}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), V(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), C(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), C(3, 2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(2, 3, 4), V(2, 5, 4)}, {[MOTE_MATMUL_TRANSPOSED] = 1}, 0, 0},
    {MOTE_OP_MATMUL, {C(3, 2, 3, 4), V(2, 4, 2)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(3, 2, 3, 4), V(3, 2, 4, 2)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(2, 3, 4), C(2, 4, 2)}, {0}, 0, 0},

    {MOTE_OP_ADD, {V(3, 2, 3, 4), V(1, 4)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 1, 4), V(3, 2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 3, 4), C(2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 3, 4), V(2, 3, 4)}, {0}, 0, 0},
    {MOTE_OP_SUB, {V(3, 2, 3, 2), V(2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_SUB, {C(1, 4), V(2, 3, 4)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(3, 2, 3, 4), V(3, 2, 1, 4)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(3, 2, 3, 4), V(1, 1)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(2, 3, 4), C(3, 1, 1, 4)}, {0}, 0, 0},
    {MOTE_OP_DIV, {V(2, 3, 4), V(2, 3, 4)}, {0}, 1, 3},
    {MOTE_OP_DIV, {C(1, 1), V(2, 3, 4)}, {0}, 1, 3},
    {MOTE_OP_MINIMUM, {V(2, 3, 4), V(1, 4)}, {0}, 0, 0},
    {MOTE_OP_MAXIMUM, {V(2, 3, 4), C(1, 1)}, {0}, 0, 0},
    {MOTE_OP_PRELU, {V(3, 2, 3, 4), C(1, 4)}, {0}, 0, 0},
    {MOTE_OP_PRELU, {V(3, 2, 3, 4), C(3, 2, 1, 1)}, {0}, 0, 0},

    {MOTE_OP_SOFTMAX, {V(2, 3, 5)}, {0}, -4, 4},
    {MOTE_OP_SOFTMAX, {V(2, 3, 5)}, {[MOTE_SOFTMAX_LOGARITHM] = 1}, -4, 4},

    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 3}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 1, [MOTE_REDUCE_AXES] = 4}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 2, [MOTE_REDUCE_AXES] = 2}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 3, [MOTE_REDUCE_AXES] = 5}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 7}, 0, 0},

    {MOTE_OP_CONCAT, {V(3, 2, 3, 4), V(3, 2, 1, 4), C(3, 2, 2, 4)}, {[MOTE_CONCAT_AXIS] = 1}, 0, 0},
    {MOTE_OP_CONCAT, {V(2, 3, 2), V(2, 3, 4)}, {[MOTE_CONCAT_AXIS] = 1}, 0, 0},
    {MOTE_OP_CONCAT, {V(2, 3, 2), V(2, 1, 2)}, {[MOTE_CONCAT_AXIS] = 0}, 0, 0},

    {MOTE_OP_SLICE, {V(3, 4, 5, 3)},
     {[MOTE_SLICE_BEGIN0] = 1, 4, 0, [MOTE_SLICE_STEP0] = 2, -3, 1, [MOTE_SLICE_SIZE0] = 2, 2, 3}, 0, 0},
    {MOTE_OP_TRANSPOSE, {V(3, 2, 3, 4)}, {[MOTE_TRANSPOSE_FROM0] = 2, 0, 1}, 0, 0},
    {MOTE_OP_RESHAPE, {V(3, 2, 3, 4)}, {[MOTE_RESHAPE_DIM0] = 4, 6}, 0, 0},
    {MOTE_OP_GATHER, {V(3, 2, 5, 3), {INDICES, 1, {7}}}, {[MOTE_GATHER_AXIS] = 1}, 0, 0},
    {MOTE_OP_GATHER, {C(2, 5, 3), {INDICES, 2, {2, 3}}}, {[MOTE_GATHER_AXIS] = 0}, 0, 0},

    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 0, [MOTE_PAD_BEFORE0] = 1, 0, 2, [MOTE_PAD_AFTER0] = 0, 1, 1}, 0, 0},
    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 1, [MOTE_PAD_BEFORE0] = 1, 2, 2, [MOTE_PAD_AFTER0] = 0, 1, 3}, 0, 0},
    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 2, [MOTE_PAD_BEFORE0] = 3, 0, 2, [MOTE_PAD_AFTER0] = 0, 1, 1}, 0, 0},

    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)}, {[MOTE_RESIZE_HEIGHT] = 5, [MOTE_RESIZE_WIDTH] = 6}, 0, 0},
    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)}, {[MOTE_RESIZE_HEIGHT] = 7, [MOTE_RESIZE_WIDTH] = 2, [MOTE_RESIZE_LINEAR] = 1},
     0, 0},
    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)},
     {[MOTE_RESIZE_HEIGHT] = 5, [MOTE_RESIZE_WIDTH] = 3, [MOTE_RESIZE_LINEAR] = 1, [MOTE_RESIZE_COORDINATES] = 1}, 0,
     0},

    /* Existing operators over several positions. */
    {MOTE_OP_LINEAR, {V(3, 2, 3, 4), C(2, 5, 4), C(1, 5)}, {0}, 0, 0},
    {MOTE_OP_LAYERNORM, {V(3, 2, 2, 5), C(1, 5), C(1, 5)}, {[MOTE_NORM_EPSILON] = 0x3dcccccd}, 0, 0},
    {MOTE_OP_RMSNORM, {V(3, 2, 2, 5), C(1, 5)}, {[MOTE_NORM_EPSILON] = 0x3dcccccd}, 0, 0},
    {MOTE_OP_SILU, {V(3, 2, 2, 5)}, {0}, 0, 0},
    {MOTE_OP_GELU, {V(3, 2, 2, 5)}, {0}, 0, 0},
    {MOTE_OP_TANH, {V(3, 2, 2, 5)}, {0}, 0, 0},
};
/* clang-format on */

#endif
