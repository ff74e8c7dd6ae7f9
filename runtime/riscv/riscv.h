#ifndef MOTE_RUNTIME_RISCV_RISCV_H
#define MOTE_RUNTIME_RISCV_RISCV_H

#include "../kernels.h"

extern const mote_kernels mote_riscv_kernels;

#endif
