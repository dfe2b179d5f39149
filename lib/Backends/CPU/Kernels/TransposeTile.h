//===- TransposeTile.h - Transposes a square of elements in registers -----===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TRANSPOSETILE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TRANSPOSETILE_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// Rows to columns: n vectors of n elements, n a power of two, in n log2(n)
/// two-register shuffles. Each shuffle stays within 128-bit lanes or moves
/// whole ones, so that it is one instruction for 32- and 64-bit elements.
llvm::SmallVector<mlir::Value> transposeTile(KernelBuilder &builder,
                                             llvm::ArrayRef<mlir::Value> rows);

} // namespace lambent::cpu

#endif
