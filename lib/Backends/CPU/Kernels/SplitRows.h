//===- SplitRows.h - f32 in memory to bf16 parts and back -------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITROWS_H

#include "SplitTilesPlan.h"
#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// Splits a row of K elements at `from`: parts of each tile's width go to `to`,
/// from one step along K to the next all parts of a tile of lhs further.
/// Returns the largest magnitude as the bits of an f32, an i32.
mlir::Value splitRow(KernelBuilder &builder, const SplitTilesPlan &plan,
                     mlir::Value from, mlir::Value to);

/// Adds the parts of a panel of rhs up, as f32 [K][kPanelColumns] at `to`, its
/// first `vectors` vectors. Parts are `partBytes` apart. Three give back what
/// was split.
void joinPanel(KernelBuilder &builder, const SplitTilesPlan &plan,
               mlir::Value from, int64_t partBytes, int64_t vectors,
               mlir::Value to);

} // namespace lambent::cpu

#endif
