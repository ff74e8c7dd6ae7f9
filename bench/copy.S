/* void copy(void *to, const void *from, uint32_t vectors)
 *
 *     for `vectors` times 16 bytes: to[i] = from[i]
 *
 * Needs: both 16-byte aligned.
 *
 * a2 to, a3 from: advancing    a4 vectors    q0 data. */
#include "runtime/xtensa/abi.h"

FUNCTION(copy)
    FRAME(0)
    loopgtz a4, 1f
    ee.vld.128.ip q0, a3, 16
    ee.vst.128.ip q0, a2, 16
1:  RETURN(0)
END(copy)
