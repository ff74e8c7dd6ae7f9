/* The operators of TensorFlow Lite that an import converts. */
#include "compiler/import/tflite_import.h"

enum { FIRST = 1, SECOND = 2, BOTH = 3, ALL = 0x7fffffff };

static const mote_tflite_rule rules[] = {
    {MOTE_TFLITE_OP_CONV_2D, mote_tflite_conv, ALL},
    {MOTE_TFLITE_OP_DEPTHWISE_CONV_2D, mote_tflite_conv, ALL},
    {MOTE_TFLITE_OP_TRANSPOSE_CONV, mote_tflite_conv_transpose, ALL & ~FIRST},
    {MOTE_TFLITE_OP_FULLY_CONNECTED, mote_tflite_fully_connected, ALL},
    {MOTE_TFLITE_OP_AVERAGE_POOL_2D, mote_tflite_pool, FIRST},
    {MOTE_TFLITE_OP_MAX_POOL_2D, mote_tflite_pool, FIRST},
    {MOTE_TFLITE_OP_PAD, mote_tflite_pad, ALL},
    {MOTE_TFLITE_OP_PADV2, mote_tflite_pad, ALL},
    {MOTE_TFLITE_OP_MIRROR_PAD, mote_tflite_pad, ALL},
    {MOTE_TFLITE_OP_ADD, mote_tflite_add, BOTH},
    {MOTE_TFLITE_OP_SUB, mote_tflite_add, BOTH},
    {MOTE_TFLITE_OP_MUL, mote_tflite_mul, BOTH},
    {MOTE_TFLITE_OP_DIV, mote_tflite_binary, BOTH},
    {MOTE_TFLITE_OP_MAXIMUM, mote_tflite_binary, BOTH},
    {MOTE_TFLITE_OP_MINIMUM, mote_tflite_binary, BOTH},
    {MOTE_TFLITE_OP_PRELU, mote_tflite_prelu, BOTH},
    {MOTE_TFLITE_OP_BATCH_MATMUL, mote_tflite_matmul, BOTH},
    {MOTE_TFLITE_OP_QUANTIZE, mote_tflite_rescale, FIRST},
    {MOTE_TFLITE_OP_DEQUANTIZE, mote_tflite_dequantize, FIRST},
    {MOTE_TFLITE_OP_SOFTMAX, mote_tflite_softmax, FIRST},
    {MOTE_TFLITE_OP_LOG_SOFTMAX, mote_tflite_softmax, FIRST},
    {MOTE_TFLITE_OP_MEAN, mote_tflite_reduce, ALL},
    {MOTE_TFLITE_OP_SUM, mote_tflite_reduce, ALL},
    {MOTE_TFLITE_OP_REDUCE_MAX, mote_tflite_reduce, ALL},
    {MOTE_TFLITE_OP_REDUCE_MIN, mote_tflite_reduce, ALL},
    {MOTE_TFLITE_OP_RELU, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_RELU6, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_RELU_N1_TO_1, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_RELU_0_TO_1, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_LOGISTIC, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_TANH, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_HARD_SWISH, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_LEAKY_RELU, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_ELU, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_EXP, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_LOG, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_SQRT, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_ABS, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_NEG, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_SQUARE, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_SIGN, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_FLOOR, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_CEIL, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_ROUND, mote_tflite_function, FIRST},
    {MOTE_TFLITE_OP_RESHAPE, mote_tflite_reshape, FIRST},
    {MOTE_TFLITE_OP_SQUEEZE, mote_tflite_reshape, FIRST},
    {MOTE_TFLITE_OP_EXPAND_DIMS, mote_tflite_reshape, FIRST},
    {MOTE_TFLITE_OP_TRANSPOSE, mote_tflite_transpose, ALL},
    {MOTE_TFLITE_OP_CONCATENATION, mote_tflite_concat, ALL},
    {MOTE_TFLITE_OP_SLICE, mote_tflite_slice, ALL},
    {MOTE_TFLITE_OP_STRIDED_SLICE, mote_tflite_strided_slice, ALL},
    {MOTE_TFLITE_OP_SPLIT, mote_tflite_split, ALL},
    {MOTE_TFLITE_OP_SPLIT_V, mote_tflite_split, ALL},
    {MOTE_TFLITE_OP_DEPTH_TO_SPACE, mote_tflite_depth, FIRST},
    {MOTE_TFLITE_OP_SPACE_TO_DEPTH, mote_tflite_depth, FIRST},
    {MOTE_TFLITE_OP_SPACE_TO_BATCH_ND, mote_tflite_space_to_batch, ALL},
    {MOTE_TFLITE_OP_BATCH_TO_SPACE_ND, mote_tflite_batch_to_space, ALL},
    {MOTE_TFLITE_OP_GATHER, mote_tflite_gather, BOTH},
    {MOTE_TFLITE_OP_RESIZE_BILINEAR, mote_tflite_resize, FIRST},
    {MOTE_TFLITE_OP_RESIZE_NEAREST_NEIGHBOR, mote_tflite_resize, FIRST},
};

const mote_tflite_rule *mote_tflite_rule_of(int code)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].code == code)
            return &rules[i];
    return NULL;
}

const char *mote_tflite_advice(int code)
{
    switch (code) {
    case MOTE_TFLITE_OP_CUSTOM:
        return "custom; compute it outside";
    case MOTE_TFLITE_OP_CALL_ONCE:
    case MOTE_TFLITE_OP_VAR_HANDLE:
    case MOTE_TFLITE_OP_READ_VARIABLE:
    case MOTE_TFLITE_OP_ASSIGN_VARIABLE:
        return "keeps state; export without it";
    case MOTE_TFLITE_OP_LSTM:
    case MOTE_TFLITE_OP_UNIDIRECTIONAL_SEQUENCE_LSTM:
    case MOTE_TFLITE_OP_BIDIRECTIONAL_SEQUENCE_LSTM:
    case MOTE_TFLITE_OP_UNIDIRECTIONAL_SEQUENCE_RNN:
    case MOTE_TFLITE_OP_RNN:
        return "recurrent; export it unrolled";
    default:
        return "replace it";
    }
}
