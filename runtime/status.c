#include <mote.h>

const char *mote_status_text(mote_status status)
{
    switch (status) {
    case MOTE_SUCCESS:
        return "success";
    case MOTE_BAD_ALIGNMENT:
        return "the file, the arena or the state does not lie at a multiple of 16 bytes";
    case MOTE_BAD_SIZE:
        return "not the size its header states; it was cut off or has something appended";
    case MOTE_BAD_MAGIC:
        return "not a .mote file";
    case MOTE_BAD_VERSION:
        return "written in another version of the file format; make it again with this version of Mote";
    case MOTE_BAD_CRC:
        return "damaged: the checksum does not match";
    case MOTE_BAD_TABLE:
        return "a table, tensor or section is malformed, out of bounds or overlaps another";
    case MOTE_BAD_OPERATOR:
        return "an operator is unknown, or its operands do not fit together";
    case MOTE_NOT_PACKED:
        return "a float graph; quantize it first";
    case MOTE_TOO_SMALL:
        return "the memory given is smaller than the model needs";
    case MOTE_BAD_GOLDEN:
        return "self-test failed: the output differs from the golden output";
    case MOTE_NO_KERNEL:
        return "it needs an operator, weights of a type or layout, or a tokenizer that this build leaves out "
               "(runtime/kernels.h)";
    }
    return "unknown status";
}
